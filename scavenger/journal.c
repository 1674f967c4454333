#include "scavenger/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/sha256.h"

/* Lines of the plan are written together: there may be as many as names. */
#define LINES_AT_ONCE ((size_t)64 << 10)

struct journal {
    char *id;
    char *path;
    int fd;
    char *lines; /* that wait to be written */
    size_t len;
    off_t whole;  /* bytes of the file that are whole lines */
    bool is_torn; /* there are others behind them, which could not be cut off */
    size_t n_nodes;
    struct sha256 *plan; /* of the node lines so far */
    bool has_lost_lines; /* of the plan */
    bool is_committed;
};

static char *make_id(TALLOC_CTX *mem, int64_t now)
{
    time_t t = (time_t)now;
    uint16_t salt = 0;
    struct tm tm;
    char when[32];

    if (!gmtime_r(&t, &tm) || getrandom(&salt, sizeof salt, 0) != sizeof salt)
        return NULL;
    strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &tm);
    return talloc_asprintf(mem, "%s-%04x", when, salt);
}

/* A file that did not exist, under an id of its own. */
static enum err create_file(struct journal *j, const char *dir, int64_t now, struct error *e)
{
    /* Runs of one second differ in 16 random bits only, which do collide. */
    for (int attempt = 0; attempt < 100; attempt++) {
        j->id = make_id(j, now);
        j->path = j->id ? talloc_asprintf(j, "%s/%s.jsonl", dir, j->id) : NULL;
        if (!j->path)
            return err_nomem(e);
        j->fd =
            open(j->path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (j->fd >= 0) {
            /* Tells those who look that the run is under way; where it cannot be had they are
             * told that it was cut off, as after its end. */
            flock(j->fd, LOCK_EX | LOCK_NB);
            return OK;
        }
        if (errno != EEXIST)
            break;
    }
    return err_errno(e, errno, "cannot create the journal %s", j->path);
}

/* What could only be written in part is cut off, so that the next line begins one. */
static bool cut_back(struct journal *j)
{
    j->is_torn = ftruncate(j->fd, j->whole) != 0;
    return !j->is_torn;
}

/* The lines that wait, or none of them. */
static enum err flush_lines(struct journal *j, struct error *e)
{
    size_t done = 0, len = j->len;
    int why = j->is_torn && !cut_back(j) ? errno : 0;

    j->len = 0;
    while (!why && done < len) {
        ssize_t n = write(j->fd, j->lines + done, len - done);

        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            why = errno;
    }
    if (!why) {
        j->whole += (off_t)len;
        return OK;
    }
    cut_back(j);
    j->has_lost_lines = true;
    return err_errno(e, why, "cannot write the journal %s", j->path);
}

/* What waits of a plan that was never committed is worth seeing. */
static int close_file(struct journal *j)
{
    if (j->fd >= 0 && j->len)
        flush_lines(j, NULL);
    if (j->fd >= 0)
        close(j->fd);
    return 0;
}

static enum err write_text(struct journal *j, const char *text, struct error *e)
{
    size_t len = strlen(text), need = j->len + len + 1;

    if (need > talloc_get_size(j->lines)) {
        char *lines = talloc_realloc(j, j->lines, char, need + LINES_AT_ONCE);

        if (!lines)
            return err_nomem(e);
        j->lines = lines;
    }
    memcpy(j->lines + j->len, text, len);
    j->lines[need - 1] = '\n';
    j->len = need;
    return need < LINES_AT_ONCE ? OK : flush_lines(j, e);
}

/* Takes the reference to line; NULL means that jansson ran out of memory. */
static enum err write_line(struct journal *j, json_t *line, struct error *e)
{
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    enum err rc = text ? write_text(j, text, e) : err_nomem(e);

    free(text);
    json_decref(line);
    return rc;
}

/* The same for a line that is part of the plan. */
static enum err write_plan_line(struct journal *j, json_t *line, struct error *e)
{
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    enum err rc = text ? write_text(j, text, e) : err_nomem(e);

    if (!rc && (!sha256_add(j->plan, text, strlen(text)) || !sha256_add(j->plan, "\n", 1)))
        rc = err_set(e, ERR_INTERNAL, "SHA-256 of the plan failed");
    free(text);
    json_decref(line);
    return rc;
}

static enum err sync_file(struct journal *j, struct error *e)
{
    enum err rc = flush_lines(j, e);

    if (!rc && fsync(j->fd) != 0)
        rc = err_errno(e, errno, "cannot flush the journal %s to disk", j->path);
    return rc;
}

/* Bytes at text that make one UTF-8 character, 0 where there is none. */
static size_t utf8_length(const char *text)
{
    size_t max = strnlen(text, 4);

    for (size_t n = 1; n <= max; n++) {
        json_t *one = json_stringn(text, n);
        bool is_whole = one != NULL;

        json_decref(one);
        if (is_whole)
            return n;
    }
    return 0;
}

/*
 * JSON is UTF-8, but names and a server's words need not be.  A byte that is no part of a
 * character is written with the escape given: \DDD as in zone files, or \xx as in
 * distinguished names (RFC 4514), where it means the same node.
 */
static json_t *json_escaped(const char *text,
                            const char *(*escape)(char buf[8], unsigned char byte))
{
    json_t *json = json_string(text);
    char *spelt, buf[8];

    if (json || !text)
        return json;
    spelt = talloc_strdup(NULL, "");
    while (spelt && *text) {
        size_t n = utf8_length(text);

        spelt = n ? talloc_strndup_append(spelt, text, n)
                  : talloc_strdup_append(spelt, escape(buf, (unsigned char)*text));
        text += n ? n : 1;
    }
    json = spelt ? json_string(spelt) : NULL;
    talloc_free(spelt);
    return json;
}

static const char *escape_decimal(char buf[8], unsigned char byte)
{
    snprintf(buf, 8, "\\%03u", byte);
    return buf;
}

static const char *escape_hex(char buf[8], unsigned char byte)
{
    snprintf(buf, 8, "\\%02x", byte);
    return buf;
}

static json_t *json_text(const char *text) { return json_escaped(text, escape_decimal); }
static json_t *json_dn(const char *dn) { return json_escaped(dn, escape_hex); }

/* "now" as RFC 3339 JSON string. */
static json_t *json_time(int64_t now)
{
    char *text = clock_rfc3339(NULL, now);
    json_t *json = json_string(text);

    talloc_free(text);
    return json;
}

enum err journal_begin(TALLOC_CTX *mem, const char *dir, enum run_kind kind, const char *principal,
                       const char *server, int64_t now, struct journal **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct journal *j = talloc_zero(tmp, struct journal);
    enum err rc;

    if (!j || !(j->plan = sha256_new(j)) || !(j->lines = talloc_array(j, char, LINES_AT_ONCE))) {
        rc = err_nomem(e);
        goto done;
    }
    j->fd = -1;
    talloc_set_destructor(j, close_file);
    if ((rc = dir_make_private(dir, e)) || (rc = create_file(j, dir, now, e)))
        goto done;
    rc = write_line(j,
                    json_pack("{s:s, s:i, s:s, s:s, s:o, s:o, s:o}", "journal", "muster", "version",
                              1, "run", j->id, "kind", kind == RUN_RESTORE ? "restore" : "scavenge",
                              "principal", json_text(principal), "server", json_text(server),
                              "started", json_time(now)),
                    e);
    /* So that a run that dies early is found as one that wrote nothing. */
    if (!rc)
        rc = flush_lines(j, e);
    if (rc)
        unlink(j->path); /* half a header is no run */
    else
        *out = talloc_steal(mem, j);
done:
    talloc_free(tmp);
    return rc;
}

const char *journal_run_id(const struct journal *j) { return j->id; }

bool journal_is_committed(const struct journal *j) { return j->is_committed; }

static json_t *json_raw(struct bytes b)
{
    char *text = bytes_to_base64(NULL, b);
    json_t *json = text ? json_string(text) : NULL;

    talloc_free(text);
    return json;
}

static json_t *json_values(const struct bytes *values, size_t n)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < n; i++) {
        if (json_array_append_new(array, json_raw(values[i])) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *json_records(const struct journal_node *n)
{
    json_t *array = json_array();

    for (size_t i = 0; array && i < n->n_records; i++) {
        const struct journal_record *r = &n->records[i];
        json_t *one =
            json_pack("{s:s, s:o, s:I, s:o}", "type", r->type, "data", json_text(r->data),
                      "timestamp_hours", (json_int_t)r->timestamp_h, "raw", json_raw(r->raw));

        if (json_array_append_new(array, one) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

enum err journal_add(struct journal *j, const struct journal_node *n, struct error *e)
{
    if (j->is_committed)
        return err_set(e, ERR_INTERNAL, "journal %s: a node added after the commit", j->id);
    return write_plan_line(
        j,
        json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:b, s:b, s:s?, s:o}", "node",
                  (json_int_t)j->n_nodes++, "zone", json_text(n->zone), "name", json_text(n->name),
                  "dn", json_dn(n->dn), "old", json_values(n->old, n->n_old), "new",
                  n->is_server_made ? json_null() : json_values(n->new, n->n_new), "tombstone",
                  n->is_tombstoned, "was_tombstone", n->was_tombstoned, "owner", n->owner_sid,
                  "records", json_records(n)),
        e);
}

enum err journal_commit(struct journal *j, struct error *e)
{
    char hash[SHA256_TEXT];
    off_t before;
    enum err rc;

    if (j->is_committed)
        return err_set(e, ERR_INTERNAL, "journal %s: a second commit", j->id);
    if ((rc = flush_lines(j, e)))
        return rc;
    if (j->has_lost_lines)
        return err_set(e, ERR_IO, "the journal %s lacks a part of the plan", j->path);
    before = j->whole;
    if (!sha256_text(j->plan, hash))
        return err_set(e, ERR_INTERNAL, "SHA-256 of the plan failed");
    rc = write_line(j, json_pack("{s:I, s:s}", "planned", (json_int_t)j->n_nodes, "sha256", hash),
                    e);
    if (!rc)
        rc = sync_file(j, e);
    if (!rc)
        rc = dir_sync_of(j->path, e);
    j->is_committed = rc == OK;
    /* Nothing is going to be written: then the file must not say that it may have been. */
    if (rc) {
        j->whole = before;
        cut_back(j);
    }
    return rc;
}

enum err journal_outcome(struct journal *j, size_t node, enum outcome outcome, const char *problem,
                         int64_t now, struct error *e)
{
    return journal_outcome_seen(j, node, outcome, problem, &(struct observed){ 0 }, now, e);
}

enum err journal_outcome_seen(struct journal *j, size_t node, enum outcome outcome,
                              const char *problem, const struct observed *seen, int64_t now,
                              struct error *e)
{
    json_t *line;
    enum err rc;

    if (!j->is_committed || node >= j->n_nodes)
        return err_set(e, ERR_INTERNAL, "journal %s: an outcome of node %zu, which is not in it",
                       j->id, node);
    line = json_pack("{s:s, s:I, s:o}", "outcome", outcome_name(outcome), "node", (json_int_t)node,
                     "at", json_time(now));
    if (line && problem && json_object_set_new(line, "problem", json_text(problem)) != 0) {
        json_decref(line);
        line = NULL;
    }
    if (line && seen->values &&
        json_object_set_new(line, "new", json_values(seen->values, seen->n_values)) != 0) {
        json_decref(line);
        line = NULL;
    }
    rc = write_line(j, line, e);
    return rc ? rc : flush_lines(j, e);
}

enum err journal_sync(struct journal *j, struct error *e) { return sync_file(j, e); }

enum err journal_end(struct journal *j, int64_t now, struct error *e)
{
    enum err rc = write_line(j, json_pack("{s:o}", "ended", json_time(now)), e);

    return rc ? rc : sync_file(j, e);
}

enum err journal_end_partial(const struct journal *j, enum err rc, struct error *e)
{
    if (rc != ERR_IO || !j->is_committed)
        return rc;
    if (e)
        e->code = ERR_PARTIAL;
    err_hint(e,
             "the run was done in part: `muster restore %s` looks in the directory and puts back "
             "what was deleted; run again to go on",
             j->id);
    return ERR_PARTIAL;
}
