#include "scavenger/restore.h"

#include <fnmatch.h>

#include "ldap/pipeline.h"
#include "scavenger/updates.h"
#include "scavenger/values.h"

/* Names asked about at a time. */
#define WINDOW 64

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

/* A plan while its nodes are read. */
struct reading {
    struct restore_plan *plan;
    const struct journal_node **was; /* of each change */
    struct pipeline *pipeline;
    size_t next; /* the first change that was not asked for */
};

/* The changes that there would be, none of them judged. */
static enum err choose(const struct run *run, const char *glob, struct reading *r, struct error *e)
{
    struct restore_plan *p = r->plan;

    p->changes = talloc_zero_array(p, struct journal_node, run->n_nodes + 1);
    r->was = talloc_zero_array(p, const struct journal_node *, run->n_nodes + 1);
    if (!p->changes || !r->was)
        return err_nomem(e);
    for (size_t i = 0; i < run->n_nodes; i++) {
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
        r->was[p->n_changes++] = was;
    }
    if (p->n_changes)
        return OK;
    return err_set(e, ERR_NOTFOUND, "run %s removed nothing%s%s", run->id,
                   glob ? " that matches " : "", glob ? glob : "");
}

/* Judge; where it can be put back, the change goes from what stands there now (NULL: gone). */
static enum err judge_now(struct reading *r, size_t at, const struct dns_node *now, struct error *e)
{
    struct restore_plan *p = r->plan;
    struct journal_node *change = &p->changes[at];
    const struct journal_node *was = r->was[at];

    change->outcome = restore_judge(was, now);
    p->n_possible += change->outcome == OUTCOME_PLANNED;
    if (change->outcome != OUTCOME_PLANNED || !was->is_server_made || was->n_new > 0)
        return OK;
    change->old = talloc_zero_array(p, struct bytes, now->n_values);
    change->n_old = now->n_values;
    if (!change->old)
        return err_nomem(e);
    for (size_t i = 0; i < now->n_values; i++)
        change->old[i] = bytes_dup(p, now->values[i]);
    return OK;
}

static enum err one_answer(struct reading *r, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct pipeline_answer answer;
    enum err rc = tmp ? pipeline_next(tmp, r->pipeline, &answer, e) : err_nomem(e);

    if (!rc && answer.rc && answer.rc != ERR_NOTFOUND) {
        if (e)
            *e = answer.why;
        rc = answer.rc;
    }
    if (!rc)
        rc = judge_now(r, answer.tag, answer.rc ? NULL : answer.node, e);
    talloc_free(tmp);
    return rc;
}

static enum err read_all(struct directory *d, struct reading *r, struct error *e)
{
    const struct restore_plan *p = r->plan;
    enum err rc = pipeline_new(r->plan, d, WINDOW, &r->pipeline, e);

    while (!rc && (r->next < p->n_changes || pipeline_pending(r->pipeline) > 0)) {
        while (!rc && r->next < p->n_changes && pipeline_pending(r->pipeline) < WINDOW) {
            rc = pipeline_read(r->pipeline, p->changes[r->next].dn, r->next, e);
            r->next++;
        }
        if (!rc)
            rc = one_answer(r, e);
    }
    TALLOC_FREE(r->pipeline);
    return rc;
}

enum err restore_choose(TALLOC_CTX *mem, const struct run *run, const char *glob,
                        struct restore_plan **out, struct error *e)
{
    struct reading r = { .plan = talloc_zero(NULL, struct restore_plan) };
    enum err rc = r.plan ? choose(run, glob, &r, e) : err_nomem(e);

    if (rc) {
        talloc_free(r.plan);
        return rc;
    }
    TALLOC_FREE(r.was);
    for (size_t i = 0; i < r.plan->n_changes; i++)
        r.plan->changes[i].outcome = OUTCOME_PLANNED;
    r.plan->n_possible = r.plan->n_changes;
    *out = talloc_steal(mem, r.plan);
    return OK;
}

enum err restore_plan(TALLOC_CTX *mem, struct directory *d, const struct run *run, const char *glob,
                      struct restore_plan **out, struct error *e)
{
    struct reading r = { .plan = talloc_zero(NULL, struct restore_plan) };
    enum err rc = r.plan ? OK : err_nomem(e);

    if (rc || (rc = choose(run, glob, &r, e)) || (rc = read_all(d, &r, e)))
        goto done;
    TALLOC_FREE(r.was);
    *out = talloc_steal(mem, r.plan);
done:
    if (rc)
        talloc_free(r.plan);
    return rc;
}
