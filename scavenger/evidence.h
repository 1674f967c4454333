/*
 * What speaks for a record beside its timestamp.  Evidence only ever keeps: a stale record for
 * which nothing speaks is what the timestamps alone would have made of it.
 *
 * A source that was to be used but could not be read keeps whatever it could have kept.
 */
#ifndef SCAVENGER_EVIDENCE_H
#define SCAVENGER_EVIDENCE_H

#include "scavenger/findings.h"
#include "scavenger/pairs.h"
#include "scavenger/plan.h"

enum evidence_source {
    EVIDENCE_ACCOUNTS, /* computer accounts and who owns a name */
    EVIDENCE_PAIRS,    /* forward and reverse records of this directory */
};
#define EVIDENCE_COUNT (EVIDENCE_PAIRS + 1)

enum evidence_state {
    EVIDENCE_EXCLUDED, /* not asked for */
    EVIDENCE_READ,
    EVIDENCE_UNREAD, /* asked for, but it could not be read */
};

/* "accounts", "pairs". */
const char *evidence_name(enum evidence_source s);
bool evidence_parse(const char *name, enum evidence_source *out);
/* "excluded", "read", "unread". */
const char *evidence_state_name(enum evidence_state s);

#define ALIVE_WINDOW_DEFAULT_H (30 * 24)
/* An account that owns records of more other names than this registers for others, as a DHCP server
 * does. */
#define REGISTRAR_NAMES 8

struct evidence {
    enum evidence_state state[EVIDENCE_COUNT];
    const char *problem[EVIDENCE_COUNT]; /* why it is unread */
    struct computers *computers;         /* where accounts are read */
    const struct pairs *pairs;           /* where pairs are read */
    uint32_t now_h;                      /* the hour judged at */
    uint32_t logon_now_h; /* the same, but not later than the real one: a forecast knows no later
                             logons */
    uint32_t alive_window_h;
};

/* What the evidence says of one stale record. */
struct testimony {
    enum reason reason; /* REASON_STALE where nothing speaks for it */
    const char *detail; /* what decided, or for a stale record every input */
    const char **notes; /* every input, one sentence each */
    size_t n_notes;
    bool has_fresh_sibling; /* its host holds a fresh address of the same family */
    const char
        *kept_out; /* the account of its host, in use, that does not own the node; NULL: none */
};

/* Pure but for memory.  node and value: a candidate of zone's plan. */
enum err evidence_judge(TALLOC_CTX *mem, const struct evidence *ev, const struct dns_zone *zone,
                        const struct plan_node *node, const struct plan_value *value,
                        struct testimony **out, struct error *e);

/* Judge every candidate of a plan, spare those that something speaks for, add to the findings. */
enum err evidence_apply(const struct evidence *ev, struct zone_plan *plan,
                        struct findings *findings, struct error *e);

#endif
