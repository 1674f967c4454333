/*
 * The way to the KDC: the servers that were found already, over TCP (RFC 4120 section 7.2.2), in
 * place of whatever libkrb5, its configuration or a locator plugin (SSSD's) would find.
 */
#ifndef GSS_TSIG_KDC_H
#define GSS_TSIG_KDC_H

#include <krb5.h>
#include <talloc.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"

#define KDC_PORT 88

struct kdc_route;

/*
 * Send what ctx has for the KDCs of realm to these addresses; other realms go libkrb5's way.
 * Connections are tried as connect_any() does; the first that opens is used, and kept for the
 * next request.  One that gives no answer within 500 ms gives way to the next KDC, where there
 * is one; those that were silent are asked again with more patience.  What no KDC answers before
 * the deadline (10 s for each request, if none was set) fails with KRB5_KDC_UNREACH.
 * The route belongs to mem and must be freed after ctx, or with nothing more asked of ctx.
 */
enum err kdc_route_new(TALLOC_CTX *mem, krb5_context ctx, const char *realm, const struct ip *kdcs,
                       size_t n_kdcs, uint16_t port, struct kdc_route **out, struct error *e);

/* From now on all requests together have to be answered before d. */
void kdc_route_deadline(struct kdc_route *route, struct deadline d);

/*
 * What the KDC that answered last says, another one may see differently: the next request goes to
 * the others first.  How many there are, that one included: so often it makes sense.
 */
size_t kdc_route_pass_over(struct kdc_route *route);

/* Connections opened and requests answered so far: each is a network turn. */
unsigned kdc_route_connections(const struct kdc_route *route);
unsigned kdc_route_requests(const struct kdc_route *route);

#endif
