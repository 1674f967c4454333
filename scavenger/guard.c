#include "scavenger/guard.h"

#include "base/log.h"
#include "scavenger/values.h"

/* How often an addition may slip in while the one before it is being dealt with. */
#define TAKE_BACK_TRIES 5

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

static enum err check_before(struct directory *d, const struct journal_node *c, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_node *now = NULL;
    enum err rc = tmp ? node_read(tmp, d, c->dn, &now, e) : err_nomem(e);

    if (!rc && (now->is_tombstoned != c->was_tombstoned ||
                !values_equal(now->values, now->n_values, c->old, c->n_old)))
        rc = err_set(e, ERR_CHANGED, "%s: changed since it was read", c->dn);
    talloc_free(tmp);
    return rc;
}

/* One look after the write.  *is_settled: nothing (more) to take back. */
static enum err take_back_once(struct directory *d, const struct journal_node *c, bool *is_settled,
                               struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct node_change back = { .dn = c->dn, .is_tombstoned = false };
    struct dns_node *now = NULL;
    struct bytes *values;
    enum err rc = tmp ? node_read(tmp, d, c->dn, &now, e) : err_nomem(e);

    *is_settled = !rc && !guard_take_back(tmp, c, now, &values, &back.n_new);
    if (!rc && !*is_settled) {
        log_warning("%s: a value was added while it was made a tombstone; taking that back", c->dn);
        back.old = now->values;
        back.n_old = now->n_values;
        back.new = values;
        rc = values ? node_swap(d, &back, e) : err_nomem(e);
    }
    talloc_free(tmp);
    return rc;
}

enum err guard_write(struct directory *d, const struct journal_node *c, struct error *e)
{
    const struct node_change change = {
        .dn = c->dn,
        .old = c->old,
        .n_old = c->n_old,
        .new = c->new,
        .n_new = c->n_new,
        .is_tombstoned = c->is_tombstoned,
    };
    bool is_settled = false, was_taken_back = false;
    enum err rc;

    if ((rc = check_before(d, c, e)) || (rc = node_swap(d, &change, e)))
        return rc;
    if (!c->is_tombstoned)
        return OK; /* values added beside survivors do no harm */
    for (int i = 0; i < TAKE_BACK_TRIES && !is_settled; i++) {
        rc = take_back_once(d, c, &is_settled, e);
        if (rc == ERR_NOTFOUND)
            return err_clear(e), OK; /* removed since: there is nothing to take back */
        if (rc && rc != ERR_CHANGED)
            return err_prefix(e, "written, but not verified"), ERR_UNREACHABLE;
        was_taken_back = was_taken_back || (!rc && !is_settled);
    }
    if (!is_settled)
        return err_set(e, ERR_PARTIAL, "%s: others write it without end; look at it by hand", c->dn);
    if (was_taken_back)
        return err_set(e, ERR_CHANGED, "%s: changed while it was written; taken back", c->dn);
    return OK;
}
