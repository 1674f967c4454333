#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "cmd/report_html.h"
#include "tests/unit/report_sample.h"

static void assert_html(const char *in, const char *out)
{
    char *text;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    html_text(f, in);
    fclose(f);
    assert_string_equal(text, out);
    free(text);
}

static void markup_becomes_text(void **state)
{
    (void)state;
    assert_html("<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;");
    assert_html("b\xc3\xbcro \xf0\x9f\x98\x80", "b\xc3\xbcro \xf0\x9f\x98\x80");
    assert_html(NULL, "");
}

static void bytes_that_are_no_utf8_are_escaped(void **state)
{
    (void)state;
    assert_html("a\xff", "a\\255");
    assert_html("\xc3", "\\195");
    assert_html("\xc0\xbc", "\\192\\188");          /* overlong < */
    assert_html("\xed\xa0\x80", "\\237\\160\\128"); /* surrogate */
    assert_html("\xf4\x90\x80\x80", "\\244\\144\\128\\128");
    assert_html("\xe2\x80", "\\226\\128");
}

static void what_deceives_the_eye_is_shown(void **state)
{
    (void)state;
    assert_html("a\033[1m\n", "a\\u{1B}[1m\\u{A}");
    assert_html("\xe2\x80\xae"
                "exe",
                "\\u{202E}exe");
    assert_html("a\xe2\x80\x8b"
                "b\xc2\xad",
                "a\\u{200B}b\\u{AD}");
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    for (; (text = strstr(text, what)) != NULL; text++)
        n++;
    return n;
}

static void hostile_names_add_no_element(void **state)
{
    struct report_sample *s = *state;
    char *page = report_html_text(s, &s->report);

    assert_null(strstr(page, "<img"));
    assert_null(strstr(page, "alert(2)</script>"));
    assert_int_equal(count(page, "<script"), 1);
    assert_int_equal(count(page, "</script"), 1);
    assert_int_equal(count(page, "<style"), 1);
    assert_non_null(strstr(page, "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"));
    assert_null(strchr(page, '\033'));
}

/* A transferred zone has heartbeats where a directory has timestamps. */
static void what_stays_static_is_called_what_it_is_in_each_source(void **state)
{
    struct report_sample *s = *state;
    char *page;

    s->plans[0].kept[REASON_STATIC] = 3;
    page = report_html_text(s, &s->report);
    assert_non_null(strstr(page, "entered by a person"));
    assert_null(strstr(page, "heartbeat"));
    s->zones[0].dn = "dns://ns1.example.test/a.example.test";
    page = report_html_text(s, &s->report);
    assert_null(strstr(page, "entered by a person"));
    assert_non_null(strstr(page, "no heartbeat"));
}

static void a_transfer_that_nobody_proved_is_called_so(void **state)
{
    struct report_sample *s = *state;
    char *page;

    page = report_html_text(s, &s->report);
    assert_null(strstr(page, "unproven"));
    s->plans[0].unproven = "not signed";
    page = report_html_text(s, &s->report);
    assert_non_null(strstr(page, "a.example.test (transfer not signed: unproven)"));
}

static void the_page_asks_nobody_for_anything(void **state)
{
    struct report_sample *s = *state;
    char *page = report_html_text(s, &s->report);

    assert_null(strstr(page, "http:"));
    assert_null(strstr(page, "https:"));
    assert_null(strstr(page, "//"
                             "cdn"));
    assert_null(strstr(page, "url("));
    assert_null(strstr(page, "@import"));
    assert_non_null(strstr(page, "default-src 'none'; style-src 'sha256-"));
    assert_null(strstr(page, "unsafe"));
    assert_null(strstr(page, " style=")); /* the policy would drop it */
}

static void a_plan_and_a_run_are_told_apart(void **state)
{
    struct report_sample *s = *state;
    char *page = report_html_text(s, &s->report);

    assert_non_null(strstr(page, "This is a plan, nothing was deleted."));
    assert_null(strstr(page, "access-denied"));
    s->report.now_h += 24;
    page = report_html_text(s, &s->report);
    assert_non_null(strstr(page, "This is a forecast"));
    assert_null(strstr(page, "--apply</code>"));
    s->report.now_h -= 24;
    sample_apply(s);
    page = report_html_text(s, &s->report);
    assert_non_null(strstr(page, "1 of 2 records were deleted."));
    assert_non_null(strstr(page, "muster restore 20261122T140557Z-1f3a"));
    assert_non_null(strstr(page, "access-denied"));
    assert_non_null(strstr(page, "insufficient access"));
}

static void what_stays_and_what_needs_a_person_is_there(void **state)
{
    struct report_sample *s = *state;
    char *page = report_html_text(s, &s->report);

    assert_non_null(strstr(page, "10.0.0.1 answered an ICMP echo"));
    assert_non_null(strstr(page, "Stale, but kept (1)"));
    assert_non_null(strstr(page, "Needs a person (1)"));
    assert_non_null(strstr(page, "aging is off"));
    /* a zone that is skipped has no forecast */
    assert_non_null(strstr(page, "<dt>Stale in 30 days unless refreshed</dt><dd>3</dd>"));
}

static void what_could_not_be_asked_is_there(void **state)
{
    struct report_sample *s = *state;
    struct replica other = { .host = "dc2.example.test<b>" };
    const struct replicas replicas = { .replicas = &other, .n = 1 };
    char *page = report_html_text(s, &s->report);

    assert_null(strstr(page, "unread"));
    err_set(&other.why, ERR_UNREACHABLE, "no answer <i>at all");
    s->report.replicas = &replicas;
    s->survey.evidence.state[EVIDENCE_ACCOUNTS] = EVIDENCE_UNREAD;
    s->survey.evidence.problem[EVIDENCE_ACCOUNTS] = "accounts may not be read";
    page = report_html_text(s, &s->report);
    assert_non_null(strstr(page, "dc2.example.test&lt;b&gt;"));
    assert_non_null(strstr(page, "no answer &lt;i&gt;at all"));
    assert_non_null(strstr(page, "accounts may not be read"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(markup_becomes_text),
        test(bytes_that_are_no_utf8_are_escaped),
        test(what_deceives_the_eye_is_shown),
        test(hostile_names_add_no_element),
        test(what_stays_static_is_called_what_it_is_in_each_source),
        test(a_transfer_that_nobody_proved_is_called_so),
        test(the_page_asks_nobody_for_anything),
        test(a_plan_and_a_run_are_told_apart),
        test(what_stays_and_what_needs_a_person_is_there),
        test(what_could_not_be_asked_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
