#include "tests/unit/unit.h"

#include "cmd/output.h"

static void assert_json_text(const char *in, const char *out)
{
    json_t *json = output_json_text(in);

    assert_true(json_is_string(json));
    assert_string_equal(json_string_value(json), out);
    json_decref(json);
}

static void json_text_is_utf8_whatever_the_directory_holds(void **state)
{
    (void)state;
    assert_json_text("host1", "host1");
    assert_json_text("b\xc3\xbcro", "b\xc3\xbcro");
    assert_json_text("b\xfcro", "b\\252ro");
    assert_json_text("\xc3", "\\195");
    assert_true(json_is_null(output_json_text(NULL)));
}

static void json_times_are_rfc3339_and_static_is_null(void **state)
{
    json_t *json = output_json_hours(3733279);

    (void)state;
    assert_string_equal(json_string_value(json), "2026-11-22T07:00:00Z");
    json_decref(json);
    assert_true(json_is_null(output_json_hours(0)));
}

static void control_bytes_never_reach_the_terminal(void **state)
{
    assert_string_equal(output_safe(*state, "a\033[2Jb\r\n\x7f"), "a?[2Jb???");
}

static void ages_and_intervals_read_well(void **state)
{
    assert_string_equal(output_age(*state, 71), "71 h");
    assert_string_equal(output_age(*state, 72), "3 d");
    assert_string_equal(output_age(*state, 95), "3 d");
    assert_string_equal(output_interval(*state, 168), "7 d");
    assert_string_equal(output_interval(*state, 36), "36 h");
    assert_string_equal(output_interval(*state, 0), "0 h");
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(json_text_is_utf8_whatever_the_directory_holds),
        test(json_times_are_rfc3339_and_static_is_null),
        test(control_bytes_never_reach_the_terminal),
        test(ages_and_intervals_read_well),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
