#include <stdio.h>

#include "scavenger/plan.h"
#include "tests/unit/accounts.h"
#include "tests/unit/values.h"

#define NOW 3733279U
#define EDGE (NOW - 336)
#define STALE (EDGE - 1)

static const char *const controllers[] = { "dc1.ad.example.test" };
static const char *const globs[] = { "keep*" };
static const struct protection protection = { globs, 1, controllers, 1 };
static const struct plan_params params = { .protection = &protection, .now_h = NOW };

struct fixture {
    struct dns_zone zone;
    struct plan_builder *b;
    struct error e;
};

static void visit_node(struct fixture *f, const struct dns_node *node)
{
    assert_int_equal(plan_builder_visit(node, f->b, &f->e), OK);
}

static void visit(struct fixture *f, const char *name, struct bytes *values, size_t n)
{
    char *dn = talloc_asprintf(f, "DC=%s,DC=ad.example.test,CN=MicrosoftDNS", name);

    visit_node(f, &(struct dns_node){ .dn = dn, .name = name, .values = values, .n_values = n });
    talloc_free(dn);
}

/* A node with one A record. */
static void visit_a(struct fixture *f, const char *name, uint32_t stamp)
{
    struct bytes v = value_a(f, stamp, 1);

    visit(f, name, &v, 1);
    talloc_free((void *)v.data);
}

static struct zone_plan *finish(struct fixture *f, struct limit limit)
{
    struct zone_plan *p = NULL;

    assert_int_equal(plan_builder_finish(f, f->b, limit, 0, &p, &f->e), OK);
    assert_non_null(p);
    assert_ptr_equal(talloc_parent(p), f);
    TALLOC_FREE(f->b);
    return p;
}

static struct limit records(size_t n) { return (struct limit){ false, n, 0 }; }

static size_t sum_kept(const struct zone_plan *p)
{
    size_t sum = 0;

    for (int i = 0; i < REASON_COUNT; i++)
        sum += p->kept[i];
    return sum;
}

/* Most end in their zone's, which is not kept with each. */
static void a_node_keeps_its_dn(void **state)
{
    static const char zone_dn[] = "DC=ad.example.test,CN=MicrosoftDNS";
    static const char *const dns[] = {
        "DC=a,DC=ad.example.test,CN=MicrosoftDNS",  "DC=b\\,c,DC=ad.example.test,CN=MicrosoftDNS",
        "dns://ns1.example.test/c.ad.example.test", "DC=dDC=ad.example.test,CN=MicrosoftDNS",
        ",DC=ad.example.test,CN=MicrosoftDNS",      "DC=ad.example.test,CN=MicrosoftDNS",
        "DC=g,DC=AD.example.test,CN=MicrosoftDNS",
    };

    for (int with_zone = 0; with_zone < 2; with_zone++) {
        struct fixture *f = *state;
        struct bytes v = value_a(f, STALE, 1);
        struct plan_builder *b;
        struct zone_plan *p;

        f->zone.dn = with_zone ? zone_dn : NULL;
        b = plan_builder_new(f, &f->zone, &params);
        p = plan_builder_plan(b);
        for (size_t i = 0; i < sizeof dns / sizeof dns[0]; i++) {
            const struct dns_node node = { .dn = dns[i], .name = "x", .values = &v, .n_values = 1 };

            assert_int_equal(plan_builder_visit(&node, b, &f->e), OK);
            assert_string_equal(plan_node_dn(f, p, &p->nodes[i]), dns[i]);
        }
        if (with_zone)
            assert_string_equal(p->nodes[0].own_dn, "DC=a");
    }
}

static void an_empty_zone_has_an_empty_plan(void **state)
{
    struct fixture *f = *state;
    struct zone_plan *p = finish(f, limit_default());

    assert_int_equal(p->examined, 0);
    assert_int_equal(p->dynamic, 0);
    assert_int_equal(p->n_nodes, 0);
    assert_int_equal(p->n_removed, 0);
    assert_int_equal(sum_kept(p), 0);
    assert_int_equal(p->gate, GATE_OPEN);
    assert_false(p->is_over_limit);
    assert_ptr_equal(p->zone, &f->zone);
}

static void only_what_is_stale_leaves_and_all_values_are_kept_byte_for_byte(void **state)
{
    struct fixture *f = *state;
    struct zone_plan *p;
    struct plan_node *n;
    struct bytes values[] = {
        value_a(f, STALE, 0x0065),
        value_a(f, 0, 0x0066),
        value_aaaa(f, EDGE, 1),
        value_txt(f, STALE, "hello \"you\""),
        unhex(f, "00ff"),
    }, copies[5];

    /* Header fields that nobody understands have to survive as well. */
    ((uint8_t *)values[1].data)[6] = 0xaa;
    ((uint8_t *)values[1].data)[16] = 0xbb;
    for (int i = 0; i < 5; i++)
        copies[i] = bytes_dup(f, values[i]);
    visit(f, "pc17", values, 5);
    /* The node lives only during the visit. */
    for (int i = 0; i < 5; i++)
        memset((void *)values[i].data, 0x5a, values[i].len);
    memset(values, 0, sizeof values);
    p = finish(f, limit_default());

    assert_int_equal(p->n_nodes, 1);
    n = &p->nodes[0];
    assert_string_equal(n->name, "pc17");
    assert_string_equal(plan_node_dn(f, p, n), "DC=pc17,DC=ad.example.test,CN=MicrosoftDNS");
    assert_int_equal(n->n_values, 5);
    assert_int_equal(n->n_removed, 2);
    assert_int_equal(n->outcome, OUTCOME_PLANNED);
    assert_null(n->problem);
    for (int i = 0; i < 5; i++) {
        assert_bytes_equal(n->values[i].raw, copies[i]);
        assert_int_equal(n->values[i].is_removed, i == 0 || i == 3);
    }
    assert_int_equal(n->values[0].type, TYPE_A);
    assert_int_equal(n->values[0].ttl_s, 1200);
    assert_int_equal(n->values[0].timestamp_h, STALE);
    assert_string_equal(n->values[0].data, "10.53.0.101");
    assert_int_equal(n->values[3].type, TYPE_TXT);
    assert_string_equal(n->values[3].data, "\"hello \\\"you\\\"\"");
    assert_int_equal(p->n_removed, 2);
    assert_int_equal(p->examined, 5);
    assert_int_equal(p->kept[REASON_STATIC], 1);
    assert_int_equal(p->kept[REASON_FRESH], 1);
    assert_int_equal(p->kept[REASON_UNREADABLE], 1);
    assert_int_equal(sum_kept(p) + p->n_removed, p->examined);
}

static void survivors_or_else_the_tombstone_are_what_a_node_becomes(void **state)
{
    struct fixture *f = *state;
    struct bytes tombstone = unhex(f, "0102"), *result;
    struct bytes first = value_a(f, STALE, 1), second = value_a(f, EDGE, 2),
                 third = value_a(f, 0, 3);
    struct plan_value values[] = {
        { .raw = first, .is_removed = true },
        { .raw = second },
        { .raw = third },
    };
    struct plan_node n = { .values = values, .n_values = 3, .n_removed = 1 };
    bool is_tombstoned = true;
    size_t count;

    assert_int_equal(plan_node_result(arena_new(f), &n, tombstone, &result, &count, &is_tombstoned,
                                      &f->e),
                     OK);
    assert_int_equal(count, 2);
    assert_false(is_tombstoned);
    assert_bytes_equal(result[0], second);
    assert_bytes_equal(result[1], third);

    values[1].is_removed = values[2].is_removed = true;
    n.n_removed = 3;
    assert_int_equal(plan_node_result(arena_new(f), &n, tombstone, &result, &count, &is_tombstoned,
                                      &f->e),
                     OK);
    assert_int_equal(count, 1);
    assert_true(is_tombstoned);
    assert_bytes_equal(result[0], tombstone);
}

static void an_unreadable_value_keeps_its_node_from_being_tombstoned(void **state)
{
    struct fixture *f = *state;
    struct bytes values[] = { value_a(f, STALE, 1), unhex(f, "ff") }, *result;
    struct zone_plan *p;
    bool is_tombstoned = true;
    size_t count;

    visit(f, "pc17", values, 2);
    p = finish(f, limit_default());
    assert_int_equal(plan_node_result(arena_new(f), &p->nodes[0], unhex(f, "00"), &result, &count,
                                      &is_tombstoned, &f->e),
                     OK);
    assert_false(is_tombstoned);
    assert_int_equal(count, 1);
    assert_bytes_equal(result[0], unhex(f, "ff"));
}

static void every_record_is_counted_once_under_its_reason(void **state)
{
    struct fixture *f = *state;
    struct bytes soa = value(f, TYPE_SOA, STALE, unhex(f, "00")),
                 bad = value(f, TYPE_A, STALE, unhex(f, "0a"));
    struct bytes both[] = { value_a(f, STALE, 1), value_a(f, STALE, 2) };
    struct bytes to_dc = value_name(f, TYPE_CNAME, STALE, "DC1.ad.example.test");
    struct bytes tombstone = value(f, TYPE_TOMBSTONE, 0, unhex(f, "0000000000000000"));
    struct zone_plan *p;

    visit_a(f, "static", 0);
    visit(f, "foreign", &soa, 1);
    visit(f, "bad", &bad, 1);
    visit_a(f, "@", STALE);
    visit_a(f, "keep1", STALE);
    visit_a(f, "dc1", STALE);
    visit(f, "www", &to_dc, 1);
    visit_a(f, "future", NOW + 1);
    visit_a(f, "fresh", NOW);
    visit_a(f, "edge", EDGE);
    visit(f, "stale", both, 2);
    visit_node(f,
               &(struct dns_node){
                   .dn = "x", .name = "cnf", .is_conflict = true, .values = both, .n_values = 2 });
    visit_node(f,
               &(struct dns_node){
                   .dn = "x", .name = "del", .is_deleted = true, .values = both, .n_values = 2 });
    visit_node(f, &(struct dns_node){ .dn = "x", .name = "none" });
    visit_node(f, &(struct dns_node){ .dn = "x",
                                      .name = "gone",
                                      .is_tombstoned = true,
                                      .values = &tombstone,
                                      .n_values = 1 });
    p = finish(f, limit_default());
    assert_int_equal(p->kept[REASON_STATIC], 1);
    assert_int_equal(p->kept[REASON_FOREIGN_TYPE], 1);
    assert_int_equal(p->kept[REASON_UNREADABLE], 1);
    assert_int_equal(p->kept[REASON_PROTECTED], 4);
    assert_int_equal(p->kept[REASON_CONFLICT_OBJECT], 4);
    assert_int_equal(p->kept[REASON_FUTURE], 1);
    assert_int_equal(p->kept[REASON_FRESH], 2);
    assert_int_equal(p->kept[REASON_ZONE_GATE], 0);
    assert_int_equal(p->kept[REASON_STALE], 0);
    assert_int_equal(p->n_removed, 2);
    assert_int_equal(p->n_nodes, 1);
    assert_int_equal(p->dynamic, 5);
    assert_int_equal(sum_kept(p) + p->n_removed, p->examined);
}

static void a_tombstoned_node_is_left_to_the_server(void **state)
{
    struct fixture *f = *state;
    struct bytes live = value_a(f, STALE, 1);
    struct zone_plan *p;

    visit_node(
        f, &(struct dns_node){
               .dn = "x", .name = "odd", .is_tombstoned = true, .values = &live, .n_values = 1 });
    p = finish(f, limit_default());
    assert_int_equal(p->n_nodes, 0);
    assert_int_equal(p->n_removed, 0);
    assert_int_equal(sum_kept(p), p->examined);
}

static void a_gated_zone_has_no_plan_and_tells_how_much_is_stale(void **state)
{
    struct fixture *f = *state;
    struct bytes three[] = { value_a(f, STALE, 1), value_a(f, 0, 2), value_aaaa(f, STALE, 3) };
    struct zone_plan *p;

    f->zone.aging.is_enabled = false;
    visit(f, "pc1", three, 3);
    visit_a(f, "pc2", STALE);
    visit_a(f, "pc3", NOW);
    p = finish(f, records(0));
    assert_int_equal(p->gate, GATE_AGING_OFF);
    assert_int_equal(p->n_nodes, 0);
    assert_int_equal(p->n_removed, 0);
    assert_int_equal(p->kept[REASON_ZONE_GATE], 3);
    assert_int_equal(p->kept[REASON_STALE], 0);
    assert_int_equal(p->kept[REASON_FRESH], 1);
    assert_int_equal(p->kept[REASON_STATIC], 1);
    assert_int_equal(p->examined, 5);
    assert_int_equal(sum_kept(p), p->examined);
    /* A zone that loses nothing is not over any limit. */
    assert_false(p->is_over_limit);
}

static void one_stamp_on_most_records_shuts_the_zone(void **state)
{
    struct fixture *f = *state;
    struct zone_plan *p;

    for (uint32_t i = 0; i < 30; i++) {
        char *name = talloc_asprintf(f, "pc%u", i);

        visit_a(f, name, i < 16 ? STALE : NOW - i);
    }
    /* Static and protected records have no part in it. */
    for (uint32_t i = 0; i < 100; i++)
        visit_a(f, i % 2 ? "keep2" : "srv", i % 2 ? NOW - 50 - i : 0);
    p = finish(f, limit_default());
    assert_int_equal(p->gate, GATE_ONE_STAMP);
    assert_int_equal(p->n_nodes, 0);
    assert_int_equal(p->kept[REASON_ZONE_GATE], 16);
    assert_int_equal(sum_kept(p), 130);
}

struct gates_seen {
    enum gate gate;
    enum gate with_static;
};

/* What the gates make of 30 old addresses of one stamp, then of none, that one account owns. */
static struct gates_seen gates_of(struct fixture *f, const char *owner)
{
    struct computers *c = computers_new(f, sid(f, 0));
    struct plan_params with = params;
    struct gates_seen seen = { 0 };

    add(c, 1000, "dc1.ad.example.test", "DC1$", NOW, 0x82000);
    add(c, 1001, "dhcp.ad.example.test", "DHCP$", NOW, 0x1000);
    add(c, 1002, "hidden.ad.example.test", "HIDDEN$", NOW, 0);
    assert_int_equal(computers_seal(c, NULL), OK);
    with.computers = c;
    for (int is_static = 0; is_static < 2; is_static++) {
        struct plan_builder *b = plan_builder_new(f, &f->zone, &with);

        for (uint32_t i = 0; i < 60; i++) {
            struct bytes v = value_a(f, i < 30 ? is_static ? 0 : STALE : STALE - i, 1);
            char *name = talloc_asprintf(f, "pc%u", i);
            struct dns_node node = { .dn = "DC=x", .name = name, .values = &v, .n_values = 1 };

            /* The others are people's. */
            if (i >= 30 && !is_static)
                continue;
            node.owner_sid = i < 30 ? owner : "S-1-5-32-544";
            assert_int_equal(plan_builder_visit(&node, b, &f->e), OK);
        }
        *(is_static ? &seen.with_static : &seen.gate) = plan_builder_gate(b, 0);
    }
    return seen;
}

static void a_member_registers_what_it_owns_and_a_controller_does_not(void **state)
{
    static const struct {
        const char *owner;
        enum gate gate;
        enum gate with_static;
    } table[] = {
        { DOMAIN "-1001", GATE_OPEN, GATE_INVERTED },
        /* On Samba it owns what administrators enter, who do so without a timestamp. */
        { DOMAIN "-1000", GATE_ONE_STAMP, GATE_OPEN },
        /* What it is may not be read: either gate is shut. */
        { DOMAIN "-1002", GATE_ONE_STAMP, GATE_INVERTED },
        { DOMAIN "-9999", GATE_ONE_STAMP, GATE_OPEN },
        { NULL, GATE_ONE_STAMP, GATE_OPEN },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct gates_seen seen = gates_of(*state, table[i].owner);

        if (seen.gate != table[i].gate || seen.with_static != table[i].with_static)
            fail_msg("%s: %d, static %d", table[i].owner ? table[i].owner : "nobody", seen.gate,
                     seen.with_static);
    }
}

static void the_limit_is_passed_by_one_record_too_many(void **state)
{
    static const struct {
        struct limit limit;
        size_t stale, fresh;
        size_t may;
        bool is_over;
    } table[] = {
        { { false, 3, 0 }, 3, 10, 3, false },   { { false, 3, 0 }, 4, 10, 3, true },
        { { false, 0, 0 }, 0, 10, 0, false },   { { false, 0, 0 }, 1, 10, 0, true },
        { { true, 10, 0 }, 2, 18, 2, false },   { { true, 10, 0 }, 2, 17, 1, true },
        { { true, 10, 20 }, 20, 0, 20, false }, { { true, 10, 20 }, 21, 0, 20, true },
        { { true, 100, 0 }, 25, 0, 25, false }, { { true, 0, 0 }, 1, 99, 0, true },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct fixture *f = *state;
        struct zone_plan *p;

        f->b = plan_builder_new(f, &f->zone, &params);
        for (size_t k = 0; k < table[i].stale; k++)
            visit_a(f, "old", (uint32_t)(STALE - k));
        for (size_t k = 0; k < table[i].fresh; k++)
            visit_a(f, "new", (uint32_t)(NOW - k));
        p = finish(f, table[i].limit);
        assert_int_equal(p->dynamic, table[i].stale + table[i].fresh);
        assert_int_equal(p->limit, table[i].may);
        if (p->is_over_limit != table[i].is_over)
            fail_msg("%zu stale of %zu", table[i].stale, p->dynamic);
        /* The plan is there to be printed, also where it is refused. */
        assert_int_equal(p->n_removed, table[i].stale);
        assert_int_equal(p->n_nodes, table[i].stale);
    }
}

static void static_and_protected_records_do_not_raise_the_limit(void **state)
{
    struct fixture *f = *state;
    struct zone_plan *p;

    for (uint32_t i = 0; i < 1000; i++)
        visit_a(f, i % 2 ? "keep" : "srv", i % 2 ? NOW - i : 0);
    visit_a(f, "pc1", STALE);
    p = finish(f, (struct limit){ true, 50, 0 });
    assert_int_equal(p->dynamic, 1);
    assert_int_equal(p->limit, 0);
    assert_true(p->is_over_limit);
}

static void reverse_zones_are_judged_by_their_targets(void **state)
{
    struct fixture *f = *state;
    struct bytes dc = value_name(f, TYPE_PTR, STALE, "DC1.AD.example.test");
    struct bytes pc = value_name(f, TYPE_PTR, STALE, "pc17.ad.example.test");
    struct zone_plan *p;

    f->zone.name = "0.53.10.in-addr.arpa";
    visit(f, "1", &dc, 1);
    visit(f, "17", &pc, 1);
    p = finish(f, limit_default());
    assert_int_equal(p->n_nodes, 1);
    assert_string_equal(p->nodes[0].name, "17");
    assert_string_equal(p->nodes[0].values[0].data, "pc17.ad.example.test.");
    assert_int_equal(p->kept[REASON_PROTECTED], 1);
}

static void memory_does_not_grow_with_what_is_kept_in_the_zone(void **state)
{
    struct fixture *f = *state;
    struct bytes values[4];
    size_t before = 0;

    for (uint32_t i = 0; i < 100000; i++) {
        if (i == 1000)
            before = talloc_total_size(f->b);
        values[0] = value_a(f, NOW - i % 300, 1);
        values[1] = value_aaaa(f, NOW - i % 300, 1);
        values[2] = value_name(f, TYPE_PTR, NOW - i % 300, "pc17.ad.example.test");
        values[3] = unhex(f, "00");
        visit(f, "pc", values, 4);
        for (int k = 0; k < 4; k++)
            talloc_free((void *)values[k].data);
    }
    assert_int_equal(talloc_total_size(f->b), before);
    assert_int_equal(finish(f, limit_default())->examined, 400000);
}

static void what_is_planned_costs_little_more_than_its_bytes(void **state)
{
    struct fixture *f = *state;
    size_t before, each;

    visit_a(f, "pc000000", STALE);
    before = talloc_total_size(f->b);
    for (int i = 0; i < 16384; i++) {
        char name[16];

        snprintf(name, sizeof name, "pc%06d", i);
        visit_a(f, name, STALE - (uint32_t)i % 5000);
    }
    each = (talloc_total_size(f->b) - before) / 16384;
    /* Two structures, the DN, the name, the value's 28 bytes and its text. */
    assert_in_range(each, 100, 350);
}

static void many_nodes_are_planned_in_the_order_of_their_names(void **state)
{
    struct fixture *f = *state;
    struct zone_plan *p;

    /* The directory has no order. */
    for (uint32_t k = 0; k < 5000; k++) {
        uint32_t i = k * 2999 % 5000;
        char *name = talloc_asprintf(f, "pc%04u", i);

        visit_a(f, name, STALE - i);
        talloc_free(name);
    }
    p = finish(f, records(5000));
    assert_int_equal(p->n_nodes, 5000);
    for (uint32_t i = 0; i < 5000; i += 499) {
        char *name = talloc_asprintf(f, "pc%04u", i);

        assert_string_equal(p->nodes[i].name, name);
        assert_int_equal(p->nodes[i].values[0].timestamp_h, STALE - i);
    }
    assert_false(p->is_over_limit);
}

static void outcome_names_are_the_codes_of_the_contract(void **state)
{
    static const char *const names[] = {
        [OUTCOME_PLANNED] = "planned",
        [OUTCOME_DELETED] = "deleted",
        [OUTCOME_RESTORED] = "restored",
        [OUTCOME_ALREADY_THERE] = "already-there",
        [OUTCOME_REFRESHED] = "refreshed-meanwhile",
        [OUTCOME_CONFLICT] = "conflict",
        [OUTCOME_GONE] = "gone",
        [OUTCOME_DENIED] = "access-denied",
        [OUTCOME_FAILED] = "failed",
        [OUTCOME_UNKNOWN] = "unknown",
    };
    enum outcome got = OUTCOME_GONE;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_string_equal(outcome_name((enum outcome)i), names[i]);
        assert_true(outcome_parse(names[i], &got));
        assert_int_equal(got, i);
    }
    got = OUTCOME_GONE;
    assert_false(outcome_parse("", &got));
    assert_false(outcome_parse("Deleted", &got));
    assert_false(outcome_parse("deleted ", &got));
    assert_false(outcome_parse("internal", &got));
    assert_int_equal(got, OUTCOME_GONE);
}

static void ages_and_what_comes_next_are_counted_as_records_stream_by(void **state)
{
    struct fixture *f = *state;
    struct zone_plan *p;
    size_t sum = 0;

    visit_a(f, "static", 0);
    visit_a(f, "future", NOW + 5);
    visit_a(f, "new", NOW);
    visit_a(f, "edge", EDGE);
    visit_a(f, "stale", STALE);
    visit_a(f, "old", NOW - 9000);
    p = finish(f, limit_default());
    for (size_t i = 0; i < AGE_STEPS; i++)
        sum += p->ages[i];
    assert_int_equal(sum, p->dynamic);
    assert_int_equal(p->ages[0], 2); /* new, future */
    assert_int_equal(p->ages[AGE_STEPS - 1], 1);
    /* What is stale already, static or of the future is no forecast. */
    assert_int_equal(p->stale_soon, 2);
}

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    if (!f)
        return 1;
    f->zone = (struct dns_zone){
        .name = "ad.example.test",
        .zone_type = 1,
        .aging = { .is_enabled = true, .no_refresh_h = 168, .refresh_h = 168 },
        .change = { .source = ZONE_CHANGE_EXACT },
    };
    f->b = plan_builder_new(f, &f->zone, &params);
    *state = f;
    return !f->b;
}

static int teardown(void **state) { return talloc_free(*state); }

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(ages_and_what_comes_next_are_counted_as_records_stream_by),
        T(a_node_keeps_its_dn),
        T(an_empty_zone_has_an_empty_plan),
        T(only_what_is_stale_leaves_and_all_values_are_kept_byte_for_byte),
        T(survivors_or_else_the_tombstone_are_what_a_node_becomes),
        T(an_unreadable_value_keeps_its_node_from_being_tombstoned),
        T(every_record_is_counted_once_under_its_reason),
        T(a_tombstoned_node_is_left_to_the_server),
        T(a_gated_zone_has_no_plan_and_tells_how_much_is_stale),
        T(one_stamp_on_most_records_shuts_the_zone),
        T(a_member_registers_what_it_owns_and_a_controller_does_not),
        T(the_limit_is_passed_by_one_record_too_many),
        T(static_and_protected_records_do_not_raise_the_limit),
        T(reverse_zones_are_judged_by_their_targets),
        T(memory_does_not_grow_with_what_is_kept_in_the_zone),
        T(what_is_planned_costs_little_more_than_its_bytes),
        T(many_nodes_are_planned_in_the_order_of_their_names),
        T(outcome_names_are_the_codes_of_the_contract),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
