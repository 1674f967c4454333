#include "ldap/locator.h"

#include <string.h>

#include "base/log.h"
#include "dns/name.h"

/* NULL without memory. */
static char *srv_name(TALLOC_CTX *mem, const char *domain, const char *site)
{
    if (!site)
        return talloc_asprintf(mem, "_ldap._tcp.dc._msdcs.%s", domain);
    return talloc_asprintf(mem, "_ldap._tcp.%s._sites.dc._msdcs.%s", site, domain);
}

static enum err no_controller(TALLOC_CTX *tmp, const struct dns_resolver *r, const char *domain,
                              const char *name, const char *site, struct error *e)
{
    const char *servers = dns_resolver_servers(tmp, r);
    enum err rc = err_set(e, ERR_NOTFOUND,
                          "no domain controller of %s%s%s: the DNS server %s has no "
                          "SRV record %s with an address",
                          domain, site ? " in the site " : "", site ? site : "",
                          servers ? servers : "", name);

    if (site)
        err_hint(e, "check the name of the site, or leave it out");
    else
        err_hint(e,
                 "check that the nameserver lines of /etc/resolv.conf name the domain's DNS "
                 "servers and that %s is the domain (--domain), or name a controller with "
                 "--server",
                 domain);
    return rc;
}

/* site may be NULL. */
static enum err find(TALLOC_CTX *mem, struct dns_resolver *r, const char *domain, const char *site,
                     struct deadline d, struct dc **out, size_t *n, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *name = srv_name(tmp, domain, site);
    struct dns_srv *srv;
    struct dc *dcs;
    size_t n_srv;
    enum err rc;

    if (!name) {
        rc = err_nomem(e);
        goto done;
    }
    rc = dns_resolver_srv(tmp, r, name, d, &srv, &n_srv, e);
    if (rc == ERR_NOTFOUND || (rc == OK && n_srv == 0))
        rc = no_controller(tmp, r, domain, name, site, e);
    if (rc)
        goto done;

    dcs = talloc_zero_array(tmp, struct dc, n_srv);
    if (!dcs) {
        rc = err_nomem(e);
        goto done;
    }
    for (size_t i = 0; i < n_srv; i++) {
        dcs[i].name = talloc_strdup(dcs, srv[i].target);
        dcs[i].addresses =
            talloc_memdup(dcs, srv[i].addresses, srv[i].n_addresses * sizeof *srv[i].addresses);
        dcs[i].n_addresses = srv[i].n_addresses;
        if (!dcs[i].name || !dcs[i].addresses) {
            rc = err_nomem(e);
            goto done;
        }
        log_debug("domain controller %s: priority %u, weight %u, %zu addresses", dcs[i].name,
                  srv[i].priority, srv[i].weight, srv[i].n_addresses);
    }
    *n = n_srv;
    *out = talloc_steal(mem, dcs);
done:
    talloc_free(tmp);
    return rc;
}

enum err locator_find(TALLOC_CTX *mem, struct dns_resolver *r, const char *domain,
                      struct deadline d, struct dc **out, size_t *n, struct error *e)
{
    return find(mem, r, domain, NULL, d, out, n, e);
}

enum err locator_find_in_site(TALLOC_CTX *mem, struct dns_resolver *r, const char *domain,
                              const char *site, struct deadline d, struct dc **out, size_t *n,
                              struct error *e)
{
    return find(mem, r, domain, site, d, out, n, e);
}

static const struct dc *among(const struct dc *known, size_t n, const char *name,
                              const struct ip *address)
{
    for (size_t i = 0; i < n; i++) {
        if (name && strcmp(known[i].name, name) == 0)
            return &known[i];
        for (size_t j = 0; address && j < known[i].n_addresses; j++) {
            if (ip_equal(known[i].addresses[j], *address))
                return &known[i];
        }
    }
    return NULL;
}

enum err locator_named(TALLOC_CTX *mem, struct dns_resolver *r, const char *server,
                       const struct dc *known, size_t n_known, struct deadline d, struct dc **out,
                       struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dc *dc = talloc_zero(tmp, struct dc);
    bool is_address;
    struct ip address;
    char *name = NULL;
    const struct dc *match;
    enum err rc = OK;

    if (!dc) {
        rc = err_nomem(e);
        goto done;
    }
    is_address = ip_parse(server, &address);
    if (!is_address && (rc = dns_name_normalise(dc, server, &name, e))) {
        err_prefix(e, "server name '%s'", server);
        err_hint(e, "give the server's full name to --server");
        rc = e ? (e->code = ERR_USAGE) : ERR_USAGE;
        goto done;
    }
    match = among(known, n_known, name, is_address ? &address : NULL);
    if (is_address && !match) {
        rc = err_set(e, ERR_USAGE, "server %s is not the address of a known domain controller",
                     server);
        err_hint(e, "give the server's full name to --server: Kerberos knows it by that");
        goto done;
    }
    if (!match) {
        dc->name = name;
        rc = dns_resolver_addresses(dc, r, name, d, &dc->addresses, &dc->n_addresses, e);
        if (rc == ERR_NOTFOUND)
            err_hint(e, "check the name given to --server");
        if (rc)
            goto done;
    } else {
        dc->name = talloc_strdup(dc, match->name);
        dc->addresses =
            talloc_memdup(dc, match->addresses, match->n_addresses * sizeof *match->addresses);
        dc->n_addresses = match->n_addresses;
        dc->site = match->site ? talloc_strdup(dc, match->site) : NULL;
        if (!dc->name || !dc->addresses || (match->site && !dc->site)) {
            rc = err_nomem(e);
            goto done;
        }
        /* Where an address was asked for, only that one is meant. */
        if (is_address) {
            dc->addresses[0] = address;
            dc->n_addresses = 1;
        }
    }
    *out = talloc_steal(mem, dc);
done:
    talloc_free(tmp);
    return rc;
}
