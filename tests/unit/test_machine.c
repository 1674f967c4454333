#include "tests/unit/unit.h"

#include "register/machine.h"
#include "tests/unit/realm.h"

static struct realm *realm;

/* Long enough for a busy machine. */
static struct deadline soon(void) { return deadline_in(20000); }

/* Registered in a domain that is not the realm's. */
static const struct host apart = { .principal = "HOST1$@" REALM,
                                   .realm = REALM,
                                   .domain = "lab.example.test",
                                   .fqdn = "host1.lab.example.test" };

static struct credentials *tickets(void **state)
{
    struct credentials *c;
    struct error e;

    assert_int_equal(credentials_from_keytab(*state, realm_path(realm, "host.kt"), apart.principal,
                                             NULL, 0, soon(), &c, &e),
                     OK);
    return c;
}

static void the_realms_domain_is_home_too(void **state)
{
    (void)state;
    assert_true(machine_is_at_home(&apart, "ns1.lab.example.test"));
    assert_true(machine_is_at_home(&apart, "dc1.muster.test"));
    assert_false(machine_is_at_home(&apart, "dc1.master.test"));
    assert_false(machine_is_at_home(&apart, "dc1.notmuster.test"));
    assert_false(machine_is_at_home(&apart, "ns1.example.test"));
}

static void a_controller_is_known_by_the_service_of_the_realms_domain(void **state)
{
    struct credentials *c = tickets(state);
    struct contact dc = { .server = "dc1.muster.test" };
    struct error e = { 0 };
    bool is_controller = false;

    assert_int_equal(machine_find_controller(&apart, dc.server, c, soon(), &is_controller, &e), OK);
    assert_true(is_controller);
    assert_int_equal(machine_prove_controller(&apart, &dc, c, soon(), &e), OK);
}

/* ns1 has the service of the domain that the host is told to register in: that is no proof. */
static void who_is_none_is_told_by_the_service_that_is_missing(void **state)
{
    struct credentials *c = tickets(state);
    struct contact ns = { .server = "ns1.muster.test" };
    struct error e = { 0 };
    bool is_controller = true;

    assert_int_equal(machine_find_controller(&apart, ns.server, c, soon(), &is_controller, &e), OK);
    assert_false(is_controller);
    assert_int_equal(machine_prove_controller(&apart, &ns, c, soon(), &e), ERR_UNVERIFIED);
    assert_non_null(strstr(e.message, "knows no service ldap/ns1.muster.test/muster.test"));
    assert_non_null(strstr(e.hint, "--server"));
    ns.is_named = true;
    assert_int_equal(machine_prove_controller(&apart, &ns, c, soon(), &e), OK);
}

/* It is not even connected to. */
static void the_directory_of_who_is_no_controller_is_not_asked(void **state)
{
    struct credentials *c = tickets(state);
    struct contact ns = { .server = "ns1.muster.test" };
    struct directory *directory = NULL;
    struct error e = { 0 };

    assert_int_equal(machine_directory(*state, &apart, &ns, c, soon(), &directory, &e),
                     ERR_UNVERIFIED);
    assert_non_null(strstr(e.message, "knows no service ldap/ns1.muster.test/muster.test"));
    assert_null(directory);
}

/* An account whose tickets may not be given out is there all the same. */
static void what_else_the_kdc_says_is_not_taken_for_a_missing_service(void **state)
{
    struct credentials *c = tickets(state);
    struct contact dc = { .server = "dc2.muster.test" };
    struct error e = { 0 };
    bool is_controller = true;

    assert_int_equal(machine_find_controller(&apart, dc.server, c, soon(), &is_controller, &e),
                     ERR_AUTH);
    assert_true(is_controller);
    assert_int_equal(machine_prove_controller(&apart, &dc, c, soon(), &e), ERR_UNVERIFIED);
    assert_int_equal(e.code, ERR_UNVERIFIED);
    assert_non_null(strstr(e.message, "dc2.muster.test"));
    assert_null(strstr(e.message, "knows no service"));
    assert_null(strstr(e.hint, "--server"));
}

static void without_a_kdc_nothing_is_said_of_it(void **state)
{
    struct credentials *c = tickets(state);
    struct contact dc = { .server = "dc1.muster.test" };
    struct error e = { 0 };

    realm_stop_kdc(realm);
    assert_int_equal(machine_prove_controller(&apart, &dc, c, soon(), &e), ERR_UNREACHABLE);
    assert_int_equal(e.code, ERR_UNREACHABLE);
    assert_true(realm_start_kdc(realm));
}

static int group_setup(void **state)
{
    (void)state;
    realm = realm_start();
    return realm && realm_account(realm, "HOST1$", realm_path(realm, "host.kt")) &&
                   realm_admin(realm, "addprinc -randkey ldap/ns1.muster.test") &&
                   realm_admin(realm, "addprinc -randkey ldap/dc1.muster.test/muster.test") &&
                   realm_admin(realm, "addprinc -randkey ldap/ns1.muster.test/lab.example.test") &&
                   realm_admin(realm, "addprinc -randkey -allow_svr "
                                      "ldap/dc2.muster.test/muster.test")
               ? 0
               : -1;
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_realms_domain_is_home_too),
        TEST(a_controller_is_known_by_the_service_of_the_realms_domain),
        TEST(who_is_none_is_told_by_the_service_that_is_missing),
        TEST(the_directory_of_who_is_no_controller_is_not_asked),
        TEST(what_else_the_kdc_says_is_not_taken_for_a_missing_service),
        TEST(without_a_kdc_nothing_is_said_of_it),
    };

    return cmocka_run_group_tests(tests, group_setup, realm_group_teardown);
}
