/*
 * Journals: what `muster runs` and `muster restore` believe; and what is read, written and read
 * once more, in a directory of the test's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "scavenger/journal.h"
#include "scavenger/restore.h"
#include "scavenger/retention.h"
#include "tests/fuzz/fuzz.h"

#define ID_LEN 21
#define YEAR_10000_S INT64_C(253402300800)

static char directory[64];

/* Linked in place of the real one (--wrap): nothing here has to outlive a power cut. */
int __wrap_fsync(int fd);
int __wrap_fsync(int fd) { return fd < 0 ? -1 : 0; }

/* The run that the header names, or one that it does not. */
static const char *id_of(TALLOC_CTX *mem, struct bytes in)
{
    static const char key[] = "\"run\":\"";
    const uint8_t *at = memmem(in.data, in.len, key, sizeof key - 1);
    size_t left = at ? in.len - (size_t)(at - in.data) : 0;

    if (left < sizeof key - 1 + ID_LEN)
        return "20261122T140557Z-1f3a";
    return talloc_strndup(mem, (const char *)at + sizeof key - 1, ID_LEN);
}

/* A node that stands as the run found it, as it left it, and gone. */
static void check_node(const struct journal_node *n)
{
    struct dns_node before = { .dn = n->dn,
                               .name = n->name,
                               .is_tombstoned = n->was_tombstoned,
                               .values = n->old,
                               .n_values = n->n_old };
    struct dns_node after = { .dn = n->dn,
                              .name = n->name,
                              .is_tombstoned = n->is_tombstoned,
                              .values = n->new,
                              .n_values = n->n_new };

    must_hold(n->zone && n->name && n->dn);
    must_hold(n->old && (n->new || n->is_server_made));
    must_hold(n->records);
    for (size_t i = 0; i < n->n_records; i++)
        must_hold(n->records[i].type && n->records[i].data && n->records[i].raw.data);
    must_hold(outcome_name(n->outcome)[0]);
    must_hold(restore_judge(n, NULL) == OUTCOME_GONE);
    must_hold(outcome_name(restore_judge(n, &before))[0]);
    must_hold(outcome_name(restore_judge(n, &after))[0]);
}

static bool same_text(const char *a, const char *b) { return a && b ? !strcmp(a, b) : a == b; }

static void must_equal_values(const struct bytes *a, size_t n, const struct bytes *b, size_t n_b)
{
    must_hold(n == n_b);
    for (size_t i = 0; i < n; i++)
        must_hold(bytes_equal(a[i], b[i]));
}

static void must_equal_nodes(const struct journal_node *a, const struct journal_node *b)
{
    must_hold(same_text(a->zone, b->zone) && same_text(a->name, b->name) &&
              same_text(a->dn, b->dn) && same_text(a->owner_sid, b->owner_sid) &&
              same_text(a->problem, b->problem));
    must_hold(a->is_tombstoned == b->is_tombstoned && a->was_tombstoned == b->was_tombstoned &&
              a->is_server_made == b->is_server_made && a->outcome == b->outcome);
    must_equal_values(a->old, a->n_old, b->old, b->n_old);
    must_equal_values(a->new, a->n_new, b->new, b->n_new);
    must_hold(a->n_records == b->n_records);
    for (size_t i = 0; i < a->n_records; i++) {
        must_hold(same_text(a->records[i].type, b->records[i].type) &&
                  same_text(a->records[i].data, b->records[i].data) &&
                  a->records[i].timestamp_h == b->records[i].timestamp_h &&
                  bytes_equal(a->records[i].raw, b->records[i].raw));
    }
}

static void write_run(struct journal *j, const struct run *run)
{
    struct error e = { 0 };

    for (size_t i = 0; i < run->n_nodes; i++)
        must_hold(journal_add(j, &run->nodes[i], &e) == OK);
    if (!run->is_committed)
        return;
    must_hold(journal_commit(j, &e) == OK);
    for (size_t i = 0; i < run->n_nodes; i++) {
        const struct journal_node *n = &run->nodes[i];
        struct observed seen = { n->is_server_made ? n->new : NULL, n->n_new };

        must_hold(journal_outcome_seen(j, i, n->outcome, n->problem, &seen, 0, &e) == OK);
    }
    if (run->ended > 0 && run->ended < YEAR_10000_S)
        must_hold(journal_end(j, run->ended, &e) == OK);
}

static void remove_directory(void) { rmdir(directory); }

static void make_directory(void)
{
    const char *base = getenv("TMPDIR");

    if (directory[0])
        return;
    snprintf(directory, sizeof directory, "%.40s/muster-fuzz-XXXXXX", base ? base : "/tmp");
    must_hold(mkdtemp(directory));
    atexit(remove_directory);
}

static void check_again(TALLOC_CTX *mem, const struct run *run)
{
    struct error e = { 0 };
    struct journal *j;
    struct run *again;
    char *path, *id;

    if (run->started < 0 || run->started >= YEAR_10000_S)
        return;
    make_directory();
    must_hold(journal_begin(mem, directory, run->kind, run->principal, run->server, run->started,
                            &j, &e) == OK);
    write_run(j, run);
    id = talloc_strdup(mem, journal_run_id(j));
    path = talloc_asprintf(mem, "%s/%s.jsonl", directory, id);
    talloc_free(j);
    must_hold(journal_read(mem, directory, id, &again, &e) == OK);
    must_hold(unlink(path) == 0);
    must_hold(again->kind == run->kind && again->started == run->started && !again->is_torn);
    must_hold(same_text(again->principal, run->principal) && same_text(again->server, run->server));
    must_hold(again->is_committed == run->is_committed && again->n_nodes == run->n_nodes);
    for (size_t i = 0; i < run->n_nodes; i++)
        must_equal_nodes(&run->nodes[i], &again->nodes[i]);
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct retention keep = { .is_set = true, .keep_n = 1 };
    struct error e = { 0 };
    struct run *run;
    enum err rc = journal_parse(mem, in, id_of(mem, in), &run, &e);

    must_say(rc, &e);
    if (rc != OK) {
        must_hold(rc == ERR_MALFORMED);
        return;
    }
    must_hold(run->id && run->principal && run->server);
    for (size_t i = 0; i < run->n_nodes; i++) {
        check_node(&run->nodes[i]);
        must_hold(run->is_committed || run->nodes[i].outcome == OUTCOME_PLANNED);
    }
    retention_lets_go(&keep, run, 1, 0);
    check_again(mem, run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
