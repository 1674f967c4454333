/*
 * What a DNS server sends over TCP: where messages begin and end, and which question each answers.
 * The input is how many bytes come at once, then the stream; the socket is this test's.
 */
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/connect.h"
#include "dns/conn.h"
#include "dns/message.h"
#include "tests/fuzz/fuzz.h"

#define HEADER_LEN 12

static struct rd stream;
static size_t at_once;
static uint16_t first_id;

/* Linked in place of the real ones (--wrap). */
enum err __wrap_connect_any(const struct ip *servers, size_t n, uint16_t port, struct deadline d,
                            void (*prepare)(int fd, void *priv), void *priv, int *fd, size_t *which,
                            struct error *e);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
uint16_t __wrap_dns_message_id(void);

enum err __wrap_connect_any(const struct ip *servers, size_t n, uint16_t port, struct deadline d,
                            void (*prepare)(int fd, void *priv), void *priv, int *fd, size_t *which,
                            struct error *e)
{
    (void)servers;
    (void)port;
    (void)d;
    (void)prepare;
    (void)priv;
    (void)e;
    must_hold(n == 1);
    *fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    must_hold(*fd >= 0);
    *which = 0;
    return OK;
}

ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
    size_t n = rd_left(&stream);

    (void)fd;
    (void)flags;
    n = n < len ? n : len;
    n = n < at_once ? n : at_once;
    if (n > 0)
        memcpy(buf, rd_take(&stream, n).data, n);
    return (ssize_t)n;
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
    (void)fd;
    (void)buf;
    (void)flags;
    return (ssize_t)len;
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
    (void)timeout;
    for (nfds_t i = 0; i < n; i++)
        fds[i].revents = fds[i].events;
    return (int)n;
}

uint16_t __wrap_dns_message_id(void) { return first_id; }

static struct dns_conn *connect_to(TALLOC_CTX *mem, struct bytes in)
{
    struct ip server = ip_from_bytes(AF_INET, (const uint8_t[]){ 10, 53, 0, 10 });
    struct error e = { 0 };
    struct dns_conn *c;

    stream = rd_init(in);
    must_hold(dns_conn_open(mem, server, DNS_PORT, deadline_in(0), &c, &e) == OK);
    return c;
}

/* Every message is what stands in the stream, and none is missing before the end of it. */
static void check_frames(TALLOC_CTX *mem, struct bytes in)
{
    struct dns_conn *c = connect_to(mem, in);
    struct rd r = rd_init(in);
    struct error e = { 0 };
    struct bytes message;
    enum err rc;

    do {
        struct rd before = r;
        struct bytes expected = rd_take(&r, rd_be16(&r));

        rc = dns_conn_recv(mem, c, deadline_in(0), &message, &e);
        must_say(rc, &e);
        if (rc == OK)
            must_hold(!r.bad && message.len >= HEADER_LEN && bytes_equal(message, expected));
        else if (rc == ERR_MALFORMED)
            must_hold(!r.bad && expected.len < HEADER_LEN);
        else
            must_hold(rc == ERR_UNREACHABLE && r.bad);
        must_hold(rd_left(&before) > rd_left(&r) || r.bad);
    } while (rc != ERR_UNREACHABLE);
}

static void check_answers(TALLOC_CTX *mem, struct bytes in)
{
    static const struct dns_question q[] = {
        { "host1.ad.example.test", DNS_TYPE_SOA },
        { "101.0.53.10.in-addr.arpa", DNS_TYPE_SOA },
        { "1.0.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3.5.d.f.ip6.arpa",
          DNS_TYPE_SOA },
        { "host1.ad.example.test", DNS_TYPE_A },
        { "host1.ad.example.test", DNS_TYPE_AAAA },
    };
    struct dns_conn *c = connect_to(mem, in);
    struct rd first = rd_init(in);
    struct dns_answer *answers;
    struct error e = { 0 };

    rd_be16(&first);
    first_id = rd_be16(&first);
    for (size_t n = sizeof q / sizeof q[0]; n > 0; n -= 2) {
        enum err rc = dns_conn_ask(mem, c, q, n, false, deadline_in(0), &answers, &e);

        must_say(rc, &e);
        must_hold(rc == OK || rc == ERR_MALFORMED || rc == ERR_UNREACHABLE);
        for (size_t i = 0; rc == OK && i < n; i++)
            must_hold(answers[i].rcode >= 0 && answers[i].rcode >> 12 == 0);
        if (n == 1)
            break;
    }
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    if (in.len == 0)
        return;
    at_once = in.data[0] ? in.data[0] : SIZE_MAX;
    in = (struct bytes){ in.data + 1, in.len - 1 };
    check_frames(mem, in);
    check_answers(mem, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
