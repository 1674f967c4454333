#include "tests/unit/unit.h"

#include <unistd.h>

#include "base/clock.h"
#include "register/tickets.h"
#include "tests/unit/realm.h"

#define HOST "HOST1$@" REALM
#define DC "dc1.muster.test"

static struct realm *realm;

static const char *keytab(void) { return realm_path(realm, "host1.keytab"); }

static struct tickets *with_tickets(TALLOC_CTX *mem)
{
    struct tickets *t = tickets_new(mem, keytab());
    struct credentials *c;
    struct error e = { 0 };

    assert_non_null(t);
    if (tickets_renew(t, HOST, DC, NULL, 0, deadline_in(10000), &c, &e))
        fail_msg("%s", e.message);
    assert_ptr_equal(tickets_kept(t, HOST, DC, clock_now()), c);
    return t;
}

static void there_are_none_at_first(void **state)
{
    struct tickets *t = tickets_new(*state, keytab());

    assert_null(tickets_kept(t, HOST, DC, clock_now()));
}

static void they_are_kept_until_their_end_is_near(void **state)
{
    struct tickets *t = with_tickets(*state);
    int64_t end_s = credentials_expiry(tickets_kept(t, HOST, DC, clock_now()));

    assert_non_null(tickets_kept(t, HOST, DC, end_s - TICKETS_MARGIN_S));
    assert_null(tickets_kept(t, HOST, DC, end_s - TICKETS_MARGIN_S + 1));
    assert_null(tickets_kept(t, HOST, DC, clock_now()));
}

static void another_principal_or_server_wants_others(void **state)
{
    struct tickets *t = with_tickets(*state);

    assert_null(tickets_kept(t, "HOST2$@" REALM, DC, clock_now()));
    t = with_tickets(*state);
    assert_null(tickets_kept(t, HOST, "dc2.muster.test", clock_now()));
}

static void a_keytab_that_was_rotated_wants_others(void **state)
{
    struct tickets *t = with_tickets(*state);
    char *ktadd = talloc_asprintf(*state, "ktadd -k %s HOST1$", keytab());
    struct credentials *c;
    struct error e = { 0 };

    assert_true(realm_admin(realm, ktadd));
    assert_null(tickets_kept(t, HOST, DC, clock_now()));
    assert_int_equal(tickets_renew(t, HOST, DC, NULL, 0, deadline_in(10000), &c, &e), OK);
    assert_ptr_equal(tickets_kept(t, HOST, DC, clock_now()), c);
}

static void a_failed_renewal_leaves_those_that_are_good(void **state)
{
    struct tickets *t = with_tickets(*state);
    struct credentials *before = tickets_kept(t, HOST, DC, clock_now()), *c = NULL;
    struct error e = { 0 };

    assert_int_equal(tickets_renew(t, "HOST9$@" REALM, DC, NULL, 0, deadline_in(10000), &c, &e),
                     ERR_AUTH);
    assert_null(c);
    assert_ptr_equal(tickets_kept(t, HOST, DC, clock_now()), before);
}

static void what_was_dropped_is_gone(void **state)
{
    struct tickets *t = with_tickets(*state);

    tickets_drop(t);
    assert_null(tickets_kept(t, HOST, DC, clock_now()));
    tickets_drop(t);
}

static void renewing_a_hundred_times_takes_no_more_memory(void **state)
{
    struct tickets *t = with_tickets(*state);
    size_t before = talloc_total_size(t);

    for (int i = 0; i < 100; i++) {
        struct credentials *c;
        struct error e = { 0 };

        assert_int_equal(tickets_renew(t, HOST, DC, NULL, 0, deadline_in(10000), &c, &e), OK);
    }
    assert_int_equal(talloc_total_size(t), before);
}

static int group_setup(void **state)
{
    (void)state;
    realm = realm_start();
    return realm && realm_account(realm, "HOST1$", keytab()) ? 0 : -1;
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(there_are_none_at_first),
        test(they_are_kept_until_their_end_is_near),
        test(another_principal_or_server_wants_others),
        test(a_keytab_that_was_rotated_wants_others),
        test(a_failed_renewal_leaves_those_that_are_good),
        test(what_was_dropped_is_gone),
        test(renewing_a_hundred_times_takes_no_more_memory),
    };

    return cmocka_run_group_tests(tests, group_setup, realm_group_teardown);
}
