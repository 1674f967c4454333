#include "cmd/served_zones.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cmd/output.h"
#include "cmd/served.h"
#include "cmd/served_accounts.h"
#include "cmd/served_pass.h"
#include "cmd/served_silence.h"
#include "dns/name.h"
#include "scavenger/served_nodes.h"
#include "scavenger/served_survey.h"
#include "scavenger/served_updates.h"
#include "scavenger/updates.h"

#define UPDATE_MS 30000

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
    struct signal_rules *rules = talloc_zero_array(ctx->mem, struct signal_rules, n + 1);

    if (!protection || !judged || !rules)
        return err_nomem(e);
    for (size_t i = 0; i < n; i++) {
        enum err rc = served_signals(ctx, zones[i].name, &rules[i], e);

        if (rc)
            return rc;
        judged[i] = (struct survey_zone){
            .zone = &zones[i],
            .is_judged = true,
            .is_walked = true,
            .signals = &rules[i],
            .unproven = served_unproven(ctx, zones[i].name),
        };
    }
    protection->globs = options_list(ctx->options, "protect", &protection->n_globs);
    p->params.protection = protection;
    p->params.zones = judged;
    p->params.n_zones = n;
    p->params.progress = show_names;
    return OK;
}

static enum err read_and_walk(struct context *ctx, struct session *s, struct served_store *store,
                              struct planning *p, struct dns_zone *zones, size_t n,
                              struct survey **out, bool *is_database, struct error *e)
{
    struct probe_list *heard;
    enum err rc = served_transfer_all(ctx, s, store, p->params.zones, zones, n, is_database, e);

    if (rc)
        return rc;
    *is_database = true;
    if ((rc = served_silence_ask(ctx, store, p, s->now, &heard, e)))
        return rc;
    rc = served_survey(ctx->mem, store->db, &p->params, out, e);
    output_progress_end();
    return rc ? rc : served_silence_keep(heard, *out, e);
}

/*
 * A transfer that is not proved may be made up, and a later one that is proved would ask only for
 * what changed since: what it tells stays apart from what is kept.
 */
static enum err set_apart(struct context *ctx, struct survey_params *params,
                          struct served_store **out, bool *is_any_proved, struct error *e)
{
    enum err rc;

    *is_any_proved = false;
    for (size_t i = 0; i < params->n_zones; i++) {
        struct survey_zone *at = &params->zones[i];

        if (!at->unproven) {
            *is_any_proved = true;
            continue;
        }
        if (!*out && (rc = served_store_temporary(ctx, out, e)))
            return rc;
        at->sightings = (*out)->db;
        log_warning("%s: its transfer is %s: unproven; it is judged this once, and nothing of it "
                    "is kept",
                    at->zone->name, at->unproven);
    }
    return OK;
}

enum err served_planning(struct context *ctx, struct session *s, struct planning *p,
                         struct survey **out, struct error *e)
{
    struct served_store *store = NULL, *apart = NULL;
    struct dns_zone *zones = NULL;
    bool is_database = false, is_any_proved;
    size_t n = 0;
    enum err rc;

    if ((rc = served_name_zones(ctx, p, &zones, &n, e)) || (rc = set_params(ctx, p, zones, n, e)) ||
        (rc = set_apart(ctx, &p->params, &apart, &is_any_proved, e)))
        return rc;
    if (is_any_proved)
        rc = served_store_open(ctx, &store, e);
    else
        store = apart;
    if (!rc)
        rc = read_and_walk(ctx, s, store, p, zones, n, out, &is_database, e);
    if (rc == ERR_MALFORMED && is_database && !store->temporary) {
        struct error why = *e;

        err_clear(e);
        if (!(rc = served_store_replace(ctx, store, why.message, e)))
            rc = read_and_walk(ctx, s, store, p, zones, n, out, &is_database, e);
    }
    if (!rc)
        rc = served_accounts_ask(ctx, *out, p->overridden, NULL, 0, e);
    if (!rc && p->probing.is_wanted)
        rc = probing_run(ctx, &p->probing, *out, p->overridden, e);
    if (!rc)
        rc = served_settle(*out, p->overridden, e);
    if (store != apart)
        talloc_free(store);
    talloc_free(apart);
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

static enum err look_again(void *priv, TALLOC_CTX *mem, const struct journal_node *changes,
                           size_t n, struct served_look *looks, struct error *e)
{
    const struct writing *w = priv;

    return served_silence_again(w->ctx, mem, changes, n, looks, e);
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
                                    .look_again = look_again,
                                    .priv = &writing };
    enum err rc = options_timeout_ms(ctx->options, UPDATE_MS, &server.timeout_ms, e);

    if (rc || (success == OUTCOME_DELETED && (rc = check_primaries(ctx, changes, n, e))))
        return rc;
    if (success == OUTCOME_DELETED)
        updates_prepare(changes, n);
    rc = served_updates_run(&server, journal, changes, n, success, hooks, e);
    served_renew(ctx, changes, n, success);
    return rc;
}
