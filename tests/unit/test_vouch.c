#include "tests/unit/unit.h"

#include "register/vouch.h"
#include "tests/unit/realm.h"

static struct realm *realm;

/* Long enough for a busy machine. */
static struct deadline soon(void) { return deadline_in(20000); }

static const struct host host = { .principal = "HOST1$@" REALM,
                                  .realm = REALM,
                                  .domain = "muster.test",
                                  .fqdn = "host1.muster.test" };
static const struct contact in_use = { .server = "dc1.muster.test" };

static struct voucher voucher(struct tickets *kept)
{
    return (struct voucher){
        .host = &host, .contact = &in_use, .keytab = realm_path(realm, "host.kt"), .tickets = kept
    };
}

static void assert_vouched(void **state, struct voucher *v, const char *server, bool expected)
{
    bool is_controller = !expected;
    struct error e = { 0 };

    assert_int_equal(vouch_for(*state, v, server, soon(), &is_controller, &e), OK);
    assert_int_equal(is_controller, expected);
}

static void a_name_in_the_domain_is_no_controller_yet(void **state)
{
    struct voucher v = voucher(NULL);
    unsigned first;

    assert_vouched(state, &v, "ns1.muster.test", false);
    first = v.turns;
    assert_true(first > 0);
    /* The first ticket is there: one question. */
    assert_vouched(state, &v, "dc2.muster.test", true);
    assert_true(v.turns - first < first);
}

static void tickets_of_the_run_save_asking_for_others(void **state)
{
    struct tickets *kept = tickets_new(*state, realm_path(realm, "host.kt"));
    struct credentials *c;
    struct voucher v = voucher(kept), alone = voucher(NULL);
    struct error e = { 0 };

    assert_int_equal(tickets_renew(kept, host.principal, in_use.server, NULL, 0, soon(), &c, &e),
                     OK);
    assert_vouched(state, &v, "dc2.muster.test", true);
    assert_ptr_equal(v.creds, c);
    assert_vouched(state, &alone, "dc2.muster.test", true);
    assert_true(v.turns < alone.turns);
}

static void a_kdc_that_is_away_is_asked_once(void **state)
{
    struct voucher v = voucher(NULL);
    bool is_controller = true;
    struct error e = { 0 };

    realm_stop_kdc(realm);
    assert_int_equal(vouch_for(*state, &v, "dc2.muster.test", soon(), &is_controller, &e),
                     ERR_UNREACHABLE);
    assert_true(realm_start_kdc(realm));
    e = (struct error){ 0 };
    assert_int_equal(vouch_for(*state, &v, "dc2.muster.test", soon(), &is_controller, &e),
                     ERR_UNREACHABLE);
    assert_int_equal(e.code, ERR_UNREACHABLE);
    assert_true(is_controller);
    /* Another run asks again. */
    v = voucher(NULL);
    assert_vouched(state, &v, "dc2.muster.test", true);
}

static int group_setup(void **state)
{
    (void)state;
    realm = realm_start();
    return realm && realm_account(realm, "HOST1$", realm_path(realm, "host.kt")) &&
                   realm_admin(realm, "addprinc -randkey ldap/dc2.muster.test/muster.test")
               ? 0
               : -1;
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_name_in_the_domain_is_no_controller_yet),
        TEST(tickets_of_the_run_save_asking_for_others),
        TEST(a_kdc_that_is_away_is_asked_once),
    };

    return cmocka_run_group_tests(tests, group_setup, realm_group_teardown);
}
