/* Under which name this host is published: pure, but for asking the kernel's host name. */
#ifndef REGISTER_IDENTITY_H
#define REGISTER_IDENTITY_H

#include <stdbool.h>
#include <talloc.h>

#include "base/err.h"

/*
 * The FQDN, normalised: hostname if it has a dot, else hostname and domain.
 * ERR_USAGE: not letters, digits, '-' and '_' in labels that begin and end with a letter or digit,
 * or a name that can be no host's (localhost, an address, gc, DomainDnsZones, ForestDnsZones, the
 * domain itself).
 */
enum err identity_fqdn(TALLOC_CTX *mem, const char *hostname, const char *domain, char **out,
                       struct error *e);

/* The kernel's host name on mem, as it is. */
enum err identity_hostname(TALLOC_CTX *mem, char **out, struct error *e);

#endif
