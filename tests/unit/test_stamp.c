#include "tests/unit/unit.h"

#include "dns/heartbeat.h"
#include "gss-tsig/session.h"
#include "register/learn.h"
#include "register/outcome.h"
#include "register/plan.h"
#include "register/published_take.h"
#include "register/status.h"

#define FQDN "h.test"
#define ZONE "test"
#define NOW_H 3733300

#define NOW_S 1000000000
#define SEEN(h) "\"v=muster1 seen=" #h "\""

/* One host with one address, which is published; what else is not set is empty. */
struct scene {
    struct published pub;
    struct memory *memory;
    struct ip ip;
    const char *texts[8];
    enum update_form form;
    struct stamp_wish wish;
    struct published_name name;
    struct siblings siblings;
    const char *sibling;
    struct gsstsig_reply replies[4];
};

static struct scene *scene(TALLOC_CTX *mem)
{
    struct scene *s = talloc_zero(mem, struct scene);

    assert_true(ip_parse("10.53.0.101", &s->ip));
    s->memory = talloc_zero(s, struct memory);
    s->pub = (struct published){
        .fqdn = FQDN,
        .zone = ZONE,
        .addresses = &s->ip,
        .n_addresses = 1,
        .heartbeats = { .is_read = true, .data = s->texts },
    };
    s->wish = stamp_wish_of(true, false, s->memory, FQDN, NOW_H);
    for (size_t i = 0; i < sizeof s->replies / sizeof *s->replies; i++)
        s->replies[i].proof = GSSTSIG_PROOF_STANDARD;
    return s;
}

static void hold(struct scene *s, const char *text) { s->texts[s->pub.heartbeats.n++] = text; }

static void remember(struct scene *s, const char *name, const char *data)
{
    assert_true(memory_remember(
        s->memory,
        (struct memory_record){ .zone = ZONE, .name = name, .type = DNS_TYPE_TXT, .data = data }));
}

typedef enum err planner(TALLOC_CTX *mem, const struct plan_input *in, struct plan **out,
                         struct error *e);

static struct plan *make(struct scene *s, planner *make_plan)
{
    struct plan_input in = {
        .published = &s->pub,
        .memory = s->memory,
        .siblings = &s->siblings,
        .wanted = &s->ip,
        .n_wanted = 1,
        .ttl_s = 1200,
        .form = s->form,
        .stamp = s->wish,
    };
    struct plan *p = NULL;

    assert_int_equal(make_plan(s, &in, &p, NULL), OK);
    return p;
}

/* What is done with the heartbeats: "add 3733300; delete 3733200", in the steps' order. */
static char *beats_of(const struct plan *p)
{
    char *text = talloc_strdup((void *)(uintptr_t)p, "");
    uint32_t seen = 0;

    for (size_t i = 0; i < p->n_steps; i++) {
        const struct plan_step *s = &p->steps[i];

        if (s->type != DNS_TYPE_TXT)
            continue;
        assert_true(heartbeat_parse(s->data, &seen));
        text = talloc_asprintf_append(text, "%s%s %u", *text ? "; " : "",
                                      register_action_name(s->action), seen);
    }
    return text;
}

static void first_registration_adds_one(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p = make(s, plan_register);

    assert_string_equal(beats_of(p), "add 3733300");
    assert_int_equal(p->n_updates, 1);
    assert_int_equal(p->updates[0].n_ops, 2); /* the address, again, and the heartbeat */
}

static void without_the_wish_there_is_none(void **state)
{
    struct scene *s = scene(*state);

    hold(s, SEEN(3733000));
    s->wish = stamp_wish_of(false, false, s->memory, FQDN, NOW_H);
    assert_string_equal(beats_of(make(s, plan_register)), "");
    assert_string_equal(beats_of(make(s, plan_unregister)), "");
    s->wish = (struct stamp_wish){ 0 };
    assert_string_equal(beats_of(make(s, plan_register)), "");
}

static void one_of_today_is_kept_and_nothing_is_sent_for_it(void **state)
{
    static const char *const fresh[] = { SEEN(3733300), SEEN(3733280), SEEN(3733301) };
    static const char *const kept[] = { "keep 3733300", "keep 3733280", "keep 3733301" };

    for (size_t i = 0; i < sizeof fresh / sizeof *fresh; i++) {
        struct scene *s = scene(*state);
        struct plan *p;

        hold(s, fresh[i]);
        p = make(s, plan_register);
        assert_string_equal(beats_of(p), kept[i]);
        for (size_t k = 0; k < p->updates[0].n_ops; k++)
            assert_int_equal(p->updates[0].ops[k].rr.type, DNS_TYPE_A);
    }
}

static void one_past_twenty_hours_is_replaced(void **state)
{
    struct scene *s = scene(*state);

    hold(s, SEEN(3733279));
    assert_string_equal(beats_of(make(s, plan_register)), "add 3733300; delete 3733279");
}

static void one_in_the_future_is_replaced(void **state)
{
    struct scene *s = scene(*state);

    hold(s, SEEN(3733302));
    hold(s, SEEN(4294967295));
    assert_string_equal(beats_of(make(s, plan_register)),
                        "add 3733300; delete 3733302; delete 4294967295");
}

static void of_several_the_latest_stays(void **state)
{
    struct scene *s = scene(*state);

    hold(s, SEEN(3733290));
    hold(s, SEEN(3733299));
    hold(s, SEEN(3730000));
    hold(s, SEEN(3733400));
    assert_string_equal(beats_of(make(s, plan_register)),
                        "keep 3733299; delete 3733290; delete 3730000; delete 3733400");
}

/* Whatever the form: adds and deletes of single values, none by type. */
static void exact_messages(void **state)
{
    static const char *const expected[] = {
        [FORM_ADDS] =
            "0007 2800 0001 0001 0003 0000 0474657374 00 0006 0001"
            "0168 c00c 0005 00fe 00000000 0000"
            "c016 0001 0001 000004b0 0004 0a350065"
            "c016 0010 0001 000004b0 0017 16 763d6d757374657231207365656e3d33373333333030"
            "c016 0010 00fe 00000000 0017 16 763d6d757374657231207365656e3d33373330303030",
        [FORM_RENEW] =
            "0007 2800 0001 0001 0004 0000 0474657374 00 0006 0001"
            "0168 c00c 0005 00fe 00000000 0000"
            "c016 0001 00fe 00000000 0004 0a350065"
            "c016 0001 0001 000004b0 0004 0a350065"
            "c016 0010 0001 000004b0 0017 16 763d6d757374657231207365656e3d33373333333030"
            "c016 0010 00fe 00000000 0017 16 763d6d757374657231207365656e3d33373330303030",
        [FORM_REPLACE] =
            "0007 2800 0001 0001 0004 0000 0474657374 00 0006 0001"
            "0168 c00c 0005 00fe 00000000 0000"
            "c016 0001 00fe 00000000 0004 0a350065"
            "c016 0010 00fe 00000000 0017 16 763d6d757374657231207365656e3d33373330303030"
            "c016 0001 0001 000004b0 0004 0a350065"
            "c016 0010 0001 000004b0 0017 16 763d6d757374657231207365656e3d33373333333030",
    };

    for (int form = FORM_ADDS; form <= FORM_REPLACE; form++) {
        struct scene *s = scene(*state);
        struct bytes wire;
        struct plan *p;

        s->form = (enum update_form)form;
        hold(s, SEEN(3730000));
        p = make(s, plan_register);
        assert_int_equal(p->n_updates, 1);
        assert_int_equal(dns_update_wire(s, &p->updates[0], 7, &wire, NULL), OK);
        assert_bytes_equal(wire, unhex(s, expected[form]));
    }
}

static void reader_keeps_heartbeats_only(void **state)
{
    static struct dns_rr rrs[] = {
        { FQDN, DNS_TYPE_TXT, 1200, "\"v=spf1 -all\"" },
        { FQDN, DNS_TYPE_TXT, 1200, SEEN(3733000) },
        { "H.test", DNS_TYPE_TXT, 1200, SEEN(3733001) },
        { FQDN, DNS_TYPE_TXT, 1200, SEEN(3733001) },
        { FQDN, DNS_TYPE_TXT, 1200, "\"v=muster1 seen=3733000\" \"more\"" },
        { "other.test", DNS_TYPE_TXT, 1200, SEEN(3733002) },
    };
    struct dns_answer a = { .answer = { rrs, sizeof rrs / sizeof *rrs } };
    struct published_heartbeats h = { 0 };

    assert_int_equal(published_take_heartbeats(*state, &a, FQDN, &h, NULL), OK);
    assert_true(h.is_read);
    assert_int_equal(h.n, 2);
    assert_string_equal(h.data[0], SEEN(3733000));
    assert_string_equal(h.data[1], SEEN(3733001));
}

/* One that could not be put into a message would keep the host from being registered at all. */
static void whatever_is_taken_for_one_can_be_deleted(void **state)
{
    uint32_t seen;
    size_t n = 0;

    for (int c = 1; c < 256; c++) {
        for (int is_raw = 0; is_raw < 2; is_raw++) {
            struct scene *s = scene(*state);
            const char *text = talloc_asprintf(s,
                                               is_raw ? "\"v=muster1 seen=3730000 a%c b\""
                                                      : "\"v=muster1 seen=3730000 a\\%03d b\"",
                                               c);
            struct plan *p;
            struct bytes wire;

            /* As a server's answer is put into text: what is not printable is escaped. */
            if (!heartbeat_parse(text, &seen) || (is_raw && (c < ' ' || c > '~' || c == '\\')))
                continue;
            hold(s, text);
            p = make(s, plan_register);
            assert_int_equal(dns_update_wire(s, &p->updates[0], 7, &wire, NULL), OK);
            n++;
        }
    }
    assert_in_range(n, 300, 512);
}

static void more_than_any_host_has_are_left_for_the_next_run(void **state)
{
    struct dns_rr rrs[PUBLISHED_MAX + 10];
    struct dns_answer a = { .answer = { rrs, PUBLISHED_MAX + 10 } };
    struct published_heartbeats h = { 0 };

    for (uint32_t i = 0; i < PUBLISHED_MAX + 10; i++)
        rrs[i] = (struct dns_rr){ FQDN, DNS_TYPE_TXT, 1200,
                                  heartbeat_text(3730000 + i,
                                                 talloc_array(*state, char, HEARTBEAT_TEXT_MAX)) };
    assert_int_equal(published_take_heartbeats(*state, &a, FQDN, &h, NULL), OK);
    assert_int_equal(h.n, PUBLISHED_MAX);
}

static void unreadable_texts_fail_alone(void **state)
{
    struct scene *s = scene(*state);
    struct outcome o = { 0 };
    struct plan *p;

    s->pub.heartbeats.rcode = DNS_RCODE_SERVFAIL;
    p = make(s, plan_register);
    assert_string_equal(beats_of(p), "failed 3733300");
    assert_int_equal(p->steps[0].action, REGISTER_REFRESH);
    outcome_of_plan(p, &o);
    assert_int_equal(o.code, ERR_PARTIAL);
}

static void unregister_takes_them_where_wanted_or_remembered(void **state)
{
    struct scene *s = scene(*state);

    hold(s, SEEN(3733299));
    hold(s, SEEN(3733000));
    s->wish = stamp_wish_of(true, true, s->memory, FQDN, NOW_H);
    assert_string_equal(beats_of(make(s, plan_unregister)), "delete 3733299; delete 3733000");
    s->wish = stamp_wish_of(false, true, s->memory, FQDN, NOW_H);
    assert_string_equal(beats_of(make(s, plan_unregister)), "");
    remember(s, FQDN, SEEN(3733299));
    s->wish = stamp_wish_of(false, true, s->memory, FQDN, NOW_H);
    assert_string_equal(beats_of(make(s, plan_unregister)), "delete 3733299; delete 3733000");
}

/* A heartbeat that nobody renews would speak against a host that is there. */
static void one_that_is_no_longer_kept_is_taken_back(void **state)
{
    struct scene *s = scene(*state);

    hold(s, SEEN(3733299));
    remember(s, FQDN, SEEN(3733299));
    s->wish = stamp_wish_of(false, false, s->memory, FQDN, NOW_H);
    assert_string_equal(beats_of(make(s, plan_register)), "delete 3733299");
}

static void alias_at_the_name_gets_none(void **state)
{
    struct scene *s = scene(*state);

    s->pub.cname = "elsewhere.test";
    assert_string_equal(beats_of(make(s, plan_register)), "");
}

/* ---- refused ---- */

static void refuse(struct scene *s, size_t i) { s->replies[i].rcode = DNS_RCODE_REFUSED; }

static void refused_with_addresses_it_goes_apart(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;
    size_t at = 9;

    hold(s, SEEN(3733000));
    p = make(s, plan_register);
    assert_false(stamp_was_refused(p, s->replies, &at));
    refuse(s, 0);
    assert_true(stamp_was_refused(p, s->replies, &at));
    assert_int_equal(at, 0);
    assert_true(stamp_set_apart(p, at));
    assert_int_equal(p->n_updates, 2);
    for (size_t i = 0; i < p->updates[0].n_ops; i++)
        assert_int_equal(p->updates[0].ops[i].rr.type, DNS_TYPE_A);
    assert_true(p->updates[0].n_ops > 0);
    assert_int_equal(p->updates[1].n_ops, 2);
    assert_string_equal(p->updates[1].ops[0].rr.data, SEEN(3733300));
    assert_string_equal(p->updates[1].ops[1].rr.data, SEEN(3733000));
    assert_int_equal(p->updates[1].n_prereqs, 1);
    assert_int_equal(p->updates[1].prereqs[0].rr.type, DNS_TYPE_CNAME);
    for (size_t i = 0; i < p->n_steps; i++)
        assert_true(plan_step_is_in(p, &p->steps[i], p->steps[i].type == DNS_TYPE_TXT));
}

static struct outcome judge_apart(struct scene *s, bool is_address_refused)
{
    struct outcome o = { 0 };
    struct plan *p;
    size_t at;

    hold(s, SEEN(3733000));
    p = make(s, plan_register);
    refuse(s, 0);
    assert_true(stamp_was_refused(p, s->replies, &at) && stamp_set_apart(p, at));
    s->replies[0].rcode = is_address_refused ? DNS_RCODE_REFUSED : DNS_RCODE_NOERROR;
    refuse(s, 1);
    assert_int_equal(outcome_judge(p, s->replies, &s->pub, "ns1.test", &o, NULL), OK);
    return o;
}

static void refused_by_itself_it_is_a_failed_step_and_says_what_to_grant(void **state)
{
    struct outcome o = judge_apart(scene(*state), false);

    assert_int_equal(o.code, ERR_PARTIAL);
    assert_non_null(strstr(o.problem.message, "TXT"));
    assert_non_null(strstr(o.problem.message, "REFUSED"));
    assert_non_null(strstr(o.problem.hint, "A AAAA TXT"));
}

static void refused_addresses_are_what_is_said_first(void **state)
{
    struct outcome o = judge_apart(scene(*state), true);

    assert_non_null(strstr(o.problem.message, " A 10.53.0.101"));
    assert_null(strstr(o.problem.hint, "TXT"));
}

static void alone_in_its_update_it_is_not_sent_again(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;
    size_t at;

    hold(s, SEEN(3733000));
    s->pub.n_addresses = 0;
    s->wish = stamp_wish_of(true, true, s->memory, FQDN, NOW_H);
    p = make(s, plan_unregister);
    refuse(s, 0);
    assert_false(stamp_was_refused(p, s->replies, &at));
    assert_non_null(p->steps[0].hint);
}

static void other_failures_are_no_refusal_of_it(void **state)
{
    static const int rcodes[] = { DNS_RCODE_SERVFAIL, DNS_RCODE_NOTAUTH, DNS_RCODE_YXRRSET };
    struct scene *s = scene(*state);
    struct plan *p = make(s, plan_register);
    size_t at;

    for (size_t i = 0; i < sizeof rcodes / sizeof *rcodes; i++) {
        s->replies[0].rcode = rcodes[i];
        assert_false(stamp_was_refused(p, s->replies, &at));
    }
    s->wish = (struct stamp_wish){ 0 };
    refuse(s, 0);
    assert_false(stamp_was_refused(make(s, plan_register), s->replies, &at));
}

static void noerror_without_publication_is_no_success(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p = make(s, plan_register);
    struct outcome o = { 0 };

    assert_int_equal(outcome_judge(p, s->replies, &s->pub, "ns1.test", &o, NULL), OK);
    assert_int_equal(o.code, ERR_PARTIAL);
    p = make(s, plan_register);
    hold(s, SEEN(3733300));
    assert_int_equal(outcome_judge(p, s->replies, &s->pub, "ns1.test", &o, NULL), OK);
    assert_int_equal(o.code, OK);
}

/* Hidden, or gone: its exact value is deleted. */
static void a_remembered_one_that_is_not_seen_is_deleted(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;
    size_t n = 0;

    remember(s, FQDN, SEEN(3733000));
    p = make(s, plan_register);
    for (size_t i = 0; i < p->n_steps; i++)
        n += p->steps[i].type == DNS_TYPE_TXT && p->steps[i].action == REGISTER_DELETE &&
             p->steps[i].is_unseen && strcmp(p->steps[i].data, SEEN(3733000)) == 0;
    assert_int_equal(n, 1);
}

/* ---- memory ---- */

static const struct sighting here = { "dc1." ZONE, NOW_S };

static void memory_follows_what_is_published_and_proven(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p;

    hold(s, SEEN(3733000));
    remember(s, FQDN, SEEN(3733000));
    p = make(s, plan_register);
    assert_true(learn_seen(s->memory, &s->pub, here));
    assert_true(learn_intent(s->memory, p, NULL, here));
    assert_true(memory_has(s->memory, FQDN, DNS_TYPE_TXT, SEEN(3733300)));
    s->texts[0] = SEEN(3733300);
    assert_true(learn_result(s->memory, p, NULL, &s->pub, here));
    assert_true(memory_has(s->memory, FQDN, DNS_TYPE_TXT, SEEN(3733300)));
    assert_true(memory_has(s->memory, FQDN, DNS_TYPE_TXT, SEEN(3733000)));
    for (size_t i = 0; i < p->n_steps; i++)
        p->steps[i].is_proven = true;
    assert_true(learn_result(s->memory, p, NULL, &s->pub, here));
    assert_false(memory_has(s->memory, FQDN, DNS_TYPE_TXT, SEEN(3733000)));
    learn_pending(s->memory, FQDN, &s->ip, 1, NULL, NOW_S);
    assert_false(s->memory->records[0].is_pending);
}

static void what_was_not_read_is_not_forgotten(void **state)
{
    struct scene *s = scene(*state);
    struct memory_record r = {
        .zone = ZONE, .name = FQDN, .type = DNS_TYPE_TXT, .data = SEEN(3733000), .seen = here
    };

    assert_true(learn_is_gone(&r, &s->pub, here));
    s->pub.heartbeats.rcode = DNS_RCODE_SERVFAIL;
    assert_false(learn_is_gone(&r, &s->pub, here));
    s->pub.heartbeats = (struct published_heartbeats){ 0 };
    assert_false(learn_is_gone(&r, &s->pub, here));
}

/* ---- earlier names ---- */

static struct plan *plan_renamed(struct scene *s)
{
    remember(s, "old.test", SEEN(3733000));
    s->name = (struct published_name){
        .fqdn = "old.test",
        .zone = ZONE,
        .heartbeats = { .is_read = true, .data = s->texts, .n = 2 },
    };
    s->texts[0] = SEEN(3733000);
    s->texts[1] = SEEN(3733299); /* of whoever bears the name now */
    s->pub.heartbeats = (struct published_heartbeats){ .is_read = true };
    s->pub.names = &s->name;
    s->pub.n_names = 1;
    return make(s, plan_earlier);
}

static void the_one_of_an_earlier_name_goes_by_its_value(void **state)
{
    struct scene *s = scene(*state);
    struct plan *p = plan_renamed(s);
    size_t at;

    assert_string_equal(beats_of(p), "delete 3733000");
    assert_int_equal(p->n_updates, 1);
    assert_string_equal(p->update_owners[0], "old.test");
    refuse(s, 0);
    assert_false(stamp_was_refused(p, s->replies, &at));
}

static void another_registration_keeps_the_one_of_its_name(void **state)
{
    struct scene *s = scene(*state);

    s->sibling = "old.test";
    s->siblings = (struct siblings){ .names = &s->sibling, .n = 1 };
    assert_string_equal(beats_of(plan_renamed(s)), "");
}

/* ---- status ---- */

static void status_is_content_with_one_of_yesterday(void **state)
{
    static const struct {
        const char *data;
        uint32_t renew_after_h;
        bool is_in_sync;
    } cases[] = {
        { SEEN(3733252), STAMP_LATE_H, true },
        { SEEN(3733251), STAMP_LATE_H, false },
        { SEEN(3733252), STAMP_RENEW_H, false },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene *s = scene(*state);
        struct status_report *r = talloc_zero(s, struct status_report);
        struct plan *p;

        hold(s, cases[i].data);
        s->wish.renew_after_h = cases[i].renew_after_h;
        p = make(s, plan_register);
        assert_true(status_records(r, p, s->memory, &s->pub, here, false));
        assert_int_equal(r->is_in_sync, cases[i].is_in_sync);
        assert_int_equal(r->records[1].type, DNS_TYPE_TXT);
        assert_true(r->records[1].is_desired);
        assert_int_equal(r->records[1].is_published, cases[i].is_in_sync);
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(first_registration_adds_one),
        test(without_the_wish_there_is_none),
        test(one_of_today_is_kept_and_nothing_is_sent_for_it),
        test(one_past_twenty_hours_is_replaced),
        test(one_in_the_future_is_replaced),
        test(of_several_the_latest_stays),
        test(exact_messages),
        test(reader_keeps_heartbeats_only),
        test(whatever_is_taken_for_one_can_be_deleted),
        test(more_than_any_host_has_are_left_for_the_next_run),
        test(unreadable_texts_fail_alone),
        test(unregister_takes_them_where_wanted_or_remembered),
        test(one_that_is_no_longer_kept_is_taken_back),
        test(alias_at_the_name_gets_none),
        test(refused_with_addresses_it_goes_apart),
        test(refused_by_itself_it_is_a_failed_step_and_says_what_to_grant),
        test(refused_addresses_are_what_is_said_first),
        test(alone_in_its_update_it_is_not_sent_again),
        test(other_failures_are_no_refusal_of_it),
        test(noerror_without_publication_is_no_success),
        test(a_remembered_one_that_is_not_seen_is_deleted),
        test(memory_follows_what_is_published_and_proven),
        test(what_was_not_read_is_not_forgotten),
        test(the_one_of_an_earlier_name_goes_by_its_value),
        test(another_registration_keeps_the_one_of_its_name),
        test(status_is_content_with_one_of_yesterday),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
