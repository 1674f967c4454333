/* A plan for the tests of reports: two zones, hostile names, one record that evidence keeps. */
#ifndef TESTS_UNIT_REPORT_SAMPLE_H
#define TESTS_UNIT_REPORT_SAMPLE_H

#include "cmd/plan_report.h"
#include "dns/rr.h"

#define SAMPLE_NOW_H 3733279
#define SAMPLE_HOSTILE "<img src=x onerror=alert(1)>\"'&"

struct report_sample {
    struct dns_zone zones[2];
    struct plan_value values[2], saved;
    struct plan_node nodes[2], other;
    struct zone_plan plans[2], *list[2];
    struct survey survey;
    struct findings findings;
    struct finding finding;
    struct probing probing;
    struct scavenge_report report;
};

static inline struct plan_value sample_value(enum reason reason, uint32_t age_h, const char *data)
{
    return (struct plan_value){
        .is_removed = reason == REASON_STALE,
        .reason = reason,
        .type = DNS_TYPE_TXT,
        .timestamp_h = SAMPLE_NOW_H - age_h,
        .stale_at_h = SAMPLE_NOW_H - age_h + 337,
        .data = data,
    };
}

static inline int sample_setup(void **state)
{
    struct report_sample *s = talloc_zero(NULL, struct report_sample);

    for (size_t z = 0; z < 2; z++) {
        s->zones[z].name = z ? "b\"ad\\.test" : "a.example.test";
        s->zones[z].aging = (struct zone_aging){ true, 168, 168, 0 };
        s->plans[z].zone = &s->zones[z];
        s->list[z] = &s->plans[z];
    }
    s->values[0] = sample_value(REASON_STALE, 1000, "\"" SAMPLE_HOSTILE "\"");
    s->values[1] = sample_value(REASON_STALE, 9000, "</script><script>alert(2)</script>");
    s->saved = sample_value(REASON_ANSWERS, 500, "10.0.0.1");
    s->saved.detail = "10.0.0.1 answered an ICMP echo";
    s->nodes[0] = (struct plan_node){
        .name = SAMPLE_HOSTILE, .values = &s->values[0], .n_values = 1, .n_removed = 1
    };
    s->nodes[1] = (struct plan_node){
        .name = "pc\xff\x1b[2J\xe2\x80\xae", .values = &s->values[1], .n_values = 1, .n_removed = 1
    };
    s->other = (struct plan_node){ .name = "kept", .values = &s->saved, .n_values = 1 };
    s->plans[0].nodes = s->nodes;
    s->plans[0].n_nodes = 2;
    s->plans[0].n_removed = 2;
    s->plans[0].others = &s->other;
    s->plans[0].n_others = 1;
    s->plans[0].examined = 10;
    s->plans[0].dynamic = 8;
    s->plans[0].limit = 20;
    s->plans[0].stale_soon = 3;
    s->plans[0].kept[REASON_FRESH] = 5;
    s->plans[0].kept[REASON_STATIC] = 2;
    s->plans[0].kept[REASON_ANSWERS] = 1;
    s->plans[0].ages[1] = 5;
    s->plans[0].ages[3] = 1;
    s->plans[0].ages[4] = 1;
    s->plans[0].ages[7] = 1;
    s->plans[1].gate = GATE_AGING_OFF;
    s->plans[1].gate_detail = "aging is off";
    s->plans[1].stale_soon = 100;
    s->finding =
        (struct finding){ FINDING_PTR_MOVED, "a.example.test", SAMPLE_HOSTILE, "x", "moved" };
    s->findings = (struct findings){ .all = &s->finding, .n = 1 };
    s->findings.counted[FINDING_PTR_MOVED] = 1;
    s->survey.findings = &s->findings;
    s->report = (struct scavenge_report){
        .zones = s->list,
        .n_zones = 2,
        .survey = &s->survey,
        .now_h = SAMPLE_NOW_H,
        .probing = &s->probing,
        .domain = "example.test",
        .server = "dc1.example.test",
        .principal = "admin@EXAMPLE.TEST",
        .started = 1795330817,
        .took_ms = 1234,
    };
    *state = s;
    return 0;
}

static inline void sample_apply(struct report_sample *s)
{
    s->report.run = "20261122T140557Z-1f3a";
    s->report.is_applied = true;
    s->nodes[0].outcome = OUTCOME_DELETED;
    s->nodes[1].outcome = OUTCOME_DENIED;
    s->nodes[1].problem = "insufficient access";
}

static inline int sample_teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, sample_setup, sample_teardown)

#endif
