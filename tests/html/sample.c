/* Prints a report page for tests/html/check: hostile names, and enough records to sort and filter.
 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmd/report_html.h"
#include "tests/unit/report_sample.h"

#define EXTRA 120

static void add_hosts(struct report_sample *s)
{
    struct zone_plan *p = &s->plans[0];
    struct plan_node *nodes = talloc_zero_array(s, struct plan_node, EXTRA + 2);

    memcpy(nodes, s->nodes, sizeof s->nodes);
    for (size_t i = 0; i < EXTRA; i++) {
        struct plan_value *v = talloc_zero(s, struct plan_value);

        *v = sample_value(REASON_STALE, (uint32_t)(337 + i * 7919 % 9000),
                          talloc_asprintf(s, "10.0.%zu.%zu", i / 50, i * 37 % 250));
        v->type = DNS_TYPE_A;
        v->detail = "no computer account has the name; no fresh PTR names it";
        nodes[i + 2] =
            (struct plan_node){ .name = talloc_asprintf(s, "pc%03zu", i),
                                .values = v,
                                .n_values = 1,
                                .n_removed = 1,
                                .outcome = s->report.run ? OUTCOME_DELETED : OUTCOME_PLANNED };
        p->ages[age_step(v->timestamp_h, SAMPLE_NOW_H)]++;
    }
    p->nodes = nodes;
    p->n_nodes += EXTRA;
    p->n_removed += EXTRA;
    p->dynamic += EXTRA;
    p->examined += EXTRA;
}

int main(int argc, char **argv)
{
    void *state = NULL;

    sample_setup(&state);
    if (argc > 1 && strcmp(argv[1], "applied") == 0)
        sample_apply(state);
    add_hosts(state);
    fputs(report_html_text(state, &((struct report_sample *)state)->report), stdout);
    return sample_teardown(&state);
}
