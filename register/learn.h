/* What a run changes in the memory.  Pure. */
#ifndef REGISTER_LEARN_H
#define REGISTER_LEARN_H

#include "register/plan.h"

/*
 * Before sending: everything that is added.  What is there already and only refreshed may be an
 * administrator's: it is remembered where it was remembered before, or recovered
 * (register/origin.h; NULL: nothing was) has it.  False without memory.
 */
bool learn_intent(struct memory *m, const struct plan *plan, const struct memory *recovered);

/* Was it looked for, and not found? */
bool learn_is_gone(const struct memory_record *r, const struct published *after);

/*
 * Afterwards, on the memory as it was before: what the server accepted is added, and only that
 * (what it refused was somebody else's, published or not); what was deleted, as the server says
 * with authentication, and is not published any more is forgotten, as is an earlier name or an
 * unseen record that the directory proves to be another account's or gone; all else stays.  False
 * without memory.
 */
bool learn_result(struct memory *m, const struct plan *plan, const struct memory *recovered,
                  const struct published *after);

/* Pending records at names that were found to be in no zone at all (register/primaries.h) go: to be
 * shown only, as nobody proves it. */
void learn_vanished(struct memory *m, const char *const *names, size_t n);

/*
 * Afterwards: what is remembered and not of the wanted addresses at fqdn is pending, what is wanted
 * is not, nor what bears the name of another registration.  With n 0 (unregister) all that is left
 * else is pending.
 */
void learn_pending(struct memory *m, const char *fqdn, const struct ip *wanted, size_t n,
                   const struct siblings *siblings);

/* Addresses whose reverse names have to be looked at: of remembered PTRs and addresses of fqdn.  On
 * mem. */
enum err learn_addresses(TALLOC_CTX *mem, const struct memory *m, const char *fqdn, bool with_ptrs,
                         struct ip **out, size_t *n, struct error *e);

#endif
