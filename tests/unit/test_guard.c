#include "tests/unit/unit.h"

#include "scavenger/guard.h"
#include "scavenger/values.h"

static struct bytes text(const char *s) { return (struct bytes){ (const uint8_t *)s, strlen(s) }; }

static struct bytes old_values[2], new_values[1];

/* stale + stale2 -> tombstone */
static struct journal_node removal(void)
{
    old_values[0] = text("stale");
    old_values[1] = text("stale2");
    new_values[0] = text("tombstone");
    return (struct journal_node){
        .old = old_values, .n_old = 2, .new = new_values, .n_new = 1, .is_tombstoned = true
    };
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

static void an_untouched_node_is_written_and_any_other_is_not(void **state)
{
    struct journal_node c = removal();
    struct bytes same[] = { text("stale2"), text("stale") };
    struct bytes more[] = { text("stale2"), text("stale"), text("added") };
    struct dns_node node = { .values = same, .n_values = 2 };

    (void)state;
    assert_int_equal(guard_judge(&c, &node, false), GUARD_UNTOUCHED);
    assert_int_equal(guard_judge(&c, &node, true), GUARD_UNTOUCHED);
    node.is_tombstoned = true;
    assert_int_equal(guard_judge(&c, &node, false), GUARD_CHANGED);
    node = (struct dns_node){ .values = more, .n_values = 3 };
    assert_int_equal(guard_judge(&c, &node, true), GUARD_CHANGED);
    node.n_values = 1;
    assert_int_equal(guard_judge(&c, &node, true), GUARD_CHANGED);
}

static void our_own_write_is_known_again_only_where_one_was_sent(void **state)
{
    struct journal_node c = removal();
    struct bytes done[] = { text("tombstone"), text("added") };
    struct dns_node node = { .values = done, .n_values = 1, .is_tombstoned = true };

    (void)state;
    assert_int_equal(guard_judge(&c, &node, true), GUARD_WRITTEN);
    assert_int_equal(guard_judge(&c, &node, false), GUARD_CHANGED);
    /* With an addition on it: ours, and to be taken back. */
    node.n_values = 2;
    assert_int_equal(guard_judge(&c, &node, true), GUARD_WRITTEN);
    /* A host has cleared the mark. */
    node.is_tombstoned = false;
    assert_int_equal(guard_judge(&c, &node, true), GUARD_CHANGED);
}

static void of_a_node_with_survivors_only_exactly_these_are_our_write(void **state)
{
    struct bytes survivors[] = { text("fresh") }, now[] = { text("fresh"), text("added") };
    struct journal_node c = removal();
    struct dns_node node = { .values = now, .n_values = 1 };

    (void)state;
    c.new = survivors;
    c.is_tombstoned = false;
    assert_int_equal(guard_judge(&c, &node, true), GUARD_WRITTEN);
    node.n_values = 2;
    assert_int_equal(guard_judge(&c, &node, true), GUARD_CHANGED);
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
        test(an_untouched_node_is_written_and_any_other_is_not),
        test(our_own_write_is_known_again_only_where_one_was_sent),
        test(of_a_node_with_survivors_only_exactly_these_are_our_write),
        test(sets_are_equal_in_any_order_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
