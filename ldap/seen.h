/* Which names went by, in 8 bytes each. */
#ifndef LDAP_SEEN_H
#define LDAP_SEEN_H

#include <stdbool.h>
#include <talloc.h>

struct seen;

/* NULL without memory or random numbers. */
struct seen *seen_new(TALLOC_CTX *mem);

/* False without memory. */
bool seen_add(struct seen *s, const char *name);

/*
 * After the last addition.  Byte for byte; of names that were never added one in 2^64 / n is
 * taken for one that was, and nobody can say beforehand which.
 */
bool seen_has(struct seen *s, const char *name);

#endif
