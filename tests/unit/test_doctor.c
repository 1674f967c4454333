#include "tests/unit/unit.h"

#include "cmd/doctor_sssd.h"
#include "ldap/server_clock.h"

static void assert_domain(TALLOC_CTX *mem, const char *conf, const char *expected)
{
    char *found = sssd_updating_domain(mem, (struct bytes){ (const uint8_t *)conf, strlen(conf) });

    if (expected) {
        assert_non_null(found);
        assert_string_equal(found, expected);
    } else {
        assert_null(found);
    }
}

static void sssd_of_an_ad_domain_registers_unless_told_not_to(void **state)
{
    assert_domain(*state, "[sssd]\ndomains = ad\n[domain/ad.example.test]\nid_provider = ad\n",
                  "ad.example.test");
    assert_domain(*state, "[domain/a]\nid_provider = ad\ndyndns_update = True\n", "a");
    assert_domain(*state, "[domain/a]\nid_provider = ad\ndyndns_update = false\n", NULL);
    assert_domain(*state, "[domain/a]\ndyndns_update=False\nid_provider = AD\n", NULL);
    assert_domain(*state, "[domain/a]\nid_provider = ldap\n", NULL);
    assert_domain(*state, "[sssd]\nid_provider = ad\n", NULL);
    assert_domain(*state, "# [domain/a]\n;id_provider = ad\n", NULL);
    assert_domain(*state, "", NULL);
}

static void every_domain_of_sssd_is_looked_at(void **state)
{
    assert_domain(*state,
                  "[domain/a]\nid_provider = ad\ndyndns_update = false\n"
                  "[domain/b]\nid_provider = ad\n[pam]\nx = y\n",
                  "b");
    /* What one domain says is not said of the next. */
    assert_domain(*state, "[domain/a]\nid_provider = ad\n[domain/b]\ndyndns_update = false\n", "a");
    assert_domain(*state, "[domain/a]\nid_provider = ad\ndyndns_update = no\n[domain/b]\nx = y\n",
                  NULL);
    assert_domain(*state, "[domain/a]\nid_provider = ad\nnot a line\n", "a");
}

static void server_times_are_read_strictly(void **state)
{
    static const char *const bad[] = {
        "",
        "20261122140557",
        "20261122140557.0",
        "20261122140557.0+0100",
        "20261322140557.0Z",
        "20261100140557Z",
        "20261122240557Z",
        "20261122146057Z",
        "2026112214055Z",
        "20261122140557ZZ",
        "x0261122140557Z",
        "20261122140557Z0",
        "16011122140557Z",
    };
    int64_t t = 77;

    (void)state;
    assert_true(server_clock_parse("20261122140557.0Z", &t));
    assert_int_equal(t, 1795356357);
    t = 77;
    assert_true(server_clock_parse("19700101000000Z", &t));
    assert_int_equal(t, 0);
    t = 77;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (server_clock_parse(bad[i], &t))
            fail_msg("%s is read", bad[i]);
        assert_int_equal(t, 77);
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sssd_of_an_ad_domain_registers_unless_told_not_to),
        TEST(every_domain_of_sssd_is_looked_at),
        TEST(server_times_are_read_strictly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
