#include "cmd/evidence_report.h"

#include <stdio.h>

#include "cmd/observed_report.h"
#include "cmd/output.h"

/* So many lines of a kind are for people; programs get all of them. */
#define LINES_MAX 20

bool evidence_has_saved(const struct plan_value *v)
{
    switch (v->reason) {
    case REASON_ZONE_GATE:
    case REASON_CLUSTER:
    case REASON_OWNER_ALIVE:
    case REASON_FORWARD_FRESH:
    case REASON_REVERSE_FRESH:
    case REASON_ANSWERS:
    case REASON_SILENCE_SHORT:
    case REASON_HAS_ACCOUNT:
    case REASON_EVIDENCE_MISSING:
    case REASON_NEWER_ELSEWHERE:
        return true;
    default:
        return false;
    }
}

/* How much was read: accounts, or addresses. */
static size_t count_of(const struct evidence *ev, enum evidence_source s)
{
    if (ev->state[s] != EVIDENCE_READ)
        return 0;
    return s == EVIDENCE_ACCOUNTS ? computers_count(ev->computers) : pairs_count(ev->pairs);
}

json_t *evidence_json(const struct evidence *ev)
{
    json_t *all = json_object();

    for (int s = 0; all && s < EVIDENCE_COUNT; s++) {
        json_t *one = json_pack("{s:s, s:o, s:I}", "state", evidence_state_name(ev->state[s]),
                                "problem", output_json_text(ev->problem[s]), "count",
                                (json_int_t)count_of(ev, (enum evidence_source)s));

        if (json_object_set_new(all, evidence_name((enum evidence_source)s), one) != 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

static bool append_saved(json_t *list, const struct plan_node *node)
{
    for (size_t k = 0; k < node->n_values; k++) {
        const struct plan_value *v = &node->values[k];
        char type[16];
        json_t *one;

        if (!evidence_has_saved(v))
            continue;
        one = json_pack("{s:o, s:s, s:o, s:I, s:s, s:o, s:o, s:s, s:o}", "name",
                        output_json_text(node->name), "type", dnsp_type_name(v->type, type), "data",
                        output_json_text(v->data), "timestamp_hours", (json_int_t)v->timestamp_h,
                        "reason", reason_name(v->reason), "detail", output_json_text(v->detail),
                        "owner", output_json_text(node->owner_sid), "source",
                        stamp_source_name(v->source), "observed", observed_json(v));
        if (json_array_append_new(list, one) != 0)
            return false;
    }
    return true;
}

json_t *evidence_saved_json(const struct zone_plan *p)
{
    json_t *list = json_array();
    bool is_good = list != NULL;

    for (size_t i = 0; is_good && i < p->n_nodes; i++)
        is_good = append_saved(list, &p->nodes[i]);
    for (size_t i = 0; is_good && i < p->n_others; i++)
        is_good = append_saved(list, &p->others[i]);
    if (is_good)
        return list;
    json_decref(list);
    return NULL;
}

json_t *findings_json(const struct findings *f)
{
    json_t *all = json_array();

    for (size_t i = 0; all && i < f->n; i++) {
        const struct finding *x = &f->all[i];
        json_t *one =
            json_pack("{s:s, s:o, s:o, s:o, s:o}", "kind", finding_name(x->kind), "zone",
                      output_json_text(x->zone), "name", output_json_text(x->name), "data",
                      output_json_text(x->data), "detail", output_json_text(x->detail));

        if (json_array_append_new(all, one) != 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

/* Adds the node's saved values to the table as long as there is room; returns how many there are.
 */
static size_t add_saved(struct table *t, const struct plan_node *node, size_t n_before)
{
    size_t n = 0;

    for (size_t k = 0; k < node->n_values; k++) {
        const struct plan_value *v = &node->values[k];
        char type[16];
        const char *cells[] = { node->name, dnsp_type_name(v->type, type), v->data ? v->data : "",
                                reason_name(v->reason), v->detail ? v->detail : "" };

        if (!evidence_has_saved(v) || v->reason == REASON_ZONE_GATE)
            continue;
        if (n_before + n < LINES_MAX)
            table_row(t, cells);
        n++;
    }
    return n;
}

void evidence_print_saved(TALLOC_CTX *mem, const struct zone_plan *p)
{
    static const char *const headings[] = { "NAME", "TYPE", "DATA", "KEPT", "BECAUSE" };
    struct table *t = table_new(mem, headings, 5);
    size_t n = 0;

    for (size_t i = 0; i < p->n_nodes; i++)
        n += add_saved(t, &p->nodes[i], n);
    for (size_t i = 0; i < p->n_others; i++)
        n += add_saved(t, &p->others[i], n);
    if (n == 0)
        return;
    puts(signal_is_wanted(p->signals) ? "  old, but they stay:"
                                      : "  stale, but evidence speaks for them:");
    table_print(t, "  ");
    if (n > LINES_MAX)
        printf("  … and %zu more (--json has all)\n", n - LINES_MAX);
}

void evidence_print(TALLOC_CTX *mem, const struct evidence *ev)
{
    static const char *const what[EVIDENCE_COUNT] = {
        [EVIDENCE_ACCOUNTS] = "computer accounts",
        [EVIDENCE_PAIRS] = "addresses, forward and reverse",
    };
    const char *separator = "Evidence: ";
    bool is_any = false;

    for (int s = 0; s < EVIDENCE_COUNT; s++) {
        if (ev->state[s] != EVIDENCE_READ)
            continue;
        printf("%s%zu %s", separator, count_of(ev, (enum evidence_source)s), what[s]);
        separator = "; ";
        is_any = true;
    }
    puts(is_any ? "" : "Evidence: timestamps only");
    for (int s = 0; s < EVIDENCE_COUNT; s++) {
        if (ev->state[s] == EVIDENCE_UNREAD)
            printf("  %s could not be read: %s\n  what they could have saved stays; go on without "
                   "them by leaving them out of --evidence\n",
                   evidence_name((enum evidence_source)s), output_safe(mem, ev->problem[s]));
    }
}

static void print_finding(TALLOC_CTX *mem, const struct finding *x)
{
    printf("  %-17s  %s in %s%s%s\n    %s\n", finding_name(x->kind), output_safe(mem, x->name),
           output_safe(mem, x->zone), *x->data ? ": " : "", output_safe(mem, x->data),
           output_safe(mem, x->detail));
}

void findings_print(TALLOC_CTX *mem, const struct findings *f)
{
    size_t shown[FINDING_COUNT] = { 0 };

    if (f->n == 0)
        return;
    puts("Needs a person:");
    for (size_t i = 0; i < f->n; i++) {
        if (shown[f->all[i].kind]++ < LINES_MAX)
            print_finding(mem, &f->all[i]);
    }
    for (int k = 0; k < FINDING_COUNT; k++) {
        if (f->counted[k] > LINES_MAX)
            printf("  … and %zu more %s (--json has them)\n", f->counted[k] - LINES_MAX,
                   finding_name((enum finding_kind)k));
    }
    putchar('\n');
}
