#include "tests/unit/unit.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "register/memory.h"
#include "register/runlock.h"

struct fixture {
    char *base;
    const char *dir; /* does not exist yet */
};

static enum err lock(struct fixture *f, TALLOC_CTX *mem, const char *section, const char *what)
{
    struct error e = { 0 };
    enum err rc = runlock_wait(mem, f->dir, section, what, deadline_in(0), &e);

    assert_int_equal(rc, e.code);
    if (rc)
        assert_non_null(strstr(e.message, "process"));
    return rc;
}

static void a_section_is_locked_once(void **state)
{
    struct fixture *f = *state;
    TALLOC_CTX *first = talloc_new(f);

    assert_int_equal(lock(f, first, NULL, "register"), OK);
    assert_int_equal(lock(f, f, NULL, "register"), ERR_BUSY);
    assert_int_equal(lock(f, f, "lab", "register"), OK);
    assert_int_equal(lock(f, f, "lab", "register"), ERR_BUSY);
    assert_int_equal(lock(f, f, NULL, "watch"), OK);
    talloc_free(first);
    assert_int_equal(lock(f, f, NULL, "register"), OK);
}

static void a_directory_that_cannot_be_made_stops_nothing(void **state)
{
    struct fixture *f = *state;

    f->dir = "/proc/nonexistent/muster";
    assert_int_equal(lock(f, f, NULL, "register"), OK);
    assert_int_equal(lock(f, f, NULL, "register"), OK);
}

/* As on a machine where something odd stands in the way: to go on would be to lose records. */
static void a_lock_that_cannot_be_made_stops_the_run(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    assert_int_equal(mkdir(f->dir, 0700), 0);
    assert_int_equal(mkdir(talloc_asprintf(f, "%s/register.lock", f->dir), 0700), 0);
    assert_int_equal(runlock_wait(f, f->dir, NULL, "register", deadline_in(0), &e), ERR_IO);
    assert_non_null(strstr(e.message, "register.lock"));
    assert_non_null(strstr(e.hint, "--state-dir"));
    assert_int_equal(runlock_wait(f, f->dir, NULL, "register", deadline_in(0), NULL), ERR_IO);
}

/* In another process: hold the lock for so long. */
static pid_t hold_for(struct fixture *f, int ms)
{
    int ready[2];
    pid_t pid;
    char byte;

    assert_int_equal(pipe(ready), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (runlock_wait(f, f->dir, NULL, "register", deadline_in(0), NULL) != OK ||
            write(ready[1], "x", 1) != 1)
            _exit(1);
        usleep((useconds_t)ms * 1000);
        _exit(0);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void who_holds_it_is_waited_for_but_not_for_ever(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    pid_t pid = hold_for(f, 300);

    assert_int_equal(runlock_wait(f, f->dir, NULL, "register", deadline_in(20000), &e), OK);
    waitpid(pid, NULL, 0);
    f->dir = talloc_asprintf(f, "%s/other", f->base);
    pid = hold_for(f, 60000);
    assert_int_equal(runlock_wait(f, f->dir, NULL, "register", deadline_in(100), &e), ERR_BUSY);
    assert_non_null(strstr(e.message, talloc_asprintf(f, "process %d", (int)pid)));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* What a run does: read, add what is its own, write. */
static void remember(struct fixture *f, int who, int i)
{
    struct deadline d = deadline_in(60000);
    TALLOC_CTX *mem = talloc_new(f);
    struct memory *m;
    struct memory_record r = { .zone = "lab.test", .name = "h.lab.test", .type = 1 };

    r.data = talloc_asprintf(mem, "10.0.%d.%d", who, i);
    if (runlock_wait(mem, f->dir, NULL, "register", d, NULL) != OK ||
        memory_read(mem, f->dir, NULL, &m, NULL) != OK || !memory_remember(m, r) ||
        memory_write(f->dir, NULL, m, NULL) != OK)
        _exit(1);
    talloc_free(mem);
}

static void runs_at_once_on_one_memory_lose_nothing(void **state)
{
    struct fixture *f = *state;
    enum { RUNNERS = 4, EACH = 25 };
    pid_t pids[RUNNERS];
    struct memory *m;
    int status;

    for (int who = 0; who < RUNNERS; who++) {
        pids[who] = fork();
        assert_true(pids[who] >= 0);
        if (pids[who] == 0) {
            for (int i = 0; i < EACH; i++)
                remember(f, who, i);
            _exit(0);
        }
    }
    for (int who = 0; who < RUNNERS; who++) {
        assert_int_equal(waitpid(pids[who], &status, 0), pids[who]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(memory_read(f, f->dir, NULL, &m, NULL), OK);
    assert_int_equal(m->n_records, RUNNERS * EACH);
}

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    f->base = talloc_strdup(f, "/tmp/muster-test-lock.XXXXXX");
    *state = f;
    if (!mkdtemp(f->base))
        return -1;
    f->dir = talloc_asprintf(f, "%s/state", f->base);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    int rc = system(talloc_asprintf(f, "rm -rf %s", f->base));

    return talloc_free(f) || rc;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_section_is_locked_once, setup, teardown),
        cmocka_unit_test_setup_teardown(a_directory_that_cannot_be_made_stops_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_lock_that_cannot_be_made_stops_the_run, setup, teardown),
        cmocka_unit_test_setup_teardown(who_holds_it_is_waited_for_but_not_for_ever, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(runs_at_once_on_one_memory_lose_nothing, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
