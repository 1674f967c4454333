/*
 * What a run that wrote leaves in the system's log: a line for each record that it deleted and
 * one for the run.  Facility authpriv: who removed which name is for administrators to read.
 */
#ifndef CMD_REPORT_SYSLOG_H
#define CMD_REPORT_SYSLOG_H

#include "cmd/plan_report.h"

/* Where the lines go; syslog(3) outside tests.  text is one line of printable UTF-8 or ASCII. */
typedef void report_log_line(const char *text, void *priv);

/* The lines of a run, deletions first; none for a plan. */
enum err report_log_lines(const struct scavenge_report *r, report_log_line *put, void *priv,
                          struct error *e);

/* To syslog(3), which journald reads too. */
enum err report_syslog(const struct scavenge_report *r, struct error *e);

#endif
