#include "tests/unit/unit.h"

#include <ctype.h>
#include <stdio.h>

#include "cmd/report_metrics.h"
#include "tests/unit/report_sample.h"

/* Checks a text line by line against the exposition format; returns how many samples there are. */
static size_t check_format(void *mem, char *text)
{
    const char *seen[64];
    char family[128] = "";
    size_t n_seen = 0, samples = 0;

    assert_int_equal(text[strlen(text) - 1], '\n');
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        size_t name_len = strspn(line, "abcdefghijklmnopqrstuvwxyz_");
        char *at = line + name_len;

        if (strncmp(line, "# HELP ", 7) == 0) {
            snprintf(family, sizeof family, "%.*s", (int)strcspn(line + 7, " "), line + 7);
            for (size_t i = 0; i < n_seen; i++)
                assert_string_not_equal(seen[i], family);
            seen[n_seen++] = talloc_strdup(mem, family);
            continue;
        }
        if (strncmp(line, "# TYPE ", 7) == 0) {
            assert_int_equal(strncmp(line + 7, family, strlen(family)), 0);
            assert_string_equal(line + 7 + strlen(family), " gauge");
            continue;
        }
        /* every sample stands below the head of its family */
        assert_int_equal(name_len, strlen(family));
        assert_int_equal(strncmp(line, family, name_len), 0);
        if (*at == '{') {
            do {
                at += 1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_");
                assert_int_equal(strncmp(at, "=\"", 2), 0);
                for (at += 2; *at != '"'; at++) {
                    assert_true((unsigned char)*at >= 0x20);
                    at += *at == '\\';
                    assert_true(*at != '\0');
                }
                at++;
            } while (*at == ',');
            assert_int_equal(*at++, '}');
        }
        assert_int_equal(*at++, ' ');
        assert_int_equal(strspn(at, "0123456789."), strlen(at));
        samples++;
    }
    return samples;
}

static void the_text_keeps_to_the_format(void **state)
{
    struct report_sample *s = *state;

    assert_true(check_format(s, report_metrics_text(s, &s->report, 0)) > 15);
    sample_apply(s);
    s->zones[0].name = "nl\nx\x01\xff";
    assert_true(check_format(s, report_metrics_text(s, &s->report, 3)) > 15);
}

static void figures_are_those_of_the_plan(void **state)
{
    struct report_sample *s = *state;
    char *text = report_metrics_text(s, &s->report, 0);

    assert_non_null(strstr(text, "muster_scavenge_stale_records{zone=\"a.example.test\"} 2\n"));
    assert_non_null(strstr(text, "muster_scavenge_records{zone=\"b\\\"ad\\\\.test\"} 0\n"));
    assert_non_null(
        strstr(text,
               "muster_scavenge_zone_skipped{zone=\"b\\\"ad\\\\.test\",gate=\"aging-off\"} 1\n"));
    assert_non_null(strstr(text, "{zone=\"a.example.test\",reason=\"answers\"} 1\n"));
    assert_non_null(
        strstr(text, "outcome_records{zone=\"a.example.test\",outcome=\"planned\"} 2\n"));
    assert_non_null(strstr(text, "muster_scavenge_findings{kind=\"ptr-moved\"} 1\n"));
    assert_non_null(strstr(text, "muster_scavenge_findings{kind=\"other-owner\"} 0\n"));
    assert_non_null(strstr(text, "muster_scavenge_evidence_unread{source=\"pairs\"} 0\n"));
    assert_non_null(strstr(text, "muster_scavenge_controllers_unread 0\n"));
    assert_non_null(strstr(text, "muster_scavenge_success 1\n"));
    assert_non_null(strstr(text, "muster_scavenge_applied 0\n"));
    assert_non_null(strstr(text, "muster_scavenge_duration_seconds 1.234\n"));
    assert_non_null(strstr(text, "muster_scavenge_last_run_timestamp_seconds 1795330817\n"));
}

static void what_could_not_be_asked_is_counted(void **state)
{
    struct report_sample *s = *state;
    struct replica others[] = { { .host = "dc2.example.test", .is_read = true },
                                { .host = "dc3.example.test" } };
    const struct replicas replicas = { .replicas = others, .n = 2 };
    char *text;

    s->report.replicas = &replicas;
    s->survey.evidence.state[EVIDENCE_ACCOUNTS] = EVIDENCE_UNREAD;
    text = report_metrics_text(s, &s->report, 0);
    assert_non_null(strstr(text, "muster_scavenge_evidence_unread{source=\"accounts\"} 1\n"));
    assert_non_null(strstr(text, "muster_scavenge_controllers_unread 1\n"));
}

static void a_run_says_what_became_of_its_records(void **state)
{
    struct report_sample *s = *state;
    char *text;

    sample_apply(s);
    text = report_metrics_text(s, &s->report, 3);
    assert_non_null(strstr(text, "outcome=\"deleted\"} 1\n"));
    assert_non_null(strstr(text, "outcome=\"access-denied\"} 1\n"));
    assert_non_null(strstr(text, "muster_scavenge_success 0\n"));
    assert_non_null(strstr(text, "muster_scavenge_exit_code 3\n"));
    assert_non_null(strstr(text, "muster_scavenge_applied 1\n"));
}

static void a_run_that_failed_early_still_has_metrics(void **state)
{
    struct scavenge_report none = { .started = 1795330757 };
    char *text = report_metrics_text(*state, &none, 6);

    assert_non_null(strstr(text, "muster_scavenge_exit_code 6\n"));
    assert_null(strstr(text, "muster_scavenge_records"));
    assert_int_equal(check_format(*state, text), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_text_keeps_to_the_format),
        test(figures_are_those_of_the_plan),
        test(what_could_not_be_asked_is_counted),
        test(a_run_says_what_became_of_its_records),
        test(a_run_that_failed_early_still_has_metrics),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
