/* What every other domain controller holds at one name: for a person who asks why. */
#ifndef SCAVENGER_REPLICA_VIEWS_H
#define SCAVENGER_REPLICA_VIEWS_H

#include "scavenger/replicas.h"

struct replica_view {
    const char *host;
    bool is_read;
    struct error why;      /* where it is not */
    struct dns_node *node; /* NULL: it has no such name */
    bool is_same;          /* exactly the values that were judged */
    bool is_newer;         /* speaks for what was to go (replica_is_newer) */
};

/*
 * Read the node, of the plan while it grows, on every other writable controller of its partition,
 * and spare what is newer there as replicas_check() does.  A controller that cannot be read is no
 * error here.  *out is on mem.
 */
enum err replica_views_read(TALLOC_CTX *mem, struct directory *d, struct zone_plan *plan,
                            struct plan_node *node, replica_open *open, void *priv,
                            struct replica_view **out, size_t *n, struct error *e);

#endif
