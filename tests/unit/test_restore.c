/* restore_judge is pure; for restore_plan the linker's --wrap makes the directory. */
#include "ldap/pipeline.h"
#include "scavenger/restore.h"
#include "tests/unit/values.h"

#define STALE 3700000U

struct fixture {
    struct bytes a, b, c, tombstone; /* values */
};

/* What a run made of a node. */
static struct journal_node was(struct bytes *old, size_t n_old, struct bytes *new, size_t n_new,
                               bool is_tombstoned)
{
    return (struct journal_node){ .zone = "ad.example.test",
                                  .name = "pc17",
                                  .dn = "DC=pc17",
                                  .old = old,
                                  .n_old = n_old,
                                  .new = new,
                                  .n_new = n_new,
                                  .is_tombstoned = is_tombstoned,
                                  .outcome = OUTCOME_DELETED };
}

static struct dns_node now(struct bytes *values, size_t n, bool is_tombstoned)
{
    return (struct dns_node){ .dn = "DC=pc17",
                              .name = "pc17",
                              .values = values,
                              .n_values = n,
                              .is_tombstoned = is_tombstoned };
}

static void what_the_run_left_can_be_put_back(void **state)
{
    struct fixture *f = *state;
    struct bytes old[] = { f->a, f->b }, left[] = { f->b };
    struct journal_node w = was(old, 2, left, 1, false);
    struct dns_node n = now(left, 1, false);

    assert_int_equal(restore_judge(&w, &n), OUTCOME_PLANNED);
}

static void a_tombstone_of_the_run_can_be_put_back(void **state)
{
    struct fixture *f = *state;
    struct bytes old[] = { f->a }, left[] = { f->tombstone };
    struct journal_node w = was(old, 1, left, 1, true);
    struct dns_node n = now(left, 1, true);

    assert_int_equal(restore_judge(&w, &n), OUTCOME_PLANNED);
}

static void a_node_that_is_gone_is_gone(void **state)
{
    struct fixture *f = *state;
    struct bytes old[] = { f->a }, left[] = { f->tombstone };
    struct journal_node w = was(old, 1, left, 1, true);

    assert_int_equal(restore_judge(&w, NULL), OUTCOME_GONE);
}

static void old_values_that_stand_there_need_nothing(void **state)
{
    struct fixture *f = *state;
    struct bytes old[] = { f->a, f->b }, left[] = { f->b };
    struct journal_node w = was(old, 2, left, 1, false);
    struct dns_node n = now(old, 2, false);

    assert_int_equal(restore_judge(&w, &n), OUTCOME_ALREADY_THERE);
}

static void anything_else_is_later_work_of_somebody(void **state)
{
    struct fixture *f = *state;
    struct bytes old[] = { f->a, f->b }, left[] = { f->b };
    struct bytes other_one[] = { f->c }, one_more[] = { f->b, f->c }, all[] = { f->a, f->b, f->c };
    struct bytes only_a[] = { f->a }, stone[] = { f->tombstone };
    struct {
        struct bytes *values;
        size_t n;
    } table[] = { { other_one, 1 }, { one_more, 2 }, { all, 3 },
                  { only_a, 1 },    { stone, 1 },    { NULL, 0 } };
    struct journal_node w = was(old, 2, left, 1, false);

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct dns_node n = now(table[i].values, table[i].n, false);

        if (restore_judge(&w, &n) != OUTCOME_CONFLICT)
            fail_msg("case %zu", i);
    }
}

static void one_changed_byte_is_a_conflict(void **state)
{
    struct fixture *f = *state;
    struct bytes old[] = { f->a }, left[] = { f->b }, there[] = { bytes_dup(f, f->b) };
    struct journal_node w = was(old, 1, left, 1, false);
    struct dns_node n = now(there, 1, false);

    for (size_t i = 0; i < there[0].len; i++) {
        ((uint8_t *)there[0].data)[i] ^= 1;
        assert_int_equal(restore_judge(&w, &n), OUTCOME_CONFLICT);
        ((uint8_t *)there[0].data)[i] ^= 1;
    }
    assert_int_equal(restore_judge(&w, &n), OUTCOME_PLANNED);
    there[0].len--;
    assert_int_equal(restore_judge(&w, &n), OUTCOME_CONFLICT);
}

static void the_order_of_values_means_nothing(void **state)
{
    struct fixture *f = *state;
    struct bytes old[] = { f->a, f->b, f->c }, left[] = { f->a, f->b };
    struct bytes turned[] = { f->b, f->a }, old_turned[] = { f->c, f->a, f->b };
    struct journal_node w = was(old, 3, left, 2, false);
    struct dns_node n = now(turned, 2, false);

    assert_int_equal(restore_judge(&w, &n), OUTCOME_PLANNED);
    n = now(old_turned, 3, false);
    assert_int_equal(restore_judge(&w, &n), OUTCOME_ALREADY_THERE);
}

static void a_value_counts_as_often_as_it_stands_there(void **state)
{
    struct fixture *f = *state;
    struct bytes ab[] = { f->a, f->b }, aa[] = { f->a, f->a }, bb[] = { f->b, f->b };
    struct bytes aab[] = { f->a, f->a, f->b }, abb[] = { f->a, f->b, f->b };
    struct journal_node w = was(&f->c, 1, ab, 2, false);
    struct dns_node n = now(aa, 2, false);

    assert_int_equal(restore_judge(&w, &n), OUTCOME_CONFLICT);
    n = now(bb, 2, false);
    assert_int_equal(restore_judge(&w, &n), OUTCOME_CONFLICT);
    w = was(&f->c, 1, aa, 2, false);
    n = now(ab, 2, false);
    assert_int_equal(restore_judge(&w, &n), OUTCOME_CONFLICT);
    w = was(&f->c, 1, aab, 3, false);
    n = now(abb, 3, false);
    assert_int_equal(restore_judge(&w, &n), OUTCOME_CONFLICT);
    w = was(aab, 3, &f->c, 1, false);
    assert_int_equal(restore_judge(&w, &n), OUTCOME_CONFLICT);
    n = now(aab, 3, false);
    assert_int_equal(restore_judge(&w, &n), OUTCOME_ALREADY_THERE);
}

static void the_tombstone_mark_is_part_of_what_the_run_left(void **state)
{
    struct fixture *f = *state;
    struct bytes old[] = { f->a }, left[] = { f->tombstone };
    struct journal_node w = was(old, 1, left, 1, true);
    struct dns_node n = now(left, 1, false);

    assert_int_equal(restore_judge(&w, &n), OUTCOME_CONFLICT);
    /* The old value under a tombstone mark is not published: it is not there already. */
    n = now(old, 1, true);
    assert_int_equal(restore_judge(&w, &n), OUTCOME_CONFLICT);
    n = now(old, 1, false);
    assert_int_equal(restore_judge(&w, &n), OUTCOME_ALREADY_THERE);
}

static void a_tombstone_of_another_time_is_not_of_this_run(void **state)
{
    struct fixture *f = *state;
    struct bytes other = value(f, TYPE_TOMBSTONE, 0, unhex(f, "0100000000000000"));
    struct bytes old[] = { f->a }, left[] = { f->tombstone };
    struct journal_node w = was(old, 1, left, 1, true);
    struct dns_node n = now(&other, 1, true);

    assert_int_equal(restore_judge(&w, &n), OUTCOME_CONFLICT);
}

static void a_restore_can_be_undone_too(void **state)
{
    struct fixture *f = *state;
    struct bytes stone[] = { f->tombstone }, back[] = { f->a };
    struct journal_node w = was(stone, 1, back, 1, false);
    struct dns_node n = now(back, 1, false);

    w.was_tombstoned = true;
    w.outcome = OUTCOME_RESTORED;
    assert_int_equal(restore_judge(&w, &n), OUTCOME_PLANNED);
    n = now(stone, 1, true);
    assert_int_equal(restore_judge(&w, &n), OUTCOME_ALREADY_THERE);
    n = now(stone, 1, false);
    assert_int_equal(restore_judge(&w, &n), OUTCOME_CONFLICT);
}

static void many_values_are_compared(void **state)
{
    struct fixture *f = *state;
    enum { N = 1200 };
    struct bytes *old = talloc_array(f, struct bytes, N),
                 *turned = talloc_array(f, struct bytes, N);
    struct journal_node w;
    struct dns_node n;

    for (uint16_t i = 0; i < N; i++)
        old[i] = turned[N - 1 - i] = value_a(f, STALE, i);
    w = was(old, N, &f->tombstone, 1, true);
    n = now(turned, N, false);
    assert_int_equal(restore_judge(&w, &n), OUTCOME_ALREADY_THERE);
    turned[7] = turned[8];
    assert_int_equal(restore_judge(&w, &n), OUTCOME_CONFLICT);
}

/* restore_plan. */

enum err __wrap_pipeline_new(TALLOC_CTX *mem, struct directory *d, size_t window,
                             struct pipeline **out, struct error *e);
size_t __wrap_pipeline_pending(const struct pipeline *p);
enum err __wrap_pipeline_read(struct pipeline *p, const char *dn, size_t tag, struct error *e);
enum err __wrap_pipeline_next(TALLOC_CTX *mem, struct pipeline *p, struct pipeline_answer *out,
                              struct error *e);

/*
 * What stands in the directory now, by DN, and which DN cannot be read.  The last question is
 * answered first, as a server may.
 */
static struct {
    struct dns_node nodes[8];
    size_t n_nodes;
    const char *lost; /* with the connection */
    const char *denied;
    int n_read;
    int most_pending;
    struct {
        const char *dn;
        size_t tag;
    } asked[64];
    size_t n_asked;
} fake;

enum err __wrap_pipeline_new(TALLOC_CTX *mem, struct directory *d, size_t window,
                             struct pipeline **out, struct error *e)
{
    assert_ptr_equal(d, &fake);
    assert_true(window <= 64);
    *out = talloc_size(mem, 1);
    return *out ? OK : err_nomem(e);
}

size_t __wrap_pipeline_pending(const struct pipeline *p)
{
    (void)p;
    return fake.n_asked;
}

enum err __wrap_pipeline_read(struct pipeline *p, const char *dn, size_t tag, struct error *e)
{
    (void)p;
    (void)e;
    assert_true(fake.n_asked < 64);
    fake.asked[fake.n_asked].dn = dn;
    fake.asked[fake.n_asked++].tag = tag;
    if ((int)fake.n_asked > fake.most_pending)
        fake.most_pending = (int)fake.n_asked;
    return OK;
}

enum err __wrap_pipeline_next(TALLOC_CTX *mem, struct pipeline *p, struct pipeline_answer *out,
                              struct error *e)
{
    const char *dn;

    (void)p;
    assert_true(fake.n_asked > 0);
    fake.n_read++;
    dn = fake.asked[--fake.n_asked].dn;
    *out = (struct pipeline_answer){ .tag = fake.asked[fake.n_asked].tag };
    if (fake.lost && strcmp(fake.lost, dn) == 0)
        return err_set(e, ERR_UNREACHABLE, "lost");
    if (fake.denied && strcmp(fake.denied, dn) == 0) {
        out->rc = err_set(&out->why, ERR_DENIED, "%s may not be read", dn);
        return OK;
    }
    for (size_t i = 0; i < fake.n_nodes; i++)
        if (strcmp(fake.nodes[i].dn, dn) == 0) {
            out->node = talloc_memdup(mem, &fake.nodes[i], sizeof fake.nodes[i]);
            return out->node ? OK : err_nomem(e);
        }
    out->rc = err_set(&out->why, ERR_NOTFOUND, "%s is gone", dn);
    return OK;
}

#define RUN_NODES 8

/* A committed run: each node lost a and kept b, and each has another outcome. */
static struct run *run_of(struct fixture *f)
{
    static const enum outcome outcomes[RUN_NODES] = {
        OUTCOME_DELETED, OUTCOME_UNKNOWN, OUTCOME_PLANNED, OUTCOME_REFRESHED,
        OUTCOME_DENIED,  OUTCOME_FAILED,  OUTCOME_GONE,    OUTCOME_DELETED,
    };
    struct run *run = talloc_zero(f, struct run);
    struct bytes *old = talloc_array(run, struct bytes, 2),
                 *new = talloc_array(run, struct bytes, 1);

    old[0] = f->a;
    old[1] = new[0] = f->b;
    *run =
        (struct run){ .id = "20261122T140557Z-1f3a", .is_committed = true, .n_nodes = RUN_NODES };
    run->nodes = talloc_array(run, struct journal_node, RUN_NODES);
    memset(&fake, 0, sizeof fake);
    for (int i = 0; i < RUN_NODES; i++) {
        run->nodes[i] = was(old, 2, new, 1, false);
        run->nodes[i].name = talloc_asprintf(run, "pc%d", i);
        run->nodes[i].dn = talloc_asprintf(run, "DC=pc%d", i);
        run->nodes[i].outcome = outcomes[i];
        if (i != 7) { /* the last is gone by now */
            fake.nodes[fake.n_nodes] = now(new, 1, false);
            fake.nodes[fake.n_nodes++].dn = run->nodes[i].dn;
        }
    }
    return run;
}

static struct restore_plan *plan_of(struct fixture *f, const struct run *run, const char *glob)
{
    struct restore_plan *p = NULL;
    struct error e = { 0 };

    if (restore_plan(f, (struct directory *)(void *)&fake, run, glob, &p, &e) != OK)
        fail_msg("%s", e.message);
    return p;
}

static void only_what_was_or_may_have_been_written_is_planned(void **state)
{
    static const char *const want[] = { "pc0", "pc1", "pc2", "pc7" };
    struct fixture *f = *state;
    struct run *run = run_of(f);
    struct restore_plan *p = plan_of(f, run, NULL);

    assert_int_equal(p->n_changes, 4);
    assert_int_equal(p->n_possible, 3);
    for (size_t i = 0; i < 4; i++) {
        struct journal_node *c = &p->changes[i];

        assert_string_equal(c->name, want[i]);
        assert_int_equal(c->outcome, i < 3 ? OUTCOME_PLANNED : OUTCOME_GONE);
        assert_int_equal(c->n_old, 1);
        assert_bytes_equal(c->old[0], f->b);
        assert_int_equal(c->n_new, 2);
        assert_bytes_equal(c->new[0], f->a);
        assert_bytes_equal(c->new[1], f->b);
    }
    assert_int_equal(fake.n_read, 4);
    /* All are asked for before the first answer is waited for. */
    assert_int_equal(fake.most_pending, 4);
}

static void tombstone_marks_are_turned_round(void **state)
{
    struct fixture *f = *state;
    struct run *run = run_of(f);

    run->nodes[0].is_tombstoned = fake.nodes[0].is_tombstoned = true;
    assert_true(plan_of(f, run, "pc0")->changes[0].was_tombstoned);
    assert_false(plan_of(f, run, "pc0")->changes[0].is_tombstoned);
    assert_int_equal(plan_of(f, run, "pc0")->n_possible, 1);
}

static void a_node_that_changed_since_is_not_touched(void **state)
{
    struct fixture *f = *state;
    struct run *run = run_of(f);
    struct restore_plan *p;

    fake.nodes[0].values = &f->c;
    fake.nodes[1].values = run->nodes[1].old;
    fake.nodes[1].n_values = 2;
    p = plan_of(f, run, NULL);
    assert_int_equal(p->changes[0].outcome, OUTCOME_CONFLICT);
    assert_int_equal(p->changes[1].outcome, OUTCOME_ALREADY_THERE);
    assert_int_equal(p->n_possible, 1);
}

static void a_glob_chooses_by_relative_and_absolute_name(void **state)
{
    struct fixture *f = *state;
    struct run *run = run_of(f);

    assert_int_equal(plan_of(f, run, "pc[01]")->n_changes, 2);
    assert_int_equal(plan_of(f, run, "PC1")->n_changes, 1);
    assert_int_equal(plan_of(f, run, "pc1.ad.example.test")->n_changes, 1);
    assert_int_equal(plan_of(f, run, "*.ad.example.test")->n_changes, 4);
}

static void nothing_to_restore_is_said(void **state)
{
    struct fixture *f = *state;
    struct run *run = run_of(f);
    struct restore_plan *p = NULL;
    struct error e = { 0 };

    assert_int_equal(restore_plan(f, (struct directory *)(void *)&fake, run, "other*", &p, &e),
                     ERR_NOTFOUND);
    assert_non_null(strstr(e.message, run->id));
    assert_int_equal(restore_plan(f, (struct directory *)(void *)&fake, run, "pc3", &p, &e),
                     ERR_NOTFOUND);
    run->is_committed = false;
    assert_int_equal(restore_plan(f, (struct directory *)(void *)&fake, run, NULL, &p, &e),
                     ERR_NOTFOUND);
    assert_null(p);
    assert_int_equal(fake.n_read, 0);
}

static void a_directory_that_is_lost_gives_no_half_plan(void **state)
{
    struct fixture *f = *state;
    struct run *run = run_of(f);
    struct restore_plan *p = NULL;
    struct error e = { 0 };

    fake.lost = "DC=pc1";
    assert_int_equal(restore_plan(f, (struct directory *)(void *)&fake, run, NULL, &p, &e),
                     ERR_UNREACHABLE);
    assert_null(p);
    fake.n_asked = 0;
    fake.lost = NULL;
    fake.denied = "DC=pc1";
    assert_int_equal(restore_plan(f, (struct directory *)(void *)&fake, run, NULL, &p, &e),
                     ERR_DENIED);
    assert_non_null(strstr(e.message, "DC=pc1"));
    assert_null(p);
}

static void no_more_is_asked_at_a_time_than_there_is_room_for(void **state)
{
    enum { N = 200 };
    struct fixture *f = *state;
    struct run *run = run_of(f);
    struct journal_node one = run->nodes[0];
    struct restore_plan *p;

    run->nodes = talloc_array(run, struct journal_node, N);
    run->n_nodes = N;
    for (int i = 0; i < N; i++) {
        run->nodes[i] = one;
        run->nodes[i].dn = talloc_asprintf(run, "DC=pc%d", i);
    }
    p = plan_of(f, run, NULL);
    assert_int_equal(p->n_changes, N);
    assert_int_equal(fake.n_read, N);
    assert_int_equal(fake.most_pending, 64);
    /* pc0 to pc6 are there; each answer belongs to its name. */
    for (int i = 0; i < N; i++)
        assert_int_equal(p->changes[i].outcome, i < 7 ? OUTCOME_PLANNED : OUTCOME_GONE);
}

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    if (!f)
        return 1;
    f->a = value_a(f, STALE, 1);
    f->b = value_a(f, 0, 2);
    f->c = value_aaaa(f, STALE, 3);
    f->tombstone = value(f, TYPE_TOMBSTONE, 0, unhex(f, "0080c5a3d1f7db01"));
    *state = f;
    return 0;
}

static int teardown(void **state) { return talloc_free(*state); }

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_the_run_left_can_be_put_back),
        T(a_tombstone_of_the_run_can_be_put_back),
        T(a_node_that_is_gone_is_gone),
        T(old_values_that_stand_there_need_nothing),
        T(anything_else_is_later_work_of_somebody),
        T(one_changed_byte_is_a_conflict),
        T(the_order_of_values_means_nothing),
        T(a_value_counts_as_often_as_it_stands_there),
        T(the_tombstone_mark_is_part_of_what_the_run_left),
        T(a_tombstone_of_another_time_is_not_of_this_run),
        T(a_restore_can_be_undone_too),
        T(many_values_are_compared),
        T(only_what_was_or_may_have_been_written_is_planned),
        T(tombstone_marks_are_turned_round),
        T(a_node_that_changed_since_is_not_touched),
        T(a_glob_chooses_by_relative_and_absolute_name),
        T(nothing_to_restore_is_said),
        T(a_directory_that_is_lost_gives_no_half_plan),
        T(no_more_is_asked_at_a_time_than_there_is_room_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
