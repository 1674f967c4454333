/*
 * Carry out a plan: journal everything, then one guarded write per node, some nodes at a time.
 * The same machinery serves scavenge and restore: both are lists of changes from
 * exact old values to exact new ones.
 */
#ifndef SCAVENGER_APPLY_H
#define SCAVENGER_APPLY_H

#include "scavenger/journal.h"
#include "scavenger/plan.h"

/*
 * What a zone's plan means in bytes: a change per node, tombstones entombed at `now` with the
 * given serial.  *out has plan->n_nodes elements on mem, in the same order.
 */
enum err apply_changes(TALLOC_CTX *mem, const struct zone_plan *plan, int64_t now, uint32_t serial,
                       struct journal_node **out, struct error *e);

/* Called after each node with the number done; may be NULL. */
typedef void apply_progress(size_t done, size_t total, void *priv);

/* Called with each change as soon as its outcome is in the journal; may be NULL. */
typedef void apply_accounted(const char *run, const struct journal_node *change, void *priv);

struct apply_hooks {
    apply_progress *progress;
    apply_accounted *accounted;
    void *priv;
    /* Asked before each name is taken up; true ends the run with what is under way.  May be NULL.
     */
    bool (*should_stop)(void *priv);
    /*
     * Open the same server's directory again after the connection was lost; *out must outlive the
     * run.  NULL: a lost connection ends the run.
     */
    enum err (*reopen)(void *priv, struct directory **out, struct error *e);
};

/*
 * Journal all changes, flush them to disk, then write them, several at a time (guard.h); success is
 * the outcome that a done change has (deleted or restored).  changes[i].outcome is set for each;
 * outcomes reach the journal as they come, and the disk in batches.
 * A lost connection is opened again, and the names that were under way are read before anything
 * else is done to them; one that cannot be opened, or is lost again with nothing done, ends the
 * run. ERR_IO: the journal could not be written, and nothing was written to the directory;
 * ERR_UNREACHABLE: the directory was lost (outcomes may be unknown, the rest
 * stays planned); ERR_PARTIAL: asked to stop, or the journal could not be written any more. Refused
 * or outrun changes are outcomes, not errors.
 */
enum err apply_run(struct directory *d, struct journal *j, struct journal_node *changes, size_t n,
                   enum outcome success, const struct apply_hooks *hooks, struct error *e);

#endif
