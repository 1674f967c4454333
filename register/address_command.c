#include "register/address_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/own.h"
#include "register/choose.h"

#define COMPLAINT_MAX 200 /* of standard error, for the message */
#define REAP_MS 10

/* Without white space at either end; in place. */
static char *trimmed(char *line)
{
    size_t len;

    line += strspn(line, " \t\r");
    len = strlen(line);
    while (len && strchr(" \t\r", line[len - 1]))
        len--;
    line[len] = '\0';
    return line;
}

static enum err check_line(const char *line, struct ip *ip, struct error *e)
{
    if (!ip_parse(line, ip))
        return err_set(e, ERR_CONFIG, "it printed \"%.80s\", which is no address", line);
    if (!address_is_publishable(*ip))
        return err_set(e, ERR_CONFIG, "it printed %s: no other machine can reach a host by that",
                       line);
    return OK;
}

enum err address_command_read(TALLOC_CTX *mem, struct bytes printed, struct ip **out, size_t *n,
                              struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct ip *ips = talloc_array(tmp, struct ip, ADDRESS_COMMAND_MAX_ADDRESSES);
    char *text = talloc_strndup(tmp, (const char *)printed.data, printed.len), *line, *rest;
    size_t count = 0;
    enum err rc = OK;

    if (!ips || !text) {
        rc = err_nomem(e);
        goto done;
    }
    if (strlen(text) != printed.len) {
        rc = err_set(e, ERR_CONFIG, "it printed a NUL byte");
        goto done;
    }
    for (line = strtok_r(text, "\n", &rest); line && !rc; line = strtok_r(NULL, "\n", &rest)) {
        struct ip ip;

        line = trimmed(line);
        if (!*line || *line == '#')
            continue;
        if ((rc = check_line(line, &ip, e)))
            break;
        if (count == ADDRESS_COMMAND_MAX_ADDRESSES)
            rc = err_set(e, ERR_CONFIG, "it printed more than %d addresses",
                         ADDRESS_COMMAND_MAX_ADDRESSES);
        else if (!address_is_in(ip, ips, count))
            ips[count++] = ip;
    }
    if (!rc && !count)
        rc = err_set(e, ERR_CONFIG, "it printed no address");
    if (!rc) {
        *n = count;
        *out = talloc_steal(mem, ips);
    }
done:
    talloc_free(tmp);
    return rc;
}

/* Whoever can change the program could otherwise do whatever we may. */
static enum err check_program(const char *program, struct error *e)
{
    struct stat st;

    if (program[0] != '/')
        return err_set(e, ERR_CONFIG, "it has to be an absolute path");
    if (stat(program, &st) != 0)
        return err_set(e, ERR_CONFIG, "%s", strerror(errno));
    if (!S_ISREG(st.st_mode) || access(program, X_OK) != 0)
        return err_set(e, ERR_CONFIG, "it is not an executable file");
    if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & (S_IWGRP | S_IWOTH)))
        return err_set(e, ERR_CONFIG,
                       "others may change it: it has to belong to root and be writable by its "
                       "owner only");
    return OK;
}

struct child {
    pid_t pid;
    int out;
    int err;
};

/* Between fork and exec: only what is async-signal-safe.  Never returns. */
static void become(const char *program, int out, int err)
{
    static char *const environment[] = {
        (char *)(uintptr_t) "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        (char *)(uintptr_t) "LC_ALL=C", NULL
    };
    char *const argv[] = { (char *)(uintptr_t)program, NULL };
    int null = open("/dev/null", O_RDONLY);
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    if (null < 0 || dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 || chdir("/") != 0)
        _exit(126);
    /* Everything of ours is close-on-exec; what we inherited ourselves need not be. */
    close_range(3, ~0U, 0);
    execve(program, argv, environment);
    _exit(127);
}

static enum err start(TALLOC_CTX *mem, const char *program, struct child *out, struct error *e)
{
    int outs[2], errs[2];

    if (pipe2(outs, O_CLOEXEC) != 0)
        return err_errno(e, errno, "cannot make a pipe");
    if (pipe2(errs, O_CLOEXEC) != 0) {
        close(outs[0]);
        close(outs[1]);
        return err_errno(e, errno, "cannot make a pipe");
    }
    out->pid = fork();
    if (out->pid == 0)
        become(program, outs[1], errs[1]);
    close(outs[1]);
    close(errs[1]);
    out->out = outs[0];
    out->err = errs[0];
    if (!own_fd(mem, outs[0]) || !own_fd(mem, errs[0]))
        return err_nomem(e);
    if (out->pid < 0)
        return err_errno(e, errno, "cannot start it");
    /* Here too, so that it is done whoever runs first. */
    setpgid(out->pid, out->pid);
    return OK;
}

/* Read once into buf, of which len are used; 0 at the end.  What does not fit is read and lost. */
static ssize_t drain(int fd, char *buf, size_t size, size_t *len)
{
    char waste[4096];
    ssize_t got = *len < size ? read(fd, buf + *len, size - *len) : read(fd, waste, sizeof waste);

    if (got > 0 && *len < size)
        *len += (size_t)got;
    return got;
}

struct printed {
    char *out;
    size_t out_len;
    char err[COMPLAINT_MAX];
    size_t err_len;
};

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
        if (ready == 0 || (ready < 0 && deadline_left(d) == 0))
            return err_set(e, ERR_TIMEOUT, "it did not end in time and was killed");
        if (ready > 0 && fds[0].revents &&
            drain(c->out, p->out, ADDRESS_COMMAND_MAX_BYTES + 1, &p->out_len) <= 0)
            fds[0].fd = -1;
        if (ready > 0 && fds[1].revents &&
            drain(c->err, p->err, sizeof p->err - 1, &p->err_len) <= 0)
            fds[1].fd = -1;
        if (p->out_len > ADDRESS_COMMAND_MAX_BYTES)
            return err_set(e, ERR_CONFIG, "it printed more than %d bytes",
                           ADDRESS_COMMAND_MAX_BYTES);
    }
    return OK;
}

static enum err wait_for(pid_t pid, struct deadline d, int *status, struct error *e)
{
    pid_t got;

    while ((got = waitpid(pid, status, WNOHANG)) == 0) {
        if (deadline_left(d) == 0)
            return err_set(e, ERR_TIMEOUT, "it did not end in time and was killed");
        poll(NULL, 0, REAP_MS);
    }
    return got == pid ? OK : err_errno(e, errno, "cannot wait for it");
}

static enum err check_status(int status, const struct printed *p, struct error *e)
{
    int first_line = (int)strcspn(p->err, "\n");

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return OK;
    if (WIFSIGNALED(status))
        return err_set(e, ERR_CONFIG, "it was ended by signal %d", WTERMSIG(status));
    return err_set(e, ERR_CONFIG, "it failed with status %d%s%.*s", WEXITSTATUS(status),
                   first_line ? ": " : "", first_line, p->err);
}

static enum err run(TALLOC_CTX *tmp, const char *program, struct deadline d, struct printed *p,
                    struct error *e)
{
    struct child c = { .pid = -1 };
    int status = 0;
    enum err rc = start(tmp, program, &c, e);

    if (c.pid < 0)
        return rc;
    if (!rc && !(rc = listen_to(&c, d, p, e)) && !(rc = wait_for(c.pid, d, &status, e)))
        return check_status(status, p, e);
    kill(-c.pid, SIGKILL);
    kill(c.pid, SIGKILL);
    waitpid(c.pid, &status, 0);
    return rc;
}

enum err address_command_run(TALLOC_CTX *mem, const char *program, struct deadline d,
                             struct ip **out, size_t *n, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct printed p = { .out = talloc_size(tmp, ADDRESS_COMMAND_MAX_BYTES + 1) };
    enum err rc;

    if (!p.out) {
        rc = err_nomem(e);
        goto done;
    }
    d = deadline_sooner(d, deadline_in(ADDRESS_COMMAND_MS));
    if ((rc = check_program(program, e)) || (rc = run(tmp, program, d, &p, e)) ||
        (rc = address_command_read(mem, (struct bytes){ (uint8_t *)p.out, p.out_len }, out, n, e)))
        goto done;
    log_info("%s gave %zu addresses", program, *n);
done:
    if (rc) {
        err_prefix(e, "address command %s", program);
        err_hint(e,
                 "run it by hand: it has to print one address a line and end with status 0 "
                 "within %d s",
                 ADDRESS_COMMAND_MS / 1000);
    }
    talloc_free(tmp);
    return rc;
}
