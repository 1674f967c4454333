/*
 * Whose an address is that stands at the own name and that nobody remembers: of this host, from
 * a time before its memory (another tool, a lost state directory), or an administrator's.
 */
#ifndef REGISTER_ORIGIN_H
#define REGISTER_ORIGIN_H

#include "register/contact.h"
#include "register/published.h"

/*
 * Those of ips that the directory holds as dynamic records (hosts make such, administrators make
 * static ones) of a name that this host's account owns.  Where the directory cannot say (no domain
 * controller, no right to read) none is this host's. Asked only when there are such addresses. *own
 * on mem.
 */
enum err origin_own_addresses(TALLOC_CTX *mem, const struct host *host,
                              const struct contact *contact, const char *keytab,
                              const struct published *p, const struct ip *ips, size_t n,
                              struct deadline d, struct ip **own, size_t *n_own, struct error *e);

#endif
