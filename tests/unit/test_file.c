#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "base/file.h"
#include "tests/unit/tempdir.h"

struct fixture {
    const char *dir;
    const char *path; /* dir/f */
};

static struct bytes text(const char *s) { return (struct bytes){ (const uint8_t *)s, strlen(s) }; }

static char *in_dir(struct fixture *f, const char *name)
{
    return talloc_asprintf(f, "%s/%s", f->dir, name);
}

/* Directories. */

static void a_private_directory_is_made_with_its_parents(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    char *deep = in_dir(f, "a/b/c");

    umask(0);
    assert_int_equal(dir_make_private(deep, &e), OK);
    assert_int_equal(mode_of(deep), 0700);
    assert_int_equal(dir_make_private(deep, &e), OK);
    umask(022);
}

static void a_path_with_double_and_final_slashes_is_a_directory_too(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    assert_int_equal(dir_make_private(in_dir(f, "a//b/"), &e), OK);
    assert_int_equal(mode_of(in_dir(f, "a/b")), 0700);
}

static void an_existing_directory_is_left_as_it_is(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    assert_int_equal(chmod(f->dir, 0750), 0);
    assert_int_equal(dir_make_private(f->dir, &e), OK);
    assert_int_equal(mode_of(f->dir), 0750);
}

static void a_directory_is_not_made_where_something_else_stands(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    put_file(f->path, "x", 1);
    assert_int_not_equal(dir_make_private(f->path, &e), OK);
    assert_non_null(strstr(e.message, f->path));
    assert_int_not_equal(dir_make_private(in_dir(f, "f/sub"), &e), OK);

    assert_int_equal(mkdir(in_dir(f, "real"), 0755), 0);
    assert_int_equal(symlink("real", in_dir(f, "link")), 0);
    assert_int_not_equal(dir_make_private(in_dir(f, "link"), &e), OK);
    assert_int_not_equal(dir_make_private(in_dir(f, "link/"), &e), OK);
    assert_int_equal(symlink("nowhere", in_dir(f, "dangling")), 0);
    assert_int_not_equal(dir_make_private(in_dir(f, "dangling"), &e), OK);
    assert_int_equal(access(in_dir(f, "nowhere"), F_OK), -1);
}

static void a_directory_path_that_is_empty_is_an_error(void **state)
{
    struct error e = { 0 };

    (void)state;
    assert_int_not_equal(dir_make_private("", &e), OK);
}

/* Reading. */

static void a_file_is_read_whole_with_every_byte(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct bytes got;
    uint8_t all[70000];

    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)(i * 7);
    put_file(f->path, all, sizeof all);
    assert_int_equal(file_read(f, f->path, 1 << 20, &got, &e), OK);
    assert_bytes_equal(got, ((struct bytes){ all, sizeof all }));
    assert_ptr_equal(talloc_parent(got.data), f);
}

static void an_empty_file_is_no_bytes(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct bytes got = { NULL, 77 };

    put_file(f->path, "", 0);
    assert_int_equal(file_read(f, f->path, 100, &got, &e), OK);
    assert_int_equal(got.len, 0);
    assert_int_equal(file_read(f, f->path, 0, &got, &e), OK);
}

static void the_size_limit_is_exact(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct bytes got = { NULL, 77 };

    put_file(f->path, "12345", 5);
    assert_int_not_equal(file_read(f, f->path, 4, &got, &e), OK);
    assert_int_not_equal(file_read(f, f->path, 0, &got, &e), OK);
    assert_int_equal(got.len, 77);
    assert_non_null(strstr(e.message, f->path));
    assert_int_equal(file_read(f, f->path, 5, &got, &e), OK);
    assert_int_equal(got.len, 5);
    assert_int_equal(file_read(f, f->path, SIZE_MAX, &got, &e), OK);
    assert_int_equal(got.len, 5);
}

static void a_missing_file_is_told_from_one_that_cannot_be_read(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct bytes got = { NULL, 77 };

    assert_int_equal(file_read(f, f->path, 100, &got, &e), ERR_NOTFOUND);
    assert_non_null(strstr(e.message, f->path));
    assert_int_equal(file_read(f, in_dir(f, "no/such"), 100, &got, &e), ERR_NOTFOUND);
    assert_int_equal(got.len, 77);
}

static void only_regular_files_are_read(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct bytes got = { NULL, 77 };
    enum err rc;

    put_file(in_dir(f, "target"), "secret", 6);
    assert_int_equal(symlink("target", in_dir(f, "link")), 0);
    rc = file_read(f, in_dir(f, "link"), 100, &got, &e);
    assert_int_not_equal(rc, OK);
    assert_int_not_equal(rc, ERR_NOTFOUND);
    assert_int_equal(symlink("nowhere", in_dir(f, "dangling")), 0);
    assert_int_not_equal(file_read(f, in_dir(f, "dangling"), 100, &got, &e), OK);
    rc = file_read(f, f->dir, 100, &got, &e);
    assert_int_not_equal(rc, OK);
    assert_int_not_equal(rc, ERR_NOTFOUND);
    /* A pipe without a writer must not make the reader wait. */
    assert_int_equal(mkfifo(in_dir(f, "pipe"), 0600), 0);
    assert_int_not_equal(file_read(f, in_dir(f, "pipe"), 100, &got, &e), OK);
    assert_int_not_equal(file_read(f, "/dev/zero", 100, &got, &e), OK);
    assert_int_not_equal(file_read(f, "/dev/null", 100, &got, &e), OK);
    assert_int_equal(got.len, 77);
}

/* Writing. */

static void a_new_file_is_for_its_owner_only(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    umask(0);
    assert_int_equal(file_write_atomic(f->path, text("hello"), &e), OK);
    umask(022);
    assert_int_equal(mode_of(f->path), 0600);
    assert_bytes_equal(get_file(f, f->path), text("hello"));
    assert_int_equal(count_entries(f->dir), 1);
}

static void an_existing_file_is_replaced_not_rewritten(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct stat before, after;

    put_file(f->path, "a longer text than the new one", 30);
    assert_int_equal(chmod(f->path, 0644), 0);
    /* A second name keeps the old file visible: a crash at any moment finds one or the other whole.
     */
    assert_int_equal(link(f->path, in_dir(f, "old")), 0);
    assert_int_equal(stat(f->path, &before), 0);
    assert_int_equal(file_write_atomic(f->path, text("new"), &e), OK);
    assert_int_equal(stat(f->path, &after), 0);
    assert_true(before.st_ino != after.st_ino);
    assert_int_equal(mode_of(f->path), 0600);
    assert_bytes_equal(get_file(f, f->path), text("new"));
    assert_bytes_equal(get_file(f, in_dir(f, "old")), text("a longer text than the new one"));
    assert_int_equal(count_entries(f->dir), 2);
}

static void binary_and_empty_content_is_written_as_it_is(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct bytes bin = unhex(f, "00ff000a0d1aff00"), got;

    assert_int_equal(file_write_atomic(f->path, bin, &e), OK);
    assert_int_equal(file_read(f, f->path, 100, &got, &e), OK);
    assert_bytes_equal(got, bin);
    assert_int_equal(file_write_atomic(f->path, (struct bytes){ NULL, 0 }, &e), OK);
    assert_int_equal(file_read(f, f->path, 100, &got, &e), OK);
    assert_int_equal(got.len, 0);
}

static void the_target_of_a_link_is_never_written(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    put_file(in_dir(f, "target"), "precious", 8);
    assert_int_equal(symlink("target", f->path), 0);
    file_write_atomic(f->path, text("evil"), &e);
    assert_bytes_equal(get_file(f, in_dir(f, "target")), text("precious"));
    assert_int_equal(count_entries(f->dir), 2);
}

static void what_is_published_replaces_nothing_but_a_regular_file(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct stat there;

    put_file(in_dir(f, "target"), "precious", 8);
    assert_int_equal(symlink("target", f->path), 0);
    assert_int_equal(file_publish_atomic(f->path, text("page"), &e), ERR_USAGE);
    assert_non_null(strstr(e.message, "symbolic link"));
    assert_int_equal(lstat(f->path, &there), 0);
    assert_true(S_ISLNK(there.st_mode));
    assert_int_equal(mkfifo(in_dir(f, "pipe"), 0600), 0);
    assert_int_equal(file_publish_atomic(in_dir(f, "pipe"), text("page"), &e), ERR_USAGE);
    assert_non_null(strstr(e.message, "not a regular file"));
    assert_int_equal(file_is_replaceable(f->dir, &e), ERR_USAGE);
    assert_int_equal(file_publish_atomic(in_dir(f, "target"), text("page"), &e), OK);
    assert_int_equal(file_publish_atomic(in_dir(f, "fresh"), text("page"), &e), OK);
    assert_bytes_equal(get_file(f, in_dir(f, "target")), text("page"));
}

static void a_write_that_fails_leaves_nothing_behind(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    assert_int_not_equal(file_write_atomic(in_dir(f, "no/such"), text("x"), &e), OK);
    assert_non_null(strstr(e.message, "no/such"));
    assert_int_equal(mkdir(f->path, 0700), 0);
    put_file(in_dir(f, "f/inside"), "x", 1);
    assert_int_not_equal(file_write_atomic(f->path, text("x"), &e), OK);
    assert_int_equal(count_entries(f->dir), 1);
    assert_int_equal(count_entries(f->path), 1);
}

static void a_directory_can_be_made_durable(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    assert_int_equal(dir_sync_of(f->path, &e), OK);
    assert_int_not_equal(dir_sync_of(in_dir(f, "no/such"), &e), OK);
}

/* Locking.  The other process is always forked before the lock is taken, so that it inherits none.
 */

struct other {
    pid_t pid;
    int to, from;
    bool is_killed;
};

/* Obeys one letter at a time: l = try to lock (answers with the error code), u = unlock, q = quit.
 */
static void other_process(const char *path, int in, int out)
{
    TALLOC_CTX *held = NULL;
    struct error e = { 0 };
    char order;

    while (read(in, &order, 1) == 1 && order != 'q') {
        char answer = 0;

        if (order == 'l') {
            TALLOC_CTX *mem = talloc_new(NULL);
            char pid[32];

            answer = (char)file_lock(mem, path, &e);
            snprintf(pid, sizeof pid, "%d", (int)getppid());
            /* The message has to name the holder. */
            if (answer == ERR_BUSY && !strstr(e.message, pid) && !strstr(e.hint, pid))
                answer = 100;
            if (answer == OK)
                held = mem;
            else
                talloc_free(mem);
        } else if (order == 'u') {
            talloc_free(held);
            held = NULL;
        }
        if (write(out, &answer, 1) != 1)
            break;
    }
    talloc_free(held);
    _exit(0);
}

static struct other other_start(const char *path)
{
    struct other o = { 0 };
    int to[2], from[2];

    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    o.pid = fork();
    assert_true(o.pid >= 0);
    if (o.pid == 0) {
        close(to[1]);
        close(from[0]);
        other_process(path, to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    o.to = to[1];
    o.from = from[0];
    return o;
}

static int other_do(struct other *o, char order)
{
    char answer = 99;

    assert_int_equal(write(o->to, &order, 1), 1);
    assert_int_equal(read(o->from, &answer, 1), 1);
    return answer;
}

static void other_end(struct other *o)
{
    int status;

    /* Said, not only closed: a process forked later holds the same pipe.  One that was killed is
     * deaf. */
    if (!o->is_killed)
        assert_int_equal(write(o->to, "q", 1), 1);
    close(o->to);
    close(o->from);
    assert_int_equal(waitpid(o->pid, &status, 0), o->pid);
}

static void a_lock_excludes_another_process_until_it_is_freed(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct other o = other_start(f->path);
    TALLOC_CTX *held = talloc_new(f);

    assert_false(file_is_locked(f->path));
    assert_int_equal(file_lock(held, f->path, &e), OK);
    assert_int_equal(mode_of(f->path) & 077, 0);
    assert_int_equal(other_do(&o, 'l'), ERR_BUSY);
    assert_int_equal(other_do(&o, 'l'), ERR_BUSY);
    assert_true(file_is_locked(f->path));
    talloc_free(held);
    assert_false(file_is_locked(f->path));
    assert_int_equal(other_do(&o, 'l'), OK);
    assert_true(file_is_locked(f->path));
    held = talloc_new(f);
    assert_int_equal(file_lock(held, f->path, &e), ERR_BUSY);
    assert_int_equal(other_do(&o, 'u'), OK);
    assert_int_equal(file_lock(held, f->path, &e), OK);
    other_end(&o);
}

static void a_lock_ends_with_the_process_that_held_it(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct other o = other_start(f->path);

    assert_int_equal(other_do(&o, 'l'), OK);
    assert_int_equal(file_lock(f, f->path, &e), ERR_BUSY);
    assert_int_equal(kill(o.pid, SIGKILL), 0);
    o.is_killed = true;
    other_end(&o);
    assert_int_equal(file_lock(f, f->path, &e), OK);
}

static void a_refused_lock_does_not_shake_the_one_that_is_held(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct other o = other_start(f->path), third = other_start(f->path);

    assert_int_equal(file_lock(f, f->path, &e), OK);
    assert_int_equal(other_do(&o, 'l'), ERR_BUSY);
    other_end(&o);
    assert_int_equal(other_do(&third, 'l'), ERR_BUSY);
    other_end(&third);
}

static void what_an_old_lock_file_holds_does_not_matter(void **state)
{
    static const char *const content[] = { "", "99999999999999999999999", "not a number\n", "-1" };
    struct fixture *f = *state;
    struct error e = { 0 };

    for (size_t i = 0; i < sizeof content / sizeof content[0]; i++) {
        TALLOC_CTX *held = talloc_new(f);

        put_file(f->path, content[i], strlen(content[i]));
        assert_int_equal(file_lock(held, f->path, &e), OK);
        talloc_free(held);
    }
}

static void a_holder_that_is_not_known_is_not_made_up(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    int fd;

    /* A second description of the file is as good as a second process for flock(2). */
    put_file(f->path, "", 0);
    fd = open(f->path, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
    assert_int_equal(file_lock(f, f->path, &e), ERR_BUSY);
    assert_null(strstr(e.message, "process"));
    assert_non_null(strstr(e.message, f->path));
    close(fd);
}

static void a_lock_does_not_follow_a_link_or_make_directories(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    put_file(in_dir(f, "target"), "precious", 8);
    assert_int_equal(symlink("target", f->path), 0);
    assert_int_not_equal(file_lock(f, f->path, &e), OK);
    assert_bytes_equal(get_file(f, in_dir(f, "target")), text("precious"));
    assert_int_not_equal(file_lock(f, in_dir(f, "no/such"), &e), OK);
    assert_int_not_equal(file_lock(f, f->dir, &e), OK);
}

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    if (!f)
        return 1;
    f->dir = tempdir(f);
    f->path = talloc_asprintf(f, "%s/f", f->dir);
    *state = f;
    return 0;
}

static int teardown(void **state) { return talloc_free(*state); }

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_private_directory_is_made_with_its_parents),
        T(a_path_with_double_and_final_slashes_is_a_directory_too),
        T(an_existing_directory_is_left_as_it_is),
        T(a_directory_is_not_made_where_something_else_stands),
        T(a_directory_path_that_is_empty_is_an_error),
        T(a_file_is_read_whole_with_every_byte),
        T(an_empty_file_is_no_bytes),
        T(the_size_limit_is_exact),
        T(a_missing_file_is_told_from_one_that_cannot_be_read),
        T(only_regular_files_are_read),
        T(a_new_file_is_for_its_owner_only),
        T(an_existing_file_is_replaced_not_rewritten),
        T(binary_and_empty_content_is_written_as_it_is),
        T(the_target_of_a_link_is_never_written),
        T(what_is_published_replaces_nothing_but_a_regular_file),
        T(a_write_that_fails_leaves_nothing_behind),
        T(a_directory_can_be_made_durable),
        T(a_lock_excludes_another_process_until_it_is_freed),
        T(a_lock_ends_with_the_process_that_held_it),
        T(a_refused_lock_does_not_shake_the_one_that_is_held),
        T(what_an_old_lock_file_holds_does_not_matter),
        T(a_holder_that_is_not_known_is_not_made_up),
        T(a_lock_does_not_follow_a_link_or_make_directories),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
