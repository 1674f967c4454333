#include "dns/exchange.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/own.h"
#include "dns/conn.h"
#include "dns/message.h"

/* Questions in flight; each has a socket for each server it was sent to. */
#define BATCH_MAX 64
#define NEXT_SERVER_MS 100
#define RESEND_MS 1000
/* A server that truncates and then does not speak TCP must not use up all the time. */
#define TCP_MS 2000
#define DATAGRAM_MAX 4096
/* From one server at a look: a flood must not keep us from the clock and the other servers. */
#define DATAGRAMS_A_LOOK 16

enum attempt_state { NOT_ASKED, WAITING, FAILED };

/* One question to one server. */
struct attempt {
    enum attempt_state state;
    int fd; /* connected; -1 where there is none */
    uint16_t id;
};

struct pending {
    TALLOC_CTX *sockets; /* freed with the last use of the descriptors */
    const struct dns_question *q;
    struct dns_outcome *outcome;
    struct attempt to[DNS_SERVERS_MAX]; /* in the order of asking */
    size_t n_asked;
    int64_t next_server_at_ms;
    int64_t resend_at_ms;
    bool is_done;
    bool has_failure; /* outcome->answer is a failure that stands if nothing better comes */
};

struct exchange {
    TALLOC_CTX *mem; /* answers */
    struct dns_resolver *r;
    struct deadline d;
    size_t first; /* the server asked first */
    struct pending p[BATCH_MAX];
    size_t n;
};

static struct ip server_at(const struct exchange *x, size_t place)
{
    return x->r->servers[(x->first + place) % x->r->n_servers];
}

static void finish(struct pending *p)
{
    p->is_done = true;
    talloc_free(p->sockets);
    p->sockets = NULL;
}

static bool open_socket(struct exchange *x, struct pending *p, size_t place)
{
    struct attempt *a = &p->to[place];
    struct sockaddr_storage to;
    struct ip server = server_at(x, place);
    socklen_t len = ip_to_sockaddr(server, x->r->port, &to);
    int fd = socket(server.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || !own_fd(p->sockets, fd))
        return false;
    /* Connected: the kernel picks a random port and drops what others send. */
    if (connect(fd, (struct sockaddr *)&to, len) != 0)
        return false;
    a->fd = fd;
    a->id = dns_message_id();
    return true;
}

static enum err send_query(struct exchange *x, struct pending *p, size_t place, struct error *e)
{
    struct attempt *a = &p->to[place];
    struct bytes message;
    enum err rc;
    ssize_t n;

    a->state = FAILED;
    if (a->fd < 0 && !open_socket(x, p, place))
        return OK;
    rc = dns_message_query(p->sockets, a->id, p->q, true, &message, e);
    if (rc != OK)
        return rc;
    do
        n = send(a->fd, message.data, message.len, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    /* A full buffer is a lost datagram: it is sent again. */
    if (n < 0 && errno != EAGAIN && errno != ENOBUFS)
        return OK;
    a->state = WAITING;
    if (x->r->turns == 0 || x->r->server_spoke)
        x->r->turns++;
    x->r->server_spoke = false;
    return OK;
}

static enum err ask_next_server(struct exchange *x, struct pending *p, int64_t now, struct error *e)
{
    p->next_server_at_ms = now + NEXT_SERVER_MS;
    return send_query(x, p, p->n_asked++, e);
}

static bool has_failed_everywhere(const struct pending *p)
{
    for (size_t i = 0; i < p->n_asked; i++) {
        if (p->to[i].state != FAILED)
            return false;
    }
    return true;
}

/* Everything that is due for one question at this time. */
static enum err run_timers(struct exchange *x, struct pending *p, int64_t now, struct error *e)
{
    enum err rc = OK;

    while (rc == OK && p->n_asked < x->r->n_servers &&
           (now >= p->next_server_at_ms || has_failed_everywhere(p)))
        rc = ask_next_server(x, p, now, e);
    if (rc == OK && now >= p->resend_at_ms) {
        p->resend_at_ms = now + RESEND_MS;
        for (size_t i = 0; rc == OK && i < p->n_asked; i++)
            rc = send_query(x, p, i, e);
    }
    if (rc == OK && p->n_asked == x->r->n_servers && has_failed_everywhere(p)) {
        p->outcome->is_answered = p->has_failure;
        p->outcome->is_unreachable = !p->has_failure;
        finish(p);
    }
    return rc;
}

/* Answers that say more about the server than about the name. */
static bool is_failure(int rcode)
{
    return rcode != DNS_RCODE_NOERROR && rcode != DNS_RCODE_NXDOMAIN;
}

static void take_answer(struct exchange *x, struct pending *p, size_t place,
                        const struct dns_answer *answer)
{
    p->outcome->answer = *answer;
    if (is_failure(answer->rcode)) {
        char server[IP_TEXT_MAX], rcode[16];

        log_debug("resolver %s answers %s for %s", ip_format(server_at(x, place), server),
                  dns_rcode_name(answer->rcode, rcode), p->q->name);
        p->has_failure = true;
        p->to[place].state = FAILED;
        return;
    }
    p->outcome->is_answered = true;
    finish(p);
}

static void ask_over_tcp(struct exchange *x, struct pending *p, size_t place)
{
    struct deadline d = deadline_sooner(x->d, deadline_in(TCP_MS));
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_answer *answer;
    struct dns_conn *c;
    struct error e;

    p->to[place].state = FAILED;
    if (!tmp)
        return;
    if (dns_conn_open(tmp, server_at(x, place), x->r->port, d, &c, &e) != OK) {
        log_debug("truncated answer for %s: %s", p->q->name, e.message);
        goto done;
    }
    if (dns_conn_ask(x->mem, c, p->q, 1, true, d, &answer, &e) == OK)
        take_answer(x, p, place, answer);
    else
        log_debug("truncated answer for %s: %s", p->q->name, e.message);
    x->r->turns += dns_conn_turns(c);
    x->r->server_spoke = true;
done:
    talloc_free(tmp);
}

static void take_datagram(struct exchange *x, struct pending *p, size_t place, struct bytes wire)
{
    struct dns_answer answer;
    bool is_truncated;
    struct error e;

    if (dns_message_answer(x->mem, wire, p->to[place].id, p->q, &answer, &is_truncated, &e) != OK) {
        /* Forged or broken: the real one may still come. */
        log_debug("ignoring a datagram while asking for %s: %s", p->q->name, e.message);
        return;
    }
    if (is_truncated)
        ask_over_tcp(x, p, place);
    else
        take_answer(x, p, place, &answer);
    if (p->is_done && p->outcome->is_answered)
        x->r->preferred = (x->first + place) % x->r->n_servers;
}

static void read_socket(struct exchange *x, struct pending *p, size_t place)
{
    struct attempt *a = &p->to[place];
    uint8_t buf[DATAGRAM_MAX];

    for (int i = 0; i < DATAGRAMS_A_LOOK && !p->is_done && a->state == WAITING; i++) {
        struct sockaddr_storage from = { 0 };
        socklen_t from_len = sizeof from;
        ssize_t n =
            recvfrom(a->fd, buf, sizeof buf, MSG_TRUNC, (struct sockaddr *)&from, &from_len);
        struct ip source;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            /* An ICMP error about what we sent. */
            if (errno != EAGAIN && errno != EWOULDBLOCK)
                a->state = FAILED;
            return;
        }
        x->r->server_spoke = true;
        if ((size_t)n > sizeof buf || !ip_from_sockaddr((struct sockaddr *)&from, &source) ||
            !ip_equal(source, server_at(x, place)))
            continue;
        take_datagram(x, p, place, (struct bytes){ buf, (size_t)n });
    }
}

/* Milliseconds until something is due. */
static int time_to_wait(const struct exchange *x, int64_t now)
{
    int64_t until = now + deadline_left(x->d);

    for (size_t i = 0; i < x->n; i++) {
        const struct pending *p = &x->p[i];

        if (p->is_done)
            continue;
        if (p->resend_at_ms < until)
            until = p->resend_at_ms;
        if (p->n_asked < x->r->n_servers && p->next_server_at_ms < until)
            until = p->next_server_at_ms;
    }
    return until > now ? (int)(until - now) : 0;
}

static void wait_and_read(struct exchange *x)
{
    struct pollfd fds[BATCH_MAX * DNS_SERVERS_MAX];
    struct {
        size_t question, place;
    } who[BATCH_MAX * DNS_SERVERS_MAX];
    nfds_t n = 0;

    for (size_t i = 0; i < x->n; i++) {
        for (size_t s = 0; !x->p[i].is_done && s < x->p[i].n_asked; s++) {
            if (x->p[i].to[s].state != WAITING)
                continue;
            fds[n] = (struct pollfd){ .fd = x->p[i].to[s].fd, .events = POLLIN };
            who[n].question = i;
            who[n++].place = s;
        }
    }
    if (poll(fds, n, time_to_wait(x, clock_monotonic_ms())) <= 0)
        return;
    for (nfds_t i = 0; i < n; i++) {
        struct pending *p = &x->p[who[i].question];

        if (fds[i].revents && !p->is_done)
            read_socket(x, p, who[i].place);
    }
}

/* Start what is due; *is_open tells whether any question still waits. */
static enum err run_all_timers(struct exchange *x, bool *is_open, struct error *e)
{
    int64_t now = clock_monotonic_ms();
    enum err rc = OK;

    *is_open = false;
    for (size_t i = 0; rc == OK && i < x->n; i++) {
        if (!x->p[i].is_done)
            rc = run_timers(x, &x->p[i], now, e);
        *is_open |= !x->p[i].is_done;
    }
    return rc;
}

static enum err run_batch(struct exchange *x, struct error *e)
{
    bool is_open;
    enum err rc = run_all_timers(x, &is_open, e);

    while (rc == OK && is_open && deadline_left(x->d) > 0) {
        wait_and_read(x);
        rc = run_all_timers(x, &is_open, e);
    }
    for (size_t i = 0; i < x->n; i++) {
        if (!x->p[i].is_done)
            x->p[i].outcome->is_answered = x->p[i].has_failure;
    }
    return rc;
}

static struct exchange *new_batch(TALLOC_CTX *mem, struct dns_resolver *r,
                                  const struct dns_question *q, size_t n, struct deadline d,
                                  struct dns_outcome *outcomes)
{
    struct exchange *x = talloc_zero(NULL, struct exchange);

    if (!x)
        return NULL;
    x->mem = mem;
    x->r = r;
    x->d = d;
    x->first = r->preferred;
    x->n = n;
    for (size_t i = 0; i < n; i++) {
        x->p[i] = (struct pending){
            .sockets = talloc_new(x),
            .q = &q[i],
            .outcome = &outcomes[i],
            .to = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 } },
            .resend_at_ms = clock_monotonic_ms() + RESEND_MS,
        };
        if (!x->p[i].sockets) {
            talloc_free(x);
            return NULL;
        }
    }
    return x;
}

enum err dns_exchange(TALLOC_CTX *mem, struct dns_resolver *r, const struct dns_question *q,
                      size_t n, struct deadline d, struct dns_outcome *outcomes, struct error *e)
{
    enum err rc = OK;

    memset(outcomes, 0, n * sizeof *outcomes);
    for (size_t from = 0; rc == OK && from < n; from += BATCH_MAX) {
        size_t some = n - from < BATCH_MAX ? n - from : BATCH_MAX;
        struct exchange *x = new_batch(mem, r, q + from, some, d, outcomes + from);

        if (!x)
            return err_nomem(e);
        rc = run_batch(x, e);
        talloc_free(x);
    }
    return rc;
}

enum err dns_exchange_failure(const struct dns_resolver *r, const struct dns_question *q,
                              const struct dns_outcome *o, struct error *e)
{
    char tried[DNS_SERVERS_MAX * (IP_TEXT_MAX + 2)] = "", server[IP_TEXT_MAX], type[16];
    enum err rc = o->is_unreachable ? ERR_UNREACHABLE : ERR_TIMEOUT;

    for (size_t i = 0; i < r->n_servers; i++) {
        strcat(tried, i > 0 ? ", " : "");
        strcat(tried, ip_format(r->servers[i], server));
    }
    err_set(e, rc, "cannot look up %s %s: %s (%s)", q->name, dns_type_name(q->type, type),
            o->is_unreachable ? "no DNS server can be reached" : "no DNS server answered in time",
            tried);
    err_hint(e, "check the network and the nameserver lines of resolv.conf");
    return rc;
}
