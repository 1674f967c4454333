#include "cmd/session.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "dns/name.h"
#include "dns/resolver.h"
#include "ldap/locator.h"

#define MACHINE_KEYTAB "/etc/krb5.keytab"
#define RESOLV_CONF "/etc/resolv.conf"
#define LDAP_PORT_NUMBER 389
#define DISCOVERY_MS 10000
#define ANSWER_MS 30000

const char *session_state_dir(const struct context *ctx)
{
    const char *dir = options_text(ctx->options, "state-dir");

    return dir ? dir : STATE_DIR;
}

char *session_runs_dir(const struct context *ctx)
{
    return talloc_asprintf(ctx->mem, "%s/runs", session_state_dir(ctx));
}

enum err session_lock(const struct context *ctx, struct error *e)
{
    char *path = talloc_asprintf(ctx->mem, "%s/lock", session_state_dir(ctx));
    enum err rc;

    if (!path)
        return err_nomem(e);
    rc = dir_make_private(session_state_dir(ctx), e);
    return rc ? rc : file_lock(ctx->mem, path, e);
}

/* What is known before a server is: whose credentials, and so which domain. */
struct identity {
    const char *keytab;    /* NULL: credentials are the caller's cache */
    char *principal;
    char *realm;
};

/*
 * An explicit keytab, else the caller's own tickets, else, as root (cron), the machine's keytab.
 * When neither is there the message is about the tickets: an administrator forgot kinit.
 */
static enum err find_identity(struct context *ctx, struct session *s, struct identity *id,
                              struct error *e)
{
    const char *principal = options_text(ctx->options, "principal");
    struct error cache_error = { 0 };
    enum err rc;

    id->keytab = options_text(ctx->options, "keytab");
    if (!id->keytab && principal)
        id->keytab = MACHINE_KEYTAB;
    if (id->keytab)
        return credentials_identity(ctx->mem, id->keytab, principal, &id->principal, &id->realm, e);
    rc = credentials_from_default_cache(ctx->mem, &s->credentials, &cache_error);
    if (!rc) {
        id->realm = talloc_strdup(ctx->mem, credentials_realm(s->credentials));
        return id->realm ? OK : err_nomem(e);
    }
    if (rc == ERR_AUTH && geteuid() == 0 &&
        credentials_identity(ctx->mem, MACHINE_KEYTAB, NULL, &id->principal, &id->realm, NULL) == OK) {
        log_info("no usable tickets in the default cache; using %s from %s", id->principal,
                 MACHINE_KEYTAB);
        id->keytab = MACHINE_KEYTAB;
        return OK;
    }
    if (e)
        *e = cache_error;
    return rc;
}

static enum err find_domain(struct context *ctx, const char *realm, const char **domain,
                            struct error *e)
{
    const char *given = options_text(ctx->options, "domain");
    char *name;
    enum err rc = dns_name_normalise(ctx->mem, given ? given : realm, &name, e);

    if (rc)
        return err_prefix(e, "domain \"%s\"", given ? given : realm), ERR_USAGE;
    *domain = name;
    return OK;
}

static enum err find_controllers(struct context *ctx, const char *domain, struct dc **dcs, size_t *n,
                                 struct error *e)
{
    const char *server = options_text(ctx->options, "server");
    struct dns_resolver *resolver;
    struct deadline d;
    int timeout_ms;
    enum err rc;

    if ((rc = options_timeout_ms(ctx->options, DISCOVERY_MS, &timeout_ms, e)) ||
        (rc = dns_resolver_from_file(ctx->mem, RESOLV_CONF, &resolver, e)))
        return rc;
    d = deadline_in(timeout_ms);
    if (!server)
        return locator_find(ctx->mem, resolver, domain, d, dcs, n, e);
    *n = 1;
    return locator_named(ctx->mem, resolver, server, NULL, 0, d, dcs, e);
}

static enum err get_credentials(struct context *ctx, struct session *s, const struct identity *id,
                                const struct dc *dcs, size_t n, struct error *e)
{
    struct ip *kdcs;
    size_t n_kdcs = 0;

    if (!id->keytab)
        return OK;
    for (size_t i = 0; i < n; i++)
        n_kdcs += dcs[i].n_addresses;
    kdcs = talloc_array(ctx->mem, struct ip, n_kdcs);
    if (!kdcs)
        return err_nomem(e);
    n_kdcs = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < dcs[i].n_addresses; k++)
            kdcs[n_kdcs++] = dcs[i].addresses[k];
    }
    return credentials_from_keytab(ctx->mem, id->keytab, id->principal, kdcs, n_kdcs,
                                   deadline_in(DISCOVERY_MS), &s->credentials, e);
}

static enum err open_one(struct context *ctx, struct session *s, const struct dc *dc, struct ip address,
                         int timeout_ms, struct error *e)
{
    char *service = talloc_asprintf(ctx->mem, "ldap/%s", dc->name);
    struct directory_params p = {
        .fqdn = dc->name,
        .address = address,
        .port = LDAP_PORT_NUMBER,
        .cache_name = credentials_cache_name(s->credentials),
        .timeout_ms = timeout_ms,
    };
    enum err rc = service ? credentials_fetch_ticket(s->credentials, service, deadline_in(timeout_ms), e) : err_nomem(e);

    if (!rc)
        rc = directory_open(ctx->mem, &p, &s->directory, e);
    if (!rc)
        s->server = dc->name;
    return rc;
}

/* The first controller that can be reached; a refused bind is no reason to ask another. */
static enum err open_directory(struct context *ctx, struct session *s, const struct dc *dcs, size_t n,
                               struct error *e)
{
    enum err rc = ERR_UNREACHABLE;
    int timeout_ms;

    if ((rc = options_timeout_ms(ctx->options, ANSWER_MS, &timeout_ms, e)))
        return rc;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < dcs[i].n_addresses; k++) {
            rc = open_one(ctx, s, &dcs[i], dcs[i].addresses[k], timeout_ms, e);
            if (rc != ERR_UNREACHABLE && rc != ERR_TIMEOUT)
                return rc;
            log_warning("%s", e->message);
        }
    }
    return rc;
}

enum err session_open(struct context *ctx, struct session **out, struct error *e)
{
    struct session *s = talloc_zero(ctx->mem, struct session);
    struct identity id = { 0 };
    struct dc *dcs;
    size_t n;
    enum err rc;

    if (!s)
        return err_nomem(e);
    s->now = clock_now();
    s->state_dir = session_state_dir(ctx);
    if ((rc = find_identity(ctx, s, &id, e)) || (rc = find_domain(ctx, id.realm, &s->domain, e)) ||
        (rc = find_controllers(ctx, s->domain, &dcs, &n, e)) ||
        (rc = get_credentials(ctx, s, &id, dcs, n, e)) ||
        (rc = open_directory(ctx, s, dcs, n, e)))
        return rc;
    log_debug("as %s at %s", credentials_principal(s->credentials), s->server);
    *out = s;
    return OK;
}

enum err session_zone(struct context *ctx, struct session *s, const char *name,
                      struct dns_zone **out, struct error *e)
{
    char *normal;
    enum err rc = dns_name_normalise(ctx->mem, name, &normal, e);

    if (rc)
        return err_prefix(e, "zone \"%s\"", name), rc == ERR_MALFORMED ? ERR_USAGE : rc;
    return zone_find(ctx->mem, s->directory, normal, out, e);
}
