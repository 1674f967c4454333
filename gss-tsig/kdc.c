#include "gss-tsig/kdc.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/connect.h"
#include "base/log.h"

#define KDCS_MAX 8
/* For one request, where nobody said how long. */
#define ANSWER_MS 10000
/* Until another KDC is asked, where there is one. */
#define FIRST_ANSWER_MS 500
/* So often each KDC may fail to answer: one that hangs up at once would be asked for ever. */
#define HANG_UPS_MAX 3
/* A ticket with the authorisation data of a very large domain has some 64 kB. */
#define ANSWER_MAX (256 * 1024)

struct kdc_route {
    char *realm;
    struct ip kdcs[KDCS_MAX]; /* the one that answered last comes first */
    size_t n_kdcs;
    uint16_t port;
    int fd; /* open connection to kdcs[0], or -1 */
    bool has_deadline;
    struct deadline d;
    unsigned connections;
    unsigned requests;
};

static void hang_up(struct kdc_route *route)
{
    if (route->fd >= 0)
        close(route->fd);
    route->fd = -1;
}

static int route_destroy(struct kdc_route *route)
{
    hang_up(route);
    return 0;
}

/* Put kdcs[i] first, the others behind it in their order. */
static void prefer(struct kdc_route *route, size_t i)
{
    struct ip first = route->kdcs[i];

    memmove(route->kdcs + 1, route->kdcs, i * sizeof *route->kdcs);
    route->kdcs[0] = first;
}

static void put_last(struct kdc_route *route)
{
    struct ip last = route->kdcs[0];

    memmove(route->kdcs, route->kdcs + 1, (route->n_kdcs - 1) * sizeof *route->kdcs);
    route->kdcs[route->n_kdcs - 1] = last;
}

static void send_at_once(int fd, void *priv)
{
    const int yes = 1;

    (void)priv;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static bool call(struct kdc_route *route, struct deadline d)
{
    struct error e;
    size_t which;

    if (connect_any(route->kdcs, route->n_kdcs, route->port, d, send_at_once, NULL, &route->fd,
                    &which, &e) != OK) {
        log_info("KDC of %s: %s", route->realm, e.message);
        route->fd = -1;
        return false;
    }
    route->connections++;
    prefer(route, which);
    return true;
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
static bool exchange(TALLOC_CTX *mem, struct kdc_route *route, const krb5_data *request,
                     struct deadline d, struct bytes *answer)
{
    struct wr w = wr_init(mem);
    uint8_t length[4], *buf;
    struct rd r;
    size_t n;

    wr_be32(&w, request->length);
    wr_bytes(&w, (struct bytes){ (const uint8_t *)request->data, request->length });
    if (w.bad || !send_all(route->fd, wr_view(&w), d) ||
        !receive_all(route->fd, length, sizeof length, d))
        return false;
    route->requests++;
    r = rd_init((struct bytes){ length, sizeof length });
    n = rd_be32(&r);
    if (n == 0 || n > ANSWER_MAX || !(buf = talloc_size(mem, n)) ||
        !receive_all(route->fd, buf, n, d))
        return false;
    *answer = (struct bytes){ buf, n };
    return true;
}

/* Some KDCs close after each answer, others keep the connection. */
static void drop_if_closed(struct kdc_route *route)
{
    uint8_t byte;

    if (route->fd >= 0 && (recv(route->fd, &byte, 1, MSG_PEEK) >= 0 || errno != EAGAIN))
        hang_up(route);
}

/* The kept connection first; then each KDC in turn, with more patience each time around. */
static bool ask(TALLOC_CTX *mem, struct kdc_route *route, const krb5_data *request,
                struct bytes *answer)
{
    struct deadline d = route->has_deadline ? route->d : deadline_in(ANSWER_MS);
    int patience_ms = FIRST_ANSWER_MS;
    char address[IP_TEXT_MAX];

    drop_if_closed(route);
    for (size_t tried = 0; tried == 0 || deadline_left(d) > 0; tried++) {
        struct deadline until = d;
        bool was_kept = route->fd >= 0;

        if (!was_kept && !call(route, d))
            return false;
        if (route->n_kdcs > 1)
            until = deadline_sooner(d, deadline_in(patience_ms));
        if (exchange(mem, route, request, until, answer))
            return true;
        hang_up(route);
        if (was_kept)
            continue; /* idle connections may be closed, that says nothing */
        log_info("KDC %s accepts a connection but does not answer",
                 ip_format(route->kdcs[0], address));
        if (tried >= HANG_UPS_MAX * route->n_kdcs)
            return false;
        put_last(route);
        if ((tried + 1) % route->n_kdcs == 0)
            patience_ms *= 4;
    }
    return false;
}

static krb5_error_code send_hook(krb5_context ctx, void *data, const krb5_data *realm,
                                 const krb5_data *message, krb5_data **new_message_out,
                                 krb5_data **new_reply_out)
{
    struct kdc_route *route = data;
    TALLOC_CTX *tmp;
    struct bytes answer;
    krb5_error_code code = KRB5_KDC_UNREACH;

    *new_message_out = NULL;
    *new_reply_out = NULL;
    if (realm->length != strlen(route->realm) ||
        memcmp(realm->data, route->realm, realm->length) != 0)
        return 0;
    tmp = talloc_new(NULL);
    if (ask(tmp, route, message, &answer)) {
        krb5_data reply = { .length = (unsigned)answer.len,
                            .data = (char *)(uintptr_t)answer.data };

        code = krb5_copy_data(ctx, &reply, new_reply_out);
    }
    talloc_free(tmp);
    return code;
}

enum err kdc_route_new(TALLOC_CTX *mem, krb5_context ctx, const char *realm, const struct ip *kdcs,
                       size_t n_kdcs, uint16_t port, struct kdc_route **out, struct error *e)
{
    struct kdc_route *route = talloc_zero(mem, struct kdc_route);

    if (!route || !(route->realm = talloc_strdup(route, realm))) {
        talloc_free(route);
        return err_nomem(e);
    }
    route->fd = -1;
    talloc_set_destructor(route, route_destroy);
    route->port = port;
    route->n_kdcs = n_kdcs < KDCS_MAX ? n_kdcs : KDCS_MAX;
    memcpy(route->kdcs, kdcs, route->n_kdcs * sizeof *kdcs);
    krb5_set_kdc_send_hook(ctx, send_hook, route);
    *out = route;
    return OK;
}

void kdc_route_deadline(struct kdc_route *route, struct deadline d)
{
    route->has_deadline = true;
    route->d = d;
}

size_t kdc_route_pass_over(struct kdc_route *route)
{
    hang_up(route);
    put_last(route);
    return route->n_kdcs;
}

unsigned kdc_route_connections(const struct kdc_route *route) { return route->connections; }
unsigned kdc_route_requests(const struct kdc_route *route) { return route->requests; }
