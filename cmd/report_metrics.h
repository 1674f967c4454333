/* A run's figures in the Prometheus text format (exposition format 0.0.4), for node_exporter's
 * textfile collector. */
#ifndef CMD_REPORT_METRICS_H
#define CMD_REPORT_METRICS_H

#include "cmd/plan_report.h"

/* The text, on mem; NULL without memory.  exit_code: what the run ends with. */
char *report_metrics_text(TALLOC_CTX *mem, const struct scavenge_report *r, int exit_code);

/* The same, in a file that is replaced as a whole and that others may read. */
enum err report_metrics_write(const char *path, const struct scavenge_report *r, int exit_code,
                              struct error *e);

#endif
