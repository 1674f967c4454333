#include "register/primaries.h"

#include <string.h>

#include "base/log.h"
#include "dns/name.h"
#include "dns/zonefind.h"
#include "register/choose.h"
#include "register/vouch.h"

/* A host's addresses are in the zones of few servers. */
#define PRIMARIES_MAX 8
#define LOOKUP_MS 2000
#define CONNECT_MS 2000

/* A name whose zone the server in use does not have. */
struct lost {
    const struct published_reverse *reverse; /* NULL: an earlier name */
    const char *name;
};

/* The zone that a PTR at this reverse name was put in once; NULL: none is remembered. */
static const char *remembered_zone(const struct memory *m, const char *name)
{
    for (size_t i = 0; i < m->n_records; i++) {
        if (m->records[i].type == DNS_TYPE_PTR && strcmp(m->records[i].name, name) == 0)
            return m->records[i].zone;
    }
    return NULL;
}

static bool is_missed(const struct plan_input *in, const struct published_reverse *r)
{
    /* What lies behind an alias that leads astray is nobody's to look for. */
    if (r->zone || r->alias || !in->with_ptr)
        return false;
    return address_is_in(r->ip, in->wanted, in->n_wanted) || remembered_zone(in->memory, r->name);
}

static enum err list_lost(TALLOC_CTX *mem, const struct plan_input *in, struct lost **out,
                          const char ***names, size_t *n, struct error *e)
{
    const struct published *p = in->published;
    struct lost *lost = talloc_array(mem, struct lost, p->n_reverse + p->n_names);
    const char **all = talloc_array(mem, const char *, p->n_reverse + p->n_names);
    size_t count = 0;

    if (!lost || !all)
        return err_nomem(e);
    for (size_t i = 0; i < p->n_reverse; i++) {
        if (is_missed(in, &p->reverse[i]))
            lost[count++] = (struct lost){ &p->reverse[i], p->reverse[i].name };
    }
    for (size_t i = 0; i < p->n_names; i++) {
        if (!p->names[i].zone)
            lost[count++] = (struct lost){ NULL, p->names[i].fqdn };
    }
    for (size_t i = 0; i < count; i++)
        all[i] = lost[i].name;
    *n = count;
    *names = all;
    *out = lost;
    return OK;
}

/* why: on all, or NULL where memory was short. */
static bool add_failure(struct primaries *all, const struct published_reverse *r, const char *zone,
                        enum err code, const char *why)
{
    all->failures = talloc_realloc(all, all->failures, struct plan_failure, all->n_failures + 1);
    if (!all->failures || !zone || !why)
        return false;
    all->failures[all->n_failures++] = (struct plan_failure){
        .reverse = r, .zone = zone, .code = code, .why = why, .hint = PRIMARIES_HINT
    };
    return true;
}

/* Nobody knows where its zone is: a failure only where there was one. */
static bool add_unknown(struct primaries *all, const struct memory *m, const struct lost *lost,
                        const char *why)
{
    const char *zone = remembered_zone(m, lost->name);

    log_info("%s: cannot find out which server has its zone: %s", lost->name, why);
    return !lost->reverse || !zone ||
           add_failure(all, lost->reverse, talloc_strdup(all, zone), ERR_UNREACHABLE,
                       talloc_asprintf(all, "cannot find the server of zone %s: %s", zone, why));
}

static bool add_vanished(struct primaries *all, const char *name)
{
    all->vanished = talloc_realloc(all, all->vanished, const char *, all->n_vanished + 1);
    if (!all->vanished)
        return false;
    all->vanished[all->n_vanished] = talloc_strdup(all, name);
    return all->vanished[all->n_vanished++];
}

static struct primary *primary_named(struct primaries *all, const char *mname)
{
    struct primary *one;

    for (size_t i = 0; i < all->n; i++) {
        if (strcmp(all->list[i].contact.server, mname) == 0)
            return &all->list[i];
    }
    /* It has room for all that may come: nothing in it moves. */
    if (all->n == PRIMARIES_MAX)
        return NULL;
    one = &all->list[all->n];
    one->contact.server = talloc_strdup(all, mname);
    return one->contact.server ? &all->list[all->n++] : NULL;
}

/* The SOA's word for it is nobody's: who is no controller has to be named by the administrator. */
static bool is_trusted(const struct register_options *opt, const char *server)
{
    bool is_listed = false;

    for (size_t i = 0; !is_listed && i < opt->n_ptr_servers; i++) {
        char *name = NULL;

        is_listed = dns_name_normalise(NULL, opt->ptr_servers[i], &name, NULL) == OK &&
                    strcmp(name, server) == 0;
        talloc_free(name);
    }
    return is_listed;
}

/*
 * Providers run the reverse zones of public addresses, and public resolvers name a server for those
 * of private ones (RFC 6304): a host cannot update these and must not ask them.  Whom it
 * asks is the domain's own, or was named, or took a PTR of this host before.  What has a name in
 * the domain may be no more than that: read_primary() has the KDC vouch for it.
 */
static bool is_ours_to_ask(const struct register_options *opt, const struct host *host,
                           const struct memory *m, const char *name, const char *mname)
{
    return machine_is_at_home(host, mname) || is_trusted(opt, mname) || remembered_zone(m, name);
}

#define NOT_OURS "which is not the domain's (name it with --ptr-server if it takes updates)"
#define NO_CONTROLLER                                                                              \
    "which is no domain controller (name it with --ptr-server if it takes updates)"
#define NO_ADDRESS "which has no address"

/* what: the server is, for this host. */
static bool add_elsewhere(struct primaries *all, const struct published_reverse *r,
                          const char *zone_found, const char *mname, const char *what)
{
    const char *zone = talloc_strdup(all, zone_found);
    const char *why =
        talloc_asprintf(all, "not published: %s is on %s, %s", zone_found, mname, what);

    if (!add_failure(all, r, zone, OK, why))
        return false;
    all->failures[all->n_failures - 1].hint = NULL;
    all->failures[all->n_failures - 1].is_elsewhere = true;
    return true;
}

static bool add_to_primary(struct primaries *all, const struct published_reverse *r,
                           bool is_remembered, const struct dns_zone_found *found)
{
    struct primary *one = primary_named(all, found->mname);
    char *zone = talloc_strdup(all, found->zone);

    if (!one)
        return add_failure(all, r, zone, ERR_SERVER,
                           talloc_asprintf(all, "the reverse zones are on more than %d servers",
                                           PRIMARIES_MAX));
    one->reverse =
        talloc_realloc(all, one->reverse, const struct published_reverse *, one->n_reverse + 1);
    one->zones = talloc_realloc(all, one->zones, const char *, one->n_reverse + 1);
    if (!one->reverse || !one->zones || !zone)
        return false;
    log_info("%s is in zone %s of %s", r->name, zone, one->contact.server);
    one->is_remembered |= is_remembered;
    one->reverse[one->n_reverse] = r;
    one->zones[one->n_reverse++] = zone;
    return true;
}

static bool sort_in(struct primaries *all, const struct register_options *opt,
                    const struct host *host, const struct memory *m, const struct lost *lost,
                    const struct dns_zone_found *found)
{
    switch (found->is) {
    case DNS_ZONE_UNKNOWN:
        return add_unknown(all, m, lost, found->why);
    case DNS_ZONE_NOWHERE:
        log_info("%s: there is no zone for it%s", lost->name,
                 found->is_made_up ? ", says an empty zone that was made up" : "");
        return found->is_made_up || add_vanished(all, lost->name);
    case DNS_ZONE_FOUND:
        break;
    }
    if (lost->reverse)
        return is_ours_to_ask(opt, host, m, lost->name, found->mname)
                   ? add_to_primary(all, lost->reverse, remembered_zone(m, lost->name), found)
                   : add_elsewhere(all, lost->reverse, found->zone, found->mname, NOT_OURS);
    log_info("%s is in zone %s of %s: not looked at", lost->name, found->zone, found->mname);
    return !found->is_absent || add_vanished(all, lost->name);
}

/* ---- one primary ---- */

/* Nobody misses its names. */
static bool leave_alone(struct primaries *all, struct primary *one, const char *what)
{
    for (size_t i = 0; i < one->n_reverse; i++) {
        if (!add_elsewhere(all, one->reverse[i], one->zones[i], one->contact.server, what))
            return false;
    }
    one->n_reverse = 0;
    return true;
}

/*
 * What is wrong with a server of whom nobody but DNS says that it is the domain's; NULL: nothing.
 * There has to be an address before that is worth asking.
 */
static enum err doubt(struct primaries *all, const struct primary *one, struct voucher *v,
                      enum err has_address, struct deadline d, const char **what, struct error *e)
{
    bool is_controller = false;
    enum err rc = OK;

    *what = NULL;
    if (one->contact.is_named || one->is_remembered)
        return OK;
    if (has_address == ERR_NOTFOUND) {
        *what = NO_ADDRESS;
    } else if (!has_address &&
               !(rc = vouch_for(all, v, one->contact.server, d, &is_controller, e))) {
        *what = is_controller ? NULL : NO_CONTROLLER;
    }
    return rc;
}

static enum err read_names(struct primaries *all, struct primary *one, const char *fqdn,
                           struct deadline d, struct error *e)
{
    struct ip *ips = talloc_array(all, struct ip, one->n_reverse);
    struct published *p;
    enum err rc;

    if (!ips)
        return err_nomem(e);
    for (size_t i = 0; i < one->n_reverse; i++)
        ips[i] = one->reverse[i]->ip;
    rc = published_read_reverse(all, one->contact.conn, fqdn, ips, one->n_reverse, d, &p, e);
    if (!rc)
        one->published = p;
    talloc_free(ips);
    return rc;
}

/* What goes wrong is a failure of each of its names; cannot: what was tried. */
static bool add_failures(struct primaries *all, const struct primary *one, enum err code,
                         const char *cannot, const char *why)
{
    for (size_t i = 0; i < one->n_reverse; i++) {
        const struct published_reverse *at =
            code ? NULL : published_reverse_of(one->published, one->reverse[i]->ip);
        const char *text;

        if (at && (at->zone || at->alias))
            continue;
        text = code ? talloc_asprintf(all, "cannot %s %s, which has the zone %s: %s", cannot,
                                      one->contact.server, one->zones[i], why)
                    : talloc_asprintf(all, "%s is named as primary of %s, and does not have it",
                                      one->contact.server, one->zones[i]);
        if (!add_failure(all, one->reverse[i], one->zones[i], code ? code : ERR_SERVER, text))
            return false;
    }
    return true;
}

/* Only a server that may be believed is asked anything. */
static enum err read_primary(struct primaries *all, struct primary *one, struct voucher *v,
                             struct dns_resolver *resolver, const char *fqdn, struct deadline d,
                             struct error *e)
{
    struct deadline soon = deadline_sooner(d, deadline_in(CONNECT_MS));
    const char *what, *cannot = "reach";
    struct error why = { 0 }, no_proof = { 0 };
    struct ip *ips = NULL;
    size_t n = 0, which;
    enum err rc = dns_resolver_addresses(all, resolver, one->contact.server, soon, &ips, &n, &why);
    enum err proof = doubt(all, one, v, rc, d, &what, &no_proof);

    if (what)
        return leave_alone(all, one, what) ? OK : err_nomem(e);
    if (proof) {
        rc = proof;
        why = no_proof;
        cannot = "find out whether to trust";
    }
    if (!rc)
        rc = dns_conn_open_any(all, ips, n, DNS_PORT, deadline_sooner(d, deadline_in(CONNECT_MS)),
                               &one->contact.conn, &which, &why);
    talloc_free(ips);
    if (!rc)
        rc = read_names(all, one, fqdn, d, &why);
    if (rc == ERR_NOMEM || !add_failures(all, one, rc, cannot, why.message))
        return err_nomem(e);
    return OK;
}

/* Of this host's realm, whoever the server is: tickets for it begin there. */
static void introduce(struct primary *one, const struct register_options *opt,
                      const struct contact *in_use)
{
    one->contact.kdcs = in_use->kdcs;
    one->contact.n_kdcs = in_use->n_kdcs;
    one->contact.is_named = is_trusted(opt, one->contact.server);
}

static enum err find_and_read(struct primaries *all, const struct register_options *opt,
                              struct voucher *v, const struct plan_input *in, struct deadline d,
                              struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_resolver *resolver;
    struct dns_zone_found *found;
    struct lost *lost = NULL;
    const char **names = NULL;
    size_t n = 0;
    enum err rc;

    if ((rc = list_lost(tmp, in, &lost, &names, &n, e)) || !n)
        goto done;
    if ((rc = dns_resolver_from_file(tmp, opt->resolv_conf, &resolver, e)) ||
        (rc = dns_zone_find(tmp, resolver, names, n, deadline_sooner(d, deadline_in(LOOKUP_MS)),
                            &found, e)))
        goto done;
    for (size_t i = 0; i < n; i++) {
        if (!sort_in(all, opt, v->host, in->memory, &lost[i], &found[i])) {
            rc = err_nomem(e);
            goto done;
        }
    }
    for (size_t i = 0; !rc && i < all->n; i++) {
        introduce(&all->list[i], opt, v->contact);
        rc = read_primary(all, &all->list[i], v, resolver, in->published->fqdn, d, e);
    }
    all->turns = dns_resolver_turns(resolver) + v->turns;
done:
    talloc_free(tmp);
    return rc;
}

enum err primaries_survey(TALLOC_CTX *mem, const struct register_options *opt,
                          const struct host *host, const struct contact *contact,
                          struct tickets *tickets, const struct plan_input *in, struct deadline d,
                          struct primaries **out, struct error *e)
{
    struct voucher v = {
        .host = host, .contact = contact, .keytab = opt->keytab, .tickets = tickets
    };
    struct primaries *all = talloc_zero(NULL, struct primaries);
    enum err rc;

    if (!all || !(all->list = talloc_zero_array(all, struct primary, PRIMARIES_MAX + 1)))
        rc = err_nomem(e);
    else
        rc = find_and_read(all, opt, &v, in, deadline_sooner(d, deadline_in(PRIMARIES_PATIENCE_MS)),
                           e);
    if (rc) {
        talloc_free(all);
        return rc;
    }
    *out = talloc_steal(mem, all);
    return OK;
}

/* With the server in use, once more. */
static enum err add_earlier(struct primaries *all, const struct contact *contact,
                            const struct plan_input *in, struct error *e)
{
    /* There is room: it is the last. */
    struct primary *one = &all->list[all->n];
    struct plan_input there = *in;
    enum err rc;

    /* Who says that a zone is nowhere proves nothing: the server in use is asked for the deed. */
    there.nowhere = all->vanished;
    there.n_nowhere = all->n_vanished;
    if ((rc = plan_earlier(all, &there, &one->plan, e)))
        return rc;
    one->contact = *contact;
    one->is_in_use = true;
    one->published = in->published;
    all->n++;
    return OK;
}

enum err primaries_plan(struct primaries *all, const struct contact *contact,
                        const struct plan_input *in, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; !rc && i < all->n; i++) {
        struct primary *one = &all->list[i];
        struct plan_input there = *in;

        if (!one->published)
            continue;
        there.published = one->published;
        there.form = form_for(one->contact.kind, one->published->has_edns);
        there.renewal = NULL;
        rc = in->is_leaving ? plan_unregister(all, &there, &one->plan, e)
                            : plan_register(all, &there, &one->plan, e);
    }
    if (!rc && (in->published->n_names || all->n_vanished))
        rc = add_earlier(all, contact, in, e);
    return rc;
}
