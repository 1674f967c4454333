/* What the dNSProperty values of a zone mean, and what they become: no directory in here. */
#ifndef LDAP_ZONE_PROPERTIES_H
#define LDAP_ZONE_PROPERTIES_H

#include "ldap/zones.h"

/* No-refresh and refresh where nothing says otherwise (MS-DNSP 3.1.1.2.1). */
#define ZONE_DEFAULT_INTERVAL_H 168

/* Set type, update mode, aging and scavenging servers from zone->properties; arrays are on mem. */
enum err zone_properties_read(TALLOC_CTX *mem, struct dns_zone *zone, struct error *e);

struct property_change {
    struct bytes *old; /* exactly as read */
    size_t n_old;
    struct bytes *new;
    size_t n_new;
};

/*
 * The change that gives the zone the aging wanted: nothing where it has it already, else all
 * interval and aging values it has are in old, so that the write compares each of them.
 * Header and trailer of a value are kept; a repeated one becomes one.  *out is on mem.
 */
enum err zone_aging_change(TALLOC_CTX *mem, const struct dns_zone *zone,
                           const struct zone_aging *wanted, struct property_change *out,
                           struct error *e);

#endif
