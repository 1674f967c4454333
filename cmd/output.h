/*
 * What people and programs see.  Text goes to standard output, errors to standard
 * error; with JSON, standard output has documents only.
 */
#ifndef CMD_OUTPUT_H
#define CMD_OUTPUT_H

#include <jansson.h>
#include <stdint.h>
#include <talloc.h>

#include "base/err.h"

/* For people on stderr; as a JSON document on stdout too when is_json. */
void output_error(bool is_json, const struct error *e);

/* The object of the `error` key: code, exit, message, hint.  NULL without memory. */
json_t *output_json_error(const struct error *e);

/* Print json on a line of its own and release it; NULL (jansson had no memory) gives ERR_NOMEM. */
enum err output_json(json_t *json, struct error *e);

/* A JSON string for text that may not be UTF-8: other bytes become \DDD as in zone files.  NULL
 * without memory; null for NULL. */
json_t *output_json_text(const char *text);
/* RFC 3339, or null for a static record's 0 hours. */
json_t *output_json_hours(uint64_t hours);
json_t *output_json_time(int64_t unix_s);

/* Control bytes replaced, so that a name from the directory cannot move the terminal.  On mem, ""
 * without memory. */
const char *output_safe(TALLOC_CTX *mem, const char *text);
/* "2026-11-22 14:05" UTC; "static" for 0. */
const char *output_hours(TALLOC_CTX *mem, uint64_t hours);
/* "5 h", "33 d": for a person, hours below three days, days above. */
const char *output_age(TALLOC_CTX *mem, int64_t hours);
/* "7 d" where whole days, else "36 h". */
const char *output_interval(TALLOC_CTX *mem, uint32_t hours);

/* Text in columns: rows are collected, widths follow the longest cell, the last column is free. */
struct table;
struct table *table_new(TALLOC_CTX *mem, const char *const *headings, size_t n_columns);
/* cells: n_columns strings, copied.  Right-align a column by a heading that begins with '>'. */
void table_row(struct table *t, const char *const *cells);
void table_print(struct table *t, const char *indent);

/*
 * "12 of 20000 written" on one line of stderr when that is a terminal, every hundredth time; done
 * == total ends the line.  Without a total (0): "1200 read", and output_progress_end() takes the
 * line away.
 */
void output_progress(const char *what, size_t done, size_t total);
void output_progress_end(void);

#endif
