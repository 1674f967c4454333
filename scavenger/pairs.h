/*
 * Which names hold which addresses, over all zones of a directory, so that a PTR can be judged
 * with its forward name and the other way round.  At most 40 bytes for an address of a name of
 * usual length.
 */
#ifndef SCAVENGER_PAIRS_H
#define SCAVENGER_PAIRS_H

#include "base/ip.h"
#include "ldap/nodes.h"

/* What an address record is worth as a sign of life, weakest first. */
enum pair_life {
    PAIR_NONE, /* no such record */
    PAIR_STALE,
    PAIR_UNKNOWN, /* its zone does not age, or the timestamp lies in the future: it may be alive */
    PAIR_STATIC,  /* an administrator says so */
    PAIR_FRESH,   /* refreshed by a host within the zone's intervals */
};

struct pair {
    enum pair_life life;
    uint32_t timestamp_h;
    bool is_reverse_fresh; /* a PTR of that address names this host and is fresh */
    bool is_seen_only;     /* of the record that gives the life: see struct dns_node */
};

struct pairs;

struct pairs *pairs_new(TALLOC_CTX *mem, uint32_t now_h);

/* Is it a zone of PTR records? */
bool pairs_is_reverse(const struct dns_zone *zone);

/* That zone is read, even if nothing of it is to be noted; it must outlive the pairs. */
enum err pairs_add_zone(struct pairs *p, const struct dns_zone *zone, struct error *e);
/* Note the addresses, and the delegation, of a node of a forward zone; the zone is added with it.
 */
enum err pairs_add(struct pairs *p, const struct dns_zone *zone, const struct dns_node *node,
                   struct error *e);
/* After the last address, before anything else. */
enum err pairs_seal(struct pairs *p, struct error *e);

/* Note the fresh PTRs of a node of a reverse zone. */
enum err pairs_add_reverse(struct pairs *p, const struct dns_zone *zone,
                           const struct dns_node *node, struct error *e);

/* name: absolute, lower case, no final dot.  The liveliest record of that name and address. */
struct pair pairs_find(const struct pairs *p, const char *name, struct ip address);
/* The liveliest address record of the name, of a family (AF_INET, AF_INET6; 0: any). */
struct pair pairs_of_name(const struct pairs *p, const char *name, int family);
/* The liveliest of the name's addresses of the same family that are not this one. */
struct pair pairs_beside(const struct pairs *p, const char *name, struct ip address);

/*
 * Would a record of that name be here?  Not where no zone that was added has the name, or has
 * delegated it to servers elsewhere, or where it is a stub or forwarder: then nothing is known.
 */
bool pairs_holds(const struct pairs *p, const char *name);

/* Addresses noted. */
size_t pairs_count(const struct pairs *p);

/* Names that hold one address freshly at the same time. */
struct duplicate {
    struct ip address;
    const struct dns_zone *zone;       /* of the name */
    const char *name;                  /* relative */
    const struct dns_zone *other_zone; /* of the name before it that holds the address too */
    const char *other_name;
};
typedef enum err duplicate_visit(const struct duplicate *d, void *priv, struct error *e);
enum err pairs_duplicates(const struct pairs *p, duplicate_visit *visit, void *priv,
                          struct error *e);

#endif
