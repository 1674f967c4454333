#include <jansson.h>
#include <sys/wait.h>

#include "ldap/dccache.h"
#include "tests/unit/tempdir.h"

#define WRITERS 6
#define WRITES 40

/* Controllers whose names and number tell the writer and the turn; sizes differ, so that a torn
 * file would not parse. */
static void write_turn(const char *dir, int writer, int turn)
{
    char *domain = talloc_asprintf(NULL, "w%d.test", writer);
    char *name = talloc_asprintf(domain, "dc-%d-%d.%s", writer, turn, domain);
    struct dc dcs[DCCACHE_CONTROLLERS_MAX];
    struct ip ip;

    if (!ip_parse("fd53::10", &ip))
        _exit(1);
    for (int i = 0; i < DCCACHE_CONTROLLERS_MAX; i++)
        dcs[i] = (struct dc){ .name = name, .addresses = &ip, .n_addresses = 1 };
    if (dccache_write(dir, domain, NULL, dcs, 1 + (size_t)(turn % DCCACHE_CONTROLLERS_MAX), NULL))
        _exit(2);
    talloc_free(domain);
}

static pid_t writer(const char *dir, int number)
{
    pid_t pid = fork();

    if (pid == 0) {
        for (int turn = 0; turn < WRITES; turn++)
            write_turn(dir, number, turn);
        _exit(0);
    }
    assert_true(pid > 0);
    return pid;
}

/* Whole at any moment: read by other means than those under test. */
static void assert_whole(const char *path)
{
    json_error_t why;
    json_t *j = json_load_file(path, 0, &why);

    if (!j)
        fail_msg("%s: %s", path, why.text);
    assert_true(json_object_size(json_object_get(j, "domains")) > 0);
    json_decref(j);
}

static void processes_that_write_at_once_never_tear_it(void **state)
{
    const char *dir = tempdir(*state);
    char *path = talloc_asprintf(*state, "%s/dc.json", dir);
    int left = WRITERS, status;
    struct dc *read;
    size_t n;

    write_turn(dir, 0, 0);
    for (int i = 0; i < WRITERS; i++)
        writer(dir, i);
    while (left > 0) {
        pid_t pid = waitpid(-1, &status, WNOHANG);

        assert_whole(path);
        assert_true(pid >= 0);
        if (pid > 0) {
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), 0);
            left--;
        }
    }
    /* The last writer's is there, and nothing of anybody's is left beside it. */
    write_turn(dir, 1, WRITES);
    assert_int_equal(dccache_read(*state, dir, "w1.test", NULL, &read, &n, NULL), OK);
    assert_int_equal(n, 1 + WRITES % DCCACHE_CONTROLLERS_MAX);
    assert_string_equal(read[0].name, talloc_asprintf(*state, "dc-1-%d.w1.test", WRITES));
    assert_int_equal(count_entries(dir), 1);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(processes_that_write_at_once_never_tear_it, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
