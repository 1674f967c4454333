/*
 * What an answer says, taken into struct published: owners are compared in normal form, and what
 * is of another owner or type is passed over.
 */
#ifndef REGISTER_PUBLISHED_TAKE_H
#define REGISTER_PUBLISHED_TAKE_H

#include "register/published.h"

/* The rcode says what is there, be it nothing. */
bool published_is_known(int rcode);

/*
 * Add the addresses of one type that an answer gives for owner, each once.  On mem.  ERR_SERVER:
 * more than any host has.
 */
enum err published_take_addresses(TALLOC_CTX *mem, const struct dns_answer *a, const char *owner,
                                  uint16_t type, struct ip **ips, size_t *n, struct error *e);

/* The same for heartbeats.  Of more than PUBLISHED_MAX the rest is left out.  ERR_NOMEM only. */
enum err published_take_heartbeats(TALLOC_CTX *mem, const struct dns_answer *a, const char *owner,
                                   struct published_heartbeats *h, struct error *e);

/* The target of the CNAME at owner, or NULL. */
const char *published_take_alias(TALLOC_CTX *mem, const struct dns_answer *a, const char *owner);

/* The rcode, the alias, and the targets of the PTRs of r, on p.  ERR_SERVER: too many. */
enum err published_take_targets(struct published *p, struct published_reverse *r,
                                const struct dns_answer *a, struct error *e);

#endif
