#include "tests/unit/unit.h"

#include "ldap/dnsproperty.h"
#include "ldap/zone_properties.h"

/* Properties as Samba 4.17 writes them, with its four-byte trailer. */
#define HEAD "00000000 00000000 01000000 "
#define TYPE_PRIMARY "04000000" HEAD "01000000 01000000 00000000"
#define UPDATE_SECURE "01000000" HEAD "02000000 02 00000000"
#define NO_REFRESH_168 "04000000" HEAD "10000000 a8000000 00000000"
#define REFRESH_168 "04000000" HEAD "20000000 a8000000 00000000"
#define AGING_ON "04000000" HEAD "40000000 01000000 00000000"
#define AGING_OFF "04000000" HEAD "40000000 00000000 00000000"
#define AFTER_0 "04000000" HEAD "12000000 00000000 00000000"

#define ZONE(...)                                                                                  \
    make_zone(*state, (const char *const[]){ __VA_ARGS__ },                                        \
              sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

static struct dns_zone *make_zone(TALLOC_CTX *mem, const char *const *hex, size_t n)
{
    struct dns_zone *z = talloc_zero(mem, struct dns_zone);
    struct error e;

    z->name = "ad.example.test";
    z->properties = talloc_array(z, struct bytes, n);
    for (size_t i = 0; i < n; i++)
        z->properties[z->n_properties++] = unhex(z, hex[i]);
    assert_int_equal(zone_properties_read(z, z, &e), OK);
    return z;
}

static void a_zone_made_by_samba_is_understood(void **state)
{
    struct dns_zone *z =
        ZONE(TYPE_PRIMARY, UPDATE_SECURE, NO_REFRESH_168, REFRESH_168, AGING_ON, AFTER_0);

    assert_int_equal(z->zone_type, 1);
    assert_int_equal(z->update, ZONE_UPDATE_SECURE);
    assert_true(z->aging.is_enabled);
    assert_int_equal(z->aging.no_refresh_h, 168);
    assert_int_equal(z->aging.refresh_h, 168);
    assert_int_equal(z->aging.scavenge_after_h, 0);
    assert_int_equal(z->n_scavenging_servers, 0);
}

static void absent_and_empty_properties_are_the_defaults(void **state)
{
    struct dns_zone *z = ZONE("00000000" HEAD "10000000 00", "00000000" HEAD "40000000");

    assert_int_equal(z->zone_type, 1);
    assert_int_equal(z->update, ZONE_UPDATE_UNKNOWN);
    assert_false(z->aging.is_enabled);
    assert_int_equal(z->aging.no_refresh_h, 168);
    assert_int_equal(z->aging.refresh_h, 168);
}

static void update_modes_are_told_apart(void **state)
{
    assert_int_equal(ZONE("01000000" HEAD "02000000 00 00")->update, ZONE_UPDATE_NONE);
    assert_int_equal(ZONE("01000000" HEAD "02000000 01 00")->update, ZONE_UPDATE_ANY);
    assert_int_equal(ZONE("04000000" HEAD "02000000 02000000 00")->update, ZONE_UPDATE_SECURE);
    assert_int_equal(ZONE("01000000" HEAD "02000000 09 00")->update, ZONE_UPDATE_UNKNOWN);
    assert_string_equal(zone_update_mode_name(ZONE_UPDATE_SECURE), "secure");
    assert_string_equal(zone_update_mode_name((enum zone_update_mode)77), "unknown");
}

static void an_aging_value_that_is_no_number_turns_aging_off(void **state)
{
    assert_false(ZONE(AGING_ON, "02000000" HEAD "10000000 a800 00")->aging.is_enabled);
    assert_false(ZONE("08000000" HEAD "20000000 a800000000000000 00", AGING_ON)->aging.is_enabled);
    assert_false(ZONE(AGING_ON, "03000000" HEAD "12000000 000000")->aging.is_enabled);
    /* Not even its id can be read. */
    assert_false(ZONE(AGING_ON, "04000000 00")->aging.is_enabled);
}

static void contradicting_aging_values_turn_aging_off(void **state)
{
    assert_false(ZONE(AGING_ON, AGING_OFF)->aging.is_enabled);
    assert_false(
        ZONE(AGING_ON, NO_REFRESH_168, "04000000" HEAD "10000000 01000000 00")->aging.is_enabled);
    /* The same twice is no contradiction. */
    assert_true(
        ZONE(AGING_ON, NO_REFRESH_168, "04000000" HEAD "10000000 a8000000 00")->aging.is_enabled);
}

static void an_unknown_property_is_passed_over(void **state)
{
    assert_true(ZONE(AGING_ON, "02000000" HEAD "08000000 ffff 00")->aging.is_enabled);
    assert_true(ZONE(AGING_ON, "02000000" HEAD "40010000 ffff 00")->aging.is_enabled);
}

static void scavenging_servers_are_read_in_both_forms(void **state)
{
    struct ip want;
    struct dns_zone *z = ZONE("08000000" HEAD "11000000 01000000 0a35000a 00");

    assert_true(ip_parse("10.53.0.10", &want));
    assert_int_equal(z->n_scavenging_servers, 1);
    assert_true(ip_equal(z->scavenging_servers[0], want));
    z = ZONE("08000000" HEAD "11000000 01000000 0a35000b 00",
             "60000000" HEAD
             "90000000 01000000 01000000 00000000 0000 0000 00000000 00000000 00000000"
             "00000000 0200 0035 0a35000a 0000000000000000 00000000000000000000000000000000"
             "0000000000000000000000000000000000000000000000000000000000000000 00",
             "08000000" HEAD "11000000 01000000 0a35000b 00");
    assert_int_equal(z->n_scavenging_servers, 1);
    assert_true(ip_equal(z->scavenging_servers[0], want));
}

static void scavenging_servers_that_lie_about_their_number_are_none(void **state)
{
    assert_int_equal(ZONE("08000000" HEAD "11000000 ffffffff 0a35000a 00")->n_scavenging_servers,
                     0);
    assert_int_equal(ZONE("02000000" HEAD "11000000 0100")->n_scavenging_servers, 0);
    assert_int_equal(ZONE("20000000" HEAD "90000000 01000000 ffffffff 00000000 0000 0000 00000000"
                          "00000000 00000000 00000000 00")
                         ->n_scavenging_servers,
                     0);
}

static struct property_change change(TALLOC_CTX *mem, const struct dns_zone *z,
                                     struct zone_aging to)
{
    struct property_change c;
    struct error e;

    assert_int_equal(zone_aging_change(mem, z, &to, &c, &e), OK);
    return c;
}

static void aging_that_is_set_so_already_changes_nothing(void **state)
{
    struct dns_zone *z = ZONE(NO_REFRESH_168, REFRESH_168, AGING_ON, AFTER_0);
    struct property_change c = change(*state, z, z->aging);

    assert_int_equal(c.n_old, 0);
    assert_int_equal(c.n_new, 0);
    /* The defaults need no property. */
    z = ZONE(TYPE_PRIMARY);
    c = change(*state, z, z->aging);
    assert_int_equal(c.n_old + c.n_new, 0);
}

static void a_change_compares_every_interval_and_keeps_foreign_bytes(void **state)
{
    /* Refresh has an odd header and a one-byte trailer. */
    struct dns_zone *z =
        ZONE(TYPE_PRIMARY, NO_REFRESH_168,
             "04000000 01000000 07000000 02000000 20000000 a8000000 ab", AGING_OFF, AFTER_0);
    struct property_change c = change(*state, z, (struct zone_aging){ true, 168, 200, 0 });

    assert_int_equal(c.n_old, 3);
    assert_bytes_equal(c.old[0], unhex(*state, NO_REFRESH_168));
    assert_bytes_equal(c.old[2], unhex(*state, AGING_OFF));
    assert_int_equal(c.n_new, 3);
    assert_bytes_equal(c.new[0], unhex(*state, NO_REFRESH_168));
    assert_bytes_equal(c.new[1],
                       unhex(*state, "04000000 01000000 07000000 02000000 20000000 c8000000 ab"));
    assert_bytes_equal(c.new[2], unhex(*state, AGING_ON));
}

static void missing_properties_are_added_as_samba_writes_them(void **state)
{
    struct property_change c =
        change(*state, ZONE(TYPE_PRIMARY), (struct zone_aging){ true, 168, 300, 3733000 });

    assert_int_equal(c.n_old, 0);
    assert_int_equal(c.n_new, 3);
    assert_bytes_equal(c.new[0], unhex(*state, "04000000" HEAD "20000000 2c010000 00000000"));
    assert_bytes_equal(c.new[1], unhex(*state, AGING_ON));
    assert_bytes_equal(c.new[2], unhex(*state, "04000000" HEAD "12000000 08f63800 00000000"));
}

static void a_value_that_was_doubtful_is_put_right(void **state)
{
    struct dns_zone *z = ZONE(AGING_ON, NO_REFRESH_168, "04000000" HEAD "10000000 01000000 00",
                              "02000000" HEAD "20000000 a800 00");
    struct property_change c = change(*state, z, (struct zone_aging){ true, 24, 168, 0 });

    assert_false(z->aging.is_enabled);
    assert_int_equal(c.n_old, 4);
    assert_int_equal(c.n_new, 3);
    assert_bytes_equal(c.new[0], unhex(*state, "04000000" HEAD "10000000 18000000 00000000"));
    assert_bytes_equal(c.new[1], unhex(*state, "04000000" HEAD "20000000 a8000000 00"));
    assert_bytes_equal(c.new[2], unhex(*state, AGING_ON));
}

/* Its data are shorter than it says, or of an odd length. */
static void a_malformed_time_to_scavenge_from_is_put_right(void **state)
{
    static const char *const malformed[] = {
        "04000000" HEAD "12000000 0100",
        "04000000" HEAD "12000000",
        "ffffffff" HEAD "12000000 00000000 00000000",
        "03000000" HEAD "12000000 000000",
        "08000000" HEAD "12000000 0000000000000000 00000000",
    };

    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        struct dns_zone *z = ZONE(NO_REFRESH_168, REFRESH_168, AGING_OFF, malformed[i]);
        struct property_change c =
            change(*state, z, (struct zone_aging){ true, 168, 168, 3733000 });
        struct dns_zone *then = talloc_zero(*state, struct dns_zone);
        struct error e;

        assert_false(z->aging.is_enabled);
        assert_int_equal(c.n_old, 4);
        assert_bytes_equal(c.old[3], unhex(*state, malformed[i]));
        assert_int_equal(c.n_new, 4);
        then->name = z->name;
        then->properties = c.new;
        then->n_properties = c.n_new;
        assert_int_equal(zone_properties_read(then, then, &e), OK);
        assert_true(then->aging.is_enabled);
        assert_int_equal(then->aging.scavenge_after_h, 3733000);
        /* Any other change puts it right as well, to what was read of it. */
        c = change(*state, z, (struct zone_aging){ false, 168, 24, 0 });
        assert_int_equal(c.n_new, 4);
        then->properties = c.new;
        assert_int_equal(zone_properties_read(then, then, &e), OK);
        assert_int_equal(then->aging.scavenge_after_h, 0);
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_zone_made_by_samba_is_understood),
        TEST(absent_and_empty_properties_are_the_defaults),
        TEST(update_modes_are_told_apart),
        TEST(an_aging_value_that_is_no_number_turns_aging_off),
        TEST(contradicting_aging_values_turn_aging_off),
        TEST(an_unknown_property_is_passed_over),
        TEST(scavenging_servers_are_read_in_both_forms),
        TEST(scavenging_servers_that_lie_about_their_number_are_none),
        TEST(aging_that_is_set_so_already_changes_nothing),
        TEST(a_change_compares_every_interval_and_keeps_foreign_bytes),
        TEST(missing_properties_are_added_as_samba_writes_them),
        TEST(a_value_that_was_doubtful_is_put_right),
        TEST(a_malformed_time_to_scavenge_from_is_put_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
