/* The memory at the start of a run, whatever the disk has in its place. */
#ifndef REGISTER_RECALL_H
#define REGISTER_RECALL_H

#include "register/memory.h"
#include "register/register.h"

/*
 * A memory that cannot be read costs the knowledge of old records, not the registration: *out is
 * empty then, and why is logged.  What is in the file's place is put aside, so that nothing is lost
 * and it is said once; where that fails *may_save is false, and nothing may be written over it.  In
 * a dry run nothing is moved.  *out on mem.  ERR_NOMEM.
 */
enum err recall_memory(TALLOC_CTX *mem, const struct register_options *opt, struct memory **out,
                       bool *may_save, struct error *e);

/* Put the file aside and log where it is.  False: it is where it was. */
bool recall_put_aside(const struct register_options *opt);

#endif
