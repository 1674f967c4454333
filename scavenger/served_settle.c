/* The last word on a plan of transferred zones: served_settle(). */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dns/name.h"
#include "dns/rr.h"
#include "ldap/name.h"
#include "scavenger/served_survey.h"

static bool is_address(const struct plan_value *v)
{
    return v->type == DNS_TYPE_A || v->type == DNS_TYPE_AAAA;
}

/*
 * An address of the node whose probe keeps it: the host is there, or may be, and its other
 * addresses with it; or NULL.  An answer counts before one that could not be asked.
 */
static const struct plan_value *probed_address(const struct plan_node *node)
{
    const struct plan_value *found = NULL;

    for (size_t i = 0; i < node->n_values; i++) {
        const struct plan_value *v = &node->values[i];

        if (!is_address(v) || v->is_removed)
            continue;
        if (v->reason == REASON_ANSWERS)
            return v;
        if (v->reason == REASON_EVIDENCE_MISSING)
            found = v;
    }
    return found;
}

static enum err keep_addresses(struct zone_plan *plan, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < plan->n_nodes && !rc; i++) {
        struct plan_node *node = &plan->nodes[i];
        const struct plan_value *kept = probed_address(node);
        char *detail = kept ? plan_text(plan, "an address of its host stays: %s",
                                        kept->detail ? kept->detail : "")
                            : NULL;

        if (kept && !detail)
            return err_nomem(e);
        for (size_t k = 0; kept && k < node->n_values && !rc; k++) {
            if (node->values[k].is_removed && is_address(&node->values[k]))
                rc = plan_spare(plan, node, &node->values[k], kept->reason, detail, e);
        }
    }
    return rc;
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

/* The addresses of a name without a heartbeat have a second signal's inputs. */
static char *seen_text(TALLOC_CTX *mem, const struct zone_plan *plan, const struct plan_value *v,
                       const char *host)
{
    char *inputs;

    if (!v->timestamp_h || !v->observed || !plan->signals)
        return talloc_strdup(mem, "no heartbeat: sightings alone never age a record");
    if (v->type == DNS_TYPE_PTR)
        return talloc_asprintf(mem, "sightings of %s, which has no heartbeat", host);
    inputs = signal_explain(mem, plan->signals, v->observed);
    return inputs ? talloc_asprintf(mem, "sightings of %s: %s", host, inputs) : NULL;
}

static enum err name_source(struct zone_plan *plan, const struct plan_node *node,
                            struct plan_value *v, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *owner = dns_name_absolute(tmp, node->name, plan->zone->name);
    const char *host = v->type == DNS_TYPE_PTR ? name_fold(tmp, v->data ? v->data : "") : owner;
    char *when = clock_rfc3339(tmp, clock_unix_from_hours(v->timestamp_h));
    const char *source = NULL;

    if (host && when)
        source = v->source == STAMP_SIGHTINGS
                     ? seen_text(tmp, plan, v, host)
                     : talloc_asprintf(tmp, "heartbeat of %s at %s", host, when);
    if (source && !v->timestamp_h)
        v->detail = plan_text(plan, "%s", source);
    else if (source)
        v->detail =
            plan_text(plan, "%s%s%s", source, v->detail ? "; " : "", v->detail ? v->detail : "");
    talloc_free(tmp);
    return source && v->detail ? OK : err_nomem(e);
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

    for (size_t i = 0; i < s->n_builders && !rc; i++) {
        struct zone_plan *plan = plan_builder_plan(s->builders[i]);

        if (!(rc = keep_addresses(plan, e)))
            rc = keep_heartbeats(plan, e);
    }
    if (!rc)
        rc = find_losers(s, overridden, l, e);
    for (size_t i = 0; i < s->n_builders && !rc; i++)
        rc = keep_pointers(l, plan_builder_plan(s->builders[i]), e);
    for (size_t i = 0; i < s->n_builders && !rc; i++)
        rc = name_sources(plan_builder_plan(s->builders[i]), e);
    talloc_free(l);
    return rc;
}
