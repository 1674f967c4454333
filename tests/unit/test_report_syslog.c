#include "tests/unit/unit.h"

#include "cmd/report_syslog.h"
#include "tests/unit/report_sample.h"

struct lines {
    const char *all[8];
    size_t n;
    void *mem;
};

static void put(const char *text, void *priv)
{
    struct lines *l = priv;

    assert_true(l->n < 8);
    l->all[l->n++] = talloc_strdup(l->mem, text);
}

static void a_plan_leaves_no_line(void **state)
{
    struct report_sample *s = *state;
    struct lines l = { .mem = s };
    struct error e = { 0 };

    assert_int_equal(report_log_lines(&s->report, put, &l, &e), OK);
    assert_int_equal(l.n, 0);
}

static void a_run_leaves_a_line_for_each_deletion_and_one_for_itself(void **state)
{
    struct report_sample *s = *state;
    struct lines l = { .mem = s };
    struct error e = { 0 };

    sample_apply(s);
    s->nodes[0].name = "pc17";
    s->values[0].type = DNS_TYPE_A;
    s->values[0].data = "10.0.0.17";
    assert_int_equal(report_log_lines(&s->report, put, &l, &e), OK);
    assert_int_equal(l.n, 2);
    assert_string_equal(l.all[0], "run 20261122T140557Z-1f3a: deleted pc17 A 10.0.0.17 from zone "
                                  "a.example.test, refreshed 2026-10-11 15:00 UTC");
    assert_string_equal(l.all[1], "run 20261122T140557Z-1f3a: scavenged example.test as "
                                  "admin@EXAMPLE.TEST at dc1.example.test: 1 of 2 records deleted, "
                                  "0 changed meanwhile, 1 access denied, 0 failed, 0 unknown");
}

static void names_cannot_forge_lines(void **state)
{
    struct report_sample *s = *state;
    struct lines l = { .mem = s };
    struct error e = { 0 };

    sample_apply(s);
    s->nodes[0].name = "a\nrun x: deleted everything\xff%s%n";
    assert_int_equal(report_log_lines(&s->report, put, &l, &e), OK);
    assert_int_equal(l.n, 2);
    assert_null(strchr(l.all[0], '\n'));
    assert_non_null(strstr(l.all[0], "a?run x: deleted everything\\255%s%n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_plan_leaves_no_line),
        test(a_run_leaves_a_line_for_each_deletion_and_one_for_itself),
        test(names_cannot_forge_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
