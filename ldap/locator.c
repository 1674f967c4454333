#include "ldap/locator.h"

#include <string.h>

#include "base/log.h"
#include "ldap/cldap.h"
#include "ldap/dccache.h"
#include "ldap/ping.h"

/* For the controllers used last, before DNS is asked for others. */
#define REMEMBERED_MS 250
/* For a ping to come through; where none does it may be filtered, and connecting will tell. */
#define PING_MS 1500
/* What finding a nearer or a named controller's properties may cost. */
#define NEARER_MS 300
#define DESCRIBE_MS 300
/* The others are only KDCs beside a server that was named. */
#define HELPERS_MS 2000

struct search {
    const struct locator_params *p;
    struct ping *ping;
    struct dc *dcs;
    size_t n;
    size_t choice;             /* index into dcs; n where there is none yet */
    struct ping_answer answer; /* of the choice */
    bool is_remembered;
    unsigned turns; /* of pings that are over */
};

static uint16_t ping_port(const struct locator_params *p) { return p->port ? p->port : CLDAP_PORT; }

static bool is_avoided(const struct locator_params *p, const char *name)
{
    for (size_t i = 0; i < p->n_avoid; i++) {
        if (strcmp(p->avoid[i], name) == 0)
            return true;
    }
    return false;
}

static size_t index_of(const struct dc *dcs, size_t n, const char *name)
{
    size_t i = 0;

    while (i < n && strcmp(dcs[i].name, name) != 0)
        i++;
    return i;
}

/* Take a list in: what it says of addresses is newer than what was there. */
static enum err add(struct search *s, struct dc *list, size_t n, struct error *e)
{
    struct dc *more = talloc_realloc(s->ping, s->dcs, struct dc, (unsigned)(s->n + n + 1));
    enum err rc = OK;

    if (!more)
        return err_nomem(e);
    s->dcs = more;
    talloc_steal(s->ping, list);
    for (size_t i = 0; i < n && !rc; i++) {
        size_t at = index_of(s->dcs, s->n, list[i].name);

        if (is_avoided(s->p, list[i].name))
            continue;
        if (at == s->n) {
            s->dcs[s->n++] = list[i];
        } else {
            s->dcs[at].addresses = list[i].addresses;
            s->dcs[at].n_addresses = list[i].n_addresses;
        }
        rc = ping_add(s->ping, list[i].name, list[i].addresses, list[i].n_addresses, e);
    }
    /* By name: the list has grown. */
    s->choice = s->answer.name ? index_of(s->dcs, s->n, s->answer.name) : s->n;
    return rc;
}

/* The first address is the one that answers. */
static void answered_first(struct dc *dc, struct ip address)
{
    for (size_t i = 0; i < dc->n_addresses; i++) {
        if (ip_equal(dc->addresses[i], address)) {
            memmove(dc->addresses + 1, dc->addresses, i * sizeof address);
            dc->addresses[0] = address;
            return;
        }
    }
}

static void take_answer(struct dc *dc, const struct ping_answer *a)
{
    dc->site = a->site;
    dc->kind = a->kind;
    dc->is_read_only = a->is_read_only;
    answered_first(dc, a->address);
}

static bool is_writable_found(const struct search *s)
{
    return s->choice < s->n && !s->dcs[s->choice].is_read_only;
}

/*
 * The first that answers becomes the choice, unless it is read-only and there is one already: of
 * what DNS updates need, any controller that can be written to has more than a near one that
 * cannot.
 */
static void wait_for_one(struct search *s, int64_t ms)
{
    struct ping_answer answer;
    enum ping_state state = ping_wait(s->ping, deadline_sooner(s->p->d, deadline_in(ms)), &answer);

    for (size_t i = 0; i < s->n; i++) {
        if (ping_state_of(s->ping, s->dcs[i].name) == PING_READ_ONLY)
            s->dcs[i].is_read_only = true;
    }
    if (state != PING_GOOD && state != PING_READ_ONLY)
        return;
    take_answer(&s->dcs[index_of(s->dcs, s->n, answer.name)], &answer);
    if (answer.is_read_only && s->choice < s->n)
        return;
    s->answer = answer;
    s->choice = index_of(s->dcs, s->n, answer.name);
}

static enum err begin_with_remembered(struct search *s, struct error *e)
{
    const struct locator_params *p = s->p;
    struct dc *list;
    size_t n;
    enum err rc;

    if (!p->state_dir || p->is_rediscovery)
        return OK;
    if ((rc = dccache_read(s->ping, p->state_dir, p->domain, p->site, &list, &n, e)) ||
        (rc = add(s, list, n, e)))
        return rc;
    if (s->n > 0)
        wait_for_one(s, REMEMBERED_MS);
    s->is_remembered = is_writable_found(s);
    if (s->n > 0 && !s->is_remembered)
        log_info("none of the %zu controllers remembered of %s %s: asking DNS", s->n, p->domain,
                 s->choice < s->n ? "can be written to" : "answers");
    return OK;
}

static enum err find_and_ping(struct search *s, const char *site, int64_t ms, struct error *e)
{
    struct dns_resolver *r = s->p->resolver;
    struct dc *list;
    size_t n;
    enum err rc = site ? locator_find_in_site(s->ping, r, s->p->domain, site, s->p->d, &list, &n, e)
                       : locator_find(s->ping, r, s->p->domain, s->p->d, &list, &n, e);

    if (!rc && !(rc = add(s, list, n, e)))
        wait_for_one(s, ms);
    return rc;
}

static enum err ask_dns(struct search *s, struct error *e)
{
    enum err rc = ERR_NOTFOUND;

    if (s->p->site) {
        rc = find_and_ping(s, s->p->site, PING_MS, e);
        if (rc == OK && is_writable_found(s))
            return OK;
        if (!rc || rc == ERR_NOTFOUND)
            log_warning("no controller of the site %s %s: looking in all sites", s->p->site,
                        s->choice < s->n ? "can be written to" : "answers");
    }
    if (!rc || rc == ERR_NOTFOUND)
        rc = find_and_ping(s, NULL, PING_MS, e);
    /* Without DNS those remembered are all there are; they may yet be reached. */
    if (rc && rc != ERR_NOMEM && s->n > 0) {
        log_warning("going on with the controllers remembered: %s", e ? e->message : err_name(rc));
        rc = OK;
    }
    return rc;
}

/*
 * Another race, of the controllers of our own site alone.  The choice stays as it is where none of
 * them answers that serves better.
 */
static enum err look_nearer(struct search *s, struct error *e)
{
    const struct ping_answer far = s->answer;
    const char *site = far.client_site;
    struct ping *ping = s->ping;
    struct dc *list;
    size_t n;
    struct error why = { 0 };
    enum err rc;

    if (s->choice == s->n || s->p->site || far.is_near || !site)
        return OK;
    rc =
        locator_find_in_site(ping, s->p->resolver, s->p->domain, site,
                             deadline_sooner(s->p->d, deadline_in(2 * NEARER_MS)), &list, &n, &why);
    if (rc) {
        log_info("%s is not in our site %s: %s", far.name, site, why.message);
        return rc == ERR_NOMEM ? err_nomem(e) : OK;
    }
    if ((rc = ping_new(ping, s->p->domain, ping_port(s->p), &s->ping, e)))
        return rc;
    rc = add(s, list, n, e);
    if (!rc)
        wait_for_one(s, NEARER_MS);
    if (s->answer.name == far.name)
        log_info("no controller of our site %s answers that can be written to: using %s", site,
                 far.name);
    s->turns += ping_turns(s->ping);
    talloc_steal(ping, s->dcs);
    s->ping = ping;
    return rc;
}

/* ---- the result ---- */

static bool copy_text(TALLOC_CTX *mem, const char *text, const char **out)
{
    *out = text ? talloc_strdup(mem, text) : NULL;
    return !text || *out;
}

static bool copy_dc(TALLOC_CTX *mem, const struct dc *from, struct dc *to)
{
    *to = *from;
    to->addresses =
        talloc_memdup(mem, from->addresses, from->n_addresses * sizeof *from->addresses);
    return to->addresses && copy_text(mem, from->name, &to->name) &&
           copy_text(mem, from->site, &to->site) && copy_text(mem, from->kind, &to->kind);
}

static enum err nobody(const struct search *s, struct error *e)
{
    if (s->p->n_avoid) {
        err_set(e, ERR_UNREACHABLE, "there is no other domain controller of %s", s->p->domain);
        return err_hint(e, "check the controllers, or name one with --server");
    }
    err_set(e, ERR_NOTFOUND, "no domain controller of %s: those that DNS names do not serve it",
            s->p->domain);
    return err_hint(e,
                    "run with --verbose to see what each says of itself; check the SRV records "
                    "_ldap._tcp.dc._msdcs.%s",
                    s->p->domain);
}

/*
 * The choice, then those that may live, then those where nothing listened, then those that cannot
 * be written to.
 */
static int rank_of(const struct search *s, size_t i)
{
    if (i == s->choice)
        return 0;
    if (s->dcs[i].is_read_only)
        return 3;
    return ping_state_of(s->ping, s->dcs[i].name) == PING_FAILED ? 2 : 1;
}

static enum err hand_over(TALLOC_CTX *mem, const struct search *s, struct located *out,
                          struct error *e)
{
    struct dc *dcs = talloc_zero_array(mem, struct dc, (unsigned)(s->n + 1));
    size_t n = 0;

    if (!dcs)
        return err_nomem(e);
    for (int rank = 0; rank <= 3; rank++) {
        for (size_t i = 0; i < s->n; i++) {
            bool is_unfit = ping_state_of(s->ping, s->dcs[i].name) == PING_UNFIT;

            if (rank_of(s, i) != rank || (is_unfit && i != s->choice))
                continue;
            if (!copy_dc(dcs, &s->dcs[i], &dcs[n])) {
                talloc_free(dcs);
                return err_nomem(e);
            }
            n++;
        }
    }
    if (n == 0) {
        talloc_free(dcs);
        return nobody(s, e);
    }
    *out = (struct located){ dcs, n, n, s->is_remembered, s->turns + ping_turns(s->ping) };
    return OK;
}

enum err locator_describe(const struct locator_params *p, struct located *l, size_t which,
                          struct error *e)
{
    struct dc *dc = &l->dcs[which], told = *dc;
    struct ping_answer answer;
    struct ping *ping;
    enum err rc;

    if (dc->kind)
        return OK;
    if ((rc = ping_new(NULL, p->domain, ping_port(p), &ping, e)))
        return rc;
    rc = ping_add(ping, dc->name, dc->addresses, dc->n_addresses, e);
    if (!rc && ping_wait(ping, deadline_sooner(p->d, deadline_in(DESCRIBE_MS)), &answer) >=
                   PING_READ_ONLY) {
        take_answer(&told, &answer);
        if (!copy_text(l->dcs, told.site, &told.site) || !copy_text(l->dcs, told.kind, &told.kind))
            rc = err_nomem(e);
        else
            *dc = told;
    }
    l->turns += ping_turns(ping);
    talloc_free(ping);
    return rc;
}

/* The named one first, then those that help. */
static enum err locate_named(TALLOC_CTX *mem, const struct locator_params *p, struct located *out,
                             struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dc *known = NULL, *named, *dcs;
    size_t n_known = 0, n = 0;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    rc = locator_find(tmp, p->resolver, p->domain, deadline_sooner(p->d, deadline_in(HELPERS_MS)),
                      &known, &n_known, e);
    if (rc)
        log_info("no list of domain controllers (%s): using %s as asked", err_name(rc), p->server);
    if ((rc = locator_named(tmp, p->resolver, p->server, known, n_known, p->d, &named, e)))
        goto done;
    dcs = talloc_zero_array(tmp, struct dc, (unsigned)(n_known + 1));
    if (!dcs || !copy_dc(dcs, named, &dcs[n++])) {
        rc = err_nomem(e);
        goto done;
    }
    for (size_t i = 0; i < n_known; i++) {
        if (strcmp(known[i].name, named->name) != 0 && !copy_dc(dcs, &known[i], &dcs[n++])) {
            rc = err_nomem(e);
            goto done;
        }
    }
    *out = (struct located){ .dcs = dcs, .n = n, .n_usable = 1 };
    rc = locator_describe(p, out, 0, e);
    if (!rc)
        talloc_steal(mem, dcs);
done:
    talloc_free(tmp);
    return rc;
}

enum err locator_locate(TALLOC_CTX *mem, const struct locator_params *p, struct located *out,
                        struct error *e)
{
    struct search s = { .p = p };
    TALLOC_CTX *tmp;
    enum err rc;

    if (p->server)
        return locate_named(mem, p, out, e);
    tmp = talloc_new(NULL);
    if (!tmp)
        return err_nomem(e);
    if ((rc = ping_new(tmp, p->domain, ping_port(p), &s.ping, e)) ||
        (rc = begin_with_remembered(&s, e)) || (!s.is_remembered && (rc = ask_dns(&s, e))) ||
        (rc = look_nearer(&s, e)) || (rc = hand_over(mem, &s, out, e)))
        goto done;
    err_clear(e);
done:
    talloc_free(tmp);
    return rc;
}

void locator_remember(const struct locator_params *p, const struct located *l, size_t which)
{
    struct dc dcs[DCCACHE_CONTROLLERS_MAX];
    size_t n = 0;
    struct error e;

    if (!p->state_dir || p->server || p->is_dry_run || l->dcs[which].is_read_only)
        return;
    dcs[n++] = l->dcs[which];
    for (size_t i = 0; i < l->n && n < DCCACHE_CONTROLLERS_MAX; i++) {
        if (i != which && !l->dcs[i].is_read_only)
            dcs[n++] = l->dcs[i];
    }
    if (dccache_write(p->state_dir, p->domain, p->site, dcs, n, &e) != OK)
        log_info("the controller in use cannot be remembered: %s", e.message);
}
