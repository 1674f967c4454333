#include "tests/unit/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "register/program.h"
#include "tests/unit/tempdir.h"

struct fixture {
    const char *dir;
    char *path;
    struct error e;
};

static void script(struct fixture *f, mode_t mode, const char *text)
{
    unlink(f->path);
    put_file(f->path, text, strlen(text));
    assert_int_equal(chmod(f->path, mode), 0);
}

static const char *run(struct fixture *f, int64_t ms, enum err expected)
{
    struct bytes printed = { 0 };

    f->e = (struct error){ 0 };
    if (program_run(f, f->path, 4096, deadline_in(ms), &printed, &f->e) != expected)
        fail_msg("got %d: %s", (int)f->e.code, f->e.message);
    return talloc_strndup(f, (const char *)printed.data, printed.len);
}

static char *text_of(struct fixture *f, const char *name)
{
    return (char *)get_file(f, talloc_asprintf(f, "%s/%s", f->dir, name)).data;
}

/* Dead, or a zombie that nobody has reaped yet, within two seconds. */
static bool is_gone(pid_t pid)
{
    char path[64], state = 0;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    for (int i = 0; i < 200; i++) {
        FILE *f = fopen(path, "r");
        int got = f ? fscanf(f, "%*d (%*[^)]) %c", &state) : 0;

        if (f)
            fclose(f);
        if (got != 1 || state == 'Z')
            return true;
        usleep(10000);
    }
    return false;
}

static void its_status_is_known_though_sigchld_is_ignored(void **state)
{
    struct fixture *f = *state;
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);

    assert_true(before != SIG_ERR);
    script(f, 0700, "#!/bin/sh\necho yes\n");
    assert_string_equal(run(f, 30000, OK), "yes\n");
    script(f, 0700, "#!/bin/sh\necho no gateway >&2\nexit 7\n");
    run(f, 30000, ERR_CONFIG);
    assert_string_equal(f->e.message, "it failed with status 7: no gateway");
    script(f, 0700, "#!/bin/sh\nkill -9 $$\n");
    run(f, 30000, ERR_CONFIG);
    assert_non_null(strstr(f->e.message, "signal 9"));
    signal(SIGCHLD, before);
}

static void it_inherits_neither_environment_nor_signals_nor_files(void **state)
{
    struct fixture *f = *state;
    int open_file = open("/etc/passwd", O_RDONLY); /* not close-on-exec */
    sigset_t blocked, before;

    assert_true(open_file >= 0);
    setenv("MUSTER_TEST_SECRET", "yes", 1);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_IGN);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
    script(f, 0700,
           "#!/bin/sh\n"
           "env | cut -d= -f1 | grep -vxE 'PWD|OLDPWD|SHLVL|_' | sort | xargs echo\n"
           /* 32 and 33 are the C library's: nobody can set them. */
           "for set in $(grep -E '^Sig(Ign|Blk)' /proc/$$/status | cut -f2); do\n"
           "    echo $(( 0x$set & ~0x180000000 ))\ndone | sort -u\n"
           "ls -l /proc/$$/fd | grep -c passwd\n"
           "pwd; echo $#; read line; echo $?\n"
           "awk '{ print ($5 == $1 || $6 == $5) }' /proc/$$/stat\n");
    assert_string_equal(run(f, 30000, OK), "LC_ALL PATH\n0\n0\n/\n0\n1\n1\n");
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    close(open_file);
}

static void what_it_leaves_behind_is_killed_though_it_succeeded(void **state)
{
    struct fixture *f = *state;
    char *text =
        talloc_asprintf(f, "#!/bin/sh\nsleep 600 >/dev/null 2>&1 &\necho $! >%s/pid\necho done\n",
                        f->dir);

    script(f, 0700, text);
    assert_string_equal(run(f, 30000, OK), "done\n");
    assert_true(is_gone(atoi(text_of(f, "pid"))));
}

static void what_does_not_end_is_killed_with_its_children_in_time(void **state)
{
    struct fixture *f = *state;
    int64_t began = clock_monotonic_ms();
    char *text = talloc_asprintf(f,
                                 "#!/bin/sh\ntrap '' TERM HUP\nsleep 600 &\necho $! >%s/child\n"
                                 "echo $$ >%s/pid\nwait\n",
                                 f->dir, f->dir);

    script(f, 0700, text);
    run(f, 1500, ERR_TIMEOUT);
    assert_true(is_gone(atoi(text_of(f, "child"))));
    assert_true(is_gone(atoi(text_of(f, "pid"))));
    script(f, 0700, "#!/bin/sh\nexec >&- 2>&-\nsleep 600\n"); /* it has closed its pipes */
    run(f, 1500, ERR_TIMEOUT);
    assert_true(clock_monotonic_ms() - began < 30000);
}

static void output_is_limited_on_both_pipes(void **state)
{
    struct fixture *f = *state;

    script(f, 0700, "#!/bin/sh\nwhile :; do echo 203.0.113.7; done\n");
    run(f, 60000, ERR_CONFIG);
    assert_non_null(strstr(f->e.message, "4096 bytes"));
    /* Standard error has no limit of its own, only the time: it is read and thrown away. */
    script(f, 0700, "#!/bin/sh\nwhile :; do echo 203.0.113.7 >&2; done\n");
    run(f, 1500, ERR_TIMEOUT);
    script(f, 0700, "#!/bin/sh\nhead -c 1000000 /dev/zero | tr '\\0' x >&2\nexit 3\n");
    run(f, 60000, ERR_CONFIG);
    assert_true(strlen(f->e.message) < 300);
    assert_non_null(strstr(f->e.message, "status 3: xxx"));
}

/* While the program is checked and run, another puts one in its place that would not be allowed. */
static void what_was_checked_is_what_runs(void **state)
{
    struct fixture *f = *state;
    char *good = talloc_asprintf(f, "%s/good", f->dir), *bad = talloc_asprintf(f, "%s/bad", f->dir);
    char *spare = talloc_asprintf(f, "%s/spare", f->dir);
    int n_good = 0;
    pid_t swapper;

    script(f, 0755, "#!/bin/sh\necho good\n");
    assert_int_equal(rename(f->path, good), 0);
    script(f, 0777, "#!/bin/sh\necho bad\n");
    assert_int_equal(rename(f->path, bad), 0);
    swapper = fork();
    assert_true(swapper >= 0);
    if (swapper == 0) {
        for (;;) {
            unlink(spare);
            if (link(good, spare) != 0 || rename(spare, f->path) != 0 || link(bad, spare) != 0 ||
                rename(spare, f->path) != 0)
                _exit(1);
        }
    }
    while (access(f->path, F_OK) != 0)
        usleep(1000);
    for (int i = 0; i < 1000000 && n_good < 30; i++) {
        struct bytes printed = { 0 };

        if (program_run(f, f->path, 4096, deadline_in(30000), &printed, NULL) == OK) {
            assert_int_equal(printed.len, 5);
            assert_memory_equal(printed.data, "good\n", 5);
            n_good++;
        }
    }
    kill(swapper, SIGKILL);
    waitpid(swapper, NULL, 0);
    assert_int_equal(n_good, 30);
}

static void what_others_may_change_or_nobody_can_execute_is_refused(void **state)
{
    struct fixture *f = *state;

    script(f, 0720, "#!/bin/sh\n");
    run(f, 30000, ERR_CONFIG);
    assert_non_null(strstr(f->e.message, "others may change it"));
    script(f, 0702, "#!/bin/sh\n");
    run(f, 30000, ERR_CONFIG);
    script(f, 0600, "#!/bin/sh\n");
    run(f, 30000, ERR_CONFIG);
    assert_non_null(strstr(f->e.message, "executable"));
    script(f, 0700, "#!/nonexistent/interpreter\n");
    run(f, 30000, ERR_CONFIG);
    assert_non_null(strstr(f->e.message, "interpreter"));
    if (geteuid() == 0) {
        script(f, 0700, "#!/bin/sh\n");
        assert_int_equal(chown(f->path, 12345, 0), 0);
        run(f, 30000, ERR_CONFIG);
        assert_non_null(strstr(f->e.message, "others may change it"));
    }
}

/* A lock that this process gives back is free, whatever runs: who waits for the program has none.
 */
static void nobody_else_holds_our_files_open(void **state)
{
    struct fixture *f = *state;
    const char *lock = talloc_asprintf(f, "%s/lock", f->dir), *printed;
    int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    script(f, 0700, "#!/bin/sh\nreadlink /proc/$PPID/exe /proc/$PPID/fd/*\n");
    printed = run(f, 30000, OK);
    assert_non_null(strstr(printed, "test_program"));
    assert_non_null(strstr(printed, "pipe:"));
    assert_null(strstr(printed, lock));
    assert_int_equal(close(fd), 0);
}

/* As long as it runs for months, nothing may be left of each. */
static void no_descriptor_and_no_child_is_left(void **state)
{
    struct fixture *f = *state;
    size_t before = count_entries("/proc/self/fd");

    script(f, 0700, "#!/bin/sh\necho yes\n");
    for (int i = 0; i < 20; i++)
        run(f, 30000, OK);
    script(f, 0700, "#!/bin/sh\nexit 1\n");
    run(f, 30000, ERR_CONFIG);
    script(f, 0700, "#!/bin/sh\nsleep 600\n");
    run(f, 50, ERR_TIMEOUT);
    assert_int_equal(count_entries("/proc/self/fd"), before);
    assert_int_equal(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    f->dir = tempdir(f);
    f->path = talloc_asprintf(f, "%s/program", f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(its_status_is_known_though_sigchld_is_ignored),
        test(it_inherits_neither_environment_nor_signals_nor_files),
        test(what_it_leaves_behind_is_killed_though_it_succeeded),
        test(what_does_not_end_is_killed_with_its_children_in_time),
        test(output_is_limited_on_both_pipes),
        test(what_was_checked_is_what_runs),
        test(what_others_may_change_or_nobody_can_execute_is_refused),
        test(nobody_else_holds_our_files_open),
        test(no_descriptor_and_no_child_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
