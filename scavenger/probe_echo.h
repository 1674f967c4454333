/* ICMP echo requests and what comes back, for IPv4 and IPv6, over datagram or raw sockets. */
#ifndef SCAVENGER_PROBE_ECHO_H
#define SCAVENGER_PROBE_ECHO_H

#include "base/bytes.h"
#include "base/ip.h"

#define ECHO_COOKIE_LEN 8
#define ECHO_LEN (8 + ECHO_COOKIE_LEN)

struct echo_socket {
    int fd; /* -1: none could be had */
    int family;
    bool is_raw; /* then IPv4 replies come with their IP header, and everybody's come */
};

/*
 * A datagram socket where net.ipv4.ping_group_range lets us, else a raw one where we have
 * CAP_NET_RAW; errors are queued.  The descriptor is mem's; fd is -1 where neither is allowed.
 */
struct echo_socket echo_open(TALLOC_CTX *mem, int family);

/* An echo request.  id is what a raw socket knows its replies by; datagram sockets set their own.
 */
void echo_request(uint8_t out[ECHO_LEN], int family, uint16_t id, uint16_t sequence,
                  const uint8_t cookie[ECHO_COOKIE_LEN]);

/* Is this, as received, the reply to one of our requests? */
bool echo_is_reply(const struct echo_socket *s, struct bytes packet, uint16_t id,
                   const uint8_t cookie[ECHO_COOKIE_LEN]);

/*
 * One error off a socket's queue: where the packet was sent to, and who sent the ICMP error.
 * False where the queue is empty.  *offender has family 0 where the error is the machine's own.
 */
bool socket_error_next(int fd, struct ip *destination, struct ip *offender);

#endif
