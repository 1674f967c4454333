/* How much one run may delete. Pure. */
#ifndef SCAVENGER_LIMITS_H
#define SCAVENGER_LIMITS_H

#include <stdbool.h>
#include <stddef.h>

/* The default: 10 % of a zone's dynamic records, but 20 records in any zone. */
#define LIMIT_DEFAULT_PERCENT 10
#define LIMIT_DEFAULT_FLOOR 20

struct limit {
    bool is_percent;
    size_t value; /* records, or percent of the zone's dynamic records (0 to 100) */
    size_t floor; /* with percent: never less than this many records */
};

struct limit limit_default(void);

/* "50" or "5%".  False, *out untouched, where it is neither. */
bool limit_parse(const char *text, struct limit *out);

/* How many records may go from a zone with that many dynamic records; percentages round down. */
size_t limit_for(struct limit l, size_t dynamic);

#endif
