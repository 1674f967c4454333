#include "register/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"

#define MEMORY_MAX_BYTES (2 << 20)

static char *memory_path(TALLOC_CTX *mem, const char *state_dir, const char *section)
{
    return talloc_asprintf(mem, "%s/registered%s%s.json", state_dir, section ? "-" : "",
                           section ? section : "");
}

enum err memory_read(TALLOC_CTX *mem, const char *state_dir, const char *section,
                     struct memory **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *path = memory_path(tmp, state_dir, section);
    struct memory *empty = talloc_zero(tmp, struct memory);
    struct bytes content;
    enum err rc;

    if (!path || !empty) {
        rc = err_nomem(e);
        goto done;
    }
    rc = file_read(tmp, path, MEMORY_MAX_BYTES, &content, e);
    if (rc == ERR_NOTFOUND) {
        err_clear(e);
        rc = OK;
        *out = talloc_steal(mem, empty);
    } else if (!rc) {
        rc = memory_parse(mem, content, path, out, e);
    }
done:
    talloc_free(tmp);
    return rc;
}

enum err memory_write(const char *state_dir, const char *section, const struct memory *m,
                      struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *path = memory_path(tmp, state_dir, section);
    struct bytes content = memory_format(tmp, m);
    enum err rc;

    if (!path || !content.data)
        rc = err_nomem(e);
    else if (!(rc = dir_make_private(state_dir, e)))
        rc = file_write_atomic(path, content, e);
    talloc_free(tmp);
    return rc;
}

enum err memory_drop(const char *state_dir, const char *section, struct error *e)
{
    char *path = memory_path(NULL, state_dir, section);
    enum err rc = OK;

    if (!path)
        return err_nomem(e);
    if (unlink(path) == 0)
        rc = dir_sync_of(path, e);
    else if (errno != ENOENT)
        rc = err_errno(e, errno, "cannot delete %s", path);
    talloc_free(path);
    return rc;
}

/* Never over what is there already: an earlier one may be what somebody still needs. */
static enum err move_to_free_name(TALLOC_CTX *tmp, const char *path, const char **aside,
                                  struct error *e)
{
    for (unsigned i = 0; i < MEMORY_MAX_ASIDE; i++) {
        char *name =
            i ? talloc_asprintf(tmp, "%s.bad.%u", path, i) : talloc_asprintf(tmp, "%s.bad", path);

        if (!name)
            return err_nomem(e);
        if (renameat2(AT_FDCWD, path, AT_FDCWD, name, RENAME_NOREPLACE) == 0) {
            *aside = name;
            return dir_sync_of(path, e);
        }
        if (errno != EEXIST)
            return err_errno(e, errno, "cannot move %s to %s", path, name);
    }
    err_set(e, ERR_IO, "cannot put %s aside: %s.bad and %s.bad.1 to .bad.%u are there already",
            path, path, path, MEMORY_MAX_ASIDE - 1);
    return err_hint(e, "look at them, and delete those that nobody needs");
}

enum err memory_put_aside(TALLOC_CTX *mem, const char *state_dir, const char *section,
                          const char **aside, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *path = memory_path(tmp, state_dir, section);
    const char *name = NULL;
    enum err rc = path ? move_to_free_name(tmp, path, &name, e) : err_nomem(e);

    if (!rc)
        *aside = talloc_steal(mem, name);
    talloc_free(tmp);
    return rc;
}
