/*
 * The way to the KDCs, over TCP (RFC 4120 section 7.2.2) and within a deadline.  libkrb5 makes the
 * messages and reads them (gss-tsig/obtain.h); it never sends one itself, and neither it nor a
 * locator plugin (SSSD's) is asked where KDCs are.
 */
#ifndef GSS_TSIG_KDC_H
#define GSS_TSIG_KDC_H

#include <krb5.h>
#include <talloc.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"
#include "gss-tsig/kdc_find.h"

struct kdc_route;

/*
 * The KDCs of a realm, whichever libkrb5 comes to on its way (cross-realm referrals too), are, in
 * this order: those of the "kdc =" lines of ctx's configuration; where realm (NULL: none) is that
 * realm, the addresses in kdcs, at port; where there are none of both, those of DNS
 * (gss-tsig/kdc_find.h).  They are found when first needed, and anew after none of them answered.
 *
 * Connections are tried as connect_any() does; the first that opens is used, and kept for the
 * next request.  One that gives no answer within 500 ms, or one that is no Kerberos, gives way to
 * the next KDC, where there is one; those that were silent are asked again with more patience.  So
 * does one that says it cannot serve now (a controller that starts: KRB-ERROR 29, or 60), and one
 * that finds the clocks different (37), which one other is to confirm: where no KDC has anything
 * else to say, that is the answer.
 * ctx must live as long as *out.
 */
enum err kdc_route_new(TALLOC_CTX *mem, krb5_context ctx, const char *realm, const struct ip *kdcs,
                       size_t n_kdcs, uint16_t port, struct kdc_route **out, struct error *e);

/* Ask r for KDCs in place of the machine's name servers; it outlives the route. */
void kdc_route_resolver(struct kdc_route *route, struct dns_resolver *r);

/* From now on all that is looked up and all requests together have to be answered before d; without
 * this, each request within 10 s. */
void kdc_route_deadline(struct kdc_route *route, struct deadline d);

/*
 * One request to a KDC of that realm.  *answer on mem.
 * ERR_UNREACHABLE: none is known, or none answered in time; the message names the realm and why.
 */
enum err kdc_route_ask(TALLOC_CTX *mem, struct kdc_route *route, struct bytes realm,
                       struct bytes request, struct bytes *answer, struct error *e);

/*
 * What the KDC of realm that answered last says, another one may see differently: the next request
 * goes to the others first.  How many there are, that one included: so often it makes sense.
 */
size_t kdc_route_pass_over(struct kdc_route *route, const char *realm);

/* Connections opened and requests answered so far: each is a network turn. */
unsigned kdc_route_connections(const struct kdc_route *route);
unsigned kdc_route_requests(const struct kdc_route *route);

#endif
