#include "tests/unit/unit.h"

#include "scavenger/aging_lint.h"

/* The kinds found, as a set of bits. */
static unsigned found(void *mem, uint32_t no_refresh_h, uint32_t refresh_h, uint32_t lease_h)
{
    const struct zone_aging a = { true, no_refresh_h, refresh_h, 0 };
    struct lint *all;
    unsigned set = 0;
    size_t n;

    assert_int_equal(aging_lint(mem, &a, lease_h, &all, &n, NULL), OK);
    for (size_t i = 0; i < n; i++) {
        assert_true(*all[i].text && *all[i].fix);
        set |= 1u << all[i].kind;
    }
    return set;
}

static void the_usual_values_are_fine(void **state)
{
    assert_int_equal(found(*state, 168, 168, 0), 0);
    assert_int_equal(found(*state, 168, 168, 192), 0); /* the usual lease: 8 days */
    assert_int_equal(found(*state, 24, 24, 0), 0);
}

static void an_interval_below_a_day_is_found(void **state)
{
    assert_int_equal(found(*state, 23, 24, 0), 1u << LINT_INTERVAL_SHORT);
    assert_int_equal(found(*state, 24, 23, 0),
                     1u << LINT_INTERVAL_SHORT | 1u << LINT_NO_REFRESH_LONGER);
    assert_int_equal(found(*state, 0, 0, 0), 1u << LINT_INTERVAL_SHORT);
}

static void leases_have_to_fit(void **state)
{
    assert_int_equal(found(*state, 48, 48, 96), 0);
    assert_int_equal(found(*state, 48, 48, 97),
                     1u << LINT_LIFE_BELOW_LEASE | 1u << LINT_REFRESH_BELOW_RENEWAL);
    assert_int_equal(found(*state, 100, 100, 50), 0);
    assert_int_equal(found(*state, 100, 101, 50), 1u << LINT_LIFE_BEYOND_LEASE);
}

static void oddities_are_no_danger(void **state)
{
    const struct zone_aging a = { true, 169, 168, 0 };
    struct lint *all;
    size_t n;

    assert_int_equal(aging_lint(*state, &a, 0, &all, &n, NULL), OK);
    assert_int_equal(n, 1);
    assert_int_equal(all[0].kind, LINT_NO_REFRESH_LONGER);
    assert_false(all[0].is_danger);
    assert_int_equal(found(*state, 2184, 2184, 0), 0);
    assert_int_equal(found(*state, 2184, 2185, 0), 1u << LINT_LIFE_LONG);
}

static void extreme_values_do_not_overflow(void **state)
{
    assert_int_equal(found(*state, UINT32_MAX, UINT32_MAX, UINT32_MAX), 1u << LINT_LIFE_LONG);
}

static void every_kind_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < LINT_COUNT; i++) {
        for (int k = 0; k < i; k++)
            assert_string_not_equal(lint_name((enum lint_kind)i), lint_name((enum lint_kind)k));
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_usual_values_are_fine),
        test(an_interval_below_a_day_is_found),
        test(leases_have_to_fit),
        test(oddities_are_no_danger),
        test(extreme_values_do_not_overflow),
        test(every_kind_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
