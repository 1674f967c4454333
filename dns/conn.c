#include "dns/conn.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/connect.h"
#include "base/log.h"
#include "base/own.h"
#include "dns/message.h"

#define PREFIX_LEN 2
#define HEADER_LEN 12
#define FIRST_BUFFER 8192
/* What may lie unread while we still send: more than 65535 answers of usual size. */
#define UNREAD_MAX (16 * 1024 * 1024)

struct dns_conn {
    int fd;
    struct ip server;
    char label[IP_TEXT_MAX + 16]; /* for messages */
    unsigned turns;
    uint64_t sent;
    bool server_spoke;   /* since we last sent */
    bool is_out_of_step; /* part of a message was sent: nothing can follow it */
    bool is_at_end;      /* the server closed its side */
    bool has_answered;   /* a whole message, ever */
    bool is_lost;        /* closed or reset, and somebody was told */
    uint8_t *in;         /* received; in[start..end) is not handed out yet */
    size_t cap, start, end;
};

static enum err closed(struct dns_conn *c, const char *how, struct error *e)
{
    c->is_lost = true;
    err_set(e, ERR_UNREACHABLE, "DNS server %s closed the connection%s", c->label, how);
    err_hint(e, "try again, or another server");
    return ERR_UNREACHABLE;
}

static enum err too_late(const struct dns_conn *c, const char *what, struct error *e)
{
    err_set(e, ERR_TIMEOUT, "DNS server %s did not %s in time", c->label, what);
    err_hint(e, "check that it runs and that TCP port 53 is not filtered on the way to it");
    return ERR_TIMEOUT;
}

static enum err failed(struct dns_conn *c, const char *what, int errno_value, struct error *e)
{
    c->is_lost = true;
    err_set(e, errno_value == ETIMEDOUT ? ERR_TIMEOUT : ERR_UNREACHABLE,
            "cannot %s DNS server %s: %s", what, c->label, strerror(errno_value));
    err_hint(e, "check that it runs and that TCP port 53 is not filtered on the way to it");
    return errno_value == ETIMEDOUT ? ERR_TIMEOUT : ERR_UNREACHABLE;
}

/* What of events is ready before d passes; 0 when it has passed. */
static short wait_for(const struct dns_conn *c, short events, struct deadline d)
{
    struct pollfd p = { .fd = c->fd, .events = events };
    int n;

    do
        n = poll(&p, 1, deadline_left(d));
    while (n < 0 && errno == EINTR);
    return n > 0 ? p.revents : 0;
}

static void send_at_once(int fd, void *priv)
{
    const int yes = 1;

    (void)priv;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

enum err dns_conn_open_any(TALLOC_CTX *mem, const struct ip *servers, size_t n, uint16_t port,
                           struct deadline d, struct dns_conn **out, size_t *which, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_conn *c = talloc_zero(tmp, struct dns_conn);
    char address[IP_TEXT_MAX];
    size_t winner;
    enum err rc;

    if (!c) {
        rc = err_nomem(e);
        goto done;
    }
    rc = connect_any(servers, n, port, d, send_at_once, NULL, &c->fd, &winner, e);
    if (rc == ERR_TIMEOUT || rc == ERR_UNREACHABLE)
        err_hint(e, "check that a DNS server runs there and that TCP port %u is not filtered",
                 port);
    if (rc != OK)
        goto done;
    if (!own_fd(c, c->fd)) {
        rc = err_nomem(e);
        goto done;
    }
    c->server = servers[winner];
    ip_format(c->server, address);
    if (port == DNS_PORT)
        snprintf(c->label, sizeof c->label, "%s", address);
    else
        snprintf(c->label, sizeof c->label, "%s port %u", address, port);
    /* The handshake is a turn of its own, and its end is the server speaking. */
    c->turns = 1;
    c->server_spoke = true;
    log_debug("connected to DNS server %s", c->label);
    *out = talloc_steal(mem, c);
    *which = winner;
done:
    talloc_free(tmp);
    return rc;
}

enum err dns_conn_open(TALLOC_CTX *mem, struct ip server, uint16_t port, struct deadline d,
                       struct dns_conn **out, struct error *e)
{
    size_t which;

    return dns_conn_open_any(mem, &server, 1, port, d, out, &which, e);
}

struct ip dns_conn_server(const struct dns_conn *c) { return c->server; }

unsigned dns_conn_turns(const struct dns_conn *c) { return c->turns; }

uint64_t dns_conn_sent(const struct dns_conn *c) { return c->sent; }

bool dns_conn_was_lost(const struct dns_conn *c) { return c->has_answered && c->is_lost; }

/* Room for at least one more byte; false without memory. */
static bool make_room(struct dns_conn *c)
{
    size_t cap = c->cap ? c->cap * 2 : FIRST_BUFFER;
    uint8_t *bigger;

    if (c->end < c->cap)
        return true;
    if (c->start > 0) {
        memmove(c->in, c->in + c->start, c->end - c->start);
        c->end -= c->start;
        c->start = 0;
        return true;
    }
    bigger = talloc_realloc(c, c->in, uint8_t, cap);
    if (!bigger)
        return false;
    c->in = bigger;
    c->cap = cap;
    return true;
}

/* Take what the socket has, without waiting; *got is false when it had nothing. */
static enum err receive_some(struct dns_conn *c, bool *got, struct error *e)
{
    ssize_t n;

    *got = false;
    if (!make_room(c))
        return err_nomem(e);
    do
        n = recv(c->fd, c->in + c->end, c->cap - c->end, 0);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? OK : failed(c, "read from", errno, e);
    if (n == 0)
        c->is_at_end = true;
    c->end += (size_t)n;
    *got = true;
    return OK;
}

/*
 * Wait until the socket takes bytes.  A server may stop reading until its answers are
 * read, so those are read meanwhile.
 */
static enum err wait_to_send(struct dns_conn *c, struct deadline d, struct error *e)
{
    bool may_read = !c->is_at_end && c->end - c->start < UNREAD_MAX;
    short ready = wait_for(c, (short)(POLLOUT | (may_read ? POLLIN : 0)), d);
    bool got;

    if (!ready)
        return too_late(c, "take a message", e);
    return may_read && (ready & POLLIN) ? receive_some(c, &got, e) : OK;
}

static enum err send_all(struct dns_conn *c, struct bytes framed, struct deadline d,
                         struct error *e)
{
    size_t sent = 0;
    enum err rc = OK;

    if (c->is_out_of_step)
        return closed(c, " (an earlier message went out in part only)", e);
    while (sent < framed.len && rc == OK) {
        ssize_t n = send(c->fd, framed.data + sent, framed.len - sent, MSG_NOSIGNAL);

        if (n >= 0)
            sent += (size_t)n;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            rc = wait_to_send(c, d, e);
        else if (errno != EINTR)
            rc = failed(c, "send to", errno, e);
    }
    c->sent += sent;
    if (sent > 0 && c->server_spoke) {
        c->turns++;
        c->server_spoke = false;
    }
    c->is_out_of_step = rc != OK && sent > 0;
    return rc;
}

enum err dns_conn_send(struct dns_conn *c, struct bytes message, struct deadline d, struct error *e)
{
    struct wr w;
    enum err rc;

    if (message.len > UINT16_MAX)
        return err_set(e, ERR_INTERNAL, "a DNS message of %zu bytes is over the limit of 65535",
                       message.len);
    w = wr_init(c);
    wr_be16(&w, (uint16_t)message.len);
    wr_bytes(&w, message);
    rc = w.bad ? err_nomem(e) : send_all(c, wr_view(&w), d, e);
    talloc_free(w.buf);
    return rc;
}

/* The first message that is there in full, as a view; false when there is none yet. */
static bool next_message(const struct dns_conn *c, struct bytes *out)
{
    struct bytes message;
    struct rd r;

    if (c->end - c->start < PREFIX_LEN)
        return false;
    r = rd_init((struct bytes){ c->in + c->start, c->end - c->start });
    message = rd_take(&r, rd_be16(&r));
    if (r.bad)
        return false;
    *out = message;
    return true;
}

enum err dns_conn_recv(TALLOC_CTX *mem, struct dns_conn *c, struct deadline d,
                       struct bytes *message, struct error *e)
{
    struct bytes view, copy;

    while (!next_message(c, &view)) {
        enum err rc;
        bool got;

        if (c->is_at_end)
            return closed(c, c->end > c->start ? " inside a message" : "", e);
        rc = receive_some(c, &got, e);
        if (rc != OK)
            return rc;
        if (!got && !wait_for(c, POLLIN, d))
            return too_late(c, "answer", e);
    }
    c->start += PREFIX_LEN + view.len;
    c->server_spoke = true;
    if (view.len < HEADER_LEN)
        return err_set(e, ERR_MALFORMED, "DNS server %s sent %zu bytes, less than a message header",
                       c->label, view.len);
    copy = bytes_dup(mem, view);
    if (!copy.data)
        return err_nomem(e);
    c->has_answered = true;
    *message = copy;
    return OK;
}

/* All questions in one piece, the ID of the i-th is first_id + i. */
static enum err send_questions(struct dns_conn *c, const struct dns_question *q, size_t n,
                               bool recursion_desired, uint16_t first_id, struct deadline d,
                               struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct wr w = wr_init(tmp);
    enum err rc = OK;

    if (!tmp)
        return err_nomem(e);
    for (size_t i = 0; i < n; i++) {
        struct bytes message;

        rc =
            dns_message_query(tmp, (uint16_t)(first_id + i), &q[i], recursion_desired, &message, e);
        if (rc != OK)
            goto done;
        wr_be16(&w, (uint16_t)message.len);
        wr_bytes(&w, message);
    }
    rc = w.bad ? err_nomem(e) : send_all(c, wr_view(&w), d, e);
done:
    talloc_free(tmp);
    return rc;
}

/* One answer, put in its place among n. */
static enum err receive_answer(TALLOC_CTX *mem, struct dns_conn *c, const struct dns_question *q,
                               size_t n, uint16_t first_id, struct deadline d,
                               struct dns_answer *answers, bool *have, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct bytes wire;
    bool is_truncated;
    uint16_t id, at;
    int rcode;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    rc = dns_conn_recv(tmp, c, d, &wire, e);
    if (rc != OK)
        goto done;
    dns_message_peek(wire, &id, &rcode);
    at = (uint16_t)(id - first_id);
    if (at >= n || have[at]) {
        rc = err_set(e, ERR_MALFORMED, "DNS server %s sent an answer to no question of ours",
                     c->label);
        goto done;
    }
    rc = dns_message_answer(mem, wire, id, &q[at], &answers[at], &is_truncated, e);
    if (rc == OK && is_truncated)
        rc = err_set(e, ERR_MALFORMED, "an answer is truncated over TCP");
    if (rc != OK) {
        err_prefix(e, "DNS server %s", c->label);
        goto done;
    }
    have[at] = true;
done:
    talloc_free(tmp);
    return rc;
}

enum err dns_conn_ask(TALLOC_CTX *mem, struct dns_conn *c, const struct dns_question *q, size_t n,
                      bool recursion_desired, struct deadline d, struct dns_answer **out,
                      struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_answer *answers = talloc_zero_array(tmp, struct dns_answer, n);
    bool *have = talloc_zero_array(tmp, bool, n);
    uint16_t first_id = dns_message_id();
    enum err rc;

    if (!answers || !have) {
        rc = err_nomem(e);
        goto done;
    }
    /* One ID each. */
    if (n > UINT16_MAX) {
        rc = err_set(e, ERR_INTERNAL, "%zu questions at once are over the limit of 65535", n);
        goto done;
    }
    rc = send_questions(c, q, n, recursion_desired, first_id, d, e);
    for (size_t i = 0; rc == OK && i < n; i++)
        rc = receive_answer(answers, c, q, n, first_id, d, answers, have, e);
    if (rc == OK)
        *out = talloc_steal(mem, answers);
done:
    talloc_free(tmp);
    return rc;
}
