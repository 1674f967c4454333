#include "scavenger/served_survey.h"

#include "base/log.h"
#include "dns/rr.h"
#include "scavenger/relied.h"
#include "scavenger/served_nodes.h"

struct served_walk {
    struct survey *survey;
    const struct survey_params *params;
    const struct survey_zone *at;
    struct plan_builder *builder;
    struct pairs *pairs;
    bool is_reverse;
    const char *held; /* why no heartbeat lets anybody go; NULL: each does that is old */
    size_t n_dated;   /* names of hosts with a heartbeat, and without */
    size_t n_undated;
};

static bool has_address(const struct sighting *of_name, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (of_name[i].type == DNS_TYPE_A || of_name[i].type == DNS_TYPE_AAAA)
            return true;
    }
    return false;
}

static void count_name(struct served_walk *w, const struct sighting *of_name, size_t n)
{
    struct observation o = served_observe(of_name, n, 0);

    if (served_heartbeat(of_name, n)) {
        w->n_dated++;
    } else if (has_address(of_name, n)) {
        w->n_undated++;
        if (signal_is_wanted(w->at->signals))
            log_debug("%s: no heartbeat, unchanged for %lld h of observed time", of_name[0].name,
                      (long long)o.unchanged_s / 3600);
        else
            log_debug("keep %s: no heartbeat: sightings alone never age a record", of_name[0].name);
    }
}

/* An address without a heartbeat that has not changed for long: is its host silent? */
static enum err hear_silence(const struct served_walk *w, struct zone_plan *plan,
                             struct plan_node *node, struct plan_value *v, struct error *e)
{
    enum reason reason = signal_silence(w->at->signals, v->observed, w->at->unheard);

    if (reason == REASON_STALE)
        return OK;
    log_debug("keep %s in %s, unchanged for long: %s", node->name, plan->zone->name,
              reason_name(reason));
    return plan_spare(plan, node, v, reason,
                      reason == REASON_EVIDENCE_MISSING ? w->at->unheard : NULL, e);
}

/* What the plan keeps of a name: who dates its records, and what was seen of them. */
static enum err annotate(const struct served_walk *w, struct zone_plan *plan,
                         struct plan_node *node, const struct sighting *of_name,
                         const enum stamp_source *sources, struct error *e)
{
    struct observation *seen = talloc_array(plan, struct observation, node->n_values);
    enum err rc = seen ? OK : err_nomem(e);

    for (size_t i = 0; i < node->n_values && !rc; i++) {
        struct plan_value *v = &node->values[i];

        seen[i] = served_observe(of_name, node->n_values, i);
        v->observed = &seen[i];
        v->source = sources[i];
        if (v->is_removed && v->source == STAMP_SIGHTINGS && v->type != DNS_TYPE_PTR)
            rc = hear_silence(w, plan, node, v, e);
        if (!rc && w->held && v->is_removed && v->source == STAMP_HEARTBEAT)
            rc = plan_spare(plan, node, v, REASON_EVIDENCE_MISSING, w->held, e);
    }
    return rc;
}

static enum err judge(struct served_walk *w, TALLOC_CTX *tmp, const struct sighting *of_name,
                      size_t n, struct dns_node *node, struct error *e)
{
    const struct served_dating dating = { w->is_reverse ? w->pairs : NULL, w->at->signals,
                                          w->params->real_now_h };
    struct zone_plan *plan = plan_builder_plan(w->builder);
    size_t n_before = plan->n_nodes;
    enum stamp_source *sources;
    enum err rc = served_node(tmp, w->at->zone, &dating, of_name, n, node, &sources, e);

    if (!rc)
        rc = plan_builder_visit(node, w->builder, e);
    if (!rc && plan->n_nodes > n_before)
        rc = annotate(w, plan, &plan->nodes[n_before], of_name, sources, e);
    return rc;
}

static enum err visit(const struct sighting *of_name, size_t n, void *priv, struct error *e)
{
    struct served_walk *w = priv;
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_node node;
    enum err rc = tmp ? judge(w, tmp, of_name, n, &node, e) : err_nomem(e);

    if (!rc)
        rc = w->is_reverse ? pairs_add_reverse(w->pairs, w->at->zone, &node, e)
                           : pairs_add(w->pairs, w->at->zone, &node, e);
    if (!w->is_reverse)
        count_name(w, of_name, n);
    if (w->params->progress)
        w->params->progress(++w->survey->n_nodes, w->params->priv);
    talloc_free(tmp);
    return rc;
}

/* After an outage of the whole site every heartbeat is old: hosts that are back refresh first. */
static enum err hold(struct served_walk *w, struct sightings *sightings, struct error *e)
{
    const struct zone_aging *a = &w->at->zone->aging;
    struct sightings_gap gap;
    enum err rc = sightings_gap(sightings, w->at->zone->name, &gap, e);

    if (rc || !served_is_back_lately(gap, a->no_refresh_h + a->refresh_h))
        return rc;
    w->held = talloc_asprintf(w->survey,
                              "no run saw the zone for %lld h: whoever is there is given until "
                              "%lld h from the last run on to refresh",
                              (long long)gap.away_s / 3600,
                              (long long)(SIGHTINGS_RETURN_S - gap.since_s + 3599) / 3600);
    if (!w->held)
        return err_nomem(e);
    log_warning("%s: %s; no heartbeat lets anybody go before", w->at->zone->name, w->held);
    return OK;
}

/* What was not proved is in a store of its own. */
static struct sightings *store_of(const struct survey_zone *zone, struct sightings *sightings)
{
    return zone->sightings ? zone->sightings : sightings;
}

static enum err walk_zones(struct survey *s, struct sightings *sightings,
                           const struct survey_params *params, bool is_reverse, struct pairs *pairs,
                           struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < params->n_zones && !rc; i++) {
        struct served_walk w = { .survey = s,
                                 .params = params,
                                 .at = &params->zones[i],
                                 .builder = s->builders[i],
                                 .pairs = pairs,
                                 .is_reverse = is_reverse };
        struct sightings *own;

        if (pairs_is_reverse(w.at->zone) != is_reverse)
            continue;
        if (!is_reverse && (rc = pairs_add_zone(pairs, w.at->zone, e)))
            break;
        own = store_of(w.at, sightings);
        if ((rc = hold(&w, own, e)))
            break;
        rc = sightings_walk(own, w.at->zone->name, visit, &w, e);
        if (!rc && !is_reverse)
            log_info("%s: %zu names have a heartbeat, %zu names with addresses have none and %s",
                     w.at->zone->name, w.n_dated, w.n_undated,
                     signal_is_wanted(w.at->signals) ? "need a second signal to go" : "never age");
    }
    return rc;
}

/* ---- what the zones themselves rely on ---- */

struct relied_walk {
    struct relied *relied;
    const char *zone;
};

static enum err visit_relied(const struct sighting *of_name, size_t n, void *priv, struct error *e)
{
    const struct relied_walk *w = priv;

    return relied_add(w->relied, w->zone, of_name, n, e);
}

/* Before anything is judged, as any name may point to any other. */
static enum err find_relied(struct survey *s, struct sightings *sightings,
                            const struct survey_params *params, struct protection **out,
                            struct error *e)
{
    struct protection *p = talloc_zero(s, struct protection);
    struct relied *relied = relied_new(s);
    enum err rc = p && relied ? OK : err_nomem(e);

    for (size_t i = 0; i < params->n_zones && !rc; i++) {
        struct relied_walk w = { relied, params->zones[i].zone->name };

        rc = sightings_walk(store_of(&params->zones[i], sightings), w.zone, visit_relied, &w, e);
    }
    if (rc)
        return rc;
    relied_seal(relied);
    *p = *params->protection;
    p->relied = relied;
    *out = p;
    return OK;
}

static enum err make_builders(struct survey *s, const struct survey_params *params,
                              const struct protection *protection, struct error *e)
{
    s->n_builders = params->n_zones;
    s->builders = talloc_zero_array(s, struct plan_builder *, params->n_zones + 1);
    if (!s->builders)
        return err_nomem(e);
    for (size_t i = 0; i < params->n_zones; i++) {
        const struct survey_zone *at = &params->zones[i];
        const struct plan_params p = { .protection = protection,
                                       .now_h = params->now_h,
                                       .watched = at->watched,
                                       .signals = at->signals,
                                       .unproven = at->unproven };

        if (!(s->builders[i] = plan_builder_new(s, at->zone, &p)))
            return err_nomem(e);
    }
    return OK;
}

static enum err walk_all(struct survey *s, struct sightings *sightings,
                         const struct survey_params *params, struct error *e)
{
    struct pairs *pairs = pairs_new(s, params->now_h);
    struct protection *protection = NULL;
    enum err rc = pairs ? find_relied(s, sightings, params, &protection, e) : err_nomem(e);

    if (rc || (rc = make_builders(s, params, protection, e)) ||
        (rc = walk_zones(s, sightings, params, false, pairs, e)) || (rc = pairs_seal(pairs, e)) ||
        (rc = walk_zones(s, sightings, params, true, pairs, e)))
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
