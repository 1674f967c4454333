#include <limits.h>

#include "base/clock.h"
#include "tests/unit/unit.h"

/* 2026-11-22T07:00:00Z, the stamp of the example in MS-DNSP form: 1f f7 38 00. */
#define EXAMPLE_H 3733279U
#define EXAMPLE_UNIX INT64_C(1795330800)

#define EPOCH_1601 INT64_C(-11644473600)

static void hours_agree_with_the_known_record(void **state)
{
    char *text;

    assert_int_equal(clock_hours_from_unix(EXAMPLE_UNIX), EXAMPLE_H);
    assert_true(clock_unix_from_hours(EXAMPLE_H) == EXAMPLE_UNIX);
    text = clock_rfc3339(*state, clock_unix_from_hours(EXAMPLE_H));
    assert_string_equal(text, "2026-11-22T07:00:00Z");
}

static void hours_round_down_on_both_sides_of_1970(void **state)
{
    (void)state;
    assert_int_equal(clock_hours_from_unix(0), CLOCK_UNIX_EPOCH_H);
    assert_int_equal(clock_hours_from_unix(3599), CLOCK_UNIX_EPOCH_H);
    assert_int_equal(clock_hours_from_unix(3600), CLOCK_UNIX_EPOCH_H + 1);
    assert_int_equal(clock_hours_from_unix(-1), CLOCK_UNIX_EPOCH_H - 1);
    assert_int_equal(clock_hours_from_unix(-3600), CLOCK_UNIX_EPOCH_H - 1);
    assert_int_equal(clock_hours_from_unix(-3601), CLOCK_UNIX_EPOCH_H - 2);
    assert_int_equal(clock_hours_from_unix(EXAMPLE_UNIX - 1), EXAMPLE_H - 1);
    assert_int_equal(clock_hours_from_unix(EXAMPLE_UNIX + 3599), EXAMPLE_H);
}

static void hours_saturate_outside_their_range(void **state)
{
    int64_t last = clock_unix_from_hours(UINT32_MAX);

    (void)state;
    assert_int_equal(clock_hours_from_unix(EPOCH_1601), 0);
    assert_int_equal(clock_hours_from_unix(EPOCH_1601 + 3600), 1);
    assert_int_equal(clock_hours_from_unix(EPOCH_1601 - 1), 0);
    assert_int_equal(clock_hours_from_unix(INT64_MIN), 0);
    assert_true(last == ((int64_t)UINT32_MAX - CLOCK_UNIX_EPOCH_H) * 3600);
    assert_true(clock_hours_from_unix(last - 1) == UINT32_MAX - 1);
    assert_true(clock_hours_from_unix(last) == UINT32_MAX);
    assert_true(clock_hours_from_unix(last + 7200) == UINT32_MAX);
    assert_true(clock_hours_from_unix(INT64_MAX) == UINT32_MAX);
}

static void unix_from_hours_takes_sums_beyond_32_bits(void **state)
{
    uint64_t sum = 3 * (uint64_t)UINT32_MAX + 1;

    (void)state;
    assert_true(clock_unix_from_hours(0) == EPOCH_1601);
    assert_true(clock_unix_from_hours(sum) == ((int64_t)sum - CLOCK_UNIX_EPOCH_H) * 3600);
    /* No wrap to the past, whatever the number. */
    assert_true(clock_unix_from_hours(UINT64_MAX) > clock_unix_from_hours(sum));
    assert_true(clock_unix_from_hours(UINT64_MAX / 3600) > clock_unix_from_hours(sum));
    assert_true(clock_unix_from_hours((uint64_t)INT64_MAX / 3600 + 1) > clock_unix_from_hours(sum));
}

static void nttime_counts_100_ns_since_1601(void **state)
{
    (void)state;
    assert_true(clock_nttime_from_unix(0) == UINT64_C(116444736000000000));
    assert_true(clock_nttime_from_unix(1) == UINT64_C(116444736010000000));
    assert_true(clock_unix_from_nttime(UINT64_C(116444736000000000)) == 0);
    assert_true(clock_unix_from_nttime(UINT64_C(116444736019999999)) == 1);
    assert_true(clock_unix_from_nttime(clock_nttime_from_unix(EXAMPLE_UNIX)) == EXAMPLE_UNIX);
    assert_true(clock_nttime_from_unix(EXAMPLE_UNIX) == (uint64_t)EXAMPLE_H * 36000000000U);
}

static void nttime_saturates(void **state)
{
    int64_t last = (int64_t)(UINT64_MAX / 10000000) + EPOCH_1601;

    (void)state;
    assert_true(clock_nttime_from_unix(EPOCH_1601) == 0);
    assert_true(clock_nttime_from_unix(EPOCH_1601 - 1) == 0);
    assert_true(clock_nttime_from_unix(INT64_MIN) == 0);
    assert_true(clock_unix_from_nttime(0) == EPOCH_1601);
    assert_true(clock_nttime_from_unix(last) == UINT64_MAX / 10000000 * 10000000);
    assert_true(clock_nttime_from_unix(last + 1) >= clock_nttime_from_unix(last));
    assert_true(clock_nttime_from_unix(INT64_MAX) >= clock_nttime_from_unix(last));
    assert_true(clock_unix_from_nttime(UINT64_MAX) == last);
    assert_true(clock_unix_from_nttime((uint64_t)INT64_MAX) > EXAMPLE_UNIX);
}

static void rfc3339_knows_the_calendar(void **state)
{
    static const struct {
        int64_t unix_s;
        const char *text;
    } table[] = {
        { 0, "1970-01-01T00:00:00Z" },
        { -1, "1969-12-31T23:59:59Z" },
        { 951782400, "2000-02-29T00:00:00Z" },
        { 1709164800, "2024-02-29T00:00:00Z" },
        { 1709251199, "2024-02-29T23:59:59Z" },
        { 1709251200, "2024-03-01T00:00:00Z" },
        { -2203891201, "1900-02-28T23:59:59Z" },
        { -2203891200, "1900-03-01T00:00:00Z" },
        { 4107542400, "2100-03-01T00:00:00Z" },
        { EPOCH_1601, "1601-01-01T00:00:00Z" },
        { INT64_C(253402300799), "9999-12-31T23:59:59Z" },
        { INT64_C(-62167219200), "0000-01-01T00:00:00Z" },
        { INT64_C(253402300800), "out-of-range" },
        { INT64_C(-62167219201), "out-of-range" },
        { INT64_MAX, "out-of-range" },
        { INT64_MIN, "out-of-range" },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_string_equal(clock_rfc3339(*state, table[i].unix_s), table[i].text);
}

static void parse_reads_every_documented_form(void **state)
{
    static const struct {
        const char *text;
        int64_t want;
    } table[] = {
        { "2026-11-22", 1795305600 },
        { "2026-11-22T07:00:00Z", EXAMPLE_UNIX },
        { "2026-11-22T07:00:00", EXAMPLE_UNIX },
        { "1970-01-01", 0 },
        { "1969-12-31T23:59:59Z", -1 },
        { "1601-01-01", EPOCH_1601 },
        { "2024-02-29", 1709164800 },
        { "2000-02-29T00:00:00Z", 951782400 },
        { "9999-12-31T23:59:59Z", INT64_C(253402300799) },
        { "@0", 0 },
        { "@1795330800", EXAMPLE_UNIX },
        { "+30d", EXAMPLE_UNIX + 30 * 86400 },
        { "-12h", EXAMPLE_UNIX - 12 * 3600 },
        { "+2w", EXAMPLE_UNIX + 14 * 86400 },
        { "+0h", EXAMPLE_UNIX },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int64_t got = 77;

        if (!clock_parse(table[i].text, EXAMPLE_UNIX, &got))
            fail_msg("%s was refused", table[i].text);
        assert_true(got == table[i].want);
    }
}

static void parse_undoes_rfc3339(void **state)
{
    /* Every 37 days and some seconds over four centuries. */
    for (int64_t t = EPOCH_1601; t < INT64_C(1000000000); t += 37 * 86400 + 4711) {
        int64_t back = 0;

        assert_true(clock_parse(clock_rfc3339(*state, t), 0, &back));
        assert_true(back == t);
    }
}

static void parse_refuses_all_else(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "now",
        "2026",
        "2026-11",
        "2026-13-01",
        "2026-00-10",
        "2026-01-00",
        "2026-01-32",
        "2026-04-31",
        "2026-02-29",
        "1900-02-29",
        "2100-02-29",
        "2024-02-30",
        "2026-11-22T",
        "2026-11-22T24:00:00Z",
        "2026-11-22T14:60:00Z",
        "2026-11-22T14:05:60Z",
        "2026-11-22T14:05:61Z",
        "2026-11-22T14:05:57+01:00",
        "2026-11-22T14:05:57Zx",
        "2026-11-22T14:05:57ZZ",
        "2026-11-22Z",
        "2026-11-22T14:05:5Z",
        "2026-1-2",
        "26-11-22",
        "02026-11-22",
        "2026/11/22",
        " 2026-11-22",
        "2026-11-22 ",
        "2026-11-22\n",
        "2026-11--2",
        "2026-+1-22",
        "-026-11-22",
        "2026- 1-22",
        "2026-11-22T 4:05:57Z",
        "2026-11-22T14:05:+7Z",
        "@",
        "@x",
        "@12x",
        "@ 12",
        "@12 ",
        "@1.5",
        "@+12",
        "@--12",
        "@0x10",
        "@9223372036854775808",
        "@99999999999999999999999",
        "@-99999999999999999999999",
        "+",
        "-",
        "+d",
        "++3d",
        "+-3d",
        "-+3d",
        "+ 3d",
        "+3 d",
        "+3dd",
        "+3x",
        "+3d ",
        "+0x3d",
        "+99999999999999999999d",
        "-99999999999999999999d",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t got = 77;

        if (clock_parse(bad[i], EXAMPLE_UNIX, &got))
            fail_msg("\"%s\" was taken as %lld", bad[i], (long long)got);
        assert_true(got == 77);
    }
}

static void parse_refuses_an_offset_past_the_end_of_time(void **state)
{
    int64_t got = 77;

    (void)state;
    assert_false(clock_parse("+1h", INT64_MAX - 3599, &got));
    assert_false(clock_parse("-1h", INT64_MIN + 3599, &got));
    assert_true(got == 77);
    assert_true(clock_parse("+1h", INT64_MAX - 3600, &got));
    assert_true(got == INT64_MAX);
}

static void parse_hours_knows_the_units(void **state)
{
    static const struct {
        const char *text;
        uint32_t want;
    } table[] = {
        { "90", 90 },
        { "36h", 36 },
        { "7d", 168 },
        { "2w", 336 },
        { "0", 0 },
        { "0d", 0 },
        { "4294967295", UINT32_MAX },
        { "4294967295h", UINT32_MAX },
        { "178956970d", 4294967280U },
        { "25565281w", 4294967208U },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        uint32_t got = 77;

        assert_true(clock_parse_hours(table[i].text, &got));
        assert_true(got == table[i].want);
    }
}

static void parse_hours_refuses_all_else(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "h",
        "d",
        "-7d",
        "+7d",
        " 7d",
        "7d ",
        "7 d",
        "7dd",
        "7m",
        "7y",
        "0x10",
        "7.5d",
        "1e3",
        "4294967296",
        "4294967296h",
        "178956971d",
        "25565282w",
        "18446744073709551616",
        "18446744073709551615",
        "18446744073709551615w",
        "768614336404564651d",
        "99999999999999999999999999999w",
        "7d7h",
        "7d\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint32_t got = 77;

        if (clock_parse_hours(bad[i], &got))
            fail_msg("\"%s\" was taken as %u", bad[i], got);
        assert_int_equal(got, 77);
    }
}

static void deadlines_pass_and_are_capped(void **state)
{
    struct deadline past = deadline_in(0), soon = deadline_in(60000), far = deadline_in(INT64_MAX);

    (void)state;
    assert_int_equal(deadline_left(past), 0);
    assert_int_equal(deadline_left(deadline_in(-5000)), 0);
    assert_int_equal(deadline_left(deadline_in(INT64_MIN)), 0);
    assert_in_range(deadline_left(soon), 1, 60000);
    assert_int_equal(deadline_left(far), INT_MAX);
    assert_true(deadline_sooner(soon, far).at_ms == soon.at_ms);
    assert_true(deadline_sooner(far, soon).at_ms == soon.at_ms);
    assert_true(deadline_sooner(past, soon).at_ms == past.at_ms);
}

static void the_monotonic_clock_does_not_go_back(void **state)
{
    int64_t last = clock_monotonic_ms();

    (void)state;
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_monotonic_ms();

        assert_true(now >= last);
        last = now;
    }
    /* After this was written, and before a 32-bit counter of hours ends. */
    assert_true(clock_now() > INT64_C(1700000000));
    assert_true(clock_hours_from_unix(clock_now()) < UINT32_MAX);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(hours_agree_with_the_known_record),
        T(hours_round_down_on_both_sides_of_1970),
        T(hours_saturate_outside_their_range),
        T(unix_from_hours_takes_sums_beyond_32_bits),
        T(nttime_counts_100_ns_since_1601),
        T(nttime_saturates),
        T(rfc3339_knows_the_calendar),
        T(parse_reads_every_documented_form),
        T(parse_undoes_rfc3339),
        T(parse_refuses_all_else),
        T(parse_refuses_an_offset_past_the_end_of_time),
        T(parse_hours_knows_the_units),
        T(parse_hours_refuses_all_else),
        T(deadlines_pass_and_are_capped),
        T(the_monotonic_clock_does_not_go_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
