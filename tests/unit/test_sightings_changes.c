#include "tests/unit/unit.h"

#include <stdio.h>

#include "scavenger/sightings_changes.h"
#include "tests/unit/tempdir.h"

#define ZONE "z.test"
#define DAY 86400
#define START ((int64_t)1763800000)

struct fixture {
    TALLOC_CTX *mem;
    struct sightings *s;
    char found[512]; /* "name ttl first-seen last-changed last-confirmed\n", times after START */
    struct error e;
};

static void must(const struct fixture *f, enum err rc)
{
    if (rc != OK)
        fail_msg("%s", f->e.message);
}

static struct dns_rr soa(struct fixture *f, unsigned serial)
{
    return (struct dns_rr){ ZONE, DNS_TYPE_SOA, 60,
                            talloc_asprintf(f->mem, "ns. host. %u 1 2 3 4", serial) };
}

static struct dns_rr host(struct fixture *f, char name, uint32_t ttl_s)
{
    return (struct dns_rr){ talloc_asprintf(f->mem, "%c." ZONE, name), DNS_TYPE_A, ttl_s,
                            talloc_asprintf(f->mem, "10.0.0.%d", name) };
}

static void whole(struct fixture *f, const char *names, unsigned serial, int64_t at_s)
{
    struct dns_rr rr = soa(f, serial);

    must(f, sightings_begin(f->s, ZONE, serial, START + at_s, &f->e));
    must(f, sightings_see(f->s, &rr, &f->e));
    for (; *names; names++) {
        rr = host(f, *names, 60);
        must(f, sightings_see(f->s, &rr, &f->e));
    }
    must(f, sightings_end(f->s, true, &f->e));
}

static void begin(struct fixture *f, int64_t at_s)
{
    char *known;

    must(f, sightings_begin_changes(f->mem, f->s, ZONE, START + at_s, &known, &f->e));
    assert_memory_equal(known, "ns. host. ", 10);
}

static enum err removed(struct fixture *f, struct dns_rr rr)
{
    return sightings_remove(f->s, &rr, &f->e);
}

static enum err added(struct fixture *f, struct dns_rr rr)
{
    return sightings_add(f->s, &rr, &f->e);
}

static enum err note(const struct sighting *of_name, size_t n, void *priv, struct error *e)
{
    struct fixture *f = priv;

    (void)e;
    for (size_t i = 0; i < n; i++) {
        char line[80];

        snprintf(line, sizeof line, "%s %u %lld %lld %lld\n",
                 of_name[i].type == DNS_TYPE_SOA ? of_name[i].data : of_name[i].name,
                 of_name[i].ttl_s, (long long)(of_name[i].first_seen_s - START),
                 (long long)(of_name[i].last_changed_s - START),
                 (long long)(of_name[i].last_confirmed_s - START));
        strncat(f->found, line, sizeof f->found - strlen(f->found) - 1);
    }
    return OK;
}

static const char *known(struct fixture *f)
{
    f->found[0] = '\0';
    must(f, sightings_walk(f->s, ZONE, note, f, &f->e));
    return f->found;
}

static enum err note_unchanged(const struct sighting *of_name, size_t n, void *priv,
                               struct error *e)
{
    (void)n;
    (void)e;
    *(int64_t *)priv = of_name[0].unchanged_s;
    return OK;
}

static int64_t unchanged_s(struct fixture *f, char name)
{
    int64_t found = -1;

    must(f, sightings_walk_name(f->s, ZONE, talloc_asprintf(f->mem, "%c." ZONE, name),
                                note_unchanged, &found, &f->e));
    return found;
}

static bool may_ask(struct fixture *f, int64_t at_s, uint32_t *serial)
{
    bool is_known;

    must(f, sightings_serial(f->s, ZONE, START + at_s, &is_known, serial, &f->e));
    return is_known;
}

static void what_is_not_named_is_confirmed(void **state)
{
    struct fixture *f = *state;
    uint32_t serial;

    whole(f, "abc", 1, 0);
    begin(f, 100);
    must(f, removed(f, soa(f, 1)));
    must(f, removed(f, host(f, 'b', 60)));
    must(f, added(f, soa(f, 2)));
    must(f, added(f, host(f, 'd', 60)));
    must(f, sightings_end_changes(f->s, 2, true, &f->e));
    assert_string_equal(known(f), "a.z.test 60 0 0 100\n"
                                  "c.z.test 60 0 0 100\n"
                                  "d.z.test 60 100 100 100\n"
                                  "ns. host. 2 1 2 3 4 60 100 100 100\n");
    assert_true(may_ask(f, 100, &serial));
    assert_int_equal(serial, 2);
}

static void no_change_confirms_all(void **state)
{
    struct fixture *f = *state;
    unsigned n;
    int64_t last_s;

    whole(f, "a", 7, 0);
    begin(f, 50);
    must(f, sightings_end_changes(f->s, 7, true, &f->e));
    assert_string_equal(known(f), "a.z.test 60 0 0 50\nns. host. 7 1 2 3 4 60 0 0 50\n");
    must(f, sightings_passes(f->s, ZONE, &n, &last_s, &f->e));
    assert_int_equal(n, 2);
    assert_int_equal(last_s, START + 50);
}

/* A change of TTL is a removal and an addition of the same data. */
static void what_comes_back_is_the_record_that_it_was(void **state)
{
    struct fixture *f = *state;

    whole(f, "ab", 1, 0);
    begin(f, 100);
    must(f, removed(f, soa(f, 1)));
    must(f, removed(f, host(f, 'a', 60)));
    must(f, removed(f, host(f, 'b', 60)));
    must(f, added(f, soa(f, 2)));
    must(f, added(f, host(f, 'a', 90)));
    must(f, removed(f, soa(f, 2)));
    must(f, added(f, soa(f, 3)));
    must(f, added(f, host(f, 'b', 60)));
    must(f, sightings_end_changes(f->s, 3, true, &f->e));
    assert_string_equal(known(f), "a.z.test 90 0 100 100\n"
                                  "b.z.test 60 0 100 100\n"
                                  "ns. host. 3 1 2 3 4 60 100 100 100\n");
}

/* As hosts register anew, nsupdate, SSSD and Windows' clients: delete, and add the same. */
static void a_host_that_registers_anew_has_changed(void **state)
{
    struct fixture *f = *state;

    whole(f, "ab", 1, 0);
    begin(f, DAY);
    must(f, removed(f, soa(f, 1)));
    must(f, removed(f, host(f, 'a', 60)));
    must(f, added(f, soa(f, 2)));
    must(f, added(f, host(f, 'a', 60)));
    must(f, sightings_end_changes(f->s, 2, true, &f->e));
    assert_int_equal(unchanged_s(f, 'a'), 0);
    assert_int_equal(unchanged_s(f, 'b'), DAY);
    begin(f, 2 * DAY);
    must(f, sightings_end_changes(f->s, 2, true, &f->e));
    assert_int_equal(unchanged_s(f, 'a'), DAY);
    assert_int_equal(unchanged_s(f, 'b'), 2 * DAY);
    /* Nor does a time without a run give it back what was observed before. */
    begin(f, 23 * DAY);
    must(f, sightings_end_changes(f->s, 2, true, &f->e));
    assert_int_equal(unchanged_s(f, 'a'), DAY);
    assert_int_equal(unchanged_s(f, 'b'), 2 * DAY);
}

static void differences_that_do_not_fit_are_refused(void **state)
{
    struct fixture *f = *state;
    char *before, *unused;

    assert_int_equal(sightings_begin_changes(f->mem, f->s, ZONE, START, &unused, &f->e),
                     ERR_CHANGED);
    whole(f, "ab", 1, 0);
    before = talloc_strdup(f->mem, known(f));
    begin(f, 100);
    assert_int_equal(removed(f, soa(f, 9)), ERR_CHANGED);
    assert_int_equal(removed(f, host(f, 'c', 60)), ERR_CHANGED);
    assert_int_equal(removed(f, host(f, 'a', 61)), ERR_CHANGED);
    must(f, removed(f, host(f, 'a', 60)));
    assert_int_equal(removed(f, host(f, 'a', 60)), ERR_CHANGED);
    assert_int_equal(added(f, host(f, 'b', 60)), ERR_CHANGED);
    must(f, added(f, host(f, 'c', 60)));
    assert_int_equal(added(f, host(f, 'c', 60)), ERR_CHANGED);
    must(f, sightings_end_changes(f->s, 2, false, &f->e));
    assert_string_equal(known(f), before);
}

static void the_whole_zone_is_read_now_and_then(void **state)
{
    struct fixture *f = *state;
    uint32_t serial;

    assert_false(may_ask(f, 0, &serial));
    whole(f, "a", 1, 0);
    for (int i = 1; i < SIGHTINGS_WHOLE_PASSES; i++) {
        assert_true(may_ask(f, i, &serial));
        begin(f, i);
        must(f, sightings_end_changes(f->s, 1, true, &f->e));
    }
    assert_false(may_ask(f, 7, &serial));
    whole(f, "a", 1, 7);
    assert_true(may_ask(f, 8, &serial));
    assert_true(may_ask(f, 7 + SIGHTINGS_WHOLE_S, &serial));
    assert_false(may_ask(f, 8 + SIGHTINGS_WHOLE_S, &serial));
    /* The clock was set back. */
    assert_false(may_ask(f, 6, &serial));
}

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    if (!f)
        return 1;
    f->mem = f;
    *state = f;
    return sightings_open(f, talloc_asprintf(f, "%s/s.db", tempdir(f)), &f->s, &f->e);
}

static int teardown(void **state) { return talloc_free(*state); }

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(what_is_not_named_is_confirmed),
        test(no_change_confirms_all),
        test(what_comes_back_is_the_record_that_it_was),
        test(a_host_that_registers_anew_has_changed),
        test(differences_that_do_not_fit_are_refused),
        test(the_whole_zone_is_read_now_and_then),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
