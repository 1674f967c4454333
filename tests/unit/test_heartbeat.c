#include "tests/unit/unit.h"

#include "dns/heartbeat.h"

static void an_hour_comes_back(void **state)
{
    static const uint32_t hours[] = { 1, 3722500, UINT32_MAX };
    char text[HEARTBEAT_TEXT_MAX];
    uint32_t seen;

    (void)state;
    for (size_t i = 0; i < sizeof hours / sizeof *hours; i++) {
        assert_true(heartbeat_parse(heartbeat_text(hours[i], text), &seen));
        assert_int_equal(seen, hours[i]);
    }
    assert_string_equal(heartbeat_text(3722500, text), "\"v=muster1 seen=3722500\"");
}

static void fields_of_later_versions_are_skipped(void **state)
{
    uint32_t seen;

    (void)state;
    assert_true(heartbeat_parse("\"v=muster1 seen=3722500 site=north x\"", &seen));
    assert_int_equal(seen, 3722500);
}

static void other_texts_are_no_heartbeats(void **state)
{
    static const char *const texts[] = {
        "",
        "\"\"",
        "\"v=spf1 -all\"",
        "v=muster1 seen=3722500",
        "\"v=muster1 seen=3722500",
        "\"v=muster1 seen=\"",
        "\"v=muster1 seen=0\"",
        "\"v=muster1 seen=-1\"",
        "\"v=muster1 seen=4294967296\"",
        "\"v=muster1 seen=99999999999999999999999\"",
        "\"v=muster1 seen=3722500h\"",
        "\"v=muster1 seen=3722500\" \"more\"",
        "\"v=muster1 seen=3722500 x\" \"more\"",
        "\"v=muster1 seen=3722500 \\\"\"",
        "\"v=muster2 seen=3722500\"",
        "\" v=muster1 seen=3722500\"",
    };
    uint32_t seen = 7;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (heartbeat_parse(texts[i], &seen))
            fail_msg("taken: %s", texts[i]);
    }
    assert_int_equal(seen, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_hour_comes_back),
        cmocka_unit_test(fields_of_later_versions_are_skipped),
        cmocka_unit_test(other_texts_are_no_heartbeats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
