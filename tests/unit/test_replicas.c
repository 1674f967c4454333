#include "ldap/masters.h"
#include "scavenger/replicas.h"
#include "tests/unit/values.h"

#define STALE 3700000U

/* pc has a stale address, which is to go, and a fresh one, which stays. */
struct fixture {
    struct plan_value values[2];
    struct plan_node here;
    struct bytes there_values[4];
    struct dns_node there;
};

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    if (!f)
        return 1;
    f->values[0] = (struct plan_value){ .raw = value_a(f, STALE, 1),
                                        .is_removed = true,
                                        .timestamp_h = STALE };
    f->values[1] =
        (struct plan_value){ .raw = value_a(f, STALE + 900, 2), .timestamp_h = STALE + 900 };
    f->here =
        (struct plan_node){ .name = "pc", .values = f->values, .n_values = 2, .n_removed = 1 };
    f->there = (struct dns_node){ .name = "pc", .values = f->there_values };
    *state = f;
    return 0;
}

static int teardown(void **state) { return talloc_free(*state); }

static bool speaks(struct fixture *f, uint32_t *stamp)
{
    *stamp = 12345;
    return replica_is_newer(&f->here, &f->there, stamp);
}

static void the_same_values_say_nothing(void **state)
{
    struct fixture *f = *state;
    uint32_t stamp;

    f->there_values[0] = f->values[1].raw;
    f->there_values[1] = f->values[0].raw;
    f->there.n_values = 2;
    assert_false(speaks(f, &stamp));
    f->there.n_values = 0;
    assert_false(speaks(f, &stamp));
}

static void only_the_very_values_are_the_same(void **state)
{
    struct fixture *f = *state;

    f->there_values[0] = f->values[1].raw;
    f->there_values[1] = f->values[0].raw;
    f->there.n_values = 2;
    assert_true(replica_is_same(&f->here, &f->there));
    f->there.is_tombstoned = true;
    assert_false(replica_is_same(&f->here, &f->there));
    f->there.is_tombstoned = false;
    f->there_values[1] = value_a(f, STALE - 1, 1);
    assert_false(replica_is_same(&f->here, &f->there));
    f->there_values[1] = f->values[0].raw;
    f->there_values[2] = value_a(f, STALE, 3);
    f->there.n_values = 3;
    assert_false(replica_is_same(&f->here, &f->there));
    f->there.n_values = 1;
    assert_false(replica_is_same(&f->here, &f->there));
}

static void a_later_stamp_of_the_same_record_speaks(void **state)
{
    struct fixture *f = *state;
    uint32_t stamp;

    f->there_values[0] = value_a(f, STALE + 1, 1);
    f->there_values[1] = f->values[1].raw;
    f->there.n_values = 2;
    assert_true(speaks(f, &stamp));
    assert_int_equal(stamp, STALE + 1);
}

static void an_earlier_or_equal_stamp_does_not(void **state)
{
    struct fixture *f = *state;
    uint32_t stamp;

    f->there_values[0] = value_a(f, STALE - 1, 1);
    f->there_values[1] = value_a(f, STALE, 3);
    f->there.n_values = 2;
    assert_false(speaks(f, &stamp));
}

static void another_record_of_the_name_with_a_later_stamp_speaks(void **state)
{
    struct fixture *f = *state;
    uint32_t stamp;

    /* Our write of the attribute would win over that one. */
    f->there_values[0] = f->values[0].raw;
    f->there_values[1] = value_a(f, STALE + 5, 9);
    f->there.n_values = 2;
    assert_true(speaks(f, &stamp));
}

static void a_record_made_static_there_speaks(void **state)
{
    struct fixture *f = *state;
    uint32_t stamp;

    f->there_values[0] = value_a(f, 0, 1);
    f->there.n_values = 1;
    assert_true(speaks(f, &stamp));
    assert_int_equal(stamp, 0);
}

static void a_value_that_cannot_be_read_speaks(void **state)
{
    static const uint8_t junk[] = { 1, 2, 3 };
    struct fixture *f = *state;
    uint32_t stamp;

    f->there_values[0] = (struct bytes){ junk, sizeof junk };
    f->there.n_values = 1;
    assert_true(speaks(f, &stamp));
}

static void a_tombstone_there_says_nothing(void **state)
{
    struct fixture *f = *state;
    uint32_t stamp;

    f->there_values[0] = value_a(f, STALE + 100, 1);
    f->there.n_values = 1;
    f->there.is_tombstoned = true;
    assert_false(speaks(f, &stamp));
    f->there.is_tombstoned = false;
    f->there_values[0] = dnsp_tombstone(f, UINT64_C(134400000000000000), 7);
    assert_false(speaks(f, &stamp));
}

static void a_partition_is_the_longest_that_fits(void **state)
{
    static const char *const contexts[] = { "DC=ad,DC=test", "DC=DomainDnsZones,DC=ad,DC=test",
                                            "CN=Configuration,DC=ad,DC=test", NULL };
    const char *domain = contexts[0], *zones = contexts[1];

    (void)state;
    assert_ptr_equal(partition_of(contexts, "DC=z,CN=MicrosoftDNS,DC=domaindnszones,DC=AD,DC=test"),
                     zones);
    assert_ptr_equal(partition_of(contexts, "DC=z,CN=MicrosoftDNS,CN=System,DC=ad,DC=test"),
                     domain);
    assert_ptr_equal(partition_of(contexts, "DC=ad,DC=test"), domain);
    assert_null(partition_of(contexts, "DC=bad,DC=test"));
    assert_null(partition_of(contexts, "DC=z,DC=xDC=ad,DC=tes"));
}

static void a_controller_that_does_not_say_may_hold_all(void **state)
{
    const char *partitions[] = { "DC=DomainDnsZones,DC=ad,DC=test" };
    const struct master says = { .partitions = partitions, .n_partitions = 1 };
    const struct master unclear = { .is_unclear = true };

    (void)state;
    assert_true(master_holds(&says, "DC=domaindnszones,DC=ad,DC=test"));
    assert_false(master_holds(&says, "DC=ad,DC=test"));
    assert_true(master_holds(&unclear, "DC=ad,DC=test"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_same_values_say_nothing),
        T(only_the_very_values_are_the_same),
        T(a_later_stamp_of_the_same_record_speaks),
        T(an_earlier_or_equal_stamp_does_not),
        T(another_record_of_the_name_with_a_later_stamp_speaks),
        T(a_record_made_static_there_speaks),
        T(a_value_that_cannot_be_read_speaks),
        T(a_tombstone_there_says_nothing),
        T(a_partition_is_the_longest_that_fits),
        T(a_controller_that_does_not_say_may_hold_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
