/*
 * Messages that put back what a run took from a zone that no directory holds; each is for a
 * change of restore_choose().
 */
#ifndef SCAVENGER_SERVED_RESTORE_H
#define SCAVENGER_SERVED_RESTORE_H

#include "scavenger/journal.h"

/*
 * The update that puts the removed records back, on mem: while the name has no CNAME, and of each
 * of their types exactly what the run left (nothing, mostly).
 */
enum err served_restore_message(TALLOC_CTX *mem, const struct journal_node *change, uint16_t id,
                                struct bytes *out, struct error *e);

/* An update without changes that succeeds where of these types all is there that was. */
enum err served_there_message(TALLOC_CTX *mem, const struct journal_node *change, uint16_t id,
                              struct bytes *out, struct error *e);

#endif
