#include <errno.h>
#include <stdio.h>

#include "tests/unit/unit.h"

static const enum err all_codes[] = {
    OK,           ERR_INTERNAL, ERR_NOMEM,       ERR_IO,        ERR_USAGE,
    ERR_CONFIG,   ERR_NOTFOUND, ERR_PARTIAL,     ERR_LIMIT,     ERR_BUSY,
    ERR_AUTH,     ERR_DENIED,   ERR_UNREACHABLE, ERR_TIMEOUT,   ERR_SERVER,
    ERR_CONFLICT, ERR_CHANGED,  ERR_UNVERIFIED,  ERR_MALFORMED,
};
#define N_CODES (sizeof all_codes / sizeof all_codes[0])

static void set_fills_and_returns_the_code(void **state)
{
    struct error e = { 0 };

    (void)state;
    assert_int_equal(err_set(&e, ERR_NOTFOUND, "zone %s: %d copies", "a.test", 0), ERR_NOTFOUND);
    assert_int_equal(e.code, ERR_NOTFOUND);
    assert_string_equal(e.message, "zone a.test: 0 copies");
    assert_string_equal(e.hint, "");
}

static void set_forgets_the_hint_of_the_error_before(void **state)
{
    struct error e = { 0 };

    (void)state;
    err_set(&e, ERR_AUTH, "first");
    assert_int_equal(err_hint(&e, "run %s", "kinit"), ERR_AUTH);
    assert_string_equal(e.hint, "run kinit");
    err_set(&e, ERR_IO, "second");
    assert_string_equal(e.hint, "");
}

static void prefix_puts_the_object_in_front_and_keeps_the_rest(void **state)
{
    struct error e = { 0 };

    (void)state;
    err_set(&e, ERR_MALFORMED, "too short");
    err_hint(&e, "look at it");
    assert_int_equal(err_prefix(&e, "%s line %d", "conf", 7), ERR_MALFORMED);
    assert_string_equal(e.message, "conf line 7: too short");
    assert_string_equal(e.hint, "look at it");
    assert_int_equal(e.code, ERR_MALFORMED);
}

static void errno_text_follows_object_and_verb(void **state)
{
    struct error e = { 0 };
    char want[128];

    (void)state;
    snprintf(want, sizeof want, "cannot open /x: %s", strerror(ENOENT));
    errno = EIO;
    assert_int_equal(err_errno(&e, ENOENT, "cannot open %s", "/x"), ERR_IO);
    assert_string_equal(e.message, want);
    assert_int_equal(e.code, ERR_IO);
}

static void a_caller_that_wants_no_text_still_gets_the_code(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_LIMIT, "%s", "x"), ERR_LIMIT);
    assert_int_equal(err_errno(NULL, EACCES, "open"), ERR_IO);
    assert_int_equal(err_nomem(NULL), ERR_NOMEM);
    /* No crash is all that can be asked of these two. */
    err_hint(NULL, "x");
    err_prefix(NULL, "x");
    err_clear(NULL);
}

static void long_texts_are_cut_and_terminated(void **state)
{
    struct error e;
    char *big = talloc_array(*state, char, 5000);

    memset(big, 'x', 4999);
    big[4999] = 0;
    memset(&e, 0xaa, sizeof e);
    assert_int_equal(err_set(&e, ERR_SERVER, "%s", big), ERR_SERVER);
    assert_int_equal(strnlen(e.message, sizeof e.message), sizeof e.message - 1);
    assert_int_equal(err_hint(&e, "%s", big), ERR_SERVER);
    assert_int_equal(strnlen(e.hint, sizeof e.hint), sizeof e.hint - 1);
    /* The object is what must survive when context is added to a full message. */
    assert_int_equal(err_prefix(&e, "dc1"), ERR_SERVER);
    assert_true(strnlen(e.message, sizeof e.message) < sizeof e.message);
    assert_memory_equal(e.message, "dc1: xxx", 8);
    assert_int_equal(err_prefix(&e, "%s", big), ERR_SERVER);
    assert_true(strnlen(e.message, sizeof e.message) < sizeof e.message);
    assert_int_equal(err_errno(&e, ENOENT, "%s", big), ERR_IO);
    assert_true(strnlen(e.message, sizeof e.message) < sizeof e.message);
}

static void message_and_hint_stay_one_line_whatever_a_server_says(void **state)
{
    struct error e = { 0 };

    (void)state;
    err_set(&e, ERR_SERVER, "dc1: %s", "bad\nfake: all is well\x1b[2J\r");
    assert_null(strpbrk(e.message, "\n\r\x1b"));
    err_hint(&e, "%s", "a\nb");
    err_prefix(&e, "%s", "x\ny");
    for (const char *p = e.message; *p; p++)
        assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
    for (const char *p = e.hint; *p; p++)
        assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
    assert_non_null(strstr(e.message, "bad"));
    assert_non_null(strstr(e.message, "fake"));
}

static void own_text_can_be_an_argument(void **state)
{
    struct error e = { 0 };

    (void)state;
    err_set(&e, ERR_IO, "disk full");
    err_set(&e, ERR_PARTIAL, "run: %s", e.message);
    assert_string_equal(e.message, "run: disk full");
}

static void clear_leaves_no_error(void **state)
{
    struct error e = { 0 };

    (void)state;
    err_set(&e, ERR_IO, "x");
    err_hint(&e, "y");
    err_clear(&e);
    assert_int_equal(e.code, OK);
    assert_string_equal(e.message, "");
    assert_string_equal(e.hint, "");
}

static void exit_codes_follow_the_manual(void **state)
{
    static const struct {
        enum err code;
        int exit;
    } table[] = {
        { OK, 0 },           { ERR_INTERNAL, 1 },   { ERR_NOMEM, 1 },       { ERR_IO, 1 },
        { ERR_USAGE, 2 },    { ERR_CONFIG, 2 },     { ERR_PARTIAL, 3 },     { ERR_LIMIT, 4 },
        { ERR_AUTH, 5 },     { ERR_DENIED, 5 },     { ERR_UNREACHABLE, 6 }, { ERR_TIMEOUT, 6 },
        { ERR_CONFLICT, 7 }, { ERR_UNVERIFIED, 8 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        assert_int_equal(err_exit_code(table[i].code), table[i].exit);
    /* A failure never looks like success, and no code is outside the table. */
    for (size_t i = 0; i < N_CODES; i++)
        if (all_codes[i] != OK)
            assert_in_range(err_exit_code(all_codes[i]), 1, 8);
    assert_in_range(err_exit_code((enum err)999), 1, 8);
}

static void names_are_stable_lower_case_and_distinct(void **state)
{
    (void)state;
    assert_string_equal(err_name(ERR_UNREACHABLE), "unreachable");
    for (size_t i = 0; i < N_CODES; i++) {
        const char *name = err_name(all_codes[i]);

        assert_non_null(name);
        assert_true(*name);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(name, err_name(all_codes[k]));
    }
    assert_non_null(err_name((enum err)999));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(set_fills_and_returns_the_code),
        T(set_forgets_the_hint_of_the_error_before),
        T(prefix_puts_the_object_in_front_and_keeps_the_rest),
        T(errno_text_follows_object_and_verb),
        T(a_caller_that_wants_no_text_still_gets_the_code),
        T(long_texts_are_cut_and_terminated),
        T(message_and_hint_stay_one_line_whatever_a_server_says),
        T(own_text_can_be_an_argument),
        T(clear_leaves_no_error),
        T(exit_codes_follow_the_manual),
        T(names_are_stable_lower_case_and_distinct),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
