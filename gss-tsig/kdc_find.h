/*
 * Where the KDCs of a realm are: what krb5.conf says, else what DNS says, asked with our own
 * resolver and within a deadline.  (libkrb5 would ask with the C library's, which knows none.)
 */
#ifndef GSS_TSIG_KDC_FIND_H
#define GSS_TSIG_KDC_FIND_H

#include <krb5.h>
#include <talloc.h>

#include "base/clock.h"
#include "base/connect.h"
#include "base/err.h"
#include "dns/resolver.h"

#define KDC_PORT 88
#define KDCS_MAX 8

/*
 * One "kdc =" line of krb5.conf(5): HOST, HOST:PORT, [IPV6], [IPV6]:PORT, each with "tcp/" or
 * "udp/" in front or not (every KDC takes TCP).  *host on mem, *port KDC_PORT where not said.
 * False for anything else, such as the address of an HTTPS proxy, which is not spoken here.  Pure.
 */
bool kdc_line_parse(TALLOC_CTX *mem, const char *line, char **host, uint16_t *port);

/*
 * The KDCs that the "kdc =" lines of ctx's configuration name for realm, in their order; *n <=
 * KDCS_MAX, 0 where it names none.  Host names are resolved by r (NULL: the machine's,
 * /etc/resolv.conf) until d; what cannot be used or resolved is logged and left out.
 */
enum err kdc_find_configured(krb5_context ctx, const char *realm, struct dns_resolver *r,
                             struct deadline d, struct endpoint out[KDCS_MAX], size_t *n,
                             struct error *e);

/*
 * The targets of _kerberos._tcp.<realm>, else of _kerberos._udp.<realm>, in the order of RFC 2782
 * (RFC 4120 section 7.2.3.2).  r as above.
 * ERR_CONFIG: krb5.conf says dns_lookup_kdc = false; ERR_NOTFOUND: there are none; else as
 * dns_resolver_srv.
 */
enum err kdc_find_in_dns(krb5_context ctx, const char *realm, struct dns_resolver *r,
                         struct deadline d, struct endpoint out[KDCS_MAX], size_t *n,
                         struct error *e);

/* Put one more behind them, unless it is there or they are KDCS_MAX. */
void kdc_list_add(struct endpoint list[KDCS_MAX], size_t *n, struct endpoint one);

#endif
