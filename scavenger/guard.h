/*
 * One change of one node, made only while the node is exactly what was judged.
 *
 * The directory's modify fails when a value to be deleted is gone, but not when somebody
 * added another one: a host that came back at that moment would find its new address
 * on a node marked as a tombstone.  So the node is read right before the write, and again
 * after it; where an addition slipped in between, the tombstone is taken back.
 */
#ifndef SCAVENGER_GUARD_H
#define SCAVENGER_GUARD_H

#include "ldap/nodes.h"
#include "scavenger/journal.h"

/*
 * OK: the node has exactly the new values.  ERR_CHANGED: somebody changed it; it keeps what it
 * had.  ERR_PARTIAL: written, but others write it without end; look at it by hand.  Else as node_read and node_swap; ERR_UNREACHABLE after a write was sent: the
 * outcome is unknown.
 */
enum err guard_write(struct directory *d, const struct journal_node *change, struct error *e);

/*
 * What a node must be set to when `now` is found after writing `change`.  Pure.
 * False: nothing, it is as it should be, or somebody has cleared the tombstone already.
 * True: *values (on mem) with dNSTombstoned FALSE: everything but the tombstone, and the old values.
 * *values is NULL without memory.
 */
bool guard_take_back(TALLOC_CTX *mem, const struct journal_node *change, const struct dns_node *now,
                     struct bytes **values, size_t *n_values);

#endif
