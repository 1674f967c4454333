#include "scavenger/apply.h"

#include "base/clock.h"
#include "base/log.h"
#include "scavenger/guard.h"

/* Names under way at a time: enough to keep a server busy, few enough to finish at once when
 * stopped. */
#define WINDOW 16
/* Outcomes that a power failure may lose: the directory still tells them. */
#define OUTCOMES_PER_SYNC 128

static enum err records_of_node(struct arena *arena, const struct plan_node *node,
                                struct journal_node *change, struct error *e)
{
    char type[16];

    change->records = arena_alloc(arena, node->n_removed * sizeof *change->records);
    if (!change->records)
        return err_nomem(e);
    for (size_t i = 0; i < node->n_values; i++) {
        const struct plan_value *v = &node->values[i];
        struct journal_record *r = &change->records[change->n_records];

        if (!v->is_removed)
            continue;
        *r = (struct journal_record){
            .type = arena_strdup(arena, dnsp_type_name(v->type, type)),
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

static enum err change_of_node(struct arena *arena, const struct zone_plan *plan,
                               const struct plan_node *node, struct bytes tombstone,
                               struct journal_node *change, struct error *e)
{
    char *dn = plan_node_dn(NULL, plan, node);
    enum err rc;

    *change = (struct journal_node){
        .zone = plan->zone->name,
        .name = node->name,
        .dn = dn ? arena_strdup(arena, dn) : NULL,
        .owner_sid = node->owner_sid,
        .old = arena_alloc(arena, node->n_values * sizeof *change->old),
        .n_old = node->n_values,
        .outcome = OUTCOME_PLANNED,
    };
    talloc_free(dn);
    if (!change->old || !change->dn)
        return err_nomem(e);
    for (size_t i = 0; i < node->n_values; i++)
        change->old[i] = node->values[i].raw;
    rc = plan_node_result(arena, node, tombstone, &change->new, &change->n_new,
                          &change->is_tombstoned, e);
    return rc ? rc : records_of_node(arena, node, change, e);
}

enum err apply_changes(TALLOC_CTX *mem, const struct zone_plan *plan, int64_t now, uint32_t serial,
                       struct journal_node **out, struct error *e)
{
    struct journal_node *changes = talloc_zero_array(mem, struct journal_node, plan->n_nodes);
    struct bytes tombstone = dnsp_tombstone(mem, clock_nttime_from_unix(now), serial);
    struct arena *arena = arena_new(mem);
    enum err rc = OK;

    if (!changes || !tombstone.data || !arena)
        return err_nomem(e);
    for (size_t i = 0; i < plan->n_nodes && !rc; i++)
        rc = change_of_node(arena, plan, &plan->nodes[i], tombstone, &changes[i], e);
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

struct run_state {
    struct directory *d;
    struct journal *j;
    struct journal_node *changes;
    size_t n;
    enum outcome success;
    const struct apply_hooks *hooks;
    struct guard *guard;
    size_t next;   /* the first that was not taken up */
    size_t n_done; /* with an outcome */
    size_t done_at_reopen;
    bool was_reopened;
    bool is_stopped;
};

static bool is_asked_to_stop(struct run_state *r)
{
    const struct apply_hooks *h = r->hooks;

    r->is_stopped = r->is_stopped || (h && h->should_stop && h->should_stop(h->priv));
    return r->is_stopped;
}

/* The outcome of one change, here and in the journal. */
static enum err note(struct run_state *r, const struct guarded *g, enum outcome outcome,
                     struct error *e)
{
    size_t at = (size_t)(g->change - r->changes);
    struct journal_node *c = &r->changes[at];
    const char *problem = g->rc ? g->why.message : NULL;
    enum err rc;

    c->outcome = outcome;
    c->problem = problem ? talloc_strdup(r->j, problem) : NULL;
    log_outcome(c, problem);
    rc = journal_outcome(r->j, at, outcome, problem, clock_now(), e);
    if (!rc && r->hooks && r->hooks->accounted)
        r->hooks->accounted(journal_run_id(r->j), c, r->hooks->priv);
    if (!rc && ++r->n_done % OUTCOMES_PER_SYNC == 0)
        rc = journal_sync(r->j, e);
    if (r->hooks && r->hooks->progress)
        r->hooks->progress(r->n_done, r->n, r->hooks->priv);
    return rc;
}

/* Nothing more can be learnt of those under way: unknown, where a write may have arrived. */
static void give_up(struct run_state *r, const struct error *why)
{
    struct error ignored;
    struct guarded g;

    while (r->guard && guard_give_up(r->guard, &g)) {
        g.why = *why;
        if (g.may_be_written)
            note(r, &g, OUTCOME_UNKNOWN, &ignored);
    }
}

/*
 * The connection was lost: those under way are taken up again on a new one.  A guard tells by what
 * stands there whether its earlier write was done.  Twice without anything done between is enough.
 */
static enum err reopen(struct run_state *r, const struct error *lost, struct error *e)
{
    struct guard *before = r->guard, *after;
    struct directory *d;
    struct guarded g;
    enum err rc;

    if (!r->hooks || !r->hooks->reopen || (r->was_reopened && r->n_done == r->done_at_reopen)) {
        if (e)
            *e = *lost;
        return ERR_UNREACHABLE;
    }
    log_warning("%s; connecting again, %zu names were under way", lost->message,
                guard_pending(before));
    r->was_reopened = true;
    r->done_at_reopen = r->n_done;
    if ((rc = r->hooks->reopen(r->hooks->priv, &d, e)))
        return rc;
    r->d = d;
    if ((rc = guard_new(r->j, d, WINDOW, &after, e)))
        return rc;
    r->guard = after;
    /* Taken up even where sending fails: given up with the others then. */
    while (guard_give_up(before, &g)) {
        enum err started = guard_start(after, g.change, g.may_be_written, rc ? NULL : e);

        rc = rc ? rc : started;
    }
    talloc_free(before);
    return rc;
}

static bool is_lost(enum err rc) { return rc == ERR_UNREACHABLE || rc == ERR_TIMEOUT; }

/* Fill the window, then wait for one that is finished. */
static enum err turn(struct run_state *r, struct error *e)
{
    struct guarded g;
    enum err rc = OK;

    while (!rc && r->next < r->n && guard_has_room(r->guard) && !is_asked_to_stop(r))
        rc = guard_start(r->guard, &r->changes[r->next++], false, e);
    if (rc || guard_pending(r->guard) == 0)
        return rc;
    if ((rc = guard_next(r->guard, &g, e)))
        return rc;
    return note(r, &g, outcome_of(g.rc, r->success), e) ? ERR_IO : OK;
}

static bool is_over(struct run_state *r)
{
    return guard_pending(r->guard) == 0 && (r->next == r->n || is_asked_to_stop(r));
}

/* After an error that is not the connection's (the journal's, mostly): what is under way is
 * finished. */
static void drain(struct run_state *r)
{
    struct error ignored;
    struct guarded g;

    while (guard_pending(r->guard) > 0 && guard_next(r->guard, &g, &ignored) == OK)
        note(r, &g, outcome_of(g.rc, r->success), &ignored);
}

static enum err write_all(struct run_state *r, struct error *e)
{
    struct error why = { 0 };
    enum err rc = OK;

    while (!rc && !is_over(r)) {
        rc = turn(r, &why);
        if (is_lost(rc)) {
            struct error lost = why;

            rc = reopen(r, &lost, &why);
        }
    }
    if (rc) {
        if (!is_lost(rc))
            drain(r);
        give_up(r, &why);
        if (e)
            *e = why;
        return rc;
    }
    if (r->n_done == r->n)
        return OK;
    rc = err_set(e, ERR_PARTIAL, "stopped after %zu of %zu changes", r->n_done, r->n);
    return err_hint(e, "run %s has them; the rest was not touched", journal_run_id(r->j));
}

enum err apply_run(struct directory *d, struct journal *j, struct journal_node *changes, size_t n,
                   enum outcome success, const struct apply_hooks *hooks, struct error *e)
{
    struct run_state r = {
        .d = d, .j = j, .changes = changes, .n = n, .success = success, .hooks = hooks
    };
    struct error why = { 0 };
    enum err rc = journal_all(j, changes, n, e), end;

    if (!rc && !(rc = guard_new(j, d, WINDOW, &r.guard, e)))
        rc = write_all(&r, e);
    talloc_free(r.guard);
    if (rc != OK && rc != ERR_PARTIAL) {
        /* What is known is worth keeping even then. */
        if (r.n_done)
            journal_sync(j, &why);
        return journal_end_partial(j, rc, e);
    }
    end = journal_end(j, clock_now(), &why);
    if (end && !rc) {
        if (e)
            *e = why;
        rc = journal_end_partial(j, end, e);
    }
    return rc;
}
