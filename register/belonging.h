/*
 * Whose a memory is.  A disk that was copied brings the memory of another host with it, which would
 * take that host's records away; and a registration that has become a section has left its memory
 * under the name that it had.
 */
#ifndef REGISTER_BELONGING_H
#define REGISTER_BELONGING_H

#include "register/contact.h"
#include "register/memory.h"
#include "register/siblings.h"

#define BELONGING_MACHINE_ID "/etc/machine-id"

/* The id in a file as machine-id(5) has it, on mem; NULL where there is none. */
char *belonging_machine_id(TALLOC_CTX *mem, const char *path);

/*
 * Is m of another machine and another account?  One of them alone changes when a host is renamed,
 * joined anew or installed anew.  What is not known is no other.  Pure.
 */
bool belonging_is_anothers(const struct memory *m, const char *machine, const char *principal);

/*
 * *m, as recall_memory() gave it, becomes what this host may go by, on mem.  Another's file is put
 * aside, as recall_memory() does, and *m empty.  A section takes over what was registered without
 * one under its name: that is in its own file then, and the other one gone; where no section is for
 * that name a warning tells how to remove it.  Nothing is written in a dry run.  *on_disk: what the
 * file of opt's section has, before and after; another's counts as nothing.  machine: NULL where it
 * is not known.  ERR_NOMEM.
 */
enum err belonging_settle(TALLOC_CTX *mem, const struct register_options *opt,
                          const struct host *host, const struct siblings *siblings,
                          const char *machine, struct memory **m, struct memory **on_disk,
                          bool *may_save, struct error *e);

#endif
