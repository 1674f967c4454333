/* Zones stored in the directory, in all its partitions. */
#ifndef LDAP_ZONES_H
#define LDAP_ZONES_H

#include "base/bytes.h"
#include "ldap/directory.h"

enum zone_update_mode {
    ZONE_UPDATE_UNKNOWN,
    ZONE_UPDATE_NONE,
    ZONE_UPDATE_ANY,
    ZONE_UPDATE_SECURE,
};

struct zone_aging {
    bool is_enabled;
    uint32_t no_refresh_h;
    uint32_t refresh_h;
    uint32_t scavenge_after_h; /* hours since 1601 UTC; 0 = at once */
};

/* When dNSProperty, that is aging too, was last changed. */
enum zone_change_source {
    ZONE_CHANGE_UNREAD,    /* nobody says */
    ZONE_CHANGE_EXACT,     /* the attribute's own metadata (replmeta.h) */
    ZONE_CHANGE_AT_LATEST, /* whenChanged: the object's last change, whatever it was about */
};

struct zone_change {
    enum zone_change_source source;
    int64_t at;       /* seconds since 1970 UTC; 0 where it never was */
    uint32_t version; /* how often, where exact */
};

struct dns_zone {
    const char *name;      /* normalised */
    const char *partition; /* "DomainDnsZones", "ForestDnsZones", "System" or the partition's DN */
    const char *dn;
    uint32_t zone_type; /* 1 primary, … */
    enum zone_update_mode update;
    struct zone_aging aging;
    struct zone_change change;
    struct ip *scavenging_servers;
    size_t n_scavenging_servers;
    struct bytes *properties; /* dNSProperty as read, for guarded change */
    size_t n_properties;
};

/*
 * All dnsZone objects below CN=MicrosoftDNS of every naming context, but for RootDNSServers,
 * ..TrustAnchors, ..InProgress-*, ..Deleted-* and deleted or conflict objects (logged).
 * Sorted by name.  A property that does not decode is logged and its default taken; but an aging
 * value that does not decode leaves is_enabled false, so that nothing is scavenged on a guess.
 */
enum err zones_list(TALLOC_CTX *mem, struct directory *d, struct dns_zone **out, size_t *n,
                    struct error *e);

/* The zone of that name.  ERR_NOTFOUND lists near names in the hint; ERR_CONFLICT where two
 * partitions hold it. */
enum err zone_find(TALLOC_CTX *mem, struct directory *d, const char *name, struct dns_zone **out,
                   struct error *e);

/*
 * Write aging values: one modify that deletes the exact old dNSProperty values concerned and adds
 * the new ones (other properties untouched).  scavenge_after_h is written only where it differs
 * from what was read. ERR_CHANGED: somebody changed them meanwhile; ERR_DENIED.
 */
enum err zone_set_aging(struct directory *d, const struct dns_zone *zone,
                        const struct zone_aging *aging, struct error *e);

const char *zone_update_mode_name(enum zone_update_mode m); /* "none" "any" "secure" "unknown" */

#endif
