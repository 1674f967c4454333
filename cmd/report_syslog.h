/*
 * What a run that writes leaves in the system's log: a line for each record as soon as it is known
 * to be deleted or put back, so that a run that is killed has said what it did; and one for the
 * run. Facility authpriv: who removed which name is for administrators to read.
 */
#ifndef CMD_REPORT_SYSLOG_H
#define CMD_REPORT_SYSLOG_H

#include "cmd/plan_report.h"
#include "scavenger/restore.h"

/* Where the lines go; syslog(3) outside tests.  text is one line of printable UTF-8 or ASCII. */
typedef void report_log_line(const char *text, void *priv);

/* To syslog(3), which journald reads too. */
report_log_line report_to_syslog;

/* A change with its outcome: a line for each of its records where it was made, else none. */
enum err report_log_change(const char *run, const struct journal_node *change, report_log_line *put,
                           void *priv, struct error *e);

/* One for the run, over all its records; none for a plan. */
enum err report_log_run(const struct scavenge_report *r, report_log_line *put, void *priv,
                        struct error *e);

/* The same for a restore. */
struct restore_log {
    const char *run;
    const char *of; /* the run whose records were put back */
    const char *principal;
    const char *server;
    const struct restore_plan *plan;
};
enum err report_log_restore(const struct restore_log *r, report_log_line *put, void *priv,
                            struct error *e);

#endif
