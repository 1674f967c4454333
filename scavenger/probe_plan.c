#include "scavenger/probe_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dns/rr.h"

static bool is_in(struct ip a, const char *net)
{
    struct ip base;
    unsigned prefix;

    return ip_parse_net(net, &base, &prefix) && ip_in_net(a, base, prefix);
}

/* Whatever answers there is not the host that the record is about. */
bool probe_is_of_a_host(struct ip a)
{
    static const char *const others[] = { "0.0.0.0/8",   "127.0.0.0/8", "169.254.0.0/16",
                                          "224.0.0.0/3", "::/127",      "::ffff:0:0/96",
                                          "fe80::/10",   "ff00::/8" };

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (is_in(a, others[i]))
            return false;
    }
    return true;
}

static bool address_of(const struct zone_plan *plan, const struct plan_node *node,
                       const struct plan_value *v, struct ip *out)
{
    bool found = false;
    char *name;

    if ((v->type == DNS_TYPE_A || v->type == DNS_TYPE_AAAA) && v->data)
        found = ip_parse(v->data, out);
    if (v->type == DNS_TYPE_PTR && (name = dns_name_absolute(NULL, node->name, plan->zone->name))) {
        found = dns_name_to_ip(name, out);
        talloc_free(name);
    }
    return found && probe_is_of_a_host(*out);
}

enum err probe_list_add(struct probe_list *list, const struct zone_plan *plan, const char *name,
                        struct error *e)
{
    struct probe_target *grown;
    size_t cap = list->n + plan->n_removed;

    if (plan->n_removed == 0)
        return OK;
    grown = talloc_realloc(list, list->targets, struct probe_target, cap);
    if (!grown)
        return err_nomem(e);
    list->targets = grown;
    for (size_t i = 0; i < plan->n_nodes; i++) {
        bool is_meant = !name || strcmp(plan->nodes[i].name, name) == 0;

        for (size_t k = 0; is_meant && k < plan->nodes[i].n_values; k++) {
            const struct plan_value *v = &plan->nodes[i].values[k];
            struct probe_target t = { .answer = PROBE_UNTRIED };

            if (v->is_removed && list->n < cap && address_of(plan, &plan->nodes[i], v, &t.address))
                list->targets[list->n++] = t;
        }
    }
    return OK;
}

static int compare(const void *a, const void *b)
{
    return ip_compare(&((const struct probe_target *)a)->address,
                      &((const struct probe_target *)b)->address);
}

void probe_list_seal(struct probe_list *list)
{
    size_t n = 0;

    if (list->n)
        qsort(list->targets, list->n, sizeof *list->targets, compare);
    for (size_t i = 0; i < list->n; i++) {
        if (n == 0 || !ip_equal(list->targets[n - 1].address, list->targets[i].address))
            list->targets[n++] = list->targets[i];
    }
    list->n = n;
}

/* Beside what else is known of it. */
static enum err note_silence(struct zone_plan *plan, struct plan_value *v, const char *detail,
                             struct error *e)
{
    char *text =
        plan_text(plan, "%s%s%s", v->detail ? v->detail : "", v->detail ? "; " : "", detail);

    if (!text)
        return err_nomem(e);
    v->detail = text;
    return OK;
}

const struct probe_target *probe_list_find(const struct probe_list *list, struct ip address)
{
    const struct probe_target key = { .address = address };

    return list->n ? bsearch(&key, list->targets, list->n, sizeof key, compare) : NULL;
}

static enum err apply_to_value(const struct probe_list *list, struct zone_plan *plan,
                               struct plan_node *node, struct plan_value *v, bool answers_only,
                               struct error *e)
{
    const struct probe_target *t = NULL;
    char address[IP_TEXT_MAX], text[PROBE_TEXT_MAX], detail[IP_TEXT_MAX + PROBE_TEXT_MAX + 1];
    struct ip of;

    if (address_of(plan, node, v, &of))
        t = probe_list_find(list, of);
    if (!t || (answers_only && !probe_is_answer(t->answer)))
        return OK;
    snprintf(detail, sizeof detail, "%s %s", ip_format(t->address, address), probe_text(t, text));
    if (t->answer == PROBE_SILENT)
        return note_silence(plan, v, detail, e);
    return plan_spare(plan, node, v,
                      probe_is_answer(t->answer) ? REASON_ANSWERS : REASON_EVIDENCE_MISSING, detail,
                      e);
}

static enum err apply(const struct probe_list *list, struct zone_plan *plan, bool answers_only,
                      struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < plan->n_nodes && !rc; i++) {
        for (size_t k = 0; k < plan->nodes[i].n_values && !rc; k++) {
            if (plan->nodes[i].values[k].is_removed)
                rc = apply_to_value(list, plan, &plan->nodes[i], &plan->nodes[i].values[k],
                                    answers_only, e);
        }
    }
    return rc;
}

enum err probe_list_apply(const struct probe_list *list, struct zone_plan *plan, struct error *e)
{
    return apply(list, plan, false, e);
}

enum err probe_list_apply_answers(const struct probe_list *list, struct zone_plan *plan,
                                  struct error *e)
{
    return apply(list, plan, true, e);
}
