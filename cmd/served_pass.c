#include "cmd/served_pass.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "cmd/served.h"
#include "dns/name.h"
#include "scavenger/served_nodes.h"
#include "scavenger/sightings_changes.h"

static int store_free(struct served_store *s)
{
    if (s->temporary)
        unlink(s->temporary);
    return 0;
}

static enum err make_temporary(struct context *ctx, struct served_store *s, struct error *e)
{
    int fd;

    s->temporary = talloc_asprintf(s, "%s/sightings.XXXXXX", session_state_dir(ctx));
    if (!s->temporary)
        return err_nomem(e);
    if ((fd = mkstemp(s->temporary)) < 0)
        return err_errno(e, errno, "cannot make %s", s->temporary);
    close(fd);
    talloc_set_destructor(s, store_free);
    return sightings_open(s, s->temporary, &s->db, e);
}

enum err served_store_replace(struct context *ctx, struct served_store *s, const char *why,
                              struct error *e)
{
    log_warning("%s; nothing is stale by sightings, heartbeats alone are judged this time. Move "
                "the file away to begin anew",
                why);
    TALLOC_FREE(s->db);
    return make_temporary(ctx, s, e);
}

static enum err make_state_dir(struct context *ctx, struct error *e)
{
    enum err rc = dir_make_private(session_state_dir(ctx), e);

    if (rc == ERR_IO)
        err_hint(e, "give a directory of your own with --state-dir");
    return rc;
}

enum err served_store_temporary(struct context *ctx, struct served_store **out, struct error *e)
{
    struct served_store *s = talloc_zero(ctx->mem, struct served_store);
    enum err rc;

    if (!s)
        return err_nomem(e);
    if ((rc = make_state_dir(ctx, e)) || (rc = make_temporary(ctx, s, e))) {
        talloc_free(s);
        return rc;
    }
    *out = s;
    return OK;
}

enum err served_store_open(struct context *ctx, struct served_store **out, struct error *e)
{
    struct served_store *s = talloc_zero(ctx->mem, struct served_store);
    char *path = talloc_asprintf(ctx->mem, "%s/sightings.db", session_state_dir(ctx));
    struct error why = { 0 };
    enum err rc;

    if (!s || !path)
        return err_nomem(e);
    if ((rc = make_state_dir(ctx, e)))
        return rc;
    rc = sightings_open(s, path, &s->db, &why);
    if (rc == ERR_MALFORMED)
        rc = served_store_replace(ctx, s, why.message, e);
    else if (rc && e)
        *e = why;
    *out = s;
    return rc;
}

struct pass {
    TALLOC_CTX *mem;
    struct sightings *db;
    const char *zone;
    int64_t now;
    bool has_begun;
    bool is_changes;  /* it is made of differences */
    bool is_database; /* what went wrong was the database */
    char *primary;    /* the MNAME of the zone's SOA (RFC 1035 section 3.3.13) */
};

/* What the database says, unless it is that a difference does not fit it. */
static enum err of_database(struct pass *p, enum err rc)
{
    p->is_database = rc != OK && rc != ERR_CHANGED;
    return rc;
}

static enum err take_primary(struct pass *p, const char *soa, struct error *e)
{
    char *mname = talloc_strndup(p->mem, soa, strcspn(soa, " "));

    if (!mname)
        return err_nomem(e);
    if (dns_name_normalise(p->mem, mname, &p->primary, e))
        return err_set(e, ERR_MALFORMED, "%s: its SOA cannot be read", p->zone);
    return OK;
}

static enum err begin_whole(struct pass *p, const struct dns_rr *soa, struct error *e)
{
    const char *rest = strchr(soa->data, ' '), *serial = rest ? strchr(rest + 1, ' ') : NULL;
    enum err rc = take_primary(p, soa->data, e);

    if (rc)
        return rc;
    if (!serial)
        return err_set(e, ERR_MALFORMED, "%s: its SOA cannot be read", p->zone);
    p->has_begun = true;
    return of_database(p, sightings_begin(p->db, p->zone, (uint32_t)strtoul(serial, NULL, 10),
                                          p->now, e));
}

static enum err begin_changes(struct pass *p, struct error *e)
{
    char *soa;
    enum err rc;

    p->has_begun = p->is_changes = true;
    rc = of_database(p, sightings_begin_changes(p->mem, p->db, p->zone, p->now, &soa, e));
    return rc ? rc : take_primary(p, soa, e);
}

static enum err take_change(struct pass *p, enum dns_transfer_event event, const struct dns_rr *rr,
                            struct error *e)
{
    enum err rc;

    if (!p->has_begun && (rc = begin_changes(p, e)))
        return rc;
    if (event == DNS_TRANSFER_REMOVE)
        return of_database(p, sightings_remove(p->db, rr, e));
    if (rr->type == DNS_TYPE_SOA && (rc = take_primary(p, rr->data, e)))
        return rc;
    return of_database(p, sightings_add(p->db, rr, e));
}

static enum err see(enum dns_transfer_event event, const struct dns_rr *rr, void *priv,
                    struct error *e)
{
    struct pass *p = priv;
    enum err rc;

    if (event != DNS_TRANSFER_RECORD)
        return take_change(p, event, rr, e);
    if (!p->has_begun && (rc = begin_whole(p, rr, e)))
        return rc;
    return of_database(p, sightings_see(p->db, rr, e));
}

/* Nothing has changed, says the server: true only of the serial that is known. */
static enum err see_nothing(struct pass *p, uint32_t known, uint32_t serial, struct error *e)
{
    if (known != serial)
        return err_set(e, ERR_CHANGED, "%s: its serial was %u and is %u now", p->zone, known,
                       serial);
    return begin_changes(p, e);
}

static enum err end_pass(struct pass *p, uint32_t serial, bool is_complete, struct error *e)
{
    if (!p->has_begun)
        return OK;
    return of_database(p, p->is_changes ? sightings_end_changes(p->db, serial, is_complete, e)
                                        : sightings_end(p->db, is_complete, e));
}

static enum err transfer_once(struct context *ctx, const struct served_params *params,
                              struct pass *p, struct dns_transfer_summary *summary, struct error *e)
{
    enum err rc, end;

    p->has_begun = p->is_changes = p->is_database = false;
    rc = served_zone(ctx, params, see, p, summary, e);
    if (!rc && summary->kind == DNS_TRANSFER_CURRENT)
        rc = see_nothing(p, params->serial, summary->serial, e);
    end = end_pass(p, summary->serial, rc == OK, rc ? NULL : e);
    return rc ? rc : end;
}

/* Differences that are of no use here: what the whole zone says is still open. */
static bool is_to_be_read_whole(const struct pass *p, enum err rc)
{
    return !p->is_database && (rc == ERR_CHANGED || rc == ERR_SERVER || rc == ERR_MALFORMED);
}

static enum err tell_gap(struct pass *p, struct error *e)
{
    unsigned n_passes;
    int64_t last_s;
    enum err rc = of_database(p, sightings_passes(p->db, p->zone, &n_passes, &last_s, e));

    if (!rc && n_passes && p->now - last_s > SIGHTINGS_GAP_S)
        log_info("%s: no run for %lld h: that time counts for nothing", p->zone,
                 (long long)(p->now - last_s) / 3600);
    return rc;
}

static enum err transfer(struct context *ctx, struct session *s, struct sightings *db,
                         struct dns_zone *zone, struct pass *p, struct error *e)
{
    static const char *const kinds[] = { "the whole zone", "changes", "no change" };
    struct served_params params = { .zone = zone->name, .session = s };
    struct dns_transfer_summary summary = { 0 };
    enum err rc;

    *p = (struct pass){ .mem = ctx->mem, .db = db, .zone = zone->name, .now = s->now };
    if ((rc = tell_gap(p, e)))
        return rc;
    rc = of_database(p, sightings_serial(p->db, zone->name, s->now, &params.has_serial,
                                         &params.serial, e));
    if (rc)
        return rc;
    rc = transfer_once(ctx, &params, p, &summary, e);
    if (params.has_serial && is_to_be_read_whole(p, rc)) {
        log_info("%s; reading the whole zone", e ? e->message : err_name(rc));
        err_clear(e);
        params.has_serial = false;
        rc = transfer_once(ctx, &params, p, &summary, e);
    }
    if (rc)
        return rc;
    log_info("%s: %s, serial %u, %llu records in %llu messages, primary %s", zone->name,
             kinds[summary.kind], summary.serial, (unsigned long long)summary.records,
             (unsigned long long)summary.messages, p->primary);
    zone->dn = served_uri(ctx->mem, p->primary, zone->name);
    return zone->dn ? OK : err_nomem(e);
}

/* For the report and the journal: "ns1.example.test, ns2.example.test". */
static enum err name_primaries(struct context *ctx, struct session *s, const char *primary,
                               struct error *e)
{
    if (s->server && strstr(s->server, primary))
        return OK;
    s->server = s->server ? talloc_asprintf(ctx->mem, "%s, %s", s->server, primary) : primary;
    return s->server ? OK : err_nomem(e);
}

enum err served_transfer_all(struct context *ctx, struct session *s, struct served_store *store,
                             const struct survey_zone *judged, struct dns_zone *zones, size_t n,
                             bool *is_database, struct error *e)
{
    struct pass pass = { 0 };
    enum err rc = OK;

    for (size_t i = 0; i < n && !rc; i++) {
        struct sightings *db = judged[i].sightings ? judged[i].sightings : store->db;

        rc = transfer(ctx, s, db, &zones[i], &pass, e);
        if (!rc)
            rc = name_primaries(ctx, s, pass.primary, e);
    }
    *is_database = pass.is_database;
    return rc;
}

static enum err renew_all(struct context *ctx, struct sightings *db,
                          const struct journal_node *changes, size_t n, enum outcome done,
                          struct error *e)
{
    struct sightings_name *names = talloc_array(db, struct sightings_name, n + 1);
    size_t n_names = 0;

    if (!names)
        return err_nomem(e);
    for (size_t i = 0; i < n; i++) {
        if (changes[i].outcome != done)
            continue;
        names[n_names].zone = changes[i].zone;
        names[n_names].name = dns_name_absolute(ctx->mem, changes[i].name, changes[i].zone);
        if (!names[n_names++].name)
            return err_nomem(e);
    }
    return n_names ? sightings_renew(db, names, n_names, e) : OK;
}

void served_renew(struct context *ctx, const struct journal_node *changes, size_t n,
                  enum outcome done)
{
    char *path = talloc_asprintf(ctx->mem, "%s/sightings.db", session_state_dir(ctx));
    struct sightings *db = NULL;
    struct error why = { 0 };

    /* No database, nothing to note; a damaged one was said. */
    if (!path || access(path, F_OK) != 0 || sightings_open(ctx->mem, path, &db, NULL) != OK)
        return;
    if (renew_all(ctx, db, changes, n, done, &why))
        log_warning("what was seen of the changed names could not be noted as new: %s",
                    why.message);
    talloc_free(db);
}
