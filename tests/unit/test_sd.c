#include "tests/unit/unit.h"

#include "ldap/sd.h"

#define ADMIN_SID "01 05 000000000005 15000000 fcbe4923 17bba4a3 d5dd8cde f4010000"

static void well_known_and_domain_sids_are_written_as_usual(void **state)
{
    assert_string_equal(sid_text(*state, unhex(*state, "01 01 000000000005 12000000")), "S-1-5-18");
    assert_string_equal(sid_text(*state, unhex(*state, "01 00 000000000001")), "S-1-1");
    assert_string_equal(sid_text(*state, unhex(*state, ADMIN_SID)),
                        "S-1-5-21-592035580-2745482007-3733773781-500");
}

static void large_authorities_are_hexadecimal(void **state)
{
    assert_string_equal(sid_text(*state, unhex(*state, "01 01 123456789abc ffffffff")),
                        "S-1-0x123456789ABC-4294967295");
}

static void truncated_and_contradictory_sids_are_refused(void **state)
{
    struct bytes whole = unhex(*state, ADMIN_SID);

    for (size_t n = 0; n < whole.len; n++)
        assert_null(sid_text(*state, bytes_dup(*state, (struct bytes){ whole.data, n })));
    assert_null(sid_text(*state, unhex(*state, "02 01 000000000005 12000000")));
    assert_null(sid_text(*state, unhex(*state, "01 10 000000000005"
                                               "00000000000000000000000000000000"
                                               "00000000000000000000000000000000"
                                               "00000000000000000000000000000000"
                                               "00000000000000000000000000000000")));
}

static void owner_is_found_where_the_offset_points(void **state)
{
    /* Owner-only descriptor as Samba gives it, and one with bytes between. */
    assert_string_equal(sd_owner(*state,
                                 unhex(*state, "01 00 0080 14000000 00000000 00000000 00000000"
                                               "01 01 000000000005 12000000")),
                        "S-1-5-18");
    assert_string_equal(sd_owner(*state,
                                 unhex(*state, "01 00 0080 18000000 00000000 00000000 00000000"
                                               "ffffffff 01 01 000000000005 12000000")),
                        "S-1-5-18");
}

static void descriptors_without_a_readable_owner_give_none(void **state)
{
    static const char *const bad[] = {
        "",
        "01 00 0080",
        "01 00 0080 00000000 00000000 00000000 00000000", /* none */
        "01 00 0080 14000000 00000000 00000000 00000000", /* at the end */
        "01 00 0080 ffffffff 00000000 00000000 00000000 01 01 000000000005 12000000", /* outside */
        "01 00 0080 18000000 00000000 00000000 00000000 01 01 000000000005 12000000", /* cut off */
        "02 00 0080 14000000 00000000 00000000 00000000 01 01 000000000005 12000000", /* revision */
        "01 00 0000 14000000 00000000 00000000 00000000 01 01 000000000005 12000000", /* absolute */
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_null(sd_owner(*state, unhex(*state, bad[i])));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(well_known_and_domain_sids_are_written_as_usual),
        TEST(large_authorities_are_hexadecimal),
        TEST(truncated_and_contradictory_sids_are_refused),
        TEST(owner_is_found_where_the_offset_points),
        TEST(descriptors_without_a_readable_owner_give_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
