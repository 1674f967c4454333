#include "scavenger/guard.h"

#include "base/log.h"
#include "ldap/pipeline.h"
#include "scavenger/values.h"

/* How often an addition may slip in while the one before it is being dealt with. */
#define TAKE_BACK_TRIES 5
/* The second only after a write of an earlier connection was found to have done nothing. */
#define WRITES_MAX 2

enum step {
    STEP_FREE,
    STEP_BEFORE, /* reading what is there */
    STEP_SWAP,   /* writing */
    STEP_AFTER,  /* reading what became of it */
    STEP_BACK,   /* taking the tombstone back */
};

/* A node under way; its place in the list is the tag of its requests. */
struct slot {
    const struct journal_node *change;
    enum step step;
    bool was_sent; /* on an earlier connection */
    bool is_sent;  /* on this one */
    bool was_taken_back;
    int writes;
    int take_backs;
};

struct guard {
    struct pipeline *pipeline;
    struct slot *slots;
    size_t window;
    size_t n_pending;
};

bool guard_take_back(TALLOC_CTX *mem, const struct journal_node *change, const struct dns_node *now,
                     struct bytes **values, size_t *n_values)
{
    size_t n = 0;

    if (!change->is_tombstoned ||
        !values_contain_all(now->values, now->n_values, change->new, change->n_new) ||
        now->n_values == change->n_new)
        return false;
    *values = talloc_array(mem, struct bytes, now->n_values + change->n_old);
    if (!*values)
        return true;
    for (size_t i = 0; i < now->n_values; i++) {
        if (!values_contain(change->new, change->n_new, now->values[i]))
            (*values)[n++] = now->values[i];
    }
    for (size_t i = 0; i < change->n_old; i++) {
        if (!values_contain(*values, n, change->old[i]))
            (*values)[n++] = change->old[i];
    }
    *n_values = n;
    return true;
}

enum guard_state guard_judge(const struct journal_node *change, const struct dns_node *now,
                             bool may_be_written)
{
    if (now->is_tombstoned == change->was_tombstoned &&
        values_equal(now->values, now->n_values, change->old, change->n_old))
        return GUARD_UNTOUCHED;
    if (!may_be_written || now->is_tombstoned != change->is_tombstoned)
        return GUARD_CHANGED;
    /* On a tombstone of ours more than that is an addition: to be taken back. */
    if (change->is_tombstoned
            ? values_contain_all(now->values, now->n_values, change->new, change->n_new)
            : values_equal(now->values, now->n_values, change->new, change->n_new))
        return GUARD_WRITTEN;
    return GUARD_CHANGED;
}

enum err guard_new(TALLOC_CTX *mem, struct directory *d, size_t window, struct guard **out,
                   struct error *e)
{
    struct guard *g = talloc_zero(NULL, struct guard);
    enum err rc = OK;

    if (g)
        g->slots = talloc_zero_array(g, struct slot, window);
    if (!g || !g->slots) {
        rc = err_nomem(e);
        goto done;
    }
    g->window = window;
    /* One request of each node at a time. */
    if ((rc = pipeline_new(g, d, window, &g->pipeline, e)))
        goto done;
    *out = talloc_steal(mem, g);
    return OK;
done:
    talloc_free(g);
    return rc;
}

bool guard_has_room(const struct guard *g) { return g->n_pending < g->window; }
size_t guard_pending(const struct guard *g) { return g->n_pending; }

static enum err read_node(struct guard *g, struct slot *s, enum step step, struct error *e)
{
    s->step = step;
    return pipeline_read(g->pipeline, s->change->dn, (size_t)(s - g->slots), e);
}

static enum err write_node(struct guard *g, struct slot *s, struct error *e)
{
    const struct node_change change = {
        .dn = s->change->dn,
        .old = s->change->old,
        .n_old = s->change->n_old,
        .new = s->change->new,
        .n_new = s->change->n_new,
        .is_tombstoned = s->change->is_tombstoned,
    };

    s->step = STEP_SWAP;
    s->is_sent = true;
    s->writes++;
    return pipeline_swap(g->pipeline, &change, (size_t)(s - g->slots), e);
}

enum err guard_start(struct guard *g, const struct journal_node *change, bool may_be_written,
                     struct error *e)
{
    for (size_t i = 0; i < g->window; i++) {
        if (g->slots[i].step != STEP_FREE)
            continue;
        g->slots[i] = (struct slot){ .change = change, .was_sent = may_be_written };
        g->n_pending++;
        return read_node(g, &g->slots[i], STEP_BEFORE, e);
    }
    return err_set(e, ERR_INTERNAL, "%s: more than %zu nodes at a time", change->dn, g->window);
}

static void release(struct guard *g, struct slot *s)
{
    *s = (struct slot){ .step = STEP_FREE };
    g->n_pending--;
}

static void finish(struct guard *g, struct slot *s, enum err rc, const struct error *why,
                   struct guarded *out)
{
    *out = (struct guarded){ .change = s->change, .rc = rc };
    if (rc && why)
        out->why = *why;
    release(g, s);
}

static void finish_changed(struct guard *g, struct slot *s, const char *when, struct guarded *out)
{
    struct error why;

    err_set(&why, ERR_CHANGED, "%s: changed %s", s->change->dn, when);
    finish(g, s, ERR_CHANGED, &why, out);
}

/* The node is written, and `now` stands there; values for taking it back are on mem. */
static enum err settle(TALLOC_CTX *mem, struct guard *g, struct slot *s, const struct dns_node *now,
                       bool *is_done, struct guarded *out, struct error *e)
{
    struct node_change back = { .dn = s->change->dn, .is_tombstoned = false };
    struct bytes *values;
    struct error why;

    *is_done = !guard_take_back(mem, s->change, now, &values, &back.n_new);
    if (*is_done && s->was_taken_back) {
        finish_changed(g, s, "while it was written; taken back", out);
        return OK;
    }
    if (*is_done) {
        finish(g, s, OK, NULL, out);
        return OK;
    }
    if (!values)
        return err_nomem(e);
    if (s->take_backs++ == TAKE_BACK_TRIES) {
        err_set(&why, ERR_PARTIAL, "%s: others write it without end; look at it by hand",
                s->change->dn);
        finish(g, s, ERR_PARTIAL, &why, out);
        *is_done = true;
        return OK;
    }
    log_warning("%s: a value was added while it was made a tombstone; taking that back",
                s->change->dn);
    back.old = now->values;
    back.n_old = now->n_values;
    back.new = values;
    s->step = STEP_BACK;
    return pipeline_swap(g->pipeline, &back, (size_t)(s - g->slots), e);
}

static enum err on_before(TALLOC_CTX *mem, struct guard *g, struct slot *s,
                          const struct pipeline_answer *a, bool *is_done, struct guarded *out,
                          struct error *e)
{
    *is_done = true;
    if (a->rc) {
        finish(g, s, a->rc, &a->why, out);
        return OK;
    }
    switch (guard_judge(s->change, a->node, s->was_sent)) {
    case GUARD_UNTOUCHED:
        if (s->writes == WRITES_MAX)
            break;
        *is_done = false;
        return write_node(g, s, e);
    case GUARD_WRITTEN:
        return settle(mem, g, s, a->node, is_done, out, e);
    case GUARD_CHANGED:
        break;
    }
    finish_changed(g, s, "since it was read", out);
    return OK;
}

static enum err on_swap(struct guard *g, struct slot *s, const struct pipeline_answer *a,
                        bool *is_done, struct guarded *out, struct error *e)
{
    *is_done = false;
    /* The write of the earlier connection may have been done just now. */
    if (a->rc == ERR_CHANGED && s->was_sent)
        return read_node(g, s, STEP_BEFORE, e);
    if (a->rc == OK && s->change->is_tombstoned)
        return read_node(g, s, STEP_AFTER, e);
    /* Values added beside survivors do no harm. */
    *is_done = true;
    finish(g, s, a->rc, &a->why, out);
    return OK;
}

static enum err on_after(TALLOC_CTX *mem, struct guard *g, struct slot *s,
                         const struct pipeline_answer *a, bool *is_done, struct guarded *out,
                         struct error *e)
{
    struct error why = a->why;

    if (a->rc == OK)
        return settle(mem, g, s, a->node, is_done, out, e);
    *is_done = true;
    if (a->rc == ERR_NOTFOUND) {
        finish(g, s, OK, NULL, out); /* removed since: there is nothing to take back */
        return OK;
    }
    err_prefix(&why, "written, but not verified");
    finish(g, s, ERR_UNREACHABLE, &why, out);
    return OK;
}

static enum err on_back(struct guard *g, struct slot *s, const struct pipeline_answer *a,
                        bool *is_done, struct guarded *out, struct error *e)
{
    struct error why = a->why;

    *is_done = a->rc && a->rc != ERR_CHANGED && a->rc != ERR_NOTFOUND;
    s->was_taken_back = s->was_taken_back || a->rc == OK;
    if (!*is_done)
        return read_node(g, s, STEP_AFTER, e);
    err_prefix(&why, "a value was added to the new tombstone, which could not be taken back");
    finish(g, s, ERR_UNREACHABLE, &why, out);
    return OK;
}

enum err guard_next(struct guard *g, struct guarded *out, struct error *e)
{
    bool is_done = false;
    enum err rc = OK;

    while (!is_done && !rc) {
        TALLOC_CTX *tmp = talloc_new(NULL);
        struct pipeline_answer a;
        struct slot *s;

        rc = tmp ? pipeline_next(tmp, g->pipeline, &a, e) : err_nomem(e);
        if (!rc) {
            s = &g->slots[a.tag];
            switch (s->step) {
            case STEP_BEFORE:
                rc = on_before(tmp, g, s, &a, &is_done, out, e);
                break;
            case STEP_SWAP:
                rc = on_swap(g, s, &a, &is_done, out, e);
                break;
            case STEP_AFTER:
                rc = on_after(tmp, g, s, &a, &is_done, out, e);
                break;
            case STEP_BACK:
                rc = on_back(g, s, &a, &is_done, out, e);
                break;
            case STEP_FREE:
                rc = err_set(e, ERR_INTERNAL, "an answer for a node that is not under way");
                break;
            }
        }
        talloc_free(tmp);
    }
    return rc;
}

bool guard_give_up(struct guard *g, struct guarded *out)
{
    for (size_t i = 0; i < g->window; i++) {
        struct slot *s = &g->slots[i];

        if (s->step == STEP_FREE)
            continue;
        *out = (struct guarded){
            .change = s->change,
            .rc = ERR_UNREACHABLE,
            .may_be_written = s->was_sent || s->is_sent,
        };
        release(g, s);
        return true;
    }
    return false;
}
