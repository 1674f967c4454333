/*
 * Which domain controllers there are, best first.
 *
 * Now by SRV records alone.  The CLDAP NetLogon ping (MS-ADTS 6.3.3) that tells living from dead,
 * near from far and writable from read-only will fill `site` and reorder what is returned here.
 */
#ifndef LDAP_LOCATOR_H
#define LDAP_LOCATOR_H

#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"
#include "dns/resolver.h"

struct dc {
    const char *name;     /* FQDN, normalised: what the SPN is made of */
    struct ip *addresses; /* at least one */
    size_t n_addresses;
    const char *site; /* NULL: not known */
    const char *kind; /* "samba", "windows"; NULL: not known */
    bool is_read_only; /* an RODC, by its own word */
};

/*
 * The targets of _ldap._tcp.dc._msdcs.<domain>, in the order of RFC 2782.
 * ERR_NOTFOUND: there are none; the hint says what to look at.  Else as dns_resolver_srv.
 */
enum err locator_find(TALLOC_CTX *mem, struct dns_resolver *r, const char *domain,
                      struct deadline d, struct dc **out, size_t *n, struct error *e);

/*
 * One named server.  It is looked for among known (by name or by address) first, then resolved.
 * ERR_USAGE: an address that belongs to none of known: without a name there is no SPN;
 * ERR_NOTFOUND: the name has no address.
 */
enum err locator_named(TALLOC_CTX *mem, struct dns_resolver *r, const char *server,
                       const struct dc *known, size_t n_known, struct deadline d, struct dc **out,
                       struct error *e);

#endif
