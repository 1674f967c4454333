/* Which domain controllers hold a partition that can be written. */
#ifndef LDAP_MASTERS_H
#define LDAP_MASTERS_H

#include "ldap/directory.h"

struct master {
    const char *host;        /* dNSHostName; the server object's name where it has none */
    const char **partitions; /* DNs, as msDS-hasMasterNCs has them */
    size_t n_partitions;
    bool is_unclear; /* it does not say, or it could not be read: it may hold any of them */
    bool is_hidden;  /* it is one, but its NTDS Settings object may not be read */
};

/*
 * The domain controllers of the forest (MS-ADTS 6.1.1.2.2.1.2.1), this one included, read-only ones
 * left out.  A server object without NTDS settings is none, unless a naming context here or its own
 * account says that it is one: then the settings are hidden.  On mem.
 */
enum err masters_list(TALLOC_CTX *mem, struct directory *d, struct master **out, size_t *n,
                      struct error *e);

/* The naming context that dn lies in: the longest that dn ends with; NULL where there is none. */
const char *partition_of(const char *const *naming_contexts, const char *dn);

/* May that controller write the partition? */
bool master_holds(const struct master *m, const char *partition);

#endif
