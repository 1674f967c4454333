/* One object that a search found, decoded. */
#ifndef LDAP_ENTRY_H
#define LDAP_ENTRY_H

#include "base/bytes.h"
#include "ldap/directory.h"

struct attribute {
    const char *name; /* as the server wrote it, options included */
    struct bytes *values;
    size_t n_values;
};

struct entry {
    const char *dn;
    struct attribute *attributes;
    size_t n_attributes;
};

/*
 * On OK *out is a talloc child of mem; its values are views into message and live as long as that.
 * ERR_MALFORMED leaves *out untouched.
 */
enum err entry_decode(TALLOC_CTX *mem, const struct directory *d, LDAPMessage *message,
                      struct entry **out, struct error *e);

/* Case ignored, options are part of the name; NULL where the entry has none. */
const struct attribute *entry_attribute(const struct entry *entry, const char *name);

/* The first value as a string on mem; NULL without one, with a NUL byte in it, or without memory.
 */
char *entry_string(TALLOC_CTX *mem, const struct entry *entry, const char *name);

/* Is the first value TRUE? */
bool entry_is_true(const struct entry *entry, const char *name);

/*
 * Every value of a multi-valued attribute, also where the server gives them in ranges
 * (MS-ADTS 3.1.1.3.1.3.3).  *out is on mem; its values are views into the entry, or on mem.
 * ERR_MALFORMED: ranges that contradict each other.
 */
enum err entry_values(TALLOC_CTX *mem, struct directory *d, const struct entry *entry,
                      const char *name, struct bytes **out, size_t *n, struct error *e);

#endif
