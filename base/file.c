#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/own.h"

/* A new directory is on disk before anything that is relied on goes into it. */
static enum err make_directory(const char *path, mode_t mode, struct error *e)
{
    if (mkdir(path, mode) == 0)
        return dir_sync_of(path, e);
    return errno == EEXIST ? OK : err_errno(e, errno, "cannot create directory %s", path);
}

enum err dir_make_private(const char *path, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *copy = talloc_strdup(tmp, path);
    struct stat st;
    enum err rc = OK;

    if (!copy) {
        rc = err_nomem(e);
        goto done;
    }
    /* "dir/" would make dir a parent, and hide that it is a link. */
    for (size_t len = strlen(copy); len > 1 && copy[len - 1] == '/'; len--)
        copy[len - 1] = '\0';
    if (!*copy) {
        rc = err_set(e, ERR_IO, "cannot create a directory without a name");
        goto done;
    }
    for (char *s = copy + 1; *s; s++) {
        if (*s != '/')
            continue;
        *s = '\0';
        if ((rc = make_directory(copy, 0755, e)))
            goto done;
        *s = '/';
    }
    if ((rc = make_directory(copy, 0700, e)))
        goto done;
    if (lstat(copy, &st) != 0)
        rc = err_errno(e, errno, "cannot look at directory %s", path);
    else if (!S_ISDIR(st.st_mode))
        rc = err_set(e, ERR_IO, "%s is not a directory", path);
done:
    talloc_free(tmp);
    return rc;
}

static enum err read_all(int fd, const char *path, uint8_t *buf, size_t want, size_t *got,
                         struct error *e)
{
    *got = 0;
    while (*got < want) {
        ssize_t n = read(fd, buf + *got, want - *got);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(e, errno, "cannot read %s", path);
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return OK;
}

enum err file_read(TALLOC_CTX *mem, const char *path, size_t max, struct bytes *out,
                   struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    enum err rc = OK;
    struct stat st;
    uint8_t *buf;
    size_t got;

    if (fd < 0) {
        int why = errno;

        rc = err_errno(e, why, "cannot open %s", path);
        if (why == ENOENT) {
            rc = ERR_NOTFOUND;
            if (e)
                e->code = rc;
        }
        goto done;
    }
    if (!tmp || !own_fd(tmp, fd)) {
        rc = err_nomem(e);
        goto done;
    }
    if (fstat(fd, &st) != 0) {
        rc = err_errno(e, errno, "cannot look at %s", path);
        goto done;
    }
    if (!S_ISREG(st.st_mode)) {
        rc = err_set(e, ERR_IO, "%s is not a regular file", path);
        goto done;
    }
    if (st.st_size < 0 || (uintmax_t)st.st_size > max) {
        rc = err_set(e, ERR_IO, "%s is larger than %zu bytes", path, max);
        goto done;
    }
    buf = talloc_size(tmp, (size_t)st.st_size + 1);
    if (!buf) {
        rc = err_nomem(e);
        goto done;
    }
    rc = read_all(fd, path, buf, (size_t)st.st_size, &got, e);
    if (rc)
        goto done;
    buf[got] = 0;
    *out = (struct bytes){ talloc_steal(mem, buf), got };
done:
    talloc_free(tmp);
    return rc;
}

static enum err write_all(int fd, const char *path, struct bytes content, struct error *e)
{
    size_t done = 0;

    while (done < content.len) {
        ssize_t n = write(fd, content.data + done, content.len - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(e, errno, "cannot write %s", path);
        done += (size_t)n;
    }
    if (fsync(fd) != 0)
        return err_errno(e, errno, "cannot flush %s to disk", path);
    return OK;
}

enum err dir_sync_of(const char *path, struct error *e)
{
    char *copy = talloc_strdup(NULL, path);
    enum err rc = OK;
    int fd;

    if (!copy)
        return err_nomem(e);
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        rc = err_errno(e, errno, "cannot flush the directory of %s to disk", path);
    if (fd >= 0)
        close(fd);
    talloc_free(copy);
    return rc;
}

#define PRIVATE_MODE 0600 /* what mkostemp gives */

static enum err write_atomic(const char *path, struct bytes content, mode_t mode, struct error *e)
{
    char *temporary = talloc_asprintf(NULL, "%s.XXXXXX", path);
    enum err rc;
    int fd;

    if (!temporary)
        return err_nomem(e);
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        rc = err_errno(e, errno, "cannot create a file beside %s", path);
        talloc_free(temporary);
        return rc;
    }
    rc = write_all(fd, temporary, content, e);
    if (!rc && mode != PRIVATE_MODE && fchmod(fd, mode) != 0)
        rc = err_errno(e, errno, "cannot set the mode of %s", temporary);
    close(fd);
    if (!rc && rename(temporary, path) != 0)
        rc = err_errno(e, errno, "cannot rename %s to %s", temporary, path);
    if (rc)
        unlink(temporary);
    else
        rc = dir_sync_of(path, e);
    talloc_free(temporary);
    return rc;
}

enum err file_write_atomic(const char *path, struct bytes content, struct error *e)
{
    return write_atomic(path, content, PRIVATE_MODE, e);
}

enum err file_is_replaceable(const char *path, struct error *e)
{
    struct stat there;

    if (lstat(path, &there) != 0 || S_ISREG(there.st_mode))
        return OK;
    err_set(e, ERR_USAGE, "%s is %s", path,
            S_ISDIR(there.st_mode)   ? "a directory"
            : S_ISLNK(there.st_mode) ? "a symbolic link, which would be replaced"
                                     : "not a regular file, and would be replaced");
    err_hint(e, "name a file of its own, or one that is not there yet");
    return ERR_USAGE;
}

enum err file_publish_atomic(const char *path, struct bytes content, struct error *e)
{
    enum err rc = file_is_replaceable(path, e);

    if (rc)
        return rc;
    mode_t mask = umask(077);

    umask(mask);
    return write_atomic(path, content, 0666 & ~mask, e);
}

bool file_is_locked(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool is_locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;

    if (fd >= 0)
        close(fd);
    return is_locked;
}

/* Somebody who only looks has it for an instant. */
static int lock_soon(int fd)
{
    struct timespec pause = { 0, 5000000 };
    int rc = flock(fd, LOCK_EX | LOCK_NB);

    for (int i = 0; i < 4 && rc != 0 && errno == EWOULDBLOCK; i++) {
        nanosleep(&pause, NULL);
        rc = flock(fd, LOCK_EX | LOCK_NB);
    }
    return rc;
}

enum err file_lock(TALLOC_CTX *mem, const char *path, struct error *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    char holder[32] = "";
    char text[32];
    long pid;
    int len;

    if (fd < 0)
        return err_errno(e, errno, "cannot open the lock %s", path);
    if (lock_soon(fd) != 0) {
        int why = errno;
        ssize_t n = pread(fd, holder, sizeof holder - 1, 0);

        close(fd);
        if (why != EWOULDBLOCK)
            return err_errno(e, why, "cannot lock %s", path);
        holder[n > 0 ? n : 0] = '\0';
        pid = strtol(holder, NULL, 10);
        /* The holder writes its number only after it has the lock. */
        if (pid > 0)
            err_set(e, ERR_BUSY, "another muster run (process %ld) holds %s", pid, path);
        else
            err_set(e, ERR_BUSY, "another muster run holds %s", path);
        return err_hint(e, "wait for it to end, then run again"), ERR_BUSY;
    }
    if (!own_fd(mem, fd))
        return err_nomem(e);
    len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    /* It is held, whether the disk has room for the number or not. */
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) != len)
        log_debug("cannot write the number of this process to %s", path);
    return OK;
}
