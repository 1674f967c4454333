/* What the other domain controllers hold at the name that why explains. */
#ifndef CMD_WHY_ELSEWHERE_H
#define CMD_WHY_ELSEWHERE_H

#include <jansson.h>

#include "scavenger/replica_views.h"

struct elsewhere_views {
    struct replica_view *views;
    size_t n;
};

/* {"controller", "read", "problem", "present", "same", "newer", "records"} of each. */
json_t *why_elsewhere_json(const struct elsewhere_views *v);
/* is_leaving: something of the name is to go, so that an apply would need their word. */
void why_elsewhere_print(TALLOC_CTX *mem, const struct elsewhere_views *v, bool is_leaving);

#endif
