/*
 * When a whole zone must not be scavenged, whatever its records look like.
 * Pure, but for the growth of the count of timestamps.
 */
#ifndef SCAVENGER_GATE_H
#define SCAVENGER_GATE_H

#include <talloc.h>

#include "base/err.h"
#include "ldap/zones.h"

enum gate {
    GATE_OPEN,
    GATE_NOT_PRIMARY,     /* a stub, forwarder or secondary: not ours to clean */
    GATE_AGING_OFF,
    GATE_TOO_RECENT,      /* hosts have not had time to refresh since aging was switched on */
    GATE_SHORT_INTERVALS, /* no-refresh or refresh below 24 h: hosts refresh once a day */
    GATE_ONE_STAMP,       /* most dynamic records share one timestamp: somebody stamped them all */
};

/* Stable code: "aging-off", "aging-too-recent", "intervals-too-short", "one-stamp", "not-primary"; NULL when open. */
const char *gate_name(enum gate g);
/* One sentence for a person, with the numbers, on mem; NULL without memory or when open. */
char *gate_explain(TALLOC_CTX *mem, enum gate g, const struct dns_zone *zone);

/* How often each timestamp occurs among a zone's dynamic records. */
struct stamp_count;
struct stamp_count *stamp_count_new(TALLOC_CTX *mem);
enum err stamp_count_add(struct stamp_count *s, uint32_t timestamp_h, struct error *e);
/* Dynamic records counted, and how many of them share the commonest timestamp. */
size_t stamp_count_total(const struct stamp_count *s);
size_t stamp_count_most(const struct stamp_count *s);

/* Fewer dynamic records than this say nothing about a common timestamp. */
#define GATE_ONE_STAMP_MIN 20

/* now_h: hours since 1601 UTC.  The first gate in the order of the enum that is shut. */
enum gate gate_judge(const struct dns_zone *zone, const struct stamp_count *stamps, uint32_t now_h);

#endif
