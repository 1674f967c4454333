#include "tests/unit/unit.h"

#include "ldap/batch.h"

static void the_parent_is_what_follows_the_first_name(void **state)
{
    (void)state;
    assert_string_equal(batch_parent("DC=pc1,DC=zone,DC=test"), "DC=zone,DC=test");
    assert_string_equal(batch_parent("DC=_ldap._tcp.dc,DC=zone"), "DC=zone");
}

static void an_escaped_comma_does_not_end_a_name(void **state)
{
    (void)state;
    assert_string_equal(batch_parent("DC=a\\,b,DC=zone"), "DC=zone");
    assert_string_equal(batch_parent("DC=a\\2cb\\\\,DC=zone"), "DC=zone");
}

static void what_cannot_be_cut_has_no_parent(void **state)
{
    static const char *const none[] = { "", "DC=pc1", "DC=pc1,", "DC=pc1\\", "DC=\"a,b\",DC=zone" };

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_null(batch_parent(none[i]));
}

static void the_filter_has_every_name_and_nothing_of_them_acts_as_filter(void **state)
{
    static const char *const dns[] = { "DC=pc1,DC=zone", "DC=a)(objectClass=\\2a,DC=zone",
                                       "DC=caf\\c3\\a9,DC=zone" };
    TALLOC_CTX *mem = talloc_new(NULL);
    struct search s = { 0 };
    struct error e;

    (void)state;
    assert_int_equal(batch_search(mem, dns, 3, &s, &e), OK);
    assert_string_equal(s.base, "DC=zone");
    assert_string_equal(s.filter,
                        "(|(name=pc1)(name=a\\29\\28objectclass\\3d\\2a)(name=caf\\c3\\a9))");
    assert_true(s.is_subtree);
    talloc_free(mem);
}

static void a_name_that_is_none_is_an_error(void **state)
{
    static const char *const dns[] = { "DC=pc1,DC=zone", "no name,DC=zone" };
    TALLOC_CTX *mem = talloc_new(NULL);
    struct search s = { 0 };
    struct error e;

    (void)state;
    assert_int_equal(batch_search(mem, dns, 2, &s, &e), ERR_MALFORMED);
    assert_null(s.filter);
    talloc_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_parent_is_what_follows_the_first_name),
        cmocka_unit_test(an_escaped_comma_does_not_end_a_name),
        cmocka_unit_test(what_cannot_be_cut_has_no_parent),
        cmocka_unit_test(the_filter_has_every_name_and_nothing_of_them_acts_as_filter),
        cmocka_unit_test(a_name_that_is_none_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
