/*
 * The other domain controllers: what is about to go is read again on each that could have written
 * it.  A host that refreshed its record there, a moment ago, has not been heard of here yet, and
 * our write would win over its own when the two meet (the last writer of an attribute wins).
 */
#ifndef SCAVENGER_REPLICAS_H
#define SCAVENGER_REPLICAS_H

#include "ldap/directory.h"
#include "scavenger/plan.h"

struct replica {
    const char *host;
    bool is_read;
    bool is_hidden;   /* not asked: see replica_hidden() */
    struct error why; /* where it is not */
    size_t n_asked;   /* names */
    size_t n_newer;   /* names that are newer there */
};

struct replicas {
    struct replica *replicas; /* without the one that the plan was made from */
    size_t n;
};

/*
 * Connect to that controller; *out on mem.  Called in several threads at the same time: what priv
 * points to must bear it.
 */
typedef enum err replica_open(TALLOC_CTX *mem, const char *host, void *priv, struct directory **out,
                              struct error *e);

/*
 * Read the candidates of all plans on every other writable controller of their partitions, up to
 * WORKERS_MAX of them at the same time, many names of each at a time, and spare those that are
 * newer there (REASON_NEWER_ELSEWHERE, with the controller's name).  Nobody is asked where there
 * are no candidates.  A controller that cannot be read is no error here, nor one whose NTDS
 * Settings are hidden, which is not asked: see is_read.
 */
enum err replicas_check(TALLOC_CTX *mem, struct directory *d, struct zone_plan *const *plans,
                        size_t n_plans, replica_open *open, void *priv, struct replicas **out,
                        struct error *e);

/*
 * Does what stands on another controller speak for a name?  Pure.  True where a value stands there
 * and not here, with a stamp later than that of one that is to go, or none (static).  *timestamp_h
 * is that stamp, 0 for static.  Values that are the same on both sides say nothing, tombstones
 * neither.
 */
bool replica_is_newer(const struct plan_node *here, const struct dns_node *there,
                      uint32_t *timestamp_h);

/* Does another controller have exactly the values that were judged?  Pure. */
bool replica_is_same(const struct plan_node *here, const struct dns_node *there);

/* Why a controller counts as unread whose settings are hidden (struct master: is_hidden). */
void replica_hidden(struct error *why);

/* Every candidate of the node stays (REASON_NEWER_ELSEWHERE); timestamp_h as replica_is_newer(). */
enum err replica_spare(struct zone_plan *plan, struct plan_node *node, const char *host,
                       uint32_t timestamp_h, struct error *e);

#endif
