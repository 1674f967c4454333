/*
 * The plan: which values leave which nodes.  Built from nodes as they stream by;
 * only nodes that lose something are kept in memory.  A dry run prints it, the journal
 * stores it, apply executes it, restore inverts it.
 */
#ifndef SCAVENGER_PLAN_H
#define SCAVENGER_PLAN_H

#include "ldap/nodes.h"
#include "scavenger/gate.h"
#include "scavenger/limits.h"
#include "scavenger/verdict.h"

enum outcome {
    OUTCOME_PLANNED,            /* nothing was tried */
    OUTCOME_DELETED,
    OUTCOME_RESTORED,           /* of restore */
    OUTCOME_ALREADY_THERE,      /* of restore: the old values stand there already */
    OUTCOME_REFRESHED,          /* the node changed since it was judged; left alone */
    OUTCOME_CONFLICT,           /* of restore: somebody else changed the node since */
    OUTCOME_GONE,               /* the node no longer exists */
    OUTCOME_DENIED,
    OUTCOME_FAILED,
    OUTCOME_UNKNOWN,            /* sent, but the answer never came */
};

/* "planned", "deleted", "restored", "already-there", "refreshed-meanwhile", "conflict", "gone", "access-denied", "failed", "unknown". */
const char *outcome_name(enum outcome o);
/* The reverse; false for what is none of them. */
bool outcome_parse(const char *name, enum outcome *out);

struct plan_value {
    struct bytes raw;
    bool is_removed;
    /* The rest only where is_removed. */
    uint16_t type;
    uint32_t ttl_s;
    uint32_t timestamp_h;
    const char *data;     /* presentation form */
};

struct plan_node {
    const char *dn;
    const char *name;           /* relative */
    struct plan_value *values;  /* all the node had when it was judged */
    size_t n_values;
    size_t n_removed;
    enum outcome outcome;
    const char *problem;        /* what the directory said, where the outcome is a failure */
};

struct zone_plan {
    const struct dns_zone *zone;
    enum gate gate;             /* when shut, nodes is empty and the stale are counted as zone-gate */
    size_t examined;            /* records */
    size_t dynamic;             /* records that can ever be scavenged: fresh, stale or future */
    size_t kept[REASON_COUNT];  /* by reason */
    struct plan_node *nodes;
    size_t n_nodes;
    size_t n_removed;           /* records */
    size_t limit;               /* how many may go */
    bool is_over_limit;
};

struct plan_builder;

/* zone, protection must outlive the builder and the plan. */
struct plan_builder *plan_builder_new(TALLOC_CTX *mem, const struct dns_zone *zone,
                                      const struct protection *protection, uint32_t now_h);

/* A node_visit: copies what it keeps. priv is the builder. */
enum err plan_builder_visit(const struct dns_node *node, void *priv, struct error *e);

/* Judge gate and limit, sort by name; *out is on mem, and the builder can be freed. */
void plan_builder_finish(TALLOC_CTX *mem, struct plan_builder *b, struct limit limit,
                         struct zone_plan **out);

/* The values a node shall have: the survivors, or the tombstone when none survive.  On mem. */
enum err plan_node_result(TALLOC_CTX *mem, const struct plan_node *n, struct bytes tombstone,
                          struct bytes **values, size_t *n_values, bool *is_tombstoned,
                          struct error *e);

#endif
