/* The database of sightings as a file: opening, its schema, statements, transactions. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/own.h"
#include "scavenger/sightings_db.h"

#define SCHEMA_VERSION 3
#define BUSY_MS 2000

/*
 * silent_since is the probing pass that the present silence began with; a record's silence spans
 * the observed time of the zone between that pass and the last.  observed_s of a zone grows with
 * each probing pass by the time since the one before, unless that is a gap.  watched of a zone
 * grows likewise with each pass over it, and changed_at is where it stood when the record appeared
 * or changed; a record that comes without it has not been watched at all.  away of a zone is the
 * last long time between two passes over it, and returned when the second was.
 */
static const char schema[] =
    "CREATE TABLE zone (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " serial INTEGER NOT NULL, passes INTEGER NOT NULL, last_pass INTEGER NOT NULL,"
    " probes INTEGER NOT NULL, last_probe INTEGER NOT NULL, observed INTEGER NOT NULL,"
    " watched INTEGER NOT NULL DEFAULT 0, away INTEGER NOT NULL DEFAULT 0,"
    " returned INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE record (zone INTEGER NOT NULL REFERENCES zone (id), name TEXT NOT NULL,"
    " type INTEGER NOT NULL, data TEXT NOT NULL, ttl INTEGER NOT NULL,"
    " first_seen INTEGER NOT NULL, last_changed INTEGER NOT NULL, last_confirmed INTEGER NOT NULL,"
    " pass INTEGER NOT NULL, silent INTEGER NOT NULL DEFAULT 0,"
    " silent_from INTEGER NOT NULL DEFAULT 0, silent_to INTEGER NOT NULL DEFAULT 0,"
    " last_answer INTEGER NOT NULL DEFAULT 0,"
    " changed_at INTEGER NOT NULL DEFAULT 9223372036854775807,"
    " PRIMARY KEY (zone, name, type, data)) STRICT, WITHOUT ROWID;";

/* With the statement of a pass that broke off, without which SQLite would keep it all. */
static void close_sightings(void *p)
{
    struct sightings *s = p;

    sqlite3_finalize(s->statement);
    sqlite3_close_v2(s->db);
}

enum err sightings_failed(const struct sightings *s, const char *what, struct error *e)
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

enum err sightings_run(struct sightings *s, const char *sql, const char *what, struct error *e)
{
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK ? OK
                                                                   : sightings_failed(s, what, e);
}

enum err sightings_prepare(struct sightings *s, const char *sql, const struct binding *b, int n,
                           sqlite3_stmt **out, struct error *e)
{
    sqlite3_stmt *st;

    if (sqlite3_prepare_v2(s->db, sql, -1, &st, NULL) != SQLITE_OK)
        return sightings_failed(s, "be read", e);
    for (int i = 0; i < n; i++) {
        int rc = b[i].text ? sqlite3_bind_text(st, i + 1, b[i].text, -1, SQLITE_TRANSIENT)
                           : sqlite3_bind_int64(st, i + 1, b[i].number);

        if (rc != SQLITE_OK) {
            sqlite3_finalize(st);
            return sightings_failed(s, "be read", e);
        }
    }
    *out = st;
    return OK;
}

enum err sightings_step(struct sightings *s, const char *sql, const struct binding *b, int n,
                        int64_t *columns, int n_columns, bool *has_row, struct error *e)
{
    sqlite3_stmt *st;
    enum err rc = sightings_prepare(s, sql, b, n, &st, e);
    int got;

    if (rc)
        return rc;
    got = sqlite3_step(st);
    if (got != SQLITE_ROW && got != SQLITE_DONE)
        rc = sightings_failed(s, "be used", e);
    for (int i = 0; got == SQLITE_ROW && i < n_columns; i++)
        columns[i] = sqlite3_column_int64(st, i);
    if (!rc && has_row)
        *has_row = got == SQLITE_ROW;
    sqlite3_finalize(st);
    return rc;
}

/* What version 1 saw is kept; how long it watched nobody knows: that begins anew. */
#define FROM_1_TO_2                                                                                \
    "ALTER TABLE zone ADD COLUMN watched INTEGER NOT NULL DEFAULT 0;"                              \
    "ALTER TABLE record ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 9223372036854775807;"       \
    "UPDATE record SET changed_at = 0;"
/* A long time without a pass that was before version 3 is not known. */
#define FROM_2_TO_3                                                                                \
    "ALTER TABLE zone ADD COLUMN away INTEGER NOT NULL DEFAULT 0;"                                 \
    "ALTER TABLE zone ADD COLUMN returned INTEGER NOT NULL DEFAULT 0;"                             \
    "PRAGMA user_version = 3;"

static enum err take_over(struct sightings *s, int64_t version, struct error *e)
{
    return sightings_run(s,
                         version == 1 ? "BEGIN IMMEDIATE;" FROM_1_TO_2 FROM_2_TO_3 "COMMIT"
                                      : "BEGIN IMMEDIATE;" FROM_2_TO_3 "COMMIT",
                         "be written", e);
}

static enum err check_version(struct sightings *s, struct error *e)
{
    int64_t version = 0, tables = 0;
    enum err rc;

    if ((rc = sightings_step(s, "PRAGMA user_version", NULL, 0, &version, 1, NULL, e)) ||
        (rc =
             sightings_step(s, "SELECT count(*) FROM sqlite_schema", NULL, 0, &tables, 1, NULL, e)))
        return rc;
    if (version == SCHEMA_VERSION)
        return OK;
    if (version == 1 || version == 2)
        return take_over(s, version, e);
    if (version != 0 || tables != 0) {
        err_set(e, ERR_MALFORMED, "%s: not a database of sightings of this version", s->path);
        err_hint(e, "name another state directory, or move the file away");
        return ERR_MALFORMED;
    }
    if ((rc = sightings_run(s, "BEGIN IMMEDIATE", "be written", e)) ||
        (rc = sightings_run(s, schema, "be written", e)) ||
        (rc = sightings_run(s, "PRAGMA user_version = 3", "be written", e)))
        return rc;
    return sightings_run(s, "COMMIT", "be written", e);
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
        rc = s->db ? sightings_failed(s, "be opened", e) : err_nomem(e);
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

/* ---- transactions ---- */

enum err sightings_transaction_begin(struct sightings *s, const char *sql, struct error *e)
{
    enum err rc;

    if (s->is_open)
        return err_set(e, ERR_INTERNAL, "a pass within a pass");
    if ((rc = sightings_run(s, "BEGIN IMMEDIATE", "be written", e)))
        return rc;
    s->is_open = true;
    return sightings_prepare(s, sql, NULL, 0, &s->statement, e);
}

enum err sightings_transaction_end(struct sightings *s, bool is_complete, struct error *e)
{
    sqlite3_finalize(s->statement);
    s->statement = NULL;
    if (!s->is_open)
        return OK;
    s->is_open = false;
    return is_complete ? sightings_run(s, "COMMIT", "be written", e)
                       : sightings_run(s, "ROLLBACK", "be written", e);
}

enum err sightings_transaction_abandon(struct sightings *s, enum err rc)
{
    sightings_transaction_end(s, false, NULL);
    return rc;
}

int64_t sightings_passed(int64_t last_s, int64_t now_s)
{
    int64_t passed_s = last_s && now_s > last_s ? now_s - last_s : 0;

    return passed_s > SIGHTINGS_GAP_S ? 0 : passed_s;
}
