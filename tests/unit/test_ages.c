#include "tests/unit/unit.h"

#include "scavenger/ages.h"

static void a_step_begins_where_the_last_ends(void **state)
{
    (void)state;
    assert_int_equal(age_step(1000, 1000), 0);
    assert_int_equal(age_step(1000, 1023), 0);
    assert_int_equal(age_step(1000, 1024), 1);
    for (size_t i = 0; i + 1 < AGE_STEPS; i++) {
        assert_int_equal(age_step(1, age_step_end_h(i)), i);
        assert_int_equal(age_step(1, age_step_end_h(i) + 1), i + 1);
    }
    assert_int_equal(age_step(0, UINT32_MAX), AGE_STEPS - 1);
}

static void the_future_is_young(void **state)
{
    (void)state;
    assert_int_equal(age_step(2000, 1000), 0);
    assert_int_equal(age_step(UINT32_MAX, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_begins_where_the_last_ends),
        cmocka_unit_test(the_future_is_young),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
