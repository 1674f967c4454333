#include "tests/unit/full_disk.h"
#include "tests/unit/journal_sample.h"

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

    assert_int_equal(journal_begin(f, f->dir, RUN_RESTORE, "a \"b\"", "d\xc3\xbc", NOW, &j, &f->e),
                     OK);
    for (int i = OUTCOME_DELETED; i <= OUTCOME_UNKNOWN; i++)
        assert_int_equal(journal_add(j, &sample(f)->nodes[0], &f->e), OK);
    assert_int_equal(journal_commit(j, &f->e), OK);
    /* In any order. */
    for (int i = OUTCOME_UNKNOWN; i >= OUTCOME_DELETED; i--)
        assert_int_equal(journal_outcome(j, (size_t)(i - OUTCOME_DELETED), (enum outcome)i, "why",
                                         NOW, &f->e),
                         OK);
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
    s->nodes[0].dn = "DC=a\xff"
                     "b\xc3\xbc\xe2\x82,CN=x\xed\xa0\x80";
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

static void a_run_is_open_while_it_is_written(void **state)
{
    struct fixture *f = *state;
    struct journal *j = begin(f, NOW), *next = begin(f, NOW);
    char *id = talloc_strdup(f, journal_run_id(j));

    assert_true(journal_is_open(f->dir, id));
    talloc_free(j);
    /* That another one is does not make it so. */
    assert_false(journal_is_open(f->dir, id));
    assert_true(journal_is_open(f->dir, journal_run_id(next)));
    assert_false(journal_is_open(f->dir, "20010101T000000Z-0000"));
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
    assert_non_null(strstr((const char *)before.data, "\n{\"planned\":3,\"sha256\":\""));
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

/* A disk that is full. */

static void an_outcome_that_fits_in_part_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    struct journal *j = begin(f, NOW);
    const char *id = journal_run_id(j), *path = path_of(f, id);
    struct bytes before;
    struct run *run;

    add_all(f, j, sample(f));
    assert_int_equal(journal_commit(j, &f->e), OK);
    before = get_file(f, path);
    for (size_t room = 0; room < 40; room += 13) {
        enum err rc, again;

        disk_is_full_at(before.len + room);
        rc = journal_outcome(j, 0, OUTCOME_DELETED, NULL, NOW, &f->e);
        again = journal_outcome(j, 1, OUTCOME_DELETED, NULL, NOW, NULL);
        disk_has_room();
        assert_int_equal(rc, ERR_IO);
        assert_int_equal(again, ERR_IO);
        assert_non_null(strstr(f->e.message, path));
        assert_bytes_equal(get_file(f, path), before);
    }
    /* There is room again: what comes now can be told. */
    assert_int_equal(journal_outcome(j, 2, OUTCOME_DELETED, NULL, NOW, &f->e), OK);
    assert_int_equal(journal_end(j, NOW, &f->e), OK);
    run = read_run(f, id);
    assert_false(run->is_torn);
    assert_int_equal(run->n_bad_lines, 0);
    assert_int_equal(run->nodes[0].outcome, OUTCOME_PLANNED);
    assert_int_equal(run->nodes[1].outcome, OUTCOME_PLANNED);
    assert_int_equal(run->nodes[2].outcome, OUTCOME_DELETED);
}

static void a_plan_that_does_not_fit_is_not_committed(void **state)
{
    struct fixture *f = *state;
    struct sample *s = sample(f);
    size_t whole = get_file(f, path_of(f, whole_run(f))).len, least;
    struct journal *j = begin(f, NOW);

    least = get_file(f, path_of(f, journal_run_id(j))).len;
    /* Without outcomes and end it is shorter: the last of these fit. */
    for (size_t room = least; room < whole; room += 7) {
        struct run *run;
        enum err rc = OK, retry;

        j = begin(f, NOW);
        disk_is_full_at(room);
        for (int i = 0; i < 3 && !rc; i++)
            rc = journal_add(j, &s->nodes[i], &f->e);
        rc = journal_commit(j, &f->e);
        disk_has_room();
        run = read_run(f, journal_run_id(j));
        assert_int_equal(journal_is_committed(j), rc == OK);
        assert_int_equal(run->is_committed, rc == OK);
        if (rc == OK)
            break;
        assert_int_equal(rc, ERR_IO);
        assert_false(run->is_torn);
        /* What was lost is lost, though there is room now. */
        retry = journal_commit(j, &f->e);
        assert_false(retry == OK && read_run(f, journal_run_id(j))->n_nodes != 3);
        talloc_free(j);
    }
    assert_true(journal_is_committed(j));
}

static void a_run_whose_journal_failed_is_done_in_part(void **state)
{
    struct fixture *f = *state;
    struct journal *j = begin(f, NOW);

    add_all(f, j, sample(f));
    err_set(&f->e, ERR_IO, "no space");
    assert_int_equal(journal_end_partial(j, ERR_IO, &f->e), ERR_IO);
    assert_int_equal(f->e.hint[0], 0);
    assert_int_equal(journal_commit(j, &f->e), OK);
    assert_int_equal(journal_end_partial(j, ERR_UNREACHABLE, &f->e), ERR_UNREACHABLE);
    assert_int_equal(journal_end_partial(j, ERR_IO, &f->e), ERR_PARTIAL);
    assert_int_equal(f->e.code, ERR_PARTIAL);
    assert_string_equal(f->e.message, "no space");
    assert_non_null(strstr(f->e.hint, journal_run_id(j)));
}

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
        T(a_run_is_open_while_it_is_written),
        T(a_run_id_tells_the_time_and_is_never_used_twice),
        T(a_journal_that_cannot_be_made_is_an_io_error),
        T(every_line_is_one_json_object_and_append_only),
        T(a_freed_journal_holds_no_descriptor),
        T(nothing_is_added_once_the_directory_may_have_been_written),
        T(no_outcome_before_everything_is_on_disk),
        T(no_outcome_of_a_node_that_is_not_there),
        T(a_second_commit_is_refused),
        T(a_run_that_was_not_committed_wrote_nothing),
        T(an_outcome_that_fits_in_part_leaves_nothing),
        T(a_plan_that_does_not_fit_is_not_committed),
        T(a_run_whose_journal_failed_is_done_in_part),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
