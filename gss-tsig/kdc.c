#include "gss-tsig/kdc.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "gss-tsig/kdc_answer.h"

/* Referrals lead through fewer. */
#define REALMS_MAX 16
/* For the names in krb5.conf, where KDCs are known without them. */
#define NAMES_MS 500
/* For one request, where nobody said how long. */
#define ANSWER_MS 10000
/* Until another KDC is asked, where there is one. */
#define FIRST_ANSWER_MS 500
/* So often each KDC may fail to answer: one that hangs up at once would be asked for ever. */
#define HANG_UPS_MAX 3
/* A ticket with the authorisation data of a very large domain has some 64 kB. */
#define ANSWER_MAX (256 * 1024)

#define HINT_NO_KERBEROS "see what listens there: it is no KDC, or a broken one"

/* A realm that was asked for, and the connection to it. */
struct way {
    struct kdc_route *route;
    const char *realm;
    struct endpoint kdcs[KDCS_MAX]; /* the one that answered last comes first */
    size_t n_kdcs;                  /* 0: not found yet */
    int fd;                         /* open connection to kdcs[0], or -1 */
};

struct kdc_route {
    krb5_context ctx;
    struct dns_resolver *resolver; /* NULL: the machine's */
    const char *realm;             /* whose KDCs were given; NULL: none were */
    struct endpoint given[KDCS_MAX];
    size_t n_given;
    struct way *ways[REALMS_MAX];
    size_t n_ways;
    bool has_deadline;
    struct deadline d;
    unsigned connections;
    unsigned requests;
};

static void hang_up(struct way *w)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}

static int way_destroy(struct way *w)
{
    hang_up(w);
    return 0;
}

/* Put kdcs[i] first, the others behind it in their order. */
static void prefer(struct way *w, size_t i)
{
    struct endpoint first = w->kdcs[i];

    memmove(w->kdcs + 1, w->kdcs, i * sizeof *w->kdcs);
    w->kdcs[0] = first;
}

static void put_last(struct way *w)
{
    struct endpoint last = w->kdcs[0];

    memmove(w->kdcs, w->kdcs + 1, (w->n_kdcs - 1) * sizeof *w->kdcs);
    w->kdcs[w->n_kdcs - 1] = last;
}

static void send_at_once(int fd, void *priv)
{
    const int yes = 1;

    (void)priv;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static enum err call(struct way *w, struct deadline d, struct error *e)
{
    size_t which;
    enum err rc = connect_endpoints(w->kdcs, w->n_kdcs, d, send_at_once, NULL, &w->fd, &which, e);

    if (rc) {
        w->fd = -1;
        return rc;
    }
    w->route->connections++;
    prefer(w, which);
    return OK;
}

/* ---- who they are ---- */

static struct way *way_to(struct kdc_route *route, struct bytes realm)
{
    struct way *w;

    for (size_t i = 0; i < route->n_ways; i++) {
        w = route->ways[i];
        if (strlen(w->realm) == realm.len && memcmp(w->realm, realm.data, realm.len) == 0)
            return w;
    }
    if (route->n_ways == REALMS_MAX || !(w = talloc_zero(route, struct way)))
        return NULL;
    *w = (struct way){ .route = route, .fd = -1 };
    talloc_set_destructor(w, way_destroy);
    w->realm = talloc_strndup(w, (const char *)realm.data, realm.len);
    if (!w->realm) {
        talloc_free(w);
        return NULL;
    }
    return route->ways[route->n_ways++] = w;
}

static enum err find_kdcs(struct way *w, struct deadline d, struct error *e)
{
    const struct kdc_route *route = w->route;
    bool are_given = route->n_given && route->realm && strcmp(route->realm, w->realm) == 0;
    struct deadline for_names = are_given ? deadline_sooner(d, deadline_in(NAMES_MS)) : d;
    enum err rc;

    if (w->n_kdcs)
        return OK;
    if ((rc = kdc_find_configured(route->ctx, w->realm, route->resolver, for_names, w->kdcs,
                                  &w->n_kdcs, e)))
        return rc;
    if (are_given) {
        for (size_t i = 0; i < route->n_given; i++)
            kdc_list_add(w->kdcs, &w->n_kdcs, route->given[i]);
    }
    if (w->n_kdcs)
        return OK;
    if ((rc = kdc_find_in_dns(route->ctx, w->realm, route->resolver, d, w->kdcs, &w->n_kdcs, e)))
        return rc;
    log_info("KDCs of %s are found in DNS: %zu", w->realm, w->n_kdcs);
    return OK;
}

/* ---- one request and its answer, each behind its length in four bytes ---- */

static bool wait_until(int fd, short events, struct deadline d)
{
    struct pollfd p = { .fd = fd, .events = events };
    int n;

    do
        n = poll(&p, 1, deadline_left(d));
    while (n < 0 && errno == EINTR);
    return n > 0;
}

static bool send_all(int fd, struct bytes b, struct deadline d)
{
    for (size_t sent = 0; sent < b.len;) {
        ssize_t n = send(fd, b.data + sent, b.len - sent, MSG_NOSIGNAL);

        if (n > 0)
            sent += (size_t)n;
        else if (n < 0 && errno != EAGAIN && errno != EINTR)
            return false;
        else if (!wait_until(fd, POLLOUT, d))
            return false;
    }
    return true;
}

static bool receive_all(int fd, uint8_t *out, size_t size, struct deadline d)
{
    for (size_t got = 0; got < size;) {
        ssize_t n = recv(fd, out + got, size - got, 0);

        if (n > 0)
            got += (size_t)n;
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            return false;
        else if (!wait_until(fd, POLLIN, d))
            return false;
    }
    return true;
}

/* False where the connection is of no more use. */
static bool exchange(TALLOC_CTX *mem, struct way *way, struct bytes request, struct deadline d,
                     struct bytes *answer)
{
    struct wr w = wr_init(mem);
    uint8_t length[4], *buf;
    struct rd r;
    size_t n;

    wr_be32(&w, (uint32_t)request.len);
    wr_bytes(&w, request);
    if (w.bad || !send_all(way->fd, wr_view(&w), d) ||
        !receive_all(way->fd, length, sizeof length, d))
        return false;
    way->route->requests++;
    r = rd_init((struct bytes){ length, sizeof length });
    n = rd_be32(&r);
    if (n == 0 || n > ANSWER_MAX || !(buf = talloc_size(mem, n)) ||
        !receive_all(way->fd, buf, n, d))
        return false;
    *answer = (struct bytes){ buf, n };
    return true;
}

/* Some KDCs close after each answer, others keep the connection. */
static void drop_if_closed(struct way *w)
{
    uint8_t byte;

    if (w->fd >= 0 && (recv(w->fd, &byte, 1, MSG_PEEK) >= 0 || errno != EAGAIN))
        hang_up(w);
}

/* Why the KDC in use gives way to the next. */
static void pass_over(const struct way *w, const char *why, const char *hint, struct error *e)
{
    char address[IP_TEXT_MAX];

    ip_format(w->kdcs[0].address, address);
    log_info("KDC %s of %s %s", address, w->realm, why);
    err_set(e, ERR_TIMEOUT, "%s port %u %s", address, w->kdcs[0].port, why);
    if (hint)
        err_hint(e, "%s", hint);
}

/* What KDCs said that may not be the last word. */
struct heard {
    struct bytes answer; /* the latest; none: len 0 */
    size_t n;
    size_t n_clocks; /* of these: that the clocks differ */
};

/*
 * True where it is the answer, though another KDC might give a better one: each of those that do
 * not serve now is heard once; of clocks only one more is, before ours is blamed.  Else *e says why
 * not.
 */
static bool is_last_word(const struct way *w, struct bytes answer, struct heard *heard,
                         struct error *e)
{
    enum kdc_answer is = kdc_answer_judge(w->route->ctx, answer);

    if (is == KDC_ANSWER_NO_KERBEROS) {
        pass_over(w, "does not answer as a KDC does", HINT_NO_KERBEROS, e);
        return false;
    }
    heard->answer = answer;
    heard->n++;
    heard->n_clocks += is == KDC_ANSWER_CLOCK;
    if (is == KDC_ANSWER_FINAL || heard->n >= w->n_kdcs || heard->n_clocks > 1)
        return true;
    pass_over(w, is == KDC_ANSWER_CLOCK ? "has another time than this host" : "cannot serve now",
              NULL, e);
    return false;
}

/*
 * The kept connection first; then each KDC in turn, with more patience each time around.  Where
 * nothing better is heard than that they do not serve now, that is the answer.
 */
static enum err ask(TALLOC_CTX *mem, struct way *w, struct bytes request, struct deadline d,
                    struct bytes *answer, struct error *e)
{
    int patience_ms = FIRST_ANSWER_MS;
    struct heard heard = { 0 };
    enum err rc = OK;

    drop_if_closed(w);
    for (size_t tried = 0; tried == 0 || deadline_left(d) > 0; tried++) {
        bool was_kept = w->fd >= 0, is_answered;
        struct deadline until = d;
        struct bytes said;

        if (!was_kept && (rc = call(w, d, e)))
            break;
        if (w->n_kdcs > 1)
            until = deadline_sooner(d, deadline_in(patience_ms));
        is_answered = exchange(mem, w, request, until, &said);
        if (is_answered && is_last_word(w, said, &heard, e))
            break;
        hang_up(w);
        if (was_kept && !is_answered)
            continue; /* idle connections may be closed, that says nothing */
        if (!is_answered)
            pass_over(w, "accepts a connection but does not answer", NULL, e);
        rc = ERR_TIMEOUT;
        if (tried >= HANG_UPS_MAX * w->n_kdcs)
            break;
        put_last(w);
        if ((tried + 1) % w->n_kdcs == 0)
            patience_ms *= 4;
    }
    if (heard.answer.len) {
        *answer = heard.answer;
        return OK;
    }
    return rc ? rc : err_set(e, ERR_TIMEOUT, "no answer in time");
}

enum err kdc_route_ask(TALLOC_CTX *mem, struct kdc_route *route, struct bytes realm,
                       struct bytes request, struct bytes *answer, struct error *e)
{
    struct deadline d = route->has_deadline ? route->d : deadline_in(ANSWER_MS);
    struct way *w = way_to(route, realm);
    struct error why = { 0 };
    enum err rc;

    if (!w)
        return err_set(e, ERR_UNREACHABLE, "too many Kerberos realms on the way");
    if ((rc = find_kdcs(w, d, &why))) {
        err_set(e, ERR_UNREACHABLE, "cannot find a KDC of the realm %s: %s", w->realm, why.message);
        err_hint(e, "%s",
                 why.hint[0] ? why.hint
                             : "check the realm's name, the name server in /etc/resolv.conf, "
                               "or add the realm's KDCs to /etc/krb5.conf");
        return rc == ERR_NOMEM ? err_nomem(e) : ERR_UNREACHABLE;
    }
    if (ask(mem, w, request, d, answer, &why) == OK)
        return OK;
    w->n_kdcs = 0;
    err_set(e, ERR_UNREACHABLE, "cannot contact any KDC of the realm %s: %s", w->realm,
            why.message);
    err_hint(e, "%s",
             why.hint[0] ? why.hint
                         : "check that TCP port 88 of the domain's servers is reachable");
    return ERR_UNREACHABLE;
}

enum err kdc_route_new(TALLOC_CTX *mem, krb5_context ctx, const char *realm, const struct ip *kdcs,
                       size_t n_kdcs, uint16_t port, struct kdc_route **out, struct error *e)
{
    struct kdc_route *route = talloc_zero(mem, struct kdc_route);

    if (!route || (realm && !(route->realm = talloc_strdup(route, realm)))) {
        talloc_free(route);
        return err_nomem(e);
    }
    route->ctx = ctx;
    for (size_t i = 0; i < n_kdcs; i++)
        kdc_list_add(route->given, &route->n_given, (struct endpoint){ kdcs[i], port });
    *out = route;
    return OK;
}

void kdc_route_resolver(struct kdc_route *route, struct dns_resolver *r) { route->resolver = r; }

void kdc_route_deadline(struct kdc_route *route, struct deadline d)
{
    route->has_deadline = true;
    route->d = d;
}

size_t kdc_route_pass_over(struct kdc_route *route, const char *realm)
{
    struct way *w = way_to(route, (struct bytes){ (const uint8_t *)realm, strlen(realm) });

    if (!w || !w->n_kdcs)
        return 0;
    hang_up(w);
    put_last(w);
    return w->n_kdcs;
}

unsigned kdc_route_connections(const struct kdc_route *route) { return route->connections; }
unsigned kdc_route_requests(const struct kdc_route *route) { return route->requests; }
