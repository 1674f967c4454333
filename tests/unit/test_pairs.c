#include "scavenger/pairs.h"
#include "tests/unit/values.h"

#include <stdio.h>

#define NOW 3733279U
#define FRESH (NOW - 5)
#define STALE (NOW - 400)

static const struct dns_zone forward = { .name = "ad.example.test",
                                         .zone_type = 1,
                                         .aging = { true, 168, 168, 0 } };
static const struct dns_zone parent = { .name = "example.test",
                                        .zone_type = 1,
                                        .aging = { true, 168, 168, 0 } };
static const struct dns_zone sleeping = { .name = "old.example.test",
                                          .zone_type = 1,
                                          .aging = { false, 168, 168, 0 } };
static const struct dns_zone reverse = { .name = "53.10.in-addr.arpa",
                                         .zone_type = 1,
                                         .aging = { true, 168, 168, 0 } };

static struct ip ip_of(const char *text)
{
    struct ip ip;

    assert_true(ip_parse(text, &ip));
    return ip;
}

static struct dns_node node_of(const char *name, struct bytes *values, size_t n)
{
    return (struct dns_node){ .dn = "DC=x", .name = name, .values = values, .n_values = n };
}

static void add(struct pairs *p, const struct dns_zone *zone, const char *name, struct bytes value)
{
    struct dns_node node = node_of(name, &value, 1);

    assert_int_equal(pairs_add(p, zone, &node, NULL), OK);
}

static enum pair_life life(const struct pairs *p, const char *name, const char *address)
{
    return pairs_find(p, name, ip_of(address)).life;
}

static void an_address_is_worth_what_its_stamp_and_zone_make_of_it(void **state)
{
    struct pairs *p = pairs_new(*state, NOW);

    add(p, &forward, "fresh", value_a(p, FRESH, 1));
    add(p, &forward, "edge", value_a(p, NOW - 336, 2));
    add(p, &forward, "stale", value_a(p, NOW - 337, 3));
    add(p, &forward, "static", value_a(p, 0, 4));
    add(p, &forward, "future", value_a(p, NOW + 1, 5));
    add(p, &sleeping, "pc", value_a(p, STALE, 6));
    add(p, &forward, "six", value_aaaa(p, FRESH, 7));
    assert_int_equal(pairs_seal(p, NULL), OK);
    assert_int_equal(pairs_count(p), 7);
    assert_int_equal(life(p, "fresh.ad.example.test", "10.53.0.1"), PAIR_FRESH);
    assert_int_equal(life(p, "edge.ad.example.test", "10.53.0.2"), PAIR_FRESH);
    assert_int_equal(life(p, "stale.ad.example.test", "10.53.0.3"), PAIR_STALE);
    assert_int_equal(life(p, "static.ad.example.test", "10.53.0.4"), PAIR_STATIC);
    assert_int_equal(life(p, "future.ad.example.test", "10.53.0.5"), PAIR_UNKNOWN);
    assert_int_equal(life(p, "pc.old.example.test", "10.53.0.6"), PAIR_UNKNOWN);
    assert_int_equal(life(p, "six.ad.example.test", "fd53::7"), PAIR_FRESH);

    assert_int_equal(life(p, "fresh.ad.example.test", "10.53.0.2"), PAIR_NONE);
    assert_int_equal(life(p, "fresh.example.test", "10.53.0.1"), PAIR_NONE);
    assert_int_equal(life(p, "ad.example.test", "10.53.0.1"), PAIR_NONE);
    assert_int_equal(life(p, "elsewhere.test", "10.53.0.1"), PAIR_NONE);
    assert_int_equal(pairs_find(p, "stale.ad.example.test", ip_of("10.53.0.3")).timestamp_h,
                     NOW - 337);
}

static void a_name_is_held_by_the_nearest_zone_unless_that_delegates_it(void **state)
{
    static const struct dns_zone stub = { .name = "stub.ad.example.test", .zone_type = 3 };
    static const struct dns_zone child = { .name = "here.ad.example.test", .zone_type = 1 };
    static const struct {
        const char *name;
        bool is_held;
    } table[] = {
        { "pc.ad.example.test", true },
        { "a.b.ad.example.test", true },
        { "ad.example.test", true },
        { "there.ad.example.test", false },
        { "pc.there.ad.example.test", false },
        { "a.b.there.ad.example.test", false },
        { "xthere.ad.example.test", true },
        { "pc.here.ad.example.test", true },
        { "pc.stub.ad.example.test", false },
        { "gone.ad.example.test", true },
        { "pc.moved.ad.example.test", true },
        { "pc.example.test", false },
        { "elsewhere.test", false },
        { "test", false },
        { "pc", false },
    };
    struct pairs *p = pairs_new(*state, NOW);
    struct bytes ns = value_name(p, TYPE_NS, 0, "ns.elsewhere.test");
    struct dns_node conflict = node_of("moved", &ns, 1);

    assert_int_equal(pairs_add_zone(p, &stub, NULL), OK);
    assert_int_equal(pairs_add_zone(p, &child, NULL), OK);
    add(p, &forward, "@", ns);
    add(p, &forward, "zz", ns);
    add(p, &forward, "there", ns);
    add(p, &forward, "here", ns); /* to servers that are these */
    for (int i = 0; i < 40; i++)
        add(p, &forward, talloc_asprintf(p, "many%d", i), ns);
    conflict.is_conflict = true;
    assert_int_equal(pairs_add(p, &forward, &conflict, NULL), OK);
    assert_int_equal(pairs_add_zone(p, &forward, NULL), OK);
    assert_int_equal(pairs_seal(p, NULL), OK);
    assert_int_equal(pairs_count(p), 0);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (pairs_holds(p, table[i].name) != table[i].is_held)
            fail_msg("%s", table[i].name);
    }
    for (int i = 0; i < 40; i++)
        assert_false(pairs_holds(p, talloc_asprintf(p, "pc.many%d.ad.example.test", i)));
}

static void a_name_is_found_in_every_zone_that_can_hold_it(void **state)
{
    struct pairs *p = pairs_new(*state, NOW);

    add(p, &parent, "pc.ad", value_a(p, FRESH, 1));
    add(p, &forward, "pc", value_a(p, STALE, 1));
    add(p, &forward, "@", value_a(p, FRESH, 9));
    assert_int_equal(pairs_seal(p, NULL), OK);
    assert_int_equal(life(p, "pc.ad.example.test", "10.53.0.1"), PAIR_FRESH);
    assert_int_equal(life(p, "ad.example.test", "10.53.0.9"), PAIR_FRESH);
}

static void the_liveliest_address_of_a_family_speaks_for_the_name(void **state)
{
    struct pairs *p = pairs_new(*state, NOW);
    struct bytes values[] = { value_a(p, STALE, 1), value_a(p, FRESH, 2), value_aaaa(p, STALE, 3),
                              value_txt(p, FRESH, "x") };
    struct dns_node node = node_of("pc", values, 4);

    assert_int_equal(pairs_add(p, &forward, &node, NULL), OK);
    assert_int_equal(pairs_seal(p, NULL), OK);
    assert_int_equal(pairs_of_name(p, "pc.ad.example.test", AF_INET).life, PAIR_FRESH);
    assert_int_equal(pairs_of_name(p, "pc.ad.example.test", AF_INET6).life, PAIR_STALE);
    assert_int_equal(pairs_of_name(p, "pc.ad.example.test", 0).life, PAIR_FRESH);
    assert_int_equal(pairs_of_name(p, "pc2.ad.example.test", 0).life, PAIR_NONE);
}

static void what_is_no_living_object_or_no_address_is_not_counted(void **state)
{
    struct pairs *p = pairs_new(*state, NOW);
    struct bytes value_ = value_a(p, FRESH, 1);
    struct dns_node node = node_of("pc", &value_, 1);

    node.is_tombstoned = true;
    assert_int_equal(pairs_add(p, &forward, &node, NULL), OK);
    node = node_of("pc", &value_, 1);
    node.is_conflict = true;
    assert_int_equal(pairs_add(p, &forward, &node, NULL), OK);
    node = node_of("pc", &value_, 1);
    node.is_deleted = true;
    assert_int_equal(pairs_add(p, &forward, &node, NULL), OK);
    add(p, &forward, "short", (struct bytes){ value_.data, 20 });
    add(p, &forward, "bad", value(p, TYPE_A, FRESH, (struct bytes){ (const uint8_t *)"abcde", 5 }));
    add(p, &forward, "bad",
        value(p, TYPE_AAAA, FRESH, (struct bytes){ (const uint8_t *)"abcd", 4 }));
    assert_int_equal(pairs_seal(p, NULL), OK);
    assert_int_equal(pairs_count(p), 0);
    assert_int_equal(life(p, "pc.ad.example.test", "10.53.0.1"), PAIR_NONE);
}

static void add_reverse(struct pairs *p, const char *name, struct bytes value)
{
    struct dns_node node = node_of(name, &value, 1);

    assert_int_equal(pairs_add_reverse(p, &reverse, &node, NULL), OK);
}

static bool is_reverse_fresh(const struct pairs *p, const char *name, const char *address)
{
    return pairs_find(p, name, ip_of(address)).is_reverse_fresh;
}

static void only_a_fresh_ptr_of_that_address_speaks_for_it(void **state)
{
    struct pairs *p = pairs_new(*state, NOW);

    static const char *const names[] = { "a", "b", "c", "d", "e", "f" };

    for (uint16_t i = 0; i < 6; i++)
        add(p, &forward, names[i], value_a(p, STALE, i + 1));
    assert_int_equal(pairs_seal(p, NULL), OK);
    add_reverse(p, "1.0", value_name(p, TYPE_PTR, FRESH, "A.ad.example.test"));
    add_reverse(p, "2.0", value_name(p, TYPE_PTR, STALE, "b.ad.example.test"));
    add_reverse(p, "3.0", value_name(p, TYPE_PTR, 0, "c.ad.example.test"));
    add_reverse(p, "9.0", value_name(p, TYPE_PTR, FRESH, "d.ad.example.test"));
    add_reverse(p, "5.0", value_name(p, TYPE_CNAME, FRESH, "e.ad.example.test"));
    add_reverse(p, "6", value_name(p, TYPE_PTR, FRESH, "f.ad.example.test"));
    assert_true(is_reverse_fresh(p, "a.ad.example.test", "10.53.0.1"));
    assert_false(is_reverse_fresh(p, "b.ad.example.test", "10.53.0.2"));
    assert_false(is_reverse_fresh(p, "c.ad.example.test", "10.53.0.3"));
    assert_false(is_reverse_fresh(p, "d.ad.example.test", "10.53.0.4"));
    assert_false(is_reverse_fresh(p, "e.ad.example.test", "10.53.0.5"));
    assert_false(is_reverse_fresh(p, "f.ad.example.test", "10.53.0.6"));
}

static enum err note_duplicate(const struct duplicate *d, void *priv, struct error *e)
{
    char text[IP_TEXT_MAX];
    char **said = priv;

    (void)e;
    *said = talloc_asprintf_append(*said, "%s: %s.%s %s.%s; ", ip_format(d->address, text),
                                   d->other_name, d->other_zone->name, d->name, d->zone->name);
    return OK;
}

static void duplicates_are_two_fresh_names_on_one_address(void **state)
{
    struct pairs *p = pairs_new(*state, NOW);
    char *said = talloc_strdup(p, "");
    struct bytes twice[] = { value_a(p, FRESH, 5), value_a(p, FRESH - 1, 5) };
    struct dns_node node = node_of("same", twice, 2);

    add(p, &forward, "a", value_a(p, FRESH, 1));
    add(p, &parent, "a", value_a(p, FRESH, 1));
    add(p, &forward, "b", value_a(p, FRESH, 2));
    add(p, &forward, "c", value_a(p, STALE, 2));
    add(p, &forward, "d", value_a(p, 0, 2));
    add(p, &sleeping, "e", value_a(p, FRESH, 2));
    assert_int_equal(pairs_add(p, &forward, &node, NULL), OK);
    add(p, &forward, "x", value_aaaa(p, FRESH, 1));
    add(p, &forward, "y", value_aaaa(p, FRESH, 1));
    assert_int_equal(pairs_seal(p, NULL), OK);
    assert_int_equal(pairs_duplicates(p, note_duplicate, &said, NULL), OK);
    assert_string_equal(said, "10.53.0.1: a.ad.example.test a.example.test; "
                              "fd53::1: x.ad.example.test y.ad.example.test; ");
}

static void an_address_takes_at_most_40_bytes(void **state)
{
    struct pairs *p = pairs_new(*state, NOW);
    char name[16];

    for (uint32_t i = 0; i < 200000; i++) {
        struct bytes values[] = { value_a(*state, FRESH, (uint16_t)i),
                                  value_aaaa(*state, FRESH, 1) };
        struct dns_node node = node_of(name, values, i % 3 == 0 ? 2 : 1);

        snprintf(name, sizeof name, "pc%06u", i);
        assert_int_equal(pairs_add(p, &forward, &node, NULL), OK);
        talloc_free((void *)values[0].data);
        talloc_free((void *)values[1].data);
    }
    assert_int_equal(pairs_seal(p, NULL), OK);
    assert_true(talloc_total_size(p) <= 40 * pairs_count(p));
    assert_int_equal(life(p, "pc123456.ad.example.test", "10.53.226.64"), PAIR_FRESH);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_address_is_worth_what_its_stamp_and_zone_make_of_it),
        T(a_name_is_held_by_the_nearest_zone_unless_that_delegates_it),
        T(a_name_is_found_in_every_zone_that_can_hold_it),
        T(the_liveliest_address_of_a_family_speaks_for_the_name),
        T(what_is_no_living_object_or_no_address_is_not_counted),
        T(only_a_fresh_ptr_of_that_address_speaks_for_it),
        T(duplicates_are_two_fresh_names_on_one_address),
        T(an_address_takes_at_most_40_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
