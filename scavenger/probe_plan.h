/* Which addresses a plan depends on, and what their answers mean for it.  Pure but for memory. */
#ifndef SCAVENGER_PROBE_PLAN_H
#define SCAVENGER_PROBE_PLAN_H

#include "scavenger/plan.h"
#include "scavenger/probe.h"

/* A talloc object: the targets are its child. */
struct probe_list {
    struct probe_target *targets; /* sorted, each address once */
    size_t n;
};

/*
 * Add the addresses of a plan's candidates: those of A and AAAA records, and the one that a
 * PTR's own name stands for.  Addresses that say nothing about a host are left out: loopback,
 * link-local, multicast, unspecified, reserved.  Call probe_list_seal() before anything else.
 * name: of this one only, relative; NULL: of all.
 */
enum err probe_list_add(struct probe_list *list, const struct zone_plan *plan, const char *name,
                        struct error *e);
void probe_list_seal(struct probe_list *list);

/* Is it an address that says something about a host, see above? */
bool probe_is_of_a_host(struct ip address);

/* The target of that address in a sealed list, or NULL. */
const struct probe_target *probe_list_find(const struct probe_list *list, struct ip address);

/*
 * Spare the candidates whose address answered, and those whose address could not be asked
 * (evidence-missing); of what was silent the detail says so.
 */
enum err probe_list_apply(const struct probe_list *list, struct zone_plan *plan, struct error *e);

/* Only the answers: who was silent or could not be asked is judged elsewhere. */
enum err probe_list_apply_answers(const struct probe_list *list, struct zone_plan *plan,
                                  struct error *e);

#endif
