/*
 * How one record is judged.  Pure: no clock, no I/O.
 *
 * The rules stand in a fixed order and the first that applies wins, so that a
 * record kept for being static is never called fresh.  The boundary is that of
 * Windows' DNS server: stale strictly later than timestamp + no-refresh + refresh.
 */
#ifndef SCAVENGER_VERDICT_H
#define SCAVENGER_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "ldap/dnsp.h"
#include "ldap/zones.h"

enum reason {
    REASON_STATIC,          /* timestamp 0: an administrator's record */
    REASON_FOREIGN_TYPE,    /* SOA, NS, WINS, tombstone, or a type not known to be a host's */
    REASON_UNREADABLE,      /* the value does not decode, or its data does not fit its type */
    REASON_PROTECTED,       /* a name or target that is never removed */
    REASON_CONFLICT_OBJECT, /* replication conflict or deleted object */
    REASON_FUTURE,          /* timestamp later than now */
    REASON_FRESH,           /* now <= timestamp + no-refresh + refresh */
    REASON_SEEN_LATELY,     /* the same, of a timestamp that is only when it was seen to change */
    REASON_ZONE_GATE,       /* stale, but the zone as a whole may not be scavenged now */
    /* Stale, but evidence beside the timestamp (evidence.h) speaks for it: */
    REASON_CLUSTER,       /* a cluster's name: it moves between machines */
    REASON_OWNER_ALIVE,   /* the host's computer account is in use and it has no other address */
    REASON_FORWARD_FRESH, /* a PTR whose name still holds that address */
    REASON_REVERSE_FRESH, /* an address whose PTR still names the host */
    REASON_ANSWERS,       /* something answers at its address */
    /* Stale by sightings alone, without the second signal (signal.h) that its zone asks for: */
    REASON_SILENCE_SHORT,    /* not silent for enough runs and days */
    REASON_HAS_ACCOUNT,      /* its host has a computer account */
    REASON_EVIDENCE_MISSING, /* evidence that could have spoken for it could not be read */
    REASON_NEWER_ELSEWHERE,  /* another domain controller has a newer stamp (replicas.h) */
    REASON_STALE,            /* goes into the plan */
};
#define REASON_COUNT (REASON_STALE + 1)

/* "static", "foreign-type", …: the stable codes of the JSON contract. */
const char *reason_name(enum reason r);

/* What is never removed, whatever its age. */
struct protection {
    const char *const *globs; /* fnmatch patterns against the relative and the absolute name */
    size_t n_globs;
    const char *const *controllers; /* normalised host names of the domain controllers */
    size_t n_controllers;
    const struct relied *relied; /* of zones read by transfer (relied.h); or NULL */
};

/* A record with what judging needs to know of where it stands. */
struct candidate {
    const char *zone;                 /* normalised */
    const char *name;                 /* relative, lower case, "@" for the apex */
    bool is_conflict;                 /* the node is a conflict or deleted object */
    const struct dnsp_record *record; /* NULL where the value did not decode */
    const char *data; /* presentation form of a PTR's or CNAME's target; others need none */
};

struct verdict {
    enum reason reason;
    /* The first hour (since 1601 UTC) at which the record is stale; 0 for a static or undecodable
     * record. */
    uint64_t stale_at_h;
    /* Which rule, name or number decided; static or borrowed from protection; never NULL. */
    const char *detail;
};

/* A name or target that is never removed, whatever the record's type; NULL where it is none.
 * c->record must be there. */
const char *verdict_protection(const struct candidate *c, const struct protection *protection);

/*
 * Judge at now_h (hours since 1601 UTC, rounded down).  The zone's gate is not looked at here
 * (see gate.h): a stale record of a gated zone is REASON_STALE.
 */
struct verdict verdict_judge(const struct candidate *c, const struct zone_aging *aging,
                             const struct protection *protection, uint32_t now_h);

#endif
