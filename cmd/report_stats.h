/* The figures of a run over all its zones, for every kind of report.  Pure. */
#ifndef CMD_REPORT_STATS_H
#define CMD_REPORT_STATS_H

#include "cmd/plan_report.h"

struct report_stats {
    size_t zones;    /* judged */
    size_t skipped;  /* of these, behind a shut gate */
    size_t examined; /* records */
    size_t dynamic;
    size_t planned;
    size_t deleted;
    size_t stale_soon; /* fresh now, stale within FORECAST_DAYS unless refreshed */
    size_t kept[REASON_COUNT];
    size_t ages[AGE_STEPS]; /* dynamic records by age */
    size_t planned_ages[AGE_STEPS];
    size_t most;        /* in any step of ages */
    bool is_over_limit; /* in any zone */
    bool is_served;     /* the zones were transferred: timestamps are heartbeats */
};

struct report_stats report_stats_of(const struct scavenge_report *r);

/* Reasons that kept something, most first; returns how many. */
size_t report_top_reasons(const struct report_stats *s, enum reason out[REASON_COUNT]);

/* One line on what a reason means in that report, for people. */
const char *report_reason_meaning(const struct report_stats *s, enum reason r);

/* Calls visit for each record that goes, in the order of zones and names. */
typedef void report_visit(const struct zone_plan *p, const struct plan_node *node,
                          const struct plan_value *v, void *priv);
void report_each_planned(const struct scavenge_report *r, report_visit *visit, void *priv);
/* The same for records that are stale by their timestamp and stay. */
void report_each_saved(const struct scavenge_report *r, report_visit *visit, void *priv);

#endif
