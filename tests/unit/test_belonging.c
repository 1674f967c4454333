#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns/rr.h"
#include "register/belonging.h"
#include "register/recall.h"

#define FQDN "host1.ad.example.test"
#define MACHINE "0123456789abcdef0123456789abcdef"
#define OTHER_MACHINE "fedcba9876543210fedcba9876543210"
#define PRINCIPAL "HOST1$@AD.EXAMPLE.TEST"
#define OTHER_PRINCIPAL "HOST9$@AD.EXAMPLE.TEST"

static const struct memory_record record = { .zone = "0.53.10.in-addr.arpa",
                                             .name = "101.0.53.10.in-addr.arpa",
                                             .type = DNS_TYPE_PTR,
                                             .data = FQDN "." };

struct place {
    struct register_options opt;
    struct host host;
    bool may_save;
    struct memory *on_disk; /* as belonging_settle() left it */
};

static struct place *place(TALLOC_CTX *mem)
{
    struct place *p = talloc_zero(mem, struct place);
    char *dir = talloc_strdup(p, "/tmp/muster-test.XXXXXX");

    assert_non_null(mkdtemp(dir));
    p->opt = register_options_default();
    p->opt.state_dir = dir;
    p->host = (struct host){ .principal = PRINCIPAL, .fqdn = FQDN };
    return p;
}

static char *path_of(struct place *p, const char *file)
{
    return talloc_asprintf(p, "%s/%s", p->opt.state_dir, file);
}

static bool is_there(struct place *p, const char *file)
{
    return access(path_of(p, file), F_OK) == 0;
}

static void clear(struct place *p)
{
    remove(path_of(p, "registered.json"));
    remove(path_of(p, "registered.json.bad"));
    remove(path_of(p, "registered-lab.json"));
    assert_int_equal(rmdir(p->opt.state_dir), 0);
}

/* A memory of one record in the file of a section. */
static void write_memory(struct place *p, const char *section, const char *machine,
                         const char *principal)
{
    struct memory m = { .machine = machine, .principal = principal };
    struct memory *copy = memory_copy(p, &m);

    assert_true(memory_remember(copy, record));
    assert_int_equal(memory_write(p->opt.state_dir, section, copy, NULL), OK);
}

static struct memory *settle(struct place *p, const struct siblings *siblings)
{
    struct error e = { 0 };
    struct memory *m = NULL;

    assert_int_equal(recall_memory(p, &p->opt, &m, &p->may_save, &e), OK);
    p->on_disk = m;
    assert_int_equal(belonging_settle(p, &p->opt, &p->host, siblings, MACHINE, &m, &p->on_disk,
                                      &p->may_save, &e),
                     OK);
    return m;
}

static void another_is_who_differs_in_both(void **state)
{
    static const struct {
        const char *machine, *principal;
        bool is_anothers;
    } cases[] = {
        { MACHINE, PRINCIPAL, false },
        { OTHER_MACHINE, PRINCIPAL, false },
        { MACHINE, OTHER_PRINCIPAL, false },
        { NULL, OTHER_PRINCIPAL, false },
        { OTHER_MACHINE, NULL, false },
        { NULL, NULL, false },
        { OTHER_MACHINE, OTHER_PRINCIPAL, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct memory m = { .machine = cases[i].machine, .principal = cases[i].principal };

        assert_int_equal(belonging_is_anothers(&m, MACHINE, PRINCIPAL), cases[i].is_anothers);
        assert_false(belonging_is_anothers(&m, NULL, PRINCIPAL));
    }
}

static void what_is_anothers_is_put_aside_and_not_gone_by(void **state)
{
    struct place *p = place(*state);
    struct memory *m;

    write_memory(p, NULL, OTHER_MACHINE, OTHER_PRINCIPAL);
    p->opt.is_dry_run = true;
    assert_int_equal(settle(p, NULL)->n_records, 0);
    assert_true(is_there(p, "registered.json"));
    p->opt.is_dry_run = false;
    m = settle(p, NULL);
    assert_int_equal(m->n_records, 0);
    assert_int_equal(p->on_disk->n_records, 0);
    assert_string_equal(m->machine, MACHINE);
    assert_string_equal(m->principal, PRINCIPAL);
    assert_true(p->may_save);
    assert_false(is_there(p, "registered.json"));
    assert_true(is_there(p, "registered.json.bad"));
    clear(p);
}

static void what_was_renamed_or_never_said_whose_it_is_stays(void **state)
{
    static const char *const owners[][2] = { { MACHINE, OTHER_PRINCIPAL },
                                             { OTHER_MACHINE, PRINCIPAL },
                                             { NULL, NULL } };

    for (size_t i = 0; i < 3; i++) {
        struct place *p = place(*state);
        struct memory *m;

        write_memory(p, NULL, owners[i][0], owners[i][1]);
        m = settle(p, NULL);
        assert_int_equal(m->n_records, 1);
        assert_string_equal(m->principal, PRINCIPAL);
        /* A copy that runs with the old keytab is no less a copy when it has one of its own. */
        assert_string_equal(m->machine, i == 1 ? OTHER_MACHINE : MACHINE);
        clear(p);
    }
}

static void a_section_takes_over_what_was_registered_without_one(void **state)
{
    for (int has_own = 0; has_own < 2; has_own++) {
        struct place *p = place(*state);
        struct memory *m;

        p->opt.section = "lab";
        write_memory(p, NULL, MACHINE, PRINCIPAL);
        if (has_own)
            write_memory(p, "lab", MACHINE, PRINCIPAL);
        p->opt.is_dry_run = true;
        assert_int_equal(settle(p, NULL)->n_records, 1);
        assert_int_equal(p->on_disk->n_records, has_own);
        assert_true(is_there(p, "registered.json"));
        p->opt.is_dry_run = false;
        m = settle(p, NULL);
        assert_int_equal(m->n_records, 1);
        assert_int_equal(p->on_disk->n_records, 1);
        assert_false(is_there(p, "registered.json"));
        assert_int_equal(settle(p, NULL)->n_records, 1);
        clear(p);
    }
}

static void what_is_of_no_section_is_left_where_it_is(void **state)
{
    static const char *const name = FQDN;
    struct siblings siblings = { .names = (const char **)&name, .n = 1 };
    struct place *p = place(*state);

    p->opt.section = "lab";
    p->host.fqdn = "other.ad.example.test";
    write_memory(p, NULL, MACHINE, PRINCIPAL);
    assert_int_equal(settle(p, NULL)->n_records, 0);
    assert_int_equal(settle(p, &siblings)->n_records, 0);
    /* Nor does one take over what came with a copied disk. */
    p->host.fqdn = FQDN;
    write_memory(p, NULL, OTHER_MACHINE, OTHER_PRINCIPAL);
    assert_int_equal(settle(p, NULL)->n_records, 0);
    assert_true(is_there(p, "registered.json"));
    clear(p);
}

static void an_id_is_32_digits_or_none(void **state)
{
    static const char *const bad[] = { "", "uninitialized\n", "0123456789abcdef\n", MACHINE "0\n" };
    struct place *p = place(*state);
    char *path = path_of(p, "registered.json");

    assert_null(belonging_machine_id(p, path));
    for (size_t i = 0; i <= sizeof bad / sizeof bad[0]; i++) {
        bool is_good = i == sizeof bad / sizeof bad[0];
        FILE *f = fopen(path, "w");
        char *id;

        assert_non_null(f);
        assert_true(fputs(is_good ? MACHINE "\n" : bad[i], f) >= 0);
        assert_int_equal(fclose(f), 0);
        id = belonging_machine_id(p, path);
        assert_int_equal(id && strcmp(id, MACHINE) == 0, is_good);
        assert_int_equal(id != NULL, is_good);
    }
    clear(p);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(another_is_who_differs_in_both),
        TEST(what_is_anothers_is_put_aside_and_not_gone_by),
        TEST(what_was_renamed_or_never_said_whose_it_is_stays),
        TEST(a_section_takes_over_what_was_registered_without_one),
        TEST(what_is_of_no_section_is_left_where_it_is),
        TEST(an_id_is_32_digits_or_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
