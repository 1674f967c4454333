#include "ldap/ping.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/own.h"
#include "dns/name.h"
#include "ldap/cldap.h"
#include "ldap/netlogon.h"

#define STAGGER_MS 100
#define RESEND_MS 500
/* What the rootDSE says was asked for in the same moment, so it follows at once or not at all. */
#define KIND_MS 50
/* For a writable controller, when a read-only one has answered. */
#define WRITABLE_MS 300
#define TARGETS_MAX 64
/* Datagrams taken from one address at a look; what else came has to wait for its turn. */
#define DATAGRAMS_A_LOOK 8
/* And in all, of which three would do: one that sends more than this is heard no longer. */
#define DATAGRAMS_MAX 256

/* One address of one controller. */
struct target {
    size_t controller;
    struct ip address;
    int fd;     /* -1: not asked, or of no more use */
    int32_t id; /* of the ping; the question for the rootDSE has the next one */
    int64_t resend_at_ms;
    unsigned heard; /* datagrams */
    enum ping_state state;
    struct netlogon *said;
    const char *kind;
    bool is_kind_known; /* the rootDSE has answered, whatever */
};

struct controller {
    const char *name;
    bool is_begun;
};

struct ping {
    const char *domain;
    uint16_t port;
    struct controller controllers[TARGETS_MAX];
    size_t n_controllers;
    struct target targets[TARGETS_MAX];
    size_t n_targets;
    int64_t next_at_ms; /* when the next controller's turn comes */
    unsigned turns;
    bool server_spoke;
};

enum err ping_new(TALLOC_CTX *mem, const char *domain, uint16_t port, struct ping **out,
                  struct error *e)
{
    struct ping *p = talloc_zero(mem, struct ping);

    if (!p || !(p->domain = talloc_strdup(p, domain))) {
        talloc_free(p);
        return err_nomem(e);
    }
    p->port = port;
    p->server_spoke = true;
    *out = p;
    return OK;
}

static bool is_there(const struct ping *p, const char *name, struct ip address)
{
    for (size_t i = 0; i < p->n_targets; i++) {
        if (ip_equal(p->targets[i].address, address) &&
            strcmp(p->controllers[p->targets[i].controller].name, name) == 0)
            return true;
    }
    return false;
}

enum err ping_add(struct ping *p, const char *name, const struct ip *addresses, size_t n,
                  struct error *e)
{
    size_t before = p->n_targets;
    char *copy;

    for (size_t i = 0; i < n; i++) {
        /* Enough are enough: one that answers is all that is wanted. */
        if (p->n_targets < TARGETS_MAX && !is_there(p, name, addresses[i]))
            p->targets[p->n_targets++] = (struct target){ .controller = p->n_controllers,
                                                          .address = addresses[i],
                                                          .fd = -1 };
    }
    if (p->n_targets == before)
        return OK;
    copy = talloc_strdup(p, name);
    if (!copy) {
        p->n_targets = before;
        return err_nomem(e);
    }
    p->controllers[p->n_controllers++] = (struct controller){ .name = copy };
    return OK;
}

/* ---- asking ---- */

static enum err make_requests(TALLOC_CTX *mem, const struct ping *p, const struct target *t,
                              struct bytes out[2])
{
    static const uint8_t version[] = { NETLOGON_NT_VERSION, 0, 0, 0 };
    static const char *const netlogon[] = { "NetLogon", NULL };
    static const char *const root[] = { "vendorName", "dnsHostName", NULL };
    const struct cldap_term terms[] = {
        { "DnsDomain", { (const uint8_t *)p->domain, strlen(p->domain) } },
        { "NtVer", { version, sizeof version } },
    };
    enum err rc = cldap_request(mem, t->id, terms, 2, netlogon, &out[0], NULL);

    return rc ? rc : cldap_request(mem, t->id + 1, NULL, 0, root, &out[1], NULL);
}

static bool open_socket(struct ping *p, struct target *t)
{
    struct sockaddr_storage to;
    socklen_t len = ip_to_sockaddr(t->address, p->port, &to);
    uint32_t random;
    int fd = socket(t->address.family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || !own_fd(p, fd))
        return false;
    /* Connected: the kernel drops what others send, and tells of ICMP errors. */
    if (getrandom(&random, sizeof random, 0) != sizeof random ||
        connect(fd, (struct sockaddr *)&to, len) != 0)
        return false;
    t->id = (int32_t)(random >> 2);
    t->fd = fd;
    return true;
}

static void ask(struct ping *p, struct target *t, int64_t now)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    bool is_out_of_reach = false; /* which the second send may learn of the first */
    struct bytes requests[2];

    t->resend_at_ms = now + RESEND_MS;
    t->state = PING_FAILED;
    if (tmp && (t->fd >= 0 || open_socket(p, t)) && make_requests(tmp, p, t, requests) == OK) {
        for (int i = 0; i < 2; i++) {
            ssize_t sent = send(t->fd, requests[i].data, requests[i].len, MSG_NOSIGNAL);

            /* A full buffer is a lost datagram: it is sent again. */
            if (sent < 0 && errno != EAGAIN && errno != ENOBUFS)
                is_out_of_reach = true;
        }
        t->state = is_out_of_reach ? PING_FAILED : PING_SILENT;
        p->turns += p->server_spoke;
        p->server_spoke = false;
    }
    talloc_free(tmp);
}

static bool is_waiting(const struct target *t) { return t->fd >= 0 && t->state == PING_SILENT; }

static bool is_any_waiting(const struct ping *p)
{
    for (size_t i = 0; i < p->n_targets; i++) {
        if (is_waiting(&p->targets[i]))
            return true;
    }
    return false;
}

static struct controller *next_controller(struct ping *p)
{
    for (size_t i = 0; i < p->n_controllers; i++) {
        if (!p->controllers[i].is_begun)
            return &p->controllers[i];
    }
    return NULL;
}

/* Ask those whose turn it is, and again those that have been silent for long. */
static void ask_all_due(struct ping *p, int64_t now)
{
    struct controller *next;

    for (size_t i = 0; i < p->n_targets; i++) {
        if (is_waiting(&p->targets[i]) && now >= p->targets[i].resend_at_ms)
            ask(p, &p->targets[i], now);
    }
    while ((next = next_controller(p)) && (now >= p->next_at_ms || !is_any_waiting(p))) {
        next->is_begun = true;
        p->next_at_ms = now + STAGGER_MS;
        for (size_t i = 0; i < p->n_targets; i++) {
            if (&p->controllers[p->targets[i].controller] == next)
                ask(p, &p->targets[i], now);
        }
    }
}

/* ---- hearing ---- */

static const char *kind_of(const struct cldap_answer *a)
{
    struct bytes vendor = cldap_value(a, "vendorName");

    if (vendor.data && memmem(vendor.data, vendor.len, "Samba Team", strlen("Samba Team")))
        return "samba";
    /* Windows has no vendorName. */
    return cldap_value(a, "dnsHostName").len > 0 && !vendor.data ? "windows" : NULL;
}

static void judge(struct ping *p, struct target *t, const struct cldap_answer *a)
{
    const char *name = p->controllers[t->controller].name, *why;
    struct error e = { .message = "it knows nothing of the domain" };
    char address[IP_TEXT_MAX];

    t->state = PING_UNFIT;
    if (!a->is_found || netlogon_decode(p, cldap_value(a, "NetLogon"), &t->said, &e) != OK) {
        log_info("%s (%s) is not used: %s", name, ip_format(t->address, address), e.message);
        return;
    }
    why = netlogon_unfit(p, t->said, name, p->domain);
    if (why)
        log_info("%s (%s) is not used: it %s", name, ip_format(t->address, address), why);
    else
        t->state = netlogon_is_read_only(t->said) ? PING_READ_ONLY : PING_GOOD;
}

static void hear(struct ping *p, struct target *t, struct bytes datagram)
{
    struct cldap_answer *a;
    struct error e;

    if (cldap_answer_read(p, datagram, &a, &e) != OK) {
        log_debug("%s: ignoring a datagram: %s", p->controllers[t->controller].name, e.message);
        return;
    }
    if (a->id == t->id && t->state == PING_SILENT) {
        judge(p, t, a);
    } else if (a->id == t->id + 1 && !t->is_kind_known) {
        t->is_kind_known = true;
        t->kind = kind_of(a);
    }
    talloc_free(a);
}

static void stop_hearing(struct ping *p, struct target *t)
{
    char address[IP_TEXT_MAX];

    log_info("%s (%s) is not heard any longer: it floods us with datagrams",
             p->controllers[t->controller].name, ip_format(t->address, address));
    t->is_kind_known = true;
    if (t->state == PING_SILENT)
        t->state = PING_UNFIT;
    /* Closed with the others. */
    t->fd = -1;
}

static void read_socket(struct ping *p, struct target *t)
{
    static const size_t max = CLDAP_MAX;
    uint8_t *buf = talloc_size(p, max);

    for (int i = 0; buf && i < DATAGRAMS_A_LOOK; i++) {
        ssize_t n = recv(t->fd, buf, max, 0);

        if (n < 0) {
            /* An ICMP error about what we sent. */
            if (errno != EAGAIN && errno != EINTR && t->state == PING_SILENT)
                t->state = PING_FAILED;
            break;
        }
        p->server_spoke = true;
        hear(p, t, (struct bytes){ buf, (size_t)n });
        if (++t->heard == DATAGRAMS_MAX) {
            stop_hearing(p, t);
            break;
        }
    }
    talloc_free(buf);
}

/* Take what comes until then. */
static void listen_until(struct ping *p, int64_t until_ms)
{
    struct pollfd fds[TARGETS_MAX];
    struct target *who[TARGETS_MAX];
    int64_t left = until_ms - clock_monotonic_ms();
    nfds_t n = 0;

    for (size_t i = 0; i < p->n_targets; i++) {
        struct target *t = &p->targets[i];

        if (t->fd < 0 || t->state == PING_FAILED || t->state == PING_UNFIT)
            continue;
        fds[n] = (struct pollfd){ .fd = t->fd, .events = POLLIN };
        who[n++] = t;
    }
    if (poll(fds, n, left > 0 ? (int)left : 0) <= 0)
        return;
    for (nfds_t i = 0; i < n; i++) {
        if (fds[i].revents)
            read_socket(p, who[i]);
    }
}

/* ---- the race ---- */

static struct target *find_target(struct ping *p, enum ping_state state)
{
    for (size_t i = 0; i < p->n_targets; i++) {
        if (p->targets[i].state == state)
            return &p->targets[i];
    }
    return NULL;
}

static int64_t next_event_ms(struct ping *p, int64_t until_ms)
{
    if (next_controller(p) && p->next_at_ms < until_ms)
        until_ms = p->next_at_ms;
    for (size_t i = 0; i < p->n_targets; i++) {
        if (is_waiting(&p->targets[i]) && p->targets[i].resend_at_ms < until_ms)
            until_ms = p->targets[i].resend_at_ms;
    }
    return until_ms;
}

static void take(struct ping *p, struct target *t, struct ping_answer *out)
{
    int64_t until_ms = clock_monotonic_ms() + KIND_MS;
    char address[IP_TEXT_MAX];

    while (!t->is_kind_known && clock_monotonic_ms() < until_ms)
        listen_until(p, until_ms);
    *out = (struct ping_answer){
        .name = p->controllers[t->controller].name,
        .address = t->address,
        .site = t->said->site,
        .client_site = t->said->client_site,
        .kind = t->kind,
        .is_read_only = netlogon_is_read_only(t->said),
        .is_near = netlogon_is_near(t->said),
    };
    log_info("%s (%s) answers: %s%s, site %s, ours is %s", out->name,
             ip_format(t->address, address), out->kind ? out->kind : "of unknown make",
             out->is_read_only ? ", read-only" : "", out->site ? out->site : "not told",
             out->client_site ? out->client_site : "not told");
}

enum ping_state ping_wait(struct ping *p, struct deadline d, struct ping_answer *out)
{
    int64_t now = clock_monotonic_ms(), end_ms = now + deadline_left(d);
    struct target *good = NULL, *second;

    for (;;) {
        good = find_target(p, PING_GOOD);
        if (!good)
            ask_all_due(p, now);
        second = find_target(p, PING_READ_ONLY);
        if (second && end_ms > now + WRITABLE_MS)
            end_ms = now + WRITABLE_MS;
        if (good || !is_any_waiting(p) || now >= end_ms)
            break;
        listen_until(p, next_event_ms(p, end_ms));
        now = clock_monotonic_ms();
    }
    if (!good)
        good = second;
    if (!good)
        return is_any_waiting(p) ? PING_SILENT : PING_FAILED;
    take(p, good, out);
    return good->state;
}

enum ping_state ping_state_of(const struct ping *p, const char *name)
{
    enum ping_state best = PING_SILENT;
    bool is_open = false;

    for (size_t i = 0; i < p->n_targets; i++) {
        const struct target *t = &p->targets[i];

        if (strcmp(p->controllers[t->controller].name, name) != 0)
            continue;
        if (t->state > best)
            best = t->state;
        is_open |= t->state == PING_SILENT;
    }
    /* One address of several may be out of reach. */
    return best == PING_FAILED && is_open ? PING_SILENT : best;
}

unsigned ping_turns(const struct ping *p) { return p->turns; }
