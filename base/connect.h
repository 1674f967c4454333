/* One TCP connection to any of several addresses, in the manner of RFC 8305. */
#ifndef BASE_CONNECT_H
#define BASE_CONNECT_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"

/* Attempts that may be under way at once. */
#define CONNECT_MAX 32

struct endpoint {
    struct ip address;
    uint16_t port;
};

/*
 * Connect to these in their order, each next one when those before it have been silent for
 * 100 ms or have all failed; the first connection that opens is taken, the others are closed.
 * However many there are: with CONNECT_MAX under way the oldest (silent for 3 s) is given up.
 * prepare (NULL: none) gets each socket before it connects, to set its options.
 * OK: *fd is non-blocking, close-on-exec and the caller's to close; *which is its index.
 * ERR_TIMEOUT: d passed and at least one was silent; ERR_UNREACHABLE: each refused or has no route;
 * ERR_IO: no socket can be made.  The message names addresses and ports, the hint is the caller's.
 */
enum err connect_endpoints(const struct endpoint *to, size_t n, struct deadline d,
                           void (*prepare)(int fd, void *priv), void *priv, int *fd, size_t *which,
                           struct error *e);

/* The same with one port for all. */
enum err connect_any(const struct ip *addresses, size_t n, uint16_t port, struct deadline d,
                     void (*prepare)(int fd, void *priv), void *priv, int *fd, size_t *which,
                     struct error *e);

#endif
