/*
 * PTRs wait for their names: an update of a reverse zone cannot ask for a heartbeat in the forward
 * one, so a PTR goes only after the update of its target's name was done.
 */
#ifndef SCAVENGER_SERVED_POINTERS_H
#define SCAVENGER_SERVED_POINTERS_H

#include "scavenger/journal.h"

/* A talloc object: the changes of a run by name, which outlive it. */
struct served_names;

/* NULL without memory. */
struct served_names *served_names_new(TALLOC_CTX *mem, const struct journal_node *changes,
                                      size_t n);

/*
 * The changes of the names that the PTRs of that change point to, on mem; none where it has no
 * PTRs.  *is_ready: all of them were deleted, so the PTRs may go.
 */
enum err served_pointers_targets(TALLOC_CTX *mem, const struct served_names *names,
                                 const struct journal_node *change,
                                 const struct journal_node ***out, size_t *n, bool *is_ready,
                                 struct error *e);

#endif
