#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/own.h"
#include "base/sha256.h"
#include "scavenger/journal.h"

#define JOURNAL_MAX_BYTES ((size_t)1 << 30)

struct reading {
    const char *id;
    size_t line;
    struct run *run;
    size_t cap_nodes;
    struct sha256 *plan;
    struct error *e;
};

static enum err bad_line(struct reading *r, const char *what)
{
    return err_set(r->e, ERR_MALFORMED, "journal of run %s, line %zu: %s", r->id, r->line, what);
}

static void decref(void *json) { json_decref(json); }

static enum err text_of(struct reading *r, json_t *line, const char *key, const char **out)
{
    const char *text = json_string_value(json_object_get(line, key));

    if (!text)
        return bad_line(r, "a text is missing");
    *out = talloc_strdup(r->run, text);
    return *out ? OK : err_nomem(r->e);
}

static enum err time_of(struct reading *r, json_t *line, const char *key, int64_t *out)
{
    const char *text = json_string_value(json_object_get(line, key));

    if (!text || !clock_parse(text, 0, out))
        return bad_line(r, "a time is missing or malformed");
    return OK;
}

/* False, *out untouched, for anything but an integer of that range. */
static bool number_of(json_t *json, json_int_t max, json_int_t *out)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0 || json_integer_value(json) > max)
        return false;
    *out = json_integer_value(json);
    return true;
}

/* NULL where the key is missing or null. */
static enum err optional_text_of(struct reading *r, json_t *line, const char *key, const char **out)
{
    json_t *json = json_object_get(line, key);

    if (!json || json_is_null(json))
        return OK;
    return text_of(r, line, key, out);
}

static enum err flag_of(struct reading *r, json_t *line, const char *key, bool *out)
{
    json_t *flag = json_object_get(line, key);

    if (!json_is_boolean(flag))
        return bad_line(r, "a true or false is missing");
    *out = json_is_true(flag);
    return OK;
}

static enum err raw_of(struct reading *r, json_t *json, struct bytes *out)
{
    const char *text = json_string_value(json);

    if (!text || !bytes_from_base64(r->run, text, out))
        return bad_line(r, "a value is not base64");
    return OK;
}

static enum err values_of(struct reading *r, json_t *array, struct bytes **out, size_t *n)
{
    enum err rc = OK;

    if (!json_is_array(array))
        return bad_line(r, "a list of values is missing");
    *n = json_array_size(array);
    *out = talloc_zero_array(r->run, struct bytes, *n);
    if (!*out)
        return err_nomem(r->e);
    for (size_t i = 0; i < *n && !rc; i++)
        rc = raw_of(r, json_array_get(array, i), &(*out)[i]);
    return rc;
}

static enum err records_of(struct reading *r, json_t *array, struct journal_node *node)
{
    enum err rc = OK;

    if (!json_is_array(array))
        return bad_line(r, "the list of records is missing");
    node->n_records = json_array_size(array);
    node->records = talloc_zero_array(r->run, struct journal_record, node->n_records);
    if (!node->records)
        return err_nomem(r->e);
    for (size_t i = 0; i < node->n_records && !rc; i++) {
        json_t *one = json_array_get(array, i);
        struct journal_record *record = &node->records[i];
        json_int_t hours;

        if (!number_of(json_object_get(one, "timestamp_hours"), UINT32_MAX, &hours))
            return bad_line(r, "a timestamp is out of range");
        record->timestamp_h = (uint32_t)hours;
        if (!(rc = text_of(r, one, "type", &record->type)) &&
            !(rc = text_of(r, one, "data", &record->data)))
            rc = raw_of(r, json_object_get(one, "raw"), &record->raw);
    }
    return rc;
}

static enum err read_header(struct reading *r, json_t *line)
{
    const char *magic = json_string_value(json_object_get(line, "journal"));
    const char *kind = json_string_value(json_object_get(line, "kind"));
    const char *id = json_string_value(json_object_get(line, "run"));
    enum err rc;

    if (!magic || strcmp(magic, "muster") != 0 || !kind ||
        json_integer_value(json_object_get(line, "version")) != 1)
        return bad_line(r, "not a journal of version 1");
    if (!id || strcmp(id, r->id) != 0)
        return bad_line(r, "the journal of another run");
    if (strcmp(kind, "scavenge") == 0)
        r->run->kind = RUN_SCAVENGE;
    else if (strcmp(kind, "restore") == 0)
        r->run->kind = RUN_RESTORE;
    else
        return bad_line(r, "unknown kind of run");
    if ((rc = text_of(r, line, "principal", &r->run->principal)) ||
        (rc = text_of(r, line, "server", &r->run->server)))
        return rc;
    return time_of(r, line, "started", &r->run->started);
}

static enum err read_node(struct reading *r, json_t *line)
{
    struct run *run = r->run;
    struct journal_node node = { .outcome = OUTCOME_PLANNED };
    json_int_t number;
    enum err rc;

    if (run->is_committed || !number_of(json_object_get(line, "node"), INT64_MAX, &number) ||
        (size_t)number != run->n_nodes)
        return bad_line(r, "a node out of order");
    node.is_server_made = json_is_null(json_object_get(line, "new"));
    if ((rc = flag_of(r, line, "tombstone", &node.is_tombstoned)) ||
        (rc = flag_of(r, line, "was_tombstone", &node.was_tombstoned)) ||
        (rc = text_of(r, line, "zone", &node.zone)) ||
        (rc = text_of(r, line, "name", &node.name)) || (rc = text_of(r, line, "dn", &node.dn)) ||
        (rc = optional_text_of(r, line, "owner", &node.owner_sid)) ||
        (rc = values_of(r, json_object_get(line, "old"), &node.old, &node.n_old)) ||
        (!node.is_server_made &&
         (rc = values_of(r, json_object_get(line, "new"), &node.new, &node.n_new))) ||
        (rc = records_of(r, json_object_get(line, "records"), &node)))
        return rc;
    if (run->n_nodes == r->cap_nodes) {
        size_t cap = r->cap_nodes ? r->cap_nodes * 2 : 64;
        struct journal_node *nodes = talloc_realloc(run, run->nodes, struct journal_node, cap);

        if (!nodes)
            return err_nomem(r->e);
        run->nodes = nodes;
        r->cap_nodes = cap;
    }
    run->nodes[run->n_nodes++] = node;
    return OK;
}

static enum err read_outcome(struct reading *r, json_t *line)
{
    const char *name = json_string_value(json_object_get(line, "outcome"));
    struct journal_node *node, seen = { 0 };
    json_int_t at;
    enum err rc;

    if (!r->run->is_committed)
        return bad_line(r, "an outcome before the plan was complete");
    if (!number_of(json_object_get(line, "node"), (json_int_t)r->run->n_nodes - 1, &at))
        return bad_line(r, "an outcome of a node that is not in the plan");
    if (!name || !outcome_parse(name, &seen.outcome))
        return bad_line(r, "unknown outcome");
    node = &r->run->nodes[at];
    if (json_object_get(line, "problem") && (rc = text_of(r, line, "problem", &seen.problem)))
        return rc;
    if (node->is_server_made && json_object_get(line, "new") &&
        (rc = values_of(r, json_object_get(line, "new"), &seen.new, &seen.n_new)))
        return rc;
    node->outcome = seen.outcome;
    if (seen.problem)
        node->problem = seen.problem;
    if (seen.new) {
        node->new = seen.new;
        node->n_new = seen.n_new;
    }
    return OK;
}

static enum err read_commit(struct reading *r, json_t *line)
{
    char hash[SHA256_TEXT];
    json_int_t planned;
    enum err rc;

    if (r->run->is_committed)
        return bad_line(r, "a second commit");
    if (!number_of(json_object_get(line, "planned"), INT64_MAX, &planned) ||
        (size_t)planned != r->run->n_nodes)
        return bad_line(r, "the plan has another number of nodes than it says");
    if ((rc = optional_text_of(r, line, "sha256", &r->run->plan_sha256)))
        return rc;
    if (r->run->plan_sha256 &&
        (!sha256_text(r->plan, hash) || strcmp(hash, r->run->plan_sha256) != 0))
        return bad_line(r, "the plan is not the one that was written: its hash differs");
    r->run->is_committed = true;
    return OK;
}

static enum err read_line(struct reading *r, const char *text, size_t len)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    json_error_t why;
    json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    enum err rc;

    if (!line) {
        rc = bad_line(r, why.text);
        goto done;
    }
    if (!own(tmp, line, decref)) {
        rc = err_nomem(r->e);
        goto done;
    }
    if (r->line == 1)
        rc = read_header(r, line);
    else if (json_object_get(line, "outcome"))
        rc = read_outcome(r, line);
    else if (json_object_get(line, "planned"))
        rc = read_commit(r, line);
    else if (json_object_get(line, "ended"))
        rc = time_of(r, line, "ended", &r->run->ended);
    else if (!json_object_get(line, "node"))
        rc = bad_line(r, "not a line of a journal");
    else if (sha256_add(r->plan, text, len) && sha256_add(r->plan, "\n", 1))
        rc = read_node(r, line);
    else
        rc = err_set(r->e, ERR_INTERNAL, "SHA-256 of a plan failed");
done:
    talloc_free(tmp);
    return rc;
}

/*
 * The plan is known to be the one that was written, and the directory tells what became of each of
 * its nodes: what a bad line would have told is not worth the rest.
 */
static bool pass_over(struct reading *r)
{
    struct run *run = r->run;

    if (!run->is_committed || !run->plan_sha256)
        return false;
    if (run->n_bad_lines++ == 0)
        run->first_bad_line = r->line;
    return true;
}

static void mark_unknown(struct run *run)
{
    for (size_t i = 0; i < run->n_nodes && run->n_bad_lines; i++) {
        if (run->nodes[i].outcome == OUTCOME_PLANNED)
            run->nodes[i].outcome = OUTCOME_UNKNOWN;
    }
}

/* As journal_begin makes them: of one length, so that their order is that of time. */
static bool is_run_id(const char *id)
{
    static const char shape[] = "00000000T000000Z-ffff";
    const char *digits;

    for (const char *s = shape; *s; s++, id++) {
        digits = *s == '0' ? "0123456789" : *s == 'f' ? "0123456789abcdef" : NULL;
        if (!*id || (digits ? !strchr(digits, *id) : *id != *s))
            return false;
    }
    return *id == '\0';
}

enum err journal_parse(TALLOC_CTX *mem, struct bytes file, const char *id, struct run **out,
                       struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct reading r = { .id = id, .e = e };
    const char *at = (const char *)file.data, *end = at + file.len;
    enum err rc = OK;

    r.run = talloc_zero(tmp, struct run);
    r.plan = sha256_new(tmp);
    if (!r.run || !r.plan || !(r.run->id = talloc_strdup(r.run, id)))
        rc = err_nomem(e);
    while (!rc && at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        r.line++;
        if (!newline) {
            /* The run was cut off while writing: what is complete still counts. */
            r.run->is_torn = true;
            break;
        }
        rc = read_line(&r, at, (size_t)(newline - at));
        if (rc == ERR_MALFORMED && pass_over(&r)) {
            err_clear(e);
            rc = OK;
        }
        at = newline + 1;
    }
    if (!rc && !r.run->principal)
        rc = bad_line(&r, "the file is empty");
    if (!rc) {
        mark_unknown(r.run);
        *out = talloc_steal(mem, r.run);
    }
    talloc_free(tmp);
    return rc;
}

static void warn_of_bad_lines(const struct run *run, const char *path)
{
    if (run->n_bad_lines)
        log_warning("%s: %zu lines cannot be read, the first is line %zu; what became of the names "
                    "without an outcome is unknown: `muster restore %s` looks in the directory",
                    path, run->n_bad_lines, run->first_bad_line, run->id);
}

/* An error of a file of this machine, not of what a server said. */
static enum err damaged(const char *path, struct error *e)
{
    if (e)
        e->code = ERR_IO;
    err_hint(e,
             "%s is damaged: put it back from a backup, or move it away; `muster runs` lists "
             "the others",
             path);
    return ERR_IO;
}

enum err journal_read(TALLOC_CTX *mem, const char *dir, const char *id, struct run **out,
                      struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct bytes file;
    enum err rc;
    char *path;

    if (!is_run_id(id)) {
        rc = err_set(e, ERR_USAGE, "\"%.40s\" is not the id of a run", id);
        err_hint(e, "`muster runs` lists them");
        goto done;
    }
    path = talloc_asprintf(tmp, "%s/%s.jsonl", dir, id);
    rc = path ? file_read(tmp, path, JOURNAL_MAX_BYTES, &file, e) : err_nomem(e);
    if (rc == ERR_NOTFOUND)
        err_hint(e, "`muster runs` lists the runs that there are");
    if (!rc && !(rc = journal_parse(mem, file, id, out, e)))
        warn_of_bad_lines(*out, path);
    else if (rc == ERR_MALFORMED)
        rc = damaged(path, e);
done:
    talloc_free(tmp);
    return rc;
}

static void close_dir(void *dir) { closedir(dir); }

static int compare_ids(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum err journal_list(TALLOC_CTX *mem, const char *dir, char ***ids, size_t *n, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char **list = talloc_array(tmp, char *, 0);
    size_t count = 0;
    struct dirent *entry;
    enum err rc = OK;
    DIR *d = opendir(dir);

    if (!list || (d && !own(tmp, d, close_dir))) {
        rc = err_nomem(e);
        goto done;
    }
    if (!d && errno != ENOENT) {
        rc = err_errno(e, errno, "cannot list the journals in %s", dir);
        goto done;
    }
    while (d && (entry = readdir(d)) != NULL) {
        size_t len = strlen(entry->d_name);
        struct stat st;
        char *id;

        if (len <= 6 || strcmp(entry->d_name + len - 6, ".jsonl") != 0)
            continue;
        /* Its run was killed before the first line: it did nothing. */
        if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size == 0)
            continue;
        list = talloc_realloc(tmp, list, char *, count + 1);
        id = list ? talloc_strndup(list, entry->d_name, len - 6) : NULL;
        if (!id) {
            rc = err_nomem(e);
            goto done;
        }
        if (is_run_id(id))
            list[count++] = id;
    }
    qsort(list, count, sizeof *list, compare_ids);
    *ids = talloc_steal(mem, list);
    *n = count;
done:
    talloc_free(tmp);
    return rc;
}

bool journal_is_open(const char *dir, const char *id)
{
    char *path = talloc_asprintf(NULL, "%s/%s.jsonl", dir, id);
    bool is_open = path && file_is_locked(path);

    talloc_free(path);
    return is_open;
}
