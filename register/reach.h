/* A TCP connection to the first of several servers that answers. */
#ifndef REGISTER_REACH_H
#define REGISTER_REACH_H

#include "dns/conn.h"
#include "ldap/locator.h"

/*
 * Try each address of each server in turn; one that is silent for REACH_PATIENCE_MS gives way to
 * the next.  Those that were silent are tried again with more patience until d passes, those that
 * refused are not. *which points into dcs. ERR_UNREACHABLE: all refused; ERR_TIMEOUT: at least one
 * was silent; the message names them.
 */
#define REACH_PATIENCE_MS 250

enum err reach_first(TALLOC_CTX *mem, const struct dc *dcs, size_t n, uint16_t port,
                     struct deadline d, struct dns_conn **out, const struct dc **which,
                     struct error *e);

#endif
