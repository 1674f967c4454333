/* --probe for the commands that judge: its options, and the probe between survey and plan. */
#ifndef CMD_PROBING_H
#define CMD_PROBING_H

#include <jansson.h>

#include "cmd/command.h"
#include "scavenger/probe_plan.h"
#include "scavenger/survey.h"

#define PROBING_OPTIONS                                                                            \
    { "probe", OPTION_FLAG, NULL, "keep stale records whose address answers", "scavenge", NULL },  \
        { "probe-ports", OPTION_LIST, "PORT", "TCP ports to ask (default: 445, 22, 3389, 135)",    \
          "scavenge",    NULL },                                                                   \
        { "probe-rate", OPTION_TEXT, "N", "begin at most N questions a second (default: 500)",     \
          "scavenge",   NULL },                                                                    \
    {                                                                                              \
        "probe-seconds", OPTION_TEXT, "SEC", "stop asking after SEC seconds (default: 300)",       \
            "scavenge", NULL                                                                       \
    }

struct probing {
    bool is_wanted;
    const char *name; /* ask the addresses of this name only, relative; NULL: of all candidates */
    struct probe_params params;
    size_t n_asked; /* addresses; what follows is known after probing_run */
    struct probe_summary summary;
};

/* ERR_USAGE names the option. */
enum err probing_read(const struct context *ctx, struct probing *out, struct error *e);

/* Ask the list, which is sealed; what could not be done is said.  p has the summary then. */
enum err probing_ask(struct probing *p, struct probe_list *list, struct error *e);

/* Ask the addresses of all candidates whose zone's gate is open, and spare those that answer. */
enum err probing_run(struct context *ctx, struct probing *p, const struct survey *survey,
                     gate_set overridden, struct error *e);

/* {"asked", "answered", "not_asked", "cut_short", "echo": {"ipv4", "ipv6"}}; null without --probe.
 */
json_t *probing_json(const struct probing *p);

#endif
