#include "scavenger/host_account.h"

#include <string.h>

#include "tests/unit/accounts.h"

#define DISABLED 0x1002
#define ENABLED 0x1000

struct fixture {
    struct computers *all;
};

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    f->all = computers_new(f, sid(f, 0));
    assert_int_equal(computers_use_domain(f->all, "ad.test", NULL), OK);
    add(f->all, 1001, "pc1.lab.test", "PC1$", 1, ENABLED);
    add(f->all, 1002, "pc2.lab.test", "PC2$", 1, DISABLED);
    add(f->all, 1003, "elsewhere.other.test", "PC3$", 1, ENABLED);
    add(f->all, 1004, NULL, "A-VERY-LONG-HOS$", 1, ENABLED);
    add(f->all, 1005, "twice.lab.test", "TWICE-OLD$", 1, DISABLED);
    add(f->all, 1006, "twice.lab.test", "TWICE$", 1, ENABLED);
    assert_int_equal(computers_seal(f->all, NULL), OK);
    *state = f;
    return 0;
}

static int teardown(void **state) { return talloc_free(*state); }

static enum account_state of(struct fixture *f, const char *host, const char *mentions)
{
    enum account_state state;
    const char *detail;

    assert_int_equal(host_account(f, f->all, "ad.test", host, &state, &detail, NULL), OK);
    if (!strstr(detail, mentions))
        fail_msg("\"%s\" does not mention %s", detail, mentions);
    return state;
}

static void an_account_that_names_the_host_is_its(void **state)
{
    assert_int_equal(of(*state, "pc1.lab.test", "account PC1$"), ACCOUNT_THERE);
    assert_int_equal(of(*state, "pc2.lab.test", "PC2$ is disabled"), ACCOUNT_DISABLED);
    assert_int_equal(of(*state, "pc9.lab.test", "no computer account"), ACCOUNT_NONE);
}

static void so_is_one_of_its_first_label_whatever_the_zone(void **state)
{
    assert_int_equal(of(*state, "pc3.lab.test", "PC3$"), ACCOUNT_THERE);
    assert_int_equal(of(*state, "pc1.third.test", "PC1$"), ACCOUNT_THERE);
    assert_int_equal(of(*state, "elsewhere.lab.test", "no computer account"), ACCOUNT_NONE);
    assert_int_equal(of(*state, "pc.pc1.lab.test", "no computer account"), ACCOUNT_NONE);
}

static void a_long_name_has_an_account_of_its_beginning(void **state)
{
    assert_int_equal(of(*state, "a-very-long-host-name.lab.test", "A-VERY-LONG-HOS$"),
                     ACCOUNT_THERE);
    assert_int_equal(of(*state, "a-very-long-hat.lab.test", "no computer account"), ACCOUNT_NONE);
}

static void of_two_the_one_in_use_counts(void **state)
{
    assert_int_equal(of(*state, "twice.lab.test", "TWICE$"), ACCOUNT_THERE);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(an_account_that_names_the_host_is_its),
        test(so_is_one_of_its_first_label_whatever_the_zone),
        test(a_long_name_has_an_account_of_its_beginning),
        test(of_two_the_one_in_use_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
