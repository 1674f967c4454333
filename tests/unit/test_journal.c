#include "scavenger/journal.h"
#include "tests/unit/tempdir.h"

#define NOW INT64_C(1795356357) /* 2026-11-22T14:05:57Z */

struct fixture {
    const char *dir;
    struct error e;
};

static struct journal *begin(struct fixture *f, int64_t now)
{
    struct journal *j = NULL;

    assert_int_equal(journal_begin(f, f->dir, RUN_SCAVENGE, "admin@AD.EXAMPLE.TEST",
                                   "dc1.ad.example.test", now, &j, &f->e), OK);
    assert_non_null(journal_run_id(j));
    return j;
}

static struct run *read_run(struct fixture *f, const char *id)
{
    struct run *run = NULL;

    if (journal_read(f, f->dir, id, &run, &f->e) != OK)
        fail_msg("%s: %s", id, f->e.message);
    return run;
}

/* The file of a run: what it is called is the journal's own business. */
static char *path_of(struct fixture *f, const char *id)
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

static struct sample *sample(struct fixture *f)
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
    s->records[0][1] = (struct journal_record){ "TXT", "\"a \\\"b\\\" \\\\ \\010 { } [ ]\"", UINT32_MAX,
                                                s->old[0][2] };
    s->nodes[0] = (struct journal_node){ .zone = "ad.example.test", .name = "pc17",
                                         .dn = "DC=pc17,DC=ad.example.test,CN=MicrosoftDNS",
                                         .n_old = 3, .n_new = 1, .n_records = 2 };
    s->old[1][0] = unhex(s, "0a0d22");
    s->new[1][0] = unhex(s, "08000000");
    s->records[1][0] = (struct journal_record){ "TYPE65400", "\\# 3 0a0d22", 1, s->old[1][0] };
    s->nodes[1] = (struct journal_node){ .zone = "0.53.10.in-addr.arpa",
                                         .name = "say \"hi\" b\xc3\xbcro \xe2\x82\xac\t\\x\n\x01\x7f",
                                         .dn = "DC=a\\,b\\22c\\0ACNF:\xf0\x9f\x98\x80,CN=x", .n_old = 1,
                                         .n_new = 1, .is_tombstoned = true, .n_records = 1 };
    s->old[2][0] = unhex(s, "01");
    s->new[2][0] = unhex(s, "02");
    s->new[2][1] = unhex(s, "03");
    s->nodes[2] = (struct journal_node){ .zone = "ad.example.test", .name = "", .dn = "DC=z", .n_old = 1,
                                         .n_new = 2, .was_tombstoned = true };
    for (int i = 0; i < 3; i++) {
        s->nodes[i].old = s->old[i];
        s->nodes[i].new = s->new[i];
        s->nodes[i].records = s->records[i];
    }
    return s;
}

static void assert_node_equal(const struct journal_node *got, const struct journal_node *want)
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

static void add_all(struct fixture *f, struct journal *j, const struct sample *s)
{
    for (int i = 0; i < 3; i++)
        assert_int_equal(journal_add(j, &s->nodes[i], &f->e), OK);
}

/* A run with two outcomes, one of them a failure, that came to its end. */
static const char *whole_run(struct fixture *f)
{
    struct journal *j = begin(f, NOW);
    const char *id = talloc_strdup(f, journal_run_id(j));

    add_all(f, j, sample(f));
    assert_int_equal(journal_commit(j, &f->e), OK);
    assert_int_equal(journal_outcome(j, 0, OUTCOME_DELETED, NULL, NOW + 1, &f->e), OK);
    assert_int_equal(journal_outcome(j, 2, OUTCOME_DENIED, "insufficient \"access\"", NOW + 2, &f->e), OK);
    assert_int_equal(journal_end(j, NOW + 3, &f->e), OK);
    talloc_free(j);
    return id;
}

/* Round trips. */

static void a_run_reads_back_byte_for_byte(void **state)
{
    struct fixture *f = *state;
    struct sample *s = sample(f);
    const char *id = whole_run(f);
    struct run *run = read_run(f, id);

    assert_ptr_equal(talloc_parent(run), f);
    assert_string_equal(run->id, id);
    assert_int_equal(run->kind, RUN_SCAVENGE);
    assert_string_equal(run->principal, "admin@AD.EXAMPLE.TEST");
    assert_string_equal(run->server, "dc1.ad.example.test");
    assert_true(run->started == NOW);
    assert_true(run->ended == NOW + 3);
    assert_true(run->is_committed);
    assert_false(run->is_torn);
    assert_int_equal(run->n_nodes, 3);
    for (int i = 0; i < 3; i++)
        assert_node_equal(&run->nodes[i], &s->nodes[i]);
    assert_int_equal(run->nodes[0].outcome, OUTCOME_DELETED);
    assert_null(run->nodes[0].problem);
    assert_int_equal(run->nodes[1].outcome, OUTCOME_PLANNED);
    assert_int_equal(run->nodes[2].outcome, OUTCOME_DENIED);
    assert_string_equal(run->nodes[2].problem, "insufficient \"access\"");
}

static void every_outcome_and_kind_reads_back(void **state)
{
    struct fixture *f = *state;
    struct journal *j = NULL;
    struct run *run;

    assert_int_equal(journal_begin(f, f->dir, RUN_RESTORE, "a \"b\"", "d\xc3\xbc", NOW, &j, &f->e), OK);
    for (int i = OUTCOME_DELETED; i <= OUTCOME_UNKNOWN; i++)
        assert_int_equal(journal_add(j, &sample(f)->nodes[0], &f->e), OK);
    assert_int_equal(journal_commit(j, &f->e), OK);
    /* In any order. */
    for (int i = OUTCOME_UNKNOWN; i >= OUTCOME_DELETED; i--)
        assert_int_equal(journal_outcome(j, (size_t)(i - OUTCOME_DELETED), (enum outcome)i, "why", NOW,
                                         &f->e), OK);
    assert_int_equal(journal_end(j, NOW, &f->e), OK);
    run = read_run(f, journal_run_id(j));
    assert_int_equal(run->kind, RUN_RESTORE);
    assert_string_equal(run->principal, "a \"b\"");
    assert_string_equal(run->server, "d\xc3\xbc");
    for (int i = OUTCOME_DELETED; i <= OUTCOME_UNKNOWN; i++)
        assert_int_equal(run->nodes[i - OUTCOME_DELETED].outcome, i);
}

static void text_that_is_not_utf8_does_not_stop_a_run(void **state)
{
    struct fixture *f = *state;
    struct sample *s = sample(f);
    struct journal *j = begin(f, NOW);
    struct run *run;

    s->nodes[0].name = "pc\xff\xfe";
    s->records[0][0].data = "\xc3(";
    assert_int_equal(journal_add(j, &s->nodes[0], &f->e), OK);
    assert_int_equal(journal_commit(j, &f->e), OK);
    assert_int_equal(journal_outcome(j, 0, OUTCOME_FAILED, "server said \xff", NOW, &f->e), OK);
    assert_int_equal(journal_end(j, NOW, &f->e), OK);
    run = read_run(f, journal_run_id(j));
    /* What is written back is exact; text for people may be spelt differently. */
    assert_string_equal(run->nodes[0].dn, s->nodes[0].dn);
    for (int i = 0; i < 3; i++)
        assert_bytes_equal(run->nodes[0].old[i], s->old[0][i]);
    assert_int_equal(run->nodes[0].outcome, OUTCOME_FAILED);
    assert_string_equal(run->nodes[0].problem, "server said \\255");
    assert_string_equal(run->nodes[0].name, "pc\\255\\254");
    assert_string_equal(run->nodes[0].records[0].data, "\\195(");
}

static void a_dn_that_is_not_utf8_still_names_its_node(void **state)
{
    struct fixture *f = *state;
    struct sample *s = sample(f);
    struct journal *j = begin(f, NOW);

    /* RFC 4514 section 2.4: a byte may be written as a hex pair. */
    s->nodes[0].dn = "DC=a\xff" "b\xc3\xbc\xe2\x82,CN=x\xed\xa0\x80";
    assert_int_equal(journal_add(j, &s->nodes[0], &f->e), OK);
    assert_int_equal(journal_commit(j, &f->e), OK);
    assert_string_equal(read_run(f, journal_run_id(j))->nodes[0].dn,
                        "DC=a\\ffb\xc3\xbc\\e2\\82,CN=x\\ed\\a0\\80");
}

static void a_run_without_nodes_is_a_run(void **state)
{
    struct fixture *f = *state;
    struct journal *j = begin(f, NOW);
    struct run *run;

    assert_int_equal(journal_commit(j, &f->e), OK);
    assert_int_equal(journal_end(j, NOW, &f->e), OK);
    run = read_run(f, journal_run_id(j));
    assert_true(run->is_committed);
    assert_int_equal(run->n_nodes, 0);
}

static void many_nodes_read_back(void **state)
{
    struct fixture *f = *state;
    struct journal *j = begin(f, NOW);
    struct sample *s = sample(f);
    struct run *run;

    for (int i = 0; i < 3000; i++) {
        s->nodes[i % 3].name = talloc_asprintf(f, "pc%d", i);
        assert_int_equal(journal_add(j, &s->nodes[i % 3], &f->e), OK);
    }
    assert_int_equal(journal_commit(j, &f->e), OK);
    for (size_t i = 0; i < 3000; i++)
        assert_int_equal(journal_outcome(j, i, OUTCOME_DELETED, NULL, NOW, &f->e), OK);
    assert_int_equal(journal_end(j, NOW, &f->e), OK);
    run = read_run(f, journal_run_id(j));
    assert_int_equal(run->n_nodes, 3000);
    assert_string_equal(run->nodes[2999].name, "pc2999");
    assert_int_equal(run->nodes[2999].outcome, OUTCOME_DELETED);
}

/* What the files are. */

static void the_journal_is_for_its_owner_only(void **state)
{
    struct fixture *f = *state;
    struct journal *j;

    f->dir = talloc_asprintf(f, "%s/a/b", f->dir);
    umask(0);
    j = begin(f, NOW);
    umask(022);
    assert_int_equal(mode_of(f->dir), 0700);
    assert_int_equal(mode_of(path_of(f, journal_run_id(j))), 0600);
}

static void a_run_id_tells_the_time_and_is_never_used_twice(void **state)
{
    struct fixture *f = *state;
    char **ids = NULL;
    size_t n = 0;

    for (int i = 0; i < 400; i++) {
        struct journal *j = begin(f, NOW);
        const char *id = journal_run_id(j);

        assert_memory_equal(id, "20261122T140557Z-", 17);
        assert_int_equal(strspn(id + 17, "0123456789abcdef"), strlen(id + 17));
        assert_true(strlen(id) >= 21);
        talloc_free(j);
    }
    assert_int_equal(journal_list(f, f->dir, &ids, &n, &f->e), OK);
    assert_int_equal(n, 400);
}

static void a_journal_that_cannot_be_made_is_an_io_error(void **state)
{
    struct fixture *f = *state;
    struct journal *j = NULL;
    char *file = talloc_asprintf(f, "%s/file", f->dir);

    put_file(file, "x", 1);
    assert_int_equal(journal_begin(f, file, RUN_SCAVENGE, "p", "s", NOW, &j, &f->e), ERR_IO);
    assert_null(j);
    assert_true(f->e.message[0]);
}

static void every_line_is_one_json_object_and_append_only(void **state)
{
    struct fixture *f = *state;
    struct journal *j = begin(f, NOW);
    const char *path = path_of(f, journal_run_id(j));
    struct sample *s = sample(f);
    struct bytes before, after;

    add_all(f, j, s);
    assert_int_equal(journal_commit(j, &f->e), OK);
    before = get_file(f, path);
    assert_non_null(strstr((const char *)before.data, "\n{\"planned\":3}\n"));
    assert_int_equal(journal_outcome(j, 1, OUTCOME_DELETED, NULL, NOW, &f->e), OK);
    /* Appended at once: a crash of this process loses no outcome. */
    after = get_file(f, path);
    assert_true(after.len > before.len);
    assert_memory_equal(after.data, before.data, before.len);
    assert_int_equal(after.data[after.len - 1], '\n');
    assert_int_equal(read_run(f, journal_run_id(j))->nodes[1].outcome, OUTCOME_DELETED);
    assert_true(read_run(f, journal_run_id(j))->ended == 0);
}

static void a_freed_journal_holds_no_descriptor(void **state)
{
    struct fixture *f = *state;
    size_t before = count_entries("/proc/self/fd");

    whole_run(f);
    talloc_free(begin(f, NOW));
    assert_int_equal(count_entries("/proc/self/fd"), before);
}

/* The order that makes a restore possible. */

static void nothing_is_added_once_the_directory_may_have_been_written(void **state)
{
    struct fixture *f = *state;
    struct journal *j = begin(f, NOW);
    struct sample *s = sample(f);
    struct bytes before;

    add_all(f, j, s);
    assert_int_equal(journal_commit(j, &f->e), OK);
    before = get_file(f, path_of(f, journal_run_id(j)));
    assert_int_not_equal(journal_add(j, &s->nodes[0], &f->e), OK);
    assert_bytes_equal(get_file(f, path_of(f, journal_run_id(j))), before);
    /* The refusal does no harm to what goes on. */
    assert_int_equal(journal_outcome(j, 0, OUTCOME_DELETED, NULL, NOW, &f->e), OK);
    assert_int_equal(read_run(f, journal_run_id(j))->n_nodes, 3);
}

static void no_outcome_before_everything_is_on_disk(void **state)
{
    struct fixture *f = *state;
    struct journal *j = begin(f, NOW);
    struct run *run;

    add_all(f, j, sample(f));
    assert_int_not_equal(journal_outcome(j, 0, OUTCOME_DELETED, NULL, NOW, &f->e), OK);
    assert_int_equal(journal_commit(j, &f->e), OK);
    run = read_run(f, journal_run_id(j));
    assert_int_equal(run->nodes[0].outcome, OUTCOME_PLANNED);
    assert_int_equal(run->n_nodes, 3);
}

static void no_outcome_of_a_node_that_is_not_there(void **state)
{
    struct fixture *f = *state;
    struct journal *j = begin(f, NOW);

    add_all(f, j, sample(f));
    assert_int_equal(journal_commit(j, &f->e), OK);
    assert_int_not_equal(journal_outcome(j, 3, OUTCOME_DELETED, NULL, NOW, &f->e), OK);
    assert_int_not_equal(journal_outcome(j, SIZE_MAX, OUTCOME_DELETED, NULL, NOW, &f->e), OK);
    assert_int_equal(journal_end(j, NOW, &f->e), OK);
    assert_int_equal(read_run(f, journal_run_id(j))->n_nodes, 3);
}

static void a_second_commit_is_refused(void **state)
{
    struct fixture *f = *state;
    struct journal *j = begin(f, NOW);

    add_all(f, j, sample(f));
    assert_int_equal(journal_commit(j, &f->e), OK);
    assert_int_not_equal(journal_commit(j, &f->e), OK);
    assert_true(read_run(f, journal_run_id(j))->is_committed);
}

static void a_run_that_was_not_committed_wrote_nothing(void **state)
{
    struct fixture *f = *state;
    struct journal *j = begin(f, NOW);
    const char *id = talloc_strdup(f, journal_run_id(j));
    struct run *run;

    assert_false(read_run(f, id)->is_committed);
    add_all(f, j, sample(f));
    talloc_free(j);
    run = read_run(f, id);
    assert_false(run->is_committed);
    assert_true(run->ended == 0);
    for (size_t i = 0; i < run->n_nodes; i++)
        assert_int_equal(run->nodes[i].outcome, OUTCOME_PLANNED);
}

/* Torn files. */

/* Lines of the whole run: header, 3 nodes, planned, 2 outcomes, ended. */
enum { LINES_BEFORE_NODES = 1, LINE_PLANNED = 4, LINE_FIRST_OUTCOME = 5, LINE_SECOND_OUTCOME = 6, LINE_ENDED = 7, LINES = 8 };

static void check_torn(struct fixture *f, const char *id, const struct sample *s, struct bytes file,
                       size_t cut)
{
    size_t complete = 0, at_least, at_most;
    struct run *run = NULL;
    enum err rc = journal_read(f, f->dir, id, &run, &f->e);
    bool is_partial;

    for (size_t i = 0; i < cut; i++)
        complete += file.data[i] == '\n';
    is_partial = cut > 0 && file.data[cut - 1] != '\n';
    at_least = complete;
    /* A line that lacks nothing but its newline may be taken or left. */
    at_most = complete + (is_partial && file.data[cut] == '\n');
    if (complete == 0) {
        assert_true(rc == OK || rc == ERR_MALFORMED);
        if (rc == ERR_MALFORMED)
            return;
    }
    if (rc != OK)
        fail_msg("cut at %zu: %s", cut, f->e.message);
    assert_int_equal(run->is_torn, is_partial);
    assert_in_range(run->n_nodes, at_least < 4 ? (at_least ? at_least - 1 : 0) : 3,
                    at_most < 4 ? (at_most ? at_most - 1 : 0) : 3);
    for (size_t i = 0; i < run->n_nodes; i++)
        assert_node_equal(&run->nodes[i], &s->nodes[i]);
    assert_true(run->is_committed ? at_most > LINE_PLANNED : at_least <= LINE_PLANNED);
    for (size_t i = 0; i < run->n_nodes; i++) {
        size_t line = i == 0 ? LINE_FIRST_OUTCOME : i == 2 ? LINE_SECOND_OUTCOME : LINES;
        enum outcome want = i == 0 ? OUTCOME_DELETED : OUTCOME_DENIED;

        if (run->nodes[i].outcome == OUTCOME_PLANNED) {
            assert_true(at_least <= line);
        } else {
            assert_true(at_most > line);
            assert_int_equal(run->nodes[i].outcome, want);
        }
    }
    assert_true(run->ended ? at_most > LINE_ENDED : at_least <= LINE_ENDED);
    talloc_free(run);
}

static void a_file_torn_at_any_byte_tells_what_was_written(void **state)
{
    struct fixture *f = *state;
    const char *id = whole_run(f), *path = path_of(f, id);
    struct bytes file = get_file(f, path);
    struct sample *s = sample(f);

    for (size_t cut = 0; cut <= file.len; cut++) {
        put_file(path, file.data, cut);
        check_torn(f, id, s, file, cut);
    }
}

static void a_tail_of_rubbish_after_a_crash_is_a_torn_line(void **state)
{
    static const char *const tails[] = { "00000000", "ffff", "7b226f7574636f6d65223a", "22", "c3", "20" };
    struct fixture *f = *state;
    const char *id = whole_run(f), *path = path_of(f, id);
    struct bytes file = get_file(f, path);

    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        struct wr w = wr_init(f);
        struct run *run;

        wr_bytes(&w, file);
        wr_bytes(&w, unhex(f, tails[i]));
        put_file(path, wr_view(&w).data, wr_view(&w).len);
        run = read_run(f, id);
        assert_true(run->is_torn);
        assert_int_equal(run->n_nodes, 3);
        assert_int_equal(run->nodes[0].outcome, OUTCOME_DELETED);
    }
}

/* Hostile files. */

#define HEAD(id)                                                                                   \
    "{\"journal\":\"muster\",\"version\":1,\"run\":\"" id "\",\"kind\":\"scavenge\","              \
    "\"principal\":\"p\",\"server\":\"s\",\"started\":\"2026-11-22T14:05:57Z\"}\n"
#define NODE(number)                                                                               \
    "{\"node\":" number ",\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\",\"old\":[\"AAE=\"],"       \
    "\"new\":[\"Ag==\"],\"tombstone\":false,\"was_tombstone\":false,\"records\":[]}\n"
#define ID "20261122T140557Z-1f3a"

/* Put a text in the place of a run's file and read it. */
static enum err read_text(struct fixture *f, const char *content, size_t len, struct run **out)
{
    struct journal *j = begin(f, NOW);
    const char *id = talloc_strdup(f, journal_run_id(j)), *path = path_of(f, id);
    char *copy = talloc_memdup(f, content, len + 1), *at;
    enum err rc;

    /* The file has to name its own run. */
    while ((at = strstr(copy, ID)))
        memcpy(at, id, strlen(ID));
    put_file(path, copy, len);
    *out = NULL;
    memset(&f->e, 0, sizeof f->e);
    rc = journal_read(f, f->dir, id, out, &f->e);
    unlink(path);
    talloc_free(copy);
    talloc_free(j);
    return rc;
}

static void the_documented_form_is_read(void **state)
{
    static const char good[] = HEAD(ID) NODE("0") NODE("1") "{\"planned\":2}\n"
        "{\"outcome\":\"deleted\",\"node\":1,\"at\":\"2026-11-22T14:05:58Z\"}\n"
        "{\"ended\":\"2026-11-22T14:05:59Z\"}\n";
    struct fixture *f = *state;
    struct run *run;

    if (read_text(f, good, sizeof good - 1, &run) != OK)
        fail_msg("%s", f->e.message);
    assert_true(run->started == NOW);
    assert_true(run->ended == NOW + 2);
    assert_int_equal(run->n_nodes, 2);
    assert_int_equal(run->nodes[0].outcome, OUTCOME_PLANNED);
    assert_int_equal(run->nodes[1].outcome, OUTCOME_DELETED);
    assert_bytes_equal(run->nodes[0].old[0], unhex(f, "0001"));
}

static void a_complete_line_that_is_wrong_is_named(void **state)
{
    static const struct {
        const char *content;
        int line;
    } table[] = {
        /* No journal at all. */
        { "\n", 1 },
        { "hello\n", 1 },
        { "[]\n", 1 },
        { "{}\n", 1 },
        { "null\n", 1 },
        { NODE("0"), 1 },
        { "{\"planned\":0}\n", 1 },
        { "\xff\xfe\n", 1 },
        { "{\"journal\":\"muster\"}\n", 1 },
        /* Another header. */
        { "{\"journal\":\"other\",\"version\":1,\"run\":\"" ID "\",\"kind\":\"scavenge\",\"principal\":"
          "\"p\",\"server\":\"s\",\"started\":\"2026-11-22T14:05:57Z\"}\n", 1 },
        { "{\"journal\":\"muster\",\"version\":2,\"run\":\"" ID "\",\"kind\":\"scavenge\",\"principal\":"
          "\"p\",\"server\":\"s\",\"started\":\"2026-11-22T14:05:57Z\"}\n", 1 },
        { "{\"journal\":\"muster\",\"version\":\"1\",\"run\":\"" ID "\",\"kind\":\"scavenge\",\"principal\""
          ":\"p\",\"server\":\"s\",\"started\":\"2026-11-22T14:05:57Z\"}\n", 1 },
        { "{\"journal\":\"muster\",\"version\":1,\"run\":\"" ID "\",\"kind\":\"burn\",\"principal\":"
          "\"p\",\"server\":\"s\",\"started\":\"2026-11-22T14:05:57Z\"}\n", 1 },
        { "{\"journal\":\"muster\",\"version\":1,\"run\":\"" ID "\",\"kind\":\"scavenge\",\"principal\":"
          "7,\"server\":\"s\",\"started\":\"2026-11-22T14:05:57Z\"}\n", 1 },
        { "{\"journal\":\"muster\",\"version\":1,\"run\":\"" ID "\",\"kind\":\"scavenge\",\"principal\":"
          "\"p\",\"server\":\"s\",\"started\":\"yesterday\"}\n", 1 },
        { "{\"journal\":\"muster\",\"version\":1,\"run\":\"" ID "\",\"kind\":\"scavenge\",\"principal\":"
          "\"p\",\"server\":\"s\",\"started\":\"2026-11-22T14:05:57Z\",\"kind\":\"restore\"}\n", 1 },
        { HEAD("20261122T140557Z-zzzz"), 1 },
        { HEAD("20251122T140557Z-1f3a"), 1 },
        { HEAD("../../etc/passwd"), 1 },
        { HEAD(ID) HEAD(ID), 2 },
        /* Lines. */
        { HEAD(ID) "\n", 2 },
        { HEAD(ID) "x\n", 2 },
        { HEAD(ID) "[]\n", 2 },
        { HEAD(ID) "{}\n", 2 },
        { HEAD(ID) "7\n", 2 },
        { HEAD(ID) "{\"surprise\":1}\n", 2 },
        { HEAD(ID) "{\"planned\":0} {\"planned\":0}\n", 2 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n{\"surprise\":1}\n", 4 },
        /* Numbers of nodes. */
        { HEAD(ID) NODE("1"), 2 },
        { HEAD(ID) NODE("-1"), 2 },
        { HEAD(ID) NODE("0.0"), 2 },
        { HEAD(ID) NODE("\"0\""), 2 },
        { HEAD(ID) NODE("null"), 2 },
        { HEAD(ID) NODE("18446744073709551616"), 2 },
        { HEAD(ID) NODE("0") NODE("0"), 3 },
        { HEAD(ID) NODE("0") NODE("2"), 3 },
        { HEAD(ID) NODE("0,\"node\":0"), 2 },
        { HEAD(ID) NODE("0,\"dn\":\"DC=evil\""), 2 },
        { HEAD(ID) NODE("0,\"old\":[]"), 2 },
        /* What a node must have. */
        { HEAD(ID) "{\"node\":0}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\",\"old\":\"AAE=\",\"new\":"
          "[\"Ag==\"],\"tombstone\":false,\"was_tombstone\":false,\"records\":[]}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\",\"old\":[7],\"new\":"
          "[\"Ag==\"],\"tombstone\":false,\"was_tombstone\":false,\"records\":[]}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\",\"old\":[\"A\"],\"new\":"
          "[\"Ag==\"],\"tombstone\":false,\"was_tombstone\":false,\"records\":[]}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\",\"old\":[\"AAE=\"],\"new\":"
          "[null],\"tombstone\":false,\"was_tombstone\":false,\"records\":[]}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":7,\"old\":[\"AAE=\"],\"new\":"
          "[\"Ag==\"],\"tombstone\":false,\"was_tombstone\":false,\"records\":[]}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\\u0000\",\"old\":[\"AAE=\"],"
          "\"new\":[\"Ag==\"],\"tombstone\":false,\"was_tombstone\":false,\"records\":[]}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\",\"old\":[\"AAE=\"],\"new\":"
          "[\"Ag==\"],\"tombstone\":\"false\",\"was_tombstone\":false,\"records\":[]}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\",\"old\":[\"AAE=\"],\"new\":"
          "[\"Ag==\"],\"tombstone\":false,\"was_tombstone\":0,\"records\":[]}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\",\"old\":[\"AAE=\"],\"new\":"
          "[\"Ag==\"],\"tombstone\":false,\"was_tombstone\":false,\"records\":{}}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\",\"old\":[\"AAE=\"],\"new\":"
          "[\"Ag==\"],\"tombstone\":false,\"was_tombstone\":false,\"records\":[{\"type\":\"A\",\"data\":"
          "\"x\",\"timestamp_hours\":-1,\"raw\":\"AAE=\"}]}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\",\"old\":[\"AAE=\"],\"new\":"
          "[\"Ag==\"],\"tombstone\":false,\"was_tombstone\":false,\"records\":[{\"type\":\"A\",\"data\":"
          "\"x\",\"timestamp_hours\":4294967296,\"raw\":\"AAE=\"}]}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\",\"old\":[\"AAE=\"],\"new\":"
          "[\"Ag==\"],\"tombstone\":false,\"was_tombstone\":false,\"records\":[{\"type\":1,\"data\":"
          "\"x\",\"timestamp_hours\":1,\"raw\":\"AAE=\"}]}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\",\"old\":[\"AAE=\"],\"new\":"
          "[\"Ag==\"],\"tombstone\":false,\"was_tombstone\":false,\"records\":[{\"type\":\"A\",\"data\":"
          "\"x\",\"timestamp_hours\":1,\"raw\":\"*\"}]}\n", 2 },
        { HEAD(ID) "{\"node\":0,\"zone\":\"z\",\"name\":\"n\",\"dn\":\"DC=n\",\"old\":[\"AAE=\"],\"new\":"
          "[\"Ag==\"],\"tombstone\":false,\"was_tombstone\":false,\"records\":[7]}\n", 2 },
        /* The commit. */
        { HEAD(ID) NODE("0") "{\"planned\":0}\n", 3 },
        { HEAD(ID) NODE("0") "{\"planned\":2}\n", 3 },
        { HEAD(ID) "{\"planned\":-1}\n", 2 },
        { HEAD(ID) "{\"planned\":\"0\"}\n", 2 },
        { HEAD(ID) "{\"planned\":0,\"planned\":0}\n", 2 },
        { HEAD(ID) "{\"planned\":0}\n{\"planned\":0}\n", 3 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n" NODE("1"), 4 },
        /* Outcomes. */
        { HEAD(ID) NODE("0") "{\"outcome\":\"deleted\",\"node\":0,\"at\":\"2026-11-22T14:05:58Z\"}\n", 3 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n"
          "{\"outcome\":\"deleted\",\"node\":1,\"at\":\"2026-11-22T14:05:58Z\"}\n", 4 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n"
          "{\"outcome\":\"deleted\",\"node\":-1,\"at\":\"2026-11-22T14:05:58Z\"}\n", 4 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n"
          "{\"outcome\":\"deleted\",\"node\":4294967296,\"at\":\"2026-11-22T14:05:58Z\"}\n", 4 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n"
          "{\"outcome\":\"deleted\",\"node\":\"0\",\"at\":\"2026-11-22T14:05:58Z\"}\n", 4 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n"
          "{\"outcome\":\"eaten\",\"node\":0,\"at\":\"2026-11-22T14:05:58Z\"}\n", 4 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n"
          "{\"outcome\":7,\"node\":0,\"at\":\"2026-11-22T14:05:58Z\"}\n", 4 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n"
          "{\"outcome\":\"deleted\",\"at\":\"2026-11-22T14:05:58Z\"}\n", 4 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n{\"outcome\":\"deleted\",\"node\":0,"
          "\"outcome\":\"gone\",\"at\":\"2026-11-22T14:05:58Z\"}\n", 4 },
        /* The end. */
        { HEAD(ID) "{\"planned\":0}\n{\"ended\":\"never\"}\n", 3 },
        { HEAD(ID) "{\"planned\":0}\n{\"ended\":7}\n", 3 },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct run *run;
        char line[32];
        enum err rc = read_text(f, table[i].content, strlen(table[i].content), &run);

        if (rc != ERR_MALFORMED)
            fail_msg("rc %d for %s", rc, table[i].content);
        assert_null(run);
        snprintf(line, sizeof line, "line %d", table[i].line);
        if (!strstr(f->e.message, line))
            fail_msg("\"%s\" for %s", f->e.message, table[i].content);
    }
}

static void a_nul_byte_hides_nothing(void **state)
{
    static const char content[] = HEAD(ID) "{\"planned\":0}\0{\"x\":1}\n";
    static const char second[] = HEAD(ID) "\0\n{\"planned\":0}\n";
    struct fixture *f = *state;
    struct run *run;

    assert_int_equal(read_text(f, content, sizeof content - 1, &run), ERR_MALFORMED);
    assert_int_equal(read_text(f, second, sizeof second - 1, &run), ERR_MALFORMED);
}

static void deep_and_long_lines_are_no_danger(void **state)
{
    struct fixture *f = *state;
    size_t n = 2000000, head = strlen(HEAD(ID));
    char *big = talloc_array(f, char, head + n + 2);
    struct run *run;

    memcpy(big, HEAD(ID), head);
    memset(big + head, '[', n);
    big[head + n] = '\n';
    big[head + n + 1] = 0;
    assert_int_equal(read_text(f, big, head + n + 1, &run), ERR_MALFORMED);
    for (size_t i = 0; i + 5 <= n; i += 5)
        memcpy(big + head + i, "{\"a\":", 5);
    assert_int_equal(read_text(f, big, head + n + 1, &run), ERR_MALFORMED);
    /* Two million empty lines. */
    memset(big + head, '\n', n);
    assert_int_equal(read_text(f, big, head + n + 1, &run), ERR_MALFORMED);
}

static void a_file_of_absurd_size_is_refused_before_it_is_read(void **state)
{
    struct fixture *f = *state;
    const char *id = whole_run(f);
    struct run *run = NULL;

    assert_int_equal(truncate(path_of(f, id), (off_t)1 << 40), 0);
    assert_int_not_equal(journal_read(f, f->dir, id, &run, &f->e), OK);
    assert_null(run);
}

static void a_link_in_place_of_a_journal_is_not_followed(void **state)
{
    struct fixture *f = *state;
    const char *id = whole_run(f), *path = path_of(f, id);
    char *elsewhere = talloc_asprintf(f, "%s.moved", f->dir);
    struct run *run = NULL;

    assert_int_equal(rename(path, elsewhere), 0);
    assert_int_equal(symlink(elsewhere, path), 0);
    assert_int_not_equal(journal_read(f, f->dir, id, &run, &f->e), OK);
    assert_null(run);
    assert_int_equal(unlink(elsewhere), 0);
}

static void an_id_cannot_point_anywhere_else(void **state)
{
    static const char *const bad[] = {
        "", ".", "..", "/", "../x", "a/b", "/etc/passwd", "../../../etc/passwd",
        "20261122T140557Z-1f3a/../20261122T140557Z-1f3a", "20261122T140557Z-1f3a\n",
        "20261122T140557Z-", "20261122T140557Z", "20261122T140557Z-1f3a.jsonl", "20261122t140557z-1f3a",
        "20261122T140557Z-1F3A", "20261122T140557Z-1f3g", "2026112xT140557Z-1f3a", " 20261122T140557Z-1f3a",
        "20261122T140557Z-1f3a ", "*", "%s%n", "x",
    };
    struct fixture *f = *state;
    struct run *run = NULL;
    char *big = talloc_array(f, char, 10001);

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (journal_read(f, f->dir, bad[i], &run, &f->e) != ERR_USAGE)
            fail_msg("\"%s\": %s", bad[i], f->e.message);
    memset(big, 'a', 10000);
    big[10000] = 0;
    assert_int_equal(journal_read(f, f->dir, big, &run, &f->e), ERR_USAGE);
    assert_null(run);
}

static void a_run_that_does_not_exist_is_not_found(void **state)
{
    struct fixture *f = *state;
    struct run *run = NULL;
    char *no_dir = talloc_asprintf(f, "%s/none", f->dir);

    assert_int_equal(journal_read(f, f->dir, ID, &run, &f->e), ERR_NOTFOUND);
    assert_non_null(strstr(f->e.message, ID));
    assert_int_equal(journal_read(f, no_dir, ID, &run, &f->e), ERR_NOTFOUND);
    assert_null(run);
}

/* Lists. */

static void runs_are_listed_oldest_first(void **state)
{
    static const int64_t times[] = { NOW, NOW - 86400 * 400, NOW + 86400, NOW - 1, NOW + 86400 * 3650, 0 };
    const size_t n_times = sizeof times / sizeof times[0];
    struct fixture *f = *state;
    const char *want[6] = { NULL };
    char **ids = NULL;
    size_t n = 0;

    for (size_t i = 0; i < n_times; i++) {
        struct journal *j = begin(f, times[i]);
        size_t rank = 0;

        for (size_t k = 0; k < n_times; k++)
            rank += times[k] < times[i];
        want[rank] = talloc_strdup(f, journal_run_id(j));
        talloc_free(j);
    }
    assert_int_equal(journal_list(f, f->dir, &ids, &n, &f->e), OK);
    assert_int_equal(n, n_times);
    for (size_t i = 0; i < n_times; i++)
        assert_string_equal(ids[i], want[i]);
}

static void what_is_no_run_is_not_listed(void **state)
{
    static const char *const others[] = { "README", ".hidden", "x.jsonl", "20261122T140557Z-1f3a",
                                          "20261122T140557Z-zzzz.jsonl", "lock" };
    struct fixture *f = *state;
    const char *id = whole_run(f);
    char **ids = NULL;
    size_t n = 0;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        put_file(talloc_asprintf(f, "%s/%s", f->dir, others[i]), "x", 1);
    put_file(talloc_asprintf(f, "%s~", path_of(f, id)), "x", 1);
    assert_int_equal(journal_list(f, f->dir, &ids, &n, &f->e), OK);
    assert_int_equal(n, 1);
    assert_string_equal(ids[0], id);
}

static void a_missing_or_empty_directory_has_no_runs(void **state)
{
    struct fixture *f = *state;
    char **ids = NULL;
    size_t n = 77;

    assert_int_equal(journal_list(f, f->dir, &ids, &n, &f->e), OK);
    assert_int_equal(n, 0);
    n = 77;
    assert_int_equal(journal_list(f, talloc_asprintf(f, "%s/none", f->dir), &ids, &n, &f->e), OK);
    assert_int_equal(n, 0);
}

static void what_is_listed_can_be_read(void **state)
{
    struct fixture *f = *state;
    char **ids = NULL;
    size_t n = 0;

    whole_run(f);
    whole_run(f);
    assert_int_equal(journal_list(f, f->dir, &ids, &n, &f->e), OK);
    assert_int_equal(n, 2);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(read_run(f, ids[i])->id, ids[i]);
}

static int setup(void **state)
{
    struct fixture *f = talloc_zero(NULL, struct fixture);

    if (!f)
        return 1;
    f->dir = tempdir(f);
    *state = f;
    return 0;
}

static int teardown(void **state) { return talloc_free(*state); }

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_run_reads_back_byte_for_byte),
        T(every_outcome_and_kind_reads_back),
        T(text_that_is_not_utf8_does_not_stop_a_run),
        T(a_dn_that_is_not_utf8_still_names_its_node),
        T(a_run_without_nodes_is_a_run),
        T(many_nodes_read_back),
        T(the_journal_is_for_its_owner_only),
        T(a_run_id_tells_the_time_and_is_never_used_twice),
        T(a_journal_that_cannot_be_made_is_an_io_error),
        T(every_line_is_one_json_object_and_append_only),
        T(a_freed_journal_holds_no_descriptor),
        T(nothing_is_added_once_the_directory_may_have_been_written),
        T(no_outcome_before_everything_is_on_disk),
        T(no_outcome_of_a_node_that_is_not_there),
        T(a_second_commit_is_refused),
        T(a_run_that_was_not_committed_wrote_nothing),
        T(a_file_torn_at_any_byte_tells_what_was_written),
        T(a_tail_of_rubbish_after_a_crash_is_a_torn_line),
        T(the_documented_form_is_read),
        T(a_complete_line_that_is_wrong_is_named),
        T(a_nul_byte_hides_nothing),
        T(deep_and_long_lines_are_no_danger),
        T(a_file_of_absurd_size_is_refused_before_it_is_read),
        T(a_link_in_place_of_a_journal_is_not_followed),
        T(an_id_cannot_point_anywhere_else),
        T(a_run_that_does_not_exist_is_not_found),
        T(runs_are_listed_oldest_first),
        T(what_is_no_run_is_not_listed),
        T(a_missing_or_empty_directory_has_no_runs),
        T(what_is_listed_can_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
