/*
 * Names that the records of transferred zones rely on.  Who keeps them there may never register,
 * answer a probe or have a computer account: name servers and their glue, what lies at or below a
 * delegation and so is another's, wildcards, and the targets of MX, SRV and CNAME records.
 */
#ifndef SCAVENGER_RELIED_H
#define SCAVENGER_RELIED_H

#include "scavenger/sightings.h"

/* A talloc object. */
struct relied;

struct relied *relied_new(TALLOC_CTX *mem); /* NULL without memory */

/*
 * What the records of a name of that zone rely on.  A name that points to itself counts only where
 * it is a name server.
 */
enum err relied_add(struct relied *r, const char *zone, const struct sighting *of_name, size_t n,
                    struct error *e);
/* After the last name and before the first question. */
void relied_seal(struct relied *r);

/*
 * Why a name (absolute, normalised) of that zone is relied on: a constant for a person; NULL: it is
 * not.  Pure.
 */
const char *relied_on(const struct relied *r, const char *zone, const char *name);

#endif
