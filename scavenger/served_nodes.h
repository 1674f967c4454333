/*
 * Names of a transferred zone as nodes, as if a directory held them, so that the plan, the journal
 * and the reports know no other shape.  Timestamps come from heartbeats (dns/heartbeat.h):
 *
 *   A, AAAA and the heartbeat itself   the latest heartbeat of the name
 *   PTR                                that of its target, where the target holds the address
 *   everything else                    0: how long it has been seen says nothing about life
 *
 * In a zone that asks for a second signal (signal.h), addresses of a name without a heartbeat are
 * dated by when something at the name was last seen to change, and so are their PTRs.
 */
#ifndef SCAVENGER_SERVED_NODES_H
#define SCAVENGER_SERVED_NODES_H

#include "ldap/nodes.h"
#include "scavenger/pairs.h"
#include "scavenger/plan.h"
#include "scavenger/sightings.h"

/* A node's DN is the URI of its name at the zone's primary (RFC 4501). */
#define SERVED_URI "dns://"

/* "dns://ns1.example.test/host1.example.test", on mem; NULL without memory. */
char *served_uri(TALLOC_CTX *mem, const char *primary, const char *name);
bool served_is_uri(const char *dn); /* NULL is none */
/* The primary in such a URI, on mem; NULL where it is none. */
char *served_primary(TALLOC_CTX *mem, const char *uri);

/* Of a name's records: the hour of the latest heartbeat, 0 where there is none.  Pure. */
uint32_t served_heartbeat(const struct sighting *of_name, size_t n);

/* What was seen of record i of a name, and of the host that has the name.  Pure. */
struct observation served_observe(const struct sighting *of_name, size_t n, size_t i);

/*
 * Have hosts had no time to refresh, after a time without a run that was as long as heartbeats
 * last? With the site, they may have been off themselves.  life_h: no-refresh + refresh interval.
 * Pure.
 */
bool served_is_back_lately(struct sightings_gap gap, uint32_t life_h);

/* By what records are dated. */
struct served_dating {
    const struct pairs *pairs; /* addresses of the forward zones, for PTRs; or NULL */
    const struct signal_rules *signals;
    uint32_t now_h; /* the hour of the last pass */
};

/*
 * The node, on mem, and for each value who dates it.  zone->dn is its served_uri().  A record whose
 * data cannot be said in the directory's format is an error.
 */
enum err served_node(TALLOC_CTX *mem, const struct dns_zone *zone,
                     const struct served_dating *dating, const struct sighting *of_name, size_t n,
                     struct dns_node *out, enum stamp_source **sources, struct error *e);

#endif
