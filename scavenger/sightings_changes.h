/*
 * A pass over a zone (sightings.h) by what changed since the last one, as an incremental transfer
 * (IXFR, RFC 1995) tells it: what is not named has been there all the time, and is confirmed.
 *
 * That is right only while the primary's history is the one that the last pass was made of, which a
 * primary that was restored from a backup, or replaced, may not have.  So a difference that does
 * not fit ends the pass with ERR_CHANGED, and now and then the whole zone is read in any case.
 */
#ifndef SCAVENGER_SIGHTINGS_CHANGES_H
#define SCAVENGER_SIGHTINGS_CHANGES_H

#include "scavenger/sightings.h"

/* Every seventh pass reads the whole zone, and one that comes later than a week after the last. */
#define SIGHTINGS_WHOLE_PASSES 7
#define SIGHTINGS_WHOLE_S (7 * 86400)

/* May the next pass over zone, at now_s, ask for the changes since *serial only? */
enum err sightings_serial(struct sightings *s, const char *zone, int64_t now_s, bool *is_known,
                          uint32_t *serial, struct error *e);

/*
 * Begin a pass in which everything counts as seen that is not removed.  ERR_CHANGED: there has been
 * none before.  The data of the zone's SOA as it was known is *soa, on mem.
 */
enum err sightings_begin_changes(TALLOC_CTX *mem, struct sightings *s, const char *zone,
                                 int64_t now_s, char **soa, struct error *e);

/*
 * One difference, in the order in which they came.  ERR_CHANGED: it does not fit what is known:
 * what is removed is not there, or has another TTL; what is added is there already.
 */
enum err sightings_remove(struct sightings *s, const struct dns_rr *rr, struct error *e);
enum err sightings_add(struct sightings *s, const struct dns_rr *rr, struct error *e);

/* End it, as sightings_end() does; the zone has this serial now. */
enum err sightings_end_changes(struct sightings *s, uint32_t serial, bool is_complete,
                               struct error *e);

#endif
