/* What probes heard: for how long each record has been silent. */
#include "scavenger/sightings_db.h"

/* What both kinds of pass begin with; scale: last_probe and observed of the zone. */
static enum err begin(struct sightings *s, const char *zone, int64_t now_s, int64_t scale[2],
                      struct error *e)
{
    const struct binding name = { zone, 0 };
    int64_t row[3];
    bool is_there;
    enum err rc = sightings_transaction_begin(
        s,
        "UPDATE record SET"
        " silent = CASE WHEN ?5 THEN 0 ELSE silent + 1 END,"
        " silent_from = CASE WHEN silent = 0 THEN ?6 ELSE silent_from END,"
        " silent_to = ?6,"
        " last_answer = CASE WHEN ?5 THEN ?7 ELSE last_answer END"
        " WHERE zone = ?1 AND name = ?2 AND type = ?3 AND data = ?4",
        e);

    if (!rc)
        rc = sightings_step(s, "SELECT id, last_probe, observed FROM zone WHERE name = ?1", &name,
                            1, row, 3, &is_there, e);
    if (!rc && !is_there)
        rc = err_set(e, ERR_NOTFOUND, "%s: no pass over %s", s->path, zone);
    if (rc)
        return sightings_transaction_abandon(s, rc);
    s->zone = row[0];
    s->now_s = now_s;
    scale[0] = row[1];
    scale[1] = row[2];
    return OK;
}

enum err sightings_begin_probes(struct sightings *s, const char *zone, int64_t now_s,
                                struct error *e)
{
    int64_t scale[2];
    enum err rc = begin(s, zone, now_s, scale, e);

    if (rc)
        return rc;
    s->observed_s = scale[1] + sightings_passed(scale[0], now_s);
    {
        const struct binding b[] = { { NULL, s->zone }, { NULL, now_s }, { NULL, s->observed_s } };

        rc = sightings_step(
            s, "UPDATE zone SET probes = probes + 1, last_probe = ?2, observed = ?3 WHERE id = ?1",
            b, 3, NULL, 0, NULL, e);
    }
    return rc ? sightings_transaction_abandon(s, rc) : OK;
}

enum err sightings_begin_answers(struct sightings *s, const char *zone, int64_t now_s,
                                 struct error *e)
{
    int64_t scale[2];
    enum err rc = begin(s, zone, now_s, scale, e);

    if (!rc)
        s->observed_s = scale[1];
    return rc;
}

enum err sightings_end_answers(struct sightings *s, bool is_complete, struct error *e)
{
    return sightings_transaction_end(s, is_complete, e);
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
        return sightings_failed(s, "be written", e);
    return OK;
}

enum err sightings_end_probes(struct sightings *s, bool is_complete, struct error *e)
{
    const struct binding b[] = { { NULL, s->zone }, { NULL, s->observed_s } };
    enum err rc = OK;

    /* Whom this pass did not ask has not been observed: his silence begins anew. */
    if (is_complete && s->is_open) {
        sqlite3_reset(s->statement);
        rc = sightings_step(
            s, "UPDATE record SET silent = 0 WHERE zone = ?1 AND silent > 0 AND silent_to <> ?2", b,
            2, NULL, 0, NULL, e);
    }
    if (rc)
        return sightings_transaction_abandon(s, rc);
    return sightings_transaction_end(s, is_complete, e);
}
