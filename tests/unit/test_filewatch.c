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

/* Ask until nothing is readable any more: what watching itself brought about is behind us then. */
static void settle(struct fixture *f)
{
    for (int i = 0; i < 10 && is_readable(f); i++)
        filewatch_has_changed(f->watch);
    assert_false(is_readable(f));
}

/* It is told by itself, not only when somebody asks. */
static void assert_noticed(struct fixture *f)
{
    bool has_changed = false;

    assert_true(is_readable(f));
    for (int i = 0; i < 10 && is_readable(f); i++)
        has_changed |= filewatch_has_changed(f->watch);
    assert_true(has_changed);
    assert_false(is_readable(f));
}

static void make_dir(const char *path) { assert_int_equal(mkdir(path, 0700), 0); }

static void link_to(const char *target, const char *path)
{
    assert_int_equal(symlink(target, path), 0);
}

/* The path lies in a directory of its own, which may go. */
static char *move_inside(struct fixture *f)
{
    char *inner = in(f, "inner");

    f->path = talloc_asprintf(f, "%s/resolv.conf", inner);
    return inner;
}

static void a_directory_that_was_removed_and_made_again_is_watched_again(void **state)
{
    struct fixture *f = *state;
    char *inner = move_inside(f);

    make_dir(inner);
    put(f->path, "a");
    open_watch(f);
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(rmdir(inner), 0);
    assert_noticed(f);
    make_dir(inner);
    settle(f);
    put(f->path, "b");
    assert_noticed(f);
    put(f->path, "c");
    assert_noticed(f);
}

static void a_directory_that_was_renamed_over_or_away_is_followed_by_name(void **state)
{
    struct fixture *f = *state;
    char *inner = move_inside(f), *other = in(f, "other");

    make_dir(inner);
    put(f->path, "a");
    open_watch(f);
    assert_int_equal(rename(inner, other), 0);
    assert_noticed(f);
    put(in(f, "other/resolv.conf"), "z");
    assert_false(is_readable(f)); /* its name is another's */
    assert_int_equal(unlink(in(f, "other/resolv.conf")), 0);
    make_dir(inner);
    settle(f);
    put(in(f, "next"), "b");
    assert_int_equal(rename(in(f, "next"), f->path), 0);
    assert_noticed(f);
    assert_int_equal(rename(f->path, in(f, "kept")), 0);
    assert_noticed(f);
}

/* resolv.conf leads into /run before systemd-resolved has made its directory there. */
static void what_a_link_leads_to_may_come_with_its_directories(void **state)
{
    struct fixture *f = *state;

    link_to("run/systemd/resolve/stub", f->path);
    open_watch(f);
    make_dir(in(f, "run"));
    settle(f);
    make_dir(in(f, "run/systemd"));
    settle(f);
    make_dir(in(f, "run/systemd/resolve"));
    settle(f);
    put(in(f, "run/systemd/resolve/stub"), "a");
    assert_noticed(f);
    /* A service that is stopped and started again. */
    assert_int_equal(unlink(in(f, "run/systemd/resolve/stub")), 0);
    assert_int_equal(rmdir(in(f, "run/systemd/resolve")), 0);
    assert_noticed(f);
    make_dir(in(f, "run/systemd/resolve"));
    settle(f);
    put(in(f, "run/systemd/resolve/stub"), "b");
    assert_noticed(f);
}

static void every_link_of_a_chain_counts_and_links_to_directories_do(void **state)
{
    struct fixture *f = *state;

    make_dir(in(f, "etc"));
    make_dir(in(f, "one"));
    make_dir(in(f, "two"));
    put(in(f, "one/stub"), "a");
    put(in(f, "two/stub"), "b");
    link_to("../one", in(f, "etc/run")); /* as /var/run */
    link_to("../one/../etc/./run/stub", in(f, "etc/first"));
    link_to("etc/first", f->path);
    open_watch(f);
    put(in(f, "one/stub"), "c");
    assert_noticed(f);
    /* The middle of the chain is turned. */
    link_to("../etc/run/stub", in(f, "etc/new"));
    settle(f);
    assert_int_equal(rename(in(f, "etc/new"), in(f, "etc/first")), 0);
    settle(f);
    /* And a directory on the way. */
    link_to("../two", in(f, "etc/newrun"));
    settle(f);
    assert_int_equal(rename(in(f, "etc/newrun"), in(f, "etc/run")), 0);
    assert_noticed(f);
    put(in(f, "one/stub"), "d");
    assert_false(is_readable(f));
    put(in(f, "two/stub"), "e");
    assert_noticed(f);
}

static void links_in_a_circle_are_no_file(void **state)
{
    struct fixture *f = *state;

    link_to("circle", f->path);
    link_to("resolv.conf", in(f, "circle"));
    open_watch(f);
    assert_false(filewatch_has_changed(f->watch));
    assert_int_equal(unlink(in(f, "circle")), 0);
    put(in(f, "circle"), "a");
    assert_noticed(f);
}

static void no_watch_is_left_behind_however_often_it_is_found_anew(void **state)
{
    struct fixture *f = *state;
    char line[256];
    size_t n = 0;
    FILE *info;

    put(in(f, "a"), "a");
    put(in(f, "b"), "b");
    link_to("a", f->path);
    open_watch(f);
    for (int i = 0; i < 100; i++) {
        char *dir = talloc_asprintf(f, "%s/dir%d", f->dir, i);

        make_dir(dir);
        put(talloc_asprintf(f, "%s/stub", dir), i % 2 ? "a" : "b");
        assert_int_equal(unlink(f->path), 0);
        link_to(talloc_asprintf(f, "dir%d/stub", i), f->path);
        settle(f);
    }
    snprintf(line, sizeof line, "/proc/self/fdinfo/%d", filewatch_fd(f->watch));
    info = fopen(line, "r");
    assert_non_null(info);
    while (fgets(line, sizeof line, info))
        n += strncmp(line, "inotify ", 8) == 0;
    fclose(info);
    assert_int_equal(n, 2);
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
        test(other_content_is_a_change_however_it_came),
        test(the_same_content_is_none),
        test(a_link_is_followed_wherever_it_leads),
        test(a_file_that_comes_later_is_a_change),
        test(a_directory_that_was_removed_and_made_again_is_watched_again),
        test(a_directory_that_was_renamed_over_or_away_is_followed_by_name),
        test(what_a_link_leads_to_may_come_with_its_directories),
        test(every_link_of_a_chain_counts_and_links_to_directories_do),
        test(links_in_a_circle_are_no_file),
        test(no_watch_is_left_behind_however_often_it_is_found_anew),
        test(a_directory_that_is_missing_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
