#include "scavenger/apply.h"

#include "base/clock.h"
#include "base/log.h"
#include "scavenger/guard.h"

static enum err records_of_node(TALLOC_CTX *mem, const struct plan_node *node,
                                struct journal_node *change, struct error *e)
{
    char type[16];

    change->records = talloc_zero_array(mem, struct journal_record, node->n_removed);
    if (!change->records)
        return err_nomem(e);
    for (size_t i = 0; i < node->n_values; i++) {
        const struct plan_value *v = &node->values[i];
        struct journal_record *r = &change->records[change->n_records];

        if (!v->is_removed)
            continue;
        *r = (struct journal_record){
            .type = talloc_strdup(mem, dnsp_type_name(v->type, type)),
            .data = v->data,
            .timestamp_h = v->timestamp_h,
            .raw = v->raw,
        };
        if (!r->type)
            return err_nomem(e);
        change->n_records++;
    }
    return OK;
}

static enum err change_of_node(TALLOC_CTX *mem, const struct zone_plan *plan,
                               const struct plan_node *node, struct bytes tombstone,
                               struct journal_node *change, struct error *e)
{
    enum err rc;

    *change = (struct journal_node){
        .zone = plan->zone->name,
        .name = node->name,
        .dn = node->dn,
        .old = talloc_array(mem, struct bytes, node->n_values),
        .n_old = node->n_values,
        .outcome = OUTCOME_PLANNED,
    };
    if (!change->old)
        return err_nomem(e);
    for (size_t i = 0; i < node->n_values; i++)
        change->old[i] = node->values[i].raw;
    rc = plan_node_result(mem, node, tombstone, &change->new, &change->n_new,
                          &change->is_tombstoned, e);
    return rc ? rc : records_of_node(mem, node, change, e);
}

enum err apply_changes(TALLOC_CTX *mem, const struct zone_plan *plan, int64_t now, uint32_t serial,
                       struct journal_node **out, struct error *e)
{
    struct journal_node *changes = talloc_zero_array(mem, struct journal_node, plan->n_nodes);
    struct bytes tombstone = dnsp_tombstone(mem, clock_nttime_from_unix(now), serial);
    enum err rc = OK;

    if (!changes || !tombstone.data)
        return err_nomem(e);
    for (size_t i = 0; i < plan->n_nodes && !rc; i++)
        rc = change_of_node(mem, plan, &plan->nodes[i], tombstone, &changes[i], e);
    if (!rc)
        *out = changes;
    return rc;
}

static enum err journal_all(struct journal *j, const struct journal_node *changes, size_t n,
                            struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < n && !rc; i++)
        rc = journal_add(j, &changes[i], e);
    return rc ? rc : journal_commit(j, e);
}

static enum outcome outcome_of(enum err rc, enum outcome success)
{
    switch (rc) {
    case OK:
        return success;
    case ERR_CHANGED:
        return success == OUTCOME_RESTORED ? OUTCOME_CONFLICT : OUTCOME_REFRESHED;
    case ERR_NOTFOUND:
        return OUTCOME_GONE;
    case ERR_DENIED:
        return OUTCOME_DENIED;
    case ERR_UNREACHABLE:
    case ERR_TIMEOUT:
    case ERR_PARTIAL: /* written, and not as it should be */
        return OUTCOME_UNKNOWN;
    default:
        return OUTCOME_FAILED;
    }
}

static void log_outcome(const struct journal_node *c, const char *problem)
{
    for (size_t i = 0; i < c->n_records; i++) {
        const struct journal_record *r = &c->records[i];

        log_info("%s: %s %s %s in %s, timestamp %u h%s%s", outcome_name(c->outcome), c->name,
                 r->type, r->data, c->zone, r->timestamp_h, problem ? ": " : "",
                 problem ? problem : "");
    }
}

/* One guarded write and its outcome in the journal.  An error ends the run. */
static enum err write_one(struct directory *d, struct journal *j, struct journal_node *c, size_t at,
                          enum outcome success, struct error *e)
{
    struct error why = { 0 };
    enum err rc = guard_write(d, c, &why);
    enum err journal_rc;

    c->outcome = outcome_of(rc, success);
    c->problem = rc ? talloc_strdup(j, why.message) : NULL;
    log_outcome(c, rc ? why.message : NULL);
    journal_rc = journal_outcome(j, at, c->outcome, rc ? why.message : NULL, clock_now(), e);
    if (journal_rc)
        return journal_rc;
    if (rc == ERR_UNREACHABLE || rc == ERR_TIMEOUT) {
        if (e)
            *e = why;
        return ERR_UNREACHABLE;
    }
    return OK;
}

enum err apply_run(struct directory *d, struct journal *j, struct journal_node *changes, size_t n,
                   enum outcome success, const struct apply_hooks *hooks, struct error *e)
{
    enum err rc = journal_all(j, changes, n, e);

    for (size_t i = 0; i < n && !rc; i++) {
        if (hooks && hooks->should_stop && hooks->should_stop(hooks->priv)) {
            rc = err_set(e, ERR_PARTIAL, "stopped after %zu of %zu changes", i, n);
            err_hint(e, "run %s has them; the rest was not touched", journal_run_id(j));
            break;
        }
        rc = write_one(d, j, &changes[i], i, success, e);
        if (hooks && hooks->progress)
            hooks->progress(i + 1, n, hooks->priv);
    }
    if (rc == OK || rc == ERR_PARTIAL) {
        struct error why = { 0 };
        enum err end = journal_end(j, clock_now(), &why);

        if (end && !rc) {
            if (e)
                *e = why;
            rc = end;
        }
    }
    return rc;
}
