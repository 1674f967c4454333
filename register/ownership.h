/*
 * Why a server refused: a name that another account owns.  Asked of the directory only after
 * a refusal, never on the way of a run that goes well.
 */
#ifndef REGISTER_OWNERSHIP_H
#define REGISTER_OWNERSHIP_H

#include "register/contact.h"
#include "register/plan.h"

/* Is any step refused or somebody else's, so that ownership_explain may know more? */
bool ownership_is_in_question(const struct plan *plan);

/*
 * Unseen records that are at a name of another account, or at none where this server can tell
 * (learn_can_tell), are kept as what is proven to be gone; memory: what the plan was made from;
 * is_all: no zone of another server's can be meant.  Other refused steps at names that
 * another account owns become conflicts; those and the plan's own conflicts say whose the name is.
 * What cannot be found out (no directory there, no right to read) stays as it is, and is logged.
 */
void ownership_explain(const struct host *host, const struct contact *contact, const char *keytab,
                       const struct memory *memory, bool is_all, struct deadline d,
                       struct plan *plan);

#endif
