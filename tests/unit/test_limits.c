#include "scavenger/limits.h"
#include "tests/unit/unit.h"

static struct limit parsed(const char *text)
{
    struct limit l;

    if (!limit_parse(text, &l))
        fail_msg("\"%s\" was refused", text);
    return l;
}

static void the_default_is_ten_percent_but_twenty_records(void **state)
{
    static const struct {
        size_t dynamic, want;
    } table[] = {
        { 0, 20 },   { 1, 20 },   { 19, 20 },  { 100, 20 },   { 200, 20 },         { 209, 20 },
        { 210, 21 }, { 219, 21 }, { 220, 22 }, { 1000, 100 }, { 1000000, 100000 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_int_equal(limit_for(limit_default(), table[i].dynamic), table[i].want);
}

static void a_number_is_records_whatever_the_size_of_the_zone(void **state)
{
    (void)state;
    assert_int_equal(limit_for(parsed("50"), 100), 50);
    assert_int_equal(limit_for(parsed("50"), 1000000), 50);
    assert_int_equal(limit_for(parsed("1"), 5), 1);
}

static void nothing_means_nothing(void **state)
{
    (void)state;
    assert_int_equal(limit_for(parsed("0"), 0), 0);
    assert_int_equal(limit_for(parsed("0"), 1000000), 0);
    assert_int_equal(limit_for(parsed("0%"), 10), 0);
    assert_int_equal(limit_for(parsed("0%"), 1000000), 0);
}

static void a_percentage_rounds_down_and_has_no_floor_of_its_own(void **state)
{
    static const struct {
        const char *text;
        size_t dynamic, want;
    } table[] = {
        { "5%", 1000, 50 }, { "5%", 19, 0 },  { "5%", 20, 1 },    { "5%", 39, 1 },
        { "1%", 99, 0 },    { "1%", 100, 1 }, { "99%", 100, 99 }, { "99%", 10, 9 },
        { "100%", 7, 7 },   { "100%", 0, 0 }, { "50%", 3, 1 },    { "100%", 1000000, 1000000 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (limit_for(parsed(table[i].text), table[i].dynamic) != table[i].want)
            fail_msg("%s of %zu is %zu", table[i].text, table[i].dynamic,
                     limit_for(parsed(table[i].text), table[i].dynamic));
}

static void huge_zones_do_not_overflow(void **state)
{
    (void)state;
    assert_true(limit_for(parsed("100%"), SIZE_MAX) == SIZE_MAX);
    assert_true(limit_for(parsed("50%"), SIZE_MAX) == SIZE_MAX / 2);
    assert_true(limit_for(limit_default(), SIZE_MAX) == SIZE_MAX / 10);
    assert_true(limit_for(parsed("99%"), SIZE_MAX - 1) < SIZE_MAX - SIZE_MAX / 101);
    assert_true(limit_for(parsed("99%"), SIZE_MAX - 1) > SIZE_MAX - SIZE_MAX / 99);
    assert_int_equal(limit_for(parsed("1000000000"), SIZE_MAX), 1000000000);
}

static void what_is_neither_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "%",
        " ",
        "-1",
        "-1%",
        "+5",
        "+5%",
        "5 %",
        " 5",
        "5 ",
        " 5%",
        "5%%",
        "5% ",
        "%5",
        "101%",
        "1000%",
        "1e3",
        "0x10",
        "5.5%",
        "5,5",
        "five",
        "5\n",
        "5%\n",
        "--5",
        "18446744073709551616",
        "99999999999999999999999999",
        "99999999999999999999999999%",
        "18446744073709551626%",
        "4294967396%",
    };
    struct limit l = { true, 77, 78 };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (limit_parse(bad[i], &l))
            fail_msg("\"%s\" was taken", bad[i]);
        assert_true(l.is_percent);
        assert_int_equal(l.value, 77);
        assert_int_equal(l.floor, 78);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_default_is_ten_percent_but_twenty_records),
        cmocka_unit_test(a_number_is_records_whatever_the_size_of_the_zone),
        cmocka_unit_test(nothing_means_nothing),
        cmocka_unit_test(a_percentage_rounds_down_and_has_no_floor_of_its_own),
        cmocka_unit_test(huge_zones_do_not_overflow),
        cmocka_unit_test(what_is_neither_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
