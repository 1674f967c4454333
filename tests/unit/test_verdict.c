#include "scavenger/verdict.h"
#include "tests/unit/values.h"

#define NOW 3733279U
#define NO_REFRESH 168U
#define REFRESH 168U
/* The oldest stamp that is fresh at NOW. */
#define EDGE (NOW - NO_REFRESH - REFRESH)
#define STALE (EDGE - 1)

static const struct zone_aging aging = { true, NO_REFRESH, REFRESH, 0 };

static const char *const controllers[] = { "dc1.ad.example.test", "dc2.ad.example.test" };
static const char *const globs[] = { "srv-*", "*.lab.ad.example.test", "printer.ad.example.test",
                                     "pc[0-9]x", "KIOSK?" };
static const struct protection guarded = { globs, 5, controllers, 2, NULL };
static const struct protection none = { NULL, 0, NULL, 0, NULL };

static const uint8_t four[4] = { 10, 53, 0, 101 };
static const uint8_t sixteen[16] = { 0xfd, 0x53 };

static struct dnsp_record record(uint16_t type, uint32_t stamp_h)
{
    struct dnsp_record r = { .type = type, .version = 5, .rank = 0xf0, .ttl_s = 1200 };

    r.timestamp_h = stamp_h;
    r.data = type == TYPE_AAAA ? (struct bytes){ sixteen, 16 } : (struct bytes){ four, 4 };
    return r;
}

static struct verdict judge_in(const char *zone, const char *name, const struct dnsp_record *r,
                               const char *data)
{
    struct candidate c = { zone, name, false, r, data };
    struct verdict v = verdict_judge(&c, &aging, &guarded, NOW);

    assert_non_null(v.detail);
    return v;
}

static enum reason judge_name(const char *name)
{
    struct dnsp_record r = record(TYPE_A, STALE);

    return judge_in("ad.example.test", name, &r, NULL).reason;
}

static enum reason judge_stamp(uint32_t stamp_h, struct zone_aging a, uint32_t now_h)
{
    struct dnsp_record r = record(TYPE_A, stamp_h);
    struct candidate c = { "ad.example.test", "pc17", false, &r, NULL };

    return verdict_judge(&c, &a, &none, now_h).reason;
}

/* Each rule, and each that comes before the next. */

static void the_first_rule_that_applies_wins(void **state)
{
    static const struct {
        const char *what;
        uint16_t type;
        uint32_t stamp;
        size_t len; /* of the data: 4 fits an A record */
        const char *name;
        bool is_conflict;
        enum reason want;
    } table[] = {
        { "static SOA with bad data at the apex", TYPE_SOA, 0, 3, "@", false, REASON_STATIC },
        { "static SOA", TYPE_SOA, 0, 4, "pc17", false, REASON_STATIC },
        { "static unknown type", 65400, 0, 4, "pc17", false, REASON_STATIC },
        { "static tombstone", TYPE_TOMBSTONE, 0, 8, "pc17", false, REASON_STATIC },
        { "static with bad data", TYPE_A, 0, 3, "pc17", false, REASON_STATIC },
        { "static at the apex", TYPE_A, 0, 4, "@", false, REASON_STATIC },
        { "stamped NS at the apex", TYPE_NS, STALE, 4, "@", false, REASON_FOREIGN_TYPE },
        { "stamped NS with bad data", TYPE_NS, STALE, 1, "pc17", false, REASON_FOREIGN_TYPE },
        { "future SOA", TYPE_SOA, NOW + 9, 4, "pc17", false, REASON_FOREIGN_TYPE },
        { "fresh WINS", TYPE_WINS, NOW, 4, "pc17", false, REASON_FOREIGN_TYPE },
        { "bad data at the apex", TYPE_A, STALE, 3, "@", false, REASON_UNREADABLE },
        { "bad data in the future", TYPE_A, NOW + 9, 3, "pc17", false, REASON_UNREADABLE },
        { "bad data, fresh", TYPE_A, NOW, 5, "pc17", false, REASON_UNREADABLE },
        { "apex in the future", TYPE_A, NOW + 9, 4, "@", false, REASON_PROTECTED },
        { "apex, fresh", TYPE_A, NOW, 4, "@", false, REASON_PROTECTED },
        /* Conflict and deleted objects are reported, never judged. */
        { "conflict, static", TYPE_A, 0, 4, "pc17", true, REASON_CONFLICT_OBJECT },
        { "conflict, SOA", TYPE_SOA, STALE, 4, "@", true, REASON_CONFLICT_OBJECT },
        { "conflict, bad data", TYPE_A, STALE, 3, "pc17", true, REASON_CONFLICT_OBJECT },
        { "conflict, future", TYPE_A, NOW + 9, 4, "pc17", true, REASON_CONFLICT_OBJECT },
        { "conflict, fresh", TYPE_A, NOW, 4, "pc17", true, REASON_CONFLICT_OBJECT },
        { "conflict, stale", TYPE_A, STALE, 4, "pc17", true, REASON_CONFLICT_OBJECT },
        { "future", TYPE_A, NOW + 1, 4, "pc17", false, REASON_FUTURE },
        { "fresh", TYPE_A, EDGE, 4, "pc17", false, REASON_FRESH },
        { "stale", TYPE_A, STALE, 4, "pc17", false, REASON_STALE },
    };
    static const uint8_t data[8];

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct dnsp_record r = record(table[i].type, table[i].stamp);
        struct candidate c = { "ad.example.test", table[i].name, table[i].is_conflict, &r, NULL };
        struct verdict v;

        r.data = (struct bytes){ data, table[i].len };
        v = verdict_judge(&c, &aging, &guarded, NOW);
        if (v.reason != table[i].want)
            fail_msg("%s: %s", table[i].what, reason_name(v.reason));
        assert_non_null(v.detail);
    }
}

static void a_value_that_did_not_decode_is_unreadable(void **state)
{
    struct candidate c = { "ad.example.test", "pc17", false, NULL, NULL };
    struct verdict v = verdict_judge(&c, &aging, &none, NOW);

    (void)state;
    assert_int_equal(v.reason, REASON_UNREADABLE);
    assert_true(v.stale_at_h == 0);
    assert_non_null(v.detail);
    c.name = "@";
    assert_int_equal(verdict_judge(&c, &aging, &guarded, NOW).reason, REASON_UNREADABLE);
    c.is_conflict = true;
    v = verdict_judge(&c, &aging, &guarded, NOW);
    assert_int_equal(v.reason, REASON_CONFLICT_OBJECT);
    assert_true(v.stale_at_h == 0);
}

/* Types. */

static void only_types_of_hosts_are_ever_stale(void **state)
{
    static const uint16_t foreign[] = { TYPE_TOMBSTONE,
                                        TYPE_NS,
                                        TYPE_SOA,
                                        TYPE_WINS,
                                        TYPE_WINSR,
                                        3,
                                        4,
                                        10,
                                        41,
                                        249,
                                        250,
                                        252,
                                        255,
                                        256,
                                        65400,
                                        65535 };
    struct bytes name = counted_name(*state, "pc18.ad.example.test"), mx, srv;
    struct wr w = wr_init(*state);

    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        struct dnsp_record r = record(foreign[i], STALE);

        assert_int_equal(judge_in("ad.example.test", "pc17", &r, NULL).reason, REASON_FOREIGN_TYPE);
    }
    wr_be16(&w, 10);
    wr_bytes(&w, name);
    mx = wr_view(&w);
    w = wr_init(*state);
    wr_be48(&w, UINT64_C(0x0000000a0185));
    wr_bytes(&w, name);
    srv = wr_view(&w);
    struct {
        uint16_t type;
        struct bytes data;
        const char *text;
    } own[] = {
        { TYPE_A, { four, 4 }, "10.53.0.101" },
        { TYPE_AAAA, { sixteen, 16 }, "fd53::" },
        { TYPE_PTR, name, "pc18.ad.example.test." },
        { TYPE_CNAME, name, "pc18.ad.example.test." },
        { TYPE_TXT, { (const uint8_t *)"\003abc", 4 }, "\"abc\"" },
        { TYPE_MX, mx, "10 pc18.ad.example.test." },
        { TYPE_SRV, srv, "0 10 389 pc18.ad.example.test." },
    };
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        struct dnsp_record r = record(own[i].type, STALE);

        r.data = own[i].data;
        if (judge_in("ad.example.test", "pc17", &r, own[i].text).reason != REASON_STALE)
            fail_msg("type %u", own[i].type);
    }
}

static void data_that_does_not_fit_its_type_is_unreadable(void **state)
{
    static const struct {
        uint16_t type;
        const char *hex;
    } table[] = {
        { TYPE_A, "" },
        { TYPE_A, "0a3500" },
        { TYPE_A, "0a35000101" },
        { TYPE_AAAA, "0a350001" },
        { TYPE_AAAA, "fd5300000000000000000000000000000001" },
        { TYPE_PTR, "" },
        { TYPE_PTR, "03" },
        { TYPE_PTR, "0501016100" },
        { TYPE_CNAME, "0401056100" },
        { TYPE_CNAME, "04020161 00" },
        { TYPE_TXT, "05616263" },
        { TYPE_SRV, "0000" },
        { TYPE_MX, "00" },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct dnsp_record r = record(table[i].type, STALE);

        r.data = unhex(*state, table[i].hex);
        if (judge_in("ad.example.test", "pc17", &r, "x.").reason != REASON_UNREADABLE)
            fail_msg("type %u data %s", table[i].type, table[i].hex);
    }
}

/* Time. */

static void the_boundary_is_strict_as_on_windows(void **state)
{
    (void)state;
    assert_int_equal(judge_stamp(EDGE, aging, NOW), REASON_FRESH);
    assert_int_equal(judge_stamp(EDGE, aging, NOW + 1), REASON_STALE);
    assert_int_equal(judge_stamp(EDGE - 1, aging, NOW), REASON_STALE);
    assert_int_equal(judge_stamp(NOW, aging, NOW), REASON_FRESH);
    assert_int_equal(judge_stamp(1, aging, 337), REASON_FRESH);
    assert_int_equal(judge_stamp(1, aging, 338), REASON_STALE);
}

static void both_intervals_count_whatever_their_split(void **state)
{
    static const struct zone_aging splits[] = {
        { true, 336, 0, 0 },
        { true, 0, 336, 0 },
        { true, 24, 312, 0 },
        { true, 335, 1, 0 },
    };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(judge_stamp(EDGE, splits[i], NOW), REASON_FRESH);
        assert_int_equal(judge_stamp(STALE, splits[i], NOW), REASON_STALE);
    }
    assert_int_equal(judge_stamp(NOW, (struct zone_aging){ true, 0, 0, 0 }, NOW), REASON_FRESH);
    assert_int_equal(judge_stamp(NOW - 1, (struct zone_aging){ true, 0, 0, 0 }, NOW), REASON_STALE);
}

static void a_stamp_later_than_now_is_future_not_fresh(void **state)
{
    (void)state;
    assert_int_equal(judge_stamp(NOW + 1, aging, NOW), REASON_FUTURE);
    assert_int_equal(judge_stamp(UINT32_MAX, aging, NOW), REASON_FUTURE);
    assert_int_equal(judge_stamp(1, aging, 0), REASON_FUTURE);
}

static void stamps_near_the_end_of_32_bits_do_not_wrap(void **state)
{
    struct zone_aging endless = { true, UINT32_MAX, UINT32_MAX, 0 };
    struct dnsp_record r = record(TYPE_A, UINT32_MAX);
    struct candidate c = { "ad.example.test", "pc17", false, &r, NULL };

    (void)state;
    /* 335 h before the end the sum passes 2^32. */
    assert_int_equal(judge_stamp(UINT32_MAX - 335, aging, UINT32_MAX), REASON_FRESH);
    assert_int_equal(judge_stamp(UINT32_MAX - 336, aging, UINT32_MAX), REASON_FRESH);
    assert_int_equal(judge_stamp(UINT32_MAX - 337, aging, UINT32_MAX), REASON_STALE);
    assert_int_equal(judge_stamp(UINT32_MAX, aging, UINT32_MAX), REASON_FRESH);
    assert_int_equal(judge_stamp(1, endless, UINT32_MAX), REASON_FRESH);
    assert_int_equal(judge_stamp(UINT32_MAX, endless, UINT32_MAX), REASON_FRESH);
    assert_true(verdict_judge(&c, &endless, &none, UINT32_MAX).stale_at_h ==
                3 * (uint64_t)UINT32_MAX + 1);
}

static void the_first_stale_hour_is_told_for_every_stamped_record(void **state)
{
    static const char *const names[] = { "pc17", "@", "srv-1" };
    struct candidate c = { "ad.example.test", "pc17", true, NULL, NULL };
    struct dnsp_record r;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        r = record(TYPE_A, NOW - 61);
        assert_true(judge_in("ad.example.test", names[i], &r, NULL).stale_at_h == NOW - 61 + 337);
    }
    r = record(TYPE_A, STALE);
    assert_true(judge_in("ad.example.test", "pc17", &r, NULL).stale_at_h == NOW);
    r = record(TYPE_A, NOW + 5);
    assert_true(judge_in("ad.example.test", "pc17", &r, NULL).stale_at_h == NOW + 5 + 337);
    c.record = &r;
    assert_true(verdict_judge(&c, &aging, &guarded, NOW).stale_at_h == NOW + 5 + 337);
    r = record(TYPE_A, 0);
    assert_true(judge_in("ad.example.test", "pc17", &r, NULL).stale_at_h == 0);
}

/* Names. */

static void locator_and_directory_names_are_protected(void **state)
{
    static const char *const names[] = {
        "@",
        "_ldap._tcp",
        "_msdcs",
        "_x",
        "_ldap._tcp.dc._msdcs",
        "_ldap._tcp.pc17",
        "pc17._sites",
        "a.b._tcp",
        "a._b.c",
        "gc",
        "domaindnszones",
        "forestdnszones",
        "dc1",
        "dc2",
        "_ldap._tcp.default-first-site-name._sites.domaindnszones",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (judge_name(names[i]) != REASON_PROTECTED)
            fail_msg("%s", names[i]);
}

static void names_that_only_look_like_them_are_not(void **state)
{
    static const char *const names[] = {
        "pc17",          "pc_17", "a.b_c", "gc1",  "xgc",   "gc-01",      "domaindnszones1",
        "forestdnszone", "dc10",  "dc",    "xdc1", "msdcs", "dc1.branch", "dc1x",
        "pc17-_",        "sites",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (judge_name(names[i]) != REASON_STALE)
            fail_msg("%s: %s", names[i], reason_name(judge_name(names[i])));
}

static void every_name_of_an_msdcs_zone_is_protected(void **state)
{
    struct dnsp_record r = record(TYPE_A, STALE);

    (void)state;
    assert_int_equal(judge_in("_msdcs.ad.example.test", "pc17", &r, NULL).reason, REASON_PROTECTED);
    assert_int_equal(judge_in("_msdcs.ad.example.test", "gc", &r, NULL).reason, REASON_PROTECTED);
    assert_int_equal(
        judge_in("_msdcs.ad.example.test", "5b3c4bd3-2e0b-4e0a-9f0d-0242ac110002", &r, NULL).reason,
        REASON_PROTECTED);
    assert_int_equal(judge_in("msdcs.example.test", "pc17", &r, NULL).reason, REASON_STALE);
}

static void a_controller_is_protected_in_whichever_zone_it_stands(void **state)
{
    struct dnsp_record r = record(TYPE_AAAA, STALE);

    (void)state;
    assert_int_equal(judge_in("example.test", "dc1.ad", &r, NULL).reason, REASON_PROTECTED);
    assert_int_equal(judge_in("dc1.ad.example.test", "@", &r, NULL).reason, REASON_PROTECTED);
    assert_int_equal(judge_in("other.test", "dc1", &r, NULL).reason, REASON_STALE);
    assert_int_equal(judge_in("example.test", "dc1", &r, NULL).reason, REASON_STALE);
}

static void a_record_that_points_at_a_controller_is_protected(void **state)
{
    static const struct {
        const char *target;
        enum reason want;
    } table[] = {
        { "dc1.ad.example.test.", REASON_PROTECTED },
        { "dc1.ad.example.test", REASON_PROTECTED },
        { "DC2.AD.Example.Test.", REASON_PROTECTED },
        { "dc10.ad.example.test.", REASON_STALE },
        { "dc1.ad.example.test.evil.", REASON_STALE },
        { "xdc1.ad.example.test.", REASON_STALE },
        { "dc1.ad.example.tes", REASON_STALE },
        { "dc1", REASON_STALE },
        { ".", REASON_STALE },
        { "", REASON_STALE },
    };
    struct dnsp_record r;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        r = record(TYPE_PTR, STALE);
        r.data = counted_name(*state, "any.test");
        if (judge_in("0.53.10.in-addr.arpa", "1", &r, table[i].target).reason != table[i].want)
            fail_msg("PTR %s", table[i].target);
        r.type = TYPE_CNAME;
        if (judge_in("ad.example.test", "www", &r, table[i].target).reason != table[i].want)
            fail_msg("CNAME %s", table[i].target);
    }
    /* What is text only is no target. */
    r = record(TYPE_TXT, STALE);
    r.data = unhex(*state, "0161");
    assert_int_equal(judge_in("ad.example.test", "note", &r, "dc1.ad.example.test.").reason,
                     REASON_STALE);
}

static void a_pointer_without_a_readable_target_is_kept(void **state)
{
    struct dnsp_record r = record(TYPE_PTR, STALE);

    r.data = counted_name(*state, "dc1.ad.example.test");
    assert_int_not_equal(judge_in("0.53.10.in-addr.arpa", "1", &r, NULL).reason, REASON_STALE);
}

static void globs_match_relative_and_absolute_names(void **state)
{
    static const struct {
        const char *name;
        enum reason want;
    } table[] = {
        { "srv-", REASON_PROTECTED },    { "srv-1", REASON_PROTECTED },
        { "srv-a.b", REASON_PROTECTED }, { "xsrv-1", REASON_STALE },
        { "a.lab", REASON_PROTECTED },   { "a.b.lab", REASON_PROTECTED },
        { "lab", REASON_STALE },         { "a.lab2", REASON_STALE },
        { "printer", REASON_PROTECTED }, { "printer2", REASON_STALE },
        { "a.printer", REASON_STALE },   { "pc7x", REASON_PROTECTED },
        { "pcax", REASON_STALE },        { "kiosk1", REASON_PROTECTED },
        { "kiosk12", REASON_STALE },     { "kiosk", REASON_STALE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (judge_name(table[i].name) != table[i].want)
            fail_msg("%s: %s", table[i].name, reason_name(judge_name(table[i].name)));
}

static void case_never_costs_a_name_its_protection(void **state)
{
    static const char *const names[] = { "GC",     "DomainDnsZones", "ForestDNSZones",
                                         "DC1",    "SRV-1",          "Printer",
                                         "Kiosk1", "A.LAB",          "_MSDCS" };
    struct dnsp_record r = record(TYPE_A, STALE);

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (judge_name(names[i]) != REASON_PROTECTED)
            fail_msg("%s", names[i]);
    assert_int_equal(judge_in("AD.Example.Test", "dc1", &r, NULL).reason, REASON_PROTECTED);
    assert_int_equal(judge_in("_MSDCS.ad.example.test", "x", &r, NULL).reason, REASON_PROTECTED);
}

static void a_glob_can_protect_everything_or_be_malformed(void **state)
{
    static const char *const all[] = { "*" }, *const odd[] = { "[", "pc\\" };
    const struct protection every = { all, 1, NULL, 0, NULL }, broken = { odd, 2, NULL, 0, NULL };
    struct dnsp_record r = record(TYPE_A, STALE);
    struct candidate c = { "ad.example.test", "pc17", false, &r, NULL };

    (void)state;
    assert_int_equal(verdict_judge(&c, &aging, &every, NOW).reason, REASON_PROTECTED);
    c.name = "a.b";
    assert_int_equal(verdict_judge(&c, &aging, &every, NOW).reason, REASON_PROTECTED);
    assert_int_equal(verdict_judge(&c, &aging, &broken, NOW).reason, REASON_STALE);
}

static void the_detail_says_what_protects(void **state)
{
    struct dnsp_record r = record(TYPE_A, STALE), ptr = record(TYPE_PTR, STALE);

    assert_string_equal(judge_in("ad.example.test", "srv-1", &r, NULL).detail, "srv-*");
    assert_string_not_equal(judge_in("ad.example.test", "@", &r, NULL).detail, "");
    assert_string_not_equal(judge_in("ad.example.test", "dc2", &r, NULL).detail, "");
    ptr.data = counted_name(*state, "dc2.ad.example.test");
    assert_string_not_equal(
        judge_in("0.53.10.in-addr.arpa", "2", &ptr, "dc2.ad.example.test.").detail,
        judge_in("ad.example.test", "dc2", &r, NULL).detail);
}

static void protection_may_be_empty(void **state)
{
    struct dnsp_record r = record(TYPE_A, STALE);
    struct candidate c = { "ad.example.test", "dc1", false, &r, NULL };

    (void)state;
    assert_int_equal(verdict_judge(&c, &aging, &none, NOW).reason, REASON_STALE);
    /* What the directory itself needs stays protected. */
    c.name = "_ldap._tcp";
    assert_int_equal(verdict_judge(&c, &aging, &none, NOW).reason, REASON_PROTECTED);
}

static void the_zone_switch_is_not_looked_at_here(void **state)
{
    struct zone_aging off = aging;

    (void)state;
    off.is_enabled = false;
    off.scavenge_after_h = UINT32_MAX;
    assert_int_equal(judge_stamp(STALE, off, NOW), REASON_STALE);
}

static void reason_names_are_the_codes_of_the_contract(void **state)
{
    static const char *const names[REASON_COUNT] = {
        [REASON_STATIC] = "static",       [REASON_FOREIGN_TYPE] = "foreign-type",
        [REASON_PROTECTED] = "protected", [REASON_FUTURE] = "future",
        [REASON_FRESH] = "fresh",         [REASON_ZONE_GATE] = "zone-gate",
        [REASON_STALE] = "stale",
    };

    (void)state;
    for (int i = 0; i < REASON_COUNT; i++) {
        assert_non_null(reason_name((enum reason)i));
        if (names[i])
            assert_string_equal(reason_name((enum reason)i), names[i]);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(reason_name((enum reason)i), reason_name((enum reason)k));
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(the_first_rule_that_applies_wins),
        T(a_value_that_did_not_decode_is_unreadable),
        T(only_types_of_hosts_are_ever_stale),
        T(data_that_does_not_fit_its_type_is_unreadable),
        T(the_boundary_is_strict_as_on_windows),
        T(both_intervals_count_whatever_their_split),
        T(a_stamp_later_than_now_is_future_not_fresh),
        T(stamps_near_the_end_of_32_bits_do_not_wrap),
        T(the_first_stale_hour_is_told_for_every_stamped_record),
        T(locator_and_directory_names_are_protected),
        T(names_that_only_look_like_them_are_not),
        T(every_name_of_an_msdcs_zone_is_protected),
        T(a_controller_is_protected_in_whichever_zone_it_stands),
        T(a_record_that_points_at_a_controller_is_protected),
        T(a_pointer_without_a_readable_target_is_kept),
        T(globs_match_relative_and_absolute_names),
        T(case_never_costs_a_name_its_protection),
        T(a_glob_can_protect_everything_or_be_malformed),
        T(the_detail_says_what_protects),
        T(protection_may_be_empty),
        T(the_zone_switch_is_not_looked_at_here),
        T(reason_names_are_the_codes_of_the_contract),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
