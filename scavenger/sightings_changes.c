#include "scavenger/sightings_changes.h"

#include "scavenger/sightings_db.h"

/*
 * A removed record has pass 0, which is none, and stays until the end of the pass: a later
 * difference may bring it back, with another TTL perhaps.  It is the record that it was, but
 * somebody wrote it: a host that registers anew deletes its address and adds the same one.
 */

enum err sightings_serial(struct sightings *s, const char *zone, int64_t now_s, bool *is_known,
                          uint32_t *serial, struct error *e)
{
    const struct binding name = { zone, 0 };
    int64_t row[3] = { 0, 0, 0 };
    enum err rc = sightings_step(s, "SELECT serial, passes, last_pass FROM zone WHERE name = ?1",
                                 &name, 1, row, 3, NULL, e);

    if (rc)
        return rc;
    *serial = (uint32_t)row[0];
    *is_known = row[1] % SIGHTINGS_WHOLE_PASSES != 0 && row[2] <= now_s &&
                now_s - row[2] <= SIGHTINGS_WHOLE_S;
    return OK;
}

static enum err read_soa(TALLOC_CTX *mem, struct sightings *s, const char *zone, char **out,
                         struct error *e)
{
    const struct binding b[] = { { NULL, s->zone }, { zone, 0 }, { NULL, DNS_TYPE_SOA } };
    sqlite3_stmt *st;
    enum err rc =
        sightings_prepare(s, "SELECT data FROM record WHERE zone = ?1 AND name = ?2 AND type = ?3",
                          b, 3, &st, e);
    int got;

    if (rc)
        return rc;
    got = sqlite3_step(st);
    if (got == SQLITE_ROW) {
        const unsigned char *data = sqlite3_column_text(st, 0);

        *out = talloc_strdup(mem, data ? (const char *)data : "");
        rc = *out ? OK : err_nomem(e);
    } else if (got == SQLITE_DONE) {
        rc = err_set(e, ERR_CHANGED, "no pass over %s has been made", zone);
    } else {
        rc = sightings_failed(s, "be read", e);
    }
    sqlite3_finalize(st);
    return rc;
}

enum err sightings_begin_changes(TALLOC_CTX *mem, struct sightings *s, const char *zone,
                                 int64_t now_s, char **soa, struct error *e)
{
    /* The serial is that of the end. */
    enum err rc = sightings_begin(s, zone, 0, now_s, e);

    if (rc)
        return rc;
    {
        const struct binding b[] = { { NULL, s->zone }, { NULL, s->pass }, { NULL, now_s } };

        rc = read_soa(mem, s, zone, soa, e);
        if (!rc)
            rc = sightings_step(s,
                                "UPDATE record SET pass = ?2, last_confirmed = ?3 WHERE zone = ?1",
                                b, 3, NULL, 0, NULL, e);
    }
    return rc ? sightings_transaction_abandon(s, rc) : OK;
}

static enum err does_not_fit(const struct dns_rr *rr, const char *why, struct error *e)
{
    char type[16];

    return err_set(e, ERR_CHANGED, "%s %s %.80s: %s", rr->name, dns_type_name(rr->type, type),
                   rr->data, why);
}

/* Bindings 1 to 4 are the record of rr. */
static enum err of_record(struct sightings *s, const char *sql, const struct dns_rr *rr,
                          int64_t number, sqlite3_stmt **out, struct error *e)
{
    const struct binding b[] = {
        { NULL, s->zone }, { rr->name, 0 }, { NULL, rr->type }, { rr->data, 0 }, { NULL, number }
    };

    return sightings_prepare(s, sql, b, 5, out, e);
}

enum err sightings_remove(struct sightings *s, const struct dns_rr *rr, struct error *e)
{
    sqlite3_stmt *st;
    enum err rc = of_record(s,
                            "UPDATE record SET pass = 0 WHERE zone = ?1 AND name = ?2"
                            " AND type = ?3 AND data = ?4 AND ttl = ?5 AND pass <> 0",
                            rr, rr->ttl_s, &st, e);

    if (rc)
        return rc;
    if (sqlite3_step(st) != SQLITE_DONE)
        rc = sightings_failed(s, "be written", e);
    sqlite3_finalize(st);
    if (!rc && sqlite3_changes(s->db) != 1)
        rc = does_not_fit(rr, "removed, and was not there", e);
    return rc;
}

enum err sightings_add(struct sightings *s, const struct dns_rr *rr, struct error *e)
{
    sqlite3_stmt *st;
    enum err rc = of_record(s,
                            "SELECT 1 FROM record WHERE zone = ?1 AND name = ?2 AND type = ?3"
                            " AND data = ?4 AND pass <> ?5",
                            rr, 0, &st, e);
    int got;

    if (rc)
        return rc;
    got = sqlite3_step(st);
    if (got == SQLITE_ROW)
        rc = does_not_fit(rr, "added, and was there already", e);
    else if (got != SQLITE_DONE)
        rc = sightings_failed(s, "be read", e);
    sqlite3_finalize(st);
    return rc ? rc : sightings_see(s, rr, e);
}

enum err sightings_end_changes(struct sightings *s, uint32_t serial, bool is_complete,
                               struct error *e)
{
    const struct binding b[] = { { NULL, s->zone }, { NULL, serial } };
    enum err rc = OK;

    if (is_complete && s->is_open)
        rc = sightings_step(s, "UPDATE zone SET serial = ?2 WHERE id = ?1", b, 2, NULL, 0, NULL, e);
    if (rc)
        return sightings_transaction_abandon(s, rc);
    return sightings_end(s, is_complete, e);
}
