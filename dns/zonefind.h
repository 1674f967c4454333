/*
 * Which zone holds a name, asked of the resolvers: where the server in use does not know, another
 * may.  Nothing here is authenticated.
 */
#ifndef DNS_ZONEFIND_H
#define DNS_ZONEFIND_H

#include "dns/resolver.h"

enum dns_zone_whereabouts {
    DNS_ZONE_UNKNOWN, /* the resolvers cannot say: a failure, or silence */
    DNS_ZONE_NOWHERE, /* nobody has a zone for it that could be updated */
    DNS_ZONE_FOUND,
};

struct dns_zone_found {
    enum dns_zone_whereabouts is;
    bool is_made_up;   /* NOWHERE: a resolver, or AS 112, answers so for every such name (RFC 6303):
                          the zone may be there all the same */
    bool is_absent;    /* there is no such name, says an answer (NXDOMAIN) */
    const char *zone;  /* FOUND: normalised */
    const char *mname; /* FOUND: the primary by its SOA, normalised */
    const char *why;   /* UNKNOWN: one line */
};

/*
 * SOA of n names at once, in half the time; where an answer does not tell the zone, of all their
 * parents at once: two network turns.  Zones that are public or made up (as dns_zone_cut() has it; also those that AS 112, RFC
 * 7534, and resolvers themselves answer for) count as none.
 * *out: n results on mem.  An error is only what makes all of it impossible.
 */
enum err dns_zone_find(TALLOC_CTX *mem, struct dns_resolver *r, const char *const *names, size_t n,
                       struct deadline d, struct dns_zone_found **out, struct error *e);

#endif
