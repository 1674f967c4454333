#include "register/filewatch.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"

#define FILEWATCH_MAX_BYTES (1 << 20)

struct filewatch {
    int fd;
    char *path;
    int target_wd; /* of the directory that a link leads to; -1: none of its own */
    int own_wd;
    uint64_t digest;
};

/* FNV-1a; 0 stands for no readable file. */
static uint64_t digest_of(const char *path)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    uint64_t digest = 0;
    char real[PATH_MAX];
    struct bytes text;

    if (realpath(path, real) && file_read(tmp, real, FILEWATCH_MAX_BYTES, &text, NULL) == OK) {
        digest = 0xcbf29ce484222325;
        for (size_t i = 0; i < text.len; i++)
            digest = (digest ^ text.data[i]) * 0x100000001b3;
    }
    talloc_free(tmp);
    return digest;
}

static int watch_directory_of(int fd, const char *path)
{
    char *copy = talloc_strdup(NULL, path);
    int wd = copy ? inotify_add_watch(fd, dirname(copy),
                                      IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_TO |
                                          IN_MOVED_FROM | IN_ONLYDIR)
                  : -1;

    talloc_free(copy);
    return wd;
}

/* The link may lead elsewhere by now. */
static void watch_target(struct filewatch *w)
{
    char real[PATH_MAX];
    int wd = realpath(w->path, real) ? watch_directory_of(w->fd, real) : -1;

    if (w->target_wd >= 0 && w->target_wd != wd && w->target_wd != w->own_wd)
        inotify_rm_watch(w->fd, w->target_wd);
    w->target_wd = wd;
}

enum err filewatch_open(TALLOC_CTX *mem, const char *path, struct filewatch **out, struct error *e)
{
    struct filewatch *w = talloc_zero(mem, struct filewatch);
    enum err rc = OK;

    if (!w || !(w->path = talloc_strdup(w, path))) {
        talloc_free(w);
        return err_nomem(e);
    }
    w->target_wd = -1;
    w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (w->fd < 0)
        rc = err_errno(e, errno, "cannot watch %s", path);
    else if (!own_fd(w, w->fd))
        rc = err_nomem(e);
    else if ((w->own_wd = watch_directory_of(w->fd, path)) < 0)
        rc = err_errno(e, errno, "cannot watch the directory of %s", path);
    if (rc) {
        talloc_free(w);
        return rc;
    }
    watch_target(w);
    w->digest = digest_of(path);
    *out = w;
    return OK;
}

int filewatch_fd(const struct filewatch *w) { return w->fd; }

bool filewatch_has_changed(struct filewatch *w)
{
    char events[4096];
    uint64_t digest;
    bool has_changed;

    while (read(w->fd, events, sizeof events) > 0)
        ;
    watch_target(w);
    digest = digest_of(w->path);
    has_changed = digest != w->digest;
    w->digest = digest;
    return has_changed;
}
