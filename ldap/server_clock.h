/* What time a domain controller has. */
#ifndef LDAP_SERVER_CLOCK_H
#define LDAP_SERVER_CLOCK_H

#include <talloc.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"

/*
 * currentTime of the rootDSE at address, in seconds since 1970: read without a bind, so it tells a
 * person what may be wrong and proves nothing.  Works where Kerberos does not, because of the
 * clock. Errors as ldap_dial; ERR_MALFORMED: no time.
 */
enum err server_clock_read(struct ip address, const char *fqdn, struct deadline d, int64_t *unix_s,
                           struct error *e);

/* "20261122140557.0Z" (RFC 4517 section 3.3.13, with seconds, UTC only).  Pure. */
bool server_clock_parse(const char *text, int64_t *unix_s);

#endif
