#include "cmd/controller.h"

#include "base/clock.h"
#include "dns/resolver.h"
#include "ldap/dial.h"
#include "ldap/locator.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define LDAP_PORT_NUMBER 389

/* Bind over a connected socket, in the time that is left; the answers after that get all of it. */
static enum err open_on(TALLOC_CTX *mem, const char *name, const struct credentials *credentials,
                        int fd, struct deadline d, int patience_ms, struct directory **out,
                        struct error *e)
{
    int left_ms = deadline_left(d);
    const struct directory_params p = {
        .fqdn = name,
        .port = LDAP_PORT_NUMBER,
        .cache_name = credentials_cache_name(credentials),
        .timeout_ms = left_ms > 0 ? left_ms : 1,
    };
    enum err rc = directory_open_on(mem, fd, &p, out, e);

    if (!rc)
        directory_set_timeout(*out, patience_ms);
    return rc;
}

/* The first of its addresses that connects; the others where that one is lost again. */
static enum err open_any(TALLOC_CTX *mem, struct dc *dc, const struct credentials *credentials,
                         struct deadline d, int patience_ms, struct directory **out,
                         struct error *e)
{
    for (size_t n = dc->n_addresses;; n--) {
        size_t which;
        enum err rc;
        int fd;

        if ((rc = ldap_dial(dc->addresses, n, LDAP_PORT_NUMBER, d, patience_ms, &fd, &which, e)))
            return rc;
        rc = open_on(mem, dc->name, credentials, fd, d, patience_ms, out, e);
        if ((rc != ERR_UNREACHABLE && rc != ERR_TIMEOUT) || n == 1 || deadline_left(d) == 0)
            return rc;
        dc->addresses[which] = dc->addresses[n - 1];
    }
}

enum err controller_open(TALLOC_CTX *mem, const struct context *ctx,
                         struct credentials *credentials, const char *name, int patience_ms,
                         struct directory **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *service = talloc_asprintf(tmp, "ldap/%s", name);
    struct dns_resolver *resolver;
    struct deadline d;
    struct dc *dc;
    enum err rc;

    if (!tmp || !service) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = options_timeout_ms(ctx->options, patience_ms, &patience_ms, e)) ||
        (rc = dns_resolver_from_file(tmp, RESOLV_CONF, &resolver, e)))
        goto done;
    d = deadline_in(patience_ms);
    if ((rc = locator_named(tmp, resolver, name, NULL, 0, d, &dc, e)) ||
        (rc = credentials_fetch_ticket(credentials, service, d, e)))
        goto done;
    rc = open_any(mem, dc, credentials, d, patience_ms, out, e);
done:
    talloc_free(tmp);
    return rc;
}

enum err controller_address(struct context *ctx, const char *name, int patience_ms, struct ip *out,
                            struct error *e)
{
    struct dns_resolver *resolver;
    struct dc *dc;
    enum err rc;

    if ((rc = dns_resolver_from_file(ctx->mem, RESOLV_CONF, &resolver, e)) ||
        (rc = locator_named(ctx->mem, resolver, name, NULL, 0, deadline_in(patience_ms), &dc, e)))
        return rc;
    *out = dc->addresses[0];
    return OK;
}
