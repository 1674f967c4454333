/* Reads of many nodes, behind tests/unit/fake_store.h: who asks together, and what each is told. */
#include "ldap/pipeline.h"
#include "tests/unit/fake_store.h"

#define WINDOW 16

struct fixture {
    struct store store;
    struct directory *d;
    struct pipeline *p;
    char dns[STORE_NODES][32];
    struct error e;
};

static struct bytes text(const char *s) { return (struct bytes){ (const uint8_t *)s, strlen(s) }; }

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    if (!f)
        return 1;
    f->store.mem = f;
    for (int i = 0; i < 40; i++) {
        struct bytes value = text(f->dns[i]);

        snprintf(f->dns[i], sizeof f->dns[i], "DC=pc%d,DC=zone%d", i, i % 2);
        value.len = strlen(f->dns[i]);
        store_add(&f->store, f->dns[i], &value, 1);
    }
    f->d = store_open(&f->store);
    if (pipeline_new(f, f->d, WINDOW, &f->p, &f->e))
        return 1;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    TALLOC_FREE(f->p);
    store_close(&f->store);
    return talloc_free(f);
}

/* Read the first n nodes; rc[i] and found[i] (on f) are the answers. */
static void read_all(struct fixture *f, size_t n, enum err *rc, struct dns_node **found)
{
    size_t next = 0;

    for (size_t i = 0; i < n; i++)
        rc[i] = ERR_INTERNAL;
    while (next < n || pipeline_pending(f->p) > 0) {
        struct pipeline_answer a;

        if (next < n && pipeline_pending(f->p) < WINDOW) {
            assert_int_equal(pipeline_read(f->p, f->dns[next], next, &f->e), OK);
            next++;
            continue;
        }
        assert_int_equal(pipeline_next(f, f->p, &a, &f->e), OK);
        assert_int_equal(rc[a.tag], ERR_INTERNAL); /* each is answered once */
        rc[a.tag] = a.rc;
        found[a.tag] = a.node;
    }
}

static void each_gets_its_own_node_and_it_outlives_the_pipeline(void **state)
{
    struct fixture *f = *state;
    struct dns_node *found[40];
    enum err rc[40];

    f->store.nodes[7].is_tombstoned = true;
    read_all(f, 40, rc, found);
    TALLOC_FREE(f->p);
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(rc[i], OK);
        assert_string_equal(found[i]->dn, f->dns[i]);
        assert_int_equal(found[i]->n_values, 1);
        assert_true(bytes_equal(found[i]->values[0], text(f->dns[i])));
        assert_int_equal(found[i]->is_tombstoned, i == 7);
    }
}

static void those_of_one_zone_are_asked_for_together(void **state)
{
    struct fixture *f = *state;
    struct dns_node *found[WINDOW];
    enum err rc[WINDOW];

    read_all(f, WINDOW, rc, found);
    /* Two zones: a search of each. */
    assert_int_equal(f->store.n_batches, 2);
    assert_int_equal(f->store.n_requests, 2);
}

static void one_alone_is_read_by_its_name(void **state)
{
    struct fixture *f = *state;
    struct dns_node *found[1];
    enum err rc[1];

    read_all(f, 1, rc, found);
    assert_int_equal(rc[0], OK);
    assert_int_equal(f->store.n_batches, 0);
    assert_int_equal(f->store.n_requests, 1);
}

static void one_that_the_search_does_not_find_is_asked_for_alone(void **state)
{
    struct fixture *f = *state;
    struct dns_node *found[WINDOW];
    enum err rc[WINDOW];

    f->store.nodes[4].is_shy = true;
    snprintf(f->store.nodes[5].dn, sizeof f->store.nodes[5].dn, "DC=renamed");
    read_all(f, WINDOW, rc, found);
    for (size_t i = 0; i < WINDOW; i++)
        assert_int_equal(rc[i], i == 5 ? ERR_NOTFOUND : OK);
    assert_string_equal(found[4]->dn, f->dns[4]);
    assert_int_equal(f->store.n_requests, 4);
}

static void a_search_that_is_refused_is_made_one_by_one(void **state)
{
    struct fixture *f = *state;
    struct dns_node *found[WINDOW];
    enum err rc[WINDOW];

    for (size_t i = 0; i < WINDOW; i++)
        f->store.nodes[i].is_shy = true;
    f->store.batch_code = LDAP_ADMINLIMIT_EXCEEDED;
    read_all(f, WINDOW, rc, found);
    for (size_t i = 0; i < WINDOW; i++)
        assert_int_equal(rc[i], OK);
    assert_int_equal(f->store.n_requests, 2 + WINDOW);
}

static void a_name_that_is_none_does_not_stop_the_others(void **state)
{
    struct fixture *f = *state;
    struct dns_node *found[WINDOW];
    enum err rc[WINDOW];

    snprintf(f->dns[2], sizeof f->dns[2], "no name,DC=zone0");
    read_all(f, WINDOW, rc, found);
    for (size_t i = 0; i < WINDOW; i++)
        assert_int_equal(rc[i], i == 2 ? ERR_NOTFOUND : OK);
}

static void a_lost_connection_answers_nothing_more(void **state)
{
    struct fixture *f = *state;
    struct pipeline_answer a;

    f->store.cut_at = 1;
    f->store.cuts = 1;
    for (size_t i = 0; i < WINDOW; i++)
        pipeline_read(f->p, f->dns[i], i, &f->e);
    assert_int_equal(pipeline_next(f, f->p, &a, &f->e), ERR_UNREACHABLE);
    assert_int_equal(pipeline_pending(f->p), WINDOW);
}

static void more_than_the_window_is_refused(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < WINDOW; i++)
        assert_int_equal(pipeline_read(f->p, f->dns[i], i, &f->e), OK);
    assert_int_equal(pipeline_read(f->p, f->dns[WINDOW], WINDOW, &f->e), ERR_INTERNAL);
}

static void a_read_is_not_kept_waiting_for_writes_that_wait_for_it(void **state)
{
    struct fixture *f = *state;
    struct bytes old = text(f->dns[0]), new = text("new");
    struct node_change change = {
        .dn = f->dns[0], .old = &old, .n_old = 1, .new = &new, .n_new = 1
    };
    struct pipeline_answer a;

    assert_int_equal(pipeline_swap(f->p, &change, 0, &f->e), OK);
    assert_int_equal(pipeline_read(f->p, f->dns[1], 1, &f->e), OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pipeline_next(f, f->p, &a, &f->e), OK);
        assert_int_equal(a.rc, OK);
        assert_int_equal(a.node != NULL, a.tag == 1);
    }
    assert_int_equal(pipeline_next(f, f->p, &a, &f->e), ERR_INTERNAL);
    assert_int_equal(f->store.n_modifies, 1);
}

static void be_slow(struct store *s, int request, struct stored *node, ber_tag_t op)
{
    (void)s, (void)node, (void)op;
    if (request == 1)
        usleep(50000);
}

static void writes_wait_for_a_server_that_does_not_read_yet(void **state)
{
    struct fixture *f = *state;
    struct bytes old[WINDOW], new = text("new");
    bool is_answered[WINDOW] = { false };
    int fd, room = 1;

    /* The least that the system allows: a few requests. */
    assert_int_equal(ldap_get_option(directory_handle(f->d), LDAP_OPT_DESC, &fd), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    f->store.before = be_slow;
    for (size_t i = 0; i < WINDOW; i++) {
        struct node_change change = {
            .dn = f->dns[i], .old = &old[i], .n_old = 1, .new = &new, .n_new = 1
        };

        old[i] = text(f->dns[i]);
        assert_int_equal(pipeline_swap(f->p, &change, i, &f->e), OK);
    }
    while (pipeline_pending(f->p) > 0) {
        struct pipeline_answer a;

        assert_int_equal(pipeline_next(f, f->p, &a, &f->e), OK);
        assert_int_equal(a.rc, OK);
        assert_false(is_answered[a.tag]);
        is_answered[a.tag] = true;
    }
    assert_int_equal(f->store.n_modifies, WINDOW);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_gets_its_own_node_and_it_outlives_the_pipeline),
        TEST(those_of_one_zone_are_asked_for_together),
        TEST(one_alone_is_read_by_its_name),
        TEST(one_that_the_search_does_not_find_is_asked_for_alone),
        TEST(a_search_that_is_refused_is_made_one_by_one),
        TEST(a_name_that_is_none_does_not_stop_the_others),
        TEST(a_lost_connection_answers_nothing_more),
        TEST(more_than_the_window_is_refused),
        TEST(a_read_is_not_kept_waiting_for_writes_that_wait_for_it),
        TEST(writes_wait_for_a_server_that_does_not_read_yet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
