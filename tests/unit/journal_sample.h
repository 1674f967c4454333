/* Runs in a directory of their own, for the tests of writing and of reading a journal. */
#ifndef TESTS_UNIT_JOURNAL_SAMPLE_H
#define TESTS_UNIT_JOURNAL_SAMPLE_H

#include "scavenger/journal.h"
#include "tests/unit/tempdir.h"

#define NOW INT64_C(1795356357) /* 2026-11-22T14:05:57Z */

struct fixture {
    const char *dir;
    struct error e;
};

static inline struct journal *begin(struct fixture *f, int64_t now)
{
    struct journal *j = NULL;

    assert_int_equal(journal_begin(f, f->dir, RUN_SCAVENGE, "admin@AD.EXAMPLE.TEST",
                                   "dc1.ad.example.test", now, &j, &f->e),
                     OK);
    assert_non_null(journal_run_id(j));
    return j;
}

static inline struct run *read_run(struct fixture *f, const char *id)
{
    struct run *run = NULL;

    if (journal_read(f, f->dir, id, &run, &f->e) != OK)
        fail_msg("%s: %s", id, f->e.message);
    return run;
}

/* The file of a run: what it is called is the journal's own business. */
static inline char *path_of(struct fixture *f, const char *id)
{
    DIR *d = opendir(f->dir);
    char *path = NULL;
    struct dirent *ent;

    assert_non_null(d);
    while ((ent = readdir(d)))
        if (strstr(ent->d_name, id))
            path = talloc_asprintf(f, "%s/%s", f->dir, ent->d_name);
    closedir(d);
    assert_non_null(path);
    return path;
}

/* Three nodes with all that is hard to store. */
struct sample {
    struct journal_node nodes[3];
    struct bytes old[3][3], new[3][2];
    struct journal_record records[3][2];
};

static inline struct sample *sample(struct fixture *f)
{
    struct sample *s = talloc_zero(f, struct sample);
    uint8_t *all = talloc_size(s, 256);

    for (int i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    s->old[0][0] = (struct bytes){ all, 256 };
    s->old[0][1] = unhex(s, "00");
    s->old[0][2] = unhex(s, "ffffff0000ff");
    s->new[0][0] = unhex(s, "00");
    s->records[0][0] = (struct journal_record){ "A", "10.53.0.17", 3733279, s->old[0][0] };
    s->records[0][1] = (struct journal_record){ "TXT", "\"a \\\"b\\\" \\\\ \\010 { } [ ]\"",
                                                UINT32_MAX, s->old[0][2] };
    s->nodes[0] = (struct journal_node){ .zone = "ad.example.test",
                                         .name = "pc17",
                                         .dn = "DC=pc17,DC=ad.example.test,CN=MicrosoftDNS",
                                         .n_old = 3,
                                         .n_new = 1,
                                         .n_records = 2 };
    s->old[1][0] = unhex(s, "0a0d22");
    s->new[1][0] = unhex(s, "08000000");
    s->records[1][0] = (struct journal_record){ "TYPE65400", "\\# 3 0a0d22", 1, s->old[1][0] };
    s->nodes[1] =
        (struct journal_node){ .zone = "0.53.10.in-addr.arpa",
                               .name = "say \"hi\" b\xc3\xbcro \xe2\x82\xac\t\\x\n\x01\x7f",
                               .dn = "DC=a\\,b\\22c\\0ACNF:\xf0\x9f\x98\x80,CN=x",
                               .n_old = 1,
                               .n_new = 1,
                               .is_tombstoned = true,
                               .n_records = 1 };
    s->old[2][0] = unhex(s, "01");
    s->new[2][0] = unhex(s, "02");
    s->new[2][1] = unhex(s, "03");
    s->nodes[2] = (struct journal_node){ .zone = "ad.example.test",
                                         .name = "",
                                         .dn = "DC=z",
                                         .n_old = 1,
                                         .n_new = 2,
                                         .was_tombstoned = true };
    for (int i = 0; i < 3; i++) {
        s->nodes[i].old = s->old[i];
        s->nodes[i].new = s->new[i];
        s->nodes[i].records = s->records[i];
    }
    return s;
}

static inline void assert_node_equal(const struct journal_node *got,
                                     const struct journal_node *want)
{
    assert_string_equal(got->zone, want->zone);
    assert_string_equal(got->name, want->name);
    assert_string_equal(got->dn, want->dn);
    assert_int_equal(got->n_old, want->n_old);
    for (size_t i = 0; i < want->n_old; i++)
        assert_bytes_equal(got->old[i], want->old[i]);
    assert_int_equal(got->n_new, want->n_new);
    for (size_t i = 0; i < want->n_new; i++)
        assert_bytes_equal(got->new[i], want->new[i]);
    assert_int_equal(got->was_tombstoned, want->was_tombstoned);
    assert_int_equal(got->is_tombstoned, want->is_tombstoned);
    assert_int_equal(got->n_records, want->n_records);
    for (size_t i = 0; i < want->n_records; i++) {
        assert_string_equal(got->records[i].type, want->records[i].type);
        assert_string_equal(got->records[i].data, want->records[i].data);
        assert_true(got->records[i].timestamp_h == want->records[i].timestamp_h);
        assert_bytes_equal(got->records[i].raw, want->records[i].raw);
    }
}

static inline void add_all(struct fixture *f, struct journal *j, const struct sample *s)
{
    for (int i = 0; i < 3; i++)
        assert_int_equal(journal_add(j, &s->nodes[i], &f->e), OK);
}

/* A run with two outcomes, one of them a failure, that came to its end. */
static inline const char *whole_run(struct fixture *f)
{
    struct journal *j = begin(f, NOW);
    const char *id = talloc_strdup(f, journal_run_id(j));

    add_all(f, j, sample(f));
    assert_int_equal(journal_commit(j, &f->e), OK);
    assert_int_equal(journal_outcome(j, 0, OUTCOME_DELETED, NULL, NOW + 1, &f->e), OK);
    assert_int_equal(journal_outcome(j, 2, OUTCOME_DENIED, "insufficient \"access\"", NOW + 2,
                                     &f->e),
                     OK);
    assert_int_equal(journal_end(j, NOW + 3, &f->e), OK);
    talloc_free(j);
    return id;
}

static inline int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    if (!f)
        return 1;
    f->dir = tempdir(f);
    *state = f;
    return 0;
}

static inline int teardown(void **state) { return talloc_free(*state); }

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
