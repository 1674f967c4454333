/* Notices when a small text file such as resolv.conf says something else (inotify(7)). */
#ifndef REGISTER_FILEWATCH_H
#define REGISTER_FILEWATCH_H

#include <stdbool.h>
#include <talloc.h>

#include "base/err.h"

struct filewatch;

/*
 * Watch the directory of path and, where path is a link, of what it leads to: the file may be
 * replaced, and need not exist.  ERR_IO: no such directory, or no more watches to be had.
 */
enum err filewatch_open(TALLOC_CTX *mem, const char *path, struct filewatch **out, struct error *e);

/* For poll(2): readable when filewatch_has_changed has something to look at. */
int filewatch_fd(const struct filewatch *w);

/* Is its content another than when this was last asked (or it was opened)?  Never waits. */
bool filewatch_has_changed(struct filewatch *w);

#endif
