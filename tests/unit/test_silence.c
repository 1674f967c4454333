#include "scavenger/silence.h"

#include <string.h>

#include "tests/unit/tempdir.h"
#include "tests/unit/unit.h"

#define NOW_H 3733000U
#define DAY ((int64_t)24 * 3600)
#define START ((int64_t)1763800000)
#define ZONE "z.test"

struct fixture {
    struct sightings *s;
    struct dns_zone zone;
    struct silence *round;
    struct probe_list *list;
    struct error e;
};

static void must(const struct fixture *f, enum err rc)
{
    if (rc)
        fail_msg("%s", f->e.message);
}

static void see(struct fixture *f, const char *name, uint16_t type, const char *data)
{
    const struct dns_rr rr = { name, type, 60, data };

    must(f, sightings_see(f->s, &rr, &f->e));
}

static void beat(struct fixture *f, const char *name, uint32_t age_h)
{
    see(f, name, DNS_TYPE_TXT, talloc_asprintf(f, "\"v=muster1 seen=%u\"", NOW_H - age_h));
}

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    f->zone = (struct dns_zone){ .name = ZONE, .aging = { true, 168, 168, 0 } };
    must(f, sightings_open(f, talloc_asprintf(f, "%s/sightings.db", tempdir(f)), &f->s, &f->e));
    must(f, sightings_begin(f->s, ZONE, 1, START, &f->e));
    see(f, "quiet." ZONE, DNS_TYPE_A, "10.0.0.1");
    see(f, "quiet." ZONE, DNS_TYPE_AAAA, "fd00::1");
    see(f, "quiet." ZONE, DNS_TYPE_TXT, "\"a note\"");
    see(f, "left." ZONE, DNS_TYPE_A, "10.0.0.2");
    beat(f, "left." ZONE, 400);
    see(f, "here." ZONE, DNS_TYPE_A, "10.0.0.3");
    beat(f, "here." ZONE, 20);
    see(f, "away." ZONE, DNS_TYPE_A, "10.0.0.4"); /* fresh, but no witness */
    beat(f, "away." ZONE, 100);
    see(f, "loop." ZONE, DNS_TYPE_A, "127.0.0.1");
    must(f, sightings_end(f->s, true, &f->e));
    *state = f;
    return 0;
}

static int teardown(void **state) { return talloc_free(*state); }

static void collect(struct fixture *f)
{
    TALLOC_FREE(f->round);
    TALLOC_FREE(f->list);
    f->list = talloc_zero(f, struct probe_list);
    must(f, silence_collect(f, f->s, &f->zone, NOW_H, &f->round, &f->e));
    must(f, silence_add(f->round, f->list, &f->e));
    probe_list_seal(f->list);
    for (size_t i = 0; i < f->list->n; i++)
        f->list->targets[i].answer = PROBE_SILENT;
}

static void answer(struct fixture *f, const char *address, enum probe_answer answer)
{
    char text[IP_TEXT_MAX];

    for (size_t i = 0; i < f->list->n; i++) {
        if (strcmp(ip_format(f->list->targets[i].address, text), address) == 0)
            f->list->targets[i].answer = answer;
    }
}

static const char *note(struct fixture *f, bool is_cut, int64_t now_s)
{
    const char *unheard = "untouched";

    must(f, silence_note(f->round, f->s, f->list, is_cut, now_s, &unheard, &f->e));
    return unheard;
}

struct wanted {
    const char *data;
    struct sighting found;
};

static enum err find(const struct sighting *of_name, size_t n, void *priv, struct error *e)
{
    struct wanted *w = priv;

    (void)e;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(of_name[i].data, w->data) == 0)
            w->found = of_name[i];
    }
    return OK;
}

static struct sighting record(struct fixture *f, const char *data)
{
    struct wanted w = { .data = data };

    must(f, sightings_walk(f->s, ZONE, find, &w, &f->e));
    return w.found;
}

static void asked_is_whom_no_fresh_heartbeat_speaks_for_and_a_witness(void **state)
{
    struct fixture *f = *state;
    char text[IP_TEXT_MAX];
    char *all = talloc_strdup(f, "");

    collect(f);
    assert_int_equal(silence_count(f->round), 3);
    for (size_t i = 0; i < f->list->n; i++)
        all = talloc_asprintf(f, "%s %s", all, ip_format(f->list->targets[i].address, text));
    assert_string_equal(all, " 10.0.0.1 10.0.0.2 10.0.0.3 fd00::1");
}

static void silence_counts_where_something_answered(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 3; i++) {
        collect(f);
        answer(f, "10.0.0.3", PROBE_ECHO); /* the witness */
        assert_null(note(f, false, START + i * DAY));
    }
    assert_int_equal(record(f, "10.0.0.1").n_silent, 3);
    assert_int_equal(record(f, "10.0.0.1").silent_s, 2 * DAY);
    assert_int_equal(record(f, "10.0.0.2").n_silent, 3);
    assert_int_equal(record(f, "10.0.0.3").n_silent, 0);
    assert_int_equal(record(f, "127.0.0.1").n_silent, 0);
}

static void a_round_without_any_answer_counts_for_nothing(void **state)
{
    struct fixture *f = *state;

    collect(f);
    answer(f, "10.0.0.3", PROBE_REFUSED);
    assert_null(note(f, false, START));
    for (int i = 1; i < 30; i++) {
        collect(f);
        assert_non_null(strstr(note(f, false, START + i * DAY), "nothing in the zone answered"));
    }
    assert_int_equal(record(f, "10.0.0.1").n_silent, 1);
    assert_int_equal(record(f, "10.0.0.1").silent_s, 0);
}

static void a_round_that_was_cut_short_counts_for_nothing_but_its_answers(void **state)
{
    struct fixture *f = *state;

    collect(f);
    answer(f, "10.0.0.3", PROBE_ECHO);
    assert_null(note(f, false, START));
    collect(f);
    answer(f, "10.0.0.2", PROBE_CONNECTED);
    assert_non_null(strstr(note(f, true, START + DAY), "the time was up"));
    assert_int_equal(record(f, "10.0.0.1").n_silent, 1);
    assert_int_equal(record(f, "10.0.0.2").n_silent, 0);
    assert_int_equal(record(f, "10.0.0.2").last_answer_s, START + DAY);
}

static void whom_nobody_could_ask_begins_anew(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 3; i++) {
        collect(f);
        answer(f, "10.0.0.3", PROBE_ECHO);
        if (i == 2)
            answer(f, "10.0.0.1", PROBE_UNTRIED);
        assert_null(note(f, false, START + i * DAY));
    }
    assert_int_equal(record(f, "10.0.0.1").n_silent, 0);
    assert_int_equal(record(f, "fd00::1").n_silent, 3);
}

static void without_anybody_to_ask_nobody_is_asked(void **state)
{
    struct fixture *f = *state;

    must(f, sightings_begin(f->s, ZONE, 1, START, &f->e));
    see(f, "here." ZONE, DNS_TYPE_A, "10.0.0.3");
    beat(f, "here." ZONE, 20);
    must(f, sightings_end(f->s, true, &f->e));
    collect(f);
    assert_int_equal(f->list->n, 0);
    assert_null(note(f, false, START));
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(asked_is_whom_no_fresh_heartbeat_speaks_for_and_a_witness),
        test(silence_counts_where_something_answered),
        test(a_round_without_any_answer_counts_for_nothing),
        test(a_round_that_was_cut_short_counts_for_nothing_but_its_answers),
        test(whom_nobody_could_ask_begins_anew),
        test(without_anybody_to_ask_nobody_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
