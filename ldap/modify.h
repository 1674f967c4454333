/* The one way in which the directory is written: compare and swap in a single modify. */
#ifndef LDAP_MODIFY_H
#define LDAP_MODIFY_H

#include "base/bytes.h"
#include "ldap/directory.h"

struct modify {
    const char *dn;
    const char *attribute;   /* multi-valued */
    const struct bytes *old; /* values to delete, each of which must be there */
    size_t n_old;
    const struct bytes *new; /* values to add, none of which may be there then */
    size_t n_new;
    const char *replace; /* a single-valued attribute, or NULL */
    const char *value;   /* its value afterwards */
};

/* Errors as node_swap(). */
enum err directory_modify(struct directory *d, const struct modify *m, struct error *e);

#endif
