#include "cmd/plan_report.h"

#include <stdio.h>

#include "base/clock.h"
#include "cmd/elsewhere.h"
#include "cmd/evidence_report.h"
#include "cmd/observed_report.h"
#include "cmd/output.h"
#include "cmd/report_stats.h"
#include "cmd/report_summary.h"
#include "scavenger/served_nodes.h"

size_t plan_report_count(const struct scavenge_report *r, enum outcome outcome)
{
    size_t n = 0;

    for (size_t z = 0; z < r->n_zones; z++) {
        for (size_t i = 0; i < r->zones[z]->n_nodes; i++) {
            if (r->zones[z]->nodes[i].outcome == outcome)
                n += r->zones[z]->nodes[i].n_removed;
        }
    }
    return n;
}

size_t plan_report_planned(const struct scavenge_report *r)
{
    size_t n = 0;

    for (size_t z = 0; z < r->n_zones; z++)
        n += r->zones[z]->n_removed;
    return n;
}

static json_t *item_json(const struct plan_node *node, const struct plan_value *v)
{
    char type[16];
    char *raw = bytes_to_base64(NULL, v->raw);
    json_t *json =
        json_pack("{s:o, s:s, s:o, s:I, s:I, s:s, s:o, s:o, s:s, s:o, s:s?, s:s, s:o}", "name",
                  output_json_text(node->name), "type", dnsp_type_name(v->type, type), "data",
                  output_json_text(v->data), "ttl", (json_int_t)v->ttl_s, "timestamp_hours",
                  (json_int_t)v->timestamp_h, "reason", reason_name(v->reason), "detail",
                  output_json_text(v->detail), "owner", output_json_text(node->owner_sid),
                  "outcome", outcome_name(node->outcome), "problem",
                  output_json_text(node->problem), "raw", raw, "source",
                  stamp_source_name(v->source), "observed", observed_json(v));

    talloc_free(raw);
    return json;
}

static json_t *kept_json(const struct zone_plan *p)
{
    json_t *kept = json_object();

    for (size_t i = 0; i < REASON_COUNT; i++) {
        if (p->kept[i])
            json_object_set_new(kept, reason_name((enum reason)i),
                                json_integer((json_int_t)p->kept[i]));
    }
    return kept;
}

static json_t *nodes_json(const struct zone_plan *p)
{
    json_t *plan = json_array();

    for (size_t i = 0; plan && i < p->n_nodes; i++) {
        for (size_t k = 0; k < p->nodes[i].n_values; k++) {
            if (p->nodes[i].values[k].is_removed &&
                json_array_append_new(plan, item_json(&p->nodes[i], &p->nodes[i].values[k])) != 0) {
                json_decref(plan);
                return NULL;
            }
        }
    }
    return plan;
}

static json_t *gates_json(gate_set gates)
{
    json_t *list = json_array();

    for (int g = GATE_OPEN + 1; g < GATE_COUNT; g++) {
        if (gates & GATE_BIT(g))
            json_array_append_new(list, json_string(gate_name((enum gate)g)));
    }
    return list;
}

/* Of a zone read by transfer: does it come from whom the administrator named? */
static json_t *proved_json(const struct zone_plan *p)
{
    return p->signals ? json_boolean(!p->unproven) : json_null();
}

static json_t *zone_json(const struct zone_plan *p)
{
    return json_pack("{s:o, s:s?, s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "zone",
                     output_json_text(p->zone->name), "skipped", gate_name(p->gate),
                     "skipped_detail", output_json_text(p->gate_detail), "overridden",
                     gates_json(p->overridden), "examined", (json_int_t)p->examined, "dynamic",
                     (json_int_t)p->dynamic, "stale_soon", (json_int_t)p->stale_soon, "limit",
                     (json_int_t)p->limit, "plan", nodes_json(p), "saved", evidence_saved_json(p),
                     "kept", kept_json(p), "signals", observed_rules_json(p->signals), "proved",
                     proved_json(p));
}

/* The first zone whose plan is over its limit, or null. */
static json_t *limit_json(const struct scavenge_report *r)
{
    for (size_t z = 0; z < r->n_zones; z++) {
        const struct zone_plan *p = r->zones[z];

        if (p->is_over_limit)
            return json_pack("{s:o, s:I, s:I, s:I}", "zone", output_json_text(p->zone->name),
                             "planned", (json_int_t)p->n_removed, "limit", (json_int_t)p->limit,
                             "dynamic", (json_int_t)p->dynamic);
    }
    return json_null();
}

/* The dynamic records by age: [{"under_hours", "records", "stale"}], the last without an end. */
static json_t *ages_json(const struct scavenge_report *r)
{
    struct report_stats s = report_stats_of(r);
    json_t *list = json_array();

    for (size_t i = 0; list && i < AGE_STEPS; i++) {
        json_t *end = i + 1 < AGE_STEPS ? json_integer(age_step_end_h(i)) : json_null();
        json_t *one = json_pack("{s:o, s:I, s:I}", "under_hours", end, "records",
                                (json_int_t)s.ages[i], "stale", (json_int_t)s.planned_ages[i]);

        if (json_array_append_new(list, one) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

json_t *plan_report_json(const struct scavenge_report *r)
{
    json_t *zones = json_array(), *json;

    for (size_t z = 0; zones && z < r->n_zones; z++) {
        if (json_array_append_new(zones, zone_json(r->zones[z])) != 0) {
            json_decref(zones);
            return NULL;
        }
    }
    json = json_pack("{s:s?, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I}", "run", r->run,
                     "applied", r->is_applied, "as_of", output_json_hours(r->now_h), "zones", zones,
                     "limit", limit_json(r), "evidence", evidence_json(&r->survey->evidence),
                     "findings", findings_json(r->survey->findings), "controllers",
                     elsewhere_json(r->replicas), "probe",
                     r->probing ? probing_json(r->probing) : json_null(), "silence_probe",
                     r->silence ? probing_json(r->silence) : json_null(), "ages", ages_json(r),
                     "stale_soon", (json_int_t)report_stats_of(r).stale_soon);
    if (json && r->problem &&
        json_object_set_new(json, "error", output_json_error(r->problem)) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

/* Of a zone that asks for a second signal it is not only refreshes that date. */
static bool has_sources(const struct zone_plan *p) { return signal_is_wanted(p->signals); }

static struct table *new_table(TALLOC_CTX *mem, const struct scavenge_report *r,
                               const struct zone_plan *p)
{
    const char *heads[8] = { "NAME", "TYPE",
                             "DATA", has_sources(p) ? "LAST SIGN (UTC)" : "REFRESHED (UTC)",
                             ">AGE", ">OVERDUE" };
    size_t n = 6;

    if (has_sources(p))
        heads[n++] = "KNOWN BY";
    if (r->is_applied)
        heads[n++] = "OUTCOME";
    return table_new(mem, heads, n);
}

static void print_nodes(TALLOC_CTX *mem, const struct scavenge_report *r, const struct zone_plan *p)
{
    struct table *t = new_table(mem, r, p);

    for (size_t i = 0; i < p->n_nodes; i++) {
        const struct plan_node *node = &p->nodes[i];

        for (size_t k = 0; k < node->n_values; k++) {
            const struct plan_value *v = &node->values[k];
            int64_t age_h = (int64_t)r->now_h - v->timestamp_h;
            int64_t life_h = (int64_t)p->zone->aging.no_refresh_h + p->zone->aging.refresh_h;
            char type[16];
            const char *cells[8] = {
                node->name,
                dnsp_type_name(v->type, type),
                v->data,
                output_hours(mem, v->timestamp_h),
                output_age(mem, age_h),
                output_age(mem, age_h - life_h),
                has_sources(p) ? stamp_source_name(v->source) : outcome_name(node->outcome),
                outcome_name(node->outcome),
            };

            if (v->is_removed)
                table_row(t, cells);
        }
    }
    table_print(t, "  ");
    for (size_t i = 0; i < p->n_nodes; i++) {
        if (p->nodes[i].problem)
            printf("  %s: %s\n", output_safe(mem, p->nodes[i].name),
                   output_safe(mem, p->nodes[i].problem));
    }
}

/* What a record without a heartbeat needs to go, where the zone's section says it. */
static void print_rules(const struct zone_plan *p)
{
    const struct signal_rules *r = p->signals;

    if (!signal_is_wanted(r))
        return;
    fputs("  without a heartbeat: not changed while runs observed it", stdout);
    if (r->silence_runs)
        printf(", silent in %u runs over %u d", r->silence_runs, r->silence_days);
    puts(r->wants_no_account ? ", no computer account" : "");
}

static void print_kept(const struct zone_plan *p)
{
    size_t n_kept = 0;
    const char *separator = " (";

    for (size_t i = 0; i < REASON_COUNT; i++)
        n_kept += p->kept[i];
    printf("  %zu stale, %zu kept", p->n_removed, n_kept);
    for (size_t i = 0; i < REASON_COUNT; i++) {
        if (p->kept[i]) {
            printf("%s%zu %s", separator, p->kept[i], reason_name((enum reason)i));
            separator = ", ";
        }
    }
    puts(n_kept ? ")" : "");
    if (p->kept[REASON_STATIC] && served_is_uri(p->zone->dn) && !signal_is_wanted(p->signals))
        puts("  static here: without a heartbeat; sightings alone never age a record");
}

static void print_zone(TALLOC_CTX *mem, const struct scavenge_report *r, const struct zone_plan *p)
{
    printf("%s  (no-refresh %s, refresh %s)\n", p->zone->name,
           output_interval(mem, p->zone->aging.no_refresh_h),
           output_interval(mem, p->zone->aging.refresh_h));
    if (p->unproven)
        printf("  transfer: %s: unproven; nothing of it is kept for later runs\n", p->unproven);
    else if (p->signals)
        puts("  transfer: signed");
    print_rules(p);
    if (p->gate != GATE_OPEN) {
        printf("  skipped: %s\n", output_safe(mem, p->gate_detail ? p->gate_detail : ""));
        if (gate_can_be_overridden(p->gate))
            printf("  (when you know better: --override %s)\n", gate_name(p->gate));
    }
    for (int g = GATE_OPEN + 1; g < GATE_COUNT; g++) {
        if (p->overridden & GATE_BIT(g))
            printf("  overridden: %s\n", gate_name((enum gate)g));
    }
    if (p->n_nodes)
        print_nodes(mem, r, p);
    evidence_print_saved(mem, p);
    if (p->examined)
        print_kept(p);
    if (p->is_over_limit)
        printf("  over the limit: %zu records would go, %zu may (of %zu dynamic ones)\n",
               p->n_removed, p->limit, p->dynamic);
    putchar('\n');
}

bool plan_report_is_forecast(const struct scavenge_report *r)
{
    return r->now_h > clock_hours_from_unix(r->started);
}

static void print_summary(const struct scavenge_report *r)
{
    size_t planned = plan_report_planned(r);
    size_t deleted = plan_report_count(r, OUTCOME_DELETED);
    bool is_over = false;

    for (size_t z = 0; z < r->n_zones; z++)
        is_over = is_over || r->zones[z]->is_over_limit;
    if (r->is_applied && r->run) {
        printf("%zu of %zu records deleted. `muster restore %s` shows how to put them back.\n",
               deleted, planned, r->run);
        if (plan_report_count(r, OUTCOME_REFRESHED))
            printf("%zu records changed meanwhile and were left alone.\n",
                   plan_report_count(r, OUTCOME_REFRESHED));
        return;
    }
    if (planned == 0)
        puts("Nothing to delete.");
    else if (is_over && !plan_report_is_forecast(r))
        printf("Nothing was deleted. The plan is over the limit: look at it, then allow it with "
               "--max-deletes.\n");
    else if (plan_report_is_forecast(r))
        puts("Nothing was deleted: this is a forecast.");
    else
        printf("Nothing was deleted. The same command with --apply deletes %s.\n",
               planned == 1 ? "this record" : "these records");
}

static void print_head(TALLOC_CTX *mem, const struct scavenge_report *r)
{
    printf("%s at %s as %s\n", output_safe(mem, r->domain), output_safe(mem, r->server),
           output_safe(mem, r->principal));
    printf("judged as of %s UTC%s\n\n", output_hours(mem, r->now_h),
           plan_report_is_forecast(r) ? ", a forecast: as if no host refreshed until then" : "");
}

void plan_report_text(TALLOC_CTX *mem, const struct scavenge_report *r)
{
    print_head(mem, r);
    for (size_t z = 0; z < r->n_zones; z++)
        print_zone(mem, r, r->zones[z]);
    findings_print(mem, r->survey->findings);
    evidence_print(mem, &r->survey->evidence);
    elsewhere_print(mem, r->replicas);
    report_summary_print(r);
    print_summary(r);
}
