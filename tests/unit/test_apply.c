/*
 * apply_changes is pure; apply_run writes a directory that tests/unit/fake_store.h plays: what is
 * asserted is what stands in it afterwards, and what the journal says.
 */
#include "base/clock.h"
#include "scavenger/apply.h"
#include "scavenger/values.h"
#include "tests/unit/fake_store.h"
#include "tests/unit/full_disk.h"
#include "tests/unit/tempdir.h"
#include "tests/unit/values.h"

#define NOW_UNIX INT64_C(1795330800) /* 2026-11-22T07:00:00Z, hour 3733279 */
#define STALE 3700000U

struct fixture {
    struct error e;
    struct dns_zone zone;
    struct zone_plan plan;
    struct plan_node nodes[3];
    struct plan_value values[3][3];
    const char *dir;
    struct store store;
    struct directory *d;
};

static struct plan_value planned(struct bytes raw, bool is_removed, const char *data)
{
    struct plan_value v = { .raw = raw, .is_removed = is_removed };

    if (is_removed) {
        v.type = TYPE_A;
        v.ttl_s = 1200;
        v.timestamp_h = STALE;
        v.data = data;
    }
    return v;
}

/* pc0 loses its only value, pc1 one of two, pc2 two of three. */
static int setup(void **state)
{
    static const char *const dns[] = { "DC=pc0", "DC=pc1", "DC=pc2" }, *const names[] = { "pc0",
                                                                                          "pc1",
                                                                                          "pc2" };
    struct fixture *f = talloc_zero(NULL, struct fixture);

    if (!f)
        return 1;
    f->dir = tempdir(f);
    f->zone.name = "ad.example.test";
    for (uint16_t i = 0; i < 3; i++) {
        f->nodes[i] = (struct plan_node){ .own_dn = dns[i],
                                          .name = names[i],
                                          .values = f->values[i],
                                          .n_values = (size_t)i + 1,
                                          .n_removed = i == 2 ? 2 : 1 };
        f->values[i][0] = planned(value_a(f, STALE, i), true, "10.53.0.1");
        f->values[i][1] = planned(value_a(f, 0, (uint16_t)(i + 10)), false, NULL);
        f->values[i][2] = planned(value_a(f, STALE, (uint16_t)(i + 20)), true, "10.53.0.22");
    }
    f->plan =
        (struct zone_plan){ .zone = &f->zone, .nodes = f->nodes, .n_nodes = 3, .n_removed = 4 };
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    store_close(&f->store);
    return talloc_free(f);
}

static struct journal_node *changes_of(struct fixture *f)
{
    struct journal_node *changes = NULL;

    assert_int_equal(apply_changes(f, &f->plan, NOW_UNIX, 0x01020304, &changes, &f->e), OK);
    assert_non_null(changes);
    return changes;
}

/* apply_changes. */

static void each_node_goes_from_all_it_had_to_what_survives(void **state)
{
    struct fixture *f = *state;
    struct journal_node *c = changes_of(f);

    assert_ptr_equal(talloc_parent(c), f);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(c[i].zone, "ad.example.test");
        assert_string_equal(c[i].name, f->nodes[i].name);
        assert_string_equal(c[i].dn, f->nodes[i].own_dn);
        assert_int_equal(c[i].n_old, i + 1);
        for (size_t k = 0; k <= i; k++)
            assert_bytes_equal(c[i].old[k], f->values[i][k].raw);
        assert_int_equal(c[i].n_new, 1);
        assert_false(c[i].was_tombstoned);
        assert_int_equal(c[i].is_tombstoned, i == 0);
        assert_int_equal(c[i].outcome, OUTCOME_PLANNED);
        assert_null(c[i].problem);
        if (i > 0)
            assert_bytes_equal(c[i].new[0], f->values[i][1].raw);
    }
}

static void the_tombstone_is_as_servers_write_it(void **state)
{
    struct fixture *f = *state;
    struct bytes t = changes_of(f)[0].new[0];
    struct rd r = rd_init(t);

    assert_int_equal(t.len, 32);
    assert_int_equal(rd_le16(&r), 8);
    assert_int_equal(rd_le16(&r), TYPE_TOMBSTONE);
    assert_int_equal(rd_u8(&r), 5);
    rd_take(&r, 1);
    assert_int_equal(rd_le16(&r), 0);
    assert_int_equal(rd_le32(&r), 0x01020304);
    rd_take(&r, 8);
    assert_int_equal(rd_le32(&r), 0); /* static, so that nothing ages it */
    assert_true(rd_le64(&r) == UINT64_C(3733279) * 36000000000);
    assert_false(r.bad);
}

static void the_records_of_a_change_are_those_that_go(void **state)
{
    struct fixture *f = *state;
    struct journal_node *c = changes_of(f);

    assert_int_equal(c[0].n_records, 1);
    assert_int_equal(c[1].n_records, 1);
    assert_int_equal(c[2].n_records, 2);
    assert_string_equal(c[2].records[1].type, "A");
    assert_string_equal(c[2].records[1].data, "10.53.0.22");
    assert_int_equal(c[2].records[1].timestamp_h, STALE);
    assert_bytes_equal(c[2].records[1].raw, f->values[2][2].raw);
}

static void an_empty_plan_has_no_changes(void **state)
{
    struct fixture *f = *state;
    struct journal_node *c = NULL;

    f->plan.n_nodes = 0;
    f->plan.nodes = NULL;
    assert_int_equal(apply_changes(f, &f->plan, NOW_UNIX, 1, &c, &f->e), OK);
}

/* apply_run. */

/* The directory has what the plan was made from. */
static struct journal_node *stored_changes(struct fixture *f)
{
    struct journal_node *c = changes_of(f);

    f->store.mem = f;
    for (size_t i = 0; i < 3; i++)
        store_add(&f->store, c[i].dn, c[i].old, c[i].n_old);
    f->d = store_open(&f->store);
    return c;
}

static struct journal *journal_of(struct fixture *f)
{
    struct journal *j = NULL;

    assert_int_equal(journal_begin(f, f->dir, RUN_SCAVENGE, "admin@AD.EXAMPLE.TEST",
                                   "dc1.ad.example.test", NOW_UNIX, &j, &f->e),
                     OK);
    return j;
}

static struct run *read_back(struct fixture *f, const char *id)
{
    struct run *run = NULL;

    assert_int_equal(journal_read(f, f->dir, id, &run, &f->e), OK);
    return run;
}

static enum err apply(struct fixture *f, struct journal *j, struct journal_node *c,
                      const struct apply_hooks *hooks)
{
    return apply_run(f->d, j, c, 3, OUTCOME_DELETED, hooks, &f->e);
}

static bool stands(struct fixture *f, size_t i, const struct bytes *values, size_t n,
                   bool is_tombstoned)
{
    const struct stored *node = &f->store.nodes[i];

    if (node->n != n || node->is_tombstoned != is_tombstoned)
        return false;
    for (size_t k = 0; k < n; k++) {
        if (!stored_has(node, values[k]))
            return false;
    }
    return true;
}

static bool is_written(struct fixture *f, const struct journal_node *c, size_t i)
{
    return stands(f, i, c[i].new, c[i].n_new, c[i].is_tombstoned);
}

static bool is_as_before(struct fixture *f, const struct journal_node *c, size_t i)
{
    return stands(f, i, c[i].old, c[i].n_old, c[i].was_tombstoned);
}

/* In memory and in the file. */
static void assert_outcomes(struct fixture *f, struct journal *j, const struct journal_node *c,
                            const enum outcome want[3])
{
    struct run *run = read_back(f, journal_run_id(j));

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(c[i].outcome, want[i]);
        assert_int_equal(run->nodes[i].outcome, want[i]);
    }
}

static const enum outcome all_deleted[3] = { OUTCOME_DELETED, OUTCOME_DELETED, OUTCOME_DELETED };

struct witness {
    struct fixture *f;
    const char *run;
    bool has_seen_a_write;
    bool journal_was_complete;
};

/* In the fake's thread: only values that nobody else touches meanwhile. */
static void see_the_journal(struct store *s, int request, struct stored *node, ber_tag_t op)
{
    struct witness *w = s->priv;
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct error e;
    struct run *run;

    (void)request, (void)node;
    if (op == LDAP_REQ_MODIFY && !w->has_seen_a_write) {
        w->has_seen_a_write = true;
        w->journal_was_complete = journal_read(tmp, w->f->dir, w->run, &run, &e) == OK &&
                                  run->is_committed && run->n_nodes == 3;
    }
    talloc_free(tmp);
}

static void the_journal_is_complete_before_the_first_write(void **state)
{
    struct fixture *f = *state;
    struct journal_node *c = stored_changes(f);
    struct journal *j = journal_of(f);
    struct witness w = { .f = f, .run = journal_run_id(j) };

    f->store.before = see_the_journal;
    f->store.priv = &w;
    assert_int_equal(apply(f, j, c, NULL), OK);
    assert_true(w.has_seen_a_write);
    assert_true(w.journal_was_complete);
    assert_outcomes(f, j, c, all_deleted);
    for (size_t i = 0; i < 3; i++) {
        assert_true(is_written(f, c, i));
        assert_int_equal(f->store.nodes[i].writes, 1);
    }
    assert_true(read_back(f, journal_run_id(j))->ended != 0);
}

static void refused_changes_are_outcomes_and_the_run_goes_on(void **state)
{
    static const struct {
        int code;
        enum outcome want;
    } table[] = {
        { LDAP_INSUFFICIENT_ACCESS, OUTCOME_DENIED },
        { LDAP_UNWILLING_TO_PERFORM, OUTCOME_FAILED },
        { LDAP_UNAVAILABLE, OUTCOME_FAILED },
        { LDAP_NO_SUCH_OBJECT, OUTCOME_GONE },
        { LDAP_NO_SUCH_ATTRIBUTE, OUTCOME_REFRESHED },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct fixture *f = *state;
        const enum outcome want[3] = { OUTCOME_DELETED, table[i].want, OUTCOME_DELETED };
        struct journal_node *c;
        struct journal *j = journal_of(f);

        store_close(&f->store);
        memset(&f->store, 0, sizeof f->store);
        c = stored_changes(f);
        f->store.nodes[1].refuse = table[i].code;
        assert_int_equal(apply(f, j, c, NULL), OK);
        assert_outcomes(f, j, c, want);
        assert_true(is_as_before(f, c, 1));
        assert_non_null(c[1].problem);
        assert_non_null(read_back(f, journal_run_id(j))->nodes[1].problem);
    }
}

static void a_node_that_changed_is_not_written(void **state)
{
    const enum outcome want[3] = { OUTCOME_REFRESHED, OUTCOME_GONE, OUTCOME_REFRESHED };
    struct fixture *f = *state;
    struct journal_node *c = stored_changes(f);
    struct journal *j = journal_of(f);

    stored_put(&f->store.nodes[0], value_a(f, STALE + 1, 99)); /* one more */
    snprintf(f->store.nodes[1].dn, sizeof f->store.nodes[1].dn, "DC=elsewhere");
    stored_drop(&f->store.nodes[2], c[2].old[2]); /* one less */
    assert_int_equal(apply(f, j, c, NULL), OK);
    assert_outcomes(f, j, c, want);
    assert_int_equal(f->store.n_modifies, 0);
}

/* A host adds its address right before the write, unseen by the read before it. */
static void come_back(struct store *s, int request, struct stored *node, ber_tag_t op)
{
    (void)request;
    if (op == LDAP_REQ_MODIFY && node && strcmp(node->dn, "DC=pc0") == 0 && node->writes == 0 &&
        node->n == 1)
        stored_put(node, *(struct bytes *)s->priv);
}

static void a_tombstone_that_gained_a_value_is_taken_back(void **state)
{
    const enum outcome want[3] = { OUTCOME_REFRESHED, OUTCOME_DELETED, OUTCOME_DELETED };
    struct fixture *f = *state;
    struct journal_node *c = stored_changes(f);
    struct journal *j = journal_of(f);
    struct bytes added = value_a(f, STALE + 500, 99), both[] = { c[0].old[0], added };

    f->store.before = come_back;
    f->store.priv = &added;
    assert_int_equal(apply(f, j, c, NULL), OK);
    assert_outcomes(f, j, c, want);
    assert_true(stands(f, 0, both, 2, false));
}

static void a_lost_connection_without_another_ends_the_run(void **state)
{
    struct fixture *f = *state;
    struct journal_node *c = stored_changes(f);
    struct journal *j = journal_of(f);
    struct run *run;

    f->store.cut_at = 4; /* three reads, then the first write */
    f->store.cut_after = true;
    f->store.cuts = 1;
    assert_int_equal(apply(f, j, c, NULL), ERR_UNREACHABLE);
    run = read_back(f, journal_run_id(j));
    assert_int_equal(run->ended, 0);
    for (size_t i = 0; i < 3; i++) {
        /* What was written must not be called untouched. */
        if (is_written(f, c, i))
            assert_int_equal(run->nodes[i].outcome, OUTCOME_UNKNOWN);
        else
            assert_true(is_as_before(f, c, i));
        assert_int_equal(c[i].outcome, run->nodes[i].outcome);
    }
    assert_int_equal(f->store.n_modifies, 1);
}

static enum err open_again(void *priv, struct directory **out, struct error *e)
{
    struct fixture *f = priv;

    if (f->store.n_opened == 7)
        return err_set(e, ERR_UNREACHABLE, "no more");
    *out = store_open(&f->store);
    return OK;
}

/* Cut at each request in turn, before and after it was done. */
static void a_run_whose_connection_was_lost_anywhere_is_resumed_without_doubling(void **state)
{
    int n_requests = 0;

    for (int at = 1; at <= 9; at++) {
        for (int after = 0; after < 2; after++) {
            struct fixture *f = *state;
            struct apply_hooks hooks = { .reopen = open_again, .priv = f };
            struct journal *j = journal_of(f);
            struct journal_node *c;

            store_close(&f->store);
            memset(&f->store, 0, sizeof f->store);
            c = stored_changes(f);
            f->store.cut_at = at;
            f->store.cut_after = after;
            f->store.cuts = 1;
            assert_int_equal(apply(f, j, c, &hooks), OK);
            assert_outcomes(f, j, c, all_deleted);
            for (size_t i = 0; i < 3; i++) {
                assert_true(is_written(f, c, i));
                assert_int_equal(f->store.nodes[i].writes, 1);
            }
            n_requests += f->store.n_opened == 2;
        }
    }
    /* pc0 has three requests, the others two: seven that can be cut. */
    assert_int_equal(n_requests, 14);
}

static void a_connection_lost_again_and_again_ends_the_run(void **state)
{
    struct fixture *f = *state;
    struct apply_hooks hooks = { .reopen = open_again, .priv = f };
    struct journal_node *c = stored_changes(f);
    struct journal *j = journal_of(f);

    f->store.cut_at = 1;
    f->store.cuts = 100;
    assert_int_equal(apply(f, j, c, &hooks), ERR_UNREACHABLE);
    assert_int_equal(f->store.n_opened, 2);
    assert_int_equal(f->store.n_modifies, 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(c[i].outcome, OUTCOME_PLANNED);
}

static void what_a_host_did_while_the_connection_was_lost_stays(void **state)
{
    const enum outcome want[3] = { OUTCOME_REFRESHED, OUTCOME_DELETED, OUTCOME_DELETED };
    struct fixture *f = *state;
    struct apply_hooks hooks = { .reopen = open_again, .priv = f };
    struct journal_node *c = stored_changes(f);
    struct journal *j = journal_of(f);
    struct bytes added = value_a(f, STALE + 500, 99), both[] = { c[0].old[0], added };

    /* The host comes back, the write is done on top of it, and the answer never arrives. */
    f->store.before = come_back;
    f->store.priv = &added;
    f->store.cut_at = 4;
    f->store.cut_after = true;
    f->store.cuts = 1;
    assert_int_equal(apply(f, j, c, &hooks), OK);
    assert_outcomes(f, j, c, want);
    assert_true(stands(f, 0, both, 2, false));
}

static bool stop_at_once(void *priv)
{
    (void)priv;
    return true;
}

static bool stop_after_two(void *priv)
{
    int *asked = priv;

    return ++*asked > 3; /* once before the first, then for each name */
}

static void a_stopped_run_finishes_what_is_under_way(void **state)
{
    const enum outcome want[3] = { OUTCOME_DELETED, OUTCOME_DELETED, OUTCOME_PLANNED };
    struct fixture *f = *state;
    int asked = 0;
    struct apply_hooks hooks = { .should_stop = stop_after_two, .priv = &asked };
    struct journal_node *c = stored_changes(f);
    struct journal *j = journal_of(f);

    assert_int_equal(apply(f, j, c, &hooks), ERR_PARTIAL);
    assert_non_null(strstr(f->e.message, "2 of 3"));
    assert_outcomes(f, j, c, want);
    assert_true(is_written(f, c, 0));
    assert_true(is_written(f, c, 1));
    assert_true(is_as_before(f, c, 2));
}

static void a_run_stopped_before_it_began_writes_nothing(void **state)
{
    struct fixture *f = *state;
    struct apply_hooks hooks = { .should_stop = stop_at_once };
    struct journal_node *c = stored_changes(f);

    assert_int_equal(apply(f, journal_of(f), c, &hooks), ERR_PARTIAL);
    assert_int_equal(f->store.n_requests, 0);
}

static void count_progress(size_t done, size_t total, void *priv)
{
    size_t *last = priv;

    assert_int_equal(total, 3);
    assert_int_equal(done, *last + 1);
    *last = done;
}

static void progress_is_told_after_each_node(void **state)
{
    struct fixture *f = *state;
    size_t last = 0;
    struct apply_hooks hooks = { .progress = count_progress, .priv = &last };
    struct journal_node *c = stored_changes(f);

    f->store.nodes[1].refuse = LDAP_INSUFFICIENT_ACCESS;
    assert_int_equal(apply(f, journal_of(f), c, &hooks), OK);
    assert_int_equal(last, 3);
}

static void a_restore_reports_restored(void **state)
{
    struct fixture *f = *state;
    struct journal_node *c = stored_changes(f);
    struct journal *j = journal_of(f);

    assert_int_equal(apply_run(f->d, j, c, 3, OUTCOME_RESTORED, NULL, &f->e), OK);
    assert_int_equal(c[2].outcome, OUTCOME_RESTORED);
    assert_int_equal(read_back(f, journal_run_id(j))->nodes[2].outcome, OUTCOME_RESTORED);
}

static void a_journal_that_cannot_be_committed_stops_every_write(void **state)
{
    struct fixture *f = *state;
    struct journal *j = journal_of(f);
    struct journal_node *c = stored_changes(f);

    /* A journal that is already committed takes no more nodes. */
    assert_int_equal(journal_commit(j, &f->e), OK);
    assert_int_not_equal(apply(f, j, c, NULL), OK);
    assert_int_equal(f->store.n_requests, 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(c[i].outcome, OUTCOME_PLANNED);
}

/* Full after the first outcome, for the length of the second. */
static void fill_the_disk(const char *run, const struct journal_node *change, void *priv)
{
    struct fixture *f = priv;
    char *path = talloc_asprintf(f, "%s/%s.jsonl", f->dir, run);
    struct stat st;

    (void)change;
    assert_int_equal(stat(path, &st), 0);
    disk_is_full_at((size_t)st.st_size + 20);
}

static void make_room(size_t done, size_t total, void *priv)
{
    static size_t calls;

    (void)done, (void)total, (void)priv;
    if (++calls == 2)
        disk_has_room();
}

static void a_full_disk_in_the_middle_ends_a_run_that_can_be_restored(void **state)
{
    struct fixture *f = *state;
    struct journal_node *c = stored_changes(f);
    struct journal *j = journal_of(f);
    const struct apply_hooks hooks = { .accounted = fill_the_disk,
                                       .progress = make_room,
                                       .priv = f };
    enum err rc = apply(f, j, c, &hooks);
    size_t told = 0;
    struct run *run;

    disk_has_room();
    assert_int_equal(rc, ERR_PARTIAL);
    assert_int_equal(f->e.code, ERR_PARTIAL);
    assert_non_null(strstr(f->e.message, "cannot write the journal"));
    assert_non_null(strstr(f->e.hint, journal_run_id(j)));
    run = read_back(f, journal_run_id(j));
    assert_true(run->ended == 0);
    for (size_t i = 0; i < 3; i++) {
        assert_true(is_written(f, c, i));
        assert_int_equal(c[i].outcome, OUTCOME_DELETED);
        told += run->nodes[i].outcome == OUTCOME_DELETED;
    }
    assert_int_equal(told, 2);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(each_node_goes_from_all_it_had_to_what_survives),
        T(the_tombstone_is_as_servers_write_it),
        T(the_records_of_a_change_are_those_that_go),
        T(an_empty_plan_has_no_changes),
        T(the_journal_is_complete_before_the_first_write),
        T(refused_changes_are_outcomes_and_the_run_goes_on),
        T(a_node_that_changed_is_not_written),
        T(a_tombstone_that_gained_a_value_is_taken_back),
        T(a_lost_connection_without_another_ends_the_run),
        T(a_run_whose_connection_was_lost_anywhere_is_resumed_without_doubling),
        T(a_connection_lost_again_and_again_ends_the_run),
        T(what_a_host_did_while_the_connection_was_lost_stays),
        T(a_stopped_run_finishes_what_is_under_way),
        T(a_run_stopped_before_it_began_writes_nothing),
        T(progress_is_told_after_each_node),
        T(a_restore_reports_restored),
        T(a_full_disk_in_the_middle_ends_a_run_that_can_be_restored),
        T(a_journal_that_cannot_be_committed_stops_every_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
