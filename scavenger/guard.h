/*
 * Changes of single nodes, each made only while the node is exactly what was judged, several
 * nodes at a time.
 *
 * The directory's modify fails when a value to be deleted is gone, but not when somebody
 * added another one: a host that came back at that moment would find its new address
 * on a node marked as a tombstone.  So each node is read right before its write, and again
 * after it; where an addition slipped in between, the tombstone is taken back.  For one
 * node these steps wait for each other (a server may work on requests in any order); that
 * there are other nodes keeps the server busy.
 */
#ifndef SCAVENGER_GUARD_H
#define SCAVENGER_GUARD_H

#include "ldap/nodes.h"
#include "scavenger/journal.h"

struct guard;

/* One node, finished or given up. */
struct guarded {
    const struct journal_node *change;
    /*
     * OK: the node has exactly the new values.  ERR_CHANGED: somebody changed it; it keeps what it
     * had.  ERR_NOTFOUND: it is gone.  ERR_UNREACHABLE: written, but what stands there now could
     * not be read.  ERR_PARTIAL: written, but others write it without end; look at it by hand. Else
     * as node_swap().
     */
    enum err rc;
    struct error why;
    bool may_be_written; /* given up only: the write was on its way */
};

/* At most `window` nodes at a time; d must outlive the guard. */
enum err guard_new(TALLOC_CTX *mem, struct directory *d, size_t window, struct guard **out,
                   struct error *e);

bool guard_has_room(const struct guard *g);
size_t guard_pending(const struct guard *g);

/*
 * Take one change up; it must live until it is finished or given up.  may_be_written: its write was
 * on its way when an earlier connection was lost; a node that has the new values already is done
 * then. An error is the connection's; the change counts as taken up, and is given up with the
 * others.
 */
enum err guard_start(struct guard *g, const struct journal_node *change, bool may_be_written,
                     struct error *e);

/*
 * Wait until one of those taken up is finished.  ERR_UNREACHABLE, ERR_TIMEOUT: the connection was
 * lost; guard_give_up() tells what was under way.
 */
enum err guard_next(struct guard *g, struct guarded *out, struct error *e);

/* One of those under way, after an error; false when there are no more. */
bool guard_give_up(struct guard *g, struct guarded *out);

/* How a node stands before its write. */
enum guard_state {
    GUARD_UNTOUCHED, /* exactly what was judged: write */
    GUARD_WRITTEN,   /* our own write was done already */
    GUARD_CHANGED,   /* somebody else changed it */
};

/* Pure.  may_be_written as above: without it nothing counts as our own write. */
enum guard_state guard_judge(const struct journal_node *change, const struct dns_node *now,
                             bool may_be_written);

/*
 * What a node must be set to when `now` is found after writing `change`.  Pure.
 * False: nothing, it is as it should be, or somebody has cleared the tombstone already.
 * True: *values (on mem) with dNSTombstoned FALSE: everything but the tombstone, and the old
 * values. *values is NULL without memory.
 */
bool guard_take_back(TALLOC_CTX *mem, const struct journal_node *change, const struct dns_node *now,
                     struct bytes **values, size_t *n_values);

#endif
