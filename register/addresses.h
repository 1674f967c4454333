/* The addresses of this machine, from the kernel (rtnetlink(7), libmnl). */
#ifndef REGISTER_ADDRESSES_H
#define REGISTER_ADDRESSES_H

#include "register/choose.h"

/*
 * Every address of every interface in this network namespace: one dump of links, one of
 * addresses.  *out on mem may be empty.  ERR_IO: netlink failed, or the tables changed under
 * the dump three times in a row.
 */
enum err addresses_read(TALLOC_CTX *mem, struct host_address **out, size_t *n, struct error *e);

/* The local address from which the kernel would send to server; no packet is sent.  False where
 * there is no route. */
bool address_towards(struct ip server, struct ip *local);

#endif
