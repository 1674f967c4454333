#include "base/connect.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/log.h"

#define STAGGER_MS 100
#define ENDPOINTS_TOLD 3

struct attempt {
    size_t which;
    int fd;
};

struct race {
    const struct endpoint *to;
    size_t n;
    void (*prepare)(int fd, void *priv);
    void *priv;
    struct attempt open[CONNECT_MAX];
    size_t n_open;
    size_t begun;
    int problem;    /* errno of the first that failed; ETIMEDOUT does not count */
    bool is_silent; /* at least one gave no answer */
};

static void note_failure(struct race *r, size_t which, int problem)
{
    char text[IP_TEXT_MAX];

    log_debug("%s port %u: %s", ip_format(r->to[which].address, text), r->to[which].port,
              strerror(problem));
    if (problem == ETIMEDOUT)
        r->is_silent = true;
    else if (!r->problem)
        r->problem = problem;
}

/* Without descriptors or memory it is this machine that fails, not the peer. */
static bool is_own_fault(int problem)
{
    return problem == EMFILE || problem == ENFILE || problem == ENOBUFS || problem == ENOMEM;
}

static enum err begin(struct race *r, struct error *e)
{
    struct attempt a = { .which = r->begun++ };
    const struct endpoint *to = &r->to[a.which];
    struct sockaddr_storage sa;
    socklen_t len = ip_to_sockaddr(to->address, to->port, &sa);

    a.fd = socket(to->address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (a.fd < 0 && is_own_fault(errno))
        return err_errno(e, errno, "cannot make a TCP socket");
    if (a.fd < 0) {
        /* A machine without IPv6 cannot reach an IPv6 server: the next address may do. */
        note_failure(r, a.which, errno);
        return OK;
    }
    if (r->prepare)
        r->prepare(a.fd, r->priv);
    /* An interrupted connect goes on in the background, as one in progress does. */
    if (connect(a.fd, (struct sockaddr *)&sa, len) != 0 && errno != EINPROGRESS && errno != EINTR) {
        note_failure(r, a.which, errno);
        close(a.fd);
        return OK;
    }
    r->open[r->n_open++] = a;
    return OK;
}

static int problem_of(int fd)
{
    int problem = 0;
    socklen_t len = sizeof problem;

    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &len) == 0 ? problem : errno;
}

/* Those that fail are closed and taken out.  The index into open of one that opened, or -1. */
static int wait_for_one(struct race *r, struct deadline until)
{
    struct pollfd p[CONNECT_MAX];
    size_t kept = 0;
    int winner = -1;

    for (size_t i = 0; i < r->n_open; i++)
        p[i] = (struct pollfd){ .fd = r->open[i].fd, .events = POLLOUT };
    if (poll(p, r->n_open, deadline_left(until)) <= 0)
        return -1;
    for (size_t i = 0; i < r->n_open; i++) {
        int problem = p[i].revents ? problem_of(r->open[i].fd) : 0;

        if (problem) {
            note_failure(r, r->open[i].which, problem);
            close(r->open[i].fd);
            continue;
        }
        if (p[i].revents && winner < 0)
            winner = (int)kept;
        r->open[kept++] = r->open[i];
    }
    r->n_open = kept;
    return winner;
}

/* Room for one more: the one that has been silent for longest gives way. */
static void give_up_oldest(struct race *r)
{
    note_failure(r, r->open[0].which, ETIMEDOUT);
    close(r->open[0].fd);
    memmove(r->open, r->open + 1, --r->n_open * sizeof *r->open);
}

static bool has_one_port(const struct race *r)
{
    for (size_t i = 1; i < r->n; i++) {
        if (r->to[i].port != r->to[0].port)
            return false;
    }
    return true;
}

/* "A, B and 2 more port 53", or "A port 88, B port 750" */
static void tell_endpoints(const struct race *r, char *out, size_t size)
{
    bool is_one_port = has_one_port(r);
    char text[IP_TEXT_MAX];
    size_t len = 0;

    for (size_t i = 0; i < r->n && i < ENDPOINTS_TOLD; i++) {
        len += (size_t)snprintf(out + len, size - len, "%s%s", i > 0 ? ", " : "",
                                ip_format(r->to[i].address, text));
        if (!is_one_port)
            len += (size_t)snprintf(out + len, size - len, " port %u", r->to[i].port);
    }
    if (r->n > ENDPOINTS_TOLD)
        len += (size_t)snprintf(out + len, size - len, " and %zu more", r->n - ENDPOINTS_TOLD);
    if (is_one_port)
        snprintf(out + len, size - len, " port %u", r->to[0].port);
}

static enum err lost(const struct race *r, struct error *e)
{
    char told[ENDPOINTS_TOLD * (IP_TEXT_MAX + 16) + 48];
    bool is_silent = r->is_silent || r->n_open > 0;

    if (r->n == 0)
        return err_set(e, ERR_UNREACHABLE, "no server to connect to");
    tell_endpoints(r, told, sizeof told);
    return err_set(e, is_silent ? ERR_TIMEOUT : ERR_UNREACHABLE, "cannot connect to %s: %s", told,
                   strerror(is_silent ? ETIMEDOUT : r->problem));
}

static enum err run(struct race *r, struct deadline d, int *winner, struct error *e)
{
    struct deadline next = deadline_in(0);
    enum err rc = OK;

    /* One look at least, even where no time is left. */
    do {
        bool may_begin = r->begun < r->n;

        if (!may_begin && r->n_open == 0)
            break;
        if (may_begin && (r->n_open == 0 || deadline_left(next) == 0)) {
            if (r->n_open == CONNECT_MAX)
                give_up_oldest(r);
            rc = begin(r, e);
            next = deadline_in(STAGGER_MS);
            may_begin = r->begun < r->n;
        }
        if (rc == OK && r->n_open > 0)
            *winner = wait_for_one(r, may_begin ? deadline_sooner(d, next) : d);
    } while (rc == OK && *winner < 0 && deadline_left(d) > 0);
    return rc;
}

enum err connect_endpoints(const struct endpoint *to, size_t n, struct deadline d,
                           void (*prepare)(int fd, void *priv), void *priv, int *fd, size_t *which,
                           struct error *e)
{
    struct race r = { .to = to, .n = n, .prepare = prepare, .priv = priv };
    int winner = -1;
    enum err rc = run(&r, d, &winner, e);

    for (size_t i = 0; i < r.n_open; i++) {
        if (rc != OK || (int)i != winner)
            close(r.open[i].fd);
    }
    if (rc != OK)
        return rc;
    if (winner < 0)
        return lost(&r, e);
    *fd = r.open[winner].fd;
    *which = r.open[winner].which;
    return OK;
}

enum err connect_any(const struct ip *addresses, size_t n, uint16_t port, struct deadline d,
                     void (*prepare)(int fd, void *priv), void *priv, int *fd, size_t *which,
                     struct error *e)
{
    struct endpoint *to = talloc_array(NULL, struct endpoint, (unsigned)n);
    enum err rc;

    if (!to)
        return err_nomem(e);
    for (size_t i = 0; i < n; i++)
        to[i] = (struct endpoint){ addresses[i], port };
    rc = connect_endpoints(to, n, d, prepare, priv, fd, which, e);
    talloc_free(to);
    return rc;
}
