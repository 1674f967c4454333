#include "cmd/served.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/name.h"
#include "dns/resolver.h"
#include "gss-tsig/hmac.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define CONNECT_MS 10000
/* A large zone takes its time; a server that says nothing must not. */
#define TRANSFER_FACTOR 10

/* The primary of a zone, in its SOA (RFC 1035 section 3.3.13). */
static enum err find_primary(struct context *ctx, struct dns_resolver *r, const char *zone,
                             struct deadline d, const char **out, struct error *e)
{
    const struct dns_question q = { zone, DNS_TYPE_SOA };
    struct dns_answer *a;
    char *mname, *name;
    enum err rc = dns_resolver_ask(ctx->mem, r, &q, 1, d, &a, e);

    if (rc)
        return rc;
    for (size_t i = 0; i < a->answer.count; i++) {
        const struct dns_rr *rr = &a->answer.rr[i];

        if (rr->type != DNS_TYPE_SOA || strcmp(rr->name, zone) != 0)
            continue;
        mname = talloc_strndup(ctx->mem, rr->data, strcspn(rr->data, " "));
        if (!mname)
            return err_nomem(e);
        if ((rc = dns_name_normalise(ctx->mem, mname, &name, e)))
            return rc;
        *out = name;
        return OK;
    }
    err_set(e, ERR_NOTFOUND, "%s: the resolver knows no zone of that name", zone);
    err_hint(e, "name the server that has it with --server");
    return ERR_NOTFOUND;
}

static enum err connect_to(struct context *ctx, const char *zone, struct deadline d,
                           struct dns_conn **out, struct error *e)
{
    const char *server = options_zone_text(ctx->options, zone, "server");
    struct dns_resolver *resolver;
    struct ip literal, *addresses = &literal;
    size_t n = 1, which;
    enum err rc;

    if (server && ip_parse(server, &literal))
        return dns_conn_open(ctx->mem, literal, DNS_PORT, d, out, e);
    if ((rc = dns_resolver_from_file(ctx->mem, RESOLV_CONF, &resolver, e)) ||
        (!server && (rc = find_primary(ctx, resolver, zone, d, &server, e))) ||
        (rc = dns_resolver_addresses(ctx->mem, resolver, server, d, &addresses, &n, e)))
        return rc;
    return dns_conn_open_any(ctx->mem, addresses, n, DNS_PORT, d, out, &which, e);
}

enum err served_primary_connect(struct context *ctx, TALLOC_CTX *mem, const char *zone,
                                const char *primary, struct deadline d, struct dns_conn **out,
                                struct error *e)
{
    const char *server = options_zone_text(ctx->options, zone, "server");
    struct dns_resolver *resolver;
    struct ip literal, *addresses;
    size_t n, which;
    enum err rc;

    if ((rc = dns_resolver_from_file(ctx->mem, RESOLV_CONF, &resolver, e)))
        return rc;
    rc = dns_resolver_addresses(ctx->mem, resolver, primary, d, &addresses, &n, e);
    if (!rc)
        return dns_conn_open_any(mem, addresses, n, DNS_PORT, d, out, &which, e);
    /* Who is at an address, Kerberos tells. */
    if (rc == ERR_NOMEM || !server || !ip_parse(server, &literal))
        return err_hint(e, "give the address of %s with --server", primary), rc;
    log_info("%s; trying %s", e ? e->message : err_name(rc), server);
    err_clear(e);
    return dns_conn_open(mem, literal, DNS_PORT, d, out, e);
}

enum err served_zone(struct context *ctx, const char *zone, dns_transfer_sink *sink, void *priv,
                     struct dns_transfer_summary *out, struct error *e)
{
    const char *key_file = options_zone_text(ctx->options, zone, "key");
    struct dns_transfer_params p = { .zone = zone };
    struct tsig_signer *signer;
    struct dns_conn *conn;
    int timeout_ms;
    enum err rc;

    if ((rc = options_timeout_ms(ctx->options, CONNECT_MS, &timeout_ms, e)))
        return rc;
    if (key_file) {
        if ((rc = hmac_key_read(ctx->mem, key_file, &signer, e)))
            return rc;
        p.security = tsig_chain(ctx->mem, signer, clock_now);
        if (!p.security)
            return err_nomem(e);
    }
    if ((rc = connect_to(ctx, zone, deadline_in(timeout_ms), &conn, e)))
        return rc;
    p.d = deadline_in(timeout_ms * TRANSFER_FACTOR);
    return dns_transfer(conn, &p, sink, priv, out, e);
}
