#include "cmd/session.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "dns/name.h"
#include "dns/resolver.h"
#include "ldap/dial.h"
#include "ldap/locator.h"

#define MACHINE_KEYTAB "/etc/krb5.keytab"
#define RESOLV_CONF "/etc/resolv.conf"
#define LDAP_PORT_NUMBER 389
#define DISCOVERY_MS 10000
#define ANSWER_MS 30000
/* For one controller, while there are others. */
#define OTHERS_PATIENCE_MS 300
/* What Kerberos allows. */
#define CLOCK_SKEW_MAX_S 300

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
    if (!rc)
        rc = file_lock(ctx->mem, path, e);
    if (rc == ERR_IO) {
        rc = e->code = ERR_CONFIG;
        err_hint(e, "run as root, or give a directory of your own with --state-dir");
    }
    return rc;
}

/* What is known before a server is: whose credentials, and so which domain. */
struct identity {
    const char *keytab; /* NULL: credentials are the caller's cache */
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
        credentials_identity(ctx->mem, MACHINE_KEYTAB, NULL, &id->principal, &id->realm, NULL) ==
            OK) {
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

static const char *given_controller(const struct context *ctx)
{
    if (ctx->controller)
        return ctx->controller;
    return ctx->is_server_other ? NULL : options_text(ctx->options, "server");
}

static enum err find_controllers(struct context *ctx, struct session *s, struct locator_params *p,
                                 struct located *found, struct error *e)
{
    const char *given = given_controller(ctx);
    int timeout_ms;
    enum err rc;

    if ((rc = options_timeout_ms(ctx->options, DISCOVERY_MS, &timeout_ms, e)) ||
        (rc = dns_resolver_from_file(ctx->mem, RESOLV_CONF, &p->resolver, e)))
        return rc;
    *p = (struct locator_params){
        .resolver = p->resolver,
        .domain = s->domain,
        .server = given ? given : ctx->preferred_server,
        .site = options_text(ctx->options, "site"),
        .state_dir = s->state_dir,
        /* A command that only looks makes no directory. */
        .is_dry_run = access(s->state_dir, W_OK) != 0,
        .d = deadline_in(timeout_ms),
    };
    return locator_locate(ctx->mem, p, found, e);
}

/* Tickets from the domain's controllers, where they are the KDCs of our own realm. */
static enum err get_credentials(struct context *ctx, struct session *s, const struct identity *id,
                                const struct located *found, struct deadline d, struct error *e)
{
    bool is_own_realm = strcasecmp(id->realm, s->domain) == 0;
    struct dc_addresses kdcs;
    enum err rc = dc_addresses(ctx->mem, found->dcs, is_own_realm ? found->n : 0, &kdcs, e);

    if (rc)
        return rc;
    if (!id->keytab)
        return kdcs.n ? credentials_use_kdcs(s->credentials, kdcs.ips, kdcs.n, e) : OK;
    return credentials_from_keytab(ctx->mem, id->keytab, id->principal, kdcs.ips, kdcs.n, d,
                                   &s->credentials, e);
}

char *session_realm(const struct context *ctx, const struct session *s)
{
    const char *own = credentials_realm(s->credentials);
    bool is_own = strcasecmp(own, s->domain) == 0;
    char *realm = talloc_strdup(ctx->mem, is_own ? own : s->domain);

    for (char *c = realm; c && !is_own && *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return realm;
}

/*
 * Where the server's name came from DNS (that of an address does, too), let the KDC say that it is
 * a domain controller: no other computer can have ldap/NAME/DOMAIN as its own.
 */
static enum err prove_controller(struct context *ctx, struct session *s, const char *name,
                                 struct deadline d, struct error *e)
{
    const char *given = given_controller(ctx);
    char *service, *realm;
    struct error why = { 0 };
    bool is_known = false;
    struct ip unused;
    enum err rc;

    if (given && !ip_parse(given, &unused))
        return OK;
    service = talloc_asprintf(ctx->mem, "ldap/%s/%s", name, s->domain);
    realm = session_realm(ctx, s);
    if (!service || !realm)
        return err_nomem(e);
    rc = credentials_find_service(s->credentials, service, realm, d, &is_known, &why);
    if (rc == OK && is_known)
        return OK;
    if (e)
        *e = why;
    if (rc == OK) {
        rc = err_set(
            e, ERR_UNVERIFIED,
            "%s cannot be trusted as a domain controller of %s: the KDC knows no service %s", name,
            realm, service);
    } else if (rc == ERR_AUTH) {
        rc = ERR_UNVERIFIED;
        if (e)
            e->code = rc;
        err_prefix(e, "cannot find out whether %s is a domain controller of %s", name, realm);
    }
    if (rc == ERR_UNVERIFIED)
        err_hint(e,
                 "DNS names %s as a domain controller: if it is one, give that name with --server",
                 name);
    return rc;
}

/* Ticket and bind, over a connected socket. */
static enum err open_on(struct context *ctx, struct session *s, const struct dc *dc, int fd,
                        int patience_ms, struct error *e)
{
    char *service = talloc_asprintf(ctx->mem, "ldap/%s", dc->name);
    struct directory_params p = {
        .fqdn = dc->name,
        .port = LDAP_PORT_NUMBER,
        .cache_name = credentials_cache_name(s->credentials),
        .timeout_ms = patience_ms,
    };
    struct deadline d = deadline_in(patience_ms);
    enum err rc = service ? credentials_fetch_ticket(s->credentials, service, d, e) : err_nomem(e);

    if (rc || (rc = prove_controller(ctx, s, dc->name, d, e))) {
        close(fd);
        return rc;
    }
    if (!(rc = directory_open_on(ctx->mem, fd, &p, &s->directory, e)))
        s->server = dc->name;
    return rc;
}

/* Connect to the first of dcs that accepts, and see whether it answers.  *which is meant after
 * errors too. */
static enum err open_first(struct context *ctx, struct session *s, const struct dc *dcs, size_t n,
                           int patience_ms, int timeout_ms, size_t *which, struct error *e)
{
    struct dc_addresses all;
    size_t winner;
    enum err rc;
    int fd;

    *which = n;
    if ((rc = dc_addresses(ctx->mem, dcs, n, &all, e)) ||
        (rc = ldap_dial(all.ips, all.n, LDAP_PORT_NUMBER, deadline_in(timeout_ms), timeout_ms, &fd,
                        &winner, e)))
        return rc;
    *which = all.of[winner];
    rc = open_on(ctx, s, &dcs[*which], fd, patience_ms, e);
    if (rc)
        return rc;
    directory_set_timeout(s->directory, timeout_ms);
    if (options_text(ctx->options, "timeout"))
        directory_hold_timeout(s->directory);
    return OK;
}

/*
 * The first controller that connects and answers.  While there are others, one that is silent gets
 * little time, and goes behind them with more.  A refused bind is no reason to ask another.
 */
static enum err open_directory(struct context *ctx, struct session *s, struct locator_params *p,
                               struct located *found, struct error *e)
{
    int64_t patience_ms = OTHERS_PATIENCE_MS;
    struct deadline end;
    int timeout_ms;
    enum err rc;

    if ((rc = options_timeout_ms(ctx->options, ANSWER_MS, &timeout_ms, e)))
        return rc;
    end = deadline_in(timeout_ms);
    for (size_t n = found->n_usable, failed = 0;;) {
        int left_ms = deadline_left(end);
        size_t which;
        struct dc dc;

        rc = open_first(ctx, s, found->dcs, n,
                        n > 1 && patience_ms < left_ms ? (int)patience_ms : left_ms, timeout_ms,
                        &which, e);
        if (!rc)
            locator_remember(p, found, which);
        if ((rc != ERR_UNREACHABLE && rc != ERR_TIMEOUT) || which == n || deadline_left(end) == 0)
            return rc;
        log_info("%s", e ? e->message : err_name(rc));
        dc = found->dcs[which];
        memmove(&found->dcs[which], &found->dcs[which + 1], (n - which - 1) * sizeof dc);
        found->dcs[n - 1] = dc;
        if (rc == ERR_UNREACHABLE && --n == 0)
            return rc;
        if (++failed % found->n_usable == 0)
            patience_ms *= 4;
    }
}

/*
 * Ages are judged by this machine's clock.  Kerberos notices a wrong one only sometimes: with
 * tickets from kinit it quietly reckons with the difference.
 */
static enum err check_clock(const struct session *s, struct error *e)
{
    int64_t ahead_s;

    if (!directory_clock_ahead(s->directory, &ahead_s)) {
        err_set(e, ERR_SERVER, "%s does not say what time it is", s->server);
        return err_hint(e, "use another domain controller with --server"), ERR_SERVER;
    }
    if (llabs(ahead_s) <= CLOCK_SKEW_MAX_S)
        return OK;
    err_set(e, ERR_AUTH,
            "this machine's clock is %lld s %s that of %s: ages cannot be judged by it",
            llabs(ahead_s), ahead_s > 0 ? "ahead of" : "behind", s->server);
    return err_hint(e, "set the clock and run again"), ERR_AUTH;
}

enum err session_credentials(struct context *ctx, struct session *s, struct error *e)
{
    struct identity id = { 0 };
    int timeout_ms;
    enum err rc = options_timeout_ms(ctx->options, DISCOVERY_MS, &timeout_ms, e);

    if (rc || (rc = find_identity(ctx, s, &id, e)) || !id.keytab)
        return rc;
    return credentials_from_keytab(ctx->mem, id.keytab, id.principal, NULL, 0,
                                   deadline_in(timeout_ms), &s->credentials, e);
}

enum err session_open(struct context *ctx, struct session **out, struct error *e)
{
    struct session *s = talloc_zero(ctx->mem, struct session);
    struct identity id = { 0 };
    struct locator_params p = { 0 };
    struct located found;
    enum err rc;

    if (!s)
        return err_nomem(e);
    s->now = clock_now();
    s->state_dir = session_state_dir(ctx);
    if ((rc = find_identity(ctx, s, &id, e)) || (rc = find_domain(ctx, id.realm, &s->domain, e)) ||
        (rc = find_controllers(ctx, s, &p, &found, e)) ||
        (rc = get_credentials(ctx, s, &id, &found, p.d, e)) ||
        (rc = open_directory(ctx, s, &p, &found, e)) || (rc = check_clock(s, e)))
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
