/* The computer account of a host whose record nobody owns: found by its name alone. */
#ifndef SCAVENGER_HOST_ACCOUNT_H
#define SCAVENGER_HOST_ACCOUNT_H

#include "ldap/computers.h"
#include "scavenger/signal.h"

/*
 * host: absolute, lower case, no final dot.  Its account is one that says so itself (dNSHostName),
 * or that has its first label as its name in the domain, whatever zone the host is in: rather one
 * too many.  Of several, one that is not disabled counts.  *detail is on mem.  Pure but for memory.
 */
enum err host_account(TALLOC_CTX *mem, struct computers *all, const char *domain, const char *host,
                      enum account_state *state, const char **detail, struct error *e);

#endif
