/* The look at the other domain controllers, and what is said of it. */
#ifndef CMD_ELSEWHERE_H
#define CMD_ELSEWHERE_H

#include <jansson.h>

#include "cmd/session.h"
#include "scavenger/replicas.h"
#include "scavenger/survey.h"

#define ELSEWHERE_OPTIONS                                                                          \
    {                                                                                              \
        "skip-unreachable-dcs", OPTION_FLAG, NULL,                                                 \
            "delete even when a domain controller cannot be asked for newer stamps", "scavenge",   \
            NULL                                                                                   \
    }

/* A replica_open for the session, in any thread; priv is the opening. */
struct elsewhere_opening {
    struct context *ctx;
    struct session *session;
};
replica_open elsewhere_open;

/*
 * Spare the survey's candidates that are newer on another controller.  A controller that cannot be
 * read is warned of; where the plan is to be applied it is told in *blocked (ERR_UNREACHABLE; not
 * touched otherwise), unless --skip-unreachable-dcs allows it.
 */
enum err elsewhere_check(struct context *ctx, struct session *s, const struct survey *survey,
                         bool is_apply, struct replicas **out, struct error *blocked,
                         struct error *e);

/* {"controller", "read", "problem", "asked", "newer"} of each; r may be NULL. */
json_t *elsewhere_json(const struct replicas *r);
void elsewhere_print(TALLOC_CTX *mem, const struct replicas *r);

#endif
