#include "register/contact.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "dns/name.h"
#include "gss-tsig/credentials.h"
#include "register/identity.h"
#include "register/reach.h"

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

/* For the answer to a first question, when first tried; four times as long each time after. */
#define FIRST_ANSWER_MS 300
#define PATIENCE_MAX_MS 3600000

struct candidates {
    struct located found;
    const char **names; /* tried: names[i] and whether it was slow rather than wrong */
    bool *was_slow;
    size_t n_tried;
    int patience_ms;
};

static struct locator_params params_of(const struct register_options *opt, const struct host *host,
                                       struct dns_resolver *resolver, struct deadline d)
{
    return (struct locator_params){
        .resolver = resolver,
        .domain = host->domain,
        .server = opt->server,
        .site = opt->site,
        .state_dir = opt->state_dir,
        .is_rediscovery = opt->is_rediscovery,
        .is_dry_run = opt->is_dry_run,
        .d = d,
    };
}

/* Addresses of all controllers as KDCs; the one in use first: it is known to live. */
static enum err list_kdcs(TALLOC_CTX *mem, const struct located *l, struct ip used,
                          struct contact *out, struct error *e)
{
    struct dc_addresses all;
    enum err rc = dc_addresses(mem, l->dcs, l->n, &all, e);
    size_t at = 0;

    if (rc)
        return rc;
    while (at < all.n && !ip_equal(all.ips[at], used))
        at++;
    if (at < all.n) {
        memmove(all.ips + 1, all.ips, at * sizeof used);
        all.ips[0] = used;
    }
    out->kdcs = all.ips;
    out->n_kdcs = all.n;
    return OK;
}

/* The domain's controllers are KDCs of its own realm, and of no other. */
static bool is_own_realm(const struct host *host)
{
    return strcasecmp(host->realm, host->domain) == 0;
}

static bool copy_text(TALLOC_CTX *mem, const char *text, const char **out)
{
    *out = text ? talloc_strdup(mem, text) : NULL;
    return !text || *out;
}

static enum err fill_in(TALLOC_CTX *mem, const struct host *host, struct located *l, size_t which,
                        struct dns_conn *conn, struct contact *out, struct error *e)
{
    const struct dc *dc = &l->dcs[which];
    enum err rc;

    if (is_own_realm(host) && (rc = list_kdcs(mem, l, dns_conn_server(conn), out, e)))
        return rc;
    if (!copy_text(mem, dc->name, &out->server) || !copy_text(mem, dc->site, &out->site) ||
        !copy_text(mem, dc->kind, &out->kind))
        return err_nomem(e);
    out->is_read_only = dc->is_read_only;
    /* The old connection is of no more use; its turns were spent. */
    if (out->conn)
        out->locating_turns += dns_conn_turns(out->conn);
    talloc_free(out->conn);
    out->conn = talloc_steal(mem, conn);
    return OK;
}

/*
 * Connect to one of the n_usable controllers of l, and describe it unless it is the first and was
 * pinged just now.
 */
static enum err connect_to(TALLOC_CTX *mem, const struct locator_params *p, const struct host *host,
                           struct located *l, bool is_first_pinged, struct contact *out,
                           struct error *e)
{
    unsigned turns_before = l->turns;
    struct dns_conn *conn;
    struct ip unused;
    size_t which;
    enum err rc;

    if ((rc = reach_first(mem, l->dcs, l->n_usable, DNS_PORT, p->d, &conn, &which, e)))
        return rc;
    if ((which > 0 || !is_first_pinged) && (rc = locator_describe(p, l, which, e))) {
        talloc_free(conn);
        return rc;
    }
    out->locating_turns += l->turns - turns_before;
    locator_remember(p, l, which);
    /* Who is named by an address gets its name from DNS, like all the others. */
    out->is_named = p->server && !ip_parse(p->server, &unused);
    return fill_in(mem, host, l, which, conn, out, e);
}

static enum err locate(TALLOC_CTX *mem, const struct locator_params *p, struct contact *out,
                       struct located *found, struct error *e)
{
    unsigned turns = dns_resolver_turns(p->resolver);
    enum err rc = locator_locate(mem, p, found, e);

    if (!rc)
        out->locating_turns += found->turns + dns_resolver_turns(p->resolver) - turns;
    return rc;
}

enum err contact_server(TALLOC_CTX *mem, const struct register_options *opt,
                        const struct host *host, struct deadline d, struct contact *out,
                        struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct candidates *c = talloc_zero(tmp, struct candidates);
    struct dns_resolver *resolver;
    struct locator_params p;
    enum err rc;

    if (!c) {
        rc = err_nomem(e);
        goto done;
    }
    c->patience_ms = FIRST_ANSWER_MS;
    if ((rc = dns_resolver_from_file(tmp, opt->resolv_conf, &resolver, e)))
        goto done;
    p = params_of(opt, host, resolver, d);
    if ((rc = locate(c, &p, out, &c->found, e)) ||
        (rc = connect_to(mem, &p, host, &c->found, true, out, e)))
        goto done;
    out->candidates = talloc_steal(mem, c);
    err_clear(e);
done:
    talloc_free(tmp);
    return rc;
}

/* ---- another one ---- */

static enum err note_tried(struct candidates *c, const char *name, bool was_slow, struct error *e)
{
    c->names = talloc_realloc(c, c->names, const char *, (unsigned)(c->n_tried + 1));
    c->was_slow = talloc_realloc(c, c->was_slow, bool, (unsigned)(c->n_tried + 1));
    if (!c->names || !c->was_slow || !(c->names[c->n_tried] = talloc_strdup(c->names, name)))
        return err_nomem(e);
    c->was_slow[c->n_tried++] = was_slow;
    return OK;
}

static bool is_tried(const struct candidates *c, const char *name)
{
    for (size_t i = 0; i < c->n_tried; i++) {
        if (strcmp(c->names[i], name) == 0)
            return true;
    }
    return false;
}

/* Forget that the slow ones were tried.  False where there was none. */
static bool give_second_chance(struct candidates *c)
{
    size_t kept = 0, n = c->n_tried;

    for (size_t i = 0; i < n; i++) {
        if (!c->was_slow[i]) {
            c->names[kept] = c->names[i];
            c->was_slow[kept++] = false;
        }
    }
    c->n_tried = kept;
    if (c->patience_ms < PATIENCE_MAX_MS)
        c->patience_ms *= 4;
    return kept < n;
}

/* The usable controllers that were not tried; *left shares its parts with found. */
static enum err untried(TALLOC_CTX *mem, const struct candidates *c, struct located *left,
                        struct error *e)
{
    const struct located *all = &c->found;

    *left = (struct located){ .dcs = talloc_array(mem, struct dc, (unsigned)(all->n + 1)) };
    if (!left->dcs)
        return err_nomem(e);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < all->n; i++) {
            bool may_be_used = i < all->n_usable && !is_tried(c, all->dcs[i].name);

            if (may_be_used == (pass == 0))
                left->dcs[left->n++] = all->dcs[i];
        }
        if (pass == 0)
            left->n_usable = left->n;
    }
    return OK;
}

/* Untried ones: of those that are known, or that DNS knows beyond those remembered. */
static enum err find_untried(TALLOC_CTX *mem, struct locator_params p, struct contact *contact,
                             struct located *left, struct error *e)
{
    struct candidates *c = contact->candidates;
    struct located more;
    enum err rc = untried(mem, c, left, e);

    if (rc || left->n_usable || !c->found.is_remembered)
        return rc;
    p.avoid = c->names;
    p.n_avoid = c->n_tried;
    p.state_dir = NULL;
    /* Once is enough. */
    c->found.is_remembered = false;
    if (locate(c, &p, contact, &more, e))
        return OK;
    c->found = more;
    return untried(mem, c, left, e);
}

static bool is_any_slow(const struct candidates *c)
{
    for (size_t i = 0; i < c->n_tried; i++) {
        if (c->was_slow[i])
            return true;
    }
    return false;
}

/* Until one accepts a connection, none is left, or the time is over. */
static enum err try_others(TALLOC_CTX *tmp, TALLOC_CTX *mem, const struct locator_params *p,
                           const struct host *host, struct contact *contact, struct error *e)
{
    struct candidates *c = contact->candidates;
    struct located left;
    enum err rc, why;

    for (;;) {
        struct locator_params now = *p;

        if ((rc = find_untried(tmp, *p, contact, &left, e)))
            return rc;
        if (!left.n_usable && give_second_chance(c) && (rc = untried(tmp, c, &left, e)))
            return rc;
        if (!left.n_usable || deadline_left(p->d) == 0)
            return err_set(e, ERR_UNREACHABLE, "no other server of %s", host->domain);
        /* One that is slow may be better than one that is not there. */
        if (is_any_slow(c))
            now.d = deadline_sooner(p->d, deadline_in((int64_t)c->patience_ms * 4));
        why = connect_to(mem, &now, host, &left, false, contact, e);
        if (why != ERR_TIMEOUT && why != ERR_UNREACHABLE)
            return why;
        for (size_t i = 0; i < left.n_usable; i++) {
            if ((rc = note_tried(c, left.dcs[i].name, why == ERR_TIMEOUT, e)))
                return rc;
        }
    }
}

enum err contact_another(TALLOC_CTX *mem, const struct register_options *opt,
                         const struct host *host, struct deadline d, enum err why,
                         struct contact *contact, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct candidates *c = contact->candidates;
    struct dns_resolver *resolver;
    struct locator_params p;
    enum err rc;

    log_info("%s does not do: %s", contact->server, err_name(why));
    if ((rc = dns_resolver_from_file(tmp, opt->resolv_conf, &resolver, e)) ||
        (rc = note_tried(c, contact->server, why == ERR_TIMEOUT, e)))
        goto done;
    p = params_of(opt, host, resolver, d);
    rc = try_others(tmp, mem, &p, host, contact, e);
    if (!rc)
        log_info("going on with %s", contact->server);
done:
    talloc_free(tmp);
    return rc;
}

/* ---- the primary, in place of a read-only one ---- */

/* That one alone is to be connected to; all that are known stay as KDCs behind it. */
static enum err only_this(TALLOC_CTX *tmp, const struct locator_params *p,
                          const struct candidates *c, const char *name, struct located *out,
                          struct error *e)
{
    struct dc *named, *dcs;
    size_t n = 1;
    enum err rc;

    rc = locator_named(tmp, p->resolver, name, c->found.dcs, c->found.n, p->d, &named, e);
    if (rc)
        return rc;
    dcs = talloc_array(tmp, struct dc, (unsigned)(c->found.n + 1));
    if (!dcs)
        return err_nomem(e);
    dcs[0] = *named;
    for (size_t i = 0; i < c->found.n; i++) {
        if (strcmp(c->found.dcs[i].name, named->name) != 0)
            dcs[n++] = c->found.dcs[i];
    }
    *out = (struct located){ .dcs = dcs, .n = n, .n_usable = 1 };
    return OK;
}

/* Time for a name, a connection and a ping, while another controller could be asked. */
#define PRIMARY_PATIENCE 4

static enum err move_to_primary(TALLOC_CTX *mem, const struct register_options *opt,
                                const struct host *host, struct deadline d, const char *mname,
                                struct contact *contact, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_resolver *resolver;
    struct locator_params p;
    struct located only;
    enum err rc;

    if ((rc = dns_resolver_from_file(tmp, opt->resolv_conf, &resolver, e)))
        goto done;
    p = params_of(opt, host, resolver, contact_patience(contact, d, PRIMARY_PATIENCE));
    rc = only_this(tmp, &p, contact->candidates, mname, &only, e);
    if (rc == ERR_NOTFOUND) {
        rc = err_set(e, ERR_UNREACHABLE, "that has no address");
        err_hint(e, "check the zone's SOA record, or name a writable controller with --server");
    }
    if (rc)
        goto done;
    contact->locating_turns += dns_resolver_turns(resolver);
    rc = connect_to(mem, &p, host, &only, false, contact, e);
done:
    talloc_free(tmp);
    return rc;
}

enum err contact_primary(TALLOC_CTX *mem, const struct register_options *opt,
                         const struct host *host, struct deadline d, const char *mname,
                         struct contact *contact, bool *is_moved, struct error *e)
{
    struct candidates *c = contact->candidates;
    const char *name = contact->server;
    enum err rc;

    *is_moved = false;
    if (!contact->is_read_only || !mname || strcmp(mname, name) == 0)
        return OK;
    if (is_tried(c, mname)) {
        err_set(e, ERR_UNREACHABLE, "%s is read-only, and %s, its primary, did not do", name,
                mname);
        return err_hint(e, "check %s, or name a writable controller with --server", mname);
    }
    log_info("%s is read-only: updates go to %s, the primary by the zone's SOA", name, mname);
    if ((rc = move_to_primary(mem, opt, host, d, mname, contact, e))) {
        err_prefix(e, "%s is read-only and names %s as primary", name, mname);
        return rc == ERR_NOMEM || note_tried(c, mname, rc == ERR_TIMEOUT, e) ? ERR_NOMEM : rc;
    }
    /* There is nothing to come back for. */
    if ((rc = note_tried(c, name, false, e)))
        return rc;
    /* By an answer that nobody vouches for, whoever named the first one. */
    contact->is_named = false;
    *is_moved = true;
    if (contact->is_read_only) {
        err_set(e, ERR_SERVER, "%s is read-only, and so is %s, which it names as primary", name,
                contact->server);
        return err_hint(e, "name a writable controller with --server");
    }
    return OK;
}

struct deadline contact_patience(const struct contact *c, struct deadline d, int steps)
{
    const struct candidates *all = c->candidates;
    int64_t ms;

    if (!all || (all->found.n_usable < 2 && !all->found.is_remembered))
        return d;
    ms = (int64_t)all->patience_ms * steps;
    /* The others are to have their time, too. */
    if (all->patience_ms == FIRST_ANSWER_MS && ms > deadline_left(d) / 2)
        ms = deadline_left(d) / 2;
    return deadline_sooner(d, deadline_in(ms));
}
