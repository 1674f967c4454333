/* The TCP connection below LDAP. */
#ifndef LDAP_DIAL_H
#define LDAP_DIAL_H

#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"

/*
 * A connected, non-blocking, close-on-exec socket in *fd, the caller's to close.  A peer that
 * vanishes from the network later is noticed within about silence_ms.
 * ERR_TIMEOUT, ERR_UNREACHABLE with the address in the message.
 */
enum err ldap_dial(struct ip address, uint16_t port, struct deadline d, int silence_ms, int *fd,
                   struct error *e);

/*
 * The same to any of n addresses, as connect_any() does: in their order, the next after 100 ms
 * of silence.  *which is the index of the one that opened.
 */
enum err ldap_dial_any(const struct ip *addresses, size_t n, uint16_t port, struct deadline d,
                       int silence_ms, int *fd, size_t *which, struct error *e);

#endif
