#include "cmd/why_served.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/evidence_report.h"
#include "cmd/observed_report.h"
#include "cmd/output.h"
#include "cmd/served_accounts.h"
#include "cmd/served_settings.h"
#include "dns/name.h"
#include "dns/rr.h"
#include "ldap/name.h"
#include "scavenger/served_nodes.h"
#include "scavenger/served_survey.h"

/* What is looked at, and what came of it. */
struct why {
    struct context *ctx;
    struct sightings *db;
    struct planning planning;
    struct signal_rules *rules; /* one per zone of the planning */
    const struct dns_zone *zone;
    size_t at;            /* of the zone among those of the planning */
    const char *name;     /* absolute */
    const char *relative; /* the same, relative to the zone */
    uint32_t heartbeat_h; /* 0: none */
    const char **hosts;   /* the name itself, or what its PTRs name */
    size_t n_hosts;
    unsigned n_passes;
    int64_t last_pass_s;
    struct survey *survey;
    struct zone_plan *plan;
    const struct plan_node *node;
};

/* ---- what there is ---- */

/* A command that only looks makes no database. */
static enum err open_db(struct why *w, struct error *e)
{
    char *path = talloc_asprintf(w->ctx->mem, "%s/sightings.db", session_state_dir(w->ctx));

    if (!path)
        return err_nomem(e);
    if (access(path, F_OK) == 0)
        return sightings_open(w->ctx->mem, path, &w->db, e);
    err_set(e, ERR_NOTFOUND, "%s is not there: no run has seen any zone by transfer", path);
    return err_hint(e, "`muster scavenge ZONE --source axfr` sees it, or name the directory with "
                       "--state-dir");
}

static enum err find_primary(const struct sighting *of_name, size_t n, void *priv, struct error *e)
{
    char **primary = priv;

    (void)e;
    for (size_t i = 0; i < n; i++) {
        if (of_name[i].type == DNS_TYPE_SOA)
            *primary = talloc_strndup(NULL, of_name[i].data, strcspn(of_name[i].data, " "));
    }
    return OK;
}

static enum err read_zone(struct why *w, const char *name, struct dns_zone *zone,
                          struct signal_rules *rules, struct error *e)
{
    char *primary = NULL;
    enum err rc;

    if ((rc = served_zone_of(w->ctx, name, zone, e)) ||
        (rc = served_signals(w->ctx, name, rules, e)) ||
        (rc = sightings_walk_name(w->db, name, name, find_primary, &primary, e)))
        return rc;
    zone->dn = served_uri(w->ctx->mem, primary ? primary : "unknown", name);
    talloc_free(primary);
    return zone->dn ? OK : err_nomem(e);
}

/* All zones that runs have seen, each with its settings of today. */
static enum err read_zones(struct why *w, struct error *e)
{
    TALLOC_CTX *mem = w->ctx->mem;
    struct survey_params *p = &w->planning.params;
    struct protection *protection = talloc_zero(mem, struct protection);
    const char **names;
    struct dns_zone *zones;
    enum err rc = protection ? sightings_zones(mem, w->db, &names, &p->n_zones, e) : err_nomem(e);

    if (rc)
        return rc;
    zones = talloc_zero_array(mem, struct dns_zone, p->n_zones + 1);
    w->rules = talloc_zero_array(mem, struct signal_rules, p->n_zones + 1);
    p->zones = talloc_zero_array(mem, struct survey_zone, p->n_zones + 1);
    if (!zones || !w->rules || !p->zones)
        return err_nomem(e);
    for (size_t i = 0; i < p->n_zones && !rc; i++) {
        rc = read_zone(w, names[i], &zones[i], &w->rules[i], e);
        p->zones[i] = (struct survey_zone){
            .zone = &zones[i], .is_judged = true, .is_walked = true, .signals = &w->rules[i]
        };
    }
    protection->globs = options_list(w->ctx->options, "protect", &protection->n_globs);
    p->protection = protection;
    return rc;
}

/* ---- the name ---- */

static enum err add_host(struct why *w, const char *host, struct error *e)
{
    w->hosts = talloc_realloc(w->ctx->mem, w->hosts, const char *, w->n_hosts + 1);
    if (!w->hosts || !(w->hosts[w->n_hosts] = name_fold(w->hosts, host)))
        return err_nomem(e);
    w->n_hosts++;
    return OK;
}

static enum err look(const struct sighting *of_name, size_t n, void *priv, struct error *e)
{
    struct why *w = priv;
    enum err rc = add_host(w, of_name[0].name, e);

    w->heartbeat_h = served_heartbeat(of_name, n);
    for (size_t i = 0; i < n && !rc; i++) {
        if (of_name[i].type == DNS_TYPE_PTR)
            rc = add_host(w, of_name[i].data, e);
    }
    return rc;
}

/* Is the name in that zone?  Then it is the one, where no longer one has it. */
static enum err try_zone(struct why *w, size_t i, const char *name, struct error *e)
{
    const struct dns_zone *zone = w->planning.params.zones[i].zone;
    const char *relative;
    enum err rc;

    if (!dns_name_within(name, zone->name) ||
        (w->zone && strlen(zone->name) <= strlen(w->zone->name)))
        return OK;
    w->n_hosts = 0;
    if ((rc = sightings_walk_name(w->db, zone->name, name, look, w, e)) || w->n_hosts == 0)
        return rc;
    if (!(relative = dns_name_relative(w->ctx->mem, name, zone->name)))
        return err_nomem(e);
    w->zone = zone;
    w->at = i;
    w->name = name;
    w->relative = relative;
    return OK;
}

/* As an absolute name, else as a relative one. */
static enum err find_name(struct why *w, struct error *e)
{
    const struct survey_params *p = &w->planning.params;
    size_t n;
    const char *given = options_arguments(w->ctx->options, &n)[0];
    char *name;
    enum err rc = dns_name_normalise(w->ctx->mem, given, &name, e);

    if (rc)
        return err_prefix(e, "name \"%s\"", given), rc == ERR_MALFORMED ? ERR_USAGE : rc;
    for (size_t i = 0; i < p->n_zones && !rc; i++)
        rc = try_zone(w, i, name, e);
    for (size_t i = 0; i < p->n_zones && !rc && !w->zone; i++) {
        char *absolute = dns_name_absolute(w->ctx->mem, name, p->zones[i].zone->name);

        rc = absolute ? try_zone(w, i, absolute, e) : err_nomem(e);
    }
    if (rc || w->zone)
        return rc;
    err_set(e, ERR_NOTFOUND, "%s: no run has seen that name in a zone read by transfer", name);
    return err_hint(e,
                    "runs with this state directory have seen %zu zones; name another with "
                    "--state-dir, or scavenge the zone first",
                    p->n_zones);
}

static const struct plan_node *watched_node(const struct zone_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->n_nodes; i++) {
        if (strcmp(plan->nodes[i].name, name) == 0)
            return &plan->nodes[i];
    }
    for (size_t i = 0; i < plan->n_others; i++) {
        if (strcmp(plan->others[i].name, name) == 0)
            return &plan->others[i];
    }
    return NULL;
}

static enum err judge(struct why *w, struct error *e)
{
    struct planning *p = &w->planning;
    enum err rc;

    p->params.zones[w->at].watched = w->relative;
    if ((rc = sightings_passes(w->db, w->zone->name, &w->n_passes, &w->last_pass_s, e)) ||
        (rc = served_survey(w->ctx->mem, w->db, &p->params, &w->survey, e)) ||
        (rc = served_accounts_ask(w->ctx, w->survey, p->overridden, w->hosts, w->n_hosts, e)))
        return rc;
    p->probing.name = w->relative;
    if ((p->probing.is_wanted &&
         (rc = probing_run(w->ctx, &p->probing, w->survey, p->overridden, e))) ||
        (rc = served_settle(w->survey, p->overridden, e)) ||
        (rc = plan_builder_finish(w->ctx->mem, w->survey->builders[w->at], limit_default(),
                                  p->overridden, &w->plan, e)))
        return rc;
    w->node = watched_node(w->plan, w->relative);
    return w->node ? OK : err_set(e, ERR_INTERNAL, "no plan for %s", w->name);
}

/* ---- for both printers ---- */

/* May the second signal decide about it? */
static bool is_unstamped(const struct plan_value *v)
{
    return v->source == STAMP_SIGHTINGS && (v->type == DNS_TYPE_A || v->type == DNS_TYPE_AAAA);
}

/* What is missing for a record without a heartbeat to go; none for others. */
static enum err gaps_of(TALLOC_CTX *mem, const struct why *w, const struct plan_value *v,
                        struct signal_gaps *out, struct error *e)
{
    const struct zone_aging *a = &w->zone->aging;

    out->n = 0;
    if (!is_unstamped(v) || v->reason == REASON_PROTECTED)
        return OK;
    return signal_gaps(mem, &w->rules[w->at], v->observed, a->no_refresh_h + a->refresh_h, out, e);
}

static const char *rule_text(const struct plan_value *v, const struct zone_plan *plan)
{
    return v->reason == REASON_ZONE_GATE ? plan->gate_detail : v->detail;
}

/* ---- JSON ---- */

static json_t *record_json(const struct why *w, const struct plan_value *v,
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

static enum err print_json(const struct why *w, struct error *e)
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
                  "signals", observed_rules_json(&w->rules[w->at]), "evidence",
                  evidence_json(&w->survey->evidence), "probe", probing_json(&w->planning.probing),
                  "records", records),
        e);
}

/* ---- text ---- */

static void print_time(TALLOC_CTX *mem, const char *what, int64_t at_s, int64_t now_s)
{
    printf("  %s: %s, %s ago\n", what, clock_rfc3339(mem, at_s),
           output_age(mem, (now_s - at_s) / 3600));
}

static void print_observed(TALLOC_CTX *mem, const struct why *w, const struct plan_value *v)
{
    const struct observation *o = v->observed;
    const struct signal_rules *r = &w->rules[w->at];
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
    if (o->account_detail)
        printf("  account: %s\n", output_safe(mem, o->account_detail));
    else
        printf("  account: %s\n", r->wants_no_account ? "not asked about" : "of no account here");
}

static enum err print_record(TALLOC_CTX *mem, const struct why *w, const struct plan_value *v,
                             struct error *e)
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

static enum err print_text(const struct why *w, struct error *e)
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
    if (w->heartbeat_h)
        printf("  heartbeat: %s, %s ago\n", output_hours(mem, w->heartbeat_h),
               output_age(mem, (int64_t)w->planning.now_h - w->heartbeat_h));
    else
        puts("  heartbeat: none");
    print_rules(&w->rules[w->at]);
    printf("  now: %s UTC\n", output_hours(mem, w->planning.now_h));
    for (size_t i = 0; i < w->node->n_values && !rc; i++)
        rc = print_record(mem, w, &w->node->values[i], e);
    return rc;
}

enum err why_served(struct context *ctx, struct error *e)
{
    struct why w = { .ctx = ctx };
    enum err rc;

    if ((rc = planning_read(ctx, &w.planning, e)) || (rc = open_db(&w, e)) ||
        (rc = read_zones(&w, e)) || (rc = find_name(&w, e)) || (rc = judge(&w, e)))
        return rc;
    return ctx->is_json ? print_json(&w, e) : print_text(&w, e);
}
