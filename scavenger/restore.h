/*
 * Put back what a run removed.  A node is restored when it still is exactly what the run
 * made of it; anything else is somebody's later work and is left alone.
 */
#ifndef SCAVENGER_RESTORE_H
#define SCAVENGER_RESTORE_H

#include "scavenger/journal.h"

/* What a node turned out to be, given what stands there now (NULL: it is gone).  Pure. */
enum outcome restore_judge(const struct journal_node *was, const struct dns_node *now);

struct restore_plan {
    /*
     * One per node of the run that was (or may have been) written and whose name matches:
     * old and new are the run's new and old.  outcome: OUTCOME_PLANNED where it can be put
     * back, else ALREADY_THERE, CONFLICT or GONE.
     */
    struct journal_node *changes;
    size_t n_changes;
    size_t n_possible;
};

/*
 * Read each node again, many at a time, and plan.  glob: fnmatch against the relative and the
 * absolute name, NULL for all. ERR_NOTFOUND: nothing of the run matches.  The plan borrows from
 * run.
 */
enum err restore_plan(TALLOC_CTX *mem, struct directory *d, const struct run *run, const char *glob,
                      struct restore_plan **out, struct error *e);

/*
 * The same without a look at what stands there now: every change is OUTCOME_PLANNED.  For zones
 * that no directory holds, where the server judges each by its prerequisites.
 */
enum err restore_choose(TALLOC_CTX *mem, const struct run *run, const char *glob,
                        struct restore_plan **out, struct error *e);

#endif
