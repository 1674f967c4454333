#include "tests/unit/unit.h"

#include "register/siblings.h"
#include "tests/unit/realm.h"

static struct realm *realm;

/* Of a section that has a domain of its own. */
static const struct host host = { .principal = "HOST1$@" REALM,
                                  .realm = REALM,
                                  .domain = "lab.example.test",
                                  .fqdn = "host1.lab.example.test" };

static struct siblings siblings(void **state, struct register_sibling one)
{
    struct register_options opt = register_options_default();
    struct register_sibling *copy = talloc_memdup(*state, &one, sizeof one);
    struct siblings s = { 0 };
    struct error e = { 0 };

    opt.siblings = copy;
    opt.n_siblings = 1;
    assert_int_equal(siblings_of(*state, &opt, &host, &s, &e), OK);
    return s;
}

static void a_sibling_without_a_domain_has_that_of_its_keytab(void **state)
{
    struct siblings s =
        siblings(state, (struct register_sibling){ .hostname = "host1",
                                                   .keytab = realm_path(realm, "host.kt") });

    assert_int_equal(s.n, 1);
    assert_true(siblings_want(&s, "host1.muster.test."));
    assert_false(siblings_want(&s, host.fqdn));
}

static void a_sibling_has_the_domain_that_it_says(void **state)
{
    struct siblings s =
        siblings(state, (struct register_sibling){ .hostname = "host2",
                                                   .domain = "other.test",
                                                   .keytab = realm_path(realm, "host.kt") });

    assert_int_equal(s.n, 1);
    assert_true(siblings_want(&s, "host2.other.test"));
}

/* Better one name too many that is never taken. */
static void a_sibling_whose_keytab_cannot_be_read_has_the_domain_of_this_one(void **state)
{
    struct siblings s =
        siblings(state, (struct register_sibling){ .hostname = "host2",
                                                   .keytab = realm_path(realm, "none.kt") });

    assert_int_equal(s.n, 1);
    assert_true(siblings_want(&s, "host2.lab.example.test"));
}

static int group_setup(void **state)
{
    (void)state;
    realm = realm_start();
    return realm && realm_account(realm, "HOST1$", realm_path(realm, "host.kt")) ? 0 : -1;
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sibling_without_a_domain_has_that_of_its_keytab),
        TEST(a_sibling_has_the_domain_that_it_says),
        TEST(a_sibling_whose_keytab_cannot_be_read_has_the_domain_of_this_one),
    };

    return cmocka_run_group_tests(tests, group_setup, realm_group_teardown);
}
