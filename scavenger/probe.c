#include "scavenger/probe.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "scavenger/probe_echo.h"

#define ECHO_ROUNDS                                                                                \
    2 /* the first packet to a host on the link may be lost to address resolution                  \
       */
#define FDS_FOR_OTHERS 64    /* descriptors that the rest of the process may need */
#define BURST_US 10000       /* so far ahead of the rate may a start be */
#define RETRY_MS 20          /* until buffers or descriptors are free again */
#define DATAGRAMS_A_LOOK 256 /* a flood must not keep us from the clock */

struct probe_params probe_params_default(void)
{
    return (struct probe_params){
        .ports = { 445, 22, 3389, 135 },
        .n_ports = 4,
        .per_second = 500,
        .in_flight = 4096,
        .answer_ms = 1500,
        .total_ms = 5 * 60 * 1000,
    };
}

bool probe_is_answer(enum probe_answer a) { return a >= PROBE_ECHO; }

const char *probe_text(const struct probe_target *t, char buf[PROBE_TEXT_MAX])
{
    switch (t->answer) {
    case PROBE_UNTRIED:
        return "could not be asked everything";
    case PROBE_SILENT:
        return "did not answer";
    case PROBE_ECHO:
        return "answered an ICMP echo";
    case PROBE_CONNECTED:
        snprintf(buf, PROBE_TEXT_MAX, "accepted a connection to port %u", t->port);
        return buf;
    case PROBE_REFUSED:
        snprintf(buf, PROBE_TEXT_MAX, "refused a connection to port %u", t->port);
        return buf;
    case PROBE_REJECTED:
        return "sent an ICMP error of its own";
    }
    return "?";
}

/* A connection attempt under way. */
struct attempt {
    size_t target;
    uint16_t port;
    struct deadline until;
};

/* How far the asking of a target has come. */
struct asking {
    unsigned n_done; /* questions that had their whole wait, or could not be put at all */
    bool is_asked;   /* at least one went out */
};

struct prober {
    const struct probe_params *params;
    struct probe_target *targets;
    struct asking *asked; /* beside the targets */
    size_t n;
    struct echo_socket echo[2];
    uint8_t cookie[ECHO_COOKIE_LEN];
    uint16_t id;
    struct attempt *attempts;
    struct pollfd *fds; /* the two echo sockets, then one for each attempt */
    size_t n_attempts;
    size_t max_attempts;
    int64_t next_us; /* when the rate allows the next start */
    struct deadline end;
    size_t n_answered;
};

static int64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static bool is_over(const struct prober *p) { return deadline_left(p->end) == 0; }

static int compare_target(const void *a, const void *b)
{
    return ip_compare(a, &((const struct probe_target *)b)->address);
}

static void note_answer(struct prober *p, struct probe_target *t, enum probe_answer answer,
                        uint16_t port)
{
    char address[IP_TEXT_MAX], text[PROBE_TEXT_MAX];

    if (probe_is_answer(t->answer))
        return;
    t->answer = answer;
    t->port = port;
    p->n_answered++;
    log_info("probe: %s %s", ip_format(t->address, address), probe_text(t, text));
}

/* An answer from an address: whoever sent it, only one that was asked counts. */
static void note_address(struct prober *p, struct ip address, enum probe_answer answer)
{
    struct probe_target *t = bsearch(&address, p->targets, p->n, sizeof *t, compare_target);

    if (t)
        note_answer(p, t, answer, 0);
}

static void read_echo(struct prober *p, const struct echo_socket *s)
{
    struct ip from, to;

    for (int i = 0; i < DATAGRAMS_A_LOOK; i++) {
        uint8_t packet[256];
        struct sockaddr_storage sender;
        socklen_t len = sizeof sender;
        ssize_t n = recvfrom(s->fd, packet, sizeof packet, 0, (struct sockaddr *)&sender, &len);

        if (n < 0)
            break;
        if (echo_is_reply(s, (struct bytes){ packet, (size_t)n }, p->id, p->cookie) &&
            ip_from_sockaddr((struct sockaddr *)&sender, &from))
            note_address(p, from, PROBE_ECHO);
    }
    while (socket_error_next(s->fd, &to, &from)) {
        if (from.family && ip_equal(from, to))
            note_address(p, from, PROBE_REJECTED);
    }
}

/*
 * Why a connection failed.  The kernel calls a port-unreachable from anybody "connection refused",
 * as it does a reset: its queue of ICMP errors (Linux 5.8; before that it is empty) tells them
 * apart.
 */
static void note_failure(struct prober *p, struct probe_target *t, uint16_t port, int fd, int why)
{
    struct ip to, from;
    bool is_icmp = false;

    while (socket_error_next(fd, &to, &from)) {
        is_icmp = true;
        if (from.family && ip_equal(from, t->address))
            note_answer(p, t, PROBE_REJECTED, port);
    }
    if (!is_icmp && (why == ECONNREFUSED || why == ECONNRESET))
        note_answer(p, t, PROBE_REFUSED, port);
}

/* Closed, whatever became of it. */
static void drop_attempt(struct prober *p, size_t i)
{
    close(p->fds[2 + i].fd);
    p->n_attempts--;
    p->attempts[i] = p->attempts[p->n_attempts];
    p->fds[2 + i] = p->fds[2 + p->n_attempts];
}

/* It failed or was accepted, or its time is up. */
static void finish_attempt(struct prober *p, size_t i, bool has_event)
{
    struct attempt *a = &p->attempts[i];
    struct probe_target *t = &p->targets[a->target];
    struct pollfd *fd = &p->fds[2 + i];
    int why = 0;
    socklen_t len = sizeof why;

    p->asked[a->target].n_done++;
    if (has_event && getsockopt(fd->fd, SOL_SOCKET, SO_ERROR, &why, &len) == 0 && why == 0)
        note_answer(p, t, PROBE_CONNECTED, a->port);
    else if (has_event)
        note_failure(p, t, a->port, fd->fd, why);
    drop_attempt(p, i);
}

/* Take what has come, for at most that long; attempts whose time is up end. */
static void listen_for(struct prober *p, struct deadline until)
{
    until = deadline_sooner(until, p->end);
    for (size_t i = 0; i < p->n_attempts; i++)
        until = deadline_sooner(until, p->attempts[i].until);
    if (poll(p->fds, 2 + p->n_attempts, deadline_left(until)) < 0)
        return;
    for (size_t i = 0; i < 2; i++) {
        if (p->fds[i].revents)
            read_echo(p, &p->echo[i]);
    }
    for (size_t i = p->n_attempts; i-- > 0;) {
        bool has_event = p->fds[2 + i].revents != 0;

        /* One that took the place of a finished one was looked at before it. */
        if (has_event || deadline_left(p->attempts[i].until) == 0)
            finish_attempt(p, i, has_event);
    }
}

/* Until the rate, and the number under way, allow another start.  False: the time is up. */
static bool may_start(struct prober *p)
{
    int64_t now;

    while (!is_over(p)) {
        now = now_us();
        if (now + BURST_US >= p->next_us && p->n_attempts < p->max_attempts) {
            p->next_us = (p->next_us > now ? p->next_us : now) + 1000000 / p->params->per_second;
            return true;
        }
        listen_for(p, deadline_in(now + BURST_US >= p->next_us
                                      ? p->params->answer_ms
                                      : (p->next_us - BURST_US - now) / 1000 + 1));
    }
    return false;
}

/* Nothing went out: not a sign of anything. */
static bool is_unsent(int why)
{
    return why == ENETUNREACH || why == EACCES || why == EPERM || why == EADDRNOTAVAIL ||
           why == EAFNOSUPPORT || why == EINVAL;
}

static bool is_short_of(int why)
{
    return why == EAGAIN || why == ENOBUFS || why == ENOMEM || why == EMFILE || why == ENFILE;
}

/* CUT: the time was up before it could go out. */
enum sent { SENT, UNSENDABLE, CUT };

static enum sent send_echo(struct prober *p, const struct echo_socket *s,
                           const struct probe_target *t, uint16_t sequence)
{
    struct sockaddr_storage to;
    socklen_t len = ip_to_sockaddr(t->address, 0, &to);
    uint8_t packet[ECHO_LEN];

    echo_request(packet, s->family, p->id, sequence, p->cookie);
    while (sendto(s->fd, packet, sizeof packet, 0, (struct sockaddr *)&to, len) < 0) {
        /* An error of an earlier packet is reported by the next call: it is in the queue too. */
        if (is_short_of(errno)) {
            if (is_over(p))
                return CUT;
            listen_for(p, deadline_in(RETRY_MS));
            continue;
        }
        return is_unsent(errno) ? UNSENDABLE : SENT;
    }
    return SENT;
}

static const struct echo_socket *echo_of(const struct prober *p, const struct probe_target *t)
{
    return &p->echo[t->address.family == AF_INET6];
}

/* False: the time was up. */
static bool put_echoes(struct prober *p, uint16_t round, bool *any)
{
    for (size_t i = 0; i < p->n; i++) {
        struct probe_target *t = &p->targets[i];
        enum sent sent;

        if (echo_of(p, t)->fd < 0 || probe_is_answer(t->answer))
            continue;
        if (!may_start(p) || (sent = send_echo(p, echo_of(p, t), t, round)) == CUT)
            return false;
        if (sent == SENT)
            *any = p->asked[i].is_asked = true;
    }
    return true;
}

/* A round that the end of the run cuts short counts for nobody: who knows which waits were whole.
 */
static void send_echoes(struct prober *p, uint16_t round)
{
    struct deadline wait;
    bool any = false;

    if (!put_echoes(p, round, &any))
        return;
    wait = deadline_in(any ? p->params->answer_ms : 0);
    while (deadline_left(wait) && !is_over(p) && p->n_answered < p->n)
        listen_for(p, wait);
    if (deadline_left(wait))
        return;
    for (size_t i = 0; i < p->n; i++)
        p->asked[i].n_done += echo_of(p, &p->targets[i])->fd >= 0;
}

static void set_up_socket(int fd, int family)
{
    struct linger reset = { .l_onoff = 1 }; /* leave nothing open at the other side */
    int on = 1, retransmissions = 1;

    if (family == AF_INET)
        setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    else
        setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &retransmissions, sizeof retransmissions);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

static void start_attempt(struct prober *p, size_t target, uint16_t port)
{
    struct probe_target *t = &p->targets[target];
    struct sockaddr_storage to;
    socklen_t len = ip_to_sockaddr(t->address, port, &to);
    int fd;

    while ((fd = socket(t->address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) < 0) {
        if (is_short_of(errno) && is_over(p))
            return;
        if (!is_short_of(errno)) {
            p->asked[target].n_done++;
            return;
        }
        listen_for(p, deadline_in(RETRY_MS));
    }
    set_up_socket(fd, t->address.family);
    if (connect(fd, (struct sockaddr *)&to, len) == 0) {
        note_answer(p, t, PROBE_CONNECTED, port);
    } else if (errno == EINPROGRESS) {
        p->asked[target].is_asked = true;
        p->attempts[p->n_attempts] =
            (struct attempt){ target, port, deadline_in(p->params->answer_ms) };
        p->fds[2 + p->n_attempts] = (struct pollfd){ .fd = fd, .events = POLLOUT };
        p->n_attempts++;
        return;
    } else if (!is_unsent(errno)) {
        p->asked[target].is_asked = true;
        note_failure(p, t, port, fd, errno);
    }
    p->asked[target].n_done++;
    close(fd);
}

/* How many connections at a time the process may have open beside its own files. */
static size_t attempts_allowed(const struct probe_params *params)
{
    struct rlimit limit;
    size_t n = params->in_flight;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        limit.rlim_cur < n + FDS_FOR_OTHERS)
        n = limit.rlim_cur > 2 * FDS_FOR_OTHERS ? (size_t)limit.rlim_cur - FDS_FOR_OTHERS
                                                : FDS_FOR_OTHERS / 2;
    return n;
}

static enum err set_up(struct prober *p, TALLOC_CTX *mem, struct error *e)
{
    uint8_t random[ECHO_COOKIE_LEN + 2];

    if (getrandom(random, sizeof random, 0) != sizeof random)
        return err_errno(e, errno, "cannot get random bytes for echo requests");
    memcpy(p->cookie, random, ECHO_COOKIE_LEN);
    p->id = (uint16_t)(random[ECHO_COOKIE_LEN] << 8 | random[ECHO_COOKIE_LEN + 1]);
    p->max_attempts = attempts_allowed(p->params);
    p->attempts = talloc_array(mem, struct attempt, p->max_attempts);
    p->fds = talloc_zero_array(mem, struct pollfd, 2 + p->max_attempts);
    p->asked = talloc_zero_array(mem, struct asking, p->n);
    if (!p->attempts || !p->fds || !p->asked)
        return err_nomem(e);
    p->echo[0] = echo_open(mem, AF_INET);
    p->echo[1] = echo_open(mem, AF_INET6);
    for (size_t i = 0; i < 2; i++)
        p->fds[i] = (struct pollfd){ .fd = p->echo[i].fd, .events = POLLIN };
    return OK;
}

static void ask_ports(struct prober *p, probe_progress *progress, void *priv)
{
    for (size_t k = 0; k < p->params->n_ports; k++) {
        for (size_t i = 0; i < p->n; i++) {
            if (!probe_is_answer(p->targets[i].answer)) {
                if (!may_start(p))
                    return;
                start_attempt(p, i, p->params->ports[k]);
            }
            if (progress && k + 1 == p->params->n_ports)
                progress(i, p->n, priv);
        }
        /* Whoever refused this port need not be asked for the next. */
        while (p->n_attempts && !is_over(p))
            listen_for(p, p->end);
    }
}

/* Answers that are there already count; what was still waited for stays open. */
static void end_attempts(struct prober *p)
{
    listen_for(p, deadline_in(0));
    while (p->n_attempts)
        drop_attempt(p, p->n_attempts - 1);
}

/* Silence is what is left when every question had its whole wait, and nothing else. */
static void sum_up(struct prober *p, struct probe_summary *out)
{
    *out = (struct probe_summary){
        .has_echo4 = p->echo[0].fd >= 0,
        .has_echo6 = p->echo[1].fd >= 0,
        .n_answered = p->n_answered,
    };
    for (size_t i = 0; i < p->n; i++) {
        struct probe_target *t = &p->targets[i];
        size_t n_questions = p->params->n_ports + (echo_of(p, t)->fd >= 0 ? ECHO_ROUNDS : 0);
        bool is_done = p->asked[i].n_done >= n_questions;

        if (probe_is_answer(t->answer))
            continue;
        t->answer = is_done && p->asked[i].is_asked ? PROBE_SILENT : PROBE_UNTRIED;
        out->n_untried += t->answer == PROBE_UNTRIED;
        out->is_cut = out->is_cut || !is_done;
    }
}

enum err probe_run(struct probe_target *targets, size_t n, const struct probe_params *params,
                   probe_progress *progress, void *priv, struct probe_summary *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct prober p = { .params = params, .targets = targets, .n = n };
    enum err rc = tmp ? set_up(&p, tmp, e) : err_nomem(e);

    if (rc)
        goto done;
    for (size_t i = 0; i < n; i++)
        targets[i].answer = PROBE_UNTRIED;
    p.end = deadline_in(params->total_ms);
    for (uint16_t round = 1; round <= ECHO_ROUNDS; round++)
        send_echoes(&p, round);
    ask_ports(&p, progress, priv);
    end_attempts(&p);
    sum_up(&p, out);
    if (progress)
        progress(n, n, priv);
done:
    talloc_free(tmp);
    return rc;
}
