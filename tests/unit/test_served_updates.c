#include "scavenger/served_updates.h"

#include "dns/rr.h"
#include "scavenger/served_pointers.h"
#include "scavenger/served_restore.h"
#include "scavenger/updates.h"
#include "tests/unit/values.h"

#define HOUR 3700000U

/* pc lost an address and its heartbeat; a note and another address stayed. */
struct fixture {
    struct bytes all[4];
    struct journal_record gone[2];
    struct journal_node change;
};

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    if (!f)
        return 1;
    f->all[0] = value_a(f, HOUR, 1);
    f->all[1] = value_a(f, 0, 2);
    f->all[2] = value_txt(f, HOUR, "v=muster1 seen=3700000");
    f->all[3] = value_txt(f, 0, "a note");
    f->gone[0] = (struct journal_record){ "A", "10.53.0.1", HOUR, f->all[0] };
    f->gone[1] = (struct journal_record){ "TXT", "\"v=muster1 seen=3700000\"", HOUR, f->all[2] };
    f->change = (struct journal_node){ .zone = "z.test",
                                       .name = "pc",
                                       .dn = "dns://ns1.z.test/pc.z.test",
                                       .old = f->all,
                                       .n_old = 4,
                                       .new = f->all,
                                       .n_new = 4,
                                       .records = f->gone,
                                       .n_records = 2 };
    *state = f;
    return 0;
}

static int teardown(void **state) { return talloc_free(*state); }

static size_t count_of(struct bytes wire, int section)
{
    return (size_t)(wire.data[4 + 2 * section] << 8 | wire.data[5 + 2 * section]);
}
#define PREREQUISITES 1
#define CHANGES 2

static enum outcome judged(int rcode, enum gsstsig_proof proof, enum outcome success)
{
    const struct gsstsig_reply reply = { .rcode = rcode, .proof = proof };

    return served_judge(&reply, success);
}

static void only_a_verified_answer_tells_what_became_of_a_name(void **state)
{
    (void)state;
    assert_int_equal(judged(DNS_RCODE_NOERROR, GSSTSIG_PROOF_STANDARD, OUTCOME_DELETED),
                     OUTCOME_DELETED);
    assert_int_equal(judged(DNS_RCODE_NOERROR, GSSTSIG_PROOF_LEGACY, OUTCOME_RESTORED),
                     OUTCOME_RESTORED);
    for (int rcode = 0; rcode < 16; rcode++)
        assert_int_equal(judged(rcode, GSSTSIG_PROOF_NONE, OUTCOME_DELETED), OUTCOME_UNKNOWN);
    assert_int_equal(served_judge(NULL, OUTCOME_DELETED), OUTCOME_UNKNOWN);
}

static void a_prerequisite_that_fails_means_that_a_host_was_there(void **state)
{
    (void)state;
    assert_int_equal(judged(DNS_RCODE_NXRRSET, GSSTSIG_PROOF_STANDARD, OUTCOME_DELETED),
                     OUTCOME_REFRESHED);
    assert_int_equal(judged(DNS_RCODE_YXRRSET, GSSTSIG_PROOF_STANDARD, OUTCOME_RESTORED),
                     OUTCOME_CONFLICT);
    assert_int_equal(judged(DNS_RCODE_REFUSED, GSSTSIG_PROOF_STANDARD, OUTCOME_DELETED),
                     OUTCOME_DENIED);
    assert_int_equal(judged(DNS_RCODE_SERVFAIL, GSSTSIG_PROOF_STANDARD, OUTCOME_DELETED),
                     OUTCOME_FAILED);
}

/* RRset does not exist: class NONE, TTL 0, no data (RFC 2136 section 2.4.3). */
static bool needs_none_of(struct bytes wire, uint8_t type)
{
    const uint8_t none[] = { 0, type, 0, 0xfe, 0, 0, 0, 0, 0, 0 };

    return memmem(wire.data, wire.len, none, sizeof none) != NULL;
}

static void a_heartbeat_that_stays_is_a_prerequisite_too(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct bytes wire;

    f->change.n_records = 1; /* the address alone goes */
    assert_int_equal(updates_message_unchanged(f, &f->change, 1, &wire, &e), OK);
    assert_int_equal(count_of(wire, PREREQUISITES), 4 + 1);
    assert_int_equal(count_of(wire, CHANGES), 1);
    assert_false(needs_none_of(wire, DNS_TYPE_TXT));
    assert_int_equal(updates_message(f, &f->change, 1, &wire, &e), OK);
    assert_int_equal(count_of(wire, PREREQUISITES), 2);
}

static void where_there_is_no_heartbeat_that_there_is_none_is_a_prerequisite(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct bytes wire;

    f->change.n_records = 1;
    f->change.n_old = 2; /* two addresses, no text */
    assert_int_equal(updates_message_unchanged(f, &f->change, 1, &wire, &e), OK);
    assert_int_equal(count_of(wire, PREREQUISITES), 2 + 2);
    assert_int_equal(count_of(wire, CHANGES), 1);
    assert_true(needs_none_of(wire, DNS_TYPE_TXT));
    assert_int_equal(updates_message(f, &f->change, 1, &wire, &e), OK);
    assert_int_equal(count_of(wire, PREREQUISITES), 2);
    assert_false(needs_none_of(wire, DNS_TYPE_TXT));
}

static void an_address_family_that_was_not_there_has_to_be_absent(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct bytes wire;

    assert_int_equal(updates_message_unchanged(f, &f->change, 1, &wire, &e), OK);
    assert_true(needs_none_of(wire, DNS_TYPE_AAAA));
    assert_false(needs_none_of(wire, DNS_TYPE_A));
    /* The heartbeat alone goes: what addresses there are is named all the same. */
    f->change.records = &f->gone[1];
    f->change.n_records = 1;
    assert_int_equal(updates_message_unchanged(f, &f->change, 1, &wire, &e), OK);
    assert_int_equal(count_of(wire, PREREQUISITES), 4 + 1);
}

static void what_is_put_back_needs_what_had_stayed_and_no_alias(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct bytes wire;

    assert_int_equal(served_restore_message(f, &f->change, 1, &wire, &e), OK);
    /* The other address, the note, no CNAME. */
    assert_int_equal(count_of(wire, PREREQUISITES), 3);
    assert_int_equal(count_of(wire, CHANGES), 2);
}

static void what_is_put_back_on_nothing_needs_nothing_there(void **state)
{
    struct fixture *f = *state;
    struct bytes left[] = { f->all[0], f->all[2] };
    struct error e = { 0 };
    struct bytes wire;

    f->change.new = left;
    f->change.n_new = 2;
    assert_int_equal(served_restore_message(f, &f->change, 1, &wire, &e), OK);
    /* No A, no TXT, no CNAME; all of class NONE (RFC 2136 section 2.4.3). */
    assert_int_equal(count_of(wire, PREREQUISITES), 3);
    assert_int_equal(count_of(wire, CHANGES), 2);
}

static void asking_whether_all_is_there_changes_nothing(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct bytes wire;

    assert_int_equal(served_there_message(f, &f->change, 1, &wire, &e), OK);
    assert_int_equal(count_of(wire, PREREQUISITES), 4);
    assert_int_equal(count_of(wire, CHANGES), 0);
}

/* ---- PTRs ---- */

/* pc, whose update had that outcome, and the PTR of its address. */
static void pc_and_pointer(struct fixture *f, enum outcome outcome, const char *target,
                           struct journal_node changes[2])
{
    struct journal_record *ptr = talloc_zero(f, struct journal_record);

    assert_non_null(ptr);
    *ptr = (struct journal_record){ .type = "PTR", .data = target, .timestamp_h = HOUR };
    changes[0] = f->change;
    changes[0].outcome = outcome;
    changes[1] = (struct journal_node){ .zone = "0.53.10.in-addr.arpa",
                                        .name = "1",
                                        .dn = "dns://ns1.z.test/1.0.53.10.in-addr.arpa",
                                        .records = ptr,
                                        .n_records = 1 };
}

static bool may_go(struct fixture *f, enum outcome outcome, const char *target, size_t *n_names)
{
    struct journal_node changes[2];
    const struct journal_node **names;
    struct error e = { 0 };
    bool is_ready;

    pc_and_pointer(f, outcome, target, changes);
    assert_int_equal(served_pointers_targets(f, served_names_new(f, changes, 2), &changes[1],
                                             &names, n_names, &is_ready, &e),
                     OK);
    if (*n_names)
        assert_ptr_equal(names[0], &changes[0]);
    return is_ready;
}

static void a_pointer_goes_only_after_its_name_was_deleted(void **state)
{
    struct fixture *f = *state;
    size_t n;

    assert_true(may_go(f, OUTCOME_DELETED, "PC.z.test.", &n));
    assert_int_equal(n, 1);
    for (int o = OUTCOME_PLANNED; o <= OUTCOME_UNKNOWN; o++) {
        if (o == OUTCOME_DELETED)
            continue;
        assert_false(may_go(f, (enum outcome)o, "pc.z.test.", &n));
        assert_int_equal(n, 0);
    }
    assert_false(may_go(f, OUTCOME_DELETED, "other.z.test.", &n));
}

static void what_is_no_pointer_waits_for_nobody(void **state)
{
    struct fixture *f = *state;
    const struct journal_node **names;
    struct error e = { 0 };
    bool is_ready;
    size_t n;

    assert_int_equal(served_pointers_targets(f, served_names_new(f, &f->change, 1), &f->change,
                                             &names, &n, &is_ready, &e),
                     OK);
    assert_true(is_ready);
    assert_int_equal(n, 0);
}

static void a_name_that_was_done_is_asked_for_just_what_was_left(void **state)
{
    struct fixture *f = *state;
    struct error e = { 0 };
    struct bytes wire;

    assert_int_equal(updates_message_left(f, &f->change, 1, &wire, &e), OK);
    /* The other address, the note, no AAAA. */
    assert_int_equal(count_of(wire, PREREQUISITES), 3);
    assert_int_equal(count_of(wire, CHANGES), 0);
    assert_true(needs_none_of(wire, DNS_TYPE_AAAA));
    assert_false(needs_none_of(wire, DNS_TYPE_A));
    /* Nothing was left: an address or a text that is there is news. */
    f->change.old = (struct bytes *)talloc_memdup(f, f->all, sizeof f->all);
    f->change.old[1] = f->all[2];
    f->change.n_old = 2;
    assert_int_equal(updates_message_left(f, &f->change, 1, &wire, &e), OK);
    assert_int_equal(count_of(wire, PREREQUISITES), 3);
    assert_true(needs_none_of(wire, DNS_TYPE_A));
    assert_true(needs_none_of(wire, DNS_TYPE_TXT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_a_verified_answer_tells_what_became_of_a_name, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_prerequisite_that_fails_means_that_a_host_was_there,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            where_there_is_no_heartbeat_that_there_is_none_is_a_prerequisite, setup, teardown),
        cmocka_unit_test_setup_teardown(an_address_family_that_was_not_there_has_to_be_absent,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_heartbeat_that_stays_is_a_prerequisite_too, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_put_back_needs_what_had_stayed_and_no_alias, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_put_back_on_nothing_needs_nothing_there, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_pointer_goes_only_after_its_name_was_deleted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_no_pointer_waits_for_nobody, setup, teardown),
        cmocka_unit_test_setup_teardown(a_name_that_was_done_is_asked_for_just_what_was_left, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(asking_whether_all_is_there_changes_nothing, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
