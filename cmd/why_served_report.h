/* What `why NAME --source axfr` found out, and how it is shown. */
#ifndef CMD_WHY_SERVED_REPORT_H
#define CMD_WHY_SERVED_REPORT_H

#include "cmd/planning.h"
#include "scavenger/sightings.h"

/* What is looked at, and what came of it. */
struct why_served {
    struct context *ctx;
    struct sightings *db;
    struct planning planning;
    const struct dns_zone *zone;
    size_t at;            /* of the zone among those of the planning */
    const char *name;     /* absolute */
    const char *relative; /* the same, relative to the zone */
    uint32_t heartbeat_h; /* 0: none */
    const char **hosts;   /* the name itself, or what its PTRs name */
    size_t n_hosts;
    unsigned n_passes;
    int64_t last_pass_s;
    struct survey *survey;
    struct zone_plan *plan;
    const struct plan_node *node;
};

enum err why_served_json(const struct why_served *w, struct error *e);
enum err why_served_text(const struct why_served *w, struct error *e);

#endif
