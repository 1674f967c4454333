/* How a scavenging plan, or what became of it, is shown. */
#ifndef CMD_PLAN_REPORT_H
#define CMD_PLAN_REPORT_H

#include <jansson.h>

#include "cmd/probing.h"
#include "scavenger/replicas.h"
#include "scavenger/survey.h"

struct scavenge_report {
    struct zone_plan **zones;
    size_t n_zones;
    const struct survey *survey;     /* what was read beside the zones */
    const struct replicas *replicas; /* what other domain controllers said */
    const char *run;                 /* NULL for a plan */
    bool is_applied;                 /* writes were made */
    uint32_t now_h;                  /* the hour judged at */
    const struct error *problem;     /* why the run did not do all that it should; NULL: it did */
    const struct probing *probing;   /* NULL: the run failed before it */
    const struct probing *silence;   /* likewise: the round of zones that ask for silence */
    const char *domain;
    const char *server;
    const char *principal;
    int64_t started; /* seconds since 1970 UTC */
    int64_t took_ms;
};

json_t *plan_report_json(const struct scavenge_report *r);
void plan_report_text(TALLOC_CTX *mem, const struct scavenge_report *r);

/* Records over all zones with this outcome. */
size_t plan_report_count(const struct scavenge_report *r, enum outcome outcome);
size_t plan_report_planned(const struct scavenge_report *r);
/* Is it judged as of a time that is still to come? */
bool plan_report_is_forecast(const struct scavenge_report *r);

#endif
