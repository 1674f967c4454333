#include "tests/unit/journal_sample.h"

/* Torn files. */

/* Lines of the whole run: header, 3 nodes, planned, 2 outcomes, ended. */
enum {
    LINE_PLANNED = 4,
    LINE_FIRST_OUTCOME = 5,
    LINE_SECOND_OUTCOME = 6,
    LINE_ENDED = 7,
    LINES = 8
};

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
        assert_true(rc == OK || rc == ERR_IO);
        if (rc == ERR_IO)
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
    static const char *const tails[] = { "00000000", "ffff", "7b226f7574636f6d65223a",
                                         "22",       "c3",   "20" };
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

/* Where each line begins, and where the last one ends. */
static void lines_of(struct bytes file, size_t at[LINES + 1])
{
    size_t n = 0;

    at[n++] = 0;
    for (size_t i = 0; i < file.len && n <= LINES; i++) {
        if (file.data[i] == '\n')
            at[n++] = i + 1;
    }
    assert_int_equal(n, LINES + 1);
}

/* As a disk leaves it that was full for a while. */
static void an_outcome_torn_behind_a_verified_plan_costs_only_itself(void **state)
{
    struct fixture *f = *state;
    const char *id = whole_run(f), *path = path_of(f, id);
    struct bytes file = get_file(f, path);
    struct sample *s = sample(f);
    size_t at[LINES + 1];

    lines_of(file, at);
    for (size_t cut = at[LINE_FIRST_OUTCOME]; cut < at[LINE_SECOND_OUTCOME]; cut++) {
        size_t gap = at[LINE_SECOND_OUTCOME] - cut;
        bool is_torn = cut > at[LINE_FIRST_OUTCOME];
        uint8_t *torn = talloc_memdup(f, file.data, file.len);
        struct run *run;

        memmove(torn + cut, torn + cut + gap, file.len - cut - gap);
        put_file(path, torn, file.len - gap);
        run = read_run(f, id);
        assert_true(run->is_committed);
        assert_int_equal(run->n_bad_lines, is_torn);
        assert_int_equal(run->first_bad_line, is_torn ? LINE_FIRST_OUTCOME + 1 : 0);
        assert_int_equal(run->n_nodes, 3);
        for (int i = 0; i < 3; i++)
            assert_node_equal(&run->nodes[i], &s->nodes[i]);
        /* Joined with the torn one, the next line is lost with it. */
        assert_int_equal(run->nodes[0].outcome, is_torn ? OUTCOME_UNKNOWN : OUTCOME_PLANNED);
        assert_int_equal(run->nodes[1].outcome, is_torn ? OUTCOME_UNKNOWN : OUTCOME_PLANNED);
        assert_int_equal(run->nodes[2].outcome, is_torn ? OUTCOME_UNKNOWN : OUTCOME_DENIED);
        assert_true(run->ended);
    }
}

static void a_line_of_the_plan_that_is_torn_is_not_passed_over(void **state)
{
    struct fixture *f = *state;
    const char *id = whole_run(f), *path = path_of(f, id);
    struct bytes file = get_file(f, path);
    size_t at[LINES + 1];
    struct run *run;

    lines_of(file, at);
    for (size_t line = 0; line <= LINE_PLANNED; line++) {
        uint8_t *bad = talloc_memdup(f, file.data, file.len);

        bad[at[line] + 3] = '\xff';
        put_file(path, bad, file.len);
        assert_int_equal(journal_read(f, f->dir, id, &run, &f->e), ERR_IO);
        /* A file of this machine is damaged, not an answer. */
        assert_int_not_equal(err_exit_code(f->e.code), err_exit_code(ERR_UNVERIFIED));
        assert_non_null(strstr(f->e.hint, path));
    }
}

static void an_outcome_that_is_bad_in_part_changes_nothing(void **state)
{
    static const char bad[] = "{\"outcome\":\"deleted\",\"node\":0,\"problem\":\"why\",\"new\":["
                              "\"AAE=\",\"*\"],\"at\":\"2026-11-22T14:05:58Z\"}\n";
    struct fixture *f = *state;
    struct sample *s = sample(f);
    struct journal *j = begin(f, NOW);
    const char *path = path_of(f, journal_run_id(j));
    struct bytes file;
    struct run *run;
    char *longer;

    s->nodes[0].is_server_made = true;
    add_all(f, j, s);
    assert_int_equal(journal_commit(j, &f->e), OK);
    file = get_file(f, path);
    longer = talloc_array(f, char, file.len + sizeof bad);
    memcpy(longer, file.data, file.len);
    memcpy(longer + file.len, bad, sizeof bad);
    put_file(path, longer, file.len + sizeof bad - 1);
    run = read_run(f, journal_run_id(j));
    assert_int_equal(run->n_bad_lines, 1);
    assert_int_equal(run->nodes[0].outcome, OUTCOME_UNKNOWN);
    assert_int_equal(run->nodes[0].n_new, 0);
    assert_null(run->nodes[0].problem);
}

/* Hostile files. */

#define STARTED "\"2026-11-22T14:05:57Z\""
#define HEAD_OF(magic, version, id, kind, principal, started)                                      \
    "{\"journal\":" magic ",\"version\":" version ",\"run\":\"" id "\",\"kind\":" kind             \
    ",\"principal\":" principal ",\"server\":\"s\",\"started\":" started "}\n"
#define HEAD(id) HEAD_OF("\"muster\"", "1", id, "\"scavenge\"", "\"p\"", STARTED)
#define HEAD_WITH(magic, version, kind, principal, started)                                        \
    HEAD_OF(magic, version, ID, kind, principal, started)
#define NODE_OF(number, dn, old, new, tombstone, was_tombstone, records)                           \
    "{\"node\":" number ",\"zone\":\"z\",\"name\":\"n\",\"dn\":" dn ",\"old\":" old                \
    ",\"new\":" new ",\"tombstone\":" tombstone ",\"was_tombstone\":" was_tombstone                \
                    ",\"records\":" records "}\n"
#define NODE(number) NODE_OF(number, "\"DC=n\"", "[\"AAE=\"]", "[\"Ag==\"]", "false", "false", "[]")
#define NODE_WITH(dn, old, new, tombstone, was_tombstone, records)                                 \
    NODE_OF("0", dn, old, new, tombstone, was_tombstone, records)
#define RECORD(type, hours, raw)                                                                   \
    "[{\"type\":" type ",\"data\":\"x\",\"timestamp_hours\":" hours ",\"raw\":\"" raw "\"}]"
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
    static const char good[] = HEAD(ID) NODE("0") NODE_OF(
        "1", "\"DC=n\"", "[]", "[]", "true", "false",
        RECORD("\"A\"", "4294967295",
               "AAE=")) "{\"planned\":2}\n"
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
    assert_true(run->nodes[1].is_tombstoned);
    assert_true(run->nodes[1].records[0].timestamp_h == UINT32_MAX);
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
        { HEAD_WITH("\"other\"", "1", "\"scavenge\"", "\"p\"", STARTED), 1 },
        { HEAD_WITH("7", "1", "\"scavenge\"", "\"p\"", STARTED), 1 },
        { HEAD_WITH("\"muster\"", "2", "\"scavenge\"", "\"p\"", STARTED), 1 },
        { HEAD_WITH("\"muster\"", "\"1\"", "\"scavenge\"", "\"p\"", STARTED), 1 },
        { HEAD_WITH("\"muster\"", "1", "\"burn\"", "\"p\"", STARTED), 1 },
        { HEAD_WITH("\"muster\"", "1", "\"scavenge\"", "7", STARTED), 1 },
        { HEAD_WITH("\"muster\"", "1", "\"scavenge\"", "\"p\"", "\"yesterday\""), 1 },
        { HEAD_WITH("\"muster\"", "1", "\"scavenge\"", "\"p\"", STARTED ",\"kind\":\"restore\""),
          1 },
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
        { HEAD(ID) NODE_WITH("7", "[]", "[]", "false", "false", "[]"), 2 },
        { HEAD(ID) NODE_WITH("\"DC=n\\u0000\"", "[]", "[]", "false", "false", "[]"), 2 },
        { HEAD(ID) NODE_WITH("\"DC=n\"", "\"AAE=\"", "[]", "false", "false", "[]"), 2 },
        { HEAD(ID) NODE_WITH("\"DC=n\"", "[7]", "[]", "false", "false", "[]"), 2 },
        { HEAD(ID) NODE_WITH("\"DC=n\"", "[\"A\"]", "[]", "false", "false", "[]"), 2 },
        { HEAD(ID) NODE_WITH("\"DC=n\"", "[]", "[null]", "false", "false", "[]"), 2 },
        { HEAD(ID) NODE_WITH("\"DC=n\"", "[]", "7", "false", "false", "[]"), 2 },
        { HEAD(ID) NODE_WITH("\"DC=n\"", "[]", "[]", "\"false\"", "false", "[]"), 2 },
        { HEAD(ID) NODE_WITH("\"DC=n\"", "[]", "[]", "false", "0", "[]"), 2 },
        { HEAD(ID) NODE_WITH("\"DC=n\"", "[]", "[]", "false", "false", "{}"), 2 },
        { HEAD(ID) NODE_WITH("\"DC=n\"", "[]", "[]", "false", "false", "[7]"), 2 },
        { HEAD(ID)
              NODE_WITH("\"DC=n\"", "[]", "[]", "false", "false", RECORD("\"A\"", "-1", "AAE=")),
          2 },
        { HEAD(ID)
              NODE_WITH("\"DC=n\"", "[]", "[]", "false", "false", RECORD("\"A\"", "1.5", "AAE=")),
          2 },
        { HEAD(ID) NODE_WITH("\"DC=n\"", "[]", "[]", "false", "false",
                             RECORD("\"A\"", "4294967296", "")),
          2 },
        { HEAD(ID) NODE_WITH("\"DC=n\"", "[]", "[]", "false", "false", RECORD("1", "1", "AAE=")),
          2 },
        { HEAD(ID) NODE_WITH("\"DC=n\"", "[]", "[]", "false", "false", RECORD("\"A\"", "1", "*")),
          2 },
        /* The commit. */
        { HEAD(ID) NODE("0") "{\"planned\":0}\n", 3 },
        { HEAD(ID) NODE("0") "{\"planned\":2}\n", 3 },
        /* The hash of another plan; no hash at all. */
        { HEAD(ID)
              NODE("0") "{\"planned\":1,\"sha256\":\""
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}\n",
          3 },
        { HEAD(ID) NODE("0") "{\"planned\":1,\"sha256\":7}\n", 3 },
        { HEAD(ID) "{\"planned\":-1}\n", 2 },
        { HEAD(ID) "{\"planned\":\"0\"}\n", 2 },
        { HEAD(ID) "{\"planned\":0,\"planned\":0}\n", 2 },
        { HEAD(ID) "{\"planned\":0}\n{\"planned\":0}\n", 3 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n" NODE("1"), 4 },
        /* Outcomes. */
        { HEAD(ID)
              NODE("0") "{\"outcome\":\"deleted\",\"node\":0,\"at\":\"2026-11-22T14:05:58Z\"}\n",
          3 },
        { HEAD(ID)
              NODE("0") "{\"planned\":1}\n"
                        "{\"outcome\":\"deleted\",\"node\":1,\"at\":\"2026-11-22T14:05:58Z\"}\n",
          4 },
        { HEAD(ID)
              NODE("0") "{\"planned\":1}\n"
                        "{\"outcome\":\"deleted\",\"node\":-1,\"at\":\"2026-11-22T14:05:58Z\"}\n",
          4 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n"
                             "{\"outcome\":\"deleted\",\"node\":4294967296,\"at\":\"2026-11-22T14:"
                             "05:58Z\"}\n",
          4 },
        { HEAD(ID) NODE(
              "0") "{\"planned\":1}\n"
                   "{\"outcome\":\"deleted\",\"node\":\"0\",\"at\":\"2026-11-22T14:05:58Z\"}\n",
          4 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n"
                             "{\"outcome\":\"eaten\",\"node\":0,\"at\":\"2026-11-22T14:05:58Z\"}\n",
          4 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n"
                             "{\"outcome\":7,\"node\":0,\"at\":\"2026-11-22T14:05:58Z\"}\n",
          4 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n"
                             "{\"outcome\":\"deleted\",\"at\":\"2026-11-22T14:05:58Z\"}\n",
          4 },
        { HEAD(ID) NODE("0") "{\"planned\":1}\n{\"outcome\":\"deleted\",\"node\":0,"
                             "\"outcome\":\"gone\",\"at\":\"2026-11-22T14:05:58Z\"}\n",
          4 },
        /* The end. */
        { HEAD(ID) "{\"planned\":0}\n{\"ended\":\"never\"}\n", 3 },
        { HEAD(ID) "{\"planned\":0}\n{\"ended\":7}\n", 3 },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct run *run;
        char line[32];
        enum err rc = read_text(f, table[i].content, strlen(table[i].content), &run);

        if (rc != ERR_IO)
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

    assert_int_equal(read_text(f, content, sizeof content - 1, &run), ERR_IO);
    assert_int_equal(read_text(f, second, sizeof second - 1, &run), ERR_IO);
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
    assert_int_equal(read_text(f, big, head + n + 1, &run), ERR_IO);
    for (size_t i = 0; i + 5 <= n; i += 5)
        memcpy(big + head + i, "{\"a\":", 5);
    assert_int_equal(read_text(f, big, head + n + 1, &run), ERR_IO);
    /* Two million empty lines. */
    memset(big + head, '\n', n);
    assert_int_equal(read_text(f, big, head + n + 1, &run), ERR_IO);
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
        "",
        ".",
        "..",
        "/",
        "../x",
        "a/b",
        "/etc/passwd",
        "../../../etc/passwd",
        "20261122T140557Z-1f3a/../20261122T140557Z-1f3a",
        "20261122T140557Z-1f3a\n",
        "20261122T140557Z-",
        "20261122T140557Z",
        "20261122T140557Z-1f3a.jsonl",
        "20261122t140557z-1f3a",
        "20261122T140557Z-1F3A",
        "20261122T140557Z-1f3g",
        "2026112xT140557Z-1f3a",
        " 20261122T140557Z-1f3a",
        "20261122T140557Z-1f3a ",
        "*",
        "%s%n",
        "x",
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
    static const int64_t times[] = { NOW,     NOW - 86400 * 400,  NOW + 86400,
                                     NOW - 1, NOW + 86400 * 3650, 0 };
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
    static const char *const others[] = {
        "README", ".hidden", "x.jsonl", "20261122T140557Z-1f3a", "20261122T140557Z-zzzz.jsonl",
        "lock"
    };
    struct fixture *f = *state;
    const char *id = whole_run(f);
    char **ids = NULL;
    size_t n = 0;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        put_file(talloc_asprintf(f, "%s/%s", f->dir, others[i]), "x", 1);
    put_file(talloc_asprintf(f, "%s~", path_of(f, id)), "x", 1);
    /* Killed before its first line. */
    put_file(talloc_asprintf(f, "%s/20261122T140557Z-0000.jsonl", f->dir), "", 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_file_torn_at_any_byte_tells_what_was_written),
        T(a_tail_of_rubbish_after_a_crash_is_a_torn_line),
        T(an_outcome_torn_behind_a_verified_plan_costs_only_itself),
        T(a_line_of_the_plan_that_is_torn_is_not_passed_over),
        T(an_outcome_that_is_bad_in_part_changes_nothing),
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
