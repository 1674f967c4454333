/* A TCP connection to the first of several servers that answers. */
#ifndef REGISTER_REACH_H
#define REGISTER_REACH_H

#include "dns/conn.h"
#include "ldap/dc.h"

/*
 * Race connections to all addresses of all servers, in their order, as connect_any() does: first
 * the address of each that comes first, then the others.  *which is an index into dcs.
 * ERR_UNREACHABLE: all refused; ERR_TIMEOUT: at least one was silent until d; the message names
 * them.
 */
enum err reach_first(TALLOC_CTX *mem, const struct dc *dcs, size_t n, uint16_t port,
                     struct deadline d, struct dns_conn **out, size_t *which, struct error *e);

#endif
