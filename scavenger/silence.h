/*
 * A round of probes over the hosts of a transferred zone that no fresh heartbeat speaks for, noted
 * in the sightings.  Whether silence says anything is judged first: it does not where the time was
 * up before all were asked, nor where nothing in the zone answered, which is what a network that is
 * down looks like from here.  A few hosts with a fresh heartbeat are asked too, as witnesses of
 * that.
 */
#ifndef SCAVENGER_SILENCE_H
#define SCAVENGER_SILENCE_H

#include "scavenger/probe_plan.h"
#include "scavenger/sightings.h"

#define SILENCE_WITNESSES 16
/* Whose heartbeat is so fresh is asked as a witness: hosts refresh once a day. */
#define SILENCE_WITNESS_H 48

struct silence;

/* Whom to ask in the zone as of its last complete pass. now_h: hours since 1601 UTC. */
enum err silence_collect(TALLOC_CTX *mem, struct sightings *sightings, const struct dns_zone *zone,
                         uint32_t now_h, struct silence **out, struct error *e);

/* Records whose address is to be asked; witnesses are none. */
size_t silence_count(const struct silence *s);

/* Their addresses, and those of the witnesses; then probe_list_seal(). */
enum err silence_add(const struct silence *s, struct probe_list *list, struct error *e);

/*
 * Note what became of the questions.  *unheard: why the silence of this round counts for nothing,
 * static; NULL: it counts. Answers are noted in any case.
 */
enum err silence_note(const struct silence *s, struct sightings *sightings,
                      const struct probe_list *list, bool is_cut, int64_t now_s,
                      const char **unheard, struct error *e);

#endif
