#include "cmd/report_stats.h"

#include "cmd/evidence_report.h"
#include "scavenger/served_nodes.h"

static void visit_values(const struct zone_plan *p, const struct plan_node *nodes, size_t n,
                         bool planned, report_visit *visit, void *priv)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < nodes[i].n_values; k++) {
            const struct plan_value *v = &nodes[i].values[k];

            if (planned ? v->is_removed : evidence_has_saved(v))
                visit(p, &nodes[i], v, priv);
        }
    }
}

void report_each_planned(const struct scavenge_report *r, report_visit *visit, void *priv)
{
    for (size_t z = 0; z < r->n_zones; z++)
        visit_values(r->zones[z], r->zones[z]->nodes, r->zones[z]->n_nodes, true, visit, priv);
}

void report_each_saved(const struct scavenge_report *r, report_visit *visit, void *priv)
{
    for (size_t z = 0; z < r->n_zones; z++) {
        visit_values(r->zones[z], r->zones[z]->nodes, r->zones[z]->n_nodes, false, visit, priv);
        visit_values(r->zones[z], r->zones[z]->others, r->zones[z]->n_others, false, visit, priv);
    }
}

struct counting {
    struct report_stats *stats;
    uint32_t now_h;
};

static void count_planned(const struct zone_plan *p, const struct plan_node *node,
                          const struct plan_value *v, void *priv)
{
    struct counting *c = priv;

    (void)p;
    c->stats->planned_ages[age_step(v->timestamp_h, c->now_h)]++;
    c->stats->deleted += node->outcome == OUTCOME_DELETED;
}

struct report_stats report_stats_of(const struct scavenge_report *r)
{
    struct report_stats s = { .zones = r->n_zones };
    struct counting c = { &s, r->now_h };

    for (size_t z = 0; z < r->n_zones; z++) {
        const struct zone_plan *p = r->zones[z];

        s.skipped += p->gate != GATE_OPEN;
        s.examined += p->examined;
        s.dynamic += p->dynamic;
        s.planned += p->n_removed;
        s.stale_soon += p->gate == GATE_OPEN ? p->stale_soon : 0;
        s.is_over_limit = s.is_over_limit || p->is_over_limit;
        s.is_served = s.is_served || served_is_uri(p->zone->dn);
        for (size_t i = 0; i < REASON_COUNT; i++)
            s.kept[i] += p->kept[i];
        for (size_t i = 0; i < AGE_STEPS; i++)
            s.ages[i] += p->ages[i];
    }
    for (size_t i = 0; i < AGE_STEPS; i++)
        s.most = s.ages[i] > s.most ? s.ages[i] : s.most;
    report_each_planned(r, count_planned, &c);
    return s;
}

size_t report_top_reasons(const struct report_stats *s, enum reason out[REASON_COUNT])
{
    size_t n = 0;

    for (size_t i = 0; i < REASON_COUNT; i++) {
        size_t at = n;

        if (!s->kept[i])
            continue;
        for (; at > 0 && s->kept[out[at - 1]] < s->kept[i]; at--)
            out[at] = out[at - 1];
        out[at] = (enum reason)i;
        n++;
    }
    return n;
}

const char *report_reason_meaning(const struct report_stats *s, enum reason r)
{
    static const char *const meanings[REASON_COUNT] = {
        [REASON_STATIC] = "no timestamp: entered by a person",
        [REASON_FOREIGN_TYPE] = "SOA, NS and other types hosts do not register",
        [REASON_UNREADABLE] = "the value does not fit its type",
        [REASON_PROTECTED] = "a name or target that is never removed",
        [REASON_CONFLICT_OBJECT] = "a replication conflict or deleted object",
        [REASON_FUTURE] = "the timestamp is later than now",
        [REASON_FRESH] = "refreshed within the zone's intervals",
        [REASON_SEEN_LATELY] = "no heartbeat, but seen to appear or change within the intervals",
        [REASON_ZONE_GATE] = "stale, but the zone is skipped",
        [REASON_CLUSTER] = "stale, but a cluster's name",
        [REASON_OWNER_ALIVE] = "stale, but its computer account is in use",
        [REASON_FORWARD_FRESH] = "stale PTR, but its name holds the address",
        [REASON_REVERSE_FRESH] = "stale address, but its PTR is fresh",
        [REASON_ANSWERS] = "stale, but something answers at the address",
        [REASON_SILENCE_SHORT] = "no heartbeat, but not silent for long enough",
        [REASON_HAS_ACCOUNT] = "no heartbeat, but its host has a computer account",
        [REASON_EVIDENCE_MISSING] = "stale, but evidence could not be read",
        [REASON_NEWER_ELSEWHERE] = "stale here, but newer on another controller",
        [REASON_STALE] = "nothing speaks for it",
    };

    if (r == REASON_STATIC && s->is_served)
        return "no heartbeat: sightings alone never age a record";
    return (size_t)r < REASON_COUNT && meanings[r] ? meanings[r] : "";
}
