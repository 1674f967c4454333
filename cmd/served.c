#include "cmd/served.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/name.h"
#include "dns/resolver.h"
#include "gss-tsig/chain.h"
#include "gss-tsig/hmac.h"
#include "gss-tsig/session.h"

#define RESOLV_CONF "/etc/resolv.conf"
#define CONNECT_MS 10000
/* A server may have to read all of a zone before it begins to answer. */
#define FIRST_MS 60000
/* A large zone takes its time; a server that says nothing must not. */
#define TRANSFER_FACTOR 10
/* More than any zone has: a server must not fill the disk that the sightings are on. */
#define RECORDS_MAX 20000000
#define BYTES_MAX (UINT64_C(8) << 30)

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

/* Whom a transfer comes from. */
struct source {
    const char *name; /* NULL: an address was given */
    struct dns_conn *conn;
};

static enum err connect_to(struct context *ctx, const struct served_params *p, struct deadline d,
                           struct source *out, struct error *e)
{
    const char *server = p->server ? p->server : options_zone_text(ctx->options, p->zone, "server");
    struct dns_resolver *resolver;
    struct ip literal, *addresses = &literal;
    size_t n = 1, which;
    enum err rc;

    out->name = NULL;
    if (server && ip_parse(server, &literal))
        return dns_conn_open(ctx->mem, literal, DNS_PORT, d, &out->conn, e);
    if ((rc = dns_resolver_from_file(ctx->mem, RESOLV_CONF, &resolver, e)) ||
        (!server && (rc = find_primary(ctx, resolver, p->zone, d, &server, e))) ||
        (rc = dns_resolver_addresses(ctx->mem, resolver, server, d, &addresses, &n, e)))
        return rc;
    out->name = server;
    return dns_conn_open_any(ctx->mem, addresses, n, DNS_PORT, d, &out->conn, &which, e);
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

/* ---- signatures ---- */

#define NOT_SIGNED "not signed"
#define NAMED_BY_DNS "signed by a server that DNS alone names"

static bool is_gss(const char *key) { return key && strcmp(key, SERVED_KEY_GSS) == 0; }

bool served_is_proved(const struct context *ctx, const char *zone)
{
    const char *key = options_zone_text(ctx->options, zone, "key");

    return key && (!is_gss(key) || options_zone_text(ctx->options, zone, "server"));
}

const char *served_unproven(const struct context *ctx, const char *zone)
{
    if (served_is_proved(ctx, zone))
        return NULL;
    return options_zone_text(ctx->options, zone, "key") ? NAMED_BY_DNS : NOT_SIGNED;
}

const char *served_proof(const struct context *ctx, const char *zone)
{
    if (served_is_proved(ctx, zone))
        return "signed";
    return options_zone_text(ctx->options, zone, "key") ? NAMED_BY_DNS ": unproven"
                                                        : NOT_SIGNED ": unproven";
}

static enum err refuse_address(const struct context *ctx, const struct served_params *p,
                               struct error *e)
{
    const char *server = p->server ? p->server : options_zone_text(ctx->options, p->zone, "server");
    struct ip literal;

    if (!server || !ip_parse(server, &literal))
        return OK;
    err_set(e, ERR_USAGE, "--key gss: nobody can prove to be at the address %s", server);
    return err_hint(e, "give the server's name with --server"), ERR_USAGE;
}

/* A key of this transfer's own, negotiated on its connection. */
static enum err negotiate(struct context *ctx, const struct served_params *p,
                          const struct source *from, struct deadline d, struct tsig_signer **out,
                          struct error *e)
{
    struct session *s = p->session ? p->session : talloc_zero(ctx->mem, struct session);
    struct gsstsig_session *session;
    char *name;
    enum err rc;

    if (!s)
        return err_nomem(e);
    if ((rc = dns_name_normalise(ctx->mem, from->name, &name, e)) ||
        (!s->credentials && (rc = session_credentials(ctx, s, e))) ||
        (rc = gsstsig_session_open(ctx->mem, from->conn, name, s->credentials, d, &session, e)))
        return rc;
    *out = gsstsig_session_signer(ctx->mem, session);
    return *out ? OK : err_nomem(e);
}

/* Connected, with the means to sign; *security is NULL where no key was given. */
static enum err open_source(struct context *ctx, const struct served_params *p, struct deadline d,
                            struct source *from, const struct dns_transfer_security **security,
                            struct error *e)
{
    const char *key = options_zone_text(ctx->options, p->zone, "key");
    struct tsig_signer *signer = NULL;
    enum err rc;

    *security = NULL;
    if ((is_gss(key) && (rc = refuse_address(ctx, p, e))) ||
        (key && !is_gss(key) && (rc = hmac_key_read(ctx->mem, key, &signer, e))) ||
        (rc = connect_to(ctx, p, d, from, e)) ||
        (is_gss(key) && (rc = negotiate(ctx, p, from, d, &signer, e))))
        return rc;
    if (!signer)
        return OK;
    *security = tsig_chain(ctx->mem, signer, clock_now);
    return *security ? OK : err_nomem(e);
}

enum err served_zone(struct context *ctx, const struct served_params *p, dns_transfer_sink *sink,
                     void *priv, struct dns_transfer_summary *out, struct error *e)
{
    struct dns_transfer_params params = { .zone = p->zone,
                                          .max_records = RECORDS_MAX,
                                          .max_bytes = BYTES_MAX,
                                          .has_serial = p->has_serial,
                                          .serial = p->serial };
    struct source from;
    int timeout_ms, first_ms;
    enum err rc;

    if ((rc = options_timeout_ms(ctx->options, CONNECT_MS, &timeout_ms, e)) ||
        (rc = options_timeout_ms(ctx->options, FIRST_MS, &first_ms, e)) ||
        (rc = open_source(ctx, p, deadline_in(timeout_ms), &from, &params.security, e)))
        return rc;
    params.first = deadline_in(first_ms);
    params.d = deadline_in((int64_t)timeout_ms * TRANSFER_FACTOR);
    rc = dns_transfer(from.conn, &params, sink, priv, out, e);
    talloc_free(from.conn);
    return rc;
}
