#include "cmd/served_zones.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "cmd/output.h"
#include "cmd/served.h"
#include "dns/name.h"
#include "scavenger/served_nodes.h"
#include "scavenger/served_survey.h"
#include "scavenger/served_updates.h"
#include "scavenger/updates.h"

#define ZONE_TYPE_PRIMARY 1
#define UPDATE_MS 30000

/* ---- options ---- */

/* zone: NULL for what holds for all. */
static enum err read_interval(const struct context *ctx, const char *zone, const char *option,
                              uint32_t *out_h, struct error *e)
{
    const char *text =
        zone ? options_zone_text(ctx->options, zone, option) : options_text(ctx->options, option);

    *out_h = SERVED_INTERVAL_H;
    if (!text || clock_parse_hours(text, out_h))
        return OK;
    err_set(e, ERR_USAGE, "%s%s--%s %s: not a time", zone ? zone : "", zone ? ": " : "", option,
            text);
    return err_hint(e, "write 7d or 168h");
}

static enum err refuse(const char *option, const char *why, struct error *e)
{
    return err_set(e, ERR_USAGE, "--%s: %s", option, why);
}

enum err served_read(const struct context *ctx, bool *is_wanted, struct error *e)
{
    const char *source = options_text(ctx->options, "source");
    const char *evidence = options_text(ctx->options, "evidence");
    const char *via = options_text(ctx->options, "via");
    uint32_t ignored_h;
    enum err rc;
    size_t n;

    *is_wanted = source && strcmp(source, "axfr") == 0;
    if (source && !*is_wanted && strcmp(source, "ldap") != 0) {
        err_set(e, ERR_USAGE, "--source %s: neither ldap nor axfr", source);
        return err_hint(e, "ldap reads the directory, axfr transfers zones");
    }
    if ((rc = read_interval(ctx, NULL, "no-refresh", &ignored_h, e)) ||
        (rc = read_interval(ctx, NULL, "refresh", &ignored_h, e)))
        return rc;
    if (!*is_wanted)
        return options_text(ctx->options, "key") ? refuse("key", "is for --source axfr", e) : OK;
    if (via && strcmp(via, "update") != 0)
        return refuse("via", "zones read by transfer are written by signed updates only", e);
    if (evidence && strstr(evidence, "accounts"))
        return refuse("evidence", "there are no accounts beside a zone read by transfer", e);
    options_arguments(ctx->options, &n);
    if (n == 0) {
        err_set(e, ERR_USAGE, "--source axfr: no zone is named");
        return err_hint(e, "name each zone to transfer: there is no directory that lists them");
    }
    return OK;
}

enum err served_session(struct context *ctx, bool is_apply, struct session **out, struct error *e)
{
    struct session *s = talloc_zero(ctx->mem, struct session);
    enum err rc;

    if (!s)
        return err_nomem(e);
    s->now = clock_now();
    s->state_dir = session_state_dir(ctx);
    s->domain = "zones by transfer";
    if (is_apply && (rc = session_credentials(ctx, s, e)))
        return rc;
    *out = s;
    return OK;
}

/* ---- the database ---- */

struct store {
    struct sightings *db;
    char *temporary; /* removed with the store; NULL: the real one */
};

static int store_free(struct store *s)
{
    if (s->temporary)
        unlink(s->temporary);
    return 0;
}

/* A damaged database teaches nothing, and nothing is lost: heartbeats are in the zone itself. */
static enum err open_temporary(struct context *ctx, struct store *s, const char *why,
                               struct error *e)
{
    int fd;

    log_warning("%s; nothing is stale by sightings, heartbeats alone are judged this time. Move "
                "the file away to begin anew",
                why);
    s->temporary = talloc_asprintf(s, "%s/sightings.XXXXXX", session_state_dir(ctx));
    if (!s->temporary)
        return err_nomem(e);
    if ((fd = mkstemp(s->temporary)) < 0)
        return err_errno(e, errno, "cannot make %s", s->temporary);
    close(fd);
    talloc_set_destructor(s, store_free);
    return sightings_open(s, s->temporary, &s->db, e);
}

static enum err open_store(struct context *ctx, struct store **out, struct error *e)
{
    struct store *s = talloc_zero(ctx->mem, struct store);
    char *path = talloc_asprintf(ctx->mem, "%s/sightings.db", session_state_dir(ctx));
    struct error why = { 0 };
    enum err rc;

    if (!s || !path)
        return err_nomem(e);
    if ((rc = dir_make_private(session_state_dir(ctx), e)))
        return rc == ERR_IO ? (err_hint(e, "give a directory of your own with --state-dir"), rc)
                            : rc;
    rc = sightings_open(s, path, &s->db, &why);
    if (rc == ERR_MALFORMED)
        rc = open_temporary(ctx, s, why.message, e);
    else if (rc && e)
        *e = why;
    *out = s;
    return rc;
}

/* ---- transfers ---- */

struct pass {
    TALLOC_CTX *mem;
    struct sightings *db;
    const char *zone;
    int64_t now;
    bool has_begun;
    bool is_database; /* what went wrong was the database */
    char *primary;    /* the MNAME of the zone's SOA (RFC 1035 section 3.3.13) */
};

static enum err begin_pass(struct pass *p, const struct dns_rr *soa, struct error *e)
{
    const char *rest = strchr(soa->data, ' '), *serial = rest ? strchr(rest + 1, ' ') : NULL;
    char *mname = talloc_strndup(p->mem, soa->data, strcspn(soa->data, " "));
    enum err rc;

    if (!mname)
        return err_nomem(e);
    if (!serial || (rc = dns_name_normalise(p->mem, mname, &p->primary, e)))
        return err_set(e, ERR_MALFORMED, "%s: its SOA cannot be read", p->zone);
    p->has_begun = true;
    rc = sightings_begin(p->db, p->zone, (uint32_t)strtoul(serial, NULL, 10), p->now, e);
    p->is_database = rc != OK;
    return rc;
}

static enum err see(enum dns_transfer_event event, const struct dns_rr *rr, void *priv,
                    struct error *e)
{
    struct pass *p = priv;
    enum err rc;

    if (event != DNS_TRANSFER_RECORD)
        return OK;
    if (!p->has_begun && (rc = begin_pass(p, rr, e)))
        return rc;
    rc = sightings_see(p->db, rr, e);
    p->is_database = rc != OK;
    return rc;
}

static enum err transfer(struct context *ctx, struct session *s, struct store *store,
                         struct dns_zone *zone, struct pass *p, struct error *e)
{
    const struct served_params params = { .zone = zone->name, .session = s };
    struct dns_transfer_summary summary;
    enum err rc, end = OK;

    *p = (struct pass){ .mem = ctx->mem, .db = store->db, .zone = zone->name, .now = s->now };
    rc = served_zone(ctx, &params, see, p, &summary, e);
    if (p->has_begun)
        end = sightings_end(p->db, rc == OK, rc ? NULL : e);
    if (rc || end) {
        p->is_database = p->is_database || end;
        return rc ? rc : end;
    }
    log_info("%s: serial %u, %llu records in %llu messages, primary %s", zone->name, summary.serial,
             (unsigned long long)summary.records, (unsigned long long)summary.messages, p->primary);
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

static enum err transfer_all(struct context *ctx, struct session *s, struct store *store,
                             struct dns_zone *zones, size_t n, bool *is_database, struct error *e)
{
    struct pass pass = { 0 };
    enum err rc = OK;

    for (size_t i = 0; i < n && !rc; i++) {
        rc = transfer(ctx, s, store, &zones[i], &pass, e);
        if (!rc)
            rc = name_primaries(ctx, s, pass.primary, e);
    }
    *is_database = pass.is_database;
    return rc;
}

/* ---- zones ---- */

static bool is_among(const struct dns_zone *zones, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(zones[i].name, name) == 0)
            return true;
    }
    return false;
}

static enum err zone_of(const struct context *ctx, const char *name, struct dns_zone *out,
                        struct error *e)
{
    *out = (struct dns_zone){
        .name = name,
        .partition = "DNS",
        .zone_type = ZONE_TYPE_PRIMARY,
        .update = ZONE_UPDATE_SECURE,
        .aging = { .is_enabled = true },
        .change = { .source = ZONE_CHANGE_EXACT },
    };
    if (read_interval(ctx, name, "no-refresh", &out->aging.no_refresh_h, e) ||
        read_interval(ctx, name, "refresh", &out->aging.refresh_h, e))
        return ERR_USAGE;
    return OK;
}

/* Each once, forward zones first: that is the order in which they are written, too. */
static enum err name_zones(struct context *ctx, const struct planning *p, struct dns_zone **out,
                           size_t *n_out, struct error *e)
{
    struct dns_zone *zones = talloc_zero_array(ctx->mem, struct dns_zone, p->n_zones + 1);
    size_t n = 0;

    if (!zones)
        return err_nomem(e);
    for (int is_reverse = 0; is_reverse < 2; is_reverse++) {
        for (size_t i = 0; i < p->n_zones; i++) {
            char *name;
            enum err rc = dns_name_normalise(ctx->mem, p->zones[i], &name, e);

            if (rc)
                return err_prefix(e, "zone \"%s\"", p->zones[i]),
                       rc == ERR_MALFORMED ? ERR_USAGE : rc;
            if ((rc = zone_of(ctx, name, &zones[n], e)))
                return rc;
            n += pairs_is_reverse(&zones[n]) == (is_reverse == 1) && !is_among(zones, n, name);
        }
    }
    *out = zones;
    *n_out = n;
    return OK;
}

static void show_names(size_t n, void *priv)
{
    (void)priv;
    output_progress("names read", n, 0);
}

static enum err set_params(struct context *ctx, struct planning *p, struct dns_zone *zones,
                           size_t n, struct error *e)
{
    struct protection *protection = talloc_zero(ctx->mem, struct protection);
    struct survey_zone *judged = talloc_zero_array(ctx->mem, struct survey_zone, n + 1);

    if (!protection || !judged)
        return err_nomem(e);
    for (size_t i = 0; i < n; i++)
        judged[i] = (struct survey_zone){ &zones[i], true, true, NULL };
    protection->globs = options_list(ctx->options, "protect", &protection->n_globs);
    p->params.protection = protection;
    p->params.zones = judged;
    p->params.n_zones = n;
    p->params.progress = show_names;
    return OK;
}

static enum err read_and_walk(struct context *ctx, struct session *s, struct store *store,
                              struct planning *p, struct dns_zone *zones, size_t n,
                              struct survey **out, bool *is_database, struct error *e)
{
    enum err rc = transfer_all(ctx, s, store, zones, n, is_database, e);

    if (rc)
        return rc;
    *is_database = true;
    rc = served_survey(ctx->mem, store->db, &p->params, out, e);
    output_progress_end();
    return rc;
}

enum err served_planning(struct context *ctx, struct session *s, struct planning *p,
                         struct survey **out, struct error *e)
{
    struct store *store = NULL;
    struct dns_zone *zones = NULL;
    bool is_database = false;
    size_t n = 0;
    enum err rc;

    if ((rc = name_zones(ctx, p, &zones, &n, e)) || (rc = set_params(ctx, p, zones, n, e)) ||
        (rc = open_store(ctx, &store, e)))
        return rc;
    rc = read_and_walk(ctx, s, store, p, zones, n, out, &is_database, e);
    if (rc == ERR_MALFORMED && is_database && !store->temporary) {
        struct error why = *e;

        err_clear(e);
        TALLOC_FREE(store->db);
        if (!(rc = open_temporary(ctx, store, why.message, e)))
            rc = read_and_walk(ctx, s, store, p, zones, n, out, &is_database, e);
    }
    if (!rc && p->probing.is_wanted)
        rc = probing_run(ctx, &p->probing, *out, p->overridden, e);
    if (!rc)
        rc = served_settle(*out, p->overridden, e);
    talloc_free(store);
    return rc;
}

/* ---- writing ---- */

struct writing {
    struct context *ctx;
};

static enum err connect_primary(void *priv, TALLOC_CTX *mem, const char *zone, const char *primary,
                                struct deadline d, struct dns_conn **out, struct error *e)
{
    struct writing *w = priv;

    return served_primary_connect(w->ctx, mem, zone, primary, d, out, e);
}

/* Whom a transfer that nobody signed names as primary may be anybody. */
static enum err check_primary(struct context *ctx, const struct journal_node *change,
                              struct error *e)
{
    const char *server = options_zone_text(ctx->options, change->zone, "server");
    char *primary = served_primary(ctx->mem, change->dn), *given = NULL;

    if (served_is_proved(ctx, change->zone))
        return OK;
    if (server && primary && dns_name_normalise(ctx->mem, server, &given, NULL) == OK &&
        strcmp(primary, given) == 0)
        return OK;
    err_set(e, ERR_USAGE, "%s: the transfer is %s, and names %s as the primary to write at",
            change->zone,
            options_zone_text(ctx->options, change->zone, "key")
                ? "of a server that DNS alone names"
                : "not signed",
            primary ? primary : "nobody");
    return err_hint(e, "sign the transfer with --key, or confirm the primary with --server %s",
                    primary ? primary : "NAME");
}

static enum err check_primaries(struct context *ctx, const struct journal_node *changes, size_t n,
                                struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < n && !rc; i++) {
        if (i == 0 || strcmp(changes[i].zone, changes[i - 1].zone) != 0)
            rc = check_primary(ctx, &changes[i], e);
    }
    return rc;
}

enum err served_write(struct context *ctx, struct session *s, struct journal *journal,
                      struct journal_node *changes, size_t n, enum outcome success,
                      const struct apply_hooks *hooks, struct error *e)
{
    struct writing writing = { ctx };
    struct served_server server = { .credentials = s->credentials,
                                    .connect = connect_primary,
                                    .priv = &writing };
    enum err rc = options_timeout_ms(ctx->options, UPDATE_MS, &server.timeout_ms, e);

    if (rc || (success == OUTCOME_DELETED && (rc = check_primaries(ctx, changes, n, e))))
        return rc;
    if (success == OUTCOME_DELETED)
        updates_prepare(changes, n);
    return served_updates_run(&server, journal, changes, n, success, hooks, e);
}
