/* What is odd about a zone's aging, for `aging` and `doctor domain`. */
#ifndef CMD_LINT_REPORT_H
#define CMD_LINT_REPORT_H

#include <jansson.h>

#include "cmd/command.h"
#include "scavenger/aging_lint.h"

#define LINT_OPTIONS                                                                               \
    {                                                                                              \
        "dhcp-lease", OPTION_TEXT, "TIME",                                                         \
            "hold the intervals against DHCP leases of TIME, such as 8d", "scavenge", NULL         \
    }

/* --dhcp-lease in hours; 0 where not given. */
enum err lint_lease(const struct context *ctx, uint32_t *out_h, struct error *e);

/* [{"code", "danger", "message", "fix"}] */
json_t *lint_json(const struct lint *lint, size_t n);
void lint_print(const struct lint *lint, size_t n);

#endif
