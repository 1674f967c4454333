/* Commands about registrations do what they do once for each section [register NAME]. */
#ifndef CMD_SECTIONS_H
#define CMD_SECTIONS_H

#include <jansson.h>

#include "cmd/command.h"

/*
 * Call run for each named section, with a context whose options are the section's; once, with
 * ctx itself, where there is none.  A section that fails is said on standard error under its name,
 * with JSON as a document too, and does not stop the others.
 * ERR_CONFIG: two sections are for one name (cmd/same_name.h), and none was run.
 * OK: all went well; ERR_PARTIAL: some did not; else none did, and it is the error with the highest
 * exit code.
 */
enum err sections_run(struct context *ctx, enum err (*run)(struct context *ctx, struct error *e),
                      struct error *e);

/* As output_json, with the key "section" in front where section is not NULL. */
enum err sections_print_json(const char *section, json_t *document, struct error *e);

#endif
