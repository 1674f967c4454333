/*
 * What the directory holds of a zone beside what a server hands out of it.  Both are read in any
 * order and of any size: records stand in a temporary file, not in memory.
 *
 * No difference is what a server rightly does of its own:
 *
 *   SOA      the serial and the primary's name: each server names itself, and counts
 *   NS       the server itself at the apex (the primary that its SOA names)
 *   types    RRSIG, NSEC, NSEC3, NSEC3PARAM, DNSKEY, CDS, CDNSKEY, ZONEMD and BIND's own 65534,
 * made when a zone is signed; WINS and WINSR, which are for Windows alone TTL      the least of the
 * record set: all of a set have one (RFC 2181 section 5.2) names    strictly below a delegation:
 * only addresses are compared there, as glue
 */
#ifndef SCAVENGER_COMPARISON_H
#define SCAVENGER_COMPARISON_H

#include <talloc.h>

#include "base/bytes.h"
#include "base/err.h"

struct comparison;

/* zone: normalised (dns/name.h).  ERR_IO: there is no room for the temporary file (TMPDIR). */
enum err comparison_new(TALLOC_CTX *mem, const char *zone, struct comparison **out,
                        struct error *e);

enum comparison_side {
    COMPARISON_DIRECTORY,
    COMPARISON_SERVED,
};

struct compared {
    const char *name; /* absolute, normalised */
    uint16_t type;
    uint32_t ttl_s;
    struct bytes wire; /* the data as on the wire, names in lower case */
    const char *data;  /* the same for people */
    struct bytes raw;  /* the directory's value; {NULL, 0}: none */
};

/* The same record twice counts once. */
enum err comparison_put(struct comparison *c, enum comparison_side side, const struct compared *r,
                        struct error *e);

/* So many are compared. */
enum err comparison_count(struct comparison *c, enum comparison_side side, uint64_t *out,
                          struct error *e);

/*
 * Begin a second reading of both sides: what was put of names that differ is forgotten, and from
 * now on only records of these names are taken, so that a name that changed between the two
 * readings is seen as it is now.  *n: names that differ.
 */
enum err comparison_again(struct comparison *c, uint64_t *n, struct error *e);

enum difference_kind {
    DIFFERENCE_DIRECTORY, /* in the directory, not served */
    DIFFERENCE_SERVED,    /* served, not in the directory */
    DIFFERENCE_TTL,       /* both, with another TTL */
};

struct difference {
    enum difference_kind kind;
    struct compared record; /* the directory's, but for DIFFERENCE_SERVED */
    uint32_t served_ttl_s;  /* where kind is DIFFERENCE_TTL */
};

/* Valid during the call.  Anything but OK ends the walk with that error. */
typedef enum err comparison_visit(const struct difference *d, void *priv, struct error *e);

/* All differences, by name, type and data. */
enum err comparison_walk(struct comparison *c, comparison_visit *visit, void *priv,
                         struct error *e);

#endif
