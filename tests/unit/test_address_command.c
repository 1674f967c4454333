#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "register/address_command.h"
#include "tests/unit/tempdir.h"

static void assert_read(TALLOC_CTX *mem, const char *printed, const char *expected)
{
    struct bytes in = { (const uint8_t *)printed, strlen(printed) };
    struct error e = { 0 };
    char *got = talloc_strdup(mem, ""), text[IP_TEXT_MAX];
    struct ip *out = NULL;
    size_t n = 0;

    if (address_command_read(mem, in, &out, &n, &e)) {
        assert_null(out);
        assert_int_equal(e.code, ERR_CONFIG);
        assert_non_null(strstr(e.message, expected));
        return;
    }
    for (size_t i = 0; i < n; i++)
        got = talloc_asprintf_append(got, "%s%s", i ? " " : "", ip_format(out[i], text));
    assert_string_equal(got, expected);
}

static void addresses_are_read_line_by_line(void **state)
{
    assert_read(*state, "203.0.113.7\n", "203.0.113.7");
    assert_read(*state, "203.0.113.7", "203.0.113.7");
    assert_read(*state, "# nat\n\n 203.0.113.7\r\n\t2001:db8::7 \n", "203.0.113.7 2001:db8::7");
    assert_read(*state, "203.0.113.7\n203.0.113.7\n", "203.0.113.7");
}

static void anything_else_is_refused(void **state)
{
    struct bytes nul = { (const uint8_t *)"203.0.113.7\0x\n", 14 };
    struct error e = { 0 };
    struct ip *out;
    char *many = talloc_strdup(*state, "");
    size_t n;

    assert_read(*state, "", "no address");
    assert_read(*state, "# nothing\n", "no address");
    assert_read(*state, "203.0.113.7 and more\n", "no address");
    assert_read(*state, "203.0.113.7/24\n", "no address");
    assert_read(*state, "203.0.113.7\nerror: timeout\n", "error: timeout");
    assert_read(*state, "127.0.0.1\n", "no other machine");
    assert_read(*state, "fe80::1\n", "no other machine");
    assert_read(*state, "fe80::1%eth0\n", "no address");
    assert_read(*state, "224.0.0.1\n", "no other machine");
    assert_read(*state, "0.0.0.0\n", "no other machine");
    assert_read(*state, "::\n", "no other machine");
    assert_int_equal(address_command_read(*state, nul, &out, &n, &e), ERR_CONFIG);
    for (int i = 0; i < 65; i++)
        many = talloc_asprintf_append(many, "203.0.113.%d\n", i);
    assert_read(*state, many, "more than 64");
}

/* A script of its own; the path is on mem. */
static char *script(TALLOC_CTX *mem, const char *dir, mode_t mode, const char *text)
{
    char *path = talloc_asprintf(mem, "%s/script", dir);
    FILE *f;

    unlink(path);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0 && fclose(f) == 0 && chmod(path, mode) == 0);
    return path;
}

static enum err run(TALLOC_CTX *mem, const char *path, int64_t ms, size_t *n, struct error *e)
{
    struct ip *out;

    *n = 0;
    return address_command_run(mem, path, deadline_in(ms), &out, n, e);
}

static void a_program_is_run_without_shell_and_environment(void **state)
{
    const char *dir = tempdir(*state);
    char *path;
    struct error e = { 0 };
    size_t n;

    setenv("MUSTER_TEST_SECRET", "yes", 1);
    path = script(*state, dir, 0700,
                  "#!/bin/sh\n"
                  "[ -z \"$MUSTER_TEST_SECRET\" ] && [ $# = 0 ] && [ \"$(pwd)\" = / ] || exit 1\n"
                  "read line && exit 2\n"
                  "echo 203.0.113.7\n");
    assert_int_equal(run(*state, path, 60000, &n, &e), OK);
    assert_int_equal(n, 1);
}

static void a_program_that_fails_says_why(void **state)
{
    const char *dir = tempdir(*state);
    char *path;
    struct error e = { 0 };
    size_t n;

    path = script(*state, dir, 0700, "#!/bin/sh\necho 203.0.113.7\necho no gateway >&2\nexit 3\n");
    assert_int_equal(run(*state, path, 60000, &n, &e), ERR_CONFIG);
    assert_non_null(strstr(e.message, "status 3: no gateway"));
    assert_non_null(strstr(e.message, path));
    assert_true(e.hint[0]);
    path = script(*state, dir, 0700, "#!/bin/sh\nkill -9 $$\n");
    assert_int_equal(run(*state, path, 60000, &n, &e), ERR_CONFIG);
    assert_non_null(strstr(e.message, "signal 9"));
}

static void a_program_that_does_not_end_is_killed_and_gives_nothing(void **state)
{
    struct error e = { 0 };
    size_t n;
    char *path = script(*state, tempdir(*state), 0700, "#!/bin/sh\necho 203.0.113.7\nsleep 600\n");

    assert_int_equal(run(*state, path, 1500, &n, &e), ERR_TIMEOUT);
    assert_non_null(strstr(e.message, "killed"));
    assert_int_equal(n, 0);
}

static void endless_output_is_cut_off(void **state)
{
    const char *dir = tempdir(*state);
    char *path;
    struct error e = { 0 };
    size_t n;

    path = script(*state, dir, 0700, "#!/bin/sh\nwhile :; do echo 203.0.113.7; done\n");
    assert_int_equal(run(*state, path, 60000, &n, &e), ERR_CONFIG);
    assert_non_null(strstr(e.message, "65536 bytes"));
}

static void a_program_that_others_may_change_is_not_run(void **state)
{
    const char *dir = tempdir(*state);
    char *path;
    struct error e = { 0 };
    size_t n;

    path = script(*state, dir, 0720, "#!/bin/sh\necho 203.0.113.7\n");
    assert_int_equal(run(*state, path, 60000, &n, &e), ERR_CONFIG);
    assert_non_null(strstr(e.message, "others may change it"));
    path = script(*state, dir, 0600, "#!/bin/sh\necho 203.0.113.7\n");
    assert_int_equal(run(*state, path, 60000, &n, &e), ERR_CONFIG);
    assert_int_equal(run(*state, "script", 60000, &n, &e), ERR_CONFIG);
    assert_non_null(strstr(e.message, "absolute"));
    assert_int_equal(run(*state, dir, 60000, &n, &e), ERR_CONFIG);
    assert_int_equal(run(*state, "/nonexistent/program", 60000, &n, &e), ERR_CONFIG);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define each(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        each(addresses_are_read_line_by_line),
        each(anything_else_is_refused),
        each(a_program_is_run_without_shell_and_environment),
        each(a_program_that_fails_says_why),
        each(a_program_that_does_not_end_is_killed_and_gives_nothing),
        each(endless_output_is_cut_off),
        each(a_program_that_others_may_change_is_not_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
