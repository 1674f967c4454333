/* The order in which servers of an SRV answer are to be tried; for the files of dns/ only. */
#ifndef DNS_SRV_H
#define DNS_SRV_H

#include "dns/resolver.h"

/* Sort by priority, then by weighted chance (RFC 2782).  random gives any uint32. */
void dns_srv_order(struct dns_srv *srv, size_t n, uint32_t (*random)(void *priv), void *priv);

#endif
