#include "scavenger/signal.h"

#include <string.h>

#include "tests/unit/unit.h"

#define HOUR ((int64_t)3600)
#define DAY (24 * HOUR)
#define NOW_H 3733000U
#define LIFE_H 336U

static const struct signal_rules nothing, silence = { 5, 14, false }, account = { 0, 0, true },
                                          both = { 5, 14, true };

/* Silent and unchanged for exactly as long as it takes, without an account. */
static struct observation gone(void)
{
    return (struct observation){ .first_seen_s = 1763800000,
                                 .last_changed_s = 1763800000,
                                 .last_confirmed_s = 1766500000,
                                 .unchanged_s = (LIFE_H + 1) * HOUR,
                                 .n_silent = 5,
                                 .silent_s = 14 * DAY,
                                 .account = ACCOUNT_NONE };
}

static void without_a_rule_there_is_no_signal(void **state)
{
    (void)state;
    assert_false(signal_is_wanted(NULL));
    assert_false(signal_is_wanted(&nothing));
    assert_true(signal_is_wanted(&silence));
    assert_true(signal_is_wanted(&account));
}

static void the_stand_in_for_a_timestamp_is_whole_observed_hours_ago(void **state)
{
    struct observation o = gone();

    (void)state;
    assert_int_equal(signal_stamp(&o, NOW_H), NOW_H - 337);
    o.unchanged_s = 337 * HOUR - 1;
    assert_int_equal(signal_stamp(&o, NOW_H), NOW_H - 336);
    o.unchanged_s = 0;
    assert_int_equal(signal_stamp(&o, NOW_H), NOW_H);
    o.unchanged_s = -DAY;
    assert_int_equal(signal_stamp(&o, NOW_H), NOW_H);
    /* 0 would be an administrator's record. */
    o.unchanged_s = NOW_H * HOUR;
    assert_int_equal(signal_stamp(&o, NOW_H), 1);
    o.unchanged_s = INT64_MAX;
    assert_int_equal(signal_stamp(&o, NOW_H), 1);
}

static void silence_needs_its_runs_and_its_days(void **state)
{
    struct observation o = gone();

    (void)state;
    assert_int_equal(signal_silence(&silence, &o, NULL), REASON_STALE);
    o.n_silent = 4;
    assert_int_equal(signal_silence(&silence, &o, NULL), REASON_SILENCE_SHORT);
    o.n_silent = 5;
    o.silent_s = 14 * DAY - 1;
    assert_int_equal(signal_silence(&silence, &o, NULL), REASON_SILENCE_SHORT);
    /* A hundred runs on one day are one day. */
    o.n_silent = 100;
    o.silent_s = HOUR;
    assert_int_equal(signal_silence(&silence, &o, NULL), REASON_SILENCE_SHORT);
}

static void who_was_never_asked_was_never_silent(void **state)
{
    struct observation o = gone();

    (void)state;
    o.n_silent = 0;
    o.silent_s = 0;
    assert_int_equal(signal_silence(&silence, &o, NULL), REASON_SILENCE_SHORT);
}

static void an_answer_keeps_in_any_run(void **state)
{
    struct observation o = gone();

    (void)state;
    o.n_silent = 0;
    o.last_answer_s = 1766500000;
    assert_int_equal(signal_silence(&silence, &o, NULL), REASON_ANSWERS);
    assert_int_equal(signal_silence(&silence, &o, "the time was up"), REASON_ANSWERS);
    /* One of long ago, before the silence, does not. */
    o.n_silent = 5;
    assert_int_equal(signal_silence(&silence, &o, NULL), REASON_STALE);
}

static void silence_in_a_run_that_does_not_count_is_none(void **state)
{
    struct observation o = gone();

    (void)state;
    assert_int_equal(signal_silence(&silence, &o, "nothing answered"), REASON_EVIDENCE_MISSING);
}

static void silence_that_is_not_asked_for_decides_nothing(void **state)
{
    struct observation o = { .last_answer_s = 1766500000 };

    (void)state;
    assert_int_equal(signal_silence(&account, &o, NULL), REASON_STALE);
    assert_int_equal(signal_silence(&account, &o, "nothing answered"), REASON_STALE);
}

static void an_account_that_is_there_or_may_be_keeps(void **state)
{
    static const enum reason wanted[] = {
        [ACCOUNT_UNASKED] = REASON_EVIDENCE_MISSING, [ACCOUNT_NONE] = REASON_STALE,
        [ACCOUNT_DISABLED] = REASON_STALE,           [ACCOUNT_THERE] = REASON_HAS_ACCOUNT,
        [ACCOUNT_UNREAD] = REASON_EVIDENCE_MISSING,
    };
    struct observation o = gone();

    (void)state;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        o.account = (enum account_state)i;
        assert_int_equal(signal_account(&account, &o), wanted[i]);
        assert_int_equal(signal_account(&silence, &o), REASON_STALE);
    }
}

static void gaps_of(TALLOC_CTX *mem, const struct signal_rules *r, const struct observation *o,
                    struct signal_gaps *out)
{
    struct error e = { 0 };

    assert_int_equal(signal_gaps(mem, r, o, LIFE_H, out, &e), OK);
}

static void what_is_missing_is_said_with_its_numbers(void **state)
{
    struct observation o = gone();
    struct signal_gaps g;

    gaps_of(*state, &both, &o, &g);
    assert_int_equal(g.n, 0);
    o.unchanged_s = 336 * HOUR;
    o.n_silent = 2;
    o.silent_s = 13 * DAY + 1;
    o.account = ACCOUNT_THERE;
    gaps_of(*state, &both, &o, &g);
    assert_int_equal(g.n, 4);
    assert_non_null(strstr(g.text[0], "1 h more without a change (336 of more than 336 h"));
    assert_non_null(strstr(g.text[1], "3 more silent runs (2 of 5)"));
    assert_non_null(strstr(g.text[2], "24 h more of silence (13 d of 14 d)"));
    assert_non_null(strstr(g.text[3], "computer account"));
    gaps_of(*state, &silence, &o, &g);
    assert_int_equal(g.n, 3);
    gaps_of(*state, &nothing, &o, &g);
    assert_int_equal(g.n, 1);
    assert_non_null(strstr(g.text[0], "a second signal"));
}

/* What is missing and what is judged are the same. */
static void nothing_is_missing_exactly_where_all_is_stale(void **state)
{
    for (int i = 0; i < 2 * 2 * 2 * 5; i++) {
        struct observation o = gone();
        struct signal_gaps g;
        bool is_stale;

        o.unchanged_s -= i & 1 ? HOUR : 0;
        o.n_silent -= i & 2 ? 1 : 0;
        o.silent_s -= i & 4 ? 1 : 0;
        o.account = (enum account_state)(i / 8);
        is_stale = NOW_H - signal_stamp(&o, NOW_H) > LIFE_H &&
                   signal_silence(&both, &o, NULL) == REASON_STALE &&
                   signal_account(&both, &o) == REASON_STALE;
        gaps_of(*state, &both, &o, &g);
        assert_int_equal(g.n == 0, is_stale);
        talloc_free_children(*state);
    }
}

static void an_explanation_has_the_inputs_of_its_rules(void **state)
{
    struct observation o = gone();

    o.account_detail = "no computer account has the name pc.z.test";
    assert_string_equal(signal_explain(*state, &both, &o),
                        "unchanged for 14 d (seen to change 2025-11-22T08:26:40Z); silent in 5 "
                        "runs over 14 d; no computer account has the name pc.z.test");
    o.account_detail = NULL;
    o.last_answer_s = 1763800000;
    o.n_silent = 0;
    assert_string_equal(signal_explain(*state, &silence, &o),
                        "unchanged for 14 d (seen to change 2025-11-22T08:26:40Z); answered last "
                        "at 2025-11-22T08:26:40Z");
    o.last_answer_s = 0;
    assert_non_null(strstr(signal_explain(*state, &silence, &o), "no probe of it has counted yet"));
    assert_null(strstr(signal_explain(*state, &account, &o), "probe of it"));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(without_a_rule_there_is_no_signal),
        test(the_stand_in_for_a_timestamp_is_whole_observed_hours_ago),
        test(silence_needs_its_runs_and_its_days),
        test(who_was_never_asked_was_never_silent),
        test(an_answer_keeps_in_any_run),
        test(silence_in_a_run_that_does_not_count_is_none),
        test(silence_that_is_not_asked_for_decides_nothing),
        test(an_account_that_is_there_or_may_be_keeps),
        test(what_is_missing_is_said_with_its_numbers),
        test(nothing_is_missing_exactly_where_all_is_stale),
        test(an_explanation_has_the_inputs_of_its_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
