#include "scavenger/plan.h"

#include <stdarg.h>
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

static const char *const sources[] = {
    [STAMP_DIRECTORY] = "directory",
    [STAMP_HEARTBEAT] = "heartbeat",
    [STAMP_SIGHTINGS] = "sightings",
};

const char *stamp_source_name(enum stamp_source s)
{
    return (size_t)s < sizeof sources / sizeof sources[0] ? sources[s] : "internal";
}

struct plan_builder {
    struct plan_params params;
    struct stamp_count *stamps;
    struct stamp_owners owners;
    struct zone_plan *plan;
    size_t cap_nodes;
};

struct plan_builder *plan_builder_new(TALLOC_CTX *mem, const struct dns_zone *zone,
                                      const struct plan_params *params)
{
    struct plan_builder *b = talloc_zero(mem, struct plan_builder);

    if (!b)
        return NULL;
    b->params = *params;
    b->stamps = stamp_count_new(b);
    b->plan = talloc_zero(b, struct zone_plan);
    if (!b->stamps || !b->plan || !(b->plan->arena = arena_new(b->plan))) {
        talloc_free(b);
        return NULL;
    }
    b->plan->zone = zone;
    b->plan->signals = params->signals;
    b->plan->unproven = params->unproven;
    return b;
}

struct zone_plan *plan_builder_plan(struct plan_builder *b) { return b->plan; }

/* The owner's account among the computers, or NULL. */
static struct computer *owner_of(const struct plan_builder *b, const struct dns_node *node)
{
    struct computer *one = NULL;

    if (!b->params.computers || !node->owner_sid ||
        computers_by_sid(b->params.computers, node->owner_sid, &one) != SID_COMPUTER)
        return NULL;
    return one;
}

/*
 * Whose a timestamp is.  What an administrator enters on Samba belongs to the controller that took
 * it: only of an account that is known to be a member's can it be said that it registered.
 */
static uint32_t stamp_owner(const struct computer *owner)
{
    return owner && owner->role == COMPUTER_MEMBER ? owner->rid : STAMP_OWNER_OTHER;
}

/* For the gates: which timestamps there are, and whether hosts' records have any. */
static enum err count_value(struct plan_builder *b, const struct candidate *c,
                            const struct computer *owner, const struct dns_node *node,
                            const struct verdict *v, struct error *e)
{
    const struct dnsp_record *r = c->record;
    enum reason reason = v->reason;

    /* An address at a host's own kind of name: the others are administrators' by design. */
    if (b->params.computers && node->owner_sid && r && !c->is_conflict &&
        (r->type == DNS_TYPE_A || r->type == DNS_TYPE_AAAA) &&
        !verdict_protection(c, b->params.protection)) {
        struct stamp_owners *o = &b->owners;

        if (owner && owner->role != COMPUTER_CONTROLLER)
            ++*(r->timestamp_h ? &o->host_dynamic : &o->host_static);
        else
            ++*(r->timestamp_h ? &o->other_dynamic : &o->other_static);
    }
    if (reason != REASON_FRESH && reason != REASON_SEEN_LATELY && reason != REASON_STALE &&
        reason != REASON_FUTURE)
        return OK;
    b->plan->dynamic++;
    b->plan->ages[age_step(r->timestamp_h, b->params.now_h)]++;
    b->plan->stale_soon +=
        reason == REASON_FRESH && v->stale_at_h <= (uint64_t)b->params.now_h + FORECAST_DAYS * 24;
    /* All that a first pass saw share its hour: that says nothing about who stamped them. */
    if (node->is_seen_only)
        return OK;
    return stamp_count_add(b->stamps, r->timestamp_h, stamp_owner(owner), e);
}

/* Decode and judge one value; *pv has what the plan keeps of it. */
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
    v = verdict_judge(&c, &b->plan->zone->aging, b->params.protection, b->params.now_h);
    if (node->is_seen_only && v.reason == REASON_FRESH)
        v.reason = REASON_SEEN_LATELY;
    pv->reason = v.reason;
    pv->is_removed = v.reason == REASON_STALE;
    pv->stale_at_h = v.stale_at_h;
    pv->detail = *v.detail ? v.detail : NULL;
    if (record) {
        pv->type = record->type;
        pv->ttl_s = record->ttl_s;
        pv->timestamp_h = record->timestamp_h;
    }
    if (record && pv->is_removed && !pv->data && !(pv->data = dnsp_data_text(mem, record)))
        return err_nomem(e);
    b->plan->examined++;
    if (!pv->is_removed)
        b->plan->kept[v.reason]++;
    if (v.reason == REASON_UNREADABLE)
        log_warning("%s.%s: a dnsRecord value of %zu bytes cannot be read; left alone", node->name,
                    c.zone, raw.len);
    return count_value(b, &c, owner_of(b, node), node, &v, e);
}

static enum err append_node(struct plan_builder *b, const struct plan_node *node, struct error *e)
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

/* A watched value's data is shown, whatever its verdict. */
static enum err show_watched(TALLOC_CTX *mem, struct plan_value *v, struct error *e)
{
    struct dnsp_record *record;
    enum err rc;

    if (v->data)
        return OK;
    if ((rc = dnsp_record_decode(mem, v->raw, &record, e)) != OK)
        return rc == ERR_NOMEM ? rc : OK;
    v->data = dnsp_data_text(mem, record);
    return v->data ? OK : err_nomem(e);
}

/* A DN that ends in its zone's, as nearly all do, is kept without that. */
static const char *keep_dn(struct plan_builder *b, const char *dn, bool *is_below_zone)
{
    const char *zone = b->plan->zone->dn;
    size_t len = strlen(dn), n = zone ? strlen(zone) : 0;

    *is_below_zone =
        n > 0 && len > n + 1 && dn[len - n - 1] == ',' && strcmp(dn + len - n, zone) == 0;
    if (!*is_below_zone)
        return arena_strdup(b->plan->arena, dn);
    return arena_strndup(b->plan->arena, dn, len - n - 1);
}

char *plan_node_dn(TALLOC_CTX *mem, const struct zone_plan *plan, const struct plan_node *node)
{
    return node->is_below_zone ? talloc_asprintf(mem, "%s,%s", node->own_dn, plan->zone->dn)
                               : talloc_strdup(mem, node->own_dn);
}

/* The plan's own copy; details are no part of it, they live as long as what they come from. */
static enum err keep_node(struct plan_builder *b, const struct dns_node *node,
                          const struct plan_node *judged, struct error *e)
{
    struct arena *arena = b->plan->arena;
    struct plan_node kept = *judged;
    size_t n = judged->n_values;
    bool is_complete;

    kept.own_dn = keep_dn(b, node->dn, &kept.is_below_zone);
    kept.name = arena_strdup(arena, node->name);
    kept.owner_sid = node->owner_sid ? arena_strdup(arena, node->owner_sid) : NULL;
    kept.values = arena_alloc(arena, n * sizeof *kept.values);
    is_complete = kept.own_dn && kept.name && kept.values && (kept.owner_sid || !node->owner_sid);
    for (size_t i = 0; i < n && is_complete; i++) {
        struct plan_value *v = &kept.values[i];

        *v = judged->values[i];
        v->raw = arena_bytes(arena, node->values[i]);
        v->data = v->data ? arena_strdup(arena, v->data) : NULL;
        is_complete = v->raw.data && (v->data || !judged->values[i].data);
    }
    return is_complete ? append_node(b, &kept, e) : err_nomem(e);
}

enum err plan_builder_visit(const struct dns_node *node, void *priv, struct error *e)
{
    struct plan_builder *b = priv;
    struct plan_node judged = { .n_values = node->n_values };
    TALLOC_CTX *tmp;
    enum err rc = OK;
    bool is_watched;

    if (node->is_tombstoned)
        return OK;
    if (!(tmp = talloc_new(NULL)))
        return err_nomem(e);
    is_watched = b->params.watched && strcmp(node->name, b->params.watched) == 0;
    judged.values = talloc_zero_array(tmp, struct plan_value, node->n_values);
    if (!judged.values)
        rc = err_nomem(e);
    for (size_t i = 0; i < node->n_values && !rc; i++) {
        struct plan_value *v = &judged.values[i];

        v->raw = node->values[i];
        rc = judge_value(tmp, b, node, v->raw, v, e);
        judged.n_removed += v->is_removed;
        if (!rc && is_watched)
            rc = show_watched(tmp, v, e);
    }
    if (!rc && (judged.n_removed > 0 || is_watched))
        rc = keep_node(b, node, &judged, e);
    talloc_free(tmp);
    return rc;
}

static int compare_nodes(const void *a, const void *b)
{
    return strcmp(((const struct plan_node *)a)->name, ((const struct plan_node *)b)->name);
}

char *plan_text(struct zone_plan *plan, const char *format, ...)
{
    char *text, *copy = NULL;
    va_list arguments;

    if (!plan->arena && !(plan->arena = arena_new(plan)))
        return NULL;
    va_start(arguments, format);
    text = talloc_vasprintf(NULL, format, arguments);
    va_end(arguments);
    if (text)
        copy = arena_strdup(plan->arena, text);
    talloc_free(text);
    return copy;
}

enum err plan_spare(struct zone_plan *plan, struct plan_node *node, struct plan_value *value,
                    enum reason reason, const char *detail, struct error *e)
{
    const char *copy = detail ? plan_text(plan, "%s", detail) : NULL;

    if (detail && !copy)
        return err_nomem(e);
    value->is_removed = false;
    value->reason = reason;
    value->detail = copy;
    node->n_removed--;
    plan->n_removed--;
    plan->kept[reason]++;
    return OK;
}

/* Everything that would have gone stays. */
static void close_gate(struct zone_plan *p)
{
    for (size_t i = 0; i < p->n_nodes; i++) {
        for (size_t k = 0; k < p->nodes[i].n_values; k++) {
            struct plan_value *v = &p->nodes[i].values[k];

            if (!v->is_removed)
                continue;
            v->is_removed = false;
            v->reason = REASON_ZONE_GATE;
        }
        p->nodes[i].n_removed = 0;
    }
    p->kept[REASON_ZONE_GATE] = p->n_removed;
    p->n_removed = 0;
}

/* The nodes that lose something first, each part in the order that it had; all where they were. */
static enum err part_nodes(struct zone_plan *p, struct error *e)
{
    size_t n_losing = 0, n_others = 0;
    struct plan_node *others;

    for (size_t i = 0; i < p->n_nodes; i++)
        n_others += p->nodes[i].n_removed == 0;
    if (n_others == p->n_nodes) {
        p->others = p->nodes;
        p->n_others = n_others;
        p->n_nodes = 0;
        return OK;
    }
    others = talloc_array(NULL, struct plan_node, n_others);
    if (!others)
        return err_nomem(e);
    n_others = 0;
    for (size_t i = 0; i < p->n_nodes; i++) {
        if (p->nodes[i].n_removed)
            p->nodes[n_losing++] = p->nodes[i];
        else
            others[n_others++] = p->nodes[i];
    }
    p->n_nodes = n_losing;
    p->n_others = n_others;
    p->others = n_others ? p->nodes + n_losing : NULL;
    if (n_others)
        memcpy(p->others, others, n_others * sizeof *others);
    talloc_free(others);
    return OK;
}

static struct gate_inputs gate_inputs_of(const struct plan_builder *b)
{
    return (struct gate_inputs){ b->plan->zone, b->stamps, b->owners, b->params.now_h };
}

enum gate plan_builder_gate(const struct plan_builder *b, gate_set overridden)
{
    const struct gate_inputs in = gate_inputs_of(b);

    return gate_judge(&in, overridden);
}

enum err plan_builder_finish(TALLOC_CTX *mem, struct plan_builder *b, struct limit limit,
                             gate_set overridden, struct zone_plan **out, struct error *e)
{
    struct zone_plan *p = b->plan;
    const struct gate_inputs in = gate_inputs_of(b);

    /* The directory has no order; people do. */
    if (p->n_nodes)
        qsort(p->nodes, p->n_nodes, sizeof *p->nodes, compare_nodes);
    p->gate = gate_judge(&in, overridden);
    p->overridden = gate_overridden(&in, overridden);
    if (p->gate != GATE_OPEN) {
        close_gate(p);
        p->gate_detail = gate_explain(p, p->gate, &in);
    }
    if (part_nodes(p, e))
        return ERR_NOMEM;
    p->limit = limit_for(limit, p->dynamic);
    p->is_over_limit = p->n_removed > p->limit;
    *out = talloc_steal(mem, p);
    b->plan = NULL;
    return OK;
}

const struct plan_node *plan_node_named(const struct zone_plan *plan, const char *name)
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

enum err plan_node_result(struct arena *arena, const struct plan_node *n, struct bytes tombstone,
                          struct bytes **values, size_t *n_values, bool *is_tombstoned,
                          struct error *e)
{
    struct bytes *out = arena_alloc(arena, (n->n_values - n->n_removed + 1) * sizeof *out);
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
