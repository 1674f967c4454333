/*
 * Kerberos credentials that belong to this process alone.
 *
 * From a keytab they live in a memory cache with a name of its own: no kinit, no
 * environment, never the caller's cache.  Nothing here is ever logged but names.
 */
#ifndef GSS_TSIG_CREDENTIALS_H
#define GSS_TSIG_CREDENTIALS_H

#include <gssapi/gssapi.h>
#include <stdbool.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"

struct credentials;

/*
 * Read which principal a keytab would give, without any network: principal as asked for
 * (with or without realm), else the first NAME$@REALM, else the first host/NAME@REALM.
 * *principal and *realm are on mem.
 * ERR_AUTH: keytab missing, unreadable, empty, or without such a principal; the hint says
 * how to make one (adcli join, adcli update).
 */
enum err credentials_identity(TALLOC_CTX *mem, const char *keytab, const char *principal,
                              char **principal_out, char **realm_out, struct error *e);

/*
 * Get a ticket-granting ticket for principal from keytab.  kdcs (may be empty) are the
 * addresses of servers that are KDCs of the realm; without them, those of krb5.conf or of DNS
 * are asked, as gss-tsig/kdc.h says.  d is kept.  principal is as credentials_identity gave it.
 * A KDC that does not know the account or its keys may only not have heard of them yet: the others
 * are asked before that is believed.
 * ERR_AUTH: wrong key, unknown or disabled account, clock skew (with its seconds where known);
 * ERR_UNREACHABLE: no KDC answered; ERR_SERVER: it fails itself.  The cache is destroyed with *out.
 */
enum err credentials_from_keytab(TALLOC_CTX *mem, const char *keytab, const char *principal,
                                 const struct ip *kdcs, size_t n_kdcs, struct deadline d,
                                 struct credentials **out, struct error *e);

/*
 * The caller's own default cache (KRB5CCNAME or its default): an administrator's kinit.
 * ERR_AUTH where empty or expired.
 */
enum err credentials_from_default_cache(TALLOC_CTX *mem, struct credentials **out, struct error *e);

/*
 * These are KDCs of the realm (gss-tsig/kdc.h): for tickets that were there before any server was
 * known.
 */
enum err credentials_use_kdcs(struct credentials *c, const struct ip *kdcs, size_t n_kdcs,
                              struct error *e);

const char *credentials_principal(const struct credentials *c);
const char *credentials_realm(const struct credentials *c);
/* Name of the cache, e.g. "MEMORY:…", for other GSSAPI users in this process. */
const char *credentials_cache_name(const struct credentials *c);
/* End of the TGT's life, seconds since 1970. */
int64_t credentials_expiry(const struct credentials *c);

/* Network turns spent with KDCs so far: connections and requests. */
unsigned credentials_turns(const struct credentials *c);

/*
 * service ("DNS/dc1.ad.example.test", "ldap/HOST/DOMAIN") with its realm: the one that
 * [domain_realm] of krb5.conf names for the host, as GSSAPI will look for it, else that of c.  On
 * mem; NULL without memory.
 */
char *credentials_service_principal(TALLOC_CTX *mem, const struct credentials *c,
                                    const char *service);

/*
 * Have a ticket for service (realm added as above) in the cache, so that
 * GSSAPI has nothing left to ask the network.  Cross-realm referrals are followed; d is kept.
 * ERR_AUTH: the KDC does not know the service (hint: name of the server), clock skew, expired TGT.
 */
enum err credentials_fetch_ticket(struct credentials *c, const char *service, struct deadline d,
                                  struct error *e);

/*
 * Does this realm itself, that of c or one that trusts it, know service ("ldap/HOST/DOMAIN")?
 * Neither [domain_realm] of krb5.conf nor a referral to another realm, trusted or not, makes it so.
 * Errors: what kept the KDC from giving a ticket that it would have (ERR_AUTH: clock skew, expired
 * TGT, no trust, no common encryption type; ERR_UNREACHABLE); *is_known is untouched then.
 */
enum err credentials_find_service(struct credentials *c, const char *service, const char *realm,
                                  struct deadline d, bool *is_known, struct error *e);

/* A GSS initiator credential over the cache, owned by mem; mechanisms krb5 and SPNEGO. */
enum err credentials_gss(TALLOC_CTX *mem, const struct credentials *c, gss_cred_id_t *out,
                         struct error *e);

#endif
