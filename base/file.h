/* Local files that must survive a crash and must not be readable by others. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/bytes.h"
#include "base/err.h"

/* Make path (and missing parents) a directory of mode 0700; an existing directory is left as it is.
 * A link at path itself is refused. */
enum err dir_make_private(const char *path, struct error *e);

/* The whole file on mem, at most max bytes.  ERR_NOTFOUND where it does not exist; a link as last
 * component, or anything but a regular file, is refused. */
enum err file_read(TALLOC_CTX *mem, const char *path, size_t max, struct bytes *out,
                   struct error *e);

/* Write to a temporary file beside path, fsync, rename over path, fsync the directory.  Mode 0600.
 */
enum err file_write_atomic(const char *path, struct bytes content, struct error *e);

/* May path be replaced as these do it: is there nothing, or a regular file?  A rename would put an
 * end to a device, and to a link instead of what it points to.  ERR_USAGE. */
enum err file_is_replaceable(const char *path, struct error *e);

/* The same for a file that others may read, and that somebody named: its mode is 0666 without the
 * umask's bits, and it has to be replaceable. */
enum err file_publish_atomic(const char *path, struct bytes content, struct error *e);

/* Make a rename or a new file in the directory of path durable. */
enum err dir_sync_of(const char *path, struct error *e);

/* Does somebody hold that lock now?  No where there is none, or it may not be looked at. */
bool file_is_locked(const char *path);

/* An exclusive lock held until mem is freed.  ERR_BUSY where another process holds it; its message
 * names that process's id where known. */
enum err file_lock(TALLOC_CTX *mem, const char *path, struct error *e);

#endif
