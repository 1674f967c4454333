#include "scavenger/restore.h"

#include <fnmatch.h>

#include "scavenger/updates.h"
#include "scavenger/values.h"

enum outcome restore_judge(const struct journal_node *was, const struct dns_node *now)
{
    if (!now)
        return OUTCOME_GONE;
    /* What a DNS server made, and nobody saw: anything that it could have made. */
    if (was->is_server_made && was->n_new == 0)
        return updates_is_result(was, now) ? OUTCOME_PLANNED
               : now->is_tombstoned == was->was_tombstoned &&
                       values_equal(was->old, was->n_old, now->values, now->n_values)
                   ? OUTCOME_ALREADY_THERE
                   : OUTCOME_CONFLICT;
    if (now->is_tombstoned == was->is_tombstoned &&
        values_equal(was->new, was->n_new, now->values, now->n_values))
        return OUTCOME_PLANNED;
    if (now->is_tombstoned == was->was_tombstoned &&
        values_equal(was->old, was->n_old, now->values, now->n_values))
        return OUTCOME_ALREADY_THERE;
    return OUTCOME_CONFLICT;
}

/* Did the run write this node, or may it have done so? */
static bool may_have_been_written(const struct run *run, const struct journal_node *n)
{
    if (!run->is_committed)
        return false;
    return n->outcome == OUTCOME_DELETED || n->outcome == OUTCOME_RESTORED ||
           n->outcome == OUTCOME_UNKNOWN || n->outcome == OUTCOME_PLANNED;
}

static bool name_matches(const struct journal_node *n, const char *glob)
{
    char *absolute;
    bool matches;

    if (!glob || fnmatch(glob, n->name, FNM_CASEFOLD) == 0)
        return true;
    absolute = talloc_asprintf(NULL, "%s.%s", n->name, n->zone);
    matches = absolute && fnmatch(glob, absolute, FNM_CASEFOLD) == 0;
    talloc_free(absolute);
    return matches;
}

/* Judge; where it can be put back, `change` goes from what stands there now. */
static enum err judge_now(TALLOC_CTX *mem, struct directory *d, const struct journal_node *was,
                          struct journal_node *change, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_node *now = NULL;
    enum err rc = tmp ? node_read(tmp, d, was->dn, &now, e) : err_nomem(e);

    if (rc == ERR_NOTFOUND) {
        err_clear(e);
        rc = OK;
    }
    if (!rc)
        change->outcome = restore_judge(was, now);
    if (!rc && change->outcome == OUTCOME_PLANNED && was->is_server_made && was->n_new == 0) {
        change->old = talloc_zero_array(mem, struct bytes, now->n_values);
        change->n_old = now->n_values;
        for (size_t i = 0; change->old && i < now->n_values; i++)
            change->old[i] = bytes_dup(mem, now->values[i]);
        if (!change->old)
            rc = err_nomem(e);
    }
    talloc_free(tmp);
    return rc;
}

enum err restore_plan(TALLOC_CTX *mem, struct directory *d, const struct run *run, const char *glob,
                      struct restore_plan **out, struct error *e)
{
    struct restore_plan *p = talloc_zero(NULL, struct restore_plan);
    enum err rc = OK;

    if (p)
        p->changes = talloc_zero_array(p, struct journal_node, run->n_nodes);
    if (!p || !p->changes) {
        rc = err_nomem(e);
        goto done;
    }
    for (size_t i = 0; i < run->n_nodes && !rc; i++) {
        const struct journal_node *was = &run->nodes[i];
        struct journal_node *change = &p->changes[p->n_changes];

        if (!may_have_been_written(run, was) || !name_matches(was, glob))
            continue;
        *change = *was;
        change->old = was->new;
        change->n_old = was->n_new;
        change->new = was->old;
        change->n_new = was->n_old;
        change->is_server_made = false; /* restored by LDAP, byte for byte */
        change->was_tombstoned = was->is_tombstoned;
        change->is_tombstoned = was->was_tombstoned;
        rc = judge_now(p, d, was, change, e);
        p->n_changes++;
        p->n_possible += change->outcome == OUTCOME_PLANNED;
    }
    if (!rc && p->n_changes == 0) {
        rc = err_set(e, ERR_NOTFOUND, "run %s removed nothing%s%s", run->id,
                     glob ? " that matches " : "", glob ? glob : "");
        goto done;
    }
    if (!rc)
        *out = talloc_steal(mem, p);
done:
    if (rc)
        talloc_free(p);
    return rc;
}
