#include "register/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/own.h"

#define COMPLAINT_MAX 200 /* of standard error, for the message */
#define DYING_MS 1000     /* for a killed process to be gone */
#define STACK_BYTES 65536 /* until it is another program */
#define PROGRAM_FD 3      /* where a script finds itself */

/* Statuses of a child that did not become the program. */
enum { STATUS_NOT_PREPARED = 125, STATUS_NOT_EXECUTED = 126 };

struct child {
    int program; /* O_PATH */
    int out;     /* our ends of its pipes, and those that it gets */
    int err;
    int status;
    int its_out;
    int its_err;
    int its_status;
    const char *path;
    pid_t pid; /* of the keeper */
    int pidfd;
};

struct printed {
    uint8_t *out;
    size_t out_len;
    size_t out_max;
    char err[COMPLAINT_MAX];
    size_t err_len;
};

/* Whoever can change the program could otherwise do whatever we may. */
static enum err open_program(TALLOC_CTX *mem, const char *path, int *out, struct error *e)
{
    struct stat st;
    int fd;

    if (path[0] != '/')
        return err_set(e, ERR_CONFIG, "it has to be an absolute path");
    fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return err_set(e, ERR_CONFIG, "%s", strerror(errno));
    if (!own_fd(mem, fd))
        return err_nomem(e);
    if (fstat(fd, &st) != 0)
        return err_set(e, ERR_CONFIG, "%s", strerror(errno));
    if (!S_ISREG(st.st_mode) || !(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
        return err_set(e, ERR_CONFIG, "it is not an executable file");
    if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & (S_IWGRP | S_IWOTH)))
        return err_set(e, ERR_CONFIG,
                       "others may change it: it has to belong to root and be writable by its "
                       "owner only");
    *out = fd;
    return OK;
}

/* --- in the child: only what is async-signal-safe */

static void reset_signals(void)
{
    sigset_t none;

    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A copy out of the way of 0 to PROGRAM_FD, which are about to be taken. */
static int out_of_the_way(int fd) { return fcntl(fd, F_DUPFD, PROGRAM_FD + 1); }

static void become(const struct child *c)
{
    static char *const environment[] = {
        (char *)(uintptr_t) "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        (char *)(uintptr_t) "LC_ALL=C", NULL
    };
    static const char why[] = "the kernel does not execute it: a missing interpreter, a file "
                              "system mounted noexec?\n";
    char *const argv[] = { (char *)(uintptr_t)c->path, NULL };
    int out = out_of_the_way(c->its_out), err = out_of_the_way(c->its_err);
    int program = out_of_the_way(c->program), null = open("/dev/null", O_RDONLY);

    /* Who asked is gone: nobody waits for the answer. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 ||
        dup2(program, PROGRAM_FD) < 0 || chdir("/") != 0)
        _exit(STATUS_NOT_PREPARED);
    /* Everything of ours is close-on-exec; what we inherited ourselves need not be. */
    close_range(PROGRAM_FD + 1, ~0U, 0);
    fexecve(PROGRAM_FD, argv, environment);
    if (write(2, why, sizeof why - 1) < 0)
        _exit(STATUS_NOT_PREPARED);
    _exit(STATUS_NOT_EXECUTED);
}

/* Locks above all: they would be held until the program has ended. */
static void close_all_but(const struct child *c)
{
    int kept[] = { c->program, c->its_out, c->its_err, c->its_status };
    size_t n = sizeof kept / sizeof *kept;
    unsigned next = 0;

    for (size_t i = 0; i < n; i++) {
        size_t least = i;
        int fd;

        for (size_t k = i + 1; k < n; k++) {
            if (kept[k] < kept[least])
                least = k;
        }
        fd = kept[least];
        kept[least] = kept[i];
        if ((unsigned)fd > next)
            close_range(next, (unsigned)fd - 1, 0);
        next = (unsigned)fd + 1;
    }
    close_range(next, ~0U, 0);
}

/*
 * Where SIGCHLD is ignored, as some parents leave it to us, the kernel throws away the status of
 * children; and what one process does with signals is not for a library to change.  So a process
 * between us and the program waits for it, and leads its group.
 */
static int keep(void *arg)
{
    const struct child *c = arg;
    int status = 0;
    pid_t pid, got;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    reset_signals();
    setsid();
    close_all_but(c);
    pid = _Fork();
    if (pid == 0)
        become(c);
    /* Else they would not end for those who read them. */
    close(c->its_out);
    close(c->its_err);
    do
        got = waitpid(pid, &status, 0);
    while (got < 0 && errno == EINTR);
    _exit(pid < 0 || got != pid ||
          write(c->its_status, &status, sizeof status) != (ssize_t)sizeof status);
}

/* --- in ourselves */

static enum err make_pipe(TALLOC_CTX *mem, int *ours, int *its, TALLOC_CTX *of_child,
                          struct error *e)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_errno(e, errno, "cannot make a pipe");
    if (!own_fd(mem, ends[0])) {
        close(ends[1]);
        return err_nomem(e);
    }
    if (!own_fd(of_child, ends[1]))
        return err_nomem(e);
    *ours = ends[0];
    *its = ends[1];
    return OK;
}

static enum err start(TALLOC_CTX *mem, struct child *c, struct error *e)
{
    TALLOC_CTX *of_child = talloc_new(mem);
    uint8_t *stack = talloc_size(of_child, STACK_BYTES);
    enum err rc;

    if (!stack) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = make_pipe(mem, &c->out, &c->its_out, of_child, e)) ||
        (rc = make_pipe(mem, &c->err, &c->its_err, of_child, e)) ||
        (rc = make_pipe(mem, &c->status, &c->its_status, of_child, e)))
        goto done;
    /* Without an exit signal it can be waited for even where SIGCHLD is ignored. */
    c->pid = clone(keep, (void *)((uintptr_t)(stack + STACK_BYTES) & ~(uintptr_t)63), CLONE_PIDFD,
                   c, &c->pidfd);
    if (c->pid < 0)
        rc = err_errno(e, errno, "cannot start it");
done:
    talloc_free(of_child);
    return rc;
}

/* Read once into buf, of which len are used; 0 at the end.  What does not fit is read and lost. */
static ssize_t drain(int fd, void *buf, size_t size, size_t *len)
{
    char waste[4096];
    ssize_t got =
        *len < size ? read(fd, (char *)buf + *len, size - *len) : read(fd, waste, sizeof waste);

    if (got > 0 && *len < size)
        *len += (size_t)got;
    return got;
}

static enum err too_late(struct error *e)
{
    return err_set(e, ERR_TIMEOUT, "it did not end in time and was killed");
}

/* Until it has closed both. */
static enum err listen_to(const struct child *c, struct deadline d, struct printed *p,
                          struct error *e)
{
    struct pollfd fds[2] = { { .fd = c->out, .events = POLLIN },
                             { .fd = c->err, .events = POLLIN } };

    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        int ready = poll(fds, 2, deadline_left(d));

        if (ready < 0 && errno != EINTR)
            return err_errno(e, errno, "cannot read what it prints");
        /* It may print faster than anybody reads: the time is looked at every time. */
        if (ready == 0 || deadline_left(d) == 0)
            return too_late(e);
        if (ready > 0 && fds[0].revents && drain(c->out, p->out, p->out_max + 1, &p->out_len) <= 0)
            fds[0].fd = -1;
        if (ready > 0 && fds[1].revents &&
            drain(c->err, p->err, sizeof p->err - 1, &p->err_len) <= 0)
            fds[1].fd = -1;
        if (p->out_len > p->out_max)
            return err_set(e, ERR_CONFIG, "it printed more than %zu bytes", p->out_max);
    }
    return OK;
}

static enum err wait_for_end(const struct child *c, struct deadline d, struct error *e)
{
    struct pollfd p = { .fd = c->pidfd, .events = POLLIN };
    int ready;

    while ((ready = poll(&p, 1, deadline_left(d))) < 0) {
        if (errno != EINTR)
            return err_errno(e, errno, "cannot wait for it");
    }
    return ready ? OK : too_late(e);
}

/* What is left of it and of what it started, before the number of its group is free for others. */
static enum err bury(const struct child *c, struct error *e)
{
    struct error unused = { 0 };
    siginfo_t how;
    enum err rc = OK;

    kill(-c->pid, SIGKILL);
    pidfd_send_signal(c->pidfd, SIGKILL, NULL, 0);
    /* One that hangs in the kernel is left to it. */
    if (!wait_for_end(c, deadline_in(DYING_MS), &unused) &&
        waitid(P_PIDFD, (id_t)c->pidfd, &how, WEXITED | __WALL) != 0)
        rc = err_errno(e, errno, "cannot wait for it");
    close(c->pidfd);
    return rc;
}

/* Of a program that has ended by itself. */
static enum err check_end(const struct child *c, const struct printed *p, struct error *e)
{
    int first_line = (int)strcspn(p->err, "\n"), status;

    /* The pipe is closed on the other side: this does not wait. */
    if (read(c->status, &status, sizeof status) != (ssize_t)sizeof status)
        return err_set(e, ERR_IO, "cannot start it, or wait for it");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return OK;
    if (WIFEXITED(status))
        return err_set(e, ERR_CONFIG, "it failed with status %d%s%.*s", WEXITSTATUS(status),
                       first_line ? ": " : "", first_line, p->err);
    return err_set(e, ERR_CONFIG, "it was ended by signal %d", WTERMSIG(status));
}

enum err program_run(TALLOC_CTX *mem, const char *path, size_t max_bytes, struct deadline d,
                     struct bytes *printed, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct child c = { .path = path };
    struct printed p = { .out = talloc_size(tmp, max_bytes + 1), .out_max = max_bytes };
    struct error unburied = { 0 };
    enum err rc, end;

    if (!p.out) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = open_program(tmp, path, &c.program, e)) || (rc = start(tmp, &c, e)))
        goto done;
    if (!(rc = listen_to(&c, d, &p, e)))
        rc = wait_for_end(&c, d, e);
    end = bury(&c, &unburied);
    if (!rc && end) {
        rc = end;
        if (e)
            *e = unburied;
    }
    if (!rc && !(rc = check_end(&c, &p, e)))
        *printed = (struct bytes){ talloc_steal(mem, p.out), p.out_len };
done:
    talloc_free(tmp);
    return rc;
}
