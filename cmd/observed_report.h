/* What was seen of records that carry no timestamps, for the reports. */
#ifndef CMD_OBSERVED_REPORT_H
#define CMD_OBSERVED_REPORT_H

#include <jansson.h>

#include "scavenger/plan.h"

/*
 * {"first_seen", "last_changed", "last_confirmed", "unchanged_hours", "silent_runs",
 * "silent_hours", "last_answer", "account", "account_detail"}; null for a record of a directory.
 */
json_t *observed_json(const struct plan_value *v);

/* {"silence_runs", "silence_days", "missing_account"}; null for a zone of a directory. */
json_t *observed_rules_json(const struct signal_rules *r);

/* "unasked", "none", "disabled", "there", "unread". */
const char *observed_account_name(enum account_state s);

#endif
