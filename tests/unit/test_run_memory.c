#include "tests/unit/unit.h"

#include <string.h>

#include "dns/rr.h"
#include "register/run.h"
#include "tests/unit/tempdir.h"

#define FQDN "host1.ad.example.test"
#define ZONE "ad.example.test"
#define ADDRESS "10.53.0.101"

/* A run of the section, and the memory of an earlier one. */
struct scene {
    struct register_options opt;
    struct run run;
};

static struct scene *scene(TALLOC_CTX *mem, const char *section, const char *remembered_by)
{
    struct scene *s = talloc_zero(mem, struct scene);
    struct memory *m = talloc_zero(s, struct memory);

    s->opt = register_options_default();
    s->opt.state_dir = tempdir(s);
    s->opt.section = section;
    s->run = (struct run){ .opt = &s->opt,
                           .host = { .principal = "HOST1$@AD.EXAMPLE.TEST", .fqdn = FQDN } };
    assert_true(
        memory_remember(m, (struct memory_record){
                               .zone = ZONE, .name = FQDN, .type = DNS_TYPE_A, .data = ADDRESS }));
    assert_int_equal(memory_write(s->opt.state_dir, remembered_by, m, NULL), OK);
    return s;
}

static struct memory *file_of(struct scene *s, const char *section)
{
    struct memory *m = NULL;

    assert_int_equal(memory_read(s, s->opt.state_dir, section, &m, NULL), OK);
    return m;
}

/* A run that ends before it has found a server. */
static void fail_early(struct scene *s)
{
    struct error e = { 0 };

    assert_int_equal(run_recall(s, &s->run, &e), OK);
    assert_int_equal(run_settle(s, &s->run, &e), OK);
    err_set(&e, ERR_UNREACHABLE, "nobody answers");
    run_remember_failure(s, &s->run, &e);
}

static void a_failed_run_keeps_what_was_remembered(void **state)
{
    struct scene *s = scene(*state, "lab", "lab");

    fail_early(s);
    assert_true(memory_has(file_of(s, "lab"), FQDN, DNS_TYPE_A, ADDRESS));
    assert_string_equal(file_of(s, "lab")->last_error, "nobody answers");
}

static void what_a_section_takes_over_is_kept_by_a_run_that_fails(void **state)
{
    struct scene *s = scene(*state, "lab", NULL);

    fail_early(s);
    assert_true(memory_has(file_of(s, "lab"), FQDN, DNS_TYPE_A, ADDRESS));
    assert_string_equal(file_of(s, "lab")->last_error, "nobody answers");
    assert_int_equal(file_of(s, NULL)->n_records, 0);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_failed_run_keeps_what_was_remembered),
        TEST(what_a_section_takes_over_is_kept_by_a_run_that_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
