/* What a run changes in the memory.  Pure. */
#ifndef REGISTER_LEARN_H
#define REGISTER_LEARN_H

#include "register/plan.h"

/* Before sending: everything that may be published from now on.  False without memory. */
bool learn_intent(struct memory *m, const struct plan *plan);

/*
 * Afterwards, on the memory as it was before: what the server accepted is added, and only that
 * (what it refused was somebody else's, published or not); what was looked for and is not published
 * any more is forgotten; what could not be looked at, or bears another name, stays.  False without
 * memory.
 */
bool learn_result(struct memory *m, const struct plan *plan, const struct published *after);

/*
 * Afterwards: what is remembered and not of the wanted addresses at fqdn is pending, what is wanted
 * is not.  With n 0 (unregister) all that is left is pending.
 */
void learn_pending(struct memory *m, const char *fqdn, const struct ip *wanted, size_t n);

/* Addresses whose reverse names have to be looked at: of remembered PTRs and addresses of fqdn.  On
 * mem. */
enum err learn_addresses(TALLOC_CTX *mem, const struct memory *m, const char *fqdn, bool with_ptrs,
                         struct ip **out, size_t *n, struct error *e);

#endif
