/* The forest's domain controllers, whose own records are never scavenged. */
#ifndef LDAP_CONTROLLERS_H
#define LDAP_CONTROLLERS_H

#include "ldap/directory.h"

/*
 * dNSHostName of every server object below CN=Sites in the configuration partition, lower case,
 * without final dot, on mem.  ERR_DENIED where none can be read: a domain has at least one.
 */
enum err controllers_list(TALLOC_CTX *mem, struct directory *d, const char ***names, size_t *n,
                          struct error *e);

#endif
