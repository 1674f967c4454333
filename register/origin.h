/*
 * Whose a record is that is published for this host and that nobody remembers: of this host, from a
 * time before its memory (another tool, a lost state directory), or an administrator's.
 */
#ifndef REGISTER_ORIGIN_H
#define REGISTER_ORIGIN_H

#include "register/contact.h"
#include "register/memory.h"
#include "register/published.h"

/*
 * Of the addresses published at the own name, and the PTRs that name it, those that are provably
 * this host's, as a memory would have them: the directory holds them as dynamic records (hosts make
 * such, administrators make static ones) at a name that this host's account owns.
 * Where the directory cannot say (no domain controller, no right to read, three seconds over) *out
 * is empty and *unknown says why; else *unknown is NULL.  Both on mem.  ERR_NOMEM.
 */
enum err origin_recover(TALLOC_CTX *mem, const struct host *host, const struct contact *contact,
                        const char *keytab, const struct published *p, struct deadline d,
                        struct memory **out, const char **unknown, struct error *e);

#endif
