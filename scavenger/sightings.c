#include "scavenger/sightings_db.h"

enum err sightings_begin(struct sightings *s, const char *zone, uint32_t serial, int64_t now_s,
                         struct error *e)
{
    const struct binding name = { zone, 0 };
    int64_t last[2] = { 0, 0 }, row[2];
    enum err rc = sightings_transaction_begin(
        s,
        "INSERT INTO record (zone, name, type, data, ttl, first_seen, last_changed,"
        " last_confirmed, pass, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?6, ?7, ?8)"
        " ON CONFLICT DO UPDATE SET last_confirmed = ?6, pass = ?7, ttl = ?5,"
        " last_changed = CASE WHEN ttl = ?5 AND pass <> 0 THEN last_changed ELSE ?6 END,"
        " changed_at = CASE WHEN ttl = ?5 AND pass <> 0 THEN changed_at ELSE ?8 END",
        e);

    if (!rc)
        rc = sightings_step(s, "SELECT last_pass, watched FROM zone WHERE name = ?1", &name, 1,
                            last, 2, NULL, e);
    s->observed_s = last[1] + sightings_passed(last[0], now_s);
    if (!rc) {
        const struct binding make[] = {
            { zone, 0 },
            { NULL, serial },
            { NULL, now_s },
            { NULL, s->observed_s },
            { NULL, last[0] > 0 && last[0] < now_s && now_s - last[0] > SIGHTINGS_RETURN_S },
        };

        rc = sightings_step(
            s,
            "INSERT INTO zone (name, serial, passes, last_pass, probes, last_probe, observed,"
            " watched) VALUES (?1, ?2, 1, ?3, 0, 0, 0, ?4) ON CONFLICT DO UPDATE SET serial = ?2,"
            " passes = passes + 1, last_pass = ?3, watched = ?4,"
            " away = CASE WHEN ?5 THEN ?3 - last_pass ELSE away END,"
            " returned = CASE WHEN ?5 THEN ?3 ELSE returned END",
            make, 5, NULL, 0, NULL, e);
    }
    if (!rc)
        rc = sightings_step(s, "SELECT id, passes FROM zone WHERE name = ?1", &name, 1, row, 2,
                            NULL, e);
    if (rc)
        return sightings_transaction_abandon(s, rc);
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
        sqlite3_bind_int64(st, 7, s->pass) != SQLITE_OK ||
        sqlite3_bind_int64(st, 8, s->observed_s) != SQLITE_OK || sqlite3_step(st) != SQLITE_DONE)
        return sightings_failed(s, "be written", e);
    return OK;
}

enum err sightings_end(struct sightings *s, bool is_complete, struct error *e)
{
    const struct binding b[] = { { NULL, s->zone }, { NULL, s->pass } };
    enum err rc = OK;

    if (is_complete && s->is_open) {
        sqlite3_reset(s->statement);
        rc = sightings_step(s, "DELETE FROM record WHERE zone = ?1 AND pass <> ?2", b, 2, NULL, 0,
                            NULL, e);
    }
    if (rc)
        return sightings_transaction_abandon(s, rc);
    return sightings_transaction_end(s, is_complete, e);
}

enum err sightings_passes(struct sightings *s, const char *zone, unsigned *n, int64_t *last_s,
                          struct error *e)
{
    const struct binding name = { zone, 0 };
    int64_t row[2] = { 0, 0 };
    enum err rc = sightings_step(s, "SELECT passes, last_pass FROM zone WHERE name = ?1", &name, 1,
                                 row, 2, NULL, e);

    if (rc)
        return rc;
    *n = (unsigned)row[0];
    *last_s = row[1];
    return OK;
}

enum err sightings_gap(struct sightings *s, const char *zone, struct sightings_gap *out,
                       struct error *e)
{
    const struct binding name = { zone, 0 };
    int64_t row[3] = { 0, 0, 0 };
    enum err rc = sightings_step(s, "SELECT away, returned, last_pass FROM zone WHERE name = ?1",
                                 &name, 1, row, 3, NULL, e);

    if (rc)
        return rc;
    /* A clock that was set back since: nothing is known. */
    *out = row[1] > 0 && row[1] <= row[2] ? (struct sightings_gap){ row[0], row[2] - row[1] }
                                          : (struct sightings_gap){ 0, 0 };
    return OK;
}

enum err sightings_renew(struct sightings *s, const struct sightings_name *names, size_t n,
                         struct error *e)
{
    enum err rc = sightings_run(s, "BEGIN IMMEDIATE", "be written", e);

    if (rc)
        return rc;
    for (size_t i = 0; i < n && !rc; i++) {
        const struct binding of[] = { { names[i].zone, 0 }, { names[i].name, 0 } };

        rc = sightings_step(s,
                            "UPDATE record SET silent = 0, changed_at = z.watched,"
                            " last_changed = z.last_pass FROM zone z WHERE z.name = ?1"
                            " AND record.zone = z.id AND record.name = ?2",
                            of, 2, NULL, 0, NULL, e);
    }
    if (!rc)
        return sightings_run(s, "COMMIT", "be written", e);
    sightings_run(s, "ROLLBACK", "be written", NULL);
    return rc;
}
