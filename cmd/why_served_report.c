#include "cmd/why_served_report.h"

#include <stdio.h>

#include "base/clock.h"
#include "cmd/evidence_report.h"
#include "cmd/observed_report.h"
#include "cmd/output.h"
#include "dns/rr.h"

/* May the second signal decide about it? */
static bool is_unstamped(const struct plan_value *v)
{
    return v->source == STAMP_SIGHTINGS && (v->type == DNS_TYPE_A || v->type == DNS_TYPE_AAAA);
}

/* What is missing for a record without a heartbeat to go; none for others. */
static enum err gaps_of(TALLOC_CTX *mem, const struct why_served *w, const struct plan_value *v,
                        struct signal_gaps *out, struct error *e)
{
    const struct zone_aging *a = &w->zone->aging;

    out->n = 0;
    if (!is_unstamped(v) || v->reason == REASON_PROTECTED)
        return OK;
    return signal_gaps(mem, w->planning.params.zones[w->at].signals, v->observed,
                       a->no_refresh_h + a->refresh_h, out, e);
}

static const char *rule_text(const struct plan_value *v, const struct zone_plan *plan)
{
    return v->reason == REASON_ZONE_GATE ? plan->gate_detail : v->detail;
}

/* ---- JSON ---- */

static json_t *record_json(const struct why_served *w, const struct plan_value *v,
                           const struct signal_gaps *gaps)
{
    json_t *missing = json_array();
    char type[16];

    for (size_t i = 0; missing && i < gaps->n; i++)
        json_array_append_new(missing, output_json_text(gaps->text[i]));
    return json_pack("{s:s, s:o, s:I, s:o, s:b, s:o, s:s, s:b, s:o, s:s, s:o, s:o}", "type",
                     dnsp_type_name(v->type, type), "data", output_json_text(v->data),
                     "timestamp_hours", (json_int_t)v->timestamp_h, "timestamp",
                     output_json_hours(v->timestamp_h), "static", v->timestamp_h == 0, "stale_at",
                     output_json_hours(v->stale_at_h), "reason", reason_name(v->reason), "goes",
                     v->is_removed, "detail", output_json_text(rule_text(v, w->plan)), "source",
                     stamp_source_name(v->source), "observed", observed_json(v), "missing",
                     missing);
}

enum err why_served_json(const struct why_served *w, struct error *e)
{
    const struct zone_aging *a = &w->zone->aging;
    json_t *records = json_array();
    enum err rc = records ? OK : err_nomem(e);

    for (size_t i = 0; i < w->node->n_values && !rc; i++) {
        struct signal_gaps gaps;

        rc = gaps_of(w->ctx->mem, w, &w->node->values[i], &gaps, e);
        if (!rc && json_array_append_new(records, record_json(w, &w->node->values[i], &gaps)) != 0)
            rc = err_nomem(e);
    }
    if (rc) {
        json_decref(records);
        return rc;
    }
    return output_json(
        json_pack("{s:o, s:o, s:o, s:o, s:s, s:{s:b, s:I, s:I}, s:s?, s:o, s:I, s:o, s:I, s:o, "
                  "s:o, s:o, s:o, s:o}",
                  "fqdn", output_json_text(w->name), "zone", output_json_text(w->zone->name),
                  "name", output_json_text(w->relative), "now",
                  output_json_hours(w->planning.now_h), "source", "axfr", "aging", "enabled", true,
                  "no_refresh_hours", (json_int_t)a->no_refresh_h, "refresh_hours",
                  (json_int_t)a->refresh_h, "gate", gate_name(w->plan->gate), "gate_detail",
                  output_json_text(w->plan->gate_detail), "passes", (json_int_t)w->n_passes,
                  "last_pass", output_json_time(w->last_pass_s), "heartbeat_hours",
                  (json_int_t)w->heartbeat_h, "heartbeat", output_json_hours(w->heartbeat_h),
                  "signals", observed_rules_json(w->planning.params.zones[w->at].signals),
                  "evidence", evidence_json(&w->survey->evidence), "probe",
                  probing_json(&w->planning.probing), "records", records),
        e);
}

/* ---- text ---- */

static void print_time(TALLOC_CTX *mem, const char *what, int64_t at_s, int64_t now_s)
{
    printf("  %s: %s, %s ago\n", what, clock_rfc3339(mem, at_s),
           output_age(mem, (now_s - at_s) / 3600));
}

static void print_observed(TALLOC_CTX *mem, const struct why_served *w, const struct plan_value *v)
{
    const struct observation *o = v->observed;
    int64_t now_s = clock_unix_from_hours(w->planning.params.real_now_h);

    print_time(mem, "first seen", o->first_seen_s, now_s);
    print_time(mem, "last changed", o->last_changed_s, now_s);
    print_time(mem, "last confirmed", o->last_confirmed_s, now_s);
    if (!is_unstamped(v))
        return;
    printf("  the name unchanged: %s while runs observed it\n",
           output_age(mem, o->unchanged_s / 3600));
    printf("  silent: in %u runs in a row, over %s%s%s\n", o->n_silent,
           output_age(mem, o->silent_s / 3600), o->last_answer_s ? "; answered last at " : "",
           o->last_answer_s ? clock_rfc3339(mem, o->last_answer_s) : "");
    if (o->account_detail || w->planning.params.zones[w->at].signals->wants_no_account)
        printf("  account: %s\n",
               o->account_detail ? output_safe(mem, o->account_detail) : "not asked about");
}

static enum err print_record(TALLOC_CTX *mem, const struct why_served *w,
                             const struct plan_value *v, struct error *e)
{
    const char *rule = rule_text(v, w->plan);
    struct signal_gaps gaps;
    char type[16];
    enum err rc = gaps_of(mem, w, v, &gaps, e);

    if (rc)
        return rc;
    printf("\n%s %s\n", dnsp_type_name(v->type, type), output_safe(mem, v->data ? v->data : "?"));
    printf("  verdict: %s (%s)%s%s\n", v->is_removed ? "goes" : "stays", reason_name(v->reason),
           rule ? ": " : "", rule ? output_safe(mem, rule) : "");
    printf("  dated by: %s\n", v->timestamp_h ? stamp_source_name(v->source)
                                              : "nobody; it is known by sightings alone");
    if (v->timestamp_h) {
        int64_t overdue_h = (int64_t)w->planning.now_h - (int64_t)v->stale_at_h;

        printf("  stale from: %s, %s %s\n", output_hours(mem, v->stale_at_h),
               output_age(mem, overdue_h < 0 ? -overdue_h : overdue_h),
               overdue_h < 0 ? "from now" : "ago");
    }
    print_observed(mem, w, v);
    for (size_t i = 0; i < gaps.n; i++)
        printf("  missing, for it to go: %s\n", output_safe(mem, gaps.text[i]));
    return OK;
}

static void print_rules(const struct signal_rules *r)
{
    fputs("  second signal, for records without a heartbeat: ", stdout);
    if (r->silence_runs)
        printf("silence in %u runs over %u d", r->silence_runs, r->silence_days);
    printf("%s%s\n", r->silence_runs && r->wants_no_account ? ", and " : "",
           r->wants_no_account ? "no computer account"
           : r->silence_runs   ? ""
                               : "none is asked for, so they never go");
}

static void print_dating(TALLOC_CTX *mem, const struct why_served *w)
{
    if (w->heartbeat_h)
        printf("  heartbeat: %s, %s ago\n", output_hours(mem, w->heartbeat_h),
               output_age(mem, (int64_t)w->planning.now_h - w->heartbeat_h));
    else
        puts("  heartbeat: none");
    print_rules(w->planning.params.zones[w->at].signals);
}

enum err why_served_text(const struct why_served *w, struct error *e)
{
    TALLOC_CTX *mem = w->ctx->mem;
    const struct zone_aging *a = &w->zone->aging;
    int64_t now_s = clock_unix_from_hours(w->planning.params.real_now_h);
    enum err rc = OK;

    printf("%s\n", output_safe(mem, w->name));
    printf("  zone: %s, read by transfer, no-refresh %s, refresh %s\n",
           output_safe(mem, w->zone->name), output_interval(mem, a->no_refresh_h),
           output_interval(mem, a->refresh_h));
    printf("  gate: %s%s%s\n", w->plan->gate ? gate_name(w->plan->gate) : "open",
           w->plan->gate_detail ? ": " : "", w->plan->gate_detail ? w->plan->gate_detail : "");
    printf("  passes over the zone: %u\n", w->n_passes);
    print_time(mem, "judged as of the last pass", w->last_pass_s, now_s);
    if (pairs_is_reverse(w->zone))
        puts("  PTR records are dated by the name that they point to, and go with its address");
    else
        print_dating(mem, w);
    printf("  now: %s UTC\n", output_hours(mem, w->planning.now_h));
    for (size_t i = 0; i < w->node->n_values && !rc; i++)
        rc = print_record(mem, w, &w->node->values[i], e);
    return rc;
}
