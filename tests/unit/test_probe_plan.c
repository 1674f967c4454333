#include "tests/unit/unit.h"

#include "dns/rr.h"
#include "scavenger/probe_plan.h"

#define ADDRESSES 7

struct fixture {
    struct dns_zone forward, reverse;
    struct plan_value values[ADDRESSES], pointer[1];
    struct plan_node nodes[1], pointers[1];
    struct zone_plan *plan, *back;
    struct probe_list *list;
};

static int setup(void **state)
{
    static const char *const data[ADDRESSES] = { "10.0.0.9",  "10.0.0.2",  "2001:db8::1",
                                                 "127.0.0.1", "224.0.0.1", "fe80::1",
                                                 "10.0.0.2" };
    struct fixture *f = talloc_zero(NULL, struct fixture);

    f->forward.name = "example.test";
    f->reverse.name = "0.0.10.in-addr.arpa";
    for (size_t i = 0; i < ADDRESSES; i++)
        f->values[i] = (struct plan_value){
            .is_removed = true,
            .reason = REASON_STALE,
            .type = strchr(data[i], ':') ? DNS_TYPE_AAAA : DNS_TYPE_A,
            .data = data[i],
        };
    f->pointer[0] = (struct plan_value){
        .is_removed = true, .reason = REASON_STALE, .type = DNS_TYPE_PTR, .data = "pc.example.test."
    };
    f->nodes[0] = (struct plan_node){
        .name = "pc", .values = f->values, .n_values = ADDRESSES, .n_removed = ADDRESSES
    };
    f->pointers[0] =
        (struct plan_node){ .name = "7", .values = f->pointer, .n_values = 1, .n_removed = 1 };
    f->plan = talloc_zero(f, struct zone_plan);
    f->back = talloc_zero(f, struct zone_plan);
    *f->plan = (struct zone_plan){
        .zone = &f->forward, .nodes = f->nodes, .n_nodes = 1, .n_removed = ADDRESSES
    };
    *f->back = (struct zone_plan){
        .zone = &f->reverse, .nodes = f->pointers, .n_nodes = 1, .n_removed = 1
    };
    f->list = talloc_zero(f, struct probe_list);
    *state = f;
    return 0;
}

static int teardown(void **state) { return talloc_free(*state); }

static void collect(struct fixture *f)
{
    struct error e = { 0 };

    assert_int_equal(probe_list_add(f->list, f->plan, NULL, &e), OK);
    assert_int_equal(probe_list_add(f->list, f->back, NULL, &e), OK);
    probe_list_seal(f->list);
}

static void each_host_address_is_asked_once_in_order(void **state)
{
    static const char *const wanted[] = { "10.0.0.2", "10.0.0.7", "10.0.0.9", "2001:db8::1" };
    struct fixture *f = *state;
    char text[IP_TEXT_MAX];

    collect(f);
    assert_int_equal(f->list->n, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(ip_format(f->list->targets[i].address, text), wanted[i]);
}

static void only_candidates_are_asked(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 1; i < ADDRESSES; i++)
        f->values[i].is_removed = false;
    collect(f);
    assert_int_equal(f->list->n, 2);
}

static void of_one_name_only_its_own_are_asked(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    assert_int_equal(probe_list_add(f->list, f->plan, "nobody", &e), OK);
    assert_int_equal(f->list->n, 0);
    assert_int_equal(probe_list_add(f->list, f->plan, f->nodes[0].name, &e), OK);
    assert_int_equal(probe_list_add(f->list, f->back, f->nodes[0].name, &e), OK);
    probe_list_seal(f->list);
    assert_int_equal(f->list->n, 3);
}

static void silence_is_said_beside_what_else_is_known(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    collect(f);
    for (size_t i = 0; i < f->list->n; i++)
        f->list->targets[i].answer = PROBE_SILENT;
    f->values[0].detail = "nobody owns it";
    assert_int_equal(probe_list_apply(f->list, f->plan, &e), OK);
    assert_string_equal(f->values[0].detail, "nobody owns it; 10.0.0.9 did not answer");
}

static void an_answer_keeps_and_silence_does_not(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    collect(f);
    for (size_t i = 0; i < f->list->n; i++)
        f->list->targets[i].answer = PROBE_SILENT;
    f->list->targets[0].answer = PROBE_CONNECTED;
    f->list->targets[0].port = 22;
    f->list->targets[1].answer = PROBE_ECHO;
    assert_int_equal(probe_list_apply(f->list, f->plan, &e), OK);
    assert_int_equal(probe_list_apply(f->list, f->back, &e), OK);
    /* both values of 10.0.0.2, and the PTR of 10.0.0.7 */
    assert_int_equal(f->plan->kept[REASON_ANSWERS], 2);
    assert_int_equal(f->plan->n_removed, ADDRESSES - 2);
    assert_int_equal(f->values[1].reason, REASON_ANSWERS);
    assert_string_equal(f->values[1].detail, "10.0.0.2 accepted a connection to port 22");
    assert_true(f->values[0].is_removed);
    assert_string_equal(f->values[0].detail, "10.0.0.9 did not answer");
    assert_int_equal(f->pointer[0].reason, REASON_ANSWERS);
    assert_int_equal(f->back->n_removed, 0);
}

/* A network that cannot be reached from here says nothing about its hosts. */
static void what_could_not_be_asked_stays(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    collect(f);
    for (size_t i = 0; i < f->list->n; i++)
        f->list->targets[i].answer = PROBE_UNTRIED;
    assert_int_equal(probe_list_apply(f->list, f->plan, &e), OK);
    assert_int_equal(f->values[0].reason, REASON_EVIDENCE_MISSING);
    /* that goes by its timestamp alone: loopback, multicast, link-local */
    assert_int_equal(f->plan->n_removed, 3);
}

static void an_empty_list_spares_nothing(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };

    probe_list_seal(f->list);
    assert_int_equal(probe_list_apply(f->list, f->plan, &e), OK);
    assert_int_equal(f->plan->n_removed, ADDRESSES);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(each_host_address_is_asked_once_in_order),
        test(only_candidates_are_asked),
        test(an_answer_keeps_and_silence_does_not),
        test(of_one_name_only_its_own_are_asked),
        test(silence_is_said_beside_what_else_is_known),
        test(what_could_not_be_asked_stays),
        test(an_empty_list_spares_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
