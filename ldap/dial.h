/* The TCP connection below LDAP. */
#ifndef LDAP_DIAL_H
#define LDAP_DIAL_H

#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"

/*
 * A connected, non-blocking, close-on-exec socket to any of n addresses in *fd, the caller's to
 * close: in their order, the next after 100 ms of silence (connect_any()).  *which is the index.
 * A peer that vanishes from the network later is noticed within about silence_ms.
 * ERR_TIMEOUT, ERR_UNREACHABLE with the addresses in the message.
 */
enum err ldap_dial(const struct ip *addresses, size_t n, uint16_t port, struct deadline d,
                   int silence_ms, int *fd, size_t *which, struct error *e);

#endif
