/* Notices when a small text file such as resolv.conf says something else (inotify(7)). */
#ifndef REGISTER_FILEWATCH_H
#define REGISTER_FILEWATCH_H

#include <stdbool.h>
#include <talloc.h>

#include "base/err.h"

struct filewatch;

/*
 * Watch path, an absolute one: the file may be replaced, be a link, a chain of links or stand
 * behind one, and need not exist, nor need what a link leads to.  Watched are the directory of
 * path and, for each link, that of what it leads to; where a directory is missing, the last one on
 * the way that is there.
 * ERR_IO: the directory of path is missing, or there are no more watches to be had.
 */
enum err filewatch_open(TALLOC_CTX *mem, const char *path, struct filewatch **out, struct error *e);

/* For poll(2): readable when filewatch_has_changed has something to look at. */
int filewatch_fd(const struct filewatch *w);

/*
 * Is its content another than when this was last asked (or it was opened)?  Never waits.  What is
 * to be watched is found anew by it: directories may be others by now.  A mount that covers one of
 * them, or another name for one further up, makes nothing readable: such is noticed when this is
 * asked for another reason.
 */
bool filewatch_has_changed(struct filewatch *w);

#endif
