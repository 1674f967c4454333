#include "register/filewatch.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/own.h"

#define FILEWATCH_MAX_BYTES (1 << 20)
#define MAX_DIRECTORIES 16 /* of links one behind another, and no more */
#define MAX_HOPS 40        /* as the kernel has it */
#define MAX_TRIES 4        /* when directories change faster than they are watched */

#define EVENTS                                                                                     \
    (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE_SELF |       \
     IN_MOVE_SELF | IN_ONLYDIR)

struct filewatch {
    int fd;
    char *path;
    int wds[MAX_DIRECTORIES];
    size_t n;
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

/* The directories in which a change can lead a path elsewhere. */
struct way {
    char *directories[MAX_DIRECTORIES];
    size_t n;
};

static void add_directory(struct way *way, const char *path)
{
    for (size_t i = 0; i < way->n; i++) {
        if (strcmp(way->directories[i], path) == 0)
            return;
    }
    if (way->n < MAX_DIRECTORIES && (way->directories[way->n] = talloc_strdup(way, path)))
        way->n++;
}

static bool is_same_way(const struct way *a, const struct way *b)
{
    for (size_t i = 0; a->n == b->n && i < a->n; i++) {
        if (strcmp(a->directories[i], b->directories[i]) != 0)
            return false;
    }
    return a->n == b->n;
}

struct walk {
    char at[PATH_MAX];   /* so far, without a link */
    char rest[PATH_MAX]; /* still to go */
    int hops;
};

/* "/a" and "b" to "/a/b", "/" and "b" to "/b".  False where that is too long. */
static bool append(char *path, const char *name, size_t len)
{
    size_t used = strcmp(path, "/") == 0 ? 0 : strlen(path);

    if (used + 1 + len >= PATH_MAX)
        return false;
    path[used] = '/';
    memcpy(path + used + 1, name, len);
    path[used + 1 + len] = '\0';
    return true;
}

static void drop_last(char *path)
{
    char *slash = strrchr(path, '/');

    slash[slash == path] = '\0';
}

/* At a link: go where it leads.  False where that is too far. */
static bool follow(struct walk *k)
{
    char target[PATH_MAX], whole[2 * PATH_MAX];
    ssize_t len = readlink(k->at, target, sizeof target - 1);

    if (len <= 0 || ++k->hops > MAX_HOPS)
        return false;
    target[len] = '\0';
    if (snprintf(whole, sizeof whole, "%s/%s", target, k->rest) >= PATH_MAX)
        return false;
    memcpy(k->rest, whole, strlen(whole) + 1);
    if (target[0] == '/')
        memcpy(k->at, "/", 2);
    else
        drop_last(k->at);
    return true;
}

/* One name further.  False at the end, or where there is nothing of that name. */
static bool walk_on(struct walk *k, struct way *way)
{
    char *name = k->rest + strspn(k->rest, "/"), held_by[PATH_MAX];
    size_t len = strcspn(name, "/"), next = len + strspn(name + len, "/");
    bool is_last = !name[next], is_there = true, is_link = false;
    struct stat st;

    if (len == 2 && memcmp(name, "..", 2) == 0) {
        drop_last(k->at);
    } else if (len != 1 || *name != '.') {
        memcpy(held_by, k->at, sizeof held_by);
        if (!len || !append(k->at, name, len))
            return false;
        is_there = lstat(k->at, &st) == 0;
        is_link = is_there && S_ISLNK(st.st_mode);
        if (is_last || is_link || !is_there)
            add_directory(way, held_by);
    }
    memmove(k->rest, name + next, strlen(name + next) + 1);
    return is_there && (!is_link || follow(k));
}

/* Directories that hold one another and are no links are left out but for the last. */
static struct way *find_way(TALLOC_CTX *mem, const char *path)
{
    struct way *way = talloc_zero(mem, struct way);
    struct walk *k = talloc_zero(way, struct walk);

    if (k) {
        memcpy(k->at, "/", 2);
        snprintf(k->rest, sizeof k->rest, "%s", path);
        while (walk_on(k, way))
            ;
    }
    talloc_free(k);
    return way;
}

static bool has_wd(const int *wds, size_t n, int wd)
{
    for (size_t i = 0; i < n; i++) {
        if (wds[i] == wd)
            return true;
    }
    return false;
}

/* Watch what is on the way, and no more than that. */
static void watch_way(struct filewatch *w, const struct way *way)
{
    int wds[MAX_DIRECTORIES];
    size_t n = 0;

    for (size_t i = 0; i < way->n; i++) {
        int wd = inotify_add_watch(w->fd, way->directories[i], EVENTS);

        if (wd >= 0 && !has_wd(wds, n, wd))
            wds[n++] = wd;
    }
    /* Those of directories that are no more are refused: the kernel has dropped them. */
    for (size_t i = 0; i < w->n; i++) {
        if (!has_wd(wds, n, w->wds[i]))
            inotify_rm_watch(w->fd, w->wds[i]);
    }
    memcpy(w->wds, wds, n * sizeof wds[0]);
    w->n = n;
}

/*
 * A directory that comes between the look and the watch would be missed: look again.  Watches of a
 * directory that was replaced under its name go with it.
 */
static void rearm(struct filewatch *w)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct way *before = NULL;

    for (int i = 0; i < MAX_TRIES; i++) {
        struct way *now = find_way(tmp, w->path);

        if (!now || (before && is_same_way(before, now)))
            break;
        watch_way(w, now);
        before = now;
    }
    talloc_free(tmp);
}

static enum err check_directory(const char *path, struct error *e)
{
    char *directory = talloc_strdup(NULL, path);
    struct stat st;
    enum err rc = OK;

    if (!directory)
        return err_nomem(e);
    drop_last(directory);
    if (stat(directory, &st) != 0)
        rc = err_errno(e, errno, "cannot watch the directory of %s", path);
    talloc_free(directory);
    return rc;
}

enum err filewatch_open(TALLOC_CTX *mem, const char *path, struct filewatch **out, struct error *e)
{
    struct filewatch *w = talloc_zero(mem, struct filewatch);
    enum err rc;

    if (!w || !(w->path = talloc_strdup(w, path))) {
        talloc_free(w);
        return err_nomem(e);
    }
    if ((rc = check_directory(path, e)))
        goto fail;
    w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (w->fd < 0)
        rc = err_errno(e, errno, "cannot watch %s", path);
    else if (!own_fd(w, w->fd))
        rc = err_nomem(e);
    if (rc)
        goto fail;
    rearm(w);
    if (!w->n) {
        rc = err_errno(e, errno, "cannot watch %s", path);
        goto fail;
    }
    w->digest = digest_of(path);
    *out = w;
    return OK;
fail:
    talloc_free(w);
    return rc;
}

int filewatch_fd(const struct filewatch *w) { return w->fd; }

bool filewatch_has_changed(struct filewatch *w)
{
    char events[4096];
    uint64_t digest;
    bool has_changed;

    while (read(w->fd, events, sizeof events) > 0)
        ;
    rearm(w);
    digest = digest_of(w->path);
    has_changed = digest != w->digest;
    w->digest = digest;
    return has_changed;
}
