#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scavenger/sightings.h"
#include "tests/unit/tempdir.h"

#define ZONE "z.test"
#define HOUR 3600
#define DAY (24 * HOUR)
#define START ((int64_t)1763800000)

struct fixture {
    TALLOC_CTX *mem;
    char *path;
    struct sightings *s;
    struct error e;
};

static void reopen(struct fixture *f)
{
    talloc_free(f->s);
    f->s = NULL;
    if (sightings_open(f->mem, f->path, &f->s, &f->e) != OK)
        fail_msg("%s", f->e.message);
}

static void must(const struct fixture *f, enum err rc)
{
    if (rc != OK)
        fail_msg("%s", f->e.message);
}

/* names: one letter a record, each with the address 10.0.0.<letter>. */
static void see(struct fixture *f, const char *names, uint32_t ttl_s)
{
    for (; *names; names++) {
        struct dns_rr rr = { .name = talloc_asprintf(f->mem, "%c." ZONE, *names),
                             .type = DNS_TYPE_A,
                             .ttl_s = ttl_s,
                             .data = talloc_asprintf(f->mem, "10.0.0.%d", *names) };

        must(f, sightings_see(f->s, &rr, &f->e));
    }
}

static void pass(struct fixture *f, const char *names, int64_t at_s)
{
    must(f, sightings_begin(f->s, ZONE, 1, at_s, &f->e));
    see(f, names, 60);
    must(f, sightings_end(f->s, true, &f->e));
}

/* Ask the records of both lists; those of the first answer. */
static void probe(struct fixture *f, const char *answering, const char *silent, int64_t at_s)
{
    must(f, sightings_begin_probes(f->s, ZONE, at_s, &f->e));
    for (int i = 0; i < 2; i++) {
        for (const char *c = i ? silent : answering; *c; c++)
            must(f, sightings_probed(f->s, talloc_asprintf(f->mem, "%c." ZONE, *c), DNS_TYPE_A,
                                     talloc_asprintf(f->mem, "10.0.0.%d", *c), i == 0, &f->e));
    }
    must(f, sightings_end_probes(f->s, true, &f->e));
}

struct found {
    char name;
    struct sighting record; /* of the name wanted */
    char names[64];         /* the first letters of all */
    size_t most;            /* records of one name */
};

static enum err find(const struct sighting *of_name, size_t n, void *priv, struct error *e)
{
    struct found *f = priv;

    (void)e;
    strncat(f->names, of_name[0].name, 1);
    if (n > f->most)
        f->most = n;
    if (of_name[0].name[0] == f->name) {
        f->record = of_name[0];
        f->record.name = f->record.data = NULL;
    }
    return OK;
}

static struct found look(struct fixture *f, char name)
{
    struct found found = { .name = name };

    must(f, sightings_walk(f->s, ZONE, find, &found, &f->e));
    return found;
}

static struct sightings_gap gap(struct fixture *f)
{
    struct sightings_gap found = { -1, -1 };

    must(f, sightings_gap(f->s, ZONE, &found, &f->e));
    return found;
}

static struct fixture *fixture_of(void **state) { return *state; }

static int set_up(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    f->mem = f;
    f->path = talloc_asprintf(f, "%s/sightings.db", tempdir(f));
    *state = f;
    return sightings_open(f, f->path, &f->s, &f->e) == OK ? 0 : -1;
}

static int tear_down(void **state) { return talloc_free(*state); }

static void a_new_database_is_private_and_knows_nothing(void **state)
{
    struct fixture *f = fixture_of(state);
    unsigned n = 7;
    int64_t last = 7;
    struct stat st;

    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    must(f, sightings_passes(f->s, ZONE, &n, &last, &f->e));
    assert_int_equal(n, 0);
    assert_int_equal(last, 0);
    assert_string_equal(look(f, 'a').names, "");
}

static void a_record_keeps_its_first_time_and_gets_its_last(void **state)
{
    struct fixture *f = fixture_of(state);
    struct found found;

    pass(f, "ab", START);
    reopen(f);
    pass(f, "ab", START + DAY);
    found = look(f, 'a');
    assert_string_equal(found.names, "ab");
    assert_int_equal(found.record.first_seen_s, START);
    assert_int_equal(found.record.last_changed_s, START);
    assert_int_equal(found.record.last_confirmed_s, START + DAY);
    assert_int_equal(found.record.ttl_s, 60);
    must(f, sightings_begin(f->s, ZONE, 2, START + 2 * DAY, &f->e));
    see(f, "ab", 120);
    must(f, sightings_end(f->s, true, &f->e));
    assert_int_equal(look(f, 'a').record.last_changed_s, START + 2 * DAY);
    assert_int_equal(look(f, 'a').record.first_seen_s, START);
}

static void what_is_gone_is_forgotten_and_begins_anew(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "ab", START);
    pass(f, "b", START + DAY);
    assert_string_equal(look(f, 'a').names, "b");
    pass(f, "ab", START + 2 * DAY);
    assert_int_equal(look(f, 'a').record.first_seen_s, START + 2 * DAY);
}

static void a_pass_that_breaks_off_leaves_everything_as_it_was(void **state)
{
    struct fixture *f = fixture_of(state);
    unsigned n;
    int64_t last;

    pass(f, "ab", START);
    must(f, sightings_begin(f->s, ZONE, 2, START + DAY, &f->e));
    see(f, "c", 60);
    must(f, sightings_end(f->s, false, &f->e));
    assert_string_equal(look(f, 'a').names, "ab");
    assert_int_equal(look(f, 'a').record.last_confirmed_s, START);
    /* Nor does one that ended with the process. */
    must(f, sightings_begin(f->s, ZONE, 2, START + DAY, &f->e));
    see(f, "c", 60);
    reopen(f);
    assert_string_equal(look(f, 'a').names, "ab");
    must(f, sightings_passes(f->s, ZONE, &n, &last, &f->e));
    assert_int_equal(n, 1);
    assert_int_equal(last, START);
}

static void silence_is_the_observed_time_between_passes(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "ab", START);
    probe(f, "a", "b", START);
    assert_int_equal(look(f, 'b').record.n_silent, 1);
    assert_int_equal(look(f, 'b').record.silent_s, 0);
    for (int i = 1; i <= 5; i++)
        probe(f, "a", "b", START + i * DAY);
    assert_int_equal(look(f, 'b').record.n_silent, 6);
    assert_int_equal(look(f, 'b').record.silent_s, 5 * DAY);
    assert_int_equal(look(f, 'b').record.last_answer_s, 0);
    assert_int_equal(look(f, 'a').record.n_silent, 0);
    assert_int_equal(look(f, 'a').record.silent_s, 0);
    assert_int_equal(look(f, 'a').record.last_answer_s, START + 5 * DAY);
}

static void an_answer_ends_a_silence(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "b", START);
    for (int i = 0; i <= 9; i++)
        probe(f, "", "b", START + i * DAY);
    probe(f, "b", "", START + 10 * DAY);
    assert_int_equal(look(f, 'b').record.n_silent, 0);
    assert_int_equal(look(f, 'b').record.silent_s, 0);
    probe(f, "", "b", START + 11 * DAY);
    assert_int_equal(look(f, 'b').record.n_silent, 1);
    assert_int_equal(look(f, 'b').record.silent_s, 0);
}

static void a_gap_in_our_own_passes_ages_nothing(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "b", START);
    probe(f, "", "b", START);
    probe(f, "", "b", START + DAY);
    /* Three weeks without a run. */
    probe(f, "", "b", START + 22 * DAY);
    assert_int_equal(look(f, 'b').record.silent_s, DAY);
    assert_int_equal(look(f, 'b').record.n_silent, 3);
    /* The longest step that is none. */
    probe(f, "", "b", START + 22 * DAY + SIGHTINGS_GAP_S);
    assert_int_equal(look(f, 'b').record.silent_s, DAY + SIGHTINGS_GAP_S);
    probe(f, "", "b", START + 22 * DAY + 2 * SIGHTINGS_GAP_S + 1);
    assert_int_equal(look(f, 'b').record.silent_s, DAY + SIGHTINGS_GAP_S);
}

static void a_clock_set_back_ages_nothing(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "b", START);
    probe(f, "", "b", START);
    probe(f, "", "b", START - 90 * DAY);
    assert_int_equal(look(f, 'b').record.silent_s, 0);
}

static void whom_a_pass_did_not_ask_begins_anew(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "ab", START);
    probe(f, "", "ab", START);
    probe(f, "", "ab", START + DAY);
    probe(f, "", "a", START + 2 * DAY);
    assert_int_equal(look(f, 'a').record.silent_s, 2 * DAY);
    assert_int_equal(look(f, 'b').record.n_silent, 0);
    probe(f, "", "ab", START + 3 * DAY);
    assert_int_equal(look(f, 'b').record.silent_s, 0);
}

static void probes_that_break_off_count_for_nothing(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "b", START);
    probe(f, "", "b", START);
    must(f, sightings_begin_probes(f->s, ZONE, START + DAY, &f->e));
    must(f, sightings_probed(f->s, "b." ZONE, DNS_TYPE_A, "10.0.0.98", false, &f->e));
    must(f, sightings_end_probes(f->s, false, &f->e));
    assert_int_equal(look(f, 'b').record.n_silent, 1);
}

static void probes_of_a_zone_never_seen_are_an_error(void **state)
{
    struct fixture *f = fixture_of(state);

    assert_int_equal(sightings_begin_probes(f->s, "other.test", START, &f->e), ERR_NOTFOUND);
    pass(f, "a", START);
}

static void unchanged_is_the_observed_time_between_passes(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "a", START);
    assert_int_equal(look(f, 'a').record.unchanged_s, 0);
    pass(f, "ab", START + DAY);
    pass(f, "ab", START + 2 * DAY);
    assert_int_equal(look(f, 'a').record.unchanged_s, 2 * DAY);
    assert_int_equal(look(f, 'b').record.unchanged_s, DAY);
    /* Three weeks without a run. */
    pass(f, "ab", START + 23 * DAY);
    assert_int_equal(look(f, 'a').record.unchanged_s, 2 * DAY);
    /* A clock that was set back lets no time pass. */
    pass(f, "ab", START);
    assert_int_equal(look(f, 'a').record.unchanged_s, 0);
    pass(f, "ab", START + 23 * DAY + HOUR);
    assert_int_equal(look(f, 'a').record.unchanged_s, 2 * DAY);
}

static void what_changes_begins_anew(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "ab", START);
    pass(f, "ab", START + DAY);
    must(f, sightings_begin(f->s, ZONE, 2, START + 2 * DAY, &f->e));
    see(f, "a", 120);
    see(f, "b", 60);
    must(f, sightings_end(f->s, true, &f->e));
    assert_int_equal(look(f, 'a').record.unchanged_s, 0);
    assert_int_equal(look(f, 'b').record.unchanged_s, 2 * DAY);
    pass(f, "a", START + 3 * DAY);
    pass(f, "ab", START + 4 * DAY);
    assert_int_equal(look(f, 'b').record.unchanged_s, 0);
}

static void a_pass_that_breaks_off_is_no_observed_time(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "a", START);
    for (int i = 1; i <= 30; i++) {
        must(f, sightings_begin(f->s, ZONE, 1, START + i * DAY, &f->e));
        see(f, "a", 60);
        must(f, sightings_end(f->s, false, &f->e));
    }
    assert_int_equal(look(f, 'a').record.unchanged_s, 0);
}

static void an_answer_counts_where_silence_does_not(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "abc", START);
    probe(f, "", "abc", START);
    probe(f, "", "abc", START + DAY);
    must(f, sightings_begin_answers(f->s, ZONE, START + 2 * DAY, &f->e));
    must(f, sightings_probed(f->s, "a." ZONE, DNS_TYPE_A, "10.0.0.97", true, &f->e));
    must(f, sightings_end_answers(f->s, true, &f->e));
    assert_int_equal(look(f, 'a').record.n_silent, 0);
    assert_int_equal(look(f, 'a').record.last_answer_s, START + 2 * DAY);
    assert_int_equal(look(f, 'b').record.n_silent, 2);
    assert_int_equal(look(f, 'b').record.silent_s, DAY);
    /* Nor did it let time pass: from the round before it on it is a gap. */
    probe(f, "", "abc", START + 3 * DAY);
    assert_int_equal(look(f, 'b').record.silent_s, DAY);
    assert_int_equal(look(f, 'c').record.n_silent, 3);
    assert_int_equal(look(f, 'a').record.n_silent, 1);
}

static void a_name_is_read_alone_and_zones_are_listed(void **state)
{
    struct fixture *f = fixture_of(state);
    struct found found = { .name = 'b' };
    const char **zones;
    size_t n;

    must(f, sightings_zones(f, f->s, &zones, &n, &f->e));
    assert_int_equal(n, 0);
    pass(f, "abc", START);
    must(f, sightings_walk_name(f->s, ZONE, "b." ZONE, find, &found, &f->e));
    assert_string_equal(found.names, "b");
    must(f, sightings_walk_name(f->s, "other.test", "a." ZONE, find, &found, &f->e));
    must(f, sightings_walk_name(f->s, ZONE, "x." ZONE, find, &found, &f->e));
    assert_string_equal(found.names, "b");
    must(f, sightings_begin(f->s, "a.test", 1, START, &f->e));
    must(f, sightings_end(f->s, true, &f->e));
    must(f, sightings_zones(f, f->s, &zones, &n, &f->e));
    assert_int_equal(n, 2);
    assert_string_equal(zones[0], "a.test");
    assert_string_equal(zones[1], ZONE);
}

static void execute(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    char *why = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s", why);
    sqlite3_close(db);
}

static void the_first_version_is_taken_over_and_has_watched_nothing(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "a", START);
    pass(f, "a", START + DAY);
    probe(f, "", "a", START + DAY);
    talloc_free(f->s);
    execute(f->path, "ALTER TABLE zone DROP COLUMN watched;"
                     "ALTER TABLE zone DROP COLUMN away; ALTER TABLE zone DROP COLUMN returned;"
                     "ALTER TABLE record DROP COLUMN changed_at; PRAGMA user_version = 1");
    f->s = NULL;
    reopen(f);
    assert_int_equal(look(f, 'a').record.first_seen_s, START);
    assert_int_equal(look(f, 'a').record.n_silent, 1);
    assert_int_equal(look(f, 'a').record.unchanged_s, 0);
    pass(f, "a", START + 2 * DAY);
    assert_int_equal(look(f, 'a').record.unchanged_s, DAY);
}

static void the_second_version_is_taken_over_and_knows_of_no_outage(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "a", START);
    pass(f, "a", START + DAY);
    talloc_free(f->s);
    execute(f->path, "ALTER TABLE zone DROP COLUMN away; ALTER TABLE zone DROP COLUMN returned;"
                     "PRAGMA user_version = 2");
    f->s = NULL;
    reopen(f);
    assert_int_equal(look(f, 'a').record.unchanged_s, DAY);
    pass(f, "a", START + 2 * DAY);
    assert_int_equal(look(f, 'a').record.unchanged_s, 2 * DAY);
    assert_int_equal(gap(f).away_s, 0);
}

static void the_last_long_time_without_a_pass_is_known(void **state)
{
    struct fixture *f = fixture_of(state);

    assert_int_equal(gap(f).away_s, 0);
    pass(f, "a", START);
    pass(f, "a", START + SIGHTINGS_RETURN_S);
    assert_int_equal(gap(f).away_s, 0);
    pass(f, "a", START + 23 * DAY);
    assert_int_equal(gap(f).away_s, 21 * DAY);
    assert_int_equal(gap(f).since_s, 0);
    /* The next one within two days does not make it forgotten. */
    pass(f, "a", START + 24 * DAY + 13 * HOUR);
    assert_int_equal(gap(f).away_s, 21 * DAY);
    assert_int_equal(gap(f).since_s, 37 * HOUR);
    pass(f, "a", START + 28 * DAY);
    assert_int_equal(gap(f).away_s, 83 * HOUR);
    assert_int_equal(gap(f).since_s, 0);
    /* A clock that was set back. */
    pass(f, "a", START);
    assert_int_equal(gap(f).away_s, 0);
}

static void times_that_cannot_be_have_lasted_no_time(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "a", START);
    probe(f, "", "a", START);
    execute(f->path, "UPDATE record SET changed_at = -9223372036854775807,"
                     " silent_from = -9223372036854775807, silent_to = 9223372036854775807");
    assert_int_equal(look(f, 'a').record.unchanged_s, 0);
    assert_int_equal(look(f, 'a').record.silent_s, 0);
    execute(f->path, "UPDATE record SET changed_at = 9223372036854775807");
    assert_int_equal(look(f, 'a').record.unchanged_s, 0);
}

static void nothing_was_observed_for_longer_than_it_was_there(void **state)
{
    struct fixture *f = fixture_of(state);

    pass(f, "a", START);
    pass(f, "ab", START + DAY);
    probe(f, "", "ab", START + DAY);
    probe(f, "", "ab", START + DAY + HOUR);
    /* One bit of each scale, as a disk turns it over. */
    execute(f->path, "UPDATE zone SET watched = watched | (1 << 34);"
                     "UPDATE record SET silent_to = silent_to | (1 << 34)");
    assert_int_equal(look(f, 'a').record.unchanged_s, DAY);
    assert_int_equal(look(f, 'b').record.unchanged_s, 0);
    assert_int_equal(look(f, 'a').record.silent_s, DAY + HOUR);
    assert_int_equal(look(f, 'b').record.silent_s, HOUR);
    pass(f, "ab", START + 2 * DAY);
    assert_int_equal(look(f, 'b').record.unchanged_s, DAY);
}

static void see_many(struct fixture *f, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct dns_rr rr = { "m." ZONE, DNS_TYPE_A, 60,
                             talloc_asprintf(f->mem, "10.1.%u.%u", i / 256, i % 256) };

        must(f, sightings_see(f->s, &rr, &f->e));
    }
}

/* The others of its zone are judged as ever. */
static void a_name_with_too_many_records_is_left_out(void **state)
{
    struct fixture *f = fixture_of(state);

    for (unsigned more = 0; more < 2; more++) {
        struct found alone = { .name = 'm' };

        must(f, sightings_begin(f->s, ZONE, 1, START, &f->e));
        see(f, "anz", 60);
        see_many(f, SIGHTINGS_NAME_MAX + more);
        must(f, sightings_end(f->s, true, &f->e));
        assert_string_equal(look(f, 'a').names, more ? "anz" : "amnz");
        must(f, sightings_walk_name(f->s, ZONE, "m." ZONE, find, &alone, &f->e));
        assert_string_equal(alone.names, more ? "" : "m");
    }
    must(f, sightings_begin(f->s, ZONE, 1, START, &f->e));
    see_many(f, SIGHTINGS_NAME_MAX + 1);
    must(f, sightings_end(f->s, true, &f->e));
    assert_string_equal(look(f, 'm').names, "");
}

static void what_a_run_changed_is_new_again(void **state)
{
    const struct sightings_name other = { "other.test", "a." ZONE };
    const struct sightings_name names[] = { { ZONE, "a." ZONE }, { ZONE, "x." ZONE } };
    struct fixture *f = fixture_of(state);

    pass(f, "ab", START);
    pass(f, "ab", START + DAY);
    probe(f, "", "ab", START + DAY);
    must(f, sightings_renew(f->s, &other, 1, &f->e));
    assert_int_equal(look(f, 'a').record.unchanged_s, DAY);
    must(f, sightings_renew(f->s, names, 2, &f->e));
    assert_string_equal(look(f, 'a').names, "ab");
    assert_int_equal(look(f, 'a').record.unchanged_s, 0);
    assert_int_equal(look(f, 'a').record.n_silent, 0);
    assert_int_equal(look(f, 'a').record.last_changed_s, START + DAY);
    pass(f, "ab", START + 2 * DAY);
    assert_int_equal(look(f, 'a').record.unchanged_s, DAY);
    assert_int_equal(look(f, 'b').record.unchanged_s, 2 * DAY);
    assert_int_equal(look(f, 'b').record.n_silent, 1);
}

static void records_of_a_name_come_together(void **state)
{
    struct fixture *f = fixture_of(state);
    struct dns_rr txt = { "b." ZONE, DNS_TYPE_TXT, 60, "\"x\"" };

    must(f, sightings_begin(f->s, ZONE, 1, START, &f->e));
    see(f, "b", 60);
    see(f, "a", 60);
    must(f, sightings_see(f->s, &txt, &f->e));
    must(f, sightings_end(f->s, true, &f->e));
    assert_string_equal(look(f, 'a').names, "ab");
    assert_int_equal(look(f, 'a').most, 2);
}

static void spoil(const char *path, const void *bytes, size_t n, off_t at)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0600);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, n, at), n);
    close(fd);
}

static void a_damaged_database_is_refused_and_left_alone(void **state)
{
    struct fixture *f = fixture_of(state);
    struct sightings *s = NULL;
    struct stat before, after;

    pass(f, "ab", START);
    talloc_free(f->s);
    f->s = NULL;
    spoil(f->path, "this is no database of anything", 31, 0);
    assert_int_equal(stat(f->path, &before), 0);
    assert_int_equal(sightings_open(f->mem, f->path, &s, &f->e), ERR_MALFORMED);
    assert_non_null(strstr(f->e.message, f->path));
    assert_true(f->e.hint[0] != '\0');
    assert_null(s);
    assert_int_equal(stat(f->path, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
}

static void a_database_of_another_kind_is_refused(void **state)
{
    struct fixture *f = fixture_of(state);
    struct sightings *s;
    /* user_version, at byte 60 of the header, big-endian. */
    static const unsigned char version[4] = { 0, 0, 0, 9 };

    talloc_free(f->s);
    f->s = NULL;
    spoil(f->path, version, 4, 60);
    assert_int_equal(sightings_open(f->mem, f->path, &s, &f->e), ERR_MALFORMED);
}

static void a_link_is_not_followed(void **state)
{
    struct fixture *f = fixture_of(state);
    char *link = talloc_asprintf(f, "%s.link", f->path);
    struct sightings *s;

    assert_int_equal(symlink(f->path, link), 0);
    assert_int_equal(sightings_open(f->mem, link, &s, &f->e), ERR_IO);
}

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_new_database_is_private_and_knows_nothing),
        test(a_record_keeps_its_first_time_and_gets_its_last),
        test(what_is_gone_is_forgotten_and_begins_anew),
        test(a_pass_that_breaks_off_leaves_everything_as_it_was),
        test(silence_is_the_observed_time_between_passes),
        test(an_answer_ends_a_silence),
        test(a_gap_in_our_own_passes_ages_nothing),
        test(a_clock_set_back_ages_nothing),
        test(whom_a_pass_did_not_ask_begins_anew),
        test(probes_that_break_off_count_for_nothing),
        test(probes_of_a_zone_never_seen_are_an_error),
        test(unchanged_is_the_observed_time_between_passes),
        test(what_changes_begins_anew),
        test(a_pass_that_breaks_off_is_no_observed_time),
        test(an_answer_counts_where_silence_does_not),
        test(a_name_is_read_alone_and_zones_are_listed),
        test(the_first_version_is_taken_over_and_has_watched_nothing),
        test(the_second_version_is_taken_over_and_knows_of_no_outage),
        test(the_last_long_time_without_a_pass_is_known),
        test(times_that_cannot_be_have_lasted_no_time),
        test(nothing_was_observed_for_longer_than_it_was_there),
        test(a_name_with_too_many_records_is_left_out),
        test(what_a_run_changed_is_new_again),
        test(records_of_a_name_come_together),
        test(a_damaged_database_is_refused_and_left_alone),
        test(a_database_of_another_kind_is_refused),
        test(a_link_is_not_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
