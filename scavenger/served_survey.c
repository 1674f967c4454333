#include "scavenger/served_survey.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/name.h"
#include "dns/rr.h"
#include "ldap/name.h"
#include "scavenger/served_nodes.h"

struct served_walk {
    struct survey *survey;
    const struct survey_params *params;
    const struct dns_zone *zone;
    struct plan_builder *builder;
    struct pairs *pairs;
    bool is_reverse;
    size_t n_dated; /* names of hosts with a heartbeat, and without */
    size_t n_undated;
};

static void count_name(struct served_walk *w, const struct sighting *of_name, size_t n)
{
    bool has_address = false;

    for (size_t i = 0; i < n; i++)
        has_address =
            has_address || of_name[i].type == DNS_TYPE_A || of_name[i].type == DNS_TYPE_AAAA;
    if (served_heartbeat(of_name, n)) {
        w->n_dated++;
    } else if (has_address) {
        w->n_undated++;
        log_debug("keep %s: no heartbeat: sightings alone never age a record", of_name[0].name);
    }
}

static enum err visit(const struct sighting *of_name, size_t n, void *priv, struct error *e)
{
    struct served_walk *w = priv;
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_node node;
    enum err rc = tmp ? OK : err_nomem(e);

    if (!rc)
        rc = served_node(tmp, w->zone, w->is_reverse ? w->pairs : NULL, of_name, n, &node, e);
    if (!rc)
        rc = plan_builder_visit(&node, w->builder, e);
    if (!rc)
        rc = w->is_reverse ? pairs_add_reverse(w->pairs, w->zone, &node, e)
                           : pairs_add(w->pairs, w->zone, &node, e);
    if (!w->is_reverse)
        count_name(w, of_name, n);
    if (w->params->progress)
        w->params->progress(++w->survey->n_nodes, w->params->priv);
    talloc_free(tmp);
    return rc;
}

static enum err walk_zones(struct survey *s, struct sightings *sightings,
                           const struct survey_params *params, bool is_reverse, struct pairs *pairs,
                           struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < params->n_zones && !rc; i++) {
        struct served_walk w = {
            s, params, params->zones[i].zone, s->builders[i], pairs, is_reverse, 0, 0
        };

        if (pairs_is_reverse(w.zone) != is_reverse)
            continue;
        rc = sightings_walk(sightings, w.zone->name, visit, &w, e);
        if (!rc && !is_reverse)
            log_info("%s: %zu names have a heartbeat, %zu names with addresses have none and never "
                     "age",
                     w.zone->name, w.n_dated, w.n_undated);
    }
    return rc;
}

static enum err make_builders(struct survey *s, const struct survey_params *params, struct error *e)
{
    const struct plan_params p = { .protection = params->protection, .now_h = params->now_h };

    s->n_builders = params->n_zones;
    s->builders = talloc_zero_array(s, struct plan_builder *, params->n_zones + 1);
    if (!s->builders)
        return err_nomem(e);
    for (size_t i = 0; i < params->n_zones; i++) {
        if (!(s->builders[i] = plan_builder_new(s, params->zones[i].zone, &p)))
            return err_nomem(e);
    }
    return OK;
}

static enum err walk_all(struct survey *s, struct sightings *sightings,
                         const struct survey_params *params, struct error *e)
{
    struct pairs *pairs = pairs_new(s, params->now_h);
    enum err rc = pairs ? make_builders(s, params, e) : err_nomem(e);

    if (rc || (rc = walk_zones(s, sightings, params, false, pairs, e)) ||
        (rc = pairs_seal(pairs, e)) || (rc = walk_zones(s, sightings, params, true, pairs, e)))
        return rc;
    if (params->is_wanted[EVIDENCE_PAIRS]) {
        s->evidence.pairs = pairs;
        s->evidence.state[EVIDENCE_PAIRS] = EVIDENCE_READ;
    }
    for (size_t i = 0; i < s->n_builders && !rc; i++)
        rc = evidence_apply(&s->evidence, plan_builder_plan(s->builders[i]), s->findings, e);
    return rc;
}

enum err served_survey(TALLOC_CTX *mem, struct sightings *sightings,
                       const struct survey_params *params, struct survey **out, struct error *e)
{
    struct survey *s = talloc_zero(NULL, struct survey);
    enum err rc;

    if (!s || !(s->findings = talloc_zero(s, struct findings))) {
        talloc_free(s);
        return err_nomem(e);
    }
    s->evidence.now_h = s->evidence.logon_now_h = params->now_h;
    if ((rc = walk_all(s, sightings, params, e)))
        talloc_free(s);
    else
        *out = talloc_steal(mem, s);
    return rc;
}

/* ---- what a host has goes together ---- */

static bool is_address(const struct plan_value *v)
{
    return v->type == DNS_TYPE_A || v->type == DNS_TYPE_AAAA;
}

/* An address of the node that its heartbeat dates and that stays; or NULL. */
static const struct plan_value *staying_address(const struct plan_node *node)
{
    for (size_t i = 0; i < node->n_values; i++) {
        if (is_address(&node->values[i]) && node->values[i].timestamp_h &&
            !node->values[i].is_removed)
            return &node->values[i];
    }
    return NULL;
}

static enum err keep_heartbeats(struct zone_plan *plan, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < plan->n_nodes && !rc; i++) {
        struct plan_node *node = &plan->nodes[i];
        const struct plan_value *address = staying_address(node);

        for (size_t k = 0; address && k < node->n_values && !rc; k++) {
            if (node->values[k].is_removed && node->values[k].type == DNS_TYPE_TXT)
                rc = plan_spare(plan, node, &node->values[k], address->reason,
                                "the heartbeat of an address that stays", e);
        }
    }
    return rc;
}

/* Names of forward zones that lose something, sorted. */
struct losing {
    const char *name; /* absolute */
    const struct plan_node *node;
};

struct losers {
    struct losing *all;
    size_t n;
};

static int compare_losing(const void *a, const void *b)
{
    return strcmp(((const struct losing *)a)->name, ((const struct losing *)b)->name);
}

static enum err add_losers(struct losers *l, const struct zone_plan *plan, struct error *e)
{
    l->all = talloc_realloc(l, l->all, struct losing, l->n + plan->n_nodes + 1);
    if (!l->all)
        return err_nomem(e);
    for (size_t i = 0; i < plan->n_nodes; i++) {
        const char *name = dns_name_absolute(l, plan->nodes[i].name, plan->zone->name);

        if (!name)
            return err_nomem(e);
        if (plan->nodes[i].n_removed)
            l->all[l->n++] = (struct losing){ name, &plan->nodes[i] };
    }
    return OK;
}

static enum err find_losers(const struct survey *s, gate_set overridden, struct losers *l,
                            struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < s->n_builders && !rc; i++) {
        const struct zone_plan *plan = plan_builder_plan(s->builders[i]);

        if (!pairs_is_reverse(plan->zone) &&
            plan_builder_gate(s->builders[i], overridden) == GATE_OPEN)
            rc = add_losers(l, plan, e);
    }
    if (!rc && l->n)
        qsort(l->all, l->n, sizeof *l->all, compare_losing);
    return rc;
}

/* Does that name lose that address? */
static bool loses(const struct losers *l, const char *name, struct ip address)
{
    const struct losing key = { name, NULL };
    const struct losing *found =
        l->n ? bsearch(&key, l->all, l->n, sizeof key, compare_losing) : NULL;

    for (size_t k = 0; found && k < found->node->n_values; k++) {
        const struct plan_value *v = &found->node->values[k];
        struct ip own;

        if (v->is_removed && is_address(v) && ip_parse(v->data, &own) &&
            ip_compare(&own, &address) == 0)
            return true;
    }
    return false;
}

static enum err keep_pointer(const struct losers *l, struct zone_plan *plan, struct plan_node *node,
                             struct plan_value *v, struct error *e)
{
    char *owner = dns_name_absolute(NULL, node->name, plan->zone->name);
    char *target = name_fold(NULL, v->data);
    struct ip address;
    enum err rc = owner && target ? OK : err_nomem(e);

    if (!rc && !(dns_name_to_ip(owner, &address) && loses(l, target, address)))
        rc = plan_spare(plan, node, v, REASON_FORWARD_FRESH, "the address of its name stays", e);
    talloc_free(owner);
    talloc_free(target);
    return rc;
}

static enum err keep_pointers(const struct losers *l, struct zone_plan *plan, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < plan->n_nodes; i++) {
        struct plan_node *node = &plan->nodes[i];

        for (size_t k = 0; k < node->n_values && !rc; k++) {
            if (node->values[k].is_removed && node->values[k].type == DNS_TYPE_PTR)
                rc = keep_pointer(l, plan, node, &node->values[k], e);
        }
    }
    return rc;
}

/* ---- where timestamps are from ---- */

static enum err name_source(struct zone_plan *plan, const struct plan_node *node,
                            struct plan_value *v, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *owner = dns_name_absolute(tmp, node->name, plan->zone->name);
    const char *host = v->type == DNS_TYPE_PTR ? name_fold(tmp, v->data ? v->data : "") : owner;
    char *when = clock_rfc3339(tmp, clock_unix_from_hours(v->timestamp_h));
    enum err rc = OK;

    if (!v->timestamp_h)
        v->detail = "no heartbeat: sightings alone never age a record";
    else if (!host || !when ||
             !(v->detail = plan_text(plan, "heartbeat of %s at %s%s%s", host, when,
                                     v->detail ? "; " : "", v->detail ? v->detail : "")))
        rc = err_nomem(e);
    talloc_free(tmp);
    return rc;
}

static enum err name_sources(struct zone_plan *plan, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < plan->n_nodes; i++) {
        for (size_t k = 0; k < plan->nodes[i].n_values && !rc; k++)
            rc = name_source(plan, &plan->nodes[i], &plan->nodes[i].values[k], e);
    }
    return rc;
}

enum err served_settle(struct survey *s, gate_set overridden, struct error *e)
{
    struct losers *l = talloc_zero(NULL, struct losers);
    enum err rc = l ? OK : err_nomem(e);

    for (size_t i = 0; i < s->n_builders && !rc; i++)
        rc = keep_heartbeats(plan_builder_plan(s->builders[i]), e);
    if (!rc)
        rc = find_losers(s, overridden, l, e);
    for (size_t i = 0; i < s->n_builders && !rc; i++)
        rc = keep_pointers(l, plan_builder_plan(s->builders[i]), e);
    for (size_t i = 0; i < s->n_builders && !rc; i++)
        rc = name_sources(plan_builder_plan(s->builders[i]), e);
    talloc_free(l);
    return rc;
}
