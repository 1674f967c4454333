#include "cmd/controller.h"

#include "base/clock.h"
#include "dns/resolver.h"
#include "ldap/locator.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define LDAP_PORT_NUMBER 389
#define USUAL_MS 30000

static enum err open_at(TALLOC_CTX *mem, struct session *s, const struct dc *dc, struct ip address,
                        int patience_ms, struct directory **out, struct error *e)
{
    struct directory_params p = {
        .fqdn = dc->name,
        .address = address,
        .port = LDAP_PORT_NUMBER,
        .cache_name = credentials_cache_name(s->credentials),
        .timeout_ms = patience_ms,
    };

    return directory_open(mem, &p, out, e);
}

enum err controller_open(TALLOC_CTX *mem, struct context *ctx, struct session *s, const char *name,
                         int patience_ms, struct directory **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *service = talloc_asprintf(tmp, "ldap/%s", name);
    struct dns_resolver *resolver;
    struct dc *dc;
    enum err rc;

    if (!tmp || !service) {
        rc = err_nomem(e);
        goto done;
    }
    if ((patience_ms == 0 && (rc = options_timeout_ms(ctx->options, USUAL_MS, &patience_ms, e))) ||
        (rc = dns_resolver_from_file(tmp, RESOLV_CONF, &resolver, e)) ||
        (rc = locator_named(tmp, resolver, name, NULL, 0, deadline_in(patience_ms), &dc, e)) ||
        (rc = credentials_fetch_ticket(s->credentials, service, deadline_in(patience_ms), e)))
        goto done;
    for (size_t i = 0; i < dc->n_addresses; i++) {
        rc = open_at(mem, s, dc, dc->addresses[i], patience_ms, out, e);
        if (rc != ERR_UNREACHABLE && rc != ERR_TIMEOUT)
            break;
    }
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
