/* What a person should look at: seen while judging, never acted on. */
#ifndef SCAVENGER_FINDINGS_H
#define SCAVENGER_FINDINGS_H

#include <stddef.h>
#include <talloc.h>

#include "base/err.h"

enum finding_kind {
    FINDING_DUPLICATE_ADDRESS, /* two names hold one address, both freshly */
    FINDING_PTR_MOVED,         /* a PTR whose name holds a fresh address, but another one */
    FINDING_FRESH_AND_STALE,   /* a host with a fresh and a stale address of the same family */
    FINDING_OTHER_OWNER,       /* a living computer cannot refresh its record: another owns it */
    FINDING_NOTHING_FRESH,     /* a zone of which no dynamic record is fresh */
};
#define FINDING_COUNT (FINDING_NOTHING_FRESH + 1)

/* Of each kind so many are kept; all are counted. */
#define FINDINGS_MAX 1000

struct finding {
    enum finding_kind kind;
    const char *zone;
    const char *name;   /* relative */
    const char *data;   /* of the record it is about */
    const char *detail; /* one sentence */
};

struct findings {
    struct finding *all; /* in the order found */
    size_t n;
    size_t counted[FINDING_COUNT];
};

/* "duplicate-address", "ptr-moved", "fresh-and-stale", "other-owner",
 * "nothing-fresh". */
const char *finding_name(enum finding_kind kind);

/* Strings are copied.  detail is formatted. */
enum err findings_add(struct findings *f, enum finding_kind kind, const char *zone,
                      const char *name, const char *data, struct error *e, const char *detail, ...)
    __attribute__((format(printf, 7, 8)));

#endif
