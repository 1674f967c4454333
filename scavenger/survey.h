/*
 * Everything a plan needs, read once and in the order in which it can be judged as it streams by:
 * computer accounts, forward zones, reverse zones.  Only stale records and a compact index
 * of addresses stay in memory.
 */
#ifndef SCAVENGER_SURVEY_H
#define SCAVENGER_SURVEY_H

#include "scavenger/evidence.h"

struct sightings;

struct survey_zone {
    const struct dns_zone *zone;
    bool is_judged; /* make a plan for it */
    bool is_walked; /* false: the plan stays empty (a zone that nobody asked for and that does not
                       age) */
    const char *watched;                /* see struct plan_params */
    const struct signal_rules *signals; /* of a zone without timestamps (signal.h) */
    const char *unheard;         /* why this run's probes of it count for nothing; NULL: they do */
    const char *unproven;        /* see struct zone_plan */
    struct sightings *sightings; /* where it was seen; NULL: where the others were */
};

struct survey_params {
    const struct protection *protection;
    uint32_t now_h;
    uint32_t real_now_h;
    uint32_t alive_window_h;
    bool is_wanted[EVIDENCE_COUNT];
    bool with_accounts;        /* for the gates, also where accounts are not wanted as evidence */
    bool with_owner;           /* of each node, also where no evidence needs it: for the journal */
    struct survey_zone *zones; /* with EVIDENCE_PAIRS: all of the directory */
    size_t n_zones;
    void (*progress)(size_t n_nodes, void *priv); /* after each node; may be NULL */
    void *priv;
};

struct survey {
    struct evidence evidence;
    struct findings *findings;
    struct plan_builder *
        *builders; /* one per zone of the parameters, NULL where it is not judged */
    size_t n_builders;
    size_t n_nodes; /* names read */
};

/*
 * Read, judge, lay evidence beside.  Then plan_builder_finish() makes the plans; more evidence may
 * spare candidates before that.  A source of evidence that fails is unread, not an error; a zone
 * that is judged and cannot be read is one.
 */
enum err survey_make(TALLOC_CTX *mem, struct directory *d, const struct survey_params *params,
                     struct survey **out, struct error *e);

#endif
