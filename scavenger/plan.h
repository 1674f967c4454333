/*
 * The plan: which values leave which nodes.  Built from nodes as they stream by;
 * only nodes that lose something are kept in memory.  A dry run prints it, the journal
 * stores it, apply executes it, restore inverts it.
 */
#ifndef SCAVENGER_PLAN_H
#define SCAVENGER_PLAN_H

#include "base/arena.h"
#include "ldap/computers.h"
#include "ldap/nodes.h"
#include "scavenger/ages.h"
#include "scavenger/gate.h"
#include "scavenger/limits.h"
#include "scavenger/signal.h"
#include "scavenger/verdict.h"

enum outcome {
    OUTCOME_PLANNED, /* nothing was tried */
    OUTCOME_DELETED,
    OUTCOME_RESTORED,      /* of restore */
    OUTCOME_ALREADY_THERE, /* of restore: the old values stand there already */
    OUTCOME_REFRESHED,     /* the node changed since it was judged; left alone */
    OUTCOME_CONFLICT,      /* of restore: somebody else changed the node since */
    OUTCOME_GONE,          /* the node no longer exists */
    OUTCOME_DENIED,
    OUTCOME_FAILED,
    OUTCOME_UNKNOWN, /* sent, but the answer never came */
};

/* "planned", "deleted", "restored", "already-there", "refreshed-meanwhile", "conflict", "gone",
 * "access-denied", "failed", "unknown". */
const char *outcome_name(enum outcome o);
/* The reverse; false for what is none of them. */
bool outcome_parse(const char *name, enum outcome *out);

/* Who says when a record last showed life. */
enum stamp_source {
    STAMP_DIRECTORY, /* its timestamp in the directory */
    STAMP_HEARTBEAT, /* a heartbeat at its host's name (dns/heartbeat.h) */
    STAMP_SIGHTINGS, /* nobody: it is known only by having been seen (sightings.h) */
};

/* "directory", "heartbeat", "sightings". */
const char *stamp_source_name(enum stamp_source s);

struct plan_value {
    struct bytes raw;
    bool is_removed; /* reason is REASON_STALE and no gate is shut */
    enum reason reason;
    uint16_t type; /* what follows only where the value decodes */
    uint32_t ttl_s;
    uint32_t timestamp_h;
    uint64_t stale_at_h; /* the first hour at which it is stale; 0 for static */
    const char *data;    /* presentation form; NULL where nobody needed it */
    const char
        *detail; /* the inputs that decided, for a person; NULL where there is nothing to say */
    enum stamp_source source;
    const struct observation *observed; /* what transfers saw of it; NULL: of a directory */
};

struct plan_node {
    const char *own_dn; /* what its DN has before that of its zone, or all of it: plan_node_dn() */
    const char *name;   /* relative */
    const char *owner_sid;     /* NULL where not read */
    struct plan_value *values; /* all the node had when it was judged */
    size_t n_values;
    size_t n_removed;
    enum outcome outcome;
    bool is_below_zone;  /* own_dn has to be completed */
    const char *problem; /* what the directory said, where the outcome is a failure */
};

struct zone_plan {
    const struct dns_zone *zone;
    enum gate gate;          /* when shut, nodes is empty and the stale are counted as zone-gate */
    const char *gate_detail; /* one sentence; NULL when open */
    gate_set overridden;     /* gates that would be shut but for --override */
    size_t examined;         /* records */
    size_t dynamic;          /* records that can ever be scavenged: fresh, stale or future */
    size_t ages[AGE_STEPS];  /* the dynamic ones by age */
    size_t stale_soon; /* fresh ones that become stale within FORECAST_DAYS unless refreshed */
    size_t kept[REASON_COUNT]; /* by reason */
    struct plan_node *nodes;   /* those that lose something */
    size_t n_nodes;
    size_t n_removed; /* records */
    struct plan_node
        *others; /* those that lose nothing: stale, but saved by evidence or gate; or watched */
    size_t n_others;
    size_t limit;                       /* how many may go */
    const struct signal_rules *signals; /* of a zone without timestamps; NULL: of a directory */
    const char *unproven; /* why its transfer may be anybody's: "not signed"; NULL: proved */
    bool is_over_limit;
    struct arena *arena; /* what its nodes consist of, and what is said of them */
};

struct plan_params {
    const struct protection *protection;
    uint32_t now_h;
    struct computers *computers; /* who owns what; NULL: not known */
    const char
        *watched; /* relative name of a node that is kept whatever its records are; or NULL */
    const struct signal_rules *signals; /* see struct zone_plan */
    const char *unproven;
};

struct plan_builder;

/* zone, and what params point to, must outlive the builder and the plan. */
struct plan_builder *plan_builder_new(TALLOC_CTX *mem, const struct dns_zone *zone,
                                      const struct plan_params *params);

/* A node_visit: copies what it keeps. priv is the builder. */
enum err plan_builder_visit(const struct dns_node *node, void *priv, struct error *e);

/*
 * The plan as it grows, for evidence to be laid beside it: every node with a stale value, in
 * `nodes`.  Values whose is_removed is set are the candidates.
 */
struct zone_plan *plan_builder_plan(struct plan_builder *b);

/* What the gate is going to be once the walk is over: behind a shut one nothing needs evidence. */
enum gate plan_builder_gate(const struct plan_builder *b, gate_set overridden);

/*
 * A text that lives as long as the plan: for the details of its values, of which there are as many.
 * NULL without memory.
 */
char *plan_text(struct zone_plan *plan, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The node's DN, on mem; NULL without memory. */
char *plan_node_dn(TALLOC_CTX *mem, const struct zone_plan *plan, const struct plan_node *node);

/* Evidence speaks for a candidate: it stays.  detail is copied. */
enum err plan_spare(struct zone_plan *plan, struct plan_node *node, struct plan_value *value,
                    enum reason reason, const char *detail, struct error *e);

/* Judge gate and limit, sort by name; *out is on mem, and the builder can be freed. */
enum err plan_builder_finish(TALLOC_CTX *mem, struct plan_builder *b, struct limit limit,
                             gate_set overridden, struct zone_plan **out, struct error *e);

/* The node of that relative name, whether it loses something or not; NULL where there is none. */
const struct plan_node *plan_node_named(const struct zone_plan *plan, const char *name);

/* The values a node shall have: the survivors, or the tombstone when none survive.  In the arena.
 */
enum err plan_node_result(struct arena *arena, const struct plan_node *n, struct bytes tombstone,
                          struct bytes **values, size_t *n_values, bool *is_tombstoned,
                          struct error *e);

#endif
