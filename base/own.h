/*
 * Talloc owners for handles that talloc does not know: wrap the handle the moment
 * it exists, and no later path can leak it.
 */
#ifndef BASE_OWN_H
#define BASE_OWN_H

#include <stdbool.h>
#include <talloc.h>

/*
 * Calls release(handle) when mem (or the owner) is freed.  When the owner cannot
 * be allocated, release(handle) is called at once and false is returned.
 * Owners are released in the reverse order of their making when they share mem.
 */
bool own(TALLOC_CTX *mem, void *handle, void (*release)(void *handle));

/* The same for a file descriptor, closed with close(2). */
bool own_fd(TALLOC_CTX *mem, int fd);

#endif
