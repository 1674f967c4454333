/*
 * The plan, or what became of it, as one page that needs nothing else: no request leaves it, its
 * policy forbids any, and it reads without its script.  Names from the directory are hostile:
 * every text goes through html_text().
 */
#ifndef CMD_REPORT_HTML_H
#define CMD_REPORT_HTML_H

#include <stdio.h>

#include "cmd/plan_report.h"

/* The page on mem; NULL without memory. */
char *report_html_text(TALLOC_CTX *mem, const struct scavenge_report *r);

/* The same, in a file that is replaced as a whole. */
enum err report_html_write(const char *path, const struct scavenge_report *r, struct error *e);

/*
 * Text into an element or a quoted attribute: markup as entities; bytes that are no UTF-8 as \DDD;
 * control characters, and those that change the direction of text or cannot be seen, as \u{XXXX}.
 */
void html_text(FILE *f, const char *text);

#endif
