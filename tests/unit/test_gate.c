#include "base/clock.h"
#include "scavenger/gate.h"
#include "tests/unit/unit.h"

#define NOW 3733279U

static struct dns_zone open_zone(void)
{
    return (struct dns_zone){
        .name = "ad.example.test",
        .zone_type = 1,
        .update = ZONE_UPDATE_SECURE,
        .aging = { .is_enabled = true, .no_refresh_h = 168, .refresh_h = 168 },
        .change = { .source = ZONE_CHANGE_EXACT },
    };
}

static enum gate judge(const struct dns_zone *z, const struct stamp_count *s)
{
    const struct gate_inputs in = { .zone = z, .stamps = s, .now_h = NOW };

    return gate_judge(&in, 0);
}

static char *explain(TALLOC_CTX *mem, enum gate g, const struct dns_zone *z,
                     const struct stamp_count *s, struct stamp_owners owners)
{
    const struct gate_inputs in = { z, s, owners, NOW };

    return gate_explain(mem, g, &in);
}

/* total stamps, of which `same` are one and the same and the rest all differ. */
static struct stamp_count *stamps(TALLOC_CTX *mem, size_t total, size_t same)
{
    struct stamp_count *s = stamp_count_new(mem);
    struct error e = { 0 };

    assert_non_null(s);
    for (size_t i = 0; i < total; i++)
        assert_int_equal(stamp_count_add(s, i < same ? 3700000 : (uint32_t)(3600000 + i),
                                         STAMP_OWNER_OTHER, &e),
                         OK);
    return s;
}

static void a_zone_with_nothing_against_it_is_open(void **state)
{
    struct dns_zone z = open_zone();

    assert_int_equal(judge(&z, stamps(*state, 0, 0)), GATE_OPEN);
    assert_int_equal(judge(&z, stamps(*state, 1000, 3)), GATE_OPEN);
    assert_null(gate_name(GATE_OPEN));
    assert_null(explain(*state, GATE_OPEN, &z, stamps(*state, 0, 0), (struct stamp_owners){ 0 }));
}

static void only_primary_zones_are_open(void **state)
{
    static const uint32_t others[] = { 0, 2, 3, 4, 5, 0x101, UINT32_MAX };
    struct dns_zone z = open_zone();

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        z.zone_type = others[i];
        assert_int_equal(judge(&z, stamps(*state, 0, 0)), GATE_NOT_PRIMARY);
    }
}

static void aging_must_be_on(void **state)
{
    struct dns_zone z = open_zone();

    z.aging.is_enabled = false;
    assert_int_equal(judge(&z, stamps(*state, 0, 0)), GATE_AGING_OFF);
}

static void hosts_get_the_time_the_zone_promises_them(void **state)
{
    struct dns_zone z = open_zone();
    struct stamp_count *s = stamps(*state, 0, 0);

    z.aging.scavenge_after_h = NOW + 1;
    assert_int_equal(judge(&z, s), GATE_TOO_RECENT);
    z.aging.scavenge_after_h = UINT32_MAX;
    assert_int_equal(judge(&z, s), GATE_TOO_RECENT);
    z.aging.scavenge_after_h = NOW;
    assert_int_equal(judge(&z, s), GATE_OPEN);
    z.aging.scavenge_after_h = NOW - 1;
    assert_int_equal(judge(&z, s), GATE_OPEN);
    z.aging.scavenge_after_h = 0;
    assert_int_equal(judge(&z, s), GATE_OPEN);
}

static int64_t at_hour(uint32_t hours) { return clock_unix_from_hours(hours); }

/* Samba's tools switch aging on without saying from when on to scavenge. */
static void a_change_of_settings_gives_hosts_a_refresh_interval(void **state)
{
    static const struct {
        uint32_t changed_h, named_h;
        enum gate want;
    } table[] = {
        { NOW, 0, GATE_TOO_RECENT },
        { NOW - 167, 0, GATE_TOO_RECENT },
        { NOW - 168, 0, GATE_OPEN },
        { NOW + 1000, 0, GATE_TOO_RECENT }, /* somebody's clock was wrong */
        { NOW - 168, NOW + 1, GATE_TOO_RECENT },
        { NOW - 1, NOW - 100, GATE_TOO_RECENT }, /* switched off and on since */
        { NOW - 5000, NOW - 4832, GATE_OPEN },
    };
    static const enum zone_change_source sources[] = { ZONE_CHANGE_EXACT, ZONE_CHANGE_AT_LATEST };
    struct dns_zone z = open_zone();
    struct stamp_count *s = stamps(*state, 0, 0);

    z.aging.no_refresh_h = 24; /* only refresh counts */
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        for (size_t k = 0; k < 2; k++) {
            z.aging.scavenge_after_h = table[i].named_h;
            z.change = (struct zone_change){ sources[k], at_hour(table[i].changed_h), 2 };
            assert_int_equal(judge(&z, s), table[i].want);
            assert_int_equal(gate_scavenge_from_h(&z, NOW) == 0, table[i].want == GATE_OPEN);
        }
    }
}

static void a_zone_that_does_not_say_when_it_was_changed_is_shut(void **state)
{
    struct dns_zone z = open_zone();
    struct stamp_count *s = stamps(*state, 0, 0);
    const struct gate_inputs in = { .zone = &z, .stamps = s, .now_h = NOW };

    z.change.source = ZONE_CHANGE_UNREAD;
    assert_int_equal(judge(&z, s), GATE_TOO_RECENT);
    z.aging.scavenge_after_h = NOW - 5000;
    assert_int_equal(judge(&z, s), GATE_TOO_RECENT);
    assert_non_null(strstr(explain(*state, GATE_TOO_RECENT, &z, s, (struct stamp_owners){ 0 }),
                           "cannot be read"));
    assert_int_equal(gate_judge(&in, GATE_BIT(GATE_TOO_RECENT)), GATE_OPEN);
    /* Nobody can say when that is over. */
    assert_int_equal(gate_scavenge_from_h(&z, NOW), 0);
}

static void where_aging_is_off_its_change_is_not_looked_at(void **state)
{
    struct dns_zone z = open_zone();
    struct stamp_count *s = stamps(*state, 0, 0);
    const struct gate_inputs in = { .zone = &z, .stamps = s, .now_h = NOW };

    z.change = (struct zone_change){ ZONE_CHANGE_EXACT, at_hour(NOW), 2 };
    assert_int_equal(gate_judge(&in, GATE_BIT(GATE_AGING_OFF)), GATE_TOO_RECENT);
    z.aging.is_enabled = false;
    assert_int_equal(gate_judge(&in, GATE_BIT(GATE_AGING_OFF)), GATE_OPEN);
}

static void it_is_said_how_the_change_is_known(void **state)
{
    struct stamp_count *s = stamps(*state, 0, 0);
    struct stamp_owners none = { 0 };
    struct dns_zone z = open_zone();
    char *text;

    z.change = (struct zone_change){ ZONE_CHANGE_EXACT, at_hour(3733278), 7 };
    text = explain(*state, GATE_TOO_RECENT, &z, s, none);
    assert_non_null(strstr(text, "(change 7)"));
    assert_non_null(strstr(text, "2026-11-2"));
    z.change.source = ZONE_CHANGE_AT_LATEST;
    assert_non_null(strstr(explain(*state, GATE_TOO_RECENT, &z, s, none), "as late as"));
    z.aging.scavenge_after_h = NOW + 500;
    text = explain(*state, GATE_TOO_RECENT, &z, s, none);
    assert_null(strstr(text, "change"));
}

static void neither_interval_may_be_shorter_than_a_day(void **state)
{
    static const struct {
        uint32_t no_refresh_h, refresh_h;
        enum gate want;
    } table[] = {
        { 24, 24, GATE_OPEN },
        { 23, 24, GATE_SHORT_INTERVALS },
        { 24, 23, GATE_SHORT_INTERVALS },
        { 0, 336, GATE_SHORT_INTERVALS },
        { 336, 0, GATE_SHORT_INTERVALS },
        { 0, 0, GATE_SHORT_INTERVALS },
        { UINT32_MAX, UINT32_MAX, GATE_OPEN },
    };
    struct dns_zone z = open_zone();

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        z.aging.no_refresh_h = table[i].no_refresh_h;
        z.aging.refresh_h = table[i].refresh_h;
        assert_int_equal(judge(&z, stamps(*state, 0, 0)), table[i].want);
    }
}

static void more_than_half_with_one_stamp_shuts_the_zone(void **state)
{
    static const struct {
        size_t total, same;
        enum gate want;
    } table[] = {
        { 20, 11, GATE_ONE_STAMP }, { 20, 10, GATE_OPEN },         { 21, 11, GATE_ONE_STAMP },
        { 21, 10, GATE_OPEN },      { 20, 20, GATE_ONE_STAMP },    { 19, 19, GATE_OPEN },
        { 1, 1, GATE_OPEN },        { 1000, 501, GATE_ONE_STAMP }, { 1000, 500, GATE_OPEN },
    };
    struct dns_zone z = open_zone();

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (judge(&z, stamps(*state, table[i].total, table[i].same)) != table[i].want)
            fail_msg("%zu of %zu", table[i].same, table[i].total);
}

static void the_first_shut_gate_in_the_order_of_the_enum_is_named(void **state)
{
    struct dns_zone z = open_zone();
    struct stamp_count *s = stamps(*state, 30, 30);

    z.zone_type = 4;
    z.aging = (struct zone_aging){ false, 1, 1, NOW + 9 };
    assert_int_equal(judge(&z, s), GATE_NOT_PRIMARY);
    z.zone_type = 1;
    assert_int_equal(judge(&z, s), GATE_AGING_OFF);
    z.aging.is_enabled = true;
    assert_int_equal(judge(&z, s), GATE_TOO_RECENT);
    z.aging.scavenge_after_h = 0;
    assert_int_equal(judge(&z, s), GATE_SHORT_INTERVALS);
    z.aging.no_refresh_h = z.aging.refresh_h = 24;
    assert_int_equal(judge(&z, s), GATE_ONE_STAMP);
}

static void names_and_explanations_tell_the_gates_apart(void **state)
{
    static const struct {
        enum gate gate;
        const char *name;
    } table[] = {
        { GATE_NOT_PRIMARY, "not-primary" },     { GATE_AGING_OFF, "aging-off" },
        { GATE_TOO_RECENT, "aging-too-recent" }, { GATE_SHORT_INTERVALS, "intervals-too-short" },
        { GATE_ONE_STAMP, "one-stamp" },         { GATE_INVERTED, "inverted-stamps" },
    };
    struct dns_zone z = open_zone();

    z.zone_type = 4;
    z.aging = (struct zone_aging){ true, 13, 17, 3733279 };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char *text = explain(*state, table[i].gate, &z, stamps(*state, 30, 27),
                             (struct stamp_owners){ 21, 2, 3, 4 });
        enum gate back = GATE_OPEN;

        assert_string_equal(gate_name(table[i].gate), table[i].name);
        assert_true(gate_parse(table[i].name, &back));
        assert_int_equal(back, table[i].gate);
        assert_non_null(text);
        assert_null(strchr(text, '\n'));
        if (table[i].gate == GATE_SHORT_INTERVALS) {
            assert_non_null(strstr(text, "13"));
            assert_non_null(strstr(text, "17"));
        }
        if (table[i].gate == GATE_TOO_RECENT)
            assert_non_null(strstr(text, "2026-11-22"));
        if (table[i].gate == GATE_ONE_STAMP)
            assert_non_null(strstr(text, "27 of 30"));
        if (table[i].gate == GATE_INVERTED)
            assert_non_null(strstr(text, "21 of 23"));
    }
}

/* n records of one stamp, by one owner each from the list in turn. */
static void add_stamps(struct stamp_count *s, size_t n, uint32_t stamp_h, const uint32_t *owners,
                       size_t n_owners)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(stamp_count_add(s, stamp_h, owners[i % n_owners], NULL), OK);
}

/* Weeks after AgeAllRecords: what lives was refreshed since, at times of its own. */
static void one_stamp_among_the_stale_shuts_the_zone(void **state)
{
    static const uint32_t people[] = { STAMP_OWNER_OTHER };
    struct dns_zone z = open_zone();

    for (size_t same = 10; same <= 11; same++) {
        struct stamp_count *s = stamp_count_new(*state);

        for (uint32_t i = 0; i < 500; i++)
            assert_int_equal(stamp_count_add(s, NOW - i % 300, i + 1, NULL), OK);
        for (uint32_t i = 0; i < 20 - same; i++)
            assert_int_equal(stamp_count_add(s, NOW - 400 - i, i + 1, NULL), OK);
        add_stamps(s, same, NOW - 500, people, 1);
        assert_int_equal(judge(&z, s), same == 11 ? GATE_ONE_STAMP : GATE_OPEN);
    }
}

static void one_stamp_by_one_computer_account_is_no_reason_to_distrust_it(void **state)
{
    static const uint32_t dhcp[] = { 1104 }, two[] = { 1104, 1105 },
                          mixed[] = { 1104, STAMP_OWNER_OTHER };
    struct dns_zone z = open_zone();
    struct stamp_count *s = stamp_count_new(*state);

    add_stamps(s, 30, NOW - 500, dhcp, 1);
    assert_int_equal(judge(&z, s), GATE_OPEN);
    s = stamp_count_new(*state);
    add_stamps(s, 30, NOW - 500, two, 2);
    assert_int_equal(judge(&z, s), GATE_ONE_STAMP);
    s = stamp_count_new(*state);
    add_stamps(s, 30, NOW - 500, mixed, 2);
    assert_int_equal(judge(&z, s), GATE_ONE_STAMP);
}

static void stamps_the_wrong_way_round_shut_the_zone(void **state)
{
    static const struct {
        struct stamp_owners owners;
        enum gate want;
    } table[] = {
        { { 10, 0, 0, 1 }, GATE_INVERTED }, { { 9, 0, 0, 5 }, GATE_OPEN },
        { { 6, 4, 0, 5 }, GATE_INVERTED },  { { 5, 5, 0, 5 }, GATE_OPEN },
        { { 10, 0, 5, 5 }, GATE_OPEN },     { { 10, 0, 5, 6 }, GATE_INVERTED },
        { { 10, 0, 5, 0 }, GATE_OPEN },     { { 0, 500, 300, 20 }, GATE_OPEN },
        { { 0, 0, 0, 500 }, GATE_OPEN },
    };
    struct dns_zone z = open_zone();

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct gate_inputs in = { &z, stamps(*state, 0, 0), table[i].owners, NOW };

        if (gate_judge(&in, 0) != table[i].want)
            fail_msg("row %zu", i);
    }
}

static void only_the_named_gate_is_overridden(void **state)
{
    struct dns_zone z = open_zone();
    struct gate_inputs in = { &z, stamps(*state, 30, 30), { 20, 0, 0, 5 }, NOW };
    gate_set all = 0;

    z.aging = (struct zone_aging){ false, 1, 1, NOW + 9 };
    for (int g = GATE_AGING_OFF; g < GATE_COUNT; g++) {
        assert_int_equal(gate_judge(&in, all), g);
        assert_true(gate_can_be_overridden((enum gate)g));
        all |= GATE_BIT(g);
        assert_int_equal(gate_overridden(&in, all), all);
    }
    assert_int_equal(gate_judge(&in, all), GATE_OPEN);
    assert_int_equal(gate_judge(&in, GATE_BIT(GATE_ONE_STAMP)), GATE_AGING_OFF);
    z = open_zone();
    assert_int_equal(gate_overridden(&in, all), GATE_BIT(GATE_ONE_STAMP) | GATE_BIT(GATE_INVERTED));
    assert_false(gate_can_be_overridden(GATE_NOT_PRIMARY));
    assert_false(gate_can_be_overridden(GATE_OPEN));
}

static void what_is_no_gate_does_not_parse(void **state)
{
    enum gate g = GATE_OPEN;

    (void)state;
    assert_false(gate_parse("", &g));
    assert_false(gate_parse("open", &g));
    assert_false(gate_parse("one-stamp ", &g));
    assert_int_equal(g, GATE_OPEN);
}

/* Counting. */

static void an_empty_count_is_zero(void **state)
{
    struct stamp_count *s = stamp_count_new(*state);

    assert_int_equal(stamp_count_total(s), 0);
    assert_int_equal(stamp_count_most(s), 0);
}

static void the_commonest_stamp_is_found_in_any_order(void **state)
{
    struct stamp_count *s = stamp_count_new(*state);
    struct error e = { 0 };

    /* 500 stamps once each way, every 7th of them 4711. */
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(stamp_count_add(s, i % 7 == 0 ? 4711 : 1000000 + i % 500,
                                         STAMP_OWNER_OTHER, &e),
                         OK);
    assert_int_equal(stamp_count_total(s), 1000);
    assert_int_equal(stamp_count_most(s), 143);
}

static void stamps_that_collide_in_any_table_are_kept_apart(void **state)
{
    struct stamp_count *s = stamp_count_new(*state);
    struct error e = { 0 };

    /* Same low bits, same high bits, the extremes, and all powers of two. */
    for (int round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < 256; i++)
            assert_int_equal(stamp_count_add(s, i << 24 | 1, STAMP_OWNER_OTHER, &e), OK);
        for (int bit = 1; bit < 32; bit++)
            assert_int_equal(stamp_count_add(s, UINT32_C(1) << bit, STAMP_OWNER_OTHER, &e), OK);
        assert_int_equal(stamp_count_add(s, UINT32_MAX, STAMP_OWNER_OTHER, &e), OK);
    }
    assert_int_equal(stamp_count_total(s), 3 * (256 + 31 + 1));
    assert_int_equal(stamp_count_most(s), 3);
}

static void many_distinct_stamps_are_counted(void **state)
{
    struct stamp_count *s = stamp_count_new(*state);
    struct error e = { 0 };

    for (uint32_t i = 1; i <= 200000; i++)
        assert_int_equal(stamp_count_add(s, i * 1024, STAMP_OWNER_OTHER, &e), OK);
    assert_int_equal(stamp_count_total(s), 200000);
    assert_int_equal(stamp_count_most(s), 1);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_zone_with_nothing_against_it_is_open),
        T(only_primary_zones_are_open),
        T(aging_must_be_on),
        T(hosts_get_the_time_the_zone_promises_them),
        T(a_change_of_settings_gives_hosts_a_refresh_interval),
        T(a_zone_that_does_not_say_when_it_was_changed_is_shut),
        T(where_aging_is_off_its_change_is_not_looked_at),
        T(it_is_said_how_the_change_is_known),
        T(neither_interval_may_be_shorter_than_a_day),
        T(more_than_half_with_one_stamp_shuts_the_zone),
        T(the_first_shut_gate_in_the_order_of_the_enum_is_named),
        T(names_and_explanations_tell_the_gates_apart),
        T(one_stamp_among_the_stale_shuts_the_zone),
        T(one_stamp_by_one_computer_account_is_no_reason_to_distrust_it),
        T(stamps_the_wrong_way_round_shut_the_zone),
        T(only_the_named_gate_is_overridden),
        T(what_is_no_gate_does_not_parse),
        T(an_empty_count_is_zero),
        T(the_commonest_stamp_is_found_in_any_order),
        T(stamps_that_collide_in_any_table_are_kept_apart),
        T(many_distinct_stamps_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
