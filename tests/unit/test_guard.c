#include "tests/unit/unit.h"

#include "scavenger/guard.h"
#include "scavenger/values.h"

static struct bytes text(const char *s)
{
    return (struct bytes){ (const uint8_t *)s, strlen(s) };
}

static struct bytes old_values[2], new_values[1];

/* stale + stale2 -> tombstone */
static struct journal_node removal(void)
{
    old_values[0] = text("stale");
    old_values[1] = text("stale2");
    new_values[0] = text("tombstone");
    return (struct journal_node){ .old = old_values, .n_old = 2, .new = new_values, .n_new = 1,
                                  .is_tombstoned = true };
}

static void a_tombstone_alone_stays(void **state)
{
    struct journal_node c = removal();
    struct bytes now[] = { text("tombstone") };
    struct dns_node node = { .values = now, .n_values = 1, .is_tombstoned = true };
    struct bytes *values;
    size_t n;

    assert_false(guard_take_back(*state, &c, &node, &values, &n));
}

static void a_value_added_beside_the_tombstone_takes_it_back(void **state)
{
    struct journal_node c = removal();
    struct bytes now[] = { text("added"), text("tombstone") };
    struct dns_node node = { .values = now, .n_values = 2, .is_tombstoned = true };
    struct bytes wanted[] = { text("stale"), text("added"), text("stale2") };
    struct bytes *values;
    size_t n;

    assert_true(guard_take_back(*state, &c, &node, &values, &n));
    assert_true(values_equal(values, n, wanted, 3));
}

static void a_host_that_cleared_the_tombstone_is_left_alone(void **state)
{
    struct journal_node c = removal();
    struct bytes now[] = { text("added") };
    struct dns_node node = { .values = now, .n_values = 1 };
    struct bytes *values;
    size_t n;

    assert_false(guard_take_back(*state, &c, &node, &values, &n));
}

static void the_same_value_added_again_is_there_once(void **state)
{
    struct journal_node c = removal();
    struct bytes now[] = { text("tombstone"), text("stale") };
    struct dns_node node = { .values = now, .n_values = 2, .is_tombstoned = true };
    struct bytes wanted[] = { text("stale"), text("stale2") };
    struct bytes *values;
    size_t n;

    assert_true(guard_take_back(*state, &c, &node, &values, &n));
    assert_true(values_equal(values, n, wanted, 2));
}

static void a_node_with_survivors_needs_nothing(void **state)
{
    struct journal_node c = removal();
    struct bytes now[] = { text("tombstone"), text("added") };
    struct dns_node node = { .values = now, .n_values = 2 };
    struct bytes *values;
    size_t n;

    c.is_tombstoned = false;
    assert_false(guard_take_back(*state, &c, &node, &values, &n));
}

static void sets_are_equal_in_any_order_and_no_more(void **state)
{
    struct bytes ab[] = { text("a"), text("b") }, ba[] = { text("b"), text("a") };
    struct bytes aa[] = { text("a"), text("a") };

    (void)state;
    assert_true(values_equal(ab, 2, ba, 2));
    assert_false(values_equal(ab, 2, ba, 1));
    assert_false(values_equal(ab, 2, aa, 2));
    assert_false(values_equal(aa, 2, ab, 2));
    assert_true(values_equal(NULL, 0, NULL, 0));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_tombstone_alone_stays),
        test(a_value_added_beside_the_tombstone_takes_it_back),
        test(a_host_that_cleared_the_tombstone_is_left_alone),
        test(the_same_value_added_again_is_there_once),
        test(a_node_with_survivors_needs_nothing),
        test(sets_are_equal_in_any_order_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
