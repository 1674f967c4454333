#include "tests/unit/unit.h"

#include <stdio.h>
#include <unistd.h>

#include "scavenger/retention.h"
#include "tests/unit/tempdir.h"

#define NOW INT64_C(1795330800)
#define DAY INT64_C(86400)

static void a_time_or_a_number_is_read(void **state)
{
    struct retention r;

    (void)state;
    assert_true(retention_parse("400d", &r));
    assert_true(r.is_set && r.keep_s == 400 * DAY && r.keep_n == 0);
    assert_true(retention_parse("2w", &r));
    assert_true(r.keep_s == 14 * DAY);
    assert_true(retention_parse("36h", &r));
    assert_true(r.keep_s == 36 * 3600);
    assert_true(retention_parse("12", &r));
    assert_true(r.keep_s == 0 && r.keep_n == 12);
}

static void anything_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "",    "0", "0d", "d", "-1", "+1", " 1", "1 d", "1m", "1dd", "99999999999999999999",
        "1e3", "1D"
    };
    struct retention r;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(retention_parse(bad[i], &r));
}

static void a_run_that_was_cut_off_never_goes(void **state)
{
    const struct retention r = { .is_set = true, .keep_s = DAY };
    struct run run = { .started = NOW - 10 * DAY, .is_committed = true };

    (void)state;
    assert_false(retention_lets_go(&r, &run, 100, NOW));
    run.ended = NOW - 10 * DAY;
    assert_true(retention_lets_go(&r, &run, 100, NOW));
    run.is_committed = false; /* wrote nothing */
    run.ended = 0;
    assert_true(retention_lets_go(&r, &run, 100, NOW));
}

static void age_or_number_decides(void **state)
{
    const struct retention by_age = { .is_set = true, .keep_s = 10 * DAY };
    const struct retention by_number = { .is_set = true, .keep_n = 3 };
    const struct retention none = { 0 };
    struct run run = { .started = NOW - 10 * DAY, .ended = NOW, .is_committed = true };

    (void)state;
    assert_false(retention_lets_go(&by_age, &run, 100, NOW));
    assert_true(retention_lets_go(&by_age, &run, 100, NOW + 1));
    assert_false(retention_lets_go(&by_number, &run, 2, NOW));
    assert_true(retention_lets_go(&by_number, &run, 3, NOW));
    assert_false(retention_lets_go(&none, &run, 100, NOW + 1000 * DAY));
}

static const char *make_run(TALLOC_CTX *mem, const char *dir, int64_t at, bool is_complete)
{
    struct journal *j = NULL;
    struct error e;

    assert_int_equal(journal_begin(mem, dir, RUN_SCAVENGE, "a", "b", at, &j, &e), OK);
    assert_int_equal(journal_commit(j, &e), OK);
    if (is_complete)
        assert_int_equal(journal_end(j, at, &e), OK);
    return journal_run_id(j);
}

static bool is_there(const char *dir, const char *id)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s.jsonl", dir, id);
    return access(path, F_OK) == 0;
}

static void pruning_spares_the_current_the_cut_off_and_the_unreadable(void **state)
{
    const struct retention r = { .is_set = true, .keep_n = 1 };
    const char *dir = tempdir(*state), *broken = "20200101T000000Z-0000";
    const char *cut = make_run(*state, dir, NOW - 3 * DAY, false);
    const char *old = make_run(*state, dir, NOW - 2 * DAY, true);
    const char *current = make_run(*state, dir, NOW - DAY, true);
    const char *newest = make_run(*state, dir, NOW, true);
    char path[512];
    struct error e;
    FILE *file;
    size_t n;

    snprintf(path, sizeof path, "%s/%s.jsonl", dir, broken);
    assert_non_null(file = fopen(path, "w"));
    fputs("no journal\n", file);
    fclose(file);

    assert_int_equal(retention_prune(dir, &r, current, NOW, &n, &e), OK);
    assert_int_equal(n, 1);
    assert_false(is_there(dir, old));
    assert_true(is_there(dir, cut));
    assert_true(is_there(dir, current));
    assert_true(is_there(dir, newest));
    assert_true(is_there(dir, broken));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_time_or_a_number_is_read),
        T(anything_else_is_refused),
        T(a_run_that_was_cut_off_never_goes),
        T(age_or_number_decides),
        T(pruning_spares_the_current_the_cut_off_and_the_unreadable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
