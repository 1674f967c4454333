/* What evidence was used, what it saved, and what a person should look at. */
#ifndef CMD_EVIDENCE_REPORT_H
#define CMD_EVIDENCE_REPORT_H

#include <jansson.h>

#include "scavenger/evidence.h"

/* Stale by its timestamp, but evidence or the zone's gate keeps it. */
bool evidence_has_saved(const struct plan_value *v);

/* {"accounts": {"state", "problem", "count"}, "pairs": …} */
json_t *evidence_json(const struct evidence *ev);
/* [{"name", "type", "data", "timestamp_hours", "reason", "detail", "owner"}]: stale records that
 * stay. */
json_t *evidence_saved_json(const struct zone_plan *p);
/* [{"kind", "zone", "name", "data", "detail"}] */
json_t *findings_json(const struct findings *f);

/* A zone's stale records that evidence keeps, the first of them with what spoke for them. */
void evidence_print_saved(TALLOC_CTX *mem, const struct zone_plan *p);
/* What was read beside the timestamps, in one line, and what could not be. */
void evidence_print(TALLOC_CTX *mem, const struct evidence *ev);
void findings_print(TALLOC_CTX *mem, const struct findings *f);

#endif
