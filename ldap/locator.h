/*
 * Which domain controller to use: SRV records say who there is, NetLogon pings (ldap/ping.h) who
 * lives, may be written to and is near; the one used last comes first.
 *
 * None of this is authenticated: names, addresses, site and kind are what whoever answers says.
 * They choose whom to talk to and how, and prove nothing: before a ticket is made out to a name
 * that came from here, the KDC has to say that it is a domain controller's (register/machine.h,
 * cmd/session.c; gss-tsig/PROTOCOL.md tells why).
 */
#ifndef LDAP_LOCATOR_H
#define LDAP_LOCATOR_H

#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"
#include "dns/resolver.h"
#include "ldap/dc.h"

struct locator_params {
    struct dns_resolver *resolver;
    const char *domain;    /* normalised */
    const char *server;    /* NULL: located; else this one, by name or by address */
    const char *site;      /* NULL: the one that the controllers say we are in */
    const char *state_dir; /* NULL: nothing is remembered */
    bool is_rediscovery;   /* what is remembered may be of another network: do not begin with it */
    bool is_dry_run;       /* locator_remember() does nothing */
    const char *const *avoid; /* names (normalised) that were tried already */
    size_t n_avoid;
    struct deadline d;
    uint16_t port; /* of the pings; 0: 389 */
};

struct located {
    struct dc *dcs; /* best first, those that are of no use left out */
    size_t n;
    size_t n_usable;    /* the first so many may be used; the others only help (as KDCs) */
    bool is_remembered; /* they are those of the last time: DNS may know more */
    unsigned turns;     /* network turns of the pings; those of the resolver are its own to tell */
};

/*
 * The controllers used last are pinged first, one by one with 100 ms between them; where none
 * of them answers within 250 ms, SRV records are asked for (of site, if given) and all are pinged.
 * The first good answer wins.  When that one is not in our site, the site's own controllers are
 * asked for and pinged, and win if one of them answers within 300 ms.  Where no ping comes through
 * the controllers are in the order of RFC 2782: connecting will tell.  A controller that is
 * read-only by its own word comes first only where no other answers, else last: one that can be
 * written to is better, of whatever site, though read-only ones were remembered or are nearer.
 * ERR_NOTFOUND: there is no controller, or none that serves the domain (the hint says what to look
 * at); ERR_USAGE: server is an address that belongs to no controller; else as dns_resolver_srv.
 */
enum err locator_locate(TALLOC_CTX *mem, const struct locator_params *p, struct located *out,
                        struct error *e);

/* Ping one controller of l, to learn its site and kind where they are not known.  Within 300 ms. */
enum err locator_describe(const struct locator_params *p, struct located *l, size_t which,
                          struct error *e);

/*
 * Controller number which was used: the next run begins with it.  Nothing where that is read-only;
 * of the others those are left out.  Failing is worth a log line only.
 */
void locator_remember(const struct locator_params *p, const struct located *l, size_t which);

/*
 * The targets of _ldap._tcp.dc._msdcs.<domain>, in the order of RFC 2782.
 * ERR_NOTFOUND: there are none; the message names the DNS servers asked, the hint says
 * what to look at.  Else as dns_resolver_srv.
 */
enum err locator_find(TALLOC_CTX *mem, struct dns_resolver *r, const char *domain,
                      struct deadline d, struct dc **out, size_t *n, struct error *e);

/* The same of one site: _ldap._tcp.<site>._sites.dc._msdcs.<domain>. */
enum err locator_find_in_site(TALLOC_CTX *mem, struct dns_resolver *r, const char *domain,
                              const char *site, struct deadline d, struct dc **out, size_t *n,
                              struct error *e);

/*
 * One named server.  It is looked for among known (by name or by address) first, then resolved.
 * ERR_USAGE: an address that belongs to none of known: without a name there is no SPN;
 * ERR_NOTFOUND: the name has no address.
 */
enum err locator_named(TALLOC_CTX *mem, struct dns_resolver *r, const char *server,
                       const struct dc *known, size_t n_known, struct deadline d, struct dc **out,
                       struct error *e);

#endif
