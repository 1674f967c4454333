#include "scavenger/evidence.h"

#include <string.h>

#include "base/log.h"
#include "dns/rr.h"

static const char *const source_names[EVIDENCE_COUNT] = {
    [EVIDENCE_ACCOUNTS] = "accounts",
    [EVIDENCE_PAIRS] = "pairs",
};

const char *evidence_name(enum evidence_source s)
{
    return (size_t)s < EVIDENCE_COUNT ? source_names[s] : "internal";
}

bool evidence_parse(const char *name, enum evidence_source *out)
{
    for (int s = 0; s < EVIDENCE_COUNT; s++) {
        if (strcmp(source_names[s], name) == 0) {
            *out = (enum evidence_source)s;
            return true;
        }
    }
    return false;
}

const char *evidence_state_name(enum evidence_state s)
{
    switch (s) {
    case EVIDENCE_EXCLUDED:
        return "excluded";
    case EVIDENCE_READ:
        return "read";
    case EVIDENCE_UNREAD:
        return "unread";
    }
    return "internal";
}

static enum err report(const struct testimony *t, const struct zone_plan *plan,
                       const struct plan_node *node, const struct plan_value *v,
                       struct findings *findings, struct error *e)
{
    enum err rc = OK;

    if (t->has_fresh_sibling)
        rc =
            findings_add(findings, FINDING_FRESH_AND_STALE, plan->zone->name, node->name, v->data,
                         e,
                         "the name holds a fresh address of the same family beside this stale one");
    if (!rc && t->kept_out && node->owner_sid &&
        (v->type == DNS_TYPE_A || v->type == DNS_TYPE_AAAA))
        rc = findings_add(findings, FINDING_OTHER_OWNER, plan->zone->name, node->name, v->data, e,
                          "%s is in use but cannot refresh the record: the name belongs to %s",
                          t->kept_out, node->owner_sid);
    return rc;
}

static enum err apply_to_value(const struct evidence *ev, struct zone_plan *plan,
                               struct plan_node *node, struct plan_value *v,
                               struct findings *findings, struct error *e)
{
    struct testimony *t;
    enum err rc = evidence_judge(NULL, ev, plan->zone, node, v, &t, e);

    if (rc)
        return rc;
    if (!(rc = report(t, plan, node, v, findings, e))) {
        if (t->reason != REASON_STALE)
            log_debug("keep %s in %s, stale: %s", node->name, plan->zone->name, t->detail);
        if (t->reason != REASON_STALE)
            rc = plan_spare(plan, node, v, t->reason, t->detail, e);
        else if (t->detail && !(v->detail = plan_text(plan, "%s", t->detail)))
            rc = err_nomem(e);
    }
    talloc_free(t);
    return rc;
}

enum err evidence_apply(const struct evidence *ev, struct zone_plan *plan,
                        struct findings *findings, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < plan->n_nodes && !rc; i++) {
        for (size_t k = 0; k < plan->nodes[i].n_values && !rc; k++) {
            if (plan->nodes[i].values[k].is_removed)
                rc = apply_to_value(ev, plan, &plan->nodes[i], &plan->nodes[i].values[k], findings,
                                    e);
        }
    }
    return rc;
}
