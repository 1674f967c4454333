#include "tests/fakes/dnsserver.h"

#include <ldns/ldns.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CLIENTS_MAX 8

struct client {
    int fd;
    uint8_t *in;
    size_t len;
};

struct fake_dns {
    int udp, tcp, stop;
    uint16_t port;
    fake_dns_handler *handler;
    void *priv;
    pthread_t thread;
    atomic_uint received;
    struct client clients[CLIENTS_MAX];
    size_t n_clients;
};

static void send_all(int fd, const uint8_t *data, size_t len, size_t piece)
{
    while (len > 0) {
        ssize_t n = send(fd, data, len < piece ? len : piece, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        data += n;
        len -= (size_t)n;
    }
}

static void serve_datagram(struct fake_dns *s)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct sockaddr_storage from;
    socklen_t from_len = sizeof from;
    uint8_t buf[4096];
    ssize_t n =
        recvfrom(s->udp, buf, sizeof buf, MSG_DONTWAIT, (struct sockaddr *)&from, &from_len);

    if (n >= 0) {
        struct fake_answer a;

        atomic_fetch_add(&s->received, 1);
        a = s->handler(tmp, (struct bytes){ buf, (size_t)n }, false, s->priv);
        if (a.data.data)
            sendto(s->udp, a.data.data, a.data.len, 0, (struct sockaddr *)&from, from_len);
    }
    talloc_free(tmp);
}

/* False when the connection is to be closed. */
static bool serve_message(struct fake_dns *s, int fd, struct bytes message)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct fake_answer a;
    struct wr w = wr_init(tmp);

    atomic_fetch_add(&s->received, 1);
    a = s->handler(tmp, message, true, s->priv);
    if (a.data.data) {
        if (!a.is_raw)
            wr_be16(&w, (uint16_t)a.data.len);
        wr_bytes(&w, a.data);
        send_all(fd, wr_view(&w).data, wr_view(&w).len, a.is_in_crumbs ? 1 : SIZE_MAX);
    }
    talloc_free(tmp);
    return !a.closes;
}

static bool serve_client(struct fake_dns *s, struct client *c)
{
    uint8_t buf[65536];
    ssize_t n = recv(c->fd, buf, sizeof buf, MSG_DONTWAIT);
    size_t used = 0;

    if (n <= 0)
        return false;
    c->in = talloc_realloc(s, c->in, uint8_t, c->len + (size_t)n);
    memcpy(c->in + c->len, buf, (size_t)n);
    c->len += (size_t)n;
    while (c->len - used >= 2) {
        size_t len = (size_t)c->in[used] << 8 | c->in[used + 1];

        if (c->len - used - 2 < len)
            break;
        if (!serve_message(s, c->fd, (struct bytes){ c->in + used + 2, len }))
            return false;
        used += 2 + len;
    }
    memmove(c->in, c->in + used, c->len - used);
    c->len -= used;
    return true;
}

static void accept_client(struct fake_dns *s)
{
    int fd = accept(s->tcp, NULL, NULL);
    const int yes = 1, small = 65536;

    if (fd < 0)
        return;
    /* A server that soon stops reading when its answers are not read. */
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (s->n_clients == CLIENTS_MAX) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    s->clients[s->n_clients++] = (struct client){ .fd = fd };
}

static void *serve(void *arg)
{
    struct fake_dns *s = arg;

    for (;;) {
        struct pollfd p[3 + CLIENTS_MAX] = {
            { .fd = s->stop, .events = POLLIN },
            { .fd = s->udp, .events = POLLIN },
            { .fd = s->tcp, .events = POLLIN },
        };
        size_t n = s->n_clients;

        for (size_t i = 0; i < n; i++)
            p[3 + i] = (struct pollfd){ .fd = s->clients[i].fd, .events = POLLIN };
        poll(p, 3 + n, -1);
        if (p[0].revents)
            return NULL;
        if (p[1].revents)
            serve_datagram(s);
        for (size_t i = n; i-- > 0;) {
            if (!p[3 + i].revents || serve_client(s, &s->clients[i]))
                continue;
            close(s->clients[i].fd);
            talloc_free(s->clients[i].in);
            s->clients[i] = s->clients[--s->n_clients];
        }
        if (p[2].revents)
            accept_client(s);
    }
}

static int stop_serving(struct fake_dns *s)
{
    eventfd_write(s->stop, 1);
    pthread_join(s->thread, NULL);
    for (size_t i = 0; i < s->n_clients; i++)
        close(s->clients[i].fd);
    close(s->udp);
    close(s->tcp);
    close(s->stop);
    return 0;
}

/* A TCP socket on a port of its choice (or the given one) and a UDP socket on the same. */
static bool bind_both(struct ip address, uint16_t *port, int *udp, int *tcp)
{
    struct sockaddr_storage at;
    socklen_t len = ip_to_sockaddr(address, *port, &at);
    const int yes = 1;

    *tcp = socket(address.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    *udp = socket(address.family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    setsockopt(*tcp, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(*tcp, (struct sockaddr *)&at, len) == 0 &&
        getsockname(*tcp, (struct sockaddr *)&at, &len) == 0 &&
        bind(*udp, (struct sockaddr *)&at, len) == 0) {
        *port = ntohs(((struct sockaddr_in *)&at)->sin_port);
        return true;
    }
    close(*tcp);
    close(*udp);
    return false;
}

struct fake_dns *fake_dns_start(TALLOC_CTX *mem, const char *address, uint16_t port,
                                fake_dns_handler *handler, void *priv)
{
    struct fake_dns *s = talloc_zero(mem, struct fake_dns);
    bool is_bound = false;
    struct ip ip;

    s->handler = handler;
    s->priv = priv;
    s->port = port;
    /* The port that TCP was given may be taken on UDP: try another. */
    for (int i = 0; !is_bound && ip_parse(address, &ip) && i < 20; i++)
        is_bound = bind_both(ip, &s->port, &s->udp, &s->tcp);
    if (!is_bound || listen(s->tcp, CLIENTS_MAX) != 0)
        return NULL;
    s->stop = eventfd(0, EFD_CLOEXEC);
    if (s->stop < 0 || pthread_create(&s->thread, NULL, serve, s) != 0)
        return NULL;
    talloc_set_destructor(s, stop_serving);
    return s;
}

uint16_t fake_dns_port(const struct fake_dns *s) { return s->port; }

unsigned fake_dns_received(const struct fake_dns *s)
{
    return atomic_load(&((struct fake_dns *)(uintptr_t)s)->received);
}

uint16_t fake_dns_dead_port(void)
{
    struct ip ip = { 0 };
    uint16_t port = 0;
    int udp, tcp;

    ip_parse("127.0.0.1", &ip);
    if (!bind_both(ip, &port, &udp, &tcp))
        return 1;
    close(udp);
    close(tcp);
    return port;
}

static void push_lines(ldns_pkt *pkt, ldns_pkt_section section, const char *lines)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *rest = NULL;

    for (char *line = lines ? strtok_r(talloc_strdup(tmp, lines), "\n", &rest) : NULL; line;
         line = strtok_r(NULL, "\n", &rest)) {
        ldns_rr *rr;

        if (ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL) == LDNS_STATUS_OK)
            ldns_pkt_push_rr(pkt, section, rr);
        else
            fprintf(stderr, "# not a record: %s\n", line);
    }
    talloc_free(tmp);
}

static void set_flags(ldns_pkt *pkt, const char *flags)
{
    static const char *const rcodes[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                          "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                          "NXRRSET", "NOTAUTH", "NOTZONE" };

    ldns_pkt_set_aa(pkt, strstr(flags, "AA") != NULL);
    ldns_pkt_set_tc(pkt, strstr(flags, "TC") != NULL);
    for (uint8_t i = 0; i < sizeof rcodes / sizeof rcodes[0]; i++) {
        if (strstr(flags, rcodes[i]))
            ldns_pkt_set_rcode(pkt, i);
    }
}

struct bytes fake_dns_reply(TALLOC_CTX *mem, struct bytes query, const char *flags,
                            const char *answer, const char *authority, const char *additional)
{
    struct bytes out = { NULL, 0 };
    uint8_t *wire = NULL;
    ldns_pkt *pkt;
    size_t len;

    if (ldns_wire2pkt(&pkt, query.data, query.len) != LDNS_STATUS_OK)
        return out;
    ldns_pkt_set_qr(pkt, true);
    ldns_pkt_set_edns_udp_size(pkt, 0);
    set_flags(pkt, flags);
    push_lines(pkt, LDNS_SECTION_ANSWER, answer);
    push_lines(pkt, LDNS_SECTION_AUTHORITY, authority);
    push_lines(pkt, LDNS_SECTION_ADDITIONAL, additional);
    if (ldns_pkt2wire(&wire, pkt, &len) == LDNS_STATUS_OK)
        out = bytes_dup(mem, (struct bytes){ wire, len });
    LDNS_FREE(wire);
    ldns_pkt_free(pkt);
    return out;
}

const char *fake_dns_question(TALLOC_CTX *mem, struct bytes query, int *type)
{
    char *name = NULL, *text;
    ldns_pkt *pkt;
    ldns_rr *rr;

    if (ldns_wire2pkt(&pkt, query.data, query.len) != LDNS_STATUS_OK)
        return "";
    rr = ldns_rr_list_rr(ldns_pkt_question(pkt), 0);
    if (rr) {
        ldns_dname2canonical(ldns_rr_owner(rr));
        text = ldns_rdf2str(ldns_rr_owner(rr));
        name = talloc_strndup(mem, text, strlen(text) - 1);
        LDNS_FREE(text);
        *type = (int)ldns_rr_get_type(rr);
    }
    ldns_pkt_free(pkt);
    return name ? name : "";
}
