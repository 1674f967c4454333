#include "register/runlock.h"

#include <poll.h>

#include "base/file.h"
#include "base/log.h"

/* How often a lock that is held is tried again. */
#define RUNLOCK_INTERVAL_MS 20

enum err runlock_wait(TALLOC_CTX *mem, const char *state_dir, const char *section, const char *what,
                      struct deadline d, struct error *e)
{
    char *path = talloc_asprintf(NULL, "%s/%s%s%s.lock", state_dir, what, section ? "-" : "",
                                 section ? section : "");
    struct error why = { 0 };
    enum err rc;

    if (!path)
        return err_nomem(e);
    rc = dir_make_private(state_dir, &why);
    while (!rc && (rc = file_lock(mem, path, &why)) == ERR_BUSY && deadline_left(d) > 0) {
        poll(NULL, 0, RUNLOCK_INTERVAL_MS);
        rc = OK;
    }
    if (rc == ERR_BUSY) {
        if (e)
            *e = why;
    } else if (rc) {
        log_warning("another run cannot be kept out: %s", why.message);
        rc = OK;
    }
    talloc_free(path);
    return rc;
}
