#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dns/rr.h"
#include "register/memory.h"

static const struct memory_record v4 = { .zone = "ad.example.test",
                                         .name = "host1.ad.example.test",
                                         .type = DNS_TYPE_A,
                                         .data = "10.53.0.101" };
static const struct memory_record v6 = { .zone = "ad.example.test",
                                         .name = "host1.ad.example.test",
                                         .type = DNS_TYPE_AAAA,
                                         .data = "fd53::101" };
static const struct memory_record ptr = { .zone = "0.53.10.in-addr.arpa",
                                          .name = "101.0.53.10.in-addr.arpa",
                                          .type = DNS_TYPE_PTR,
                                          .data = "host1.ad.example.test." };

static const struct memory_record heartbeat = { .zone = "ad.example.test",
                                                .name = "host1.ad.example.test",
                                                .type = DNS_TYPE_TXT,
                                                .data = "\"v=muster1 seen=3733300\"" };

/* A directory of the test's own; the state directory is a new one below it. */
static char *state_dir(TALLOC_CTX *mem)
{
    char *base = talloc_strdup(mem, "/tmp/muster-test.XXXXXX");

    assert_non_null(mkdtemp(base));
    return talloc_asprintf(mem, "%s/state", base);
}

static void remove_state(const char *dir)
{
    char *path = talloc_asprintf(NULL, "%s/registered.json", dir);

    unlink(path);
    rmdir(dir);
    *strrchr(path, '/') = '\0';
    *strrchr(path, '/') = '\0';
    rmdir(path);
    talloc_free(path);
}

static void put(const char *dir, const char *content)
{
    char *path = talloc_asprintf(NULL, "%s/registered.json", dir);
    FILE *f;

    mkdir(dir, 0700);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(content, f) >= 0);
    assert_int_equal(fclose(f), 0);
    talloc_free(path);
}

static void what_is_written_is_read_back(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory), *back;
    char *dir = state_dir(*state);
    struct error e = { 0 };

    assert_true(memory_remember(m, v4) && memory_remember(m, v6) && memory_remember(m, ptr) &&
                memory_remember(m, heartbeat));
    m->last_error = "dc1 \"was\" silent";
    assert_int_equal(memory_write(dir, NULL, m, &e), OK);
    assert_int_equal(memory_read(*state, dir, NULL, &back, &e), OK);
    assert_true(memory_equal(m, back));
    assert_true(memory_has(back, ptr.name, ptr.type, ptr.data));
    assert_true(memory_has_type(back, heartbeat.name, DNS_TYPE_TXT));
    assert_false(memory_has_type(back, ptr.name, DNS_TYPE_TXT));
    remove_state(dir);
}

static void what_is_known_is_in_the_zone_that_was_told_last(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory), *before;
    struct memory_record moved = v4;

    assert_true(memory_remember(m, v4));
    before = memory_copy(*state, m);
    moved.zone = "host1.ad.example.test";
    assert_true(memory_remember(m, moved));
    assert_int_equal(m->n_records, 1);
    assert_string_equal(m->records[0].zone, moved.zone);
    assert_false(memory_equal(m, before));
}

static void no_file_is_an_empty_memory(void **state)
{
    char *dir = state_dir(*state);
    struct error e = { 0 };
    struct memory *m;

    assert_int_equal(memory_read(*state, dir, NULL, &m, &e), OK);
    assert_int_equal(m->n_records, 0);
    remove_state(dir);
}

static void nothing_but_this_format_is_believed(void **state)
{
    static const char head[] = "{\"version\": 1, \"last_error\": null, \"records\": [";
    static const char *const bad[] = {
        "",
        "null",
        "[]",
        "{}",
        "{\"version\": 2, \"records\": []}",
        "{\"version\": 1, \"records\": {}}",
        "{\"version\": 1, \"version\": 1, \"records\": []}",
        "{\"version\": 1, \"records\": [null]}",
        "{\"version\": 1, \"records\": [{\"zone\": \"t\", \"name\": \"a.t\", \"type\": \"A\"}]}",
        "{\"version\": 1, \"records\": [{\"zone\": \"t\", \"name\": \"a.t\", \"type\": \"A\", "
        "\"data\": \"fd53::1\"}]}",
        "{\"version\": 1, \"records\": [{\"zone\": \"t\", \"name\": \"a.t\", \"type\": \"AAAA\", "
        "\"data\": \"1.2.3.4\"}]}",
        "{\"version\": 1, \"records\": [{\"zone\": \"t\", \"name\": \"a.t\", \"type\": \"SOA\", "
        "\"data\": \"x\"}]}",
        "{\"version\": 1, \"records\": [{\"zone\": \"t\", \"name\": \"a.t\", \"type\": \"TXT\", "
        "\"data\": \"\\\"v=spf1 -all\\\"\"}]}",
        "{\"version\": 1, \"records\": [{\"zone\": \"t\", \"name\": \"a.t\", \"type\": \"TXT\", "
        "\"data\": \"\\\"v=muster1 seen=5 \\u0007\\\"\"}]}",
        "{\"version\": 1, \"records\": [{\"zone\": \"t\", \"name\": \"a.u\", \"type\": \"A\", "
        "\"data\": \"1.2.3.4\"}]}",
        "{\"version\": 1, \"records\": [{\"zone\": \"t\", \"name\": \"a..t\", \"type\": \"A\", "
        "\"data\": \"1.2.3.4\"}]}",
        "{\"version\": 1, \"records\": [{\"zone\": 1, \"name\": \"a.t\", \"type\": \"A\", "
        "\"data\": \"1.2.3.4\"}]}",
        head,
    };
    char *dir = state_dir(*state);

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct memory *m = NULL;
        struct error e = { 0 };

        put(dir, bad[i]);
        assert_int_equal(memory_read(*state, dir, NULL, &m, &e), ERR_MALFORMED);
        assert_null(m);
        assert_true(e.message[0] && e.hint[0]);
    }
    remove_state(dir);
}

static void names_and_data_are_compared_in_one_form(void **state)
{
    char *dir = state_dir(*state);
    struct error e = { 0 };
    struct memory *m;

    put(dir,
        "{\"version\": 1, \"records\": ["
        "{\"zone\": \"AD.Example.Test.\", \"name\": \"HOST1.ad.example.test.\", \"type\": \"aaaa\","
        " \"data\": \"FD53:0:0::0101\"},"
        "{\"zone\": \"0.53.10.in-addr.arpa\", \"name\": \"101.0.53.10.in-addr.arpa\", \"type\": "
        "\"PTR\","
        " \"data\": \"Host1.AD.example.test\"}]}");
    assert_int_equal(memory_read(*state, dir, NULL, &m, &e), OK);
    assert_true(memory_has(m, v6.name, v6.type, v6.data));
    assert_true(memory_has(m, ptr.name, ptr.type, ptr.data));
    assert_null(m->last_error);
    remove_state(dir);
}

static void a_record_is_remembered_once_and_forgotten_alone(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory), *copy;

    assert_true(memory_remember(m, v4) && memory_remember(m, v4) && memory_remember(m, v6));
    assert_int_equal(m->n_records, 2);
    copy = memory_copy(*state, m);
    memory_forget(m, v4.name, v4.type, v4.data);
    memory_forget(m, "other.ad.example.test", v6.type, v6.data);
    assert_int_equal(m->n_records, 1);
    assert_true(memory_has(m, v6.name, v6.type, v6.data));
    assert_int_equal(copy->n_records, 2);
    assert_false(memory_equal(m, copy));
}

static void a_record_that_stands_twice_is_one_and_wanted_where_either_is(void **state)
{
    static const char text[] =
        "{\"version\": 1, \"records\": ["
        "{\"zone\": \"t\", \"name\": \"a.t\", \"type\": \"A\", \"data\": \"1.2.3.4\", "
        "\"pending\": true},"
        "{\"zone\": \"t\", \"name\": \"A.t.\", \"type\": \"A\", \"data\": \"1.2.3.4\"}]}";
    struct error e = { 0 };
    struct memory *m;

    assert_int_equal(memory_parse(*state, (struct bytes){ (const uint8_t *)text, strlen(text) },
                                  "registered.json", &m, &e),
                     OK);
    assert_int_equal(m->n_records, 1);
    assert_false(m->records[0].is_pending);
    memory_forget(m, "a.t", DNS_TYPE_A, "1.2.3.4");
    assert_false(memory_has(m, "a.t", DNS_TYPE_A, "1.2.3.4"));
}

static void a_record_that_is_still_to_be_removed_is_told_from_the_others(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory), *back;
    struct memory_record leaving = v4;
    char *dir = state_dir(*state);
    struct error e = { 0 };

    leaving.is_pending = true;
    assert_true(memory_remember(m, leaving) && memory_remember(m, v6));
    assert_int_equal(memory_write(dir, NULL, m, &e), OK);
    assert_int_equal(memory_read(*state, dir, NULL, &back, &e), OK);
    assert_true(memory_equal(m, back));
    for (size_t i = 0; i < back->n_records; i++)
        assert_int_equal(back->records[i].is_pending, back->records[i].type == DNS_TYPE_A);
    /* Wanted again, it is no longer to be removed: and that is a difference. */
    assert_true(memory_remember(back, v4));
    assert_int_equal(back->n_records, 2);
    assert_false(memory_equal(m, back));
    remove_state(dir);
}

static void sections_remember_apart(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory), *back;
    char *dir = state_dir(*state);
    struct error e = { 0 };

    assert_true(memory_remember(m, v4));
    assert_int_equal(memory_write(dir, "lab", m, &e), OK);
    assert_int_equal(memory_read(*state, dir, NULL, &back, &e), OK);
    assert_int_equal(back->n_records, 0);
    assert_int_equal(memory_read(*state, dir, "lab", &back, &e), OK);
    assert_int_equal(back->n_records, 1);
    unlink(talloc_asprintf(*state, "%s/registered-lab.json", dir));
    remove_state(dir);
}

static void what_is_put_aside_never_replaces_what_was(void **state)
{
    char *dir = state_dir(*state);
    struct error e = { 0 };
    struct memory *m;
    const char *aside;

    for (int i = 0; i < MEMORY_MAX_ASIDE; i++) {
        put(dir, talloc_asprintf(*state, "{ nonsense %d", i));
        assert_int_equal(memory_read(*state, dir, NULL, &m, &e), ERR_MALFORMED);
        assert_int_equal(memory_put_aside(*state, dir, NULL, &aside, &e), OK);
    }
    assert_string_equal(strrchr(aside, '/'), "/registered.json.bad.9");
    assert_int_equal(memory_read(*state, dir, NULL, &m, &e), OK);
    assert_int_equal(m->n_records, 0);

    put(dir, "{ one too many");
    err_clear(&e);
    assert_int_equal(memory_put_aside(*state, dir, NULL, &aside, &e), ERR_IO);
    assert_non_null(strstr(e.message, ".bad.9"));
    assert_int_equal(memory_read(*state, dir, NULL, &m, &e), ERR_MALFORMED);

    for (int i = 0; i < MEMORY_MAX_ASIDE; i++) {
        char *path = i ? talloc_asprintf(*state, "%s/registered.json.bad.%d", dir, i)
                       : talloc_asprintf(*state, "%s/registered.json.bad", dir);
        char line[32] = "";
        FILE *f = fopen(path, "r");

        assert_non_null(f);
        assert_non_null(fgets(line, sizeof line, f));
        assert_string_equal(line, talloc_asprintf(*state, "{ nonsense %d", i));
        fclose(f);
        unlink(path);
    }
    remove_state(dir);
}

static void a_full_memory_gives_up_its_oldest_pending_record(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);
    struct memory_record r = v4;

    for (unsigned i = 0; i < MEMORY_MAX_RECORDS; i++) {
        r.data = talloc_asprintf(*state, "10.%u.%u.1", i / 256, i % 256);
        r.is_pending = i == 7 || i == 9;
        assert_true(memory_remember(m, r));
    }
    assert_true(memory_remember(m, v6));
    assert_int_equal(m->n_records, MEMORY_MAX_RECORDS);
    assert_true(memory_has(m, v6.name, v6.type, v6.data));
    assert_false(memory_has(m, v4.name, DNS_TYPE_A, "10.0.7.1"));
    assert_true(memory_has(m, v4.name, DNS_TYPE_A, "10.0.9.1"));
    assert_string_equal(m->records[0].data, "10.0.0.1");

    /* With nothing pending it is full, and that is no error. */
    assert_true(memory_remember(m, ptr));
    assert_false(memory_has(m, v4.name, DNS_TYPE_A, "10.0.9.1"));
    r.data = "10.255.255.1";
    r.is_pending = false;
    assert_true(memory_remember(m, r));
    assert_int_equal(m->n_records, MEMORY_MAX_RECORDS);
    assert_false(memory_has(m, r.name, r.type, r.data));
}

static void own_names_are_known_by_address_and_by_ptr(void **state)
{
    struct memory *m = talloc_zero(*state, struct memory);

    assert_false(memory_knows_name(m, "host1.ad.example.test"));
    assert_true(memory_remember(m, ptr));
    assert_true(memory_knows_name(m, "host1.ad.example.test"));
    assert_false(memory_knows_name(m, "host1.ad.example"));
    assert_false(memory_knows_name(m, "101.0.53.10.in-addr.arpa"));
    m->n_records = 0;
    assert_true(memory_remember(m, v4));
    assert_true(memory_knows_name(m, "host1.ad.example.test"));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_is_read_back, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_known_is_in_the_zone_that_was_told_last, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(no_file_is_an_empty_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_but_this_format_is_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(names_and_data_are_compared_in_one_form, setup, teardown),
        cmocka_unit_test_setup_teardown(a_record_is_remembered_once_and_forgotten_alone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            a_record_that_is_still_to_be_removed_is_told_from_the_others, setup, teardown),
        cmocka_unit_test_setup_teardown(
            a_record_that_stands_twice_is_one_and_wanted_where_either_is, setup, teardown),
        cmocka_unit_test_setup_teardown(sections_remember_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_put_aside_never_replaces_what_was, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_memory_gives_up_its_oldest_pending_record, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(own_names_are_known_by_address_and_by_ptr, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
