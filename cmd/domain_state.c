#include "cmd/domain_state.h"

#include "base/log.h"
#include "cmd/output.h"
#include "ldap/controllers.h"
#include "scavenger/journal.h"
#include "scavenger/survey.h"

static void show_names(size_t n, void *priv)
{
    (void)priv;
    output_progress("names read", n, 0);
}

static void note_plan(struct domain_zone *z, const struct zone_plan *p, uint32_t now_h)
{
    const struct plan_node *parts[] = { p->nodes, p->others };
    const size_t n[] = { p->n_nodes, p->n_others };

    z->gate = p->gate;
    z->gate_detail = p->gate_detail;
    z->dynamic = p->dynamic;
    z->stale = p->n_removed + p->kept[REASON_ZONE_GATE];
    z->limit = p->limit;
    for (size_t part = 0; part < 2; part++) {
        for (size_t i = 0; i < n[part]; i++) {
            for (size_t k = 0; k < parts[part][i].n_values; k++) {
                const struct plan_value *v = &parts[part][i].values[k];

                if ((v->reason == REASON_STALE || v->reason == REASON_ZONE_GATE) &&
                    now_h - v->stale_at_h > z->overdue_h)
                    z->overdue_h = now_h - v->stale_at_h;
            }
        }
    }
}

/* As timestamps alone see them, behind the gates that `scavenge` has. */
static enum err read_zones(struct context *ctx, struct session *s, struct domain_state *d,
                           struct error *e)
{
    struct protection protection = { 0 };
    struct survey_params p = { .protection = &protection,
                               .with_accounts = true,
                               .progress = show_names };
    const char **controllers;
    struct dns_zone *all;
    struct survey *survey;
    enum err rc;

    if ((rc = controllers_list(ctx->mem, s->directory, &controllers, &protection.n_controllers,
                               e)) ||
        (rc = zones_list(ctx->mem, s->directory, &all, &d->n_zones, e)))
        return rc;
    protection.controllers = controllers;
    p.now_h = p.real_now_h = clock_hours_from_unix(s->now);
    p.n_zones = d->n_zones;
    p.zones = talloc_zero_array(ctx->mem, struct survey_zone, d->n_zones + 1);
    d->zones = talloc_zero_array(d, struct domain_zone, d->n_zones + 1);
    if (!p.zones || !d->zones)
        return err_nomem(e);
    for (size_t i = 0; i < d->n_zones; i++) {
        d->zones[i].zone = &all[i];
        d->n_aging += all[i].aging.is_enabled;
        p.zones[i] = (struct survey_zone){ .zone = &all[i],
                                           .is_judged = true,
                                           .is_walked = all[i].aging.is_enabled };
    }
    rc = survey_make(ctx->mem, s->directory, &p, &survey, e);
    output_progress_end();
    for (size_t i = 0; i < d->n_zones && !rc; i++) {
        struct zone_plan *plan;

        rc = plan_builder_finish(d, survey->builders[i], limit_default(), 0, &plan, e);
        if (!rc)
            note_plan(&d->zones[i], plan, p.now_h);
    }
    return rc;
}

/* A journal that cannot be read is no reason to say nothing about the rest. */
static enum err read_runs(struct domain_state *d, struct error *e)
{
    bool is_running;
    char **ids;
    size_t n;
    enum err rc = journal_list(d, d->runs_dir, &ids, &n, e);

    if (rc)
        return rc;
    for (size_t i = 0; i < n; i++) {
        struct error why = { 0 };
        struct run *run;

        if (journal_read(d, d->runs_dir, ids[i], &run, &why)) {
            log_warning("%s", why.message);
            continue;
        }
        if (run->kind != RUN_SCAVENGE || !run->is_committed)
            continue;
        d->n_runs++;
        is_running = !run->ended && journal_is_open(d->runs_dir, ids[i]);
        d->last =
            (struct domain_run){ ids[i], run->started, is_running, !run->ended && !is_running };
    }
    return OK;
}

enum err domain_state_read(struct context *ctx, uint32_t lease_h, struct domain_state **out,
                           struct error *e)
{
    struct domain_state *d = talloc_zero(ctx->mem, struct domain_state);
    struct session *s;
    enum err rc;

    if (!d)
        return err_nomem(e);
    if ((rc = session_open(ctx, &s, e)))
        return rc;
    d->name = s->domain;
    d->server = s->server;
    d->principal = credentials_principal(s->credentials);
    d->is_samba = directory_is_samba(s->directory);
    d->now = s->now;
    d->lease_h = lease_h;
    d->runs_dir = session_runs_dir(ctx);
    if (!d->runs_dir)
        return err_nomem(e);
    if ((rc = read_zones(ctx, s, d, e)) || (rc = read_runs(d, e)))
        return rc;
    *out = d;
    return OK;
}
