#include "tests/fakes/cldapserver.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dns/name.h"

struct fake_cldap {
    struct fake_controller c;
    int fd, elsewhere, stop[2];
    uint16_t port;
    atomic_uint received;
    struct sockaddr_storage flooded;
    socklen_t flooded_len; /* 0: nobody asked yet */
    pthread_t thread;
};

static void put_name(struct wr *w, const char *name)
{
    struct bytes wire;

    if (*name && dns_name_to_wire(w->mem, name, &wire, NULL) == OK)
        wr_bytes(w, wire);
    else
        wr_u8(w, 0);
}

/* One label, its capitals kept. */
static void put_site(struct wr *w, const char *site)
{
    wr_u8(w, (uint8_t)strlen(site));
    wr_bytes(w, (struct bytes){ (const uint8_t *)site, strlen(site) });
    if (*site)
        wr_u8(w, 0);
}

static struct bytes netlogon(TALLOC_CTX *mem, const struct fake_controller *c)
{
    struct wr w = wr_init(mem);

    wr_le16(&w, 23);
    wr_le16(&w, 0);
    wr_le32(&w, c->flags);
    for (int i = 0; i < 4; i++)
        wr_le32(&w, 0);
    put_name(&w, c->domain);
    put_name(&w, c->domain);
    put_name(&w, c->host);
    put_name(&w, "nb");
    put_name(&w, "nb");
    put_name(&w, "");
    put_site(&w, c->site);
    put_site(&w, c->client_site);
    wr_le32(&w, 5);
    wr_le32(&w, 0xffffffff);
    return wr_view(&w);
}

static struct bytes element(TALLOC_CTX *mem, uint8_t tag, struct bytes a, struct bytes b)
{
    struct wr w = wr_init(mem);

    wr_u8(&w, tag);
    wr_u8(&w, 0x82);
    wr_be16(&w, (uint16_t)(a.len + b.len));
    wr_bytes(&w, a);
    wr_bytes(&w, b);
    return wr_view(&w);
}

#define NOTHING ((struct bytes){ NULL, 0 })

static struct bytes text(TALLOC_CTX *mem, const char *t)
{
    return element(mem, 0x04, (struct bytes){ (const uint8_t *)t, strlen(t) }, NOTHING);
}

static struct bytes attribute(TALLOC_CTX *mem, const char *name, struct bytes value)
{
    struct bytes values = element(mem, 0x31, element(mem, 0x04, value, NOTHING), NOTHING);

    return element(mem, 0x30, text(mem, name), values);
}

/* An entry and the result in one datagram. */
static struct bytes answer(TALLOC_CTX *mem, const struct fake_controller *c, struct bytes id,
                           bool is_ping)
{
    static const uint8_t success[] = { 0x0a, 1, 0, 4, 0, 4, 0 };
    struct bytes list, entry, done;
    struct wr w = wr_init(mem);

    if (is_ping)
        list = attribute(mem, "netlogon", netlogon(mem, c));
    else
        list = attribute(mem, c->vendor ? "vendorName" : "dnsHostName",
                         c->vendor ? (struct bytes){ (const uint8_t *)c->vendor, strlen(c->vendor) }
                                   : (struct bytes){ (const uint8_t *)c->host, strlen(c->host) });
    entry = element(mem, 0x64, text(mem, ""), element(mem, 0x30, list, NOTHING));
    done = element(mem, 0x65, (struct bytes){ success, sizeof success }, NOTHING);
    wr_bytes(&w, element(mem, 0x30, id, entry));
    wr_bytes(&w, element(mem, 0x30, id, done));
    return wr_view(&w);
}

/* The element with the message's ID: after the outer tag and length. */
static struct bytes id_of(const uint8_t *buf, size_t n)
{
    size_t at = n > 1 && buf[1] & 0x80 ? 2 + (buf[1] & 0x7f) : 2;

    return at + 2 < n ? (struct bytes){ buf + at, 2 + (size_t)buf[at + 1] } : NOTHING;
}

static void serve_one(struct fake_cldap *s)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct sockaddr_storage from;
    socklen_t len = sizeof from;
    uint8_t buf[2048];
    ssize_t n = recvfrom(s->fd, buf, sizeof buf, 0, (struct sockaddr *)&from, &len);
    bool is_ping = n > 0 && memmem(buf, (size_t)n, "NetLogon", 8);
    unsigned before = n > 0 ? atomic_fetch_add(&s->received, 1) : 0;
    struct bytes id, out;

    if (n > 0 && s->c.is_flooding) {
        s->flooded = from;
        s->flooded_len = len;
    } else if (n > 0 && !s->c.is_silent && before >= s->c.deaf_to &&
               (is_ping || !s->c.is_rootless)) {
        id = bytes_dup(tmp, id_of(buf, (size_t)n));
        if (s->c.has_wrong_id)
            ((uint8_t *)(uintptr_t)id.data)[id.len - 1] ^= 0x40;
        out = answer(tmp, &s->c, id, is_ping);
        sendto(s->c.is_elsewhere ? s->elsewhere : s->fd, out.data, out.len, 0,
               (struct sockaddr *)&from, len);
    }
    talloc_free(tmp);
}

static void flood(struct fake_cldap *s)
{
    for (int i = 0; i < 100; i++)
        sendto(s->fd, "not LDAP", 8, 0, (struct sockaddr *)&s->flooded, s->flooded_len);
}

static void *serve(void *priv)
{
    struct fake_cldap *s = priv;

    for (;;) {
        struct pollfd p[] = { { .fd = s->fd, .events = POLLIN },
                              { .fd = s->stop[0], .events = POLLIN } };

        if (poll(p, 2, s->flooded_len ? 0 : -1) < 0 || p[1].revents)
            return NULL;
        if (p[0].revents)
            serve_one(s);
        if (s->flooded_len)
            flood(s);
    }
}

static int stop(struct fake_cldap *s)
{
    if (write(s->stop[1], "", 1) == 1)
        pthread_join(s->thread, NULL);
    close(s->fd);
    close(s->elsewhere);
    close(s->stop[0]);
    close(s->stop[1]);
    return 0;
}

struct fake_cldap *fake_cldap_start(TALLOC_CTX *mem, const char *address, uint16_t port,
                                    struct fake_controller c)
{
    struct fake_cldap *s = talloc_zero(mem, struct fake_cldap);
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };
    socklen_t len = sizeof at;

    s->c = c;
    s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    s->elsewhere = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (inet_pton(AF_INET, address, &at.sin_addr) != 1 || pipe(s->stop) != 0 ||
        bind(s->fd, (struct sockaddr *)&at, len) != 0 ||
        getsockname(s->fd, (struct sockaddr *)&at, &len) != 0 ||
        pthread_create(&s->thread, NULL, serve, s) != 0)
        return NULL;
    s->port = ntohs(at.sin_port);
    talloc_set_destructor(s, stop);
    return s;
}

uint16_t fake_cldap_port(const struct fake_cldap *s) { return s->port; }
unsigned fake_cldap_received(const struct fake_cldap *s)
{
    return atomic_load(&((struct fake_cldap *)(uintptr_t)s)->received);
}
