/* dnsNode objects: streamed reading, and the one guarded way of writing them. */
#ifndef LDAP_NODES_H
#define LDAP_NODES_H

#include "base/bytes.h"
#include "ldap/zones.h"

struct dns_node {
    const char *dn;
    const char *name;      /* relative to the zone, lower case, "@" for the apex */
    bool is_tombstoned;    /* dNSTombstoned is TRUE */
    bool is_conflict;      /* RDN has \0ACNF: */
    bool is_deleted;       /* RDN has \0ADEL: or isDeleted */
    const char *owner_sid; /* "S-1-5-21-…", NULL when not asked for or not readable */
    struct bytes *values;  /* dnsRecord, all of them (range retrieval done) */
    size_t n_values;
    /* Of a zone that no directory holds: nobody wrote its timestamps, they are when its records
     * were last seen to change. */
    bool is_seen_only;
};

struct node_filter {
    const char *name; /* only this relative name (exact, case ignored), or NULL for all */
    bool with_tombstones;
    bool with_owner; /* read nTSecurityDescriptor, owner part only */
};

/* Called for each node; node is valid only during the call.  An error ends the walk and is
 * returned. */
typedef enum err node_visit(const struct dns_node *node, void *priv, struct error *e);

/*
 * One level below the zone, streamed as ldap/search.h says, each node freed after its visit: memory
 * grows by some bytes a node at most.  A walk that ends early (connection lost, size limit) is an
 * error, never a short zone.
 */
enum err nodes_walk(struct directory *d, const struct dns_zone *zone,
                    const struct node_filter *filter, node_visit *visit, void *priv,
                    struct error *e);

/* One node again, by DN.  ERR_NOTFOUND where it is gone. */
enum err node_read(TALLOC_CTX *mem, struct directory *d, const char *dn, struct dns_node **out,
                   struct error *e);

/*
 * For the other files of ldap/: a node out of the entry that a search for it gave.  Fields are on
 * mem, or views into the entry.
 */
struct entry;
enum err node_decode(TALLOC_CTX *mem, struct directory *d, const struct entry *entry,
                     struct dns_node *node, struct error *e);

/* The attributes that node_decode needs, NULL-terminated. */
extern const char *const node_attributes[];

/* old: every dnsRecord value the node had when it was judged; new: every value that it shall have.
 */
struct node_change {
    const char *dn;
    const struct bytes *old;
    size_t n_old;
    const struct bytes *new;
    size_t n_new;
    bool is_tombstoned; /* dNSTombstoned afterwards */
};

/*
 * Compare and swap: one modify that deletes exactly the old values, adds the new ones and
 * replaces dNSTombstoned.
 * ERR_CHANGED: a value is no longer there (noSuchAttribute), or one to add is there already;
 * ERR_NOTFOUND: the node is gone; ERR_DENIED: insufficient access; ERR_UNREACHABLE: the
 * connection is lost and the outcome is unknown.
 */
enum err node_swap(struct directory *d, const struct node_change *change, struct error *e);

/* The zone's current SOA serial, from the apex node; ERR_NOTFOUND where there is no SOA. */
enum err zone_serial(struct directory *d, const struct dns_zone *zone, uint32_t *out,
                     struct error *e);

#endif
