#include "register/contact.h"

#include <ctype.h>
#include <string.h>

#include "base/log.h"
#include "dns/name.h"
#include "gss-tsig/credentials.h"
#include "register/identity.h"
#include "register/reach.h"

/* How long the domain controllers are looked for when a server was named and they only help
 * Kerberos. */
#define HELPERS_PATIENCE_MS 2000

enum err host_identify(TALLOC_CTX *mem, const struct register_options *opt, struct host *out,
                       struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *principal, *realm, *domain, *hostname = NULL, *fqdn;
    enum err rc;

    if ((rc = credentials_identity(tmp, opt->keytab, opt->principal, &principal, &realm, e)))
        goto done;
    rc = dns_name_normalise(tmp, opt->domain ? opt->domain : realm, &domain, e);
    if (rc) {
        err_prefix(e, "domain '%s'", opt->domain ? opt->domain : realm);
        goto done;
    }
    if (!opt->hostname && (rc = identity_hostname(tmp, &hostname, e)))
        goto done;
    if ((rc = identity_fqdn(tmp, opt->hostname ? opt->hostname : hostname, domain, &fqdn, e)))
        goto done;
    log_info("host %s, principal %s, domain %s", fqdn, principal, domain);
    out->principal = talloc_steal(mem, principal);
    out->realm = talloc_steal(mem, realm);
    out->domain = talloc_steal(mem, domain);
    out->fqdn = talloc_steal(mem, fqdn);
done:
    talloc_free(tmp);
    return rc;
}

/* Addresses of all controllers as KDCs; the one in use first: it is known to live. */
static struct ip *list_kdcs(TALLOC_CTX *mem, const struct dc *dcs, size_t n, struct ip used,
                            size_t *n_out)
{
    struct ip *kdcs;
    size_t total = 0, at = 0;

    for (size_t i = 0; i < n; i++)
        total += dcs[i].n_addresses;
    kdcs = talloc_array(mem, struct ip, total);
    for (int pass = 0; kdcs && pass < 2; pass++) {
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < dcs[i].n_addresses; j++) {
                if (ip_equal(dcs[i].addresses[j], used) == (pass == 0))
                    kdcs[at++] = dcs[i].addresses[j];
            }
        }
    }
    *n_out = at;
    return kdcs;
}

enum err contact_server(TALLOC_CTX *mem, const struct register_options *opt,
                        const struct host *host, struct deadline d, struct contact *out,
                        struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dc *dcs = NULL, *named;
    const struct dc *used;
    struct dns_resolver *resolver;
    struct dns_conn *conn;
    struct deadline to_locate = d;
    size_t n_dcs = 0;
    enum err rc;

    if ((rc = dns_resolver_from_file(tmp, opt->resolv_conf, &resolver, e)))
        goto done;
    if (opt->server)
        to_locate = deadline_sooner(d, deadline_in(HELPERS_PATIENCE_MS));
    rc = locator_find(tmp, resolver, host->domain, to_locate, &dcs, &n_dcs, e);
    if (rc && !opt->server)
        goto done;
    if (rc)
        log_info("no list of domain controllers (%s): using %s as asked", err_name(rc),
                 opt->server);
    if (opt->server) {
        if ((rc = locator_named(tmp, resolver, opt->server, dcs, n_dcs, d, &named, e)) ||
            (rc = reach_first(tmp, named, 1, DNS_PORT, d, &conn, &used, e)))
            goto done;
    } else if ((rc = reach_first(tmp, dcs, n_dcs, DNS_PORT, d, &conn, &used, e))) {
        goto done;
    }
    out->kdcs = list_kdcs(mem, dcs, n_dcs, dns_conn_server(conn), &out->n_kdcs);
    out->server = talloc_strdup(mem, used->name);
    out->site = used->site ? talloc_strdup(mem, used->site) : NULL;
    if (!out->kdcs || !out->server || (used->site && !out->site)) {
        rc = err_nomem(e);
        goto done;
    }
    out->locating_turns = dns_resolver_turns(resolver);
    out->conn = talloc_steal(mem, conn);
    err_clear(e);
done:
    talloc_free(tmp);
    return rc;
}
