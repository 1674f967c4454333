/* muster why NAME: the verdict on each record of a name, with every input. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/elsewhere.h"
#include "cmd/evidence_report.h"
#include "cmd/output.h"
#include "cmd/planning.h"
#include "cmd/served_settings.h"
#include "cmd/why_elsewhere.h"
#include "cmd/why_served.h"
#include "dns/name.h"
#include "ldap/account_name.h"

struct why {
    const struct session *session;
    const struct survey *survey;
    const struct zone_plan *plan;
    const struct plan_node *node;
    uint32_t now_h;
    const char *fqdn;
    const char *owner; /* the account's name, or NULL */
    const struct probing *probing;
    struct elsewhere_views elsewhere;
};

static enum err seek_node(const struct dns_node *node, void *priv, struct error *e)
{
    (void)node;
    (void)e;
    *(bool *)priv = true;
    return OK;
}

static enum err has_node(struct session *s, const struct dns_zone *zone, const char *relative,
                         bool *found, struct error *e)
{
    const struct node_filter filter = { .name = relative };

    *found = false;
    return nodes_walk(s->directory, zone, &filter, seek_node, found, e);
}

/*
 * Where the name is: as an absolute name in the zone nearest to it, else as a relative one, the
 * domain's own zone first.
 */
static enum err find_name(struct context *ctx, struct session *s, const char *given,
                          struct planning *p, struct error *e)
{
    struct dns_zone *zones, *best = NULL;
    const char *relative = NULL;
    size_t n, best_len = 0;
    char *name;
    enum err rc = zones_list(ctx->mem, s->directory, &zones, &n, e);

    if (rc)
        return rc;
    if ((rc = dns_name_normalise(ctx->mem, given, &name, e)))
        return err_prefix(e, "name \"%s\"", given), rc == ERR_MALFORMED ? ERR_USAGE : rc;
    for (int pass = 0; pass < 2 && !best; pass++) {
        for (size_t i = 0; i < n; i++) {
            bool is_domain = strcmp(zones[i].name, s->domain) == 0, found = false;
            size_t len = pass == 0 ? strlen(zones[i].name) : is_domain ? 2 : 1;
            const char *at = name;

            if ((pass == 0 && !dns_name_within(name, zones[i].name)) || len <= best_len)
                continue;
            if (pass == 0 && !(at = dns_name_relative(ctx->mem, name, zones[i].name)))
                return err_nomem(e);
            if ((rc = has_node(s, &zones[i], at, &found, e)))
                return rc;
            if (found) {
                best = &zones[i];
                best_len = len;
                relative = at;
            }
        }
    }
    if (!best) {
        err_set(e, ERR_NOTFOUND, "%s: no zone of the directory holds that name", name);
        return err_hint(
            e, "`muster zones` lists the zones; `muster records ZONE --all` shows tombstones");
    }
    p->watched_zone = best->dn;
    p->watched = p->probing.name = relative;
    p->zones = talloc_memdup(ctx->mem, &best->name, sizeof best->name);
    p->n_zones = 1;
    return p->zones ? OK : err_nomem(e);
}

/* What the evidence says of the value; only a stale one needs any. */
static enum err hear(TALLOC_CTX *mem, const struct why *w, const struct plan_value *v,
                     struct testimony **out, struct error *e)
{
    if (v->is_removed || evidence_has_saved(v))
        return evidence_judge(mem, &w->survey->evidence, w->plan->zone, w->node, v, out, e);
    *out = talloc_zero(mem, struct testimony);
    return *out ? OK : err_nomem(e);
}

/* Not so where nothing but its bytes is known, not even its type. */
static bool is_decodable(const struct plan_value *v)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dnsp_record *r;
    bool is = tmp && dnsp_record_decode(tmp, v->raw, &r, NULL) == OK;

    talloc_free(tmp);
    return is;
}

static const char *rule_text(TALLOC_CTX *mem, const struct why *w, const struct plan_value *v)
{
    switch (v->reason) {
    case REASON_STATIC:
        return "it has no timestamp: an administrator's record";
    case REASON_FOREIGN_TYPE:
        return "hosts do not register this type";
    case REASON_UNREADABLE:
        return is_decodable(v) ? "the value does not fit its type"
                               : "its bytes are no DNS record, so that nobody knows what it is";
    case REASON_CONFLICT_OBJECT:
        return "the object lost a replication conflict or is deleted";
    case REASON_FUTURE:
        return "its timestamp is later than now";
    case REASON_FRESH:
        return talloc_asprintf(mem, "refreshed %u h ago, stale after %u h",
                               w->now_h - v->timestamp_h,
                               w->plan->zone->aging.no_refresh_h + w->plan->zone->aging.refresh_h);
    case REASON_ZONE_GATE:
        return w->plan->gate_detail;
    default:
        return v->detail;
    }
}

static json_t *notes_json(const struct testimony *t)
{
    json_t *list = json_array();

    for (size_t i = 0; list && i < t->n_notes; i++)
        json_array_append_new(list, output_json_text(t->notes[i]));
    return list;
}

static enum err record_json(const struct why *w, const struct plan_value *v, json_t *list,
                            struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct testimony *t;
    char name[16];
    const char *type = is_decodable(v) ? dnsp_type_name(v->type, name) : NULL;
    json_t *one;
    enum err rc = tmp ? hear(tmp, w, v, &t, e) : err_nomem(e);

    if (!rc) {
        one = json_pack("{s:s?, s:o, s:I, s:o, s:b, s:o, s:s, s:b, s:o, s:o, s:o}", "type", type,
                        "data", output_json_text(v->data), "timestamp_hours",
                        (json_int_t)v->timestamp_h, "timestamp", output_json_hours(v->timestamp_h),
                        "static", v->timestamp_h == 0, "stale_at", output_json_hours(v->stale_at_h),
                        "reason", reason_name(v->reason), "goes", v->is_removed, "detail",
                        output_json_text(rule_text(tmp, w, v)), "evidence", notes_json(t), "gate",
                        output_json_text(gate_name(w->plan->gate)));
        if (json_array_append_new(list, one) != 0)
            rc = err_nomem(e);
    }
    talloc_free(tmp);
    return rc;
}

static enum err why_json(const struct why *w, struct error *e)
{
    const struct zone_aging *a = &w->plan->zone->aging;
    json_t *records = json_array();
    enum err rc = records ? OK : err_nomem(e);

    for (size_t i = 0; i < w->node->n_values && !rc; i++)
        rc = record_json(w, &w->node->values[i], records, e);
    if (rc) {
        json_decref(records);
        return rc;
    }
    return output_json(
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:{s:b, s:I, s:I, s:o}, s:o, s:o, s:o, s:o, s:o, "
                  "s:o, s:o}",
                  "fqdn", output_json_text(w->fqdn), "zone", output_json_text(w->plan->zone->name),
                  "name", output_json_text(w->node->name), "now", output_json_hours(w->now_h),
                  "owner", output_json_text(w->node->owner_sid), "owner_name",
                  output_json_text(w->owner), "aging", "enabled", a->is_enabled, "no_refresh_hours",
                  (json_int_t)a->no_refresh_h, "refresh_hours", (json_int_t)a->refresh_h,
                  "scavenge_after",
                  output_json_hours(gate_scavenge_from_h(w->plan->zone, w->now_h)), "gate",
                  output_json_text(gate_name(w->plan->gate)), "gate_detail",
                  output_json_text(w->plan->gate_detail), "evidence",
                  evidence_json(&w->survey->evidence), "findings",
                  findings_json(w->survey->findings), "controllers",
                  why_elsewhere_json(&w->elsewhere), "probe", probing_json(w->probing), "records",
                  records),
        e);
}

/* What was found out beside the evidence, at the end of a stale record's detail; NULL: nothing. */
static const char *added_to(const struct testimony *t, const struct plan_value *v)
{
    size_t len = t->detail ? strlen(t->detail) : 0;

    if (!v->detail || v->reason != REASON_STALE ||
        strncmp(v->detail, t->detail ? t->detail : "", len))
        return NULL;
    return v->detail[len] == '\0' ? NULL : len ? v->detail + len + 2 : v->detail;
}

static void print_time(TALLOC_CTX *mem, const char *what, uint64_t at_h, uint32_t now_h)
{
    int64_t ago_h = (int64_t)now_h - (int64_t)at_h;

    printf("  %s: %s, %s %s\n", what, output_hours(mem, at_h),
           output_age(mem, ago_h < 0 ? -ago_h : ago_h), ago_h < 0 ? "from now" : "ago");
}

static enum err print_record(TALLOC_CTX *mem, const struct why *w, const struct plan_value *v,
                             struct error *e)
{
    const char *rule = v->reason == REASON_STALE ? "nothing speaks for it" : rule_text(mem, w, v);
    const char *added;
    struct testimony *t;
    char type[16];
    enum err rc = hear(mem, w, v, &t, e);

    if (rc)
        return rc;
    if (is_decodable(v))
        printf("\n%s %s\n", dnsp_type_name(v->type, type),
               output_safe(mem, v->data ? v->data : "?"));
    else
        printf("\na value of %zu bytes that cannot be decoded\n", v->raw.len);
    printf("  verdict: %s (%s)%s%s\n", v->is_removed ? "goes" : "stays", reason_name(v->reason),
           rule ? ": " : "", rule ? output_safe(mem, rule) : "");
    if (v->timestamp_h) {
        print_time(mem, "refreshed", v->timestamp_h, w->now_h);
        print_time(mem, "stale from", v->stale_at_h, w->now_h);
    }
    for (size_t i = 0; i < t->n_notes; i++)
        printf("  evidence: %s\n", output_safe(mem, t->notes[i]));
    if ((added = added_to(t, v)))
        printf("  evidence: %s\n", output_safe(mem, added));
    return OK;
}

static enum err why_text(TALLOC_CTX *mem, const struct why *w, struct error *e)
{
    const struct dns_zone *zone = w->plan->zone;
    enum err rc = OK;

    printf("%s\n", output_safe(mem, w->fqdn));
    printf("  zone: %s, aging %s, no-refresh %s, refresh %s\n", output_safe(mem, zone->name),
           zone->aging.is_enabled ? "on" : "off", output_interval(mem, zone->aging.no_refresh_h),
           output_interval(mem, zone->aging.refresh_h));
    printf("  gate: %s%s%s\n", w->plan->gate ? gate_name(w->plan->gate) : "open",
           w->plan->gate_detail ? ": " : "", w->plan->gate_detail ? w->plan->gate_detail : "");
    printf("  owner: %s%s%s%s\n", w->owner ? output_safe(mem, w->owner) : "", w->owner ? " (" : "",
           w->node->owner_sid ? w->node->owner_sid : "not readable", w->owner ? ")" : "");
    printf("  now: %s UTC\n", output_hours(mem, w->now_h));
    for (size_t i = 0; i < w->node->n_values && !rc; i++)
        rc = print_record(mem, w, &w->node->values[i], e);
    if (!rc)
        why_elsewhere_print(mem, &w->elsewhere, w->node->n_removed > 0);
    for (size_t i = 0; i < w->survey->findings->n && !rc; i++) {
        const struct finding *f = &w->survey->findings->all[i];

        if (strcmp(f->name, w->node->name) == 0 && strcmp(f->zone, zone->name) == 0)
            printf("\nneeds a person: %s %s: %s\n", finding_name(f->kind),
                   output_safe(mem, f->data), output_safe(mem, f->detail));
    }
    return rc;
}

/* NULL where nobody knows: then the SID has to do. */
static const char *owner_name(struct context *ctx, const struct session *s, const char *sid)
{
    char *name = NULL;

    return sid && account_name(ctx->mem, s->directory, sid, &name, NULL) == OK ? name : NULL;
}

/* The one zone's, the name's records judged; the other controllers have had their say. */
static enum err make_plan(struct context *ctx, struct session *s, const struct planning *p,
                          struct survey *survey, struct elsewhere_views *elsewhere,
                          struct zone_plan **out, struct error *e)
{
    struct elsewhere_opening opening = { ctx, s };
    struct plan_builder *builder = NULL;
    struct plan_node *node = NULL;
    struct zone_plan *plan;
    enum err rc = OK;

    for (size_t i = 0; i < survey->n_builders; i++)
        builder = survey->builders[i] ? survey->builders[i] : builder;
    if (!builder)
        return err_set(e, ERR_INTERNAL, "no plan for %s", p->zones[0]);
    plan = plan_builder_plan(builder);
    for (size_t i = 0; i < plan->n_nodes; i++)
        node = strcmp(plan->nodes[i].name, p->watched) == 0 ? &plan->nodes[i] : node;
    if (node)
        rc = replica_views_read(ctx->mem, s->directory, plan, node, elsewhere_open, &opening,
                                &elsewhere->views, &elsewhere->n, e);
    return rc ? rc : plan_builder_finish(ctx->mem, builder, limit_default(), p->overridden, out, e);
}

static enum err run_why(struct context *ctx, struct error *e)
{
    const char *const *arguments;
    struct planning p = { 0 };
    struct session *s;
    struct survey *survey;
    struct zone_plan *plan;
    struct elsewhere_views elsewhere = { 0 };
    struct why w;
    size_t n;
    bool is_axfr;
    enum err rc;

    if ((rc = served_read(ctx, &is_axfr, e)) || is_axfr)
        return rc ? rc : why_served(ctx, e);
    arguments = options_arguments(ctx->options, &n);
    if (strcmp(arguments[0], "@") == 0) {
        err_set(e, ERR_USAGE, "@ stands at the top of every zone");
        return err_hint(e, "name the zone itself, such as ad.example.com");
    }
    p.params.with_owner = true; /* it is shown, whether it counts as evidence or not */
    if ((rc = planning_read(ctx, &p, e)) || (rc = session_open(ctx, &s, e)) ||
        (rc = find_name(ctx, s, arguments[0], &p, e)) ||
        (rc = planning_survey(ctx, s, &p, &survey, e)) ||
        (rc = make_plan(ctx, s, &p, survey, &elsewhere, &plan, e)))
        return rc;
    w = (struct why){
        .session = s,
        .survey = survey,
        .plan = plan,
        .node = plan_node_named(plan, p.watched),
        .now_h = p.now_h,
        .probing = &p.probing,
        .elsewhere = elsewhere,
    };
    if (!w.node)
        return err_set(e, ERR_NOTFOUND, "%s in %s went away while it was looked at; run again",
                       p.watched, p.zones[0]);
    w.fqdn = dns_name_absolute(ctx->mem, w.node->name, plan->zone->name);
    w.owner = owner_name(ctx, s, w.node->owner_sid);
    if (!w.fqdn)
        return err_nomem(e);
    return ctx->is_json ? why_json(&w, e) : why_text(ctx->mem, &w, e);
}

static const struct option_spec options[] = {
    PLANNING_OPTIONS,
    PROBING_OPTIONS,
    SERVED_OPTIONS,
    SESSION_OPTIONS,
    { NULL, OPTION_FLAG, NULL, NULL, NULL, NULL },
};

const struct command command_why = {
    .name = "why",
    .arguments = "NAME",
    .summary = "Explain the verdict on each record of a name, with every input.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_why,
};
