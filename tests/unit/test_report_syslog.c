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

#define RUN "20261122T140557Z-1f3a"

static struct journal_node change(struct journal_record *records, size_t n, enum outcome outcome)
{
    return (struct journal_node){
        .zone = "a.example.test",
        .name = "pc17",
        .records = records,
        .n_records = n,
        .outcome = outcome,
    };
}

static void a_plan_leaves_no_line(void **state)
{
    struct report_sample *s = *state;
    struct lines l = { .mem = s };
    struct error e = { 0 };

    assert_int_equal(report_log_run(&s->report, put, &l, &e), OK);
    assert_int_equal(l.n, 0);
}

static void each_record_of_a_change_that_was_made_has_a_line(void **state)
{
    struct journal_record records[] = {
        { .type = "A", .data = "10.0.0.17", .timestamp_h = SAMPLE_NOW_H - 1000 },
        { .type = "AAAA", .data = "fd53::17", .timestamp_h = SAMPLE_NOW_H - 1000 },
    };
    struct journal_node c = change(records, 2, OUTCOME_DELETED);
    struct lines l = { .mem = *state };
    struct error e = { 0 };

    assert_int_equal(report_log_change(RUN, &c, put, &l, &e), OK);
    assert_int_equal(l.n, 2);
    assert_string_equal(l.all[0], "run " RUN ": deleted pc17 A 10.0.0.17 from zone "
                                  "a.example.test, refreshed 2026-10-11 15:00 UTC");
    assert_non_null(strstr(l.all[1], "deleted pc17 AAAA fd53::17"));
    c.outcome = OUTCOME_RESTORED;
    assert_int_equal(report_log_change(RUN, &c, put, &l, &e), OK);
    assert_int_equal(l.n, 4);
    assert_string_equal(l.all[2], "run " RUN ": restored pc17 A 10.0.0.17 in zone "
                                  "a.example.test, refreshed 2026-10-11 15:00 UTC");
}

static void a_change_that_was_not_made_has_none(void **state)
{
    static const enum outcome others[] = { OUTCOME_PLANNED,   OUTCOME_ALREADY_THERE,
                                           OUTCOME_REFRESHED, OUTCOME_CONFLICT,
                                           OUTCOME_GONE,      OUTCOME_DENIED,
                                           OUTCOME_FAILED,    OUTCOME_UNKNOWN };
    struct journal_record record = { .type = "A", .data = "10.0.0.17" };
    struct lines l = { .mem = *state };
    struct error e = { 0 };

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct journal_node c = change(&record, 1, others[i]);

        assert_int_equal(report_log_change(RUN, &c, put, &l, &e), OK);
    }
    assert_int_equal(l.n, 0);
}

static void a_run_has_one_line_with_its_figures(void **state)
{
    struct report_sample *s = *state;
    struct lines l = { .mem = s };
    struct error e = { 0 };

    sample_apply(s);
    assert_int_equal(report_log_run(&s->report, put, &l, &e), OK);
    assert_int_equal(l.n, 1);
    assert_string_equal(l.all[0], "run " RUN ": scavenged example.test as "
                                  "admin@EXAMPLE.TEST at dc1.example.test: 1 of 2 records deleted, "
                                  "0 changed meanwhile, 1 access denied, 0 failed, 0 unknown");
}

static void a_restore_says_whose_records_came_back(void **state)
{
    struct journal_record records[3] = { { .type = "A", .data = "10.0.0.17" } };
    struct journal_node changes[] = { change(records, 1, OUTCOME_RESTORED),
                                      change(records, 3, OUTCOME_CONFLICT) };
    const struct restore_plan plan = { .changes = changes, .n_changes = 2 };
    const struct restore_log r = { "20261123T000000Z-0001", RUN, "admin@EXAMPLE.TEST",
                                   "dc1.example.test", &plan };
    struct lines l = { .mem = *state };
    struct error e = { 0 };

    assert_int_equal(report_log_restore(&r, put, &l, &e), OK);
    assert_int_equal(l.n, 1);
    assert_string_equal(l.all[0],
                        "run 20261123T000000Z-0001: restored run " RUN " as admin@EXAMPLE.TEST at "
                        "dc1.example.test: 1 of 4 records put back");
}

static void names_cannot_forge_lines(void **state)
{
    struct journal_record record = { .type = "TXT", .data = "x\nrun y: deleted all" };
    struct journal_node c = change(&record, 1, OUTCOME_DELETED);
    struct lines l = { .mem = *state };
    struct error e = { 0 };

    c.name = "a\nrun x: deleted everything\xff%s%n";
    assert_int_equal(report_log_change(RUN, &c, put, &l, &e), OK);
    assert_int_equal(l.n, 1);
    assert_null(strchr(l.all[0], '\n'));
    assert_non_null(strstr(l.all[0], "a?run x: deleted everything\\255%s%n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_plan_leaves_no_line),
        test(each_record_of_a_change_that_was_made_has_a_line),
        test(a_change_that_was_not_made_has_none),
        test(a_run_has_one_line_with_its_figures),
        test(a_restore_says_whose_records_came_back),
        test(names_cannot_forge_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
