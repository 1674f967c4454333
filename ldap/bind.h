/* SASL GSSAPI on an LDAP connection (RFC 4752): mutual authentication and sealing. */
#ifndef LDAP_BIND_H
#define LDAP_BIND_H

#include <ldap.h>
#include <talloc.h>

#include "base/err.h"

/*
 * Bind with the Kerberos cache of that name to the service ldap/<fqdn>, and seal everything after.
 *
 * The exchange is done here and not by Cyrus SASL, because that leaves the host name to libkrb5,
 * which (unless krb5.conf forbids it) asks DNS, unauthenticated, for its canonical and its reverse
 * name and then authenticates whatever that is.  Here the principal is the name given; only the KDC
 * may refer to another realm.
 *
 * mem must outlive ld.  Nothing is asked on a terminal, the environment is not touched.
 */
enum err ldap_bind_gssapi(TALLOC_CTX *mem, LDAP *ld, const char *fqdn, const char *cache_name,
                          struct error *e);

/* What a failed bind means, from libldap's result code and the text of GSSAPI or the server (may be
 * NULL). */
enum err ldap_bind_error(int ldap_rc, const char *text, const char *fqdn, struct error *e);

#endif
