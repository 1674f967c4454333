/*
 * Names that this host bore earlier and still has records under: it was renamed, or registered
 * with another --hostname.
 */
#ifndef REGISTER_EARLIER_H
#define REGISTER_EARLIER_H

#include "register/memory.h"
#include "register/published.h"

/* So many are looked at in one run; with more, which ones is left to chance. */
#define EARLIER_MAX 64

/* The owners of remembered addresses but fqdn, each once; strings are m's.  On mem.  Pure. */
enum err earlier_names(TALLOC_CTX *mem, const struct memory *m, const char *fqdn,
                       const char ***names, size_t *n, struct error *e);

/*
 * What the server of p publishes at up to EARLIER_MAX of those names: fills in p->names.  One
 * network turn, a second one where parents have to be asked; none where there are no names.
 * Errors as published_read; a name that fails is an entry with its rcode.
 */
enum err earlier_read(struct published *p, struct dns_conn *c, const struct memory *m,
                      struct deadline d, struct error *e);

/* The same names as before has, in the same zones, again. */
enum err earlier_again(struct published *p, struct dns_conn *c, const struct published *before,
                       struct deadline d, struct error *e);

#endif
