/*
 * Reads and writes of single nodes, many under way on one connection.
 *
 * A directory answers requests in any order, and may work on them in any order: whoever needs one
 * before another waits for its answer.  What keeps the server busy is that there are others.
 *
 * Reads may wait for one another while the server has enough to do: those of one zone go out as one
 * search, which costs the server a fraction of as many searches.  A node that such a search does
 * not find is read by itself, so that its answer is the server's word on it.
 *
 * One connection: Samba serves each by a process of its own, which loads its caches anew after
 * every write of another.  Two for the writes are slower; one more for the reads costs the server
 * more processor time, and saves a few per cent of the time at best.
 */
#ifndef LDAP_PIPELINE_H
#define LDAP_PIPELINE_H

#include "ldap/nodes.h"

struct pipeline;

struct pipeline_answer {
    size_t tag;            /* the request's */
    enum err rc;           /* what the server said to it, as node_read() or node_swap() */
    struct error why;      /* where rc is not OK */
    struct dns_node *node; /* of a read that succeeded; without its owner */
};

/* d must outlive it.  At most `window` requests are under way. */
enum err pipeline_new(TALLOC_CTX *mem, struct directory *d, size_t window, struct pipeline **out,
                      struct error *e);

size_t pipeline_pending(const struct pipeline *p);

/*
 * Take up one request: a write is sent at once, a read with the next pipeline_next() at the latest.
 * The DN must live until it is answered, the values only during the call.
 * ERR_UNREACHABLE: the connection is lost.  ERR_INTERNAL: more than the window.
 */
enum err pipeline_read(struct pipeline *p, const char *dn, size_t tag, struct error *e);
enum err pipeline_swap(struct pipeline *p, const struct node_change *change, size_t tag,
                       struct error *e);

/*
 * Wait for one answer; there must be a request under way.  The node is on mem.
 * An error is the connection's (ERR_UNREACHABLE, ERR_TIMEOUT): then no request under way will be
 * answered, and the outcome of each write among them is unknown.
 */
enum err pipeline_next(TALLOC_CTX *mem, struct pipeline *p, struct pipeline_answer *out,
                       struct error *e);

#endif
