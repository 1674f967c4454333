/* Reading the sightings, name by name. */
#include <string.h>

#include "base/log.h"
#include "scavenger/sightings_db.h"

static const char *text_of(TALLOC_CTX *mem, sqlite3_stmt *st, int column)
{
    const unsigned char *text = sqlite3_column_text(st, column);

    return talloc_strdup(mem, text ? (const char *)text : "");
}

/* On the scale of a zone; what was written wrongly has lasted no time. */
static int64_t since(int64_t from, int64_t now) { return from >= 0 && now > from ? now - from : 0; }

/*
 * Between two columns on the scale of a zone.  Time that was observed has passed, too, between the
 * two columns of wall time: a scale on which a bit was turned over gives nobody years.
 */
static int64_t observed(sqlite3_stmt *st, int from, int to, int wall_from, int wall_to)
{
    int64_t on_scale = since(sqlite3_column_int64(st, from), sqlite3_column_int64(st, to));
    int64_t passed = since(sqlite3_column_int64(st, wall_from), sqlite3_column_int64(st, wall_to));

    return on_scale < passed ? on_scale : passed;
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
        .silent_s = silent > 0 ? observed(st, 8, 9, 4, 13) : 0,
        .last_answer_s = sqlite3_column_int64(st, 10),
        .unchanged_s = observed(st, 11, 12, 5, 6),
    };
    return out->name && out->data;
}

/* The rows of one name. */
struct name_rows {
    struct sighting *rows; /* on the context of the walk */
    size_t n;
    bool is_too_long; /* it has more than are judged, and they are not read */
};

static enum err end_name(struct sightings *s, const struct name_rows *r, sightings_visit *visit,
                         void *priv, struct error *e)
{
    if (r->n == 0)
        return OK;
    if (!r->is_too_long)
        return visit(r->rows, r->n, priv, e);
    /* Each run walks more than once. */
    if (s->n_too_long++ == 0)
        log_warning("%s has more than %d records: they stay, and nothing that names it is judged "
                    "by it",
                    r->rows[0].name, SIGHTINGS_NAME_MAX);
    else
        log_info("%s has more than %d records: they stay", r->rows[0].name, SIGHTINGS_NAME_MAX);
    return OK;
}

static enum err add_row(TALLOC_CTX *mem, struct name_rows *r, sqlite3_stmt *st, struct error *e)
{
    struct sighting one;

    if (r->n == SIGHTINGS_NAME_MAX) {
        r->is_too_long = true;
        return OK;
    }
    r->rows = talloc_realloc(mem, r->rows, struct sighting, r->n + 1);
    if (!r->rows || !read_row(mem, st, &one))
        return err_nomem(e);
    r->rows[r->n++] = one;
    return OK;
}

static enum err walk_rows(struct sightings *s, sqlite3_stmt *st, sightings_visit *visit, void *priv,
                          struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct name_rows r = { 0 };
    enum err rc = tmp ? OK : err_nomem(e);
    int got = SQLITE_DONE;

    while (!rc && (got = sqlite3_step(st)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(st, 0);

        if (r.n && (!name || strcmp(r.rows[0].name, name) != 0)) {
            rc = end_name(s, &r, visit, priv, e);
            talloc_free_children(tmp);
            r = (struct name_rows){ 0 };
        }
        if (!rc)
            rc = add_row(tmp, &r, st, e);
    }
    if (!rc && got != SQLITE_DONE)
        rc = sightings_failed(s, "be read", e);
    if (!rc)
        rc = end_name(s, &r, visit, priv, e);
    talloc_free(tmp);
    return rc;
}

static enum err walk(struct sightings *s, const char *sql, const struct binding *b, int n,
                     sightings_visit *visit, void *priv, struct error *e)
{
    sqlite3_stmt *st;
    enum err rc = sightings_prepare(s, sql, b, n, &st, e);

    if (rc)
        return rc;
    rc = walk_rows(s, st, visit, priv, e);
    sqlite3_finalize(st);
    return rc;
}

#define COLUMNS                                                                                    \
    "SELECT r.name, type, data, ttl, first_seen, last_changed, last_confirmed, silent,"            \
    " silent_from, silent_to, last_answer, changed_at, watched, last_probe FROM record r"          \
    " JOIN zone z ON z.id = r.zone WHERE z.name = ?1"

enum err sightings_walk(struct sightings *s, const char *zone, sightings_visit *visit, void *priv,
                        struct error *e)
{
    const struct binding name = { zone, 0 };

    return walk(s, COLUMNS " ORDER BY r.zone, r.name, type, data", &name, 1, visit, priv, e);
}

enum err sightings_walk_name(struct sightings *s, const char *zone, const char *name,
                             sightings_visit *visit, void *priv, struct error *e)
{
    const struct binding of[] = { { zone, 0 }, { name, 0 } };

    return walk(s, COLUMNS " AND r.name = ?2 ORDER BY type, data", of, 2, visit, priv, e);
}

enum err sightings_zones(TALLOC_CTX *mem, struct sightings *s, const char ***out, size_t *n,
                         struct error *e)
{
    const char **names = talloc_array(mem, const char *, 1), **grown;
    sqlite3_stmt *st;
    size_t count = 0;
    enum err rc = names
                      ? sightings_prepare(s, "SELECT name FROM zone ORDER BY name", NULL, 0, &st, e)
                      : err_nomem(e);
    int got;

    if (rc)
        return rc;
    while ((got = sqlite3_step(st)) == SQLITE_ROW && !rc) {
        if ((grown = talloc_realloc(mem, names, const char *, count + 2)))
            names = grown;
        if (!grown || !(names[count++] = text_of(names, st, 0)))
            rc = err_nomem(e);
    }
    if (!rc && got != SQLITE_DONE)
        rc = sightings_failed(s, "be read", e);
    sqlite3_finalize(st);
    if (!rc) {
        *out = names;
        *n = count;
    }
    return rc;
}
