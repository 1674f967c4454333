/*
 * The second signal that a record needs to go where nothing but sightings (sightings.h) dates it:
 * that it has not changed for long says nothing about its host's life.  A zone asks for silence
 * under probes (probe.h), for a missing computer account, or for both; without either its records
 * never go. Pure but for memory: no clock, no I/O.
 */
#ifndef SCAVENGER_SIGNAL_H
#define SCAVENGER_SIGNAL_H

#include "scavenger/verdict.h"

struct signal_rules {
    unsigned silence_runs; /* so many silent probing runs in a row; 0: silence is not asked for */
    unsigned silence_days; /* that span so many days of observed time */
    bool wants_no_account;
};

/* NULL: none. */
bool signal_is_wanted(const struct signal_rules *r);

enum account_state {
    ACCOUNT_UNASKED,
    ACCOUNT_NONE,
    ACCOUNT_DISABLED,
    ACCOUNT_THERE,
    ACCOUNT_UNREAD, /* it may be there */
};

/* What was seen of a record and of the host that it is about. */
struct observation {
    int64_t first_seen_s; /* of the record; since 1970 UTC */
    int64_t last_changed_s;
    int64_t last_confirmed_s;
    int64_t unchanged_s; /* of the name: observed time since anything at it appeared or changed */
    unsigned n_silent;   /* of the host: of all its addresses the least */
    int64_t silent_s;
    int64_t last_answer_s; /* of the host: of all its addresses the latest; 0: never */
    enum account_state account;
    const char *account_detail; /* what is known of it; NULL: nothing */
};

/*
 * The hour (since 1601 UTC) that stands in for a timestamp: so long before now_h as the name has
 * been observed without a change, whole hours, gaps between runs left out.  Never 0.
 */
uint32_t signal_stamp(const struct observation *o, uint32_t now_h);

/*
 * REASON_STALE where silence is not asked for, or lasted.  unheard: why the probes of this run
 * count for nothing; NULL: they do.  An answer counts in any run; silence alone in none that does
 * not.
 */
enum reason signal_silence(const struct signal_rules *r, const struct observation *o,
                           const char *unheard);

/* REASON_STALE where the account is not asked for, or there is none that may be used. */
enum reason signal_account(const struct signal_rules *r, const struct observation *o);

/*
 * Every input that the rules have use for, one sentence, on mem; NULL without memory.  "unchanged
 * for 30 d (seen to change 2026-10-23T00:00:00Z); silent in 15 runs over 14 d; no computer account"
 */
char *signal_explain(TALLOC_CTX *mem, const struct signal_rules *r, const struct observation *o);

/* What is missing for the record to go, in the order in which it is judged. */
#define SIGNAL_GAPS_MAX 4
struct signal_gaps {
    const char *text[SIGNAL_GAPS_MAX]; /* on mem */
    size_t n;
};

/* life_h: no-refresh + refresh interval. ERR_NOMEM. */
enum err signal_gaps(TALLOC_CTX *mem, const struct signal_rules *r, const struct observation *o,
                     uint32_t life_h, struct signal_gaps *out, struct error *e);

#endif
