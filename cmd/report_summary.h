/* The end of the report in words: figures, ages, what comes next; fits 80 columns. */
#ifndef CMD_REPORT_SUMMARY_H
#define CMD_REPORT_SUMMARY_H

#include "cmd/plan_report.h"

void report_summary_print(const struct scavenge_report *r);

#endif
