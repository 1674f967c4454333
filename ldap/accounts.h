/* Whose a name of a zone is. */
#ifndef LDAP_ACCOUNTS_H
#define LDAP_ACCOUNTS_H

#include "ldap/zones.h"

struct node_owner {
    const char *sid;     /* NULL: may not be read */
    const char *account; /* NULL: nobody's by now, or not known */
};

/*
 * name: relative to the zone.  Tombstones have owners too.  ERR_NOTFOUND: there is no such node or
 * zone.  On mem.
 */
enum err node_owner_read(TALLOC_CTX *mem, struct directory *d, const char *zone, const char *name,
                         struct node_owner *out, struct error *e);

#endif
