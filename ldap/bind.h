/* SASL GSSAPI on an LDAP connection (RFC 4752): mutual authentication and sealing. */
#ifndef LDAP_BIND_H
#define LDAP_BIND_H

#include <ldap.h>

#include "base/err.h"

/*
 * Bind with the ticket for ldap/<fqdn> in the Kerberos cache of that name, and demand a
 * security layer that seals.  fqdn is for messages: SASL takes the host from the handle's URI.
 * Neither the environment nor another thread's default cache is touched, nothing is asked
 * on a terminal.
 */
enum err ldap_bind_gssapi(LDAP *ld, const char *fqdn, const char *cache_name, struct error *e);

/* What a failed bind means, from libldap's result code and its diagnostic text (may be NULL). */
enum err ldap_bind_error(int ldap_rc, const char *diagnostic, const char *fqdn, struct error *e);

#endif
