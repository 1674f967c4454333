#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dns/rr.h"
#include "register/recall.h"

static const struct memory_record record = { .zone = "ad.example.test",
                                             .name = "host1.ad.example.test",
                                             .type = DNS_TYPE_A,
                                             .data = "10.53.0.101" };

struct place {
    struct register_options opt;
    char *path; /* of the memory */
    char *bad;
};

static struct place *place(TALLOC_CTX *mem)
{
    struct place *p = talloc_zero(mem, struct place);
    char *dir = talloc_strdup(p, "/tmp/muster-test.XXXXXX");

    assert_non_null(mkdtemp(dir));
    p->opt = register_options_default();
    p->opt.state_dir = dir;
    p->path = talloc_asprintf(p, "%s/registered.json", dir);
    p->bad = talloc_asprintf(p, "%s.bad", p->path);
    return p;
}

static void clear(const struct place *p)
{
    remove(p->path);
    remove(p->bad);
    rmdir(p->opt.state_dir);
}

static struct memory *recall(struct place *p, bool *may_save)
{
    struct error e = { 0 };
    struct memory *m = NULL;

    assert_int_equal(recall_memory(p, &p->opt, &m, may_save, &e), OK);
    assert_non_null(m);
    return m;
}

static bool is_there(const char *path, mode_t kind)
{
    struct stat st;

    return lstat(path, &st) == 0 && (st.st_mode & S_IFMT) == kind;
}

static void what_was_remembered_is_recalled(void **state)
{
    struct place *p = place(*state);
    struct memory *m = talloc_zero(p, struct memory);
    bool may_save = false;

    assert_int_equal(recall(p, &may_save)->n_records, 0);
    assert_true(may_save);
    assert_true(memory_remember(m, record));
    assert_int_equal(memory_write(p->opt.state_dir, NULL, m, NULL), OK);
    assert_true(memory_equal(recall(p, &may_save), m));
    assert_true(may_save);
    clear(p);
}

static void whatever_is_in_its_place_is_put_aside_and_not_lost(void **state)
{
    struct place *p = place(*state);
    bool may_save = false;

    assert_int_equal(mkdir(p->path, 0700), 0);
    assert_int_equal(recall(p, &may_save)->n_records, 0);
    assert_true(may_save);
    assert_true(is_there(p->bad, S_IFDIR));
    assert_int_equal(rmdir(p->bad), 0);

    assert_int_equal(symlink("/nonexistent/elsewhere", p->path), 0);
    assert_int_equal(recall(p, &may_save)->n_records, 0);
    assert_true(may_save);
    assert_true(is_there(p->bad, S_IFLNK));
    assert_false(is_there(p->path, S_IFLNK));
    clear(p);
}

static void what_cannot_be_put_aside_is_not_written_over(void **state)
{
    struct place *p = place(*state);
    bool may_save = true;

    for (int i = 0; i < MEMORY_MAX_ASIDE; i++)
        assert_int_equal(symlink("/nonexistent",
                                 i ? talloc_asprintf(p, "%s.%d", p->bad, i) : p->bad),
                         0);
    assert_int_equal(mkdir(p->path, 0700), 0);
    assert_int_equal(recall(p, &may_save)->n_records, 0);
    assert_false(may_save);
    assert_true(is_there(p->path, S_IFDIR));
    for (int i = 1; i < MEMORY_MAX_ASIDE; i++)
        unlink(talloc_asprintf(p, "%s.%d", p->bad, i));
    clear(p);
}

static void a_dry_run_moves_nothing(void **state)
{
    struct place *p = place(*state);
    bool may_save = true;

    p->opt.is_dry_run = true;
    assert_int_equal(mkdir(p->path, 0700), 0);
    assert_int_equal(recall(p, &may_save)->n_records, 0);
    assert_false(may_save);
    assert_true(is_there(p->path, S_IFDIR));
    assert_false(is_there(p->bad, S_IFDIR));
    clear(p);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_remembered_is_recalled),
        TEST(whatever_is_in_its_place_is_put_aside_and_not_lost),
        TEST(what_cannot_be_put_aside_is_not_written_over),
        TEST(a_dry_run_moves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
