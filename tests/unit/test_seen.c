#include "tests/unit/unit.h"

#include <stdio.h>

#include "ldap/seen.h"

static void what_went_by_is_known_and_nothing_else(void **state)
{
    struct seen *s = seen_new(NULL);
    char name[32];

    (void)state;
    assert_non_null(s);
    assert_false(seen_has(s, ""));
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof name, "DC=pc%d,DC=zone", i);
        assert_true(seen_add(s, name));
    }
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "DC=pc%d,DC=zone", i);
        assert_int_equal(seen_has(s, name), i < 5000);
    }
    assert_false(seen_has(s, "dc=pc1,DC=zone"));
    assert_false(seen_has(s, ""));
    talloc_free(s);
}

static void more_can_be_added_after_a_question(void **state)
{
    struct seen *s = seen_new(NULL);

    (void)state;
    assert_true(seen_add(s, "b"));
    assert_false(seen_has(s, "a"));
    assert_true(seen_add(s, "a"));
    assert_true(seen_has(s, "a"));
    assert_true(seen_has(s, "b"));
    talloc_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_went_by_is_known_and_nothing_else),
        cmocka_unit_test(more_can_be_added_after_a_question),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
