#include "scavenger/served_survey.h"

#include <stdio.h>

#include "scavenger/served_nodes.h"
#include "tests/unit/tempdir.h"
#include "tests/unit/unit.h"

#define NOW 3733000U
#define OLD (NOW - 400)
#define DAY_S (24 * 3600)

static const struct signal_rules silence = { 5, 10, false }, account = { 0, 0, true };

struct fixture {
    struct sightings *s;
    struct dns_zone zones[2];
    struct survey_zone judged[2];
    struct protection protection;
    struct survey_params params;
    struct survey *survey;
    struct error e;
};

static struct dns_zone zone_of(const char *name, const char *uri)
{
    return (struct dns_zone){ .name = name,
                              .dn = uri,
                              .zone_type = 1,
                              .aging = { true, 168, 168, 0 },
                              .change = { .source = ZONE_CHANGE_EXACT } };
}

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);
    char *path = f ? talloc_asprintf(f, "%s/sightings.db", tempdir(f)) : NULL;

    if (!path || sightings_open(f, path, &f->s, &f->e))
        return 1;
    f->zones[0] = zone_of("z.test", "dns://ns1.z.test/z.test");
    f->zones[1] = zone_of("0.0.10.in-addr.arpa", "dns://ns1.z.test/0.0.10.in-addr.arpa");
    for (int i = 0; i < 2; i++)
        f->judged[i] =
            (struct survey_zone){ .zone = &f->zones[i], .is_judged = true, .is_walked = true };
    f->params = (struct survey_params){ .protection = &f->protection,
                                        .now_h = NOW,
                                        .real_now_h = NOW,
                                        .is_wanted = { [EVIDENCE_PAIRS] = true },
                                        .zones = f->judged,
                                        .n_zones = 2 };
    *state = f;
    return 0;
}

static int teardown(void **state) { return talloc_free(*state); }

static void must(const struct fixture *f, enum err rc)
{
    if (rc)
        fail_msg("%s", f->e.message);
}

static void see(struct fixture *f, const char *name, uint16_t type, const char *data)
{
    const struct dns_rr rr = { name, type, 60, data };

    must(f, sightings_see(f->s, &rr, &f->e));
}

static void beat(struct fixture *f, const char *name, uint32_t seen_h)
{
    char *text = talloc_asprintf(f, "\"v=muster1 seen=%u\"", seen_h);

    see(f, name, DNS_TYPE_TXT, text);
}

/* What a pass over the forward zone and one over the reverse zone saw; then the survey. */
static void survey(struct fixture *f, void (*forward)(struct fixture *f),
                   void (*reverse)(struct fixture *f))
{
    must(f, sightings_begin(f->s, "z.test", 1, 1000, &f->e));
    forward(f);
    must(f, sightings_end(f->s, true, &f->e));
    must(f, sightings_begin(f->s, "0.0.10.in-addr.arpa", 1, 1000, &f->e));
    if (reverse)
        reverse(f);
    must(f, sightings_end(f->s, true, &f->e));
    must(f, served_survey(f, f->s, &f->params, &f->survey, &f->e));
}

static const struct plan_value *value_of(const struct fixture *f, int zone, const char *name,
                                         uint16_t type)
{
    const struct zone_plan *p = plan_builder_plan(f->survey->builders[zone]);

    for (size_t i = 0; i < p->n_nodes; i++) {
        for (size_t k = 0; strcmp(p->nodes[i].name, name) == 0 && k < p->nodes[i].n_values; k++) {
            if (p->nodes[i].values[k].type == type)
                return &p->nodes[i].values[k];
        }
    }
    return NULL;
}

static bool goes(const struct fixture *f, int zone, const char *name, uint16_t type)
{
    const struct plan_value *v = value_of(f, zone, name, type);

    return v && v->is_removed;
}

static void hosts(struct fixture *f)
{
    see(f, "left.z.test", DNS_TYPE_A, "10.0.0.1");
    see(f, "left.z.test", DNS_TYPE_AAAA, "fd00::1");
    see(f, "left.z.test", DNS_TYPE_TXT, "\"a note\"");
    see(f, "left.z.test", DNS_TYPE_MX, "10 left.z.test.");
    beat(f, "left.z.test", OLD);
    see(f, "here.z.test", DNS_TYPE_A, "10.0.0.2");
    beat(f, "here.z.test", NOW - 300);
    beat(f, "here.z.test", OLD); /* the latest counts */
    see(f, "quiet.z.test", DNS_TYPE_A, "10.0.0.3");
}

static void pointers(struct fixture *f)
{
    see(f, "1.0.0.10.in-addr.arpa", DNS_TYPE_PTR, "left.z.test.");
    see(f, "2.0.0.10.in-addr.arpa", DNS_TYPE_PTR, "here.z.test.");
    see(f, "3.0.0.10.in-addr.arpa", DNS_TYPE_PTR, "quiet.z.test.");
    see(f, "9.0.0.10.in-addr.arpa", DNS_TYPE_PTR, "left.z.test.");
}

static void a_heartbeat_dates_addresses_and_itself_and_nothing_else(void **state)
{
    struct fixture *f = *state;

    survey(f, hosts, NULL);
    assert_true(goes(f, 0, "left", DNS_TYPE_A));
    assert_true(goes(f, 0, "left", DNS_TYPE_AAAA));
    assert_false(goes(f, 0, "left", DNS_TYPE_MX));
    assert_int_equal(plan_builder_plan(f->survey->builders[0])->n_removed, 3);
    assert_int_equal(plan_builder_plan(f->survey->builders[0])->kept[REASON_STATIC], 3);
    assert_int_equal(plan_builder_plan(f->survey->builders[0])->kept[REASON_FRESH], 3);
}

static void a_pointer_is_dated_by_its_target_that_holds_its_address(void **state)
{
    struct fixture *f = *state;

    survey(f, hosts, pointers);
    must(f, served_settle(f->survey, 0, &f->e));
    assert_true(goes(f, 1, "1", DNS_TYPE_PTR));
    assert_int_equal(plan_builder_plan(f->survey->builders[1])->n_removed, 1);
    assert_int_equal(plan_builder_plan(f->survey->builders[1])->kept[REASON_FRESH], 1);
    assert_int_equal(plan_builder_plan(f->survey->builders[1])->kept[REASON_STATIC], 2);
}

static const char *protection_of(const struct fixture *f, int zone, const char *name, uint16_t type)
{
    const struct plan_value *v = value_of(f, zone, name, type);

    return v && v->reason == REASON_PROTECTED ? v->detail : "none";
}

static void left_host(struct fixture *f, const char *name)
{
    see(f, name, DNS_TYPE_A, "10.0.0.40");
    see(f, name, DNS_TYPE_AAAA, "fd00::40");
    beat(f, name, OLD);
}

/* Each name but the last two is one that something of the zones points to. */
static void relied_hosts(struct fixture *f)
{
    static const char *const names[] = { "ns1.z.test",  "mail.z.test",   "ldap.z.test",
                                         "web.z.test",  "*.z.test",      "*.lab.z.test",
                                         "sub.z.test",  "ns.sub.z.test", "own.z.test",
                                         "xsub.z.test", "back.z.test" };

    see(f, "z.test", DNS_TYPE_NS, "NS1.z.test.");
    see(f, "z.test", DNS_TYPE_MX, "10 mail.z.test.");
    see(f, "_ldap._tcp.z.test", DNS_TYPE_SRV, "0 100 389 ldap.z.test.");
    see(f, "www.z.test", DNS_TYPE_CNAME, "web.z.test.");
    see(f, "sub.z.test", DNS_TYPE_NS, "ns.sub.z.test.");
    see(f, "own.z.test", DNS_TYPE_MX, "10 own.z.test.");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        left_host(f, names[i]);
}

static void relied_pointers(struct fixture *f)
{
    see(f, "0.0.10.in-addr.arpa", DNS_TYPE_NS, "back.z.test.");
}

static void what_the_zones_themselves_rely_on_is_protected(void **state)
{
    static const struct {
        const char *name, *why;
    } kept[] = {
        { "ns1", "target of an NS record" },
        { "mail", "target of an MX record" },
        { "ldap", "target of an SRV record" },
        { "web", "target of a CNAME record" },
        { "*", "wildcard" },
        { "*.lab", "wildcard" },
        { "sub", "at or below a delegation" },
        { "ns.sub", "target of an NS record" },
        { "back", "target of an NS record" },
    };
    struct fixture *f = *state;

    survey(f, relied_hosts, relied_pointers);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        assert_false(goes(f, 0, kept[i].name, DNS_TYPE_A));
        assert_false(goes(f, 0, kept[i].name, DNS_TYPE_AAAA));
    }
    assert_int_equal(plan_builder_plan(f->survey->builders[0])->kept[REASON_PROTECTED],
                     3 * sizeof kept / sizeof kept[0]);
    /* Its twins: who points to itself, and whose name only ends alike. */
    assert_true(goes(f, 0, "own", DNS_TYPE_A));
    assert_true(goes(f, 0, "xsub", DNS_TYPE_A));
    assert_int_equal(plan_builder_plan(f->survey->builders[0])->n_removed, 6);
    /* What is said of it. */
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        f->judged[0].watched = kept[i].name;
        must(f, served_survey(f, f->s, &f->params, &f->survey, &f->e));
        assert_string_equal(protection_of(f, 0, kept[i].name, DNS_TYPE_A), kept[i].why);
    }
}

static void glue_for_missing_accounts_is_protected_too(void **state)
{
    struct fixture *f = *state;

    f->judged[0].signals = &account;
    for (int pass = 0; pass < 16; pass++) {
        must(f, sightings_begin(f->s, "z.test", 1, 1000 + pass * DAY_S, &f->e));
        see(f, "sub.z.test", DNS_TYPE_NS, "elsewhere.test.");
        see(f, "dnsb.sub.z.test", DNS_TYPE_A, "10.0.0.53");
        see(f, "gone.z.test", DNS_TYPE_A, "10.0.0.54");
        must(f, sightings_end(f->s, true, &f->e));
    }
    must(f, served_survey(f, f->s, &f->params, &f->survey, &f->e));
    assert_false(goes(f, 0, "dnsb.sub", DNS_TYPE_A));
    assert_true(goes(f, 0, "gone", DNS_TYPE_A));
}

/* A delegation of the parent's is the child's own zone, where that is read as well. */
static void a_child_zone_that_is_read_is_judged(void **state)
{
    struct fixture *f = *state;

    f->zones[1] = zone_of("sub.z.test", "dns://ns1.z.test/sub.z.test");
    must(f, sightings_begin(f->s, "z.test", 1, 1000, &f->e));
    see(f, "sub.z.test", DNS_TYPE_NS, "elsewhere.test.");
    left_host(f, "glue.sub.z.test");
    must(f, sightings_end(f->s, true, &f->e));
    must(f, sightings_begin(f->s, "sub.z.test", 1, 1000, &f->e));
    see(f, "sub.z.test", DNS_TYPE_NS, "elsewhere.test.");
    left_host(f, "pc.sub.z.test");
    must(f, sightings_end(f->s, true, &f->e));
    must(f, served_survey(f, f->s, &f->params, &f->survey, &f->e));
    assert_false(goes(f, 0, "glue.sub", DNS_TYPE_A));
    assert_true(goes(f, 1, "pc", DNS_TYPE_A));
}

static void each_verdict_names_its_source(void **state)
{
    struct fixture *f = *state;
    const char *text;

    survey(f, hosts, pointers);
    must(f, served_settle(f->survey, 0, &f->e));
    text = value_of(f, 0, "left", DNS_TYPE_A)->detail;
    assert_non_null(strstr(text, "heartbeat of left.z.test at "));
    assert_non_null(strstr(value_of(f, 1, "1", DNS_TYPE_PTR)->detail, "heartbeat of left.z.test"));
    assert_string_equal(value_of(f, 0, "left", DNS_TYPE_MX)->detail,
                        "no heartbeat: sightings alone never age a record");
}

/* ---- zones that ask for a second signal ---- */

/* Passes and rounds of probes on `days` days; whom the second list names answers in the last. */
static void watch(struct fixture *f, int days, const char *answering)
{
    for (int i = 0; i <= days; i++) {
        const int64_t at_s = 1000 + (int64_t)i * DAY_S;
        const bool is_last = i == days;

        must(f, sightings_begin(f->s, "z.test", 1, at_s, &f->e));
        hosts(f);
        must(f, sightings_end(f->s, true, &f->e));
        must(f, sightings_begin(f->s, "0.0.10.in-addr.arpa", 1, at_s, &f->e));
        pointers(f);
        must(f, sightings_end(f->s, true, &f->e));
        must(f, sightings_begin_probes(f->s, "z.test", at_s, &f->e));
        must(f, sightings_probed(f->s, "quiet.z.test", DNS_TYPE_A, "10.0.0.3", is_last && answering,
                                 &f->e));
        must(f, sightings_end_probes(f->s, true, &f->e));
    }
    must(f, served_survey(f, f->s, &f->params, &f->survey, &f->e));
}

static void silence_lets_a_host_without_a_heartbeat_go_with_its_pointer(void **state)
{
    struct fixture *f = *state;
    const char *text;

    f->judged[0].signals = &silence;
    watch(f, 15, NULL);
    must(f, served_settle(f->survey, 0, &f->e));
    assert_true(goes(f, 0, "quiet", DNS_TYPE_A));
    assert_true(goes(f, 1, "3", DNS_TYPE_PTR));
    assert_int_equal(value_of(f, 0, "quiet", DNS_TYPE_A)->source, STAMP_SIGHTINGS);
    assert_int_equal(value_of(f, 1, "3", DNS_TYPE_PTR)->source, STAMP_SIGHTINGS);
    assert_int_equal(value_of(f, 0, "left", DNS_TYPE_A)->source, STAMP_HEARTBEAT);
    text = value_of(f, 0, "quiet", DNS_TYPE_A)->detail;
    assert_non_null(strstr(text, "sightings of quiet.z.test: unchanged for 15 d"));
    assert_non_null(strstr(text, "silent in 16 runs over 15 d"));
    assert_int_equal(value_of(f, 0, "quiet", DNS_TYPE_A)->observed->unchanged_s, 15 * DAY_S);
    /* Who has a heartbeat is judged by that alone. */
    assert_true(goes(f, 0, "left", DNS_TYPE_A));
    assert_false(goes(f, 0, "here", DNS_TYPE_A));
}

static void without_a_rule_the_same_host_is_static_for_ever(void **state)
{
    struct fixture *f = *state;

    watch(f, 15, NULL);
    must(f, served_settle(f->survey, 0, &f->e));
    assert_false(goes(f, 0, "quiet", DNS_TYPE_A));
    assert_int_equal(plan_builder_plan(f->survey->builders[0])->kept[REASON_STATIC], 3);
    assert_int_equal(plan_builder_plan(f->survey->builders[0])->kept[REASON_SEEN_LATELY], 0);
}

static enum reason fate(struct fixture *f, int days, const char *answering)
{
    const struct plan_value *v;

    watch(f, days, answering);
    must(f, served_settle(f->survey, 0, &f->e));
    v = value_of(f, 0, "quiet", DNS_TYPE_A);
    assert_false(goes(f, 0, "quiet", DNS_TYPE_A));
    assert_false(goes(f, 1, "3", DNS_TYPE_PTR));
    return v ? v->reason : REASON_SEEN_LATELY;
}

static void an_answer_in_the_last_round_keeps_it(void **state)
{
    struct fixture *f = *state;

    f->judged[0].signals = &silence;
    assert_int_equal(fate(f, 15, "quiet"), REASON_ANSWERS);
}

static void silence_alone_is_not_enough_before_the_intervals_are_over(void **state)
{
    struct fixture *f = *state;

    f->judged[0].signals = &silence;
    assert_int_equal(fate(f, 14, NULL), REASON_SEEN_LATELY);
    assert_int_equal(plan_builder_plan(f->survey->builders[0])->kept[REASON_SEEN_LATELY], 1);
}

static void nor_are_the_intervals_before_the_silence_is_long(void **state)
{
    static const struct signal_rules longer = { 5, 16, false };
    struct fixture *f = *state;

    f->judged[0].signals = &longer;
    assert_int_equal(fate(f, 15, NULL), REASON_SILENCE_SHORT);
}

static void a_round_that_does_not_count_lets_nobody_go(void **state)
{
    struct fixture *f = *state;

    f->judged[0].signals = &silence;
    f->judged[0].unheard = "nothing answered";
    assert_int_equal(fate(f, 15, NULL), REASON_EVIDENCE_MISSING);
    assert_non_null(strstr(value_of(f, 0, "quiet", DNS_TYPE_A)->detail, "nothing answered"));
}

static void who_all_appeared_in_one_pass_do_not_shut_the_zone(void **state)
{
    struct fixture *f = *state;

    f->judged[0].signals = &account;
    for (int pass = 0; pass < 16; pass++) {
        must(f, sightings_begin(f->s, "z.test", 1, 1000 + pass * DAY_S, &f->e));
        for (int i = 0; i < 60; i++)
            see(f, talloc_asprintf(f, "pc%d.z.test", i), DNS_TYPE_A,
                talloc_asprintf(f, "10.0.1.%d", i));
        must(f, sightings_end(f->s, true, &f->e));
    }
    must(f, served_survey(f, f->s, &f->params, &f->survey, &f->e));
    assert_int_equal(plan_builder_plan(f->survey->builders[0])->n_removed, 60);
    assert_int_equal(plan_builder_plan(f->survey->builders[0])->dynamic, 60);
    assert_int_equal(plan_builder_gate(f->survey->builders[0], 0), GATE_OPEN);
}

/* Of a name: its youngest record, its least silent address. */
static void a_host_is_as_alive_as_the_liveliest_of_its_records(void **state)
{
    const struct sighting of_name[] = {
        { .type = DNS_TYPE_A,
          .data = "10.0.0.1",
          .unchanged_s = 900,
          .n_silent = 7,
          .silent_s = 70 },
        { .type = DNS_TYPE_TXT, .data = "\"new\"", .unchanged_s = 50 },
        { .type = DNS_TYPE_AAAA,
          .data = "fd00::1",
          .unchanged_s = 800,
          .n_silent = 3,
          .silent_s = 90,
          .last_answer_s = 5 },
    };
    struct observation o = served_observe(of_name, 3, 0);

    (void)state;
    assert_int_equal(o.unchanged_s, 50);
    assert_int_equal(o.n_silent, 3);
    assert_int_equal(o.silent_s, 70);
    assert_int_equal(o.last_answer_s, 5);
    o = served_observe(of_name + 1, 1, 0);
    assert_int_equal(o.n_silent, 0);
}

static void pass_at(struct fixture *f, int64_t at_s)
{
    must(f, sightings_begin(f->s, "z.test", 1, at_s, &f->e));
    hosts(f);
    must(f, sightings_end(f->s, true, &f->e));
}

/* The site was off, and with it hosts that are as alive as the scavenger. */
static void after_a_long_outage_hosts_have_two_days_to_refresh(void **state)
{
    struct fixture *f = *state;

    pass_at(f, 1000);
    pass_at(f, 1000 + 12 * DAY_S);
    must(f, served_survey(f, f->s, &f->params, &f->survey, &f->e));
    assert_true(goes(f, 0, "left", DNS_TYPE_A));
    pass_at(f, 2000 + 24 * DAY_S);
    must(f, served_survey(f, f->s, &f->params, &f->survey, &f->e));
    must(f, served_settle(f->survey, 0, &f->e));
    assert_int_equal(plan_builder_plan(f->survey->builders[0])->n_removed, 0);
    assert_int_equal(value_of(f, 0, "left", DNS_TYPE_A)->reason, REASON_EVIDENCE_MISSING);
    pass_at(f, 1999 + 26 * DAY_S);
    must(f, served_survey(f, f->s, &f->params, &f->survey, &f->e));
    assert_false(goes(f, 0, "left", DNS_TYPE_A));
    pass_at(f, 2000 + 26 * DAY_S);
    must(f, served_survey(f, f->s, &f->params, &f->survey, &f->e));
    assert_true(goes(f, 0, "left", DNS_TYPE_A));
}

/* A server signs anew every few days, whoever has left. */
static void a_signature_made_anew_is_no_life(void **state)
{
    const struct sighting of_name[] = {
        { .type = DNS_TYPE_A, .data = "10.0.0.1", .unchanged_s = 900 },
        { .type = 46 /* RRSIG */, .data = "A 13 3", .unchanged_s = 50 },
        { .type = 47 /* NSEC */, .data = "b.z.test. A", .unchanged_s = 60 },
        { .type = DNS_TYPE_TXT, .data = "\"new\"", .unchanged_s = 70 },
    };

    (void)state;
    assert_int_equal(served_observe(of_name, 3, 0).unchanged_s, 900);
    assert_int_equal(served_observe(of_name, 4, 0).unchanged_s, 70);
}

/* As evidence does. */
static void spare(struct fixture *f, const char *name, uint16_t type, enum reason reason)
{
    struct zone_plan *p = plan_builder_plan(f->survey->builders[0]);

    for (size_t i = 0; i < p->n_nodes; i++) {
        for (size_t k = 0; strcmp(p->nodes[i].name, name) == 0 && k < p->nodes[i].n_values; k++) {
            if (p->nodes[i].values[k].type == type)
                must(f, plan_spare(p, &p->nodes[i], &p->nodes[i].values[k], reason, "evidence",
                                   &f->e));
        }
    }
}

static void the_heartbeat_of_an_address_that_stays_stays(void **state)
{
    struct fixture *f = *state;

    survey(f, hosts, pointers);
    spare(f, "left", DNS_TYPE_A, REASON_REVERSE_FRESH);
    must(f, served_settle(f->survey, 0, &f->e));
    assert_false(goes(f, 0, "left", DNS_TYPE_A));
    assert_true(goes(f, 0, "left", DNS_TYPE_AAAA));
    assert_int_equal(plan_builder_plan(f->survey->builders[0])->n_removed, 1);
    assert_false(goes(f, 1, "1", DNS_TYPE_PTR));
}

static void no_address_goes_of(struct fixture *f, uint16_t spared, uint16_t other, enum reason why)
{
    survey(f, hosts, pointers);
    spare(f, "left", spared, why);
    must(f, served_settle(f->survey, 0, &f->e));
    assert_int_equal(plan_builder_plan(f->survey->builders[0])->n_removed, 0);
    assert_int_equal(plan_builder_plan(f->survey->builders[1])->n_removed, 0);
    assert_int_equal(value_of(f, 0, "left", other)->reason, why);
    assert_non_null(strstr(value_of(f, 0, "left", other)->detail, "an address of its host stays"));
}

static void who_answers_at_one_address_keeps_all(void **state)
{
    no_address_goes_of(*state, DNS_TYPE_A, DNS_TYPE_AAAA, REASON_ANSWERS);
}

static void who_could_not_be_asked_at_one_address_keeps_all(void **state)
{
    no_address_goes_of(*state, DNS_TYPE_AAAA, DNS_TYPE_A, REASON_EVIDENCE_MISSING);
}

static void a_pointer_stays_while_the_zone_of_its_name_is_gated(void **state)
{
    struct fixture *f = *state;

    f->zones[0].aging.refresh_h = 1;
    survey(f, hosts, pointers);
    must(f, served_settle(f->survey, 0, &f->e));
    assert_false(goes(f, 1, "1", DNS_TYPE_PTR));
    must(f, served_survey(f, f->s, &f->params, &f->survey, &f->e));
    must(f, served_settle(f->survey, GATE_BIT(GATE_SHORT_INTERVALS), &f->e));
    assert_true(goes(f, 1, "1", DNS_TYPE_PTR));
}

static void a_uri_says_the_primary(void **state)
{
    char *uri = served_uri(*state, "ns1.z.test", "left.z.test");

    assert_string_equal(uri, "dns://ns1.z.test/left.z.test");
    assert_string_equal(served_primary(*state, uri), "ns1.z.test");
    assert_null(served_primary(*state, "DC=pc,DC=z.test,CN=MicrosoftDNS"));
    assert_null(served_primary(*state, "dns://ns1.z.test"));
    assert_null(served_primary(*state, NULL));
}

static void a_value_that_cannot_be_read_is_an_error_and_no_gap(void **state)
{
    struct fixture *f = *state;

    must(f, sightings_begin(f->s, "z.test", 1, 1000, &f->e));
    see(f, "broken.z.test", DNS_TYPE_A, "10.0.0");
    must(f, sightings_end(f->s, true, &f->e));
    assert_int_equal(served_survey(f, f->s, &f->params, &f->survey, &f->e), ERR_MALFORMED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_heartbeat_dates_addresses_and_itself_and_nothing_else),
        TEST(a_pointer_is_dated_by_its_target_that_holds_its_address),
        TEST(what_the_zones_themselves_rely_on_is_protected),
        TEST(glue_for_missing_accounts_is_protected_too),
        TEST(a_child_zone_that_is_read_is_judged),
        TEST(each_verdict_names_its_source),
        TEST(silence_lets_a_host_without_a_heartbeat_go_with_its_pointer),
        TEST(without_a_rule_the_same_host_is_static_for_ever),
        TEST(an_answer_in_the_last_round_keeps_it),
        TEST(silence_alone_is_not_enough_before_the_intervals_are_over),
        TEST(nor_are_the_intervals_before_the_silence_is_long),
        TEST(a_round_that_does_not_count_lets_nobody_go),
        TEST(who_all_appeared_in_one_pass_do_not_shut_the_zone),
        TEST(a_host_is_as_alive_as_the_liveliest_of_its_records),
        TEST(after_a_long_outage_hosts_have_two_days_to_refresh),
        TEST(a_signature_made_anew_is_no_life),
        TEST(the_heartbeat_of_an_address_that_stays_stays),
        TEST(who_answers_at_one_address_keeps_all),
        TEST(who_could_not_be_asked_at_one_address_keeps_all),
        TEST(a_pointer_stays_while_the_zone_of_its_name_is_gated),
        TEST(a_uri_says_the_primary),
        TEST(a_value_that_cannot_be_read_is_an_error_and_no_gap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
