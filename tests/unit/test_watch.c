#include "tests/unit/unit.h"

#include "register/watch.h"

/* A host under watch, its addresses, and a clock that only the test moves. */
struct scene {
    struct watch *watch;
    struct host_address held[8];
    size_t n_held;
    struct ip way;
    int64_t now_ms;
    bool rediscover; /* of the latest run */
};

static struct ip ip_of(const char *text)
{
    struct ip ip;

    assert_true(ip_parse(text, &ip));
    return ip;
}

static struct host_address *hold(struct scene *s, const char *ip)
{
    struct host_address *a = &s->held[s->n_held++];

    *a = (struct host_address){ .ip = ip_of(ip),
                                .interface_index = 2,
                                .interface = "eth0",
                                .kind = "",
                                .is_up = true,
                                .is_global = true };
    return a;
}

static bool look(struct scene *s)
{
    struct watch_view *view;
    bool is_run;

    assert_true(watch_view_of(s, s->held, s->n_held, s->way, &view));
    is_run = watch_look(s->watch, view, s->now_ms, &s->rediscover);
    talloc_free(view);
    return is_run;
}

/* Let time pass to the next run, as the loop would, but no further than until_ms from now. */
static bool runs_within(struct scene *s, int64_t ms)
{
    int64_t end_ms = s->now_ms + ms, due_ms;

    while ((due_ms = watch_due_ms(s->watch)) <= end_ms) {
        s->now_ms = due_ms > s->now_ms ? due_ms : s->now_ms;
        if (look(s))
            return true;
    }
    s->now_ms = end_ms;
    return false;
}

static struct scene *scene_at(TALLOC_CTX *mem, uint64_t host_seed)
{
    struct scene *s = talloc_zero(mem, struct scene);

    s->now_ms = 1000000;
    s->watch = watch_new(s, host_seed, 7, s->now_ms);
    hold(s, "10.53.0.101");
    return s;
}

/* A host that is registered. */
static struct scene *registered(TALLOC_CTX *mem)
{
    struct scene *s = scene_at(mem, 42);

    assert_true(runs_within(s, 0));
    watch_ended(s->watch, true, s->now_ms);
    return s;
}

static void event(struct scene *s, enum watch_event what)
{
    watch_event(s->watch, what, s->now_ms);
}

static void fail_run(struct scene *s) { watch_ended(s->watch, false, s->now_ms); }

static void the_first_run_is_at_once_whatever_the_host(void **state)
{
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct scene *s = scene_at(*state, seed);

        assert_true(runs_within(s, 0));
        assert_false(s->rediscover);
        assert_int_equal(watch_due_ms(s->watch), INT64_MAX);
    }
}

static void a_change_is_published_after_a_quarter_second_of_quiet(void **state)
{
    struct scene *s = registered(*state);
    int64_t at_ms = s->now_ms += 5000;

    hold(s, "10.53.0.102");
    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, 10000));
    assert_int_equal(s->now_ms, at_ms + 250);
    assert_false(s->rediscover);
}

static void a_burst_is_one_run_and_lasts_a_second_at_most(void **state)
{
    struct scene *s = registered(*state);
    int64_t at_ms = s->now_ms += 5000;
    int runs = 0;

    hold(s, "10.53.0.102");
    for (int i = 0; i < 15; i++) {
        event(s, WATCH_EVENT_ADDRESS);
        if (runs_within(s, 100)) {
            runs++;
            assert_int_equal(s->now_ms, at_ms + 1000);
            break;
        }
    }
    assert_int_equal(runs, 1);
    watch_ended(s->watch, true, s->now_ms);
    assert_false(runs_within(s, 60000));
}

static void events_that_change_nothing_make_no_run(void **state)
{
    struct scene *s = registered(*state);

    for (int i = 0; i < 100; i++) {
        event(s, WATCH_EVENT_ADDRESS); /* a renewed lease, a router's announcement, a container */
        assert_false(runs_within(s, 5000));
    }
    hold(s, "fe80::1");
    hold(s, "fd53::9")->is_temporary = true;
    hold(s, "fd53::8")->is_dad_failed = true;
    hold(s, "10.53.0.9")->is_up = false;
    event(s, WATCH_EVENT_ADDRESS);
    assert_false(runs_within(s, 60000));
}

static void addresses_lost_and_interfaces_changed_are_changes(void **state)
{
    struct scene *s = registered(*state);

    hold(s, "10.53.0.102");
    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, 300));
    watch_ended(s->watch, true, s->now_ms);
    s->n_held = 1;
    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, 300));
    watch_ended(s->watch, true, s->now_ms);
    s->held[0].interface_index = 3;
    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, 300));
    watch_ended(s->watch, true, s->now_ms);
    s->way = ip_of("10.53.0.101");
    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, 300));
}

static void the_way_that_a_run_found_is_no_change(void **state)
{
    struct scene *s = scene_at(*state, 42);

    assert_true(runs_within(s, 0));
    s->way = ip_of("10.53.0.101");
    watch_found_way(s->watch, s->way);
    watch_ended(s->watch, true, s->now_ms);
    event(s, WATCH_EVENT_ADDRESS);
    assert_false(runs_within(s, 60000));
}

static void another_route_or_name_server_or_lost_events_find_the_servers_anew(void **state)
{
    static const enum watch_event events[] = { WATCH_EVENT_ROUTE, WATCH_EVENT_RESOLVER,
                                               WATCH_EVENT_LOST };

    for (size_t i = 0; i < 3; i++) {
        struct scene *s = registered(*state);

        event(s, events[i]);
        assert_true(runs_within(s, 300));
        assert_true(s->rediscover);
        watch_ended(s->watch, true, s->now_ms);
        hold(s, "10.53.0.102");
        event(s, WATCH_EVENT_ADDRESS);
        assert_true(runs_within(s, 300));
        assert_false(s->rediscover);
    }
}

static void another_answer_makes_a_run_at_the_servers_that_are_known(void **state)
{
    struct scene *s = registered(*state);

    event(s, WATCH_EVENT_ANSWER);
    assert_true(runs_within(s, 300));
    assert_false(s->rediscover);
    watch_ended(s->watch, true, s->now_ms);
    assert_false(runs_within(s, 60000));
}

static void what_happens_during_a_run_is_looked_at_after_it(void **state)
{
    struct scene *s = registered(*state);

    hold(s, "10.53.0.102");
    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, 300));
    hold(s, "10.53.0.103");
    event(s, WATCH_EVENT_ADDRESS);
    assert_int_equal(watch_due_ms(s->watch), INT64_MAX);
    s->now_ms += 2000;
    watch_ended(s->watch, true, s->now_ms);
    assert_true(runs_within(s, 0));
}

static void an_address_that_is_new_does_not_wait_for_one_that_is_tentative(void **state)
{
    struct scene *s = registered(*state);
    struct host_address *v6;

    hold(s, "10.53.0.102");
    v6 = hold(s, "fd53::102");
    v6->is_tentative = true;
    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, 300));
    watch_ended(s->watch, true, s->now_ms);
    assert_false(runs_within(s, 1000));
    v6->is_tentative = false;
    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, 300));
}

static void nothing_is_taken_away_while_an_address_is_tentative(void **state)
{
    struct scene *s = scene_at(*state, 1);
    struct host_address *v6 = hold(s, "fd53::101");

    assert_true(runs_within(s, 0));
    watch_ended(s->watch, true, s->now_ms);
    v6->is_tentative = true; /* the cable was pulled and put back */
    event(s, WATCH_EVENT_ROUTE);
    assert_false(runs_within(s, 1500));
    v6->is_tentative = false;
    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, 300)); /* for the route */
}

static void a_tentative_address_is_not_waited_for_long(void **state)
{
    struct scene *s = scene_at(*state, 1);
    struct host_address *v6 = hold(s, "fd53::101");
    int64_t at_ms = s->now_ms;

    v6->is_tentative = true;
    assert_true(runs_within(s, 60000)); /* the first run waits too */
    assert_int_equal(s->now_ms, at_ms + WATCH_DAD_MS);
    watch_ended(s->watch, true, s->now_ms);
    s->n_held = 2;
    s->held[0] = *v6;
    at_ms = s->now_ms;
    s->n_held = 1;
    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, 60000));
    assert_int_equal(s->now_ms, at_ms + WATCH_QUIET_MS + WATCH_DAD_MS);
}

static void a_day_later_it_is_refreshed_with_the_hosts_own_splay(void **state)
{
    int64_t least_ms = INT64_MAX, most_ms = 0;

    for (uint64_t seed = 0; seed < 200; seed++) {
        struct scene *s = scene_at(*state, seed);
        int64_t at_ms, first_ms;

        assert_true(runs_within(s, 0));
        watch_ended(s->watch, true, s->now_ms);
        at_ms = s->now_ms;
        assert_true(runs_within(s, WATCH_REFRESH_MS + WATCH_SPLAY_MS));
        first_ms = s->now_ms - at_ms;
        assert_true(first_ms >= WATCH_REFRESH_MS - WATCH_SPLAY_MS);
        watch_ended(s->watch, true, s->now_ms);
        at_ms = s->now_ms;
        assert_true(runs_within(s, WATCH_REFRESH_MS + WATCH_SPLAY_MS));
        assert_int_equal(s->now_ms - at_ms, first_ms);
        least_ms = first_ms < least_ms ? first_ms : least_ms;
        most_ms = first_ms > most_ms ? first_ms : most_ms;
    }
    /* A fleet is spread over most of the two hours. */
    assert_true(most_ms - least_ms > 3 * WATCH_SPLAY_MS / 2);
}

static void a_change_puts_the_refresh_off(void **state)
{
    struct scene *s = registered(*state);

    assert_false(runs_within(s, WATCH_REFRESH_MS / 2));
    hold(s, "10.53.0.102");
    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, 300));
    watch_ended(s->watch, true, s->now_ms);
    assert_false(runs_within(s, WATCH_REFRESH_MS - WATCH_SPLAY_MS - 1));
}

static void what_may_come_out_yet_is_looked_for_before_the_next_refresh(void **state)
{
    struct scene *s = registered(*state);

    watch_unsettled(s->watch, s->now_ms);
    assert_false(runs_within(s, WATCH_UNSETTLED_MS - 1));
    assert_true(runs_within(s, 1));
    /* Settled by then. */
    watch_ended(s->watch, true, s->now_ms);
    assert_false(runs_within(s, WATCH_REFRESH_MS - WATCH_SPLAY_MS - 1));
}

static void what_may_come_out_yet_puts_no_other_try_off(void **state)
{
    struct scene *s = registered(*state);

    hold(s, "10.53.0.102");
    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, 300));
    fail_run(s);
    watch_unsettled(s->watch, s->now_ms);
    assert_true(runs_within(s, 2 * WATCH_RETRY_FIRST_MS));
}

static void failures_back_off_from_a_second_to_a_quarter_of_an_hour(void **state)
{
    struct scene *s = scene_at(*state, 3);
    int64_t nominal_ms = WATCH_RETRY_FIRST_MS, at_ms;

    assert_true(runs_within(s, 0));
    for (int i = 0; i < 20; i++) {
        fail_run(s);
        assert_true(watch_is_failing(s->watch));
        at_ms = s->now_ms;
        assert_true(runs_within(s, WATCH_RETRY_MAX_MS));
        assert_true(s->now_ms - at_ms >= nominal_ms - nominal_ms / 4);
        assert_true(s->now_ms - at_ms <= nominal_ms + nominal_ms / 4);
        assert_true(s->rediscover);
        nominal_ms = nominal_ms * 2 < WATCH_RETRY_MAX_MS ? nominal_ms * 2 : WATCH_RETRY_MAX_MS;
    }
    watch_ended(s->watch, true, s->now_ms);
    assert_false(watch_is_failing(s->watch));
    assert_false(runs_within(s, WATCH_REFRESH_MS - WATCH_SPLAY_MS - 1));
}

static void two_hosts_that_fail_together_do_not_retry_together(void **state)
{
    struct watch *a = watch_new(*state, 1, 1, 0), *b = watch_new(*state, 1, 2, 0);
    int together = 0;

    for (int i = 0; i < 10; i++) {
        watch_ended(a, false, 0);
        watch_ended(b, false, 0);
        together += watch_due_ms(a) == watch_due_ms(b);
    }
    assert_true(together < 5);
}

/* Deep in the back-off: the next try is minutes away. */
static struct scene *failing(TALLOC_CTX *mem)
{
    struct scene *s = scene_at(mem, 3);

    assert_true(runs_within(s, 0));
    for (int i = 0; i < 12; i++) {
        fail_run(s);
        assert_true(runs_within(s, WATCH_RETRY_MAX_MS));
    }
    fail_run(s);
    return s;
}

static void a_change_during_back_off_is_tried_at_once_and_starts_it_again(void **state)
{
    struct scene *s = failing(*state);
    int64_t at_ms = s->now_ms += 60000;

    event(s, WATCH_EVENT_ROUTE);
    assert_true(runs_within(s, WATCH_RETRY_MAX_MS));
    assert_int_equal(s->now_ms, at_ms + WATCH_QUIET_MS);
    fail_run(s);
    assert_true(runs_within(s, 1250));
}

static void an_event_during_back_off_is_tried_at_once(void **state)
{
    struct scene *s = failing(*state);
    int64_t at_ms = s->now_ms += 60000;

    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, WATCH_RETRY_MAX_MS));
    assert_int_equal(s->now_ms, at_ms + WATCH_QUIET_MS);
    fail_run(s);
    assert_false(runs_within(s, 60000)); /* nothing changed: the back-off goes on as it was */
}

static void events_during_back_off_do_not_make_a_storm(void **state)
{
    struct scene *s = failing(*state);
    int64_t at_ms = s->now_ms;
    int runs = 0;

    while (s->now_ms < at_ms + 60000) {
        event(s, WATCH_EVENT_ADDRESS);
        if (runs_within(s, 300)) {
            fail_run(s);
            runs++;
        }
    }
    assert_in_range(runs, 1, 3);
    runs = 0;
    at_ms = s->now_ms;
    while (s->now_ms < at_ms + 60000) {
        s->way = ip_of(runs % 2 ? "10.53.0.1" : "10.53.0.2");
        event(s, WATCH_EVENT_LOST);
        if (runs_within(s, 300)) {
            fail_run(s);
            runs++;
        }
    }
    assert_in_range(runs, 30, 80); /* a retry may come a quarter early */
}

static void a_hundred_thousand_events_need_no_more_memory_than_one(void **state)
{
    struct scene *s = registered(*state);
    size_t before, runs = 0;

    hold(s, "10.53.0.102");
    event(s, WATCH_EVENT_ADDRESS);
    assert_true(runs_within(s, 300));
    watch_ended(s->watch, true, s->now_ms);
    before = talloc_total_size(s);
    for (int i = 0; i < 100000; i++) {
        s->n_held = 1 + (size_t)(i / 500 % 2);
        event(s, i % 1000 ? WATCH_EVENT_ADDRESS : WATCH_EVENT_LOST);
        if (runs_within(s, 20)) {
            runs++;
            watch_ended(s->watch, i % 3, s->now_ms);
        }
    }
    assert_true(runs > 100);
    assert_true(talloc_total_size(s) <= before + 4 * sizeof(struct watch_address));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_first_run_is_at_once_whatever_the_host),
        test(a_change_is_published_after_a_quarter_second_of_quiet),
        test(a_burst_is_one_run_and_lasts_a_second_at_most),
        test(events_that_change_nothing_make_no_run),
        test(addresses_lost_and_interfaces_changed_are_changes),
        test(the_way_that_a_run_found_is_no_change),
        test(another_route_or_name_server_or_lost_events_find_the_servers_anew),
        test(another_answer_makes_a_run_at_the_servers_that_are_known),
        test(what_happens_during_a_run_is_looked_at_after_it),
        test(an_address_that_is_new_does_not_wait_for_one_that_is_tentative),
        test(nothing_is_taken_away_while_an_address_is_tentative),
        test(a_tentative_address_is_not_waited_for_long),
        test(a_day_later_it_is_refreshed_with_the_hosts_own_splay),
        test(a_change_puts_the_refresh_off),
        test(what_may_come_out_yet_is_looked_for_before_the_next_refresh),
        test(what_may_come_out_yet_puts_no_other_try_off),
        test(failures_back_off_from_a_second_to_a_quarter_of_an_hour),
        test(two_hosts_that_fail_together_do_not_retry_together),
        test(a_change_during_back_off_is_tried_at_once_and_starts_it_again),
        test(an_event_during_back_off_is_tried_at_once),
        test(events_during_back_off_do_not_make_a_storm),
        test(a_hundred_thousand_events_need_no_more_memory_than_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
