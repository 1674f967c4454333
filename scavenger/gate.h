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
    GATE_NOT_PRIMARY, /* a stub, forwarder or secondary: not ours to clean */
    GATE_AGING_OFF,
    GATE_TOO_RECENT,      /* hosts have not had time to refresh since aging was switched on, or
                             nobody knows when that was */
    GATE_SHORT_INTERVALS, /* no-refresh or refresh below 24 h: hosts refresh once a day */
    GATE_ONE_STAMP, /* most dynamic or most stale records share one timestamp: somebody stamped them
                       all */
    GATE_INVERTED,  /* what hosts registered is static, what people entered is dynamic: old Samba
                       (bug 12451) */
};
#define GATE_COUNT (GATE_INVERTED + 1)

/* Stable code: "aging-off", "aging-too-recent", "intervals-too-short", "one-stamp",
 * "inverted-stamps", "not-primary"; NULL when open. */
const char *gate_name(enum gate g);
/* The reverse; false for what is none of them. */
bool gate_parse(const char *name, enum gate *out);
/* Every gate may be overridden but GATE_NOT_PRIMARY: there is nothing behind it to clean. */
bool gate_can_be_overridden(enum gate g);

/* How often each timestamp occurs among a zone's dynamic records. */
struct stamp_count;
struct stamp_count *stamp_count_new(TALLOC_CTX *mem);
/*
 * owner: which single member's account owns the record, by a number of its own; STAMP_OWNER_OTHER
 * for any other owner (a controller's among them), or where it is not known.
 */
enum err stamp_count_add(struct stamp_count *s, uint32_t timestamp_h, uint32_t owner,
                         struct error *e);
#define STAMP_OWNER_OTHER 0

/* Dynamic records counted, and how many of them share the commonest timestamp. */
size_t stamp_count_total(const struct stamp_count *s);
size_t stamp_count_most(const struct stamp_count *s);

/* Fewer records than this say nothing about a common timestamp. */
#define GATE_ONE_STAMP_MIN 20
/* Fewer records of hosts than this say nothing about how the server stamps. */
#define GATE_INVERTED_MIN 10

/* Address records of unprotected names by who owns their node; all 0 where owners are not known. */
struct stamp_owners {
    size_t host_static; /* owned by a computer account, without a timestamp */
    size_t host_dynamic;
    size_t other_static; /* owned by people, services, groups, or a controller in their place */
    size_t other_dynamic;
};

struct gate_inputs {
    const struct dns_zone *zone;
    const struct stamp_count *stamps;
    struct stamp_owners owners;
    uint32_t now_h; /* hours since 1601 UTC */
};

/* A set of gates: the sum of GATE_BIT of each. */
typedef uint32_t gate_set;
#define GATE_BIT(g) (UINT32_C(1) << (g))

/*
 * The first hour at which hosts have had their refresh interval: since aging was switched on as the
 * zone itself says (dNSProperty 0x12), and since its settings were last changed, which may have
 * been that (Samba's tools do not say), or have made intervals shorter than what hosts were kept
 * to. UINT64_MAX where nobody says when that was.
 */
uint64_t gate_settled_h(const struct dns_zone *zone);
/* The same for people: 0 where there is nothing to wait for, or nobody knows for what. */
uint64_t gate_scavenge_from_h(const struct dns_zone *zone, uint32_t now_h);

/* The first gate in the order of the enum that is shut and not overridden. */
enum gate gate_judge(const struct gate_inputs *in, gate_set overridden);
/* Those of `overridden` that would be shut. */
gate_set gate_overridden(const struct gate_inputs *in, gate_set overridden);

/* One sentence for a person, with the numbers, on mem; NULL without memory or when open. */
char *gate_explain(TALLOC_CTX *mem, enum gate g, const struct gate_inputs *in);

#endif
