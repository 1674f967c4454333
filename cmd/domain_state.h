/* How scavenging stands in a domain: what `doctor domain` looks at, read once. */
#ifndef CMD_DOMAIN_STATE_H
#define CMD_DOMAIN_STATE_H

#include "cmd/session.h"
#include "scavenger/gate.h"

struct domain_zone {
    const struct dns_zone *zone;
    enum gate gate;
    const char *gate_detail; /* NULL when open */
    /* The rest only where the zone ages: others are not walked. */
    size_t dynamic;
    size_t stale;       /* by timestamps alone */
    size_t limit;       /* the default for one run */
    uint64_t overdue_h; /* how long the longest of them has been stale */
};

struct domain_run {
    const char *id;
    int64_t started;     /* seconds since 1970 UTC */
    bool is_running;     /* it is under way */
    bool is_interrupted; /* it wrote, and did not come to its end */
};

struct domain_state {
    const char *name;
    const char *server;
    const char *principal;
    bool is_samba;
    int64_t now;
    uint32_t lease_h; /* of DHCP, 0 where not known */
    struct domain_zone *zones;
    size_t n_zones;
    size_t n_aging;
    const char *runs_dir;
    size_t n_runs; /* that wrote, of kind scavenge */
    struct domain_run last;
};

/* Reads all zones that age.  *out is on ctx->mem. */
enum err domain_state_read(struct context *ctx, uint32_t lease_h, struct domain_state **out,
                           struct error *e);

#endif
