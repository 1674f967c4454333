#include "tests/unit/unit.h"

#include "ldap/name.h"

#define BELOW ",DC=ad.example.test,CN=MicrosoftDNS,DC=DomainDnsZones,DC=ad,DC=example,DC=test"

static struct rdn read_dn(TALLOC_CTX *mem, const char *dn)
{
    struct rdn rdn = { 0 };
    struct error e;

    assert_int_equal(rdn_read(mem, dn, &rdn, &e), OK);
    return rdn;
}

static void names_are_relative_lower_case_and_keep_their_dots(void **state)
{
    assert_string_equal(read_dn(*state, "DC=PC17" BELOW).name, "pc17");
    assert_string_equal(read_dn(*state, "DC=_ldap._tcp.DC" BELOW).name, "_ldap._tcp.dc");
    assert_string_equal(read_dn(*state, "DC=@" BELOW).name, "@");
    assert_string_equal(read_dn(*state, "dc=\\2A" BELOW).name, "*");
}

static void escapes_of_the_dn_become_escapes_of_dns(void **state)
{
    assert_string_equal(read_dn(*state, "DC=a\\,b\\+c" BELOW).name, "a,b+c");
    assert_string_equal(read_dn(*state, "DC=a\\1B[2J" BELOW).name, "a\\027[2j");
    assert_string_equal(read_dn(*state, "DC=\\C3\\A4" BELOW).name, "\\195\\164");
    assert_string_equal(read_dn(*state, "DC=a\\5Cb" BELOW).name, "a\\\\b");
    assert_string_equal(read_dn(*state, "DC=a@b" BELOW).name, "a\\@b");
}

static void conflict_and_deleted_objects_are_recognised(void **state)
{
    struct rdn r = read_dn(*state, "DC=pc17\\0ACNF:5e8422fc-a16e-4185-993c-b21e674a9635" BELOW);

    assert_true(r.is_conflict);
    assert_false(r.is_deleted);
    assert_string_equal(r.name, "pc17\\010cnf:5e8422fc-a16e-4185-993c-b21e674a9635");
    r = read_dn(*state, "DC=pc17\\0ADEL:5e8422fc-a16e-4185-993c-b21e674a9635" BELOW);
    assert_true(r.is_deleted);
    assert_false(r.is_conflict);
    /* A host may be called like that. */
    r = read_dn(*state, "DC=cnf:x" BELOW);
    assert_false(r.is_conflict);
}

static void what_is_no_dn_is_refused(void **state)
{
    static const char *const bad[] = { "", "pc17", "DC=", "=x", "DC=a\\", "DC=a\\0" };
    struct rdn r = { .name = *state };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(rdn_read(*state, bad[i], &r, NULL), ERR_MALFORMED);
        assert_ptr_equal(r.name, *state);
    }
}

static void names_in_filters_cannot_change_the_filter(void **state)
{
    assert_string_equal(name_to_filter(*state, "_ldap._tcp.dc1-x"), "_ldap._tcp.dc1-x");
    assert_string_equal(name_to_filter(*state, "@"), "\\40");
    assert_string_equal(name_to_filter(*state, "*)(objectClass=*"),
                        "\\2a\\29\\28objectClass\\3d\\2a");
    assert_string_equal(name_to_filter(*state, "a\\042b\\\\"), "a\\2ab\\5c");
    assert_string_equal(name_to_filter(*state, "\\000"), "\\00");
    assert_null(name_to_filter(*state, "a\\"));
    assert_null(name_to_filter(*state, "a\\25"));
    assert_null(name_to_filter(*state, "a\\256"));
}

static void names_come_back_from_a_filter_as_they_were_stored(void **state)
{
    /* ä and a control byte. */
    assert_string_equal(name_to_filter(*state, read_dn(*state, "DC=\\C3\\A4\\1b" BELOW).name),
                        "\\c3\\a4\\1b");
}

static void zone_names_lose_case_and_final_dot(void **state)
{
    assert_string_equal(name_fold(*state, "AD.Example.Test."), "ad.example.test");
    assert_string_equal(name_fold(*state, "."), ".");
    assert_string_equal(name_fold(*state, ""), "");
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_are_relative_lower_case_and_keep_their_dots),
        TEST(escapes_of_the_dn_become_escapes_of_dns),
        TEST(conflict_and_deleted_objects_are_recognised),
        TEST(what_is_no_dn_is_refused),
        TEST(names_in_filters_cannot_change_the_filter),
        TEST(names_come_back_from_a_filter_as_they_were_stored),
        TEST(zone_names_lose_case_and_final_dot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
