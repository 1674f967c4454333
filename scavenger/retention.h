/* Which journals may go: old runs that came to their end. */
#ifndef SCAVENGER_RETENTION_H
#define SCAVENGER_RETENTION_H

#include "scavenger/journal.h"

struct retention {
    bool is_set;    /* false: keep all */
    int64_t keep_s; /* younger than this; 0 where runs are counted */
    size_t keep_n;  /* the newest so many */
};

/* "400d", "12w", "720h" or a number of runs.  False for anything else, and for 0. */
bool retention_parse(const char *text, struct retention *out);

/*
 * May the journal of that run go?  Never that of a run that was cut off: its names may have to be
 * looked after.  newer: how many runs began after it.  Pure.
 */
bool retention_lets_go(const struct retention *r, const struct run *run, size_t newer, int64_t now);

/*
 * Delete the journals in dir that may go, but never that of `current` (NULL: there is none).  A
 * journal that cannot be
 * read is left alone.  *n: how many went.
 */
enum err retention_prune(const char *dir, const struct retention *r, const char *current,
                         int64_t now, size_t *n, struct error *e);

#endif
