/*
 * Several objects of one container in one search, for pipeline.c: a server finds many by an
 * indexed filter with little more work than one, and each answer is sealed once.
 */
#ifndef LDAP_BATCH_H
#define LDAP_BATCH_H

#include "ldap/search.h"

/* Objects a search at most: a filter of that many longest names is still a small request. */
#define BATCH_MAX 32

/* What follows the first RDN, a view into dn; NULL where there is nothing, or none that is safe to
 * cut at (quoted values). */
const char *batch_parent(const char *dn);

/*
 * The search for n objects with one parent: its filter is on mem, its base a view into dns[0].  It
 * finds each of them that is there and can be read, and possibly others: the DN tells.  One that is
 * not found has to be asked for alone.  ERR_MALFORMED: a DN that is none.
 */
enum err batch_search(TALLOC_CTX *mem, const char *const *dns, size_t n, struct search *out,
                      struct error *e);

#endif
