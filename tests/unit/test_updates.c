#include "dns/rr.h"
#include "scavenger/restore.h"
#include "scavenger/updates.h"
#include "tests/unit/tempdir.h"
#include "tests/unit/values.h"

#define STALE 3700000U

/* pc loses one address of two, and an address of the other family stays too. */
struct fixture {
    struct bytes old[3];
    struct journal_record gone[1];
    struct journal_node change;
    struct bytes now_values[4];
    struct dns_node now;
};

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);
    static const uint8_t aaaa[16] = { 0xfd, 0x53 };

    if (!f)
        return 1;
    f->old[0] = value_a(f, STALE, 1);
    f->old[1] = value_a(f, STALE + 900, 2);
    f->old[2] = value(f, TYPE_AAAA, STALE + 900, (struct bytes){ aaaa, 16 });
    f->gone[0] = (struct journal_record){ "A", "10.53.0.1", STALE, f->old[0] };
    f->change = (struct journal_node){ .zone = "ad.example.test",
                                       .name = "pc",
                                       .dn = "DC=pc",
                                       .old = f->old,
                                       .n_old = 3,
                                       .records = f->gone,
                                       .n_records = 1,
                                       .is_server_made = true };
    f->now = (struct dns_node){ .values = f->now_values };
    *state = f;
    return 0;
}

static int teardown(void **state) { return talloc_free(*state); }

static void put(struct fixture *f, struct bytes v) { f->now_values[f->now.n_values++] = v; }

/* All of it goes: one value. */
static void lose_all(struct fixture *f)
{
    f->change.n_old = 1;
    f->change.is_tombstoned = true;
}

static size_t count_of(struct bytes wire, int section)
{
    return (size_t)(wire.data[4 + 2 * section] << 8 | wire.data[5 + 2 * section]);
}

static void prerequisites_name_every_record_of_the_types_that_lose_one(void **state)
{
    struct fixture *f = *state;
    struct bytes wire;
    struct error e;

    assert_int_equal(updates_message(f, &f->change, 77, &wire, &e), OK);
    assert_int_equal(wire.data[0] << 8 | wire.data[1], 77);
    assert_int_equal(count_of(wire, 0), 1); /* the zone */
    assert_int_equal(count_of(wire, 1), 2); /* both A, not the AAAA */
    assert_int_equal(count_of(wire, 2), 1);
}

static void a_value_that_cannot_be_said_in_dns_is_an_error(void **state)
{
    static const uint8_t junk[] = { 1, 2, 3 };
    struct fixture *f = *state;
    struct bytes wire;
    struct error e;

    f->old[1] = (struct bytes){ junk, sizeof junk };
    assert_int_equal(updates_message(f, &f->change, 77, &wire, &e), ERR_MALFORMED);
}

static void what_the_directory_shows_decides_not_the_answer(void **state)
{
    static const struct gsstsig_reply good = { .proof = GSSTSIG_PROOF_STANDARD };
    static const struct gsstsig_reply rumour = { .rcode = DNS_RCODE_SERVFAIL,
                                                 .is_echo = true,
                                                 .proof = GSSTSIG_PROOF_NONE };
    struct fixture *f = *state;

    put(f, f->old[1]);
    put(f, f->old[2]);
    assert_int_equal(updates_judge(&f->change, &f->now, &good), OUTCOME_DELETED);
    assert_int_equal(updates_judge(&f->change, &f->now, &rumour), OUTCOME_DELETED);
    assert_int_equal(updates_judge(&f->change, &f->now, NULL), OUTCOME_DELETED);
    put(f, f->old[0]);
    assert_int_equal(updates_judge(&f->change, &f->now, &good), OUTCOME_FAILED);
    assert_int_equal(updates_judge(&f->change, &f->now, &rumour), OUTCOME_DENIED);
    assert_int_equal(updates_judge(&f->change, &f->now, NULL), OUTCOME_UNKNOWN);
    assert_int_equal(updates_judge(&f->change, NULL, &good), OUTCOME_GONE);
}

static void a_refused_prerequisite_is_a_refresh_meanwhile(void **state)
{
    static const struct gsstsig_reply no_rrset = { .rcode = DNS_RCODE_NXRRSET };
    static const struct gsstsig_reply refused = { .rcode = DNS_RCODE_REFUSED };
    struct fixture *f = *state;

    for (size_t i = 0; i < 3; i++)
        put(f, f->old[i]);
    assert_int_equal(updates_judge(&f->change, &f->now, &no_rrset), OUTCOME_REFRESHED);
    assert_int_equal(updates_judge(&f->change, &f->now, &refused), OUTCOME_DENIED);
    /* The same record with another stamp stands there. */
    f->now_values[0] = value_a(f, STALE + 1000, 1);
    assert_int_equal(updates_judge(&f->change, &f->now, NULL), OUTCOME_REFRESHED);
}

static void a_refusal_without_proof_is_not_believed(void **state)
{
    static const struct gsstsig_reply signed_one = { .rcode = DNS_RCODE_REFUSED,
                                                     .proof = GSSTSIG_PROOF_STANDARD };
    static const struct gsstsig_reply rumour = { .rcode = DNS_RCODE_REFUSED };
    static const struct gsstsig_reply echo = { .rcode = DNS_RCODE_SERVFAIL, .is_echo = true };

    (void)state;
    assert_false(updates_is_unproved(OUTCOME_DENIED, &signed_one));
    assert_true(updates_is_unproved(OUTCOME_DENIED, &rumour));
    assert_true(updates_is_unproved(OUTCOME_FAILED, &rumour));
    /* What the directory itself shows needs no answer. */
    assert_false(updates_is_unproved(OUTCOME_DELETED, &rumour));
    assert_false(updates_is_unproved(OUTCOME_REFRESHED, &rumour));
    assert_false(updates_is_unproved(OUTCOME_DENIED, &echo));
    assert_false(updates_is_unproved(OUTCOME_FAILED, NULL));
}

static void a_server_leaves_its_own_tombstone_or_what_stays(void **state)
{
    struct fixture *f = *state;

    put(f, value_a(f, STALE + 950, 2)); /* stamped anew */
    put(f, f->old[2]);
    assert_true(updates_is_result(&f->change, &f->now));
    put(f, value_a(f, STALE, 9));
    assert_false(updates_is_result(&f->change, &f->now));
    f->now.n_values = 1;
    assert_false(updates_is_result(&f->change, &f->now));

    lose_all(f);
    f->now_values[0] = dnsp_tombstone(f, UINT64_C(134400000000000000), 7);
    f->now.is_tombstoned = true;
    assert_true(updates_is_result(&f->change, &f->now));
    f->now_values[0] = f->old[0];
    assert_false(updates_is_result(&f->change, &f->now));
    f->now.n_values = 0;
    assert_false(updates_is_result(&f->change, &f->now));
}

static void
what_nobody_saw_is_restored_from_any_tombstone_and_what_was_seen_from_that_one(void **state)
{
    struct fixture *f = *state;
    struct bytes seen = dnsp_tombstone(f, UINT64_C(134400000000000000), 7);

    lose_all(f);
    f->now.is_tombstoned = true;
    put(f, dnsp_tombstone(f, UINT64_C(134400000000000001), 8));
    assert_int_equal(restore_judge(&f->change, &f->now), OUTCOME_PLANNED);
    f->change.new = &seen;
    f->change.n_new = 1;
    assert_int_equal(restore_judge(&f->change, &f->now), OUTCOME_CONFLICT);
    f->now_values[0] = seen;
    assert_int_equal(restore_judge(&f->change, &f->now), OUTCOME_PLANNED);
}

static void the_journal_keeps_what_was_seen_afterwards(void **state)
{
    struct fixture *f = *state;
    const char *dir = tempdir(f);
    struct bytes seen = dnsp_tombstone(f, UINT64_C(134400000000000000), 7);
    struct observed observed = { &seen, 1 };
    struct journal *j = NULL;
    struct run *run = NULL;
    struct error e;

    lose_all(f);
    assert_int_equal(journal_begin(f, dir, RUN_SCAVENGE, "a", "b", 1795330800, &j, &e), OK);
    assert_int_equal(journal_add(j, &f->change, &e), OK);
    assert_int_equal(journal_add(j, &f->change, &e), OK);
    assert_int_equal(journal_commit(j, &e), OK);
    assert_int_equal(journal_outcome_seen(j, 1, OUTCOME_DELETED, NULL, &observed, 1795330801, &e),
                     OK);
    assert_int_equal(journal_end(j, 1795330802, &e), OK);
    assert_int_equal(journal_read(f, dir, journal_run_id(j), &run, &e), OK);
    assert_true(run->nodes[0].is_server_made);
    assert_int_equal(run->nodes[0].n_new, 0);
    assert_true(run->nodes[1].is_server_made);
    assert_int_equal(run->nodes[1].n_new, 1);
    assert_bytes_equal(run->nodes[1].new[0], seen);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(prerequisites_name_every_record_of_the_types_that_lose_one),
        T(a_value_that_cannot_be_said_in_dns_is_an_error),
        T(what_the_directory_shows_decides_not_the_answer),
        T(a_refused_prerequisite_is_a_refresh_meanwhile),
        T(a_refusal_without_proof_is_not_believed),
        T(a_server_leaves_its_own_tombstone_or_what_stays),
        T(what_nobody_saw_is_restored_from_any_tombstone_and_what_was_seen_from_that_one),
        T(the_journal_keeps_what_was_seen_afterwards),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
