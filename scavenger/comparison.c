#include "scavenger/comparison.h"

#include <sqlite3.h>
#include <string.h>

#include "base/own.h"
#include "dns/name.h"
#include "dns/rr.h"
#include "ldap/dnsp.h"

#define LABEL_MAX 63
#define SOA_NUMBERS 20
#define CACHE_KIB 32768

static const char schema[] =
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
    "CREATE TABLE record (side INTEGER NOT NULL, name TEXT NOT NULL, type INTEGER NOT NULL,"
    " key BLOB NOT NULL, ttl INTEGER NOT NULL, data TEXT NOT NULL, raw BLOB,"
    " PRIMARY KEY (side, name, type, key)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE differing (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
    "BEGIN";

/* Of one side, or of both with another TTL; which of them are meant, tells is_difference(). */
static const char differences[] =
    "SELECT 0 AS kind, d.name AS name, d.type AS type, d.key, d.ttl, d.data, d.raw, 0"
    " FROM record d WHERE d.side = 0 AND NOT EXISTS (SELECT 1 FROM record s WHERE s.side = 1"
    " AND s.name = d.name AND s.type = d.type AND s.key = d.key)"
    " UNION ALL"
    " SELECT 1, s.name, s.type, s.key, s.ttl, s.data, NULL, 0"
    " FROM record s WHERE s.side = 1 AND NOT EXISTS (SELECT 1 FROM record d WHERE d.side = 0"
    " AND d.name = s.name AND d.type = s.type AND d.key = s.key)"
    " UNION ALL"
    " SELECT 2, d.name, d.type, d.key, d.ttl, d.data, d.raw, s.ttl"
    " FROM record d JOIN record s ON s.name = d.name AND s.type = d.type AND s.key = d.key"
    " WHERE d.side = 0 AND s.side = 1 AND s.ttl <> d.ttl AND s.ttl <> (SELECT min(m.ttl)"
    " FROM record m WHERE m.side = 0 AND m.name = d.name AND m.type = d.type)"
    " ORDER BY name, type, kind, 6";

struct comparison {
    sqlite3 *db;
    const char *zone;
    sqlite3_stmt *put;
    sqlite3_stmt *delegates;
    struct bytes server; /* the wire form of the name that the served SOA gives; on this */
};

static void close_comparison(void *p)
{
    struct comparison *c = p;

    sqlite3_finalize(c->put);
    sqlite3_finalize(c->delegates);
    sqlite3_close_v2(c->db);
}

static enum err failed(const struct comparison *c, struct error *e)
{
    if (sqlite3_errcode(c->db) == SQLITE_NOMEM)
        return err_nomem(e);
    err_set(e, ERR_IO, "cannot use a temporary file for the comparison: %s", sqlite3_errmsg(c->db));
    return err_hint(e, "make room where TMPDIR points, or in /var/tmp");
}

static enum err run(struct comparison *c, const char *sql, struct error *e)
{
    return sqlite3_exec(c->db, sql, NULL, NULL, NULL) == SQLITE_OK ? OK : failed(c, e);
}

static enum err prepare(struct comparison *c, const char *sql, sqlite3_stmt **out, struct error *e)
{
    return sqlite3_prepare_v2(c->db, sql, -1, out, NULL) == SQLITE_OK ? OK : failed(c, e);
}

/* A database without a name is a file that is gone with its handle. */
static enum err open_temporary(struct comparison *c, struct error *e)
{
    char *cache;
    enum err rc;

    if (sqlite3_open_v2("", &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
        SQLITE_OK) {
        rc = c->db ? failed(c, e) : err_nomem(e);
        sqlite3_close_v2(c->db);
        c->db = NULL;
        return rc;
    }
    if (!own(c, c, close_comparison) ||
        !(cache = talloc_asprintf(c, "PRAGMA cache_size = -%d", CACHE_KIB)))
        return err_nomem(e);
    if ((rc = run(c, cache, e)) || (rc = run(c, schema, e)) ||
        (rc = prepare(c, "INSERT OR IGNORE INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                      &c->put, e)))
        return rc;
    return prepare(c, "SELECT 1 FROM record WHERE side = ?1 AND name = ?2 AND type = 2",
                   &c->delegates, e);
}

enum err comparison_new(TALLOC_CTX *mem, const char *zone, struct comparison **out, struct error *e)
{
    struct comparison *c = talloc_zero(NULL, struct comparison);
    enum err rc = OK;

    if (!c || !(c->zone = talloc_strdup(c, zone)))
        rc = err_nomem(e);
    if (!rc)
        rc = open_temporary(c, e);
    if (!rc)
        *out = talloc_steal(mem, c);
    else
        talloc_free(c);
    return rc;
}

/* ---- what is compared ---- */

static bool is_compared(uint16_t type)
{
    return !dns_type_is_of_signing(type) && type != DNSP_TYPE_WINS && type != DNSP_TYPE_WINSR &&
           type != DNSP_TYPE_TOMBSTONE;
}

/* The name at the head of wire: its length, 0 where there is none. */
static size_t name_length(struct bytes wire)
{
    struct rd r = rd_init(wire);
    uint8_t n;

    while ((n = rd_u8(&r)) != 0 && n <= LABEL_MAX)
        rd_take(&r, n);
    return r.bad || n ? 0 : wire.len - rd_left(&r);
}

/* By what records are told apart: an SOA without its primary and its serial. */
static enum err key_of(TALLOC_CTX *mem, const struct compared *r, struct bytes *out,
                       struct error *e)
{
    size_t primary = r->type == DNS_TYPE_SOA ? name_length(r->wire) : 0;
    struct wr w = wr_init(mem);
    size_t numbers;

    if (primary == 0 || r->wire.len < primary + SOA_NUMBERS) {
        *out = r->wire;
        return OK;
    }
    numbers = r->wire.len - SOA_NUMBERS;
    wr_bytes(&w, (struct bytes){ r->wire.data + primary, numbers - primary });
    wr_bytes(&w, (struct bytes){ r->wire.data + numbers + 4, SOA_NUMBERS - 4 });
    if (w.bad)
        return err_nomem(e);
    *out = wr_view(&w);
    return OK;
}

static enum err keep_server(struct comparison *c, const struct compared *r, struct error *e)
{
    c->server = bytes_dup(c, (struct bytes){ r->wire.data, name_length(r->wire) });
    return c->server.data ? OK : err_nomem(e);
}

static int bind_blob(sqlite3_stmt *st, int at, struct bytes b)
{
    return sqlite3_bind_blob64(st, at, b.data ? b.data : (const uint8_t *)"", b.len, SQLITE_STATIC);
}

enum err comparison_put(struct comparison *c, enum comparison_side side, const struct compared *r,
                        struct error *e)
{
    TALLOC_CTX *tmp;
    struct bytes key = { NULL, 0 };
    enum err rc;

    if (!is_compared(r->type))
        return OK;
    if (side == COMPARISON_SERVED && r->type == DNS_TYPE_SOA && (rc = keep_server(c, r, e)))
        return rc;
    tmp = talloc_new(NULL);
    rc = tmp ? key_of(tmp, r, &key, e) : err_nomem(e);
    if (!rc) {
        sqlite3_reset(c->put);
        if (sqlite3_bind_int(c->put, 1, side) != SQLITE_OK ||
            sqlite3_bind_text(c->put, 2, r->name, -1, SQLITE_STATIC) != SQLITE_OK ||
            sqlite3_bind_int(c->put, 3, r->type) != SQLITE_OK ||
            bind_blob(c->put, 4, key) != SQLITE_OK ||
            sqlite3_bind_int64(c->put, 5, r->ttl_s) != SQLITE_OK ||
            sqlite3_bind_text(c->put, 6, r->data, -1, SQLITE_STATIC) != SQLITE_OK ||
            bind_blob(c->put, 7, r->raw) != SQLITE_OK || sqlite3_step(c->put) != SQLITE_DONE)
            rc = failed(c, e);
    }
    talloc_free(tmp);
    return rc;
}

enum err comparison_count(struct comparison *c, enum comparison_side side, uint64_t *out,
                          struct error *e)
{
    sqlite3_stmt *st = NULL;
    enum err rc = prepare(c, "SELECT count(*) FROM record WHERE side = ?1", &st, e);

    if (!rc && (sqlite3_bind_int(st, 1, side) != SQLITE_OK || sqlite3_step(st) != SQLITE_ROW))
        rc = failed(c, e);
    if (!rc)
        *out = (uint64_t)sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return rc;
}

/* ---- differences ---- */

static enum err has_delegation(struct comparison *c, const char *name, bool *out, struct error *e)
{
    enum err rc = OK;

    *out = false;
    for (int side = 0; side < 2 && !rc && !*out; side++) {
        int got;

        sqlite3_reset(c->delegates);
        if (sqlite3_bind_int(c->delegates, 1, side) != SQLITE_OK ||
            sqlite3_bind_text(c->delegates, 2, name, -1, SQLITE_STATIC) != SQLITE_OK ||
            ((got = sqlite3_step(c->delegates)) != SQLITE_ROW && got != SQLITE_DONE))
            rc = failed(c, e);
        else
            *out = got == SQLITE_ROW;
    }
    sqlite3_reset(c->delegates);
    return rc;
}

static enum err is_below_delegation(struct comparison *c, const char *name, bool *out,
                                    struct error *e)
{
    enum err rc = OK;

    *out = false;
    if (strcmp(name, c->zone) == 0)
        return OK;
    for (name = dns_name_parent(name);
         !rc && !*out && name && strcmp(name, c->zone) != 0 && dns_name_within(name, c->zone);
         name = dns_name_parent(name))
        rc = has_delegation(c, name, out, e);
    return rc;
}

static enum err is_difference(struct comparison *c, const struct difference *d, bool *out,
                              struct error *e)
{
    const struct compared *r = &d->record;
    bool is_below = false;
    enum err rc = OK;

    if (r->type == DNS_TYPE_NS && d->kind == DIFFERENCE_SERVED && strcmp(r->name, c->zone) == 0 &&
        bytes_equal(r->wire, c->server))
        *out = false;
    else if (r->type == DNS_TYPE_A || r->type == DNS_TYPE_AAAA)
        *out = true;
    else if (!(rc = is_below_delegation(c, r->name, &is_below, e)))
        *out = !is_below;
    return rc;
}

static struct bytes column(sqlite3_stmt *st, int i)
{
    const void *data = sqlite3_column_blob(st, i);
    int len = sqlite3_column_bytes(st, i);

    return (struct bytes){ data, data && len > 0 ? (size_t)len : 0 };
}

static struct difference read_row(sqlite3_stmt *st)
{
    const char *name = (const char *)sqlite3_column_text(st, 1);
    const char *data = (const char *)sqlite3_column_text(st, 5);

    return (struct difference){
        .kind = (enum difference_kind)sqlite3_column_int(st, 0),
        .record = { .name = name ? name : "",
                    .type = (uint16_t)sqlite3_column_int(st, 2),
                    .ttl_s = (uint32_t)sqlite3_column_int64(st, 4),
                    .wire = column(st, 3),
                    .data = data ? data : "",
                    .raw = column(st, 6) },
        .served_ttl_s = (uint32_t)sqlite3_column_int64(st, 7),
    };
}

enum err comparison_walk(struct comparison *c, comparison_visit *visit, void *priv, struct error *e)
{
    sqlite3_stmt *st = NULL;
    enum err rc = prepare(c, differences, &st, e);
    int got = SQLITE_DONE;

    while (!rc && (got = sqlite3_step(st)) == SQLITE_ROW) {
        struct difference d = read_row(st);
        bool is_meant;

        if (!(rc = is_difference(c, &d, &is_meant, e)) && is_meant)
            rc = visit(&d, priv, e);
    }
    if (!rc && got != SQLITE_DONE)
        rc = failed(c, e);
    sqlite3_finalize(st);
    return rc;
}

/* ---- the second reading ---- */

struct noting {
    struct comparison *c;
    sqlite3_stmt *st;
};

static enum err note_name(const struct difference *d, void *priv, struct error *e)
{
    struct noting *n = priv;

    sqlite3_reset(n->st);
    if (sqlite3_bind_text(n->st, 1, d->record.name, -1, SQLITE_TRANSIENT) != SQLITE_OK ||
        sqlite3_step(n->st) != SQLITE_DONE)
        return failed(n->c, e);
    return OK;
}

enum err comparison_again(struct comparison *c, uint64_t *n, struct error *e)
{
    struct noting noting = { c, NULL };
    enum err rc = prepare(c, "INSERT OR IGNORE INTO differing VALUES (?1)", &noting.st, e);

    if (!rc)
        rc = comparison_walk(c, note_name, &noting, e);
    sqlite3_finalize(noting.st);
    if (rc || (rc = run(c, "DELETE FROM record WHERE name IN (SELECT name FROM differing)", e)))
        return rc;
    sqlite3_finalize(c->put);
    c->put = NULL;
    if ((rc = prepare(c,
                      "INSERT OR IGNORE INTO record SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7"
                      " WHERE EXISTS (SELECT 1 FROM differing WHERE name = ?2)",
                      &c->put, e)) ||
        (rc = prepare(c, "SELECT count(*) FROM differing", &noting.st, e)))
        return rc;
    if (sqlite3_step(noting.st) == SQLITE_ROW)
        *n = (uint64_t)sqlite3_column_int64(noting.st, 0);
    else
        rc = failed(c, e);
    sqlite3_finalize(noting.st);
    return rc;
}
