/*
 * The way to the KDC: the servers that were found already, over TCP (RFC 4120 section 7.2.2), in
 * place of whatever libkrb5, its configuration or a locator plugin (SSSD's) would find.
 */
#ifndef GSS_TSIG_KDC_H
#define GSS_TSIG_KDC_H

#include <krb5.h>
#include <talloc.h>

#include "base/err.h"
#include "base/ip.h"

#define KDC_PORT 88

struct kdc_route;

/*
 * Send what ctx has for the KDCs of realm to these addresses; other realms go libkrb5's way.
 * Connections are tried in order, the next after 300 ms without an answer; the first that
 * opens is used, and kept for the next request.  What no KDC answers fails with
 * KRB5_KDC_UNREACH after 10 s at most with one KDC.
 * The route belongs to mem and must be freed after ctx, or with nothing more asked of ctx.
 */
enum err kdc_route_new(TALLOC_CTX *mem, krb5_context ctx, const char *realm, const struct ip *kdcs,
                       size_t n_kdcs, uint16_t port, struct kdc_route **out, struct error *e);

/* Connections opened and requests sent so far. */
unsigned kdc_route_connections(const struct kdc_route *route);
unsigned kdc_route_requests(const struct kdc_route *route);

#endif
