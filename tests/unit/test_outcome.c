#include "tests/unit/unit.h"

#include "register/learn.h"
#include "register/outcome.h"

#define FQDN "host1.ad.example.test"
#define ZONE "ad.example.test"
#define R4 "0.53.10.in-addr.arpa"
#define REVERSE "101.0.53.10.in-addr.arpa"

static const struct sighting here = { "dc1." ZONE, 1000000000 };

/* One host that wants one address with its PTR: two zones, two replies. */
struct scene {
    struct published after;
    struct ip held[1];
    struct published_reverse reverse[1];
    const char *targets[1];
    struct plan plan;
    struct plan_step steps[2];
    struct dns_update updates[2];
    struct gsstsig_reply replies[2];
    struct outcome got;
};

/* Everything published as wanted, every answer authenticated. */
static struct scene *scene(TALLOC_CTX *mem)
{
    struct scene *s = talloc_zero(mem, struct scene);
    struct ip ip;

    assert_true(ip_parse("10.53.0.101", &ip));
    s->held[0] = ip;
    s->targets[0] = FQDN;
    s->reverse[0] = (struct published_reverse){
        .ip = ip, .name = REVERSE, .zone = R4, .targets = s->targets, .n_targets = 1
    };
    s->after = (struct published){ .fqdn = FQDN,
                                   .zone = ZONE,
                                   .mname = "dc1." ZONE,
                                   .addresses = s->held,
                                   .n_addresses = 1,
                                   .reverse = s->reverse,
                                   .n_reverse = 1 };
    s->steps[0] = (struct plan_step){ .zone = ZONE,
                                      .owner = FQDN,
                                      .type = DNS_TYPE_A,
                                      .data = "10.53.0.101",
                                      .action = REGISTER_ADD,
                                      .ip = ip };
    s->steps[1] = (struct plan_step){ .zone = R4,
                                      .owner = REVERSE,
                                      .type = DNS_TYPE_PTR,
                                      .data = FQDN ".",
                                      .action = REGISTER_ADD,
                                      .ip = ip };
    s->replies[0].proof = s->replies[1].proof = GSSTSIG_PROOF_STANDARD;
    s->updates[0].zone = ZONE;
    s->updates[1].zone = R4;
    s->plan =
        (struct plan){ .steps = s->steps, .n_steps = 2, .updates = s->updates, .n_updates = 2 };
    return s;
}

static void judge(struct scene *s)
{
    struct error e = { 0 };
    struct plan *plan = talloc_memdup(s, &s->plan, sizeof s->plan);

    assert_int_equal(outcome_judge(plan, s->replies, &s->after, "dc1." ZONE, &s->got, &e), OK);
    assert_true((s->got.code == OK) == (s->got.problem.message[0] == '\0'));
    assert_true((s->got.code == OK) == (s->got.problem.hint[0] == '\0'));
}

static void authenticated_and_published_is_done(void **state)
{
    struct scene *s = scene(*state);

    judge(s);
    assert_int_equal(s->got.code, OK);
    assert_int_equal(s->got.verified, REGISTER_VERIFIED_STANDARD);
    s->replies[1].proof = GSSTSIG_PROOF_LEGACY;
    judge(s);
    assert_int_equal(s->got.verified, REGISTER_VERIFIED_LEGACY);
}

static void noerror_without_publication_is_no_success(void **state)
{
    struct scene *s = scene(*state);

    s->after.n_addresses = 0;
    s->reverse[0].n_targets = 0;
    judge(s);
    assert_int_equal(s->got.code, ERR_SERVER);
    assert_int_equal(s->steps[0].action, REGISTER_FAILED);

    s = scene(*state);
    s->after.n_addresses = 0;
    s->reverse[0].n_targets = 0;
    s->replies[0].proof = s->replies[1].proof = GSSTSIG_PROOF_NONE;
    judge(s);
    assert_int_equal(s->got.code, ERR_UNVERIFIED);
    assert_int_equal(s->got.verified, REGISTER_VERIFIED_NONE);
}

/* What is published says only how far to believe that something was done. */
static void unauthenticated_noerror_is_no_success_whatever_is_published(void **state)
{
    for (int is_echo = 0; is_echo < 2; is_echo++) {
        struct scene *s = scene(*state);

        s->replies[0].proof = GSSTSIG_PROOF_NONE;
        s->replies[0].is_echo = is_echo;
        judge(s);
        assert_int_equal(s->got.code, ERR_UNVERIFIED);
        assert_int_equal(s->got.verified, REGISTER_VERIFIED_QUERY);
        assert_int_equal(s->steps[0].action, REGISTER_FAILED);
        assert_non_null(strstr(s->got.problem.message, "not authenticated"));
    }
}

static void authenticated_refusal_is_denied_even_where_it_is_published(void **state)
{
    struct scene *s = scene(*state);

    s->replies[0].rcode = s->replies[1].rcode = DNS_RCODE_REFUSED;
    judge(s);
    assert_int_equal(s->got.code, ERR_DENIED);
    assert_int_equal(s->steps[0].action, REGISTER_FAILED);
    assert_int_equal(s->steps[1].action, REGISTER_FAILED);
}

static void echoed_failure_is_denied_and_said_to_be_unauthenticated(void **state)
{
    struct scene *s = scene(*state);

    s->after.n_addresses = 0;
    s->replies[0] = (struct gsstsig_reply){ DNS_RCODE_SERVFAIL, GSSTSIG_PROOF_NONE, true, 0 };
    judge(s);
    /* The own name decides, although the PTR is there. */
    assert_int_equal(s->got.code, ERR_DENIED);
    assert_non_null(strstr(s->got.problem.message, "not authenticated"));
    assert_int_equal(s->steps[1].action, REGISTER_ADD);
}

static void unsigned_failure_says_nothing(void **state)
{
    struct scene *s = scene(*state);

    s->after.n_addresses = 0;
    s->replies[0] = (struct gsstsig_reply){ DNS_RCODE_REFUSED, GSSTSIG_PROOF_NONE, false, 0 };
    judge(s);
    assert_int_equal(s->got.code, ERR_UNVERIFIED);
}

static void refused_refresh_of_what_is_published_is_partial(void **state)
{
    struct scene *s = scene(*state);

    s->steps[0].action = s->steps[1].action = REGISTER_REFRESH;
    s->replies[0] = s->replies[1] =
        (struct gsstsig_reply){ DNS_RCODE_SERVFAIL, GSSTSIG_PROOF_NONE, true, 0 };
    judge(s);
    assert_int_equal(s->got.code, ERR_PARTIAL);
    assert_int_equal(s->got.verified, REGISTER_VERIFIED_QUERY);
}

static void failed_reverse_zone_leaves_the_rest_standing(void **state)
{
    struct scene *s = scene(*state);

    s->reverse[0].n_targets = 0;
    s->replies[1].rcode = DNS_RCODE_REFUSED;
    judge(s);
    assert_int_equal(s->got.code, ERR_PARTIAL);
    assert_int_equal(s->steps[0].action, REGISTER_ADD);
    assert_int_equal(s->steps[1].action, REGISTER_FAILED);
}

static void failed_prerequisite_is_a_conflict(void **state)
{
    struct scene *s = scene(*state);

    s->after.n_addresses = 0;
    s->replies[0].rcode = DNS_RCODE_YXRRSET;
    judge(s);
    assert_int_equal(s->got.code, ERR_CONFLICT);
    assert_int_equal(s->steps[0].action, REGISTER_CONFLICT);
}

static void refused_signature_is_an_authentication_failure(void **state)
{
    struct scene *s = scene(*state);

    s->after.n_addresses = 0;
    s->replies[0] = (struct gsstsig_reply){ DNS_RCODE_NOTAUTH, GSSTSIG_PROOF_NONE, false, 18 };
    judge(s);
    assert_int_equal(s->got.code, ERR_AUTH);
    assert_non_null(strstr(s->got.problem.message, "clock"));
    assert_non_null(strstr(s->got.problem.hint, "clock"));
}

static void only_a_wrong_time_is_said_to_be_the_clock(void **state)
{
    for (uint16_t error = 16; error <= 17; error++) {
        struct scene *s = scene(*state);

        s->after.n_addresses = 0;
        s->replies[0] =
            (struct gsstsig_reply){ DNS_RCODE_NOTAUTH, GSSTSIG_PROOF_NONE, false, error };
        judge(s);
        assert_int_equal(s->got.code, ERR_AUTH);
        assert_null(strstr(s->got.problem.message, "clock"));
        assert_null(strstr(s->got.problem.hint, "clock"));
    }
}

static void deletion_that_did_not_happen_fails(void **state)
{
    struct scene *s = scene(*state);

    s->steps[0].action = REGISTER_DELETE;
    judge(s);
    assert_int_equal(s->steps[0].action, REGISTER_FAILED);
    assert_int_equal(s->got.code, ERR_SERVER);
}

static void conflict_of_the_plan_counts_without_sending(void **state)
{
    struct scene *s = scene(*state);

    s->steps[1].action = REGISTER_CONFLICT;
    s->steps[1].code = ERR_CONFLICT;
    s->steps[1].detail = "held by pc17";
    outcome_of_plan(&s->plan, &s->got);
    assert_int_equal(s->got.code, ERR_CONFLICT);
    assert_int_equal(s->got.verified, REGISTER_VERIFIED_NONE);
    assert_non_null(strstr(s->got.problem.message, "held by pc17"));
    /* What belongs to another is told before what merely failed, the own name before PTRs. */
    s->steps[0].code = ERR_SERVER;
    outcome_of_plan(&s->plan, &s->got);
    assert_int_equal(s->got.code, ERR_SERVER);
    s->plan.steps = &s->steps[1];
    s->plan.n_steps = 1;
    outcome_of_plan(&s->plan, &s->got);
    assert_int_equal(s->got.code, ERR_CONFLICT);
}

static void what_is_left_alone_is_no_part_of_a_success(void **state)
{
    struct scene *s = scene(*state);

    s->steps[0].action = REGISTER_FAILED;
    s->steps[0].code = ERR_DENIED;
    s->steps[1] = s->steps[0];
    s->steps[1].action = REGISTER_KEEP;
    s->steps[1].code = OK;
    outcome_sum_up(&s->plan, NULL, &s->got);
    assert_int_equal(s->got.code, ERR_DENIED);
}

static void only_what_was_accepted_is_remembered(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);
    struct scene *s = scene(*state);

    s->steps[0].action = REGISTER_FAILED;
    assert_true(learn_result(m, &s->plan, NULL, &s->after, here));
    assert_false(memory_has(m, FQDN, DNS_TYPE_A, "10.53.0.101"));
    assert_true(memory_has(m, REVERSE, DNS_TYPE_PTR, FQDN "."));
}

/* The old address, which is not published, and its deletion: the last step, in the first update. */
static struct plan_step *add_removal(struct scene *s, struct memory *m, bool is_unseen)
{
    struct plan_step *steps = talloc_zero_array(s, struct plan_step, 3), *old = &steps[2];

    memcpy(steps, s->steps, sizeof s->steps);
    *old = (struct plan_step){ .zone = ZONE,
                               .owner = FQDN,
                               .type = DNS_TYPE_A,
                               .data = "10.53.0.9",
                               .action = REGISTER_DELETE,
                               .is_unseen = is_unseen };
    assert_true(ip_parse(old->data, &old->ip));
    s->plan.steps = steps;
    s->plan.n_steps = 3;
    assert_true(memory_remember(
        m, (struct memory_record){
               .zone = ZONE, .name = FQDN, .type = DNS_TYPE_A, .data = old->data, .seen = here }));
    return old;
}

static bool is_remembered_after(struct scene *s, struct memory *m)
{
    assert_true(learn_result(m, &s->plan, NULL, &s->after, here));
    return memory_has(m, FQDN, DNS_TYPE_A, "10.53.0.9");
}

/* Whoever is on the way can hide a record, and cannot sign for its removal. */
static void only_what_is_deleted_with_proof_is_forgotten(void **state)
{
    static const enum gsstsig_proof proofs[] = { GSSTSIG_PROOF_NONE, GSSTSIG_PROOF_LEGACY,
                                                 GSSTSIG_PROOF_STANDARD };

    for (int is_unseen = 0; is_unseen < 2; is_unseen++) {
        for (size_t i = 0; i < 3; i++) {
            struct memory *m = talloc_zero(*state, struct memory);
            struct scene *s = scene(*state);
            bool is_proven = proofs[i] != GSSTSIG_PROOF_NONE;

            add_removal(s, m, is_unseen);
            assert_true(is_remembered_after(s, m));
            s->replies[0].proof = proofs[i];
            judge(s);
            assert_int_equal(s->got.code, is_proven ? OK : ERR_UNVERIFIED);
            assert_int_equal(is_remembered_after(s, m), !is_proven);
        }
    }
}

static void what_is_refused_stays_remembered_however_it_looks(void **state)
{
    static const int refusals[] = { DNS_RCODE_REFUSED, DNS_RCODE_NOTAUTH, DNS_RCODE_NOTZONE,
                                    DNS_RCODE_SERVFAIL, DNS_RCODE_YXRRSET };

    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        for (int proof = 0; proof < 2; proof++) {
            struct memory *m = talloc_zero(*state, struct memory);
            struct scene *s = scene(*state);

            add_removal(s, m, true);
            s->replies[0].rcode = refusals[i];
            s->replies[0].proof = proof ? GSSTSIG_PROOF_STANDARD : GSSTSIG_PROOF_NONE;
            judge(s);
            assert_int_not_equal(s->got.code, OK);
            /* That it was not seen before does not make it done. */
            assert_int_not_equal(s->got.code, ERR_PARTIAL);
            assert_true(is_remembered_after(s, m));
        }
    }
}

static void what_the_directory_proves_to_be_gone_is_forgotten(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);
    struct scene *s = scene(*state);
    struct plan_step *old = add_removal(s, m, true);

    old->action = REGISTER_KEEP;
    assert_true(is_remembered_after(s, m));
    old->is_foreign = true;
    assert_false(is_remembered_after(s, m));
}

/* Published still, or not to be read: then NOERROR is not the whole truth. */
static void what_is_still_seen_stays_remembered(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);
    struct scene *s = scene(*state);

    add_removal(s, m, true);
    assert_true(ip_parse("10.53.0.9", &s->held[0]));
    judge(s);
    assert_int_not_equal(s->got.code, OK);
    assert_true(is_remembered_after(s, m));
}

static void what_is_remembered_and_not_wanted_is_pending(void **state)
{
    static const struct memory_record all[] = {
        { .zone = ZONE, .name = FQDN, .type = DNS_TYPE_A, .data = "10.53.0.101" },
        { .zone = R4, .name = REVERSE, .type = DNS_TYPE_PTR, .data = FQDN "." },
        /* Those of another network, name, and another name at the wanted address. */
        { .zone = ZONE, .name = FQDN, .type = DNS_TYPE_A, .data = "10.54.0.101" },
        { .zone = R4, .name = "9.0.53.10.in-addr.arpa", .type = DNS_TYPE_PTR, .data = FQDN "." },
        { .zone = ZONE, .name = "old." ZONE, .type = DNS_TYPE_A, .data = "10.53.0.101" },
        { .zone = R4, .name = REVERSE, .type = DNS_TYPE_PTR, .data = "old." ZONE "." },
    };
    struct memory *m = talloc_zero(*state, struct memory);
    const char *sibling = "old." ZONE;
    struct ip wanted;

    assert_true(ip_parse("10.53.0.101", &wanted));
    for (size_t i = 0; i < 6; i++)
        assert_true(memory_remember(m, all[i]));
    learn_pending(m, FQDN, &wanted, 1, NULL, here.at_s);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(m->records[i].is_pending, i >= 2);
    learn_pending(m, FQDN, NULL, 0, NULL, here.at_s + 5);
    for (size_t i = 0; i < 6; i++) {
        assert_true(m->records[i].is_pending);
        assert_int_equal(m->records[i].pending_since_s, i < 2 ? here.at_s + 5 : here.at_s);
    }
    /* What bears the name of another registration is not in the way of anything. */
    learn_pending(m, FQDN, NULL, 0, &(struct siblings){ .names = &sibling, .n = 1 }, here.at_s);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(m->records[i].is_pending, i < 4);
}

/* An administrator's static record is refreshed, too. */
static void what_was_there_is_remembered_only_where_it_is_provably_ours(void **state)
{
    for (int proof = 0; proof < 3; proof++) {
        struct memory *m = talloc_zero(*state, struct memory);
        struct memory *recovered = talloc_zero(*state, struct memory);
        struct scene *s = scene(*state);
        struct memory_record r = {
            .zone = ZONE, .name = FQDN, .type = DNS_TYPE_A, .data = "10.53.0.101"
        };

        for (size_t i = 0; i < s->plan.n_steps; i++)
            s->plan.steps[i].action = REGISTER_REFRESH;
        if (proof == 1)
            assert_true(memory_remember(m, r));
        if (proof == 2)
            assert_true(memory_remember(recovered, r));
        assert_true(learn_intent(m, &s->plan, recovered, here));
        assert_true(learn_result(m, &s->plan, recovered, &s->after, here));
        assert_int_equal(memory_has(m, FQDN, DNS_TYPE_A, "10.53.0.101"), proof > 0);
        assert_false(memory_has(m, REVERSE, DNS_TYPE_PTR, FQDN "."));
    }
}

static void what_cannot_be_taken_back_keeps_nobody_from_being_published(void **state)
{
    struct scene *s = scene(*state);
    struct ip wanted = s->steps[0].ip, old;
    struct plan_step *own = &s->steps[0];

    assert_true(ip_parse("10.53.0.9", &old));
    assert_true(outcome_is_published(&s->plan, &wanted, 1));
    s->steps[1].code = ERR_DENIED;
    assert_true(outcome_is_published(&s->plan, &wanted, 1));
    own->action = REGISTER_FAILED;
    own->code = ERR_DENIED;
    assert_false(outcome_is_published(&s->plan, &wanted, 1));
    own->ip = old;
    assert_true(outcome_is_published(&s->plan, &wanted, 1));
    *own = (struct plan_step){ .type = DNS_TYPE_CNAME, .code = ERR_CONFLICT };
    assert_false(outcome_is_published(&s->plan, &wanted, 1));
}

/* The host was renamed: its records, and one of its earlier name. */
static struct scene *renamed_scene(TALLOC_CTX *mem, struct memory *m)
{
    struct scene *s = scene(mem);
    struct plan_step *steps = talloc_zero_array(s, struct plan_step, s->plan.n_steps + 1);

    memcpy(steps, s->plan.steps, s->plan.n_steps * sizeof *steps);
    steps[s->plan.n_steps] = (struct plan_step){ .zone = ZONE,
                                                 .owner = "old." ZONE,
                                                 .type = DNS_TYPE_A,
                                                 .data = "10.53.0.101",
                                                 .action = REGISTER_DELETE,
                                                 .is_earlier = true };
    s->plan.steps = steps;
    s->plan.n_steps++;
    assert_true(memory_remember(m, (struct memory_record){ .zone = ZONE,
                                                           .name = "old." ZONE,
                                                           .type = DNS_TYPE_A,
                                                           .data = "10.53.0.101",
                                                           .seen = here }));
    return s;
}

static void earlier_name_that_is_anothers_is_a_part_not_done_and_forgotten(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);
    struct scene *s = renamed_scene(*state, m);
    struct plan_step *old = &s->plan.steps[s->plan.n_steps - 1];

    old->action = REGISTER_FAILED;
    old->code = ERR_DENIED;
    outcome_sum_up(&s->plan, NULL, &s->got);
    assert_int_equal(s->got.code, ERR_PARTIAL);
    assert_true(learn_result(m, &s->plan, NULL, &s->after, here));
    assert_true(memory_has(m, "old." ZONE, DNS_TYPE_A, "10.53.0.101"));

    old->action = REGISTER_CONFLICT;
    old->code = ERR_CONFLICT;
    old->is_foreign = true;
    outcome_sum_up(&s->plan, NULL, &s->got);
    assert_int_equal(s->got.code, ERR_PARTIAL);
    assert_true(learn_result(m, &s->plan, NULL, &s->after, here));
    assert_false(memory_has(m, "old." ZONE, DNS_TYPE_A, "10.53.0.101"));
}

static void earlier_name_is_forgotten_when_it_is_deleted_and_seen_to_be_gone(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);
    struct scene *s = renamed_scene(*state, m);
    struct published_name name = { .fqdn = "old." ZONE, .rcode = DNS_RCODE_NOERROR };

    s->after.names = &name;
    s->after.n_names = 1;
    name.zone = ZONE;
    assert_true(learn_result(m, &s->plan, NULL, &s->after, here));
    assert_true(memory_has(m, "old." ZONE, DNS_TYPE_A, "10.53.0.101"));
    s->plan.steps[s->plan.n_steps - 1].is_proven = true;
    name.zone = NULL;
    assert_true(learn_result(m, &s->plan, NULL, &s->after, here));
    assert_true(memory_has(m, "old." ZONE, DNS_TYPE_A, "10.53.0.101"));
    name.zone = ZONE;
    name.rcode = DNS_RCODE_SERVFAIL;
    assert_true(learn_result(m, &s->plan, NULL, &s->after, here));
    assert_true(memory_has(m, "old." ZONE, DNS_TYPE_A, "10.53.0.101"));
    name.rcode = DNS_RCODE_NOERROR;
    assert_true(learn_result(m, &s->plan, NULL, &s->after, here));
    assert_false(memory_has(m, "old." ZONE, DNS_TYPE_A, "10.53.0.101"));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(authenticated_and_published_is_done, setup, teardown),
        cmocka_unit_test_setup_teardown(noerror_without_publication_is_no_success, setup, teardown),
        cmocka_unit_test_setup_teardown(unauthenticated_noerror_is_no_success_whatever_is_published,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(authenticated_refusal_is_denied_even_where_it_is_published,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(echoed_failure_is_denied_and_said_to_be_unauthenticated,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(unsigned_failure_says_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_refresh_of_what_is_published_is_partial, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(failed_reverse_zone_leaves_the_rest_standing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(failed_prerequisite_is_a_conflict, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_signature_is_an_authentication_failure, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(only_a_wrong_time_is_said_to_be_the_clock, setup, teardown),
        cmocka_unit_test_setup_teardown(deletion_that_did_not_happen_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(conflict_of_the_plan_counts_without_sending, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_left_alone_is_no_part_of_a_success, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(only_what_was_accepted_is_remembered, setup, teardown),
        cmocka_unit_test_setup_teardown(only_what_is_deleted_with_proof_is_forgotten, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_refused_stays_remembered_however_it_looks, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_the_directory_proves_to_be_gone_is_forgotten, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_still_seen_stays_remembered, setup, teardown),
        cmocka_unit_test_setup_teardown(what_was_there_is_remembered_only_where_it_is_provably_ours,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_taken_back_keeps_nobody_from_being_published,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            earlier_name_that_is_anothers_is_a_part_not_done_and_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(
            earlier_name_is_forgotten_when_it_is_deleted_and_seen_to_be_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_remembered_and_not_wanted_is_pending, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
