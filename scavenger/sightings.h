/*
 * What regular runs saw of zones that carry no timestamps: since when each record is known, when it
 * last changed, when it was last there, and for how long its address has been silent.
 *
 * Presence says nothing about life: a record that nobody touched for years may be a printer's. So
 * sightings alone never make a record stale; they say how long a second signal has held.  What was
 * not observed does not count: between two passes that are further apart than SIGHTINGS_GAP_S no
 * time passes at all, so an outage of the scavenger ages nothing, and a database that was deleted
 * knows only what it has seen since.
 */
#ifndef SCAVENGER_SIGHTINGS_H
#define SCAVENGER_SIGHTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <talloc.h>

#include "base/err.h"
#include "dns/rr.h"

/* A run a day, with half a day of grace. */
#define SIGHTINGS_GAP_S (36 * 3600)

/* Hosts that are there refresh their heartbeats daily: in this time after an outage all have. */
#define SIGHTINGS_RETURN_S (48 * 3600)

/* So many records of one name are read. */
#define SIGHTINGS_NAME_MAX 4096

struct sightings;

/*
 * The database at path, made (0600) where there is none; closed with *out.
 * ERR_MALFORMED: it is damaged, or of a version that this one does not know; it is left as it is.
 * ERR_BUSY: another run is writing; ERR_IO.
 */
enum err sightings_open(TALLOC_CTX *mem, const char *path, struct sightings **out, struct error *e);

/*
 * A pass over a zone: begin, see every record, end.  Nothing of it is kept unless the pass ends
 * as complete; then records that were not seen are forgotten.  One pass at a time.
 */
enum err sightings_begin(struct sightings *s, const char *zone, uint32_t serial, int64_t now_s,
                         struct error *e);
enum err sightings_see(struct sightings *s, const struct dns_rr *rr, struct error *e);
enum err sightings_end(struct sightings *s, bool is_complete, struct error *e);

struct sighting {
    const char *name; /* absolute, normalised */
    uint16_t type;
    uint32_t ttl_s;
    const char *data;
    int64_t first_seen_s; /* since 1970 UTC, as are the others */
    int64_t last_changed_s;
    int64_t last_confirmed_s;
    unsigned n_silent; /* probing passes in a row without an answer; 0: it answered, or was never
                          asked */
    int64_t silent_s;  /* observed time that these passes span; never more than has passed since
                          first_seen_s */
    int64_t last_answer_s; /* 0: never */
    int64_t unchanged_s;   /* observed time since it appeared or changed; never more than from
                              last_changed_s to last_confirmed_s */
};

/*
 * All records of one name, in the order of type and data.  Valid during the call.  A name with more
 * than SIGHTINGS_NAME_MAX of them is left out, which is logged: nothing of it is judged.
 */
typedef enum err sightings_visit(const struct sighting *of_name, size_t n, void *priv,
                                 struct error *e);

/* The zone as of its last complete pass, name by name. */
enum err sightings_walk(struct sightings *s, const char *zone, sightings_visit *visit, void *priv,
                        struct error *e);

/* One name (absolute, normalised) of it; not called where it has no records. */
enum err sightings_walk_name(struct sightings *s, const char *zone, const char *name,
                             sightings_visit *visit, void *priv, struct error *e);

/* A name of a zone, both normalised. */
struct sightings_name {
    const char *zone;
    const char *name;
};

/*
 * For names that a run deleted, or put back: whatever of them is there counts as changed in the
 * last pass, and as not silent.
 */
enum err sightings_renew(struct sightings *s, const struct sightings_name *names, size_t n,
                         struct error *e);

/* The zones that passes were made over, by name, on mem. */
enum err sightings_zones(TALLOC_CTX *mem, struct sightings *s, const char ***out, size_t *n,
                         struct error *e);

/*
 * What a probing pass heard, for the records of `zone` that were asked: begin, one call a record,
 * end. As for a pass over the zone nothing counts unless it ends as complete.
 */
enum err sightings_begin_probes(struct sightings *s, const char *zone, int64_t now_s,
                                struct error *e);
enum err sightings_probed(struct sightings *s, const char *name, uint16_t type, const char *data,
                          bool has_answered, struct error *e);
enum err sightings_end_probes(struct sightings *s, bool is_complete, struct error *e);

/*
 * The same for a run whose silence says nothing: only answers are told, which end silences;
 * nobody's goes on.
 */
enum err sightings_begin_answers(struct sightings *s, const char *zone, int64_t now_s,
                                 struct error *e);
enum err sightings_end_answers(struct sightings *s, bool is_complete, struct error *e);

/* Complete passes over the zone, and the time of the last (0: none). */
enum err sightings_passes(struct sightings *s, const char *zone, unsigned *n, int64_t *last_s,
                          struct error *e);

/*
 * The last time without a pass over the zone that was longer than SIGHTINGS_RETURN_S, and what has
 * passed since between its end and the last pass; 0, 0: none.
 */
struct sightings_gap {
    int64_t away_s;
    int64_t since_s;
};
enum err sightings_gap(struct sightings *s, const char *zone, struct sightings_gap *out,
                       struct error *e);

#endif
