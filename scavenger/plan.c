#include "scavenger/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "dns/rr.h"

static const char *const outcomes[] = {
    [OUTCOME_PLANNED] = "planned",
    [OUTCOME_DELETED] = "deleted",
    [OUTCOME_RESTORED] = "restored",
    [OUTCOME_ALREADY_THERE] = "already-there",
    [OUTCOME_REFRESHED] = "refreshed-meanwhile",
    [OUTCOME_CONFLICT] = "conflict",
    [OUTCOME_GONE] = "gone",
    [OUTCOME_DENIED] = "access-denied",
    [OUTCOME_FAILED] = "failed",
    [OUTCOME_UNKNOWN] = "unknown",
};

const char *outcome_name(enum outcome o)
{
    return (size_t)o < sizeof outcomes / sizeof outcomes[0] ? outcomes[o] : "internal";
}

bool outcome_parse(const char *name, enum outcome *out)
{
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        if (strcmp(outcomes[i], name) == 0) {
            *out = (enum outcome)i;
            return true;
        }
    }
    return false;
}

struct plan_builder {
    const struct protection *protection;
    uint32_t now_h;
    struct stamp_count *stamps;
    struct zone_plan *plan;
    size_t cap_nodes;
};

struct plan_builder *plan_builder_new(TALLOC_CTX *mem, const struct dns_zone *zone,
                                      const struct protection *protection, uint32_t now_h)
{
    struct plan_builder *b = talloc_zero(mem, struct plan_builder);

    if (!b)
        return NULL;
    b->protection = protection;
    b->now_h = now_h;
    b->stamps = stamp_count_new(b);
    b->plan = talloc_zero(b, struct zone_plan);
    if (!b->stamps || !b->plan) {
        talloc_free(b);
        return NULL;
    }
    b->plan->zone = zone;
    return b;
}

/* Decode and judge one value; *v has its verdict, *pv what the plan keeps of it. */
static enum err judge_value(TALLOC_CTX *mem, struct plan_builder *b, const struct dns_node *node,
                            struct bytes raw, struct plan_value *pv, struct error *e)
{
    struct candidate c = {
        .zone = b->plan->zone->name,
        .name = node->name,
        .is_conflict = node->is_conflict || node->is_deleted,
    };
    struct dnsp_record *record = NULL;
    struct verdict v;

    if (dnsp_record_decode(mem, raw, &record, e) == ERR_NOMEM)
        return ERR_NOMEM;
    c.record = record;
    /* The text is dear; most records are kept without anybody reading it. */
    if (record && (record->type == DNS_TYPE_PTR || record->type == DNS_TYPE_CNAME)) {
        pv->data = c.data = dnsp_data_text(mem, record);
        if (!c.data)
            return err_nomem(e);
    }
    v = verdict_judge(&c, &b->plan->zone->aging, b->protection, b->now_h);
    pv->is_removed = v.reason == REASON_STALE;
    if (record) {
        pv->type = record->type;
        pv->ttl_s = record->ttl_s;
        pv->timestamp_h = record->timestamp_h;
    }
    if (pv->is_removed && !pv->data && !(pv->data = dnsp_data_text(mem, record)))
        return err_nomem(e);
    b->plan->examined++;
    if (!pv->is_removed)
        b->plan->kept[v.reason]++;
    if (v.reason == REASON_UNREADABLE)
        log_warning("%s.%s: a dnsRecord value of %zu bytes cannot be read; left alone", node->name,
                    c.zone, raw.len);
    if (v.reason == REASON_FRESH || v.reason == REASON_STALE || v.reason == REASON_FUTURE) {
        b->plan->dynamic++;
        return stamp_count_add(b->stamps, record->timestamp_h, e);
    }
    return OK;
}

static enum err keep_node(struct plan_builder *b, struct plan_node *node, struct error *e)
{
    struct zone_plan *p = b->plan;

    if (p->n_nodes == b->cap_nodes) {
        size_t cap = b->cap_nodes ? b->cap_nodes * 2 : 64;
        struct plan_node *nodes = talloc_realloc(p, p->nodes, struct plan_node, cap);

        if (!nodes)
            return err_nomem(e);
        p->nodes = nodes;
        b->cap_nodes = cap;
    }
    p->nodes[p->n_nodes++] = *node;
    p->n_removed += node->n_removed;
    return OK;
}

enum err plan_builder_visit(const struct dns_node *node, void *priv, struct error *e)
{
    struct plan_builder *b = priv;
    TALLOC_CTX *own_node = talloc_new(b->plan); /* becomes the plan's when the node is kept */
    struct plan_node kept = { .n_values = node->n_values };
    enum err rc = OK;

    if (!own_node)
        return err_nomem(e);
    if (node->is_tombstoned)
        goto drop;
    kept.values = talloc_zero_array(own_node, struct plan_value, node->n_values);
    if (!kept.values) {
        rc = err_nomem(e);
        goto drop;
    }
    for (size_t i = 0; i < node->n_values; i++) {
        rc = judge_value(own_node, b, node, node->values[i], &kept.values[i], e);
        if (rc)
            goto drop;
        kept.n_removed += kept.values[i].is_removed;
    }
    if (kept.n_removed == 0)
        goto drop;
    kept.dn = talloc_strdup(own_node, node->dn);
    kept.name = talloc_strdup(own_node, node->name);
    for (size_t i = 0; i < node->n_values; i++) {
        kept.values[i].raw = bytes_dup(own_node, node->values[i]);
        if (!kept.values[i].raw.data)
            rc = err_nomem(e);
    }
    if (!kept.dn || !kept.name)
        rc = err_nomem(e);
    if (!rc)
        rc = keep_node(b, &kept, e);
    if (!rc)
        return OK;
drop:
    talloc_free(own_node);
    return rc;
}

static int compare_nodes(const void *a, const void *b)
{
    return strcmp(((const struct plan_node *)a)->name, ((const struct plan_node *)b)->name);
}

void plan_builder_finish(TALLOC_CTX *mem, struct plan_builder *b, struct limit limit,
                         struct zone_plan **out)
{
    struct zone_plan *p = b->plan;

    /* The directory has no order; people do. */
    if (p->n_nodes)
        qsort(p->nodes, p->n_nodes, sizeof *p->nodes, compare_nodes);
    p->gate = gate_judge(p->zone, b->stamps, b->now_h);
    if (p->gate != GATE_OPEN) {
        p->kept[REASON_ZONE_GATE] = p->n_removed;
        p->n_removed = 0;
        p->n_nodes = 0;
    }
    p->limit = limit_for(limit, p->dynamic);
    p->is_over_limit = p->n_removed > p->limit;
    *out = talloc_steal(mem, p);
    b->plan = NULL;
}

enum err plan_node_result(TALLOC_CTX *mem, const struct plan_node *n, struct bytes tombstone,
                          struct bytes **values, size_t *n_values, bool *is_tombstoned,
                          struct error *e)
{
    struct bytes *out = talloc_array(mem, struct bytes, n->n_values - n->n_removed + 1);
    size_t count = 0;

    if (!out)
        return err_nomem(e);
    for (size_t i = 0; i < n->n_values; i++) {
        if (!n->values[i].is_removed)
            out[count++] = n->values[i].raw;
    }
    *is_tombstoned = count == 0;
    if (count == 0)
        out[count++] = tombstone;
    *values = out;
    *n_values = count;
    return OK;
}
