#include "cmd/why_served.h"

#include <string.h>
#include <unistd.h>

#include "cmd/served_accounts.h"
#include "cmd/served_settings.h"
#include "cmd/why_served_report.h"
#include "dns/name.h"
#include "dns/rr.h"
#include "ldap/name.h"
#include "scavenger/served_nodes.h"
#include "scavenger/served_survey.h"

/* ---- what there is ---- */

/* A damaged file of this machine's is no answer that somebody forged. */
static enum err of_file(enum err rc, struct error *e)
{
    if (rc != ERR_MALFORMED)
        return rc;
    if (e) {
        e->code = ERR_IO;
        if (!e->hint[0])
            err_hint(e, "move sightings.db in the state directory away: sightings begin anew");
    }
    return ERR_IO;
}

/* A command that only looks makes no database. */
static enum err open_db(struct why_served *w, struct error *e)
{
    char *path = talloc_asprintf(w->ctx->mem, "%s/sightings.db", session_state_dir(w->ctx));

    if (!path)
        return err_nomem(e);
    if (access(path, F_OK) == 0)
        return of_file(sightings_open(w->ctx->mem, path, &w->db, e), e);
    err_set(e, ERR_NOTFOUND, "%s is not there: no run has seen any zone by transfer", path);
    return err_hint(e,
                    "`muster scavenge ZONE --source axfr`, with a --key that signs the transfer, "
                    "sees it; or name the directory with --state-dir");
}

static enum err find_primary(const struct sighting *of_name, size_t n, void *priv, struct error *e)
{
    char **primary = priv;

    (void)e;
    for (size_t i = 0; i < n; i++) {
        if (of_name[i].type == DNS_TYPE_SOA)
            *primary = talloc_strndup(NULL, of_name[i].data, strcspn(of_name[i].data, " "));
    }
    return OK;
}

static enum err read_zone(struct why_served *w, const char *name, struct dns_zone *zone,
                          struct signal_rules *rules, struct error *e)
{
    char *primary = NULL;
    enum err rc;

    if ((rc = served_zone_of(w->ctx, name, zone, e)) ||
        (rc = served_signals(w->ctx, name, rules, e)) ||
        (rc = sightings_walk_name(w->db, name, name, find_primary, &primary, e)))
        return rc;
    zone->dn = served_uri(w->ctx->mem, primary ? primary : "unknown", name);
    talloc_free(primary);
    return zone->dn ? OK : err_nomem(e);
}

/* All zones that runs have seen, each with its settings of today. */
static enum err read_zones(struct why_served *w, struct error *e)
{
    TALLOC_CTX *mem = w->ctx->mem;
    struct survey_params *p = &w->planning.params;
    struct protection *protection = talloc_zero(mem, struct protection);
    const char **names;
    struct dns_zone *zones;
    struct signal_rules *rules;
    enum err rc = protection ? sightings_zones(mem, w->db, &names, &p->n_zones, e) : err_nomem(e);

    if (rc)
        return rc;
    zones = talloc_zero_array(mem, struct dns_zone, p->n_zones + 1);
    rules = talloc_zero_array(mem, struct signal_rules, p->n_zones + 1);
    p->zones = talloc_zero_array(mem, struct survey_zone, p->n_zones + 1);
    if (!zones || !rules || !p->zones)
        return err_nomem(e);
    for (size_t i = 0; i < p->n_zones && !rc; i++) {
        rc = read_zone(w, names[i], &zones[i], &rules[i], e);
        p->zones[i] = (struct survey_zone){
            .zone = &zones[i], .is_judged = true, .is_walked = true, .signals = &rules[i]
        };
    }
    protection->globs = options_list(w->ctx->options, "protect", &protection->n_globs);
    p->protection = protection;
    return rc;
}

/* ---- the name ---- */

static enum err add_host(struct why_served *w, const char *host, struct error *e)
{
    w->hosts = talloc_realloc(w->ctx->mem, w->hosts, const char *, w->n_hosts + 1);
    if (!w->hosts || !(w->hosts[w->n_hosts] = name_fold(w->hosts, host)))
        return err_nomem(e);
    w->n_hosts++;
    return OK;
}

static enum err look(const struct sighting *of_name, size_t n, void *priv, struct error *e)
{
    struct why_served *w = priv;
    enum err rc = add_host(w, of_name[0].name, e);

    w->heartbeat_h = served_heartbeat(of_name, n);
    for (size_t i = 0; i < n && !rc; i++) {
        if (of_name[i].type == DNS_TYPE_PTR)
            rc = add_host(w, of_name[i].data, e);
    }
    return rc;
}

/* Is the name in that zone?  Then it is the one, where no longer one has it. */
static enum err try_zone(struct why_served *w, size_t i, const char *name, struct error *e)
{
    const struct dns_zone *zone = w->planning.params.zones[i].zone;
    const char *relative;
    enum err rc;

    if (!dns_name_within(name, zone->name) ||
        (w->zone && strlen(zone->name) <= strlen(w->zone->name)))
        return OK;
    w->n_hosts = 0;
    if ((rc = sightings_walk_name(w->db, zone->name, name, look, w, e)) || w->n_hosts == 0)
        return rc;
    if (!(relative = dns_name_relative(w->ctx->mem, name, zone->name)))
        return err_nomem(e);
    w->zone = zone;
    w->at = i;
    w->name = name;
    w->relative = relative;
    return OK;
}

/* As an absolute name, else as a relative one. */
static enum err find_name(struct why_served *w, struct error *e)
{
    const struct survey_params *p = &w->planning.params;
    size_t n;
    const char *given = options_arguments(w->ctx->options, &n)[0];
    char *name;
    enum err rc = dns_name_normalise(w->ctx->mem, given, &name, e);

    if (rc)
        return err_prefix(e, "name \"%s\"", given), rc == ERR_MALFORMED ? ERR_USAGE : rc;
    for (size_t i = 0; i < p->n_zones && !rc; i++)
        rc = try_zone(w, i, name, e);
    for (size_t i = 0; i < p->n_zones && !rc && !w->zone; i++) {
        char *absolute = dns_name_absolute(w->ctx->mem, name, p->zones[i].zone->name);

        rc = absolute ? try_zone(w, i, absolute, e) : err_nomem(e);
    }
    if (rc || w->zone)
        return rc;
    err_set(e, ERR_NOTFOUND, "%s: no run has seen that name in a zone read by transfer", name);
    return err_hint(e,
                    "runs with this state directory have seen %zu zones; name another with "
                    "--state-dir, or scavenge the zone first (unsigned transfers are not kept)",
                    p->n_zones);
}

/*
 * Zones stay in the database when nobody reads them any more.  A run judges by those that it read,
 * all at one time, and so is this to be.
 */
static enum err keep_zones_of_run(struct why_served *w, struct error *e)
{
    struct survey_params *p = &w->planning.params;
    enum err rc =
        of_file(sightings_passes(w->db, w->zone->name, &w->n_passes, &w->last_pass_s, e), e);
    size_t n = 0, at = w->at;

    for (size_t i = 0; i < p->n_zones && !rc; i++) {
        unsigned n_passes;
        int64_t last_s = 0;

        rc = of_file(sightings_passes(w->db, p->zones[i].zone->name, &n_passes, &last_s, e), e);
        if (i == at)
            w->at = n;
        if (!rc && last_s == w->last_pass_s)
            p->zones[n++] = p->zones[i];
    }
    p->n_zones = n;
    return rc;
}

static enum err judge(struct why_served *w, struct error *e)
{
    struct planning *p = &w->planning;
    enum err rc;

    if ((rc = keep_zones_of_run(w, e)))
        return rc;
    p->params.zones[w->at].watched = w->relative;
    if ((rc = of_file(served_survey(w->ctx->mem, w->db, &p->params, &w->survey, e), e)) ||
        (rc = served_accounts_ask(w->ctx, w->survey, p->overridden, w->hosts, w->n_hosts, e)))
        return rc;
    p->probing.name = w->relative;
    if ((p->probing.is_wanted &&
         (rc = probing_run(w->ctx, &p->probing, w->survey, p->overridden, e))) ||
        (rc = served_settle(w->survey, p->overridden, e)) ||
        (rc = plan_builder_finish(w->ctx->mem, w->survey->builders[w->at], limit_default(),
                                  p->overridden, &w->plan, e)))
        return rc;
    w->node = plan_node_named(w->plan, w->relative);
    return w->node ? OK : err_set(e, ERR_INTERNAL, "no plan for %s", w->name);
}

enum err why_served(struct context *ctx, struct error *e)
{
    struct why_served w = { .ctx = ctx };
    enum err rc;

    if ((rc = planning_read(ctx, &w.planning, e)) || (rc = open_db(&w, e)) ||
        (rc = of_file(read_zones(&w, e), e)) || (rc = of_file(find_name(&w, e), e)) ||
        (rc = judge(&w, e)))
        return rc;
    return ctx->is_json ? why_served_json(&w, e) : why_served_text(&w, e);
}
