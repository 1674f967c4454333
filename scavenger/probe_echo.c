#include "scavenger/probe_echo.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <string.h>
#include <time.h>

#include "base/own.h"

#define RECEIVE_BUFFER (1 << 20)

static void only_replies(int fd, int family)
{
    if (family == AF_INET) {
        struct icmp_filter filter = { .data = ~(UINT32_C(1) << ICMP_ECHOREPLY) };

        setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter);
    } else {
        struct icmp6_filter filter;

        ICMP6_FILTER_SETBLOCKALL(&filter);
        ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &filter);
        setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
    }
}

struct echo_socket echo_open(TALLOC_CTX *mem, int family)
{
    int protocol = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
    int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    struct echo_socket s = { .fd = -1, .family = family, .is_raw = fd < 0 };
    int on = 1, size = RECEIVE_BUFFER;

    if (fd < 0)
        fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0 || !own_fd(mem, fd))
        return s;
    if (family == AF_INET)
        setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
    else
        setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (s.is_raw)
        only_replies(fd, family);
    s.fd = fd;
    return s;
}

/* The Internet checksum (RFC 1071); the kernel sets that of ICMPv6. */
static uint16_t checksum(const uint8_t *p, size_t len)
{
    uint32_t sum = 0;

    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)p[i] << 8 | p[i + 1];
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

void echo_request(uint8_t out[ECHO_LEN], int family, uint16_t id, uint16_t sequence,
                  const uint8_t cookie[ECHO_COOKIE_LEN])
{
    uint16_t sum;

    memset(out, 0, ECHO_LEN);
    out[0] = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
    out[4] = (uint8_t)(id >> 8);
    out[5] = (uint8_t)id;
    out[6] = (uint8_t)(sequence >> 8);
    out[7] = (uint8_t)sequence;
    memcpy(out + 8, cookie, ECHO_COOKIE_LEN);
    if (family != AF_INET)
        return;
    sum = checksum(out, ECHO_LEN);
    out[2] = (uint8_t)(sum >> 8);
    out[3] = (uint8_t)sum;
}

bool echo_is_reply(const struct echo_socket *s, struct bytes packet, uint16_t id,
                   const uint8_t cookie[ECHO_COOKIE_LEN])
{
    struct rd r = rd_init(packet);
    struct bytes got;
    uint8_t type, code;
    uint16_t reply_id;

    if (s->is_raw && s->family == AF_INET) {
        uint8_t version_length = rd_u8(&r);

        rd_take(&r, (size_t)(version_length & 15) * 4 - ((version_length & 15) ? 1 : 0));
        if (version_length >> 4 != 4 || (version_length & 15) < 5)
            return false;
    }
    type = rd_u8(&r);
    code = rd_u8(&r);
    rd_be16(&r); /* the checksum: the kernel looked */
    reply_id = rd_be16(&r);
    rd_be16(&r);
    got = rd_take(&r, ECHO_COOKIE_LEN);
    return !r.bad && code == 0 &&
           type == (s->family == AF_INET ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY) &&
           (!s->is_raw || reply_id == id) &&
           bytes_equal(got, (struct bytes){ cookie, ECHO_COOKIE_LEN });
}

/* The sender of an error stands behind it (ip(7), IP_RECVERR). */
static void read_offender(const struct cmsghdr *c, struct ip *offender)
{
    struct sock_extended_err err;
    struct sockaddr_storage from = { 0 };
    size_t have = c->cmsg_len - CMSG_LEN(0), more;

    if (have < sizeof err)
        return;
    memcpy(&err, CMSG_DATA(c), sizeof err);
    more = have - sizeof err < sizeof from ? have - sizeof err : sizeof from;
    if ((err.ee_origin != SO_EE_ORIGIN_ICMP && err.ee_origin != SO_EE_ORIGIN_ICMP6) ||
        more < sizeof(struct sockaddr_in))
        return;
    memcpy(&from, CMSG_DATA(c) + sizeof err, more);
    if (from.ss_family == AF_INET6 && more < sizeof(struct sockaddr_in6))
        return;
    ip_from_sockaddr((struct sockaddr *)&from, offender);
}

bool socket_error_next(int fd, struct ip *destination, struct ip *offender)
{
    uint8_t data[128], control[512] __attribute__((aligned(8)));
    struct sockaddr_storage to = { 0 };
    struct iovec iov = { data, sizeof data };
    struct msghdr m = {
        .msg_name = &to,
        .msg_namelen = sizeof to,
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };

    if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
        return false;
    *destination = *offender = (struct ip){ 0 };
    if (m.msg_namelen >= sizeof(struct sockaddr_in))
        ip_from_sockaddr((struct sockaddr *)&to, destination);
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
        if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
            (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
            read_offender(c, offender);
    }
    return true;
}
