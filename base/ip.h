/* IPv4 and IPv6 addresses as plain values. */
#ifndef BASE_IP_H
#define BASE_IP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define IP_TEXT_MAX 46

/* family is AF_INET (4 bytes used) or AF_INET6 (16); network order; unused bytes are 0. */
struct ip {
    int family;
    uint8_t bytes[16];
};

/* Textual form without port or scope.  False, *out untouched, for anything else. */
bool ip_parse(const char *text, struct ip *out);
struct ip ip_from_bytes(int family, const uint8_t *bytes);
/* Writes into buf and returns it, so that it fits in a printf argument. */
const char *ip_format(struct ip a, char buf[IP_TEXT_MAX]);
bool ip_equal(struct ip a, struct ip b);
/* A total order: IPv4 before IPv6, then by value. */
int ip_compare(const struct ip *a, const struct ip *b);
/* Is a inside net/prefix?  Families must match. */
bool ip_in_net(struct ip a, struct ip net, unsigned prefix);
/* "10.0.0.0/8", "fd00::/8" or a single address.  False where malformed. */
bool ip_parse_net(const char *text, struct ip *net, unsigned *prefix);
/* Returns the length of what was stored. */
socklen_t ip_to_sockaddr(struct ip a, uint16_t port, struct sockaddr_storage *out);
/* False for families other than AF_INET and AF_INET6. */
bool ip_from_sockaddr(const struct sockaddr *sa, struct ip *out);

#endif
