#include "cmd/planning.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cmd/hidden.h"
#include "cmd/output.h"
#include "ldap/controllers.h"

/* A logon later than that is not noted again so soon (MS-ADA1 2.351 lastLogonTimestamp). */
#define LOGON_LAG_H (15 * 24)

static enum err read_as_of(const struct context *ctx, struct planning *p, struct error *e)
{
    const char *as_of = options_text(ctx->options, "as-of");
    int64_t now = clock_now();

    p->has_as_of = as_of != NULL;
    p->as_of = now;
    if (as_of && (!clock_parse(as_of, now, &p->as_of) || p->as_of < 0)) {
        err_set(e, ERR_USAGE, "--as-of %s: not a time", as_of);
        return err_hint(e, "write 2026-11-22, 2026-11-22T14:00:00Z, +30d or -12h");
    }
    p->now_h = p->params.now_h = clock_hours_from_unix(p->as_of);
    p->params.real_now_h = clock_hours_from_unix(now);
    return OK;
}

static enum err unknown_evidence(const char *word, struct error *e)
{
    err_set(e, ERR_USAGE, "--evidence %s: not a source of evidence", word);
    return err_hint(e, "none, or some of accounts,pairs");
}

/* "accounts,pairs" or "none". */
static enum err read_evidence(const struct context *ctx, struct planning *p, struct error *e)
{
    const char *text = options_text(ctx->options, "evidence");
    enum evidence_source source;
    char *list, *word, *rest = NULL;
    size_t n = 0;

    for (int i = 0; i < EVIDENCE_COUNT; i++)
        p->params.is_wanted[i] = text == NULL;
    if (!text || strcmp(text, "none") == 0)
        return OK;
    if (!(list = talloc_strdup(ctx->mem, text)))
        return err_nomem(e);
    for (word = strtok_r(list, ", ", &rest); word; word = strtok_r(NULL, ", ", &rest), n++) {
        if (!evidence_parse(word, &source))
            return unknown_evidence(word, e);
        p->params.is_wanted[source] = true;
    }
    return n ? OK : unknown_evidence(text, e);
}

static enum err read_window(const struct context *ctx, struct planning *p, struct error *e)
{
    const char *text = options_text(ctx->options, "alive-window");

    p->params.alive_window_h = ALIVE_WINDOW_DEFAULT_H;
    if (!text)
        return OK;
    if (clock_parse_hours(text, &p->params.alive_window_h) && p->params.alive_window_h > 0) {
        if (p->params.alive_window_h < LOGON_LAG_H)
            log_warning("--alive-window %s: logons are noted up to 14 days late, so that a machine "
                        "in daily use may count as gone",
                        text);
        return OK;
    }
    err_set(e, ERR_USAGE, "--alive-window %s: not a time", text);
    err_hint(e, "write 30d or 720h; logons are noted up to 14 days late");
    return ERR_USAGE;
}

static enum err read_overrides(const struct context *ctx, struct planning *p, struct error *e)
{
    size_t n;
    const char *const *list = options_list(ctx->options, "override", &n);

    for (size_t i = 0; i < n; i++) {
        enum gate g;

        if (!gate_parse(list[i], &g) || !gate_can_be_overridden(g)) {
            err_set(e, ERR_USAGE, "--override %s: not a gate that can be overridden", list[i]);
            return err_hint(e, "aging-off, aging-too-recent, intervals-too-short, one-stamp, "
                               "inverted-stamps");
        }
        p->overridden |= GATE_BIT(g);
    }
    return OK;
}

enum err planning_read(const struct context *ctx, struct planning *p, struct error *e)
{
    enum err rc;

    if ((rc = read_as_of(ctx, p, e)) || (rc = read_evidence(ctx, p, e)) ||
        (rc = read_window(ctx, p, e)))
        return rc;
    rc = read_overrides(ctx, p, e);
    if (rc || (rc = probing_read(ctx, &p->probing, e)))
        return rc;
    p->silence.params = p->probing.params;
    return OK;
}

static enum err read_protection(struct context *ctx, struct session *s, struct planning *p,
                                struct error *e)
{
    struct protection *protection = talloc_zero(ctx->mem, struct protection);
    const char **controllers;
    enum err rc;

    if (!protection)
        return err_nomem(e);
    rc = controllers_list(ctx->mem, s->directory, &controllers, &protection->n_controllers, e);
    if (rc)
        return rc;
    protection->controllers = controllers;
    protection->globs = options_list(ctx->options, "protect", &protection->n_globs);
    p->params.protection = protection;
    return OK;
}

static void show_names(size_t n, void *priv)
{
    (void)priv;
    output_progress("names read", n, 0);
}

/* Which of the directory's zones are judged: those named, or all. */
static enum err choose_zones(struct context *ctx, struct session *s, struct planning *p,
                             struct error *e)
{
    struct survey_zone *chosen;
    struct dns_zone *all, *one;
    size_t n;
    enum err rc = zones_list(ctx->mem, s->directory, &all, &n, e);

    if (rc)
        return rc;
    chosen = talloc_zero_array(ctx->mem, struct survey_zone, n + 1);
    if (!chosen)
        return err_nomem(e);
    for (size_t i = 0; i < n; i++) {
        chosen[i].zone = &all[i];
        chosen[i].is_judged = p->n_zones == 0;
        /* Without being asked for, a zone that does not age is named but not walked. */
        chosen[i].is_walked =
            p->n_zones > 0 || all[i].aging.is_enabled || p->overridden & GATE_BIT(GATE_AGING_OFF);
        if (p->watched_zone && strcmp(p->watched_zone, all[i].dn) == 0)
            chosen[i].watched = p->watched;
    }
    for (size_t k = 0; k < p->n_zones; k++) {
        if ((rc = session_zone(ctx, s, p->zones[k], &one, e)))
            return rc;
        for (size_t i = 0; i < n; i++)
            chosen[i].is_judged = chosen[i].is_judged || strcmp(all[i].dn, one->dn) == 0;
    }
    p->params.zones = chosen;
    p->params.n_zones = n;
    return OK;
}

enum err planning_survey(struct context *ctx, struct session *s, struct planning *p,
                         struct survey **out, struct error *e)
{
    enum err rc;

    p->params.progress = show_names;
    if ((rc = choose_zones(ctx, s, p, e)) || (rc = read_protection(ctx, s, p, e)))
        return rc;
    rc = survey_make(ctx->mem, s->directory, &p->params, out, e);
    output_progress_end();
    if (!rc && (*out)->evidence.computers)
        rc = hidden_run(ctx, s, *out, p->overridden, p->watched_zone, p->watched, e);
    if (rc)
        return rc;
    return p->probing.is_wanted ? probing_run(ctx, &p->probing, *out, p->overridden, e) : OK;
}
