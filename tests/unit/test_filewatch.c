#include "tests/unit/unit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "register/filewatch.h"

struct fixture {
    char *dir;
    char *path;
    struct filewatch *watch;
};

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static char *in(struct fixture *f, const char *name)
{
    return talloc_asprintf(f, "%s/%s", f->dir, name);
}

static bool is_readable(const struct fixture *f)
{
    struct pollfd p = { .fd = filewatch_fd(f->watch), .events = POLLIN };

    return poll(&p, 1, 0) == 1;
}

static void open_watch(struct fixture *f)
{
    struct error e = { 0 };

    assert_int_equal(filewatch_open(f, f->path, &f->watch, &e), OK);
}

static void other_content_is_a_change_however_it_came(void **state)
{
    struct fixture *f = *state;

    put(f->path, "nameserver 10.53.0.10\n");
    open_watch(f);
    assert_false(is_readable(f));
    assert_false(filewatch_has_changed(f->watch));

    put(f->path, "nameserver 10.53.0.11\n");
    assert_true(is_readable(f));
    assert_true(filewatch_has_changed(f->watch));
    assert_false(is_readable(f));
    assert_false(filewatch_has_changed(f->watch));

    put(in(f, "new"), "nameserver 10.53.0.12\n");
    assert_int_equal(rename(in(f, "new"), f->path), 0);
    assert_true(is_readable(f));
    assert_true(filewatch_has_changed(f->watch));

    assert_int_equal(unlink(f->path), 0);
    assert_true(filewatch_has_changed(f->watch));
    put(f->path, "");
    assert_true(filewatch_has_changed(f->watch));
}

static void the_same_content_is_none(void **state)
{
    struct fixture *f = *state;

    put(f->path, "nameserver 10.53.0.10\n");
    open_watch(f);
    put(f->path, "nameserver 10.53.0.10\n");
    put(in(f, "other"), "x");
    assert_true(is_readable(f));
    assert_false(filewatch_has_changed(f->watch));
}

static void a_link_is_followed_wherever_it_leads(void **state)
{
    struct fixture *f = *state;
    char *away = in(f, "away"), *target;

    assert_int_equal(mkdir(away, 0700), 0);
    target = talloc_asprintf(f, "%s/stub", away);
    put(target, "a");
    assert_int_equal(symlink("away/stub", f->path), 0);
    open_watch(f);
    assert_false(is_readable(f));
    put(target, "b");
    assert_true(is_readable(f));
    assert_true(filewatch_has_changed(f->watch));

    /* The link is turned: what it led to no longer matters, what it leads to does. */
    put(in(f, "here"), "b");
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(symlink("here", f->path), 0);
    assert_false(filewatch_has_changed(f->watch));
    assert_false(filewatch_has_changed(f->watch)); /* the kernel's word that one watch is over */
    put(target, "c");
    assert_false(is_readable(f));
    put(in(f, "here"), "d");
    assert_true(is_readable(f));
    assert_true(filewatch_has_changed(f->watch));
}

static void a_file_that_comes_later_is_a_change(void **state)
{
    struct fixture *f = *state;

    open_watch(f);
    assert_false(filewatch_has_changed(f->watch));
    put(f->path, "nameserver 10.53.0.10\n");
    assert_true(filewatch_has_changed(f->watch));
}

static void a_directory_that_is_missing_is_an_error(void **state)
{
    struct error e = { 0 };
    struct filewatch *w = NULL;

    assert_int_equal(filewatch_open(*state, "/nonexistent/resolv.conf", &w, &e), ERR_IO);
    assert_non_null(strstr(e.message, "/nonexistent/resolv.conf"));
    assert_null(w);
}

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    f->dir = talloc_strdup(f, "/tmp/muster-test-watch.XXXXXX");
    *state = f;
    if (!mkdtemp(f->dir))
        return -1;
    f->path = talloc_asprintf(f, "%s/resolv.conf", f->dir);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    int rc = system(talloc_asprintf(f, "rm -rf %s", f->dir));

    return talloc_free(f) || rc;
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(other_content_is_a_change_however_it_came), test(the_same_content_is_none),
        test(a_link_is_followed_wherever_it_leads),      test(a_file_that_comes_later_is_a_change),
        test(a_directory_that_is_missing_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
