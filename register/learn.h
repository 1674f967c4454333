/* What a run changes in the memory.  Pure. */
#ifndef REGISTER_LEARN_H
#define REGISTER_LEARN_H

#include "register/plan.h"

/*
 * Controllers of a domain tell one another within minutes, those far apart within hours.  So long
 * nothing that another one had counts as gone because this one does not show it.
 */
#define LEARN_REPLICATION_S (48 * 3600)

/*
 * Before sending, by the server that at names: everything that is added.  What is there already and
 * only refreshed may be an administrator's: it is remembered where it was remembered before, or
 * recovered (register/origin.h; NULL: nothing was) has it.  False without memory.
 */
bool learn_intent(struct memory *m, const struct plan *plan, const struct memory *recovered,
                  struct sighting at);

/*
 * Is what the server that at names does not have gone for that: had it the record last, or was that
 * longer ago than replication takes?
 */
bool learn_can_tell(const struct memory_record *r, struct sighting at);

/* Was it looked for, and not found, at the server that at names, and can that one tell? */
bool learn_is_gone(const struct memory_record *r, const struct published *after,
                   struct sighting at);

/* Was it looked for, and not found there, but is not gone for all that? */
bool learn_is_awaited(const struct memory_record *r, const struct published *after,
                      struct sighting at);

/* What is published was seen there.  False without memory. */
bool learn_seen(struct memory *m, const struct published *p, struct sighting at);

/* Is anything pending that another server may still come out with? */
bool learn_is_unsettled(const struct memory *m, int64_t now_s);

/*
 * Afterwards, on the memory as it was before, but for learn_seen: what the server accepted is
 * added, and only that (what it refused was somebody else's, published or not); what was deleted,
 * as the server says with authentication, and is gone (learn_is_gone) is forgotten, as is an
 * earlier name or an unseen record that the directory proves to be another account's or gone; all
 * else stays. False without memory.
 */
bool learn_result(struct memory *m, const struct plan *plan, const struct memory *recovered,
                  const struct published *after, struct sighting at);

/*
 * Afterwards: what is remembered and not of the wanted addresses at fqdn is pending, what is wanted
 * is not, nor what bears the name of another registration.  With n 0 (unregister) all that is left
 * else is pending.
 */
void learn_pending(struct memory *m, const char *fqdn, const struct ip *wanted, size_t n,
                   const struct siblings *siblings, int64_t now_s);

/* Addresses whose reverse names have to be looked at: of remembered PTRs and addresses of fqdn.  On
 * mem. */
enum err learn_addresses(TALLOC_CTX *mem, const struct memory *m, const char *fqdn, bool with_ptrs,
                         struct ip **out, size_t *n, struct error *e);

#endif
