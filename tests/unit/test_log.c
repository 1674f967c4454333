#include "base/log.h"
#include "tests/unit/unit.h"

struct seen {
    int n;
    enum log_level level;
    char *text;
};

static void sink(enum log_level level, const char *text, void *priv)
{
    struct seen *s = priv;

    s->n++;
    s->level = level;
    talloc_free(s->text);
    s->text = talloc_strdup(s, text);
}

static void nothing_is_logged_without_a_sink(void **state)
{
    struct seen *s = *state;

    log_set_sink(LOG_LEVEL_DEBUG, NULL, NULL);
    log_error("lost %s", "x");
    assert_int_equal(s->n, 0);
}

static void each_function_logs_at_its_level(void **state)
{
    struct seen *s = *state;

    log_set_sink(LOG_LEVEL_DEBUG, sink, s);
    log_error("e %d", 1);
    assert_int_equal(s->level, LOG_LEVEL_ERROR);
    assert_string_equal(s->text, "e 1");
    log_warning("w %s", "2");
    assert_int_equal(s->level, LOG_LEVEL_WARNING);
    assert_string_equal(s->text, "w 2");
    log_info("i");
    assert_int_equal(s->level, LOG_LEVEL_INFO);
    log_debug("d %c", 'x');
    assert_int_equal(s->level, LOG_LEVEL_DEBUG);
    assert_string_equal(s->text, "d x");
    assert_int_equal(s->n, 4);
}

static void lines_above_the_limit_never_reach_the_sink(void **state)
{
    struct seen *s = *state;

    for (int max = LOG_LEVEL_ERROR; max <= LOG_LEVEL_DEBUG; max++) {
        s->n = 0;
        log_set_sink((enum log_level)max, sink, s);
        log_error("x");
        log_warning("x");
        log_info("x");
        log_debug("x");
        assert_int_equal(s->n, max + 1);
        assert_int_equal(s->level, max);
    }
}

static void control_bytes_are_replaced(void **state)
{
    struct seen *s = *state;
    char all[64];
    int n = 0;

    for (int c = 1; c < 0x20; c++)
        all[n++] = (char)c;
    all[n++] = 0x7f;
    all[n] = 0;
    log_set_sink(LOG_LEVEL_INFO, sink, s);
    log_info("keep %s\n", all);
    assert_memory_equal(s->text, "keep ", 5);
    for (const char *p = s->text; *p; p++)
        assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
    /* One line stays one line: no second one can be forged. */
    log_info("a\nERROR: b");
    assert_null(strchr(s->text, '\n'));
    assert_non_null(strstr(s->text, "ERROR: b"));
}

static void text_that_is_not_ascii_stays(void **state)
{
    struct seen *s = *state;

    log_set_sink(LOG_LEVEL_INFO, sink, s);
    log_info("%s", "b\xc3\xbcro 100%");
    assert_string_equal(s->text, "b\xc3\xbcro 100%");
}

static void a_long_line_is_no_overflow(void **state)
{
    struct seen *s = *state;
    char *big = talloc_array(s, char, 100000);

    memset(big, 'y', 99999);
    big[99999] = 0;
    log_set_sink(LOG_LEVEL_INFO, sink, s);
    log_info("start %s", big);
    assert_int_equal(s->n, 1);
    assert_memory_equal(s->text, "start yyy", 9);
}

static void the_sink_can_be_changed(void **state)
{
    struct seen *s = *state, *other = talloc_zero(s, struct seen);

    log_set_sink(LOG_LEVEL_INFO, sink, s);
    log_info("one");
    log_set_sink(LOG_LEVEL_INFO, sink, other);
    log_info("two");
    assert_string_equal(s->text, "one");
    assert_string_equal(other->text, "two");
}

static int setup(void **state) { return !(*state = talloc_zero(NULL, struct seen)); }
static int teardown(void **state)
{
    log_set_sink(LOG_LEVEL_ERROR, NULL, NULL);
    return talloc_free(*state);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(nothing_is_logged_without_a_sink),
        T(each_function_logs_at_its_level),
        T(lines_above_the_limit_never_reach_the_sink),
        T(control_bytes_are_replaced),
        T(text_that_is_not_ascii_stays),
        T(a_long_line_is_no_overflow),
        T(the_sink_can_be_changed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
