#include "gss-tsig/kdc.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"

#define KDCS_MAX 8
#define STAGGER_MS 300
#define CONNECT_MS 3000
#define ANSWER_MS 10000
/* Where another KDC can be asked instead. */
#define ANSWER_NOT_LAST_MS 2000
/* A ticket with the authorisation data of a very large domain has some 64 kB. */
#define ANSWER_MAX (256 * 1024)

struct kdc_route {
    char *realm;
    struct ip kdcs[KDCS_MAX]; /* the one that answered last comes first */
    size_t n_kdcs;
    uint16_t port;
    int fd; /* open connection to kdcs[0], or -1 */
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

/* ---- connecting ---- */

struct attempt {
    size_t kdc; /* index into kdcs */
    int fd;
};

/* -1 where the address is out of reach at once. */
static int begin_connect(struct ip address, uint16_t port)
{
    struct sockaddr_storage to;
    socklen_t len = ip_to_sockaddr(address, port, &to);
    int fd = socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int yes = 1;

    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(fd, (struct sockaddr *)&to, len) != 0 && errno != EINPROGRESS && errno != EINTR) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool is_connected(int fd)
{
    int problem = 0;
    socklen_t len = sizeof problem;

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &len) == 0 && problem == 0;
}

/*
 * Wait for one of the attempts; those that fail are closed and taken out.  The index of
 * the one that opened, or -1.
 */
static int wait_for_one(struct attempt *open, size_t *n_open, int timeout_ms)
{
    struct pollfd p[KDCS_MAX];
    size_t kept = 0;
    int winner = -1;

    for (size_t i = 0; i < *n_open; i++)
        p[i] = (struct pollfd){ .fd = open[i].fd, .events = POLLOUT };
    if (poll(p, *n_open, timeout_ms) <= 0)
        return -1;
    for (size_t i = 0; i < *n_open; i++) {
        if (p[i].revents && !is_connected(open[i].fd)) {
            close(open[i].fd);
            continue;
        }
        if (p[i].revents && winner < 0)
            winner = (int)kept;
        open[kept++] = open[i];
    }
    *n_open = kept;
    return winner;
}

/* Put kdcs[i] first, the others behind it in their order. */
static void prefer(struct kdc_route *route, size_t i)
{
    struct ip first = route->kdcs[i];

    memmove(route->kdcs + 1, route->kdcs, i * sizeof *route->kdcs);
    route->kdcs[0] = first;
}

static bool call(struct kdc_route *route)
{
    struct deadline end = deadline_in(CONNECT_MS), next = deadline_in(0), until;
    struct attempt open[KDCS_MAX];
    size_t n_open = 0, begun = 0;
    int winner = -1;

    while (winner < 0 && deadline_left(end) > 0 && (n_open > 0 || begun < route->n_kdcs)) {
        if (begun < route->n_kdcs && (n_open == 0 || deadline_left(next) == 0)) {
            int fd = begin_connect(route->kdcs[begun], route->port);

            if (fd >= 0)
                open[n_open++] = (struct attempt){ begun, fd };
            begun++;
            next = deadline_in(STAGGER_MS);
            continue;
        }
        until = begun < route->n_kdcs ? deadline_sooner(end, next) : end;
        winner = wait_for_one(open, &n_open, deadline_left(until));
    }
    for (size_t i = 0; i < n_open; i++) {
        if ((int)i != winner)
            close(open[i].fd);
    }
    if (winner < 0)
        return false;
    route->fd = open[winner].fd;
    route->connections++;
    prefer(route, open[winner].kdc);
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

/* The kept connection first; then each KDC at most once. */
static bool ask(TALLOC_CTX *mem, struct kdc_route *route, const krb5_data *request,
                struct bytes *answer)
{
    char address[IP_TEXT_MAX];

    if (route->fd >= 0) {
        if (exchange(mem, route, request, deadline_in(ANSWER_NOT_LAST_MS), answer))
            return true;
        hang_up(route); /* idle connections may be closed, that says nothing */
    }
    for (size_t left = route->n_kdcs; left > 0; left--) {
        struct ip silent;

        if (!call(route))
            return false;
        if (exchange(mem, route, request, deadline_in(left > 1 ? ANSWER_NOT_LAST_MS : ANSWER_MS),
                     answer))
            return true;
        hang_up(route);
        log_debug("KDC %s accepts a connection but does not answer",
                  ip_format(route->kdcs[0], address));
        silent = route->kdcs[0];
        memmove(route->kdcs, route->kdcs + 1, (route->n_kdcs - 1) * sizeof *route->kdcs);
        route->kdcs[route->n_kdcs - 1] = silent;
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

unsigned kdc_route_connections(const struct kdc_route *route) { return route->connections; }
unsigned kdc_route_requests(const struct kdc_route *route) { return route->requests; }
