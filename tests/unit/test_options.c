#include "tests/unit/unit.h"

#include "cmd/command.h"

static const struct option_spec table[] = {
    { "apply", OPTION_FLAG, NULL, "", NULL, NULL },
    { "ttl", OPTION_TEXT, "SEC", "", "register", NULL },
    { "interface", OPTION_LIST, "PATTERN", "", "register", "interfaces" },
    { NULL, OPTION_FLAG, NULL, NULL, NULL, NULL },
};

static const struct command command = { .name = "example", .arguments = "", .options = table };

#define MAX_WORDS 16

static enum err parse(void **state, struct options **out, struct error *e, const char *const *words)
{
    char *argv[MAX_WORDS];
    int argc = 0;

    for (; words[argc]; argc++)
        argv[argc] = talloc_strdup(*state, words[argc]);
    argv[argc] = NULL;
    return options_parse(*state, &command, argc, argv, out, e);
}

#define PARSE(...) parse(state, &o, &e, (const char *const[]){ "example", __VA_ARGS__, NULL })

static void options_and_arguments_stand_in_any_order(void **state)
{
    const char *const *arguments;
    struct error e = { 0 };
    struct options *o;
    size_t n;

    assert_int_equal(PARSE("one", "--apply", "two", "--ttl", "60", "--", "--three"), OK);
    assert_true(options_flag(o, "apply"));
    assert_string_equal(options_text(o, "ttl"), "60");
    arguments = options_arguments(o, &n);
    assert_int_equal(n, 3);
    assert_string_equal(arguments[0], "one");
    assert_string_equal(arguments[1], "two");
    assert_string_equal(arguments[2], "--three");
}

static void what_is_not_given_is_absent(void **state)
{
    struct error e = { 0 };
    struct options *o;
    size_t n;

    assert_int_equal(PARSE("x"), OK);
    assert_false(options_flag(o, "apply"));
    assert_null(options_text(o, "ttl"));
    options_list(o, "interface", &n);
    assert_int_equal(n, 0);
}

static void a_list_collects_and_a_text_keeps_its_last(void **state)
{
    const char *const *list;
    struct error e = { 0 };
    struct options *o;
    size_t n;

    assert_int_equal(PARSE("--interface", "eth*", "--ttl=1", "--interface=wlan0", "--ttl", "2"),
                     OK);
    list = options_list(o, "interface", &n);
    assert_int_equal(n, 2);
    assert_string_equal(list[0], "eth*");
    assert_string_equal(list[1], "wlan0");
    assert_string_equal(options_text(o, "ttl"), "2");
}

static void mistakes_name_the_option(void **state)
{
    struct error e = { 0 };
    struct options *o = NULL;

    assert_int_equal(PARSE("--nonsense"), ERR_USAGE);
    assert_non_null(strstr(e.message, "--nonsense"));
    assert_int_equal(PARSE("--ttl"), ERR_USAGE);
    assert_non_null(strstr(e.message, "--ttl"));
    assert_int_equal(PARSE("--ttl", ""), ERR_USAGE);
    assert_non_null(strstr(e.message, "--ttl"));
    assert_int_equal(PARSE("--apply=yes"), ERR_USAGE);
    assert_int_equal(PARSE("--ttl", "--apply"), ERR_USAGE);
    assert_non_null(strstr(e.message, "--ttl"));
    assert_null(o);
}

static void a_value_may_look_like_an_option_where_it_is_joined(void **state)
{
    struct error e = { 0 };
    struct options *o;

    assert_int_equal(PARSE("--ttl=--apply"), OK);
    assert_string_equal(options_text(o, "ttl"), "--apply");
    assert_false(options_flag(o, "apply"));
}

static void the_command_line_wins_over_the_file(void **state)
{
    const char *const *list;
    struct error e = { 0 };
    struct options *o;
    size_t n;

    assert_int_equal(PARSE("--ttl", "60", "--interface", "eth0"), OK);
    assert_int_equal(options_set_default(o, &table[1], "90", &e), OK);
    assert_int_equal(options_set_default(o, &table[2], "wlan0", &e), OK);
    assert_string_equal(options_text(o, "ttl"), "60");
    /* Lists protect and exclude: both count. */
    list = options_list(o, "interface", &n);
    assert_int_equal(n, 2);
    assert_string_equal(list[0], "eth0");
    assert_string_equal(list[1], "wlan0");
}

static void the_file_fills_what_was_left_open(void **state)
{
    const char *const *list;
    struct error e = { 0 };
    struct options *o;
    size_t n;

    assert_int_equal(PARSE("x"), OK);
    assert_int_equal(options_set_default(o, &table[0], "on", &e), OK);
    assert_int_equal(options_set_default(o, &table[1], "90", &e), OK);
    assert_int_equal(options_set_default(o, &table[2], "eth*, wlan0\tbond0", &e), OK);
    assert_true(options_flag(o, "apply"));
    assert_string_equal(options_text(o, "ttl"), "90");
    list = options_list(o, "interface", &n);
    assert_int_equal(n, 3);
    assert_string_equal(list[1], "wlan0");
    assert_int_equal(options_set_default(o, &table[0], "no", &e), OK);
    assert_false(options_flag(o, "apply"));
}

static void timeouts_are_whole_seconds_in_bounds(void **state)
{
    static const char *const bad[] = {
        "0", "-1", "3601", "1.5", "ten", "5s", "99999999999999999999"
    };
    struct error e = { 0 };
    struct options *o;
    int ms = 77;

    assert_int_equal(PARSE("x"), OK);
    assert_int_equal(options_timeout_ms(o, 1234, &ms, &e), OK);
    assert_int_equal(ms, 1234);
    assert_int_equal(PARSE("--timeout", "3600"), OK);
    assert_int_equal(options_timeout_ms(o, 1234, &ms, &e), OK);
    assert_int_equal(ms, 3600000);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(PARSE("--timeout", bad[i]), OK);
        assert_int_equal(options_timeout_ms(o, 1234, &ms, &e), ERR_USAGE);
        assert_int_equal(ms, 3600000);
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(options_and_arguments_stand_in_any_order),
        test(what_is_not_given_is_absent),
        test(a_list_collects_and_a_text_keeps_its_last),
        test(mistakes_name_the_option),
        test(a_value_may_look_like_an_option_where_it_is_joined),
        test(the_command_line_wins_over_the_file),
        test(the_file_fills_what_was_left_open),
        test(timeouts_are_whole_seconds_in_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
