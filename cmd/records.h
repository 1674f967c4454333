/* The lines of `records --json` (see the JSON contract in muster(8)), for others that print
 * records. */
#ifndef CMD_RECORDS_H
#define CMD_RECORDS_H

#include <jansson.h>

#include "dns/rr.h"
#include "ldap/dnsp.h"
#include "ldap/zones.h"

/* A value of the directory; name: relative to the zone; owner: NULL where it was not read. */
json_t *records_json(const struct dns_zone *zone, const char *name, const char *owner,
                     const struct dnsp_record *r, const char *data, struct bytes raw);

/* A record that a server handed out: without what only a directory knows. */
json_t *records_json_served(const char *zone, const char *name, const struct dns_rr *rr);

#endif
