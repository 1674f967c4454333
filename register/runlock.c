#include "register/runlock.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

/* How often a lock that is held is tried again. */
#define RUNLOCK_INTERVAL_MS 20

/* Then nothing is remembered either, and two runs at once can lose nothing. */
static bool is_unwritable(const char *state_dir)
{
    return access(state_dir, W_OK | X_OK) != 0 &&
           (errno == EACCES || errno == EPERM || errno == EROFS || errno == ENOENT);
}

static enum err try_until(TALLOC_CTX *mem, const char *path, struct deadline d, struct error *e)
{
    enum err rc;

    while ((rc = file_lock(mem, path, e)) == ERR_BUSY && deadline_left(d) > 0)
        poll(NULL, 0, RUNLOCK_INTERVAL_MS);
    return rc;
}

enum err runlock_wait(TALLOC_CTX *mem, const char *state_dir, const char *section, const char *what,
                      struct deadline d, struct error *e)
{
    char *path = talloc_asprintf(NULL, "%s/%s%s%s.lock", state_dir, what, section ? "-" : "",
                                 section ? section : "");
    struct error why = { 0 };
    enum err rc;

    if (!path)
        return err_nomem(e);
    if (!(rc = dir_make_private(state_dir, &why)))
        rc = try_until(mem, path, d, &why);
    if (rc && rc != ERR_BUSY && is_unwritable(state_dir)) {
        log_warning("another run cannot be kept out, and nothing is remembered: %s", why.message);
        rc = OK;
    } else if (rc && rc != ERR_BUSY) {
        err_prefix(&why, "another run cannot be kept out");
        err_hint(&why, "see what %s is; or use another directory with --state-dir", path);
    }
    if (rc && e)
        *e = why;
    talloc_free(path);
    return rc;
}
