#include "scavenger/sightings.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"

#define SCHEMA_VERSION 1
#define BUSY_MS 2000

/*
 * silent_since is the probing pass that the present silence began with; a record's silence spans
 * the observed time of the zone between that pass and the last.  observed_s of a zone grows with
 * each probing pass by the time since the one before, SIGHTINGS_GAP_S at most.
 */
static const char schema[] =
    "CREATE TABLE zone (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " serial INTEGER NOT NULL, passes INTEGER NOT NULL, last_pass INTEGER NOT NULL,"
    " probes INTEGER NOT NULL, last_probe INTEGER NOT NULL, observed INTEGER NOT NULL) STRICT;"
    "CREATE TABLE record (zone INTEGER NOT NULL REFERENCES zone (id), name TEXT NOT NULL,"
    " type INTEGER NOT NULL, data TEXT NOT NULL, ttl INTEGER NOT NULL,"
    " first_seen INTEGER NOT NULL, last_changed INTEGER NOT NULL, last_confirmed INTEGER NOT NULL,"
    " pass INTEGER NOT NULL, silent INTEGER NOT NULL DEFAULT 0,"
    " silent_from INTEGER NOT NULL DEFAULT 0, silent_to INTEGER NOT NULL DEFAULT 0,"
    " last_answer INTEGER NOT NULL DEFAULT 0,"
    " PRIMARY KEY (zone, name, type, data)) STRICT, WITHOUT ROWID;";

struct sightings {
    sqlite3 *db;
    const char *path;
    sqlite3_stmt *statement; /* of the pass that is under way */
    sqlite3_int64 zone;
    sqlite3_int64 pass;
    sqlite3_int64 observed_s;
    int64_t now_s;
    bool is_open; /* a transaction is */
};

/* With the statement of a pass that broke off, without which SQLite would keep it all. */
static void close_sightings(void *p)
{
    struct sightings *s = p;

    sqlite3_finalize(s->statement);
    sqlite3_close_v2(s->db);
}

static enum err failed(const struct sightings *s, const char *what, struct error *e)
{
    int code = sqlite3_errcode(s->db);
    enum err rc = code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? ERR_MALFORMED
                  : code == SQLITE_BUSY || code == SQLITE_LOCKED  ? ERR_BUSY
                  : code == SQLITE_NOMEM                          ? ERR_NOMEM
                                                                  : ERR_IO;

    err_set(e, rc, "%s: cannot %s: %s", s->path, what, sqlite3_errmsg(s->db));
    if (rc == ERR_MALFORMED)
        err_hint(e,
                 "move it away: sightings begin anew, and nothing is stale by them until they have "
                 "been made for long enough");
    return rc;
}

static enum err run(struct sightings *s, const char *sql, const char *what, struct error *e)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? OK : failed(s, what, e);
}

/* A statement with up to three bound integers or texts; text NULL: number. */
struct binding {
    const char *text;
    int64_t number;
};

static enum err prepare(struct sightings *s, const char *sql, const struct binding *b, int n,
                        sqlite3_stmt **out, struct error *e)
{
    sqlite3_stmt *st;

    if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK)
        return failed(s, "be read", e);
    for (int i = 0; i < n; i++) {
        int rc = b[i].text ? sqlite3_bind_text(st, i + 1, b[i].text, -1, SQLITE_TRANSIENT)
                           : sqlite3_bind_int64(st, i + 1, b[i].number);

        if (rc != SQLITE_OK) {
            sqlite3_finalize(st);
            return failed(s, "be read", e);
        }
    }
    *out = st;
    return OK;
}

/* Run a statement that has no rows, or take the integers of its one row.  *has_row may be NULL. */
static enum err step(struct sightings *s, const char *sql, const struct binding *b, int n,
                     int64_t *columns, int n_columns, bool *has_row, struct error *e)
{
    sqlite3_stmt *st;
    enum err rc = prepare(s, sql, b, n, &st, e);
    int got;

    if (rc)
        return rc;
    got = sqlite3_step(st);
    if (got != SQLITE_ROW && got != SQLITE_DONE)
        rc = failed(s, "be used", e);
    for (int i = 0; got == SQLITE_ROW && i < n_columns; i++)
        columns[i] = sqlite3_column_int64(st, i);
    if (!rc && has_row)
        *has_row = got == SQLITE_ROW;
    sqlite3_finalize(st);
    return rc;
}

static enum err check_version(struct sightings *s, struct error *e)
{
    int64_t version = 0, tables = 0;
    enum err rc;

    if ((rc = step(s, "PRAGMA user_version", NULL, 0, &version, 1, NULL, e)) ||
        (rc = step(s, "SELECT count(*) FROM sqlite_schema", NULL, 0, &tables, 1, NULL, e)))
        return rc;
    if (version == SCHEMA_VERSION)
        return OK;
    if (version != 0 || tables != 0) {
        err_set(e, ERR_MALFORMED, "%s: not a database of sightings of this version", s->path);
        err_hint(e, "name another state directory, or move the file away");
        return ERR_MALFORMED;
    }
    if ((rc = run(s, "BEGIN IMMEDIATE", "be written", e)) ||
        (rc = run(s, schema, "be written", e)) ||
        (rc = run(s, "PRAGMA user_version = 1", "be written", e)))
        return rc;
    return run(s, "COMMIT", "be written", e);
}

/* SQLite would follow a link and use the umask: make sure of the file first. */
static enum err make_private(const char *path, struct error *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd < 0)
        return err_errno(e, errno, "cannot open %s", path);
    close(fd);
    return OK;
}

enum err sightings_open(TALLOC_CTX *mem, const char *path, struct sightings **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct sightings *s = tmp ? talloc_zero(tmp, struct sightings) : NULL;
    enum err rc;

    if (!s || !(s->path = talloc_strdup(s, path))) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = make_private(path, e)))
        goto done;
    if (sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL) !=
        SQLITE_OK) {
        rc = s->db ? failed(s, "be opened", e) : err_nomem(e);
        sqlite3_close_v2(s->db);
        goto done;
    }
    if (!own(s, s, close_sightings)) {
        rc = err_nomem(e);
        goto done;
    }
    sqlite3_busy_timeout(s->db, BUSY_MS);
    /* Rows are foreign once they are on a disk: no tricks by a schema that somebody wrote. */
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    rc = check_version(s, e);
    if (!rc)
        *out = talloc_steal(mem, s);
done:
    talloc_free(tmp);
    return rc;
}

/* ---- passes ---- */

static enum err begin(struct sightings *s, const char *sql, struct error *e)
{
    enum err rc;

    if (s->is_open)
        return err_set(e, ERR_INTERNAL, "a pass within a pass");
    if ((rc = run(s, "BEGIN IMMEDIATE", "be written", e)))
        return rc;
    s->is_open = true;
    return prepare(s, sql, NULL, 0, &s->statement, e);
}

static enum err end(struct sightings *s, bool is_complete, struct error *e)
{
    sqlite3_finalize(s->statement);
    s->statement = NULL;
    if (!s->is_open)
        return OK;
    s->is_open = false;
    return is_complete ? run(s, "COMMIT", "be written", e) : run(s, "ROLLBACK", "be written", e);
}

static enum err abandon(struct sightings *s, enum err rc)
{
    end(s, false, NULL);
    return rc;
}

enum err sightings_begin(struct sightings *s, const char *zone, uint32_t serial, int64_t now_s,
                         struct error *e)
{
    const struct binding make[] = { { zone, 0 }, { NULL, serial }, { NULL, now_s } };
    const struct binding name = { zone, 0 };
    int64_t row[2];
    enum err rc = begin(s,
                        "INSERT INTO record (zone, name, type, data, ttl, first_seen, last_changed,"
                        " last_confirmed, pass) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?6, ?7)"
                        " ON CONFLICT DO UPDATE SET last_confirmed = ?6, pass = ?7, ttl = ?5,"
                        " last_changed = CASE WHEN ttl = ?5 THEN last_changed ELSE ?6 END",
                        e);

    if (!rc)
        rc = step(s,
                  "INSERT INTO zone (name, serial, passes, last_pass, probes, last_probe, observed)"
                  " VALUES (?1, ?2, 1, ?3, 0, 0, 0) ON CONFLICT DO UPDATE SET serial = ?2,"
                  " passes = passes + 1, last_pass = ?3",
                  make, 3, NULL, 0, NULL, e);
    if (!rc)
        rc = step(s, "SELECT id, passes FROM zone WHERE name = ?1", &name, 1, row, 2, NULL, e);
    if (rc)
        return abandon(s, rc);
    s->zone = row[0];
    s->pass = row[1];
    s->now_s = now_s;
    return OK;
}

enum err sightings_see(struct sightings *s, const struct dns_rr *rr, struct error *e)
{
    sqlite3_stmt *st = s->statement;

    sqlite3_reset(st);
    if (sqlite3_bind_int64(st, 1, s->zone) != SQLITE_OK ||
        sqlite3_bind_text(st, 2, rr->name, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_bind_int(st, 3, rr->type) != SQLITE_OK ||
        sqlite3_bind_text(st, 4, rr->data, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_bind_int64(st, 5, rr->ttl_s) != SQLITE_OK ||
        sqlite3_bind_int64(st, 6, s->now_s) != SQLITE_OK ||
        sqlite3_bind_int64(st, 7, s->pass) != SQLITE_OK || sqlite3_step(st) != SQLITE_DONE)
        return failed(s, "be written", e);
    return OK;
}

enum err sightings_end(struct sightings *s, bool is_complete, struct error *e)
{
    const struct binding b[] = { { NULL, s->zone }, { NULL, s->pass } };
    enum err rc = OK;

    if (is_complete && s->is_open) {
        sqlite3_reset(s->statement);
        rc = step(s, "DELETE FROM record WHERE zone = ?1 AND pass <> ?2", b, 2, NULL, 0, NULL, e);
    }
    if (rc)
        return abandon(s, rc);
    return end(s, is_complete, e);
}

enum err sightings_passes(struct sightings *s, const char *zone, unsigned *n, int64_t *last_s,
                          struct error *e)
{
    const struct binding name = { zone, 0 };
    int64_t row[2] = { 0, 0 };
    enum err rc =
        step(s, "SELECT passes, last_pass FROM zone WHERE name = ?1", &name, 1, row, 2, NULL, e);

    if (rc)
        return rc;
    *n = (unsigned)row[0];
    *last_s = row[1];
    return OK;
}

/* ---- probes ---- */

enum err sightings_begin_probes(struct sightings *s, const char *zone, int64_t now_s,
                                struct error *e)
{
    const struct binding name = { zone, 0 };
    int64_t row[4], passed;
    bool is_there;
    enum err rc = begin(s,
                        "UPDATE record SET"
                        " silent = CASE WHEN ?5 THEN 0 ELSE silent + 1 END,"
                        " silent_from = CASE WHEN silent = 0 THEN ?6 ELSE silent_from END,"
                        " silent_to = ?6,"
                        " last_answer = CASE WHEN ?5 THEN ?7 ELSE last_answer END"
                        " WHERE zone = ?1 AND name = ?2 AND type = ?3 AND data = ?4",
                        e);

    if (!rc)
        rc = step(s, "SELECT id, probes, last_probe, observed FROM zone WHERE name = ?1", &name, 1,
                  row, 4, &is_there, e);
    if (!rc && !is_there)
        rc = err_set(e, ERR_NOTFOUND, "%s: no pass over %s", s->path, zone);
    if (rc)
        return abandon(s, rc);
    /* A clock that was set back lets no time pass; nor does the first of all passes. */
    passed = row[1] && now_s > row[2] ? now_s - row[2] : 0;
    if (passed > SIGHTINGS_GAP_S)
        passed = SIGHTINGS_GAP_S;
    s->zone = row[0];
    s->observed_s = row[3] + passed;
    s->now_s = now_s;
    {
        const struct binding b[] = { { NULL, s->zone }, { NULL, now_s }, { NULL, s->observed_s } };

        rc = step(
            s, "UPDATE zone SET probes = probes + 1, last_probe = ?2, observed = ?3 WHERE id = ?1",
            b, 3, NULL, 0, NULL, e);
    }
    return rc ? abandon(s, rc) : OK;
}

enum err sightings_probed(struct sightings *s, const char *name, uint16_t type, const char *data,
                          bool has_answered, struct error *e)
{
    sqlite3_stmt *st = s->statement;

    sqlite3_reset(st);
    if (sqlite3_bind_int64(st, 1, s->zone) != SQLITE_OK ||
        sqlite3_bind_text(st, 2, name, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_bind_int(st, 3, type) != SQLITE_OK ||
        sqlite3_bind_text(st, 4, data, -1, SQLITE_STATIC) != SQLITE_OK ||
        sqlite3_bind_int(st, 5, has_answered) != SQLITE_OK ||
        sqlite3_bind_int64(st, 6, s->observed_s) != SQLITE_OK ||
        sqlite3_bind_int64(st, 7, s->now_s) != SQLITE_OK || sqlite3_step(st) != SQLITE_DONE)
        return failed(s, "be written", e);
    return OK;
}

enum err sightings_end_probes(struct sightings *s, bool is_complete, struct error *e)
{
    const struct binding b[] = { { NULL, s->zone }, { NULL, s->observed_s } };
    enum err rc = OK;

    /* Whom this pass did not ask has not been observed: his silence begins anew. */
    if (is_complete && s->is_open) {
        sqlite3_reset(s->statement);
        rc = step(s,
                  "UPDATE record SET silent = 0 WHERE zone = ?1 AND silent > 0 AND silent_to <> ?2",
                  b, 2, NULL, 0, NULL, e);
    }
    if (rc)
        return abandon(s, rc);
    return end(s, is_complete, e);
}

/* ---- reading ---- */

#define NAME_RECORDS_MAX 4096

static const char *text_of(TALLOC_CTX *mem, sqlite3_stmt *st, int column)
{
    const unsigned char *text = sqlite3_column_text(st, column);

    return talloc_strdup(mem, text ? (const char *)text : "");
}

static bool read_row(TALLOC_CTX *mem, sqlite3_stmt *st, struct sighting *out)
{
    int64_t silent = sqlite3_column_int64(st, 7);

    *out = (struct sighting){
        .name = text_of(mem, st, 0),
        .type = (uint16_t)sqlite3_column_int(st, 1),
        .data = text_of(mem, st, 2),
        .ttl_s = (uint32_t)sqlite3_column_int64(st, 3),
        .first_seen_s = sqlite3_column_int64(st, 4),
        .last_changed_s = sqlite3_column_int64(st, 5),
        .last_confirmed_s = sqlite3_column_int64(st, 6),
        .n_silent = silent > 0 ? (unsigned)silent : 0,
        .silent_s = silent > 0 ? sqlite3_column_int64(st, 9) - sqlite3_column_int64(st, 8) : 0,
        .last_answer_s = sqlite3_column_int64(st, 10),
    };
    return out->name && out->data;
}

static enum err walk_rows(struct sightings *s, sqlite3_stmt *st, sightings_visit *visit, void *priv,
                          struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct sighting *of_name = NULL, one;
    size_t n = 0;
    enum err rc = tmp ? OK : err_nomem(e);
    int got = SQLITE_DONE;

    while (!rc && (got = sqlite3_step(st)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(st, 0);

        if (n && (!name || strcmp(of_name[0].name, name) != 0)) {
            rc = visit(of_name, n, priv, e);
            talloc_free_children(tmp);
            of_name = NULL;
            n = 0;
        }
        if (rc)
            break;
        if (n == NAME_RECORDS_MAX) {
            rc = err_set(e, ERR_MALFORMED, "%s: more than %d records of one name", s->path,
                         NAME_RECORDS_MAX);
            break;
        }
        of_name = talloc_realloc(tmp, of_name, struct sighting, n + 1);
        if (!of_name || !read_row(tmp, st, &one))
            rc = err_nomem(e);
        else
            of_name[n++] = one;
    }
    if (!rc && got != SQLITE_DONE)
        rc = failed(s, "be read", e);
    if (!rc && n)
        rc = visit(of_name, n, priv, e);
    talloc_free(tmp);
    return rc;
}

enum err sightings_walk(struct sightings *s, const char *zone, sightings_visit *visit, void *priv,
                        struct error *e)
{
    const struct binding name = { zone, 0 };
    sqlite3_stmt *st;
    enum err rc =
        prepare(s,
                "SELECT r.name, type, data, ttl, first_seen, last_changed, last_confirmed,"
                " silent, silent_from, silent_to, last_answer FROM record r"
                " JOIN zone z ON z.id = r.zone WHERE z.name = ?1"
                " ORDER BY r.zone, r.name, type, data",
                &name, 1, &st, e);

    if (rc)
        return rc;
    rc = walk_rows(s, st, visit, priv, e);
    sqlite3_finalize(st);
    return rc;
}
