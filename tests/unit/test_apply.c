/*
 * apply_changes is pure; apply_run is tested with the linker's --wrap=guard_write, so that
 * each test says what the directory answers and sees what is on disk at that moment.
 */
#include "base/clock.h"
#include "scavenger/apply.h"
#include "scavenger/guard.h"
#include "tests/unit/tempdir.h"
#include "tests/unit/values.h"

#define NOW_UNIX INT64_C(1795330800) /* 2026-11-22T07:00:00Z, hour 3733279 */
#define STALE 3700000U

enum err __wrap_guard_write(struct directory *d, const struct journal_node *change, struct error *e);

#define MAX_SWAPS 32

/* The directory: what it shall answer, and what it was asked. */
static struct {
    enum err answers[MAX_SWAPS];
    int n;
    const char *dns[MAX_SWAPS];
    const char *journal_dir;
    const char *run;
    bool journal_was_complete;
} fake;

enum err __wrap_guard_write(struct directory *d, const struct journal_node *change, struct error *e)
{
    struct run *run = NULL;
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct error ignored;

    assert_ptr_equal(d, &fake);
    assert_true(fake.n < MAX_SWAPS);
    assert_true(change->n_old > 0);
    assert_true(change->n_new > 0);
    fake.dns[fake.n] = change->dn;
    if (fake.run) {
        if (journal_read(tmp, fake.journal_dir, fake.run, &run, &ignored) != OK ||
            !run->is_committed || run->n_nodes != 3)
            fake.journal_was_complete = false;
    }
    talloc_free(tmp);
    if (fake.answers[fake.n] != OK)
        err_set(e, fake.answers[fake.n], "answer %d", fake.n);
    return fake.answers[fake.n++];
}

struct fixture {
    struct error e;
    struct dns_zone zone;
    struct zone_plan plan;
    struct plan_node nodes[3];
    struct plan_value values[3][3];
    const char *dir;
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
    memset(&fake, 0, sizeof fake);
    f->dir = tempdir(f);
    f->zone.name = "ad.example.test";
    for (uint16_t i = 0; i < 3; i++) {
        f->nodes[i] = (struct plan_node){ .dn = dns[i],
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

static int teardown(void **state) { return talloc_free(*state); }

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
        assert_string_equal(c[i].dn, f->nodes[i].dn);
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

static struct journal *journal_of(struct fixture *f)
{
    struct journal *j = NULL;

    assert_int_equal(journal_begin(f, f->dir, RUN_SCAVENGE, "admin@AD.EXAMPLE.TEST",
                                   "dc1.ad.example.test", NOW_UNIX, &j, &f->e),
                     OK);
    fake.journal_dir = f->dir;
    fake.run = journal_run_id(j);
    fake.journal_was_complete = true;
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
    return apply_run((struct directory *)(void *)&fake, j, c, 3, OUTCOME_DELETED, hooks, &f->e);
}

static void the_journal_is_complete_before_the_first_write(void **state)
{
    struct fixture *f = *state;
    struct journal *j = journal_of(f);
    struct journal_node *c = changes_of(f);
    struct run *run;

    assert_int_equal(apply(f, j, c, NULL), OK);
    assert_int_equal(fake.n, 3);
    assert_true(fake.journal_was_complete);
    run = read_back(f, journal_run_id(j));
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(fake.dns[i], f->nodes[i].dn);
        assert_int_equal(c[i].outcome, OUTCOME_DELETED);
        assert_int_equal(run->nodes[i].outcome, OUTCOME_DELETED);
    }
}

static void refused_and_outrun_changes_are_outcomes_and_the_run_goes_on(void **state)
{
    static const struct {
        enum err answer;
        enum outcome want;
    } table[] = {
        { ERR_CHANGED, OUTCOME_REFRESHED },
        { ERR_NOTFOUND, OUTCOME_GONE },
        { ERR_DENIED, OUTCOME_DENIED },
        { ERR_SERVER, OUTCOME_FAILED },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct fixture *f = *state;
        struct journal *j = journal_of(f);
        struct journal_node *c = changes_of(f);
        struct run *run;

        fake.n = 0;
        fake.answers[1] = table[i].answer;
        assert_int_equal(apply(f, j, c, NULL), OK);
        assert_int_equal(fake.n, 3);
        run = read_back(f, journal_run_id(j));
        assert_int_equal(c[0].outcome, OUTCOME_DELETED);
        assert_int_equal(c[1].outcome, table[i].want);
        assert_int_equal(c[2].outcome, OUTCOME_DELETED);
        assert_int_equal(run->nodes[1].outcome, table[i].want);
        if (table[i].want == OUTCOME_DENIED || table[i].want == OUTCOME_FAILED) {
            assert_non_null(c[1].problem);
            assert_non_null(strstr(c[1].problem, "answer 1"));
            assert_non_null(run->nodes[1].problem);
        }
    }
}

static void a_lost_connection_ends_the_run_and_leaves_one_unknown(void **state)
{
    struct fixture *f = *state;
    struct journal *j = journal_of(f);
    struct journal_node *c = changes_of(f);
    struct run *run;

    fake.answers[1] = ERR_UNREACHABLE;
    assert_int_equal(apply(f, j, c, NULL), ERR_UNREACHABLE);
    assert_int_equal(fake.n, 2);
    run = read_back(f, journal_run_id(j));
    for (int in_file = 0; in_file < 2; in_file++) {
        struct journal_node *n = in_file ? run->nodes : c;

        assert_int_equal(n[0].outcome, OUTCOME_DELETED);
        assert_int_equal(n[1].outcome, OUTCOME_UNKNOWN);
        assert_int_equal(n[2].outcome, OUTCOME_PLANNED);
    }
}

static void an_answer_that_never_came_is_unknown(void **state)
{
    struct fixture *f = *state;
    struct journal *j = journal_of(f);
    struct journal_node *c = changes_of(f);

    fake.answers[0] = ERR_TIMEOUT;
    assert_int_not_equal(apply(f, j, c, NULL), OK);
    assert_int_equal(c[0].outcome, OUTCOME_UNKNOWN);
    assert_int_equal(read_back(f, journal_run_id(j))->nodes[0].outcome, OUTCOME_UNKNOWN);
}

static bool stop_after_first(void *priv)
{
    (void)priv;
    return fake.n > 0;
}

static bool stop_at_once(void *priv)
{
    (void)priv;
    return true;
}

static void a_run_stops_between_two_writes(void **state)
{
    struct fixture *f = *state;
    struct apply_hooks hooks = { .should_stop = stop_after_first };
    struct journal *j = journal_of(f);
    struct journal_node *c = changes_of(f);

    assert_int_equal(apply(f, j, c, &hooks), ERR_PARTIAL);
    assert_int_equal(fake.n, 1);
    assert_int_equal(c[0].outcome, OUTCOME_DELETED);
    assert_int_equal(c[1].outcome, OUTCOME_PLANNED);
    assert_int_equal(c[2].outcome, OUTCOME_PLANNED);
    assert_int_equal(read_back(f, journal_run_id(j))->nodes[1].outcome, OUTCOME_PLANNED);
}

static void a_run_stopped_before_it_began_writes_nothing(void **state)
{
    struct fixture *f = *state;
    struct apply_hooks hooks = { .should_stop = stop_at_once };
    struct journal *j = journal_of(f);

    assert_int_equal(apply(f, j, changes_of(f), &hooks), ERR_PARTIAL);
    assert_int_equal(fake.n, 0);
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

    fake.answers[1] = ERR_CHANGED;
    assert_int_equal(apply(f, journal_of(f), changes_of(f), &hooks), OK);
    assert_int_equal(last, 3);
}

static void a_restore_reports_restored(void **state)
{
    struct fixture *f = *state;
    struct journal_node *c = changes_of(f);
    struct journal *j = journal_of(f);

    assert_int_equal(apply_run((struct directory *)(void *)&fake, j, c, 3, OUTCOME_RESTORED, NULL,
                               &f->e),
                     OK);
    assert_int_equal(c[2].outcome, OUTCOME_RESTORED);
    assert_int_equal(read_back(f, journal_run_id(j))->nodes[2].outcome, OUTCOME_RESTORED);
}

static void a_journal_that_cannot_be_committed_stops_every_write(void **state)
{
    struct fixture *f = *state;
    struct journal *j = journal_of(f);
    struct journal_node *c = changes_of(f);

    /* A journal that is already committed takes no more nodes. */
    assert_int_equal(journal_commit(j, &f->e), OK);
    assert_int_not_equal(apply(f, j, c, NULL), OK);
    assert_int_equal(fake.n, 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(c[i].outcome, OUTCOME_PLANNED);
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
        T(refused_and_outrun_changes_are_outcomes_and_the_run_goes_on),
        T(a_lost_connection_ends_the_run_and_leaves_one_unknown),
        T(an_answer_that_never_came_is_unknown),
        T(a_run_stops_between_two_writes),
        T(a_run_stopped_before_it_began_writes_nothing),
        T(progress_is_told_after_each_node),
        T(a_restore_reports_restored),
        T(a_journal_that_cannot_be_committed_stops_every_write),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
