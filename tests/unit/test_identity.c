#include "tests/unit/unit.h"

#include "register/identity.h"

static void assert_fqdn(void **state, const char *hostname, const char *expected)
{
    struct error e = { 0 };
    char *got = NULL;

    assert_int_equal(identity_fqdn(*state, hostname, "ad.example.test", &got, &e), OK);
    assert_string_equal(got, expected);
}

static void short_name_gets_the_domain(void **state)
{
    assert_fqdn(state, "host1", "host1.ad.example.test");
    assert_fqdn(state, "HOST1", "host1.ad.example.test");
    assert_fqdn(state, "web_01-a", "web_01-a.ad.example.test");
}

static void qualified_name_stays_as_it_is(void **state)
{
    assert_fqdn(state, "host1.branch.ad.example.test", "host1.branch.ad.example.test");
    assert_fqdn(state, "Host1.Lab.Example.Test.", "host1.lab.example.test");
}

static void what_is_no_host_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "localhost",
        "localhost.localdomain",
        "host1.", /* not in the domain, nor in any other */
        "10.53.0.1",
        "fd53::1",
        "two words",
        "a..b",
        ".host1",
        "_ldap",
        "_tcp.dc",
        "host-",
        "-host",
        "host1._msdcs.test",
        "*",
        "*.ad.example.test",
        "@",
        "ad.example.test",
        "gc",
        "DomainDnsZones",
        "ForestDnsZones.ad.example.test",
        "h\xc3\xb6st",
        "a\nb",
        "a\\.b",
        "host1;",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", /* 64 characters */
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error e = { 0 };
        char *got = NULL;

        if (identity_fqdn(*state, bad[i], "ad.example.test", &got, &e) != ERR_USAGE)
            fail_msg("'%s' gave %s", bad[i], got ? got : err_name(e.code));
        assert_null(got);
        assert_true(e.code == ERR_USAGE && e.message[0]);
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(short_name_gets_the_domain, setup, teardown),
        cmocka_unit_test_setup_teardown(qualified_name_stays_as_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_host_is_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
