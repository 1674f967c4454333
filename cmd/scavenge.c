/* muster scavenge [ZONE…]: plan, and with --apply carry the plan out. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "cmd/applying.h"
#include "cmd/controller.h"
#include "cmd/elsewhere.h"
#include "cmd/output.h"
#include "cmd/plan_report.h"
#include "cmd/planning.h"
#include "cmd/report_html.h"
#include "cmd/report_metrics.h"
#include "cmd/report_syslog.h"
#include "cmd/served_zones.h"
#include "scavenger/retention.h"
#include "scavenger/updates.h"

#define ZONES_MAX 1024
#define UPDATE_MS 30000

struct request {
    bool is_apply;
    bool is_via_update;
    struct limit limit;
    struct retention retention;
    struct planning planning;
    bool is_axfr;
};

static enum err read_via(const struct context *ctx, bool *is_update, struct error *e)
{
    const char *given = options_text(ctx->options, "via");

    *is_update = given && strcmp(given, "update") == 0;
    if (!given || *is_update || strcmp(given, "ldap") == 0)
        return OK;
    err_set(e, ERR_USAGE, "--via %s: neither ldap nor update", given);
    return err_hint(e, "ldap writes the directory, update sends signed DNS updates");
}

/* Said before the first deletion rather than after the last. */
static enum err check_file(const struct context *ctx, const char *option, struct error *e)
{
    const char *path = options_text(ctx->options, option);
    char *copy = path ? talloc_strdup(ctx->mem, path) : NULL;
    const char *dir;

    if (!path)
        return OK;
    if (!copy)
        return err_nomem(e);
    if (file_is_replaceable(path, e))
        return err_prefix(e, "--%s", option);
    dir = dirname(copy);
    if (access(dir, W_OK | X_OK) == 0)
        return OK;
    err_set(e, ERR_USAGE, "--%s %s: %s: %s", option, path, dir, strerror(errno));
    return err_hint(e, "give a file in a directory that exists and that you may write to");
}

static enum err read_request(const struct context *ctx, struct request *r, struct error *e)
{
    const char *limit = options_text(ctx->options, "max-deletes");
    const char *keep = options_text(ctx->options, "keep-runs");
    enum err rc;

    if ((rc = planning_read(ctx, &r->planning, e)) || (rc = read_via(ctx, &r->is_via_update, e)) ||
        (rc = served_read(ctx, &r->is_axfr, e)) || (rc = check_file(ctx, "html", e)) ||
        (rc = check_file(ctx, "metrics", e)))
        return rc;
    if (r->is_axfr && options_text(ctx->options, "via") && !r->is_via_update)
        return err_set(e, ERR_USAGE,
                       "--via: zones read by transfer are written by signed updates only");
    r->is_apply = r->planning.params.with_owner = options_flag(ctx->options, "apply");
    r->planning.zones = options_arguments(ctx->options, &r->planning.n_zones);
    r->limit = limit_default();
    if (limit && !limit_parse(limit, &r->limit)) {
        err_set(e, ERR_USAGE, "--max-deletes %s: neither a number nor a percentage", limit);
        err_hint(e, "write 50 or 5%%");
        return ERR_USAGE;
    }
    if (keep && !retention_parse(keep, &r->retention)) {
        err_set(e, ERR_USAGE, "--keep-runs %s: neither a time nor a number of runs", keep);
        err_hint(e, "write 400d, 52w or 100");
        return ERR_USAGE;
    }
    if (r->is_apply && r->planning.params.now_h > r->planning.params.real_now_h) {
        err_set(e, ERR_USAGE, "--as-of lies in the future: a forecast cannot be applied");
        err_hint(e, "leave out --apply to see what would go by then");
        return ERR_USAGE;
    }
    return OK;
}

/*
 * Survey, a look at the other controllers, then the gate and the limit of each zone.  blocked: why
 * it may not be applied, as one of them cannot be asked; it is shown all the same.
 */
static enum err make_plan(struct context *ctx, struct session *s, struct request *r,
                          struct scavenge_report *report, struct error *blocked, struct error *e)
{
    struct replicas *replicas = NULL;
    struct survey *survey;
    enum err rc = r->is_axfr ? served_planning(ctx, s, &r->planning, &survey, e)
                             : planning_survey(ctx, s, &r->planning, &survey, e);

    if (!rc && !r->is_axfr)
        rc = elsewhere_check(ctx, s, survey, r->is_apply, &replicas, blocked, e);
    if (rc)
        return rc;
    report->server = s->server; /* a transfer has told by now */
    report->survey = survey;
    report->replicas = replicas;
    report->zones = talloc_zero_array(ctx->mem, struct zone_plan *, survey->n_builders + 1);
    if (!report->zones)
        return err_nomem(e);
    for (size_t i = 0; i < survey->n_builders && !rc; i++) {
        if (!survey->builders[i])
            continue;
        rc = plan_builder_finish(ctx->mem, survey->builders[i], r->limit, r->planning.overridden,
                                 &report->zones[report->n_zones], e);
        report->n_zones += rc == OK;
    }
    return rc;
}

static enum err check_limits(const struct scavenge_report *report, struct error *e)
{
    for (size_t i = 0; i < report->n_zones; i++) {
        const struct zone_plan *p = report->zones[i];

        if (!p->is_over_limit)
            continue;
        err_set(e, ERR_LIMIT,
                "%s: %zu records would be deleted, the limit is %zu (of %zu dynamic "
                "ones); nothing was written",
                p->zone->name, p->n_removed, p->limit, p->dynamic);
        err_hint(e, "look at the plan; when it is right, allow it with --max-deletes %zu",
                 p->n_removed);
        return ERR_LIMIT;
    }
    return OK;
}

/* All zones' changes in one list, so that all are journalled before the first is written. */
static enum err gather_changes(struct context *ctx, struct session *s,
                               const struct scavenge_report *report, struct journal_node **out,
                               size_t *n, struct error *e)
{
    struct journal_node *all = NULL, *some;
    uint32_t serial = 0;
    enum err rc;

    *n = 0;
    for (size_t i = 0; i < report->n_zones; i++) {
        const struct zone_plan *p = report->zones[i];

        if (p->n_nodes == 0)
            continue;
        if ((s->directory && (rc = zone_serial(s->directory, p->zone, &serial, e))) ||
            (rc = apply_changes(ctx->mem, p, s->now, serial + 1, &some, e)))
            return rc;
        all = talloc_realloc(ctx->mem, all, struct journal_node, *n + p->n_nodes);
        if (!all)
            return err_nomem(e);
        memcpy(all + *n, some, p->n_nodes * sizeof *some);
        *n += p->n_nodes;
    }
    *out = all;
    return OK;
}

/* What became of each change, back into the plan that is shown. */
static void note_outcomes(struct scavenge_report *report, const struct journal_node *changes)
{
    for (size_t i = 0; i < report->n_zones; i++) {
        for (size_t k = 0; k < report->zones[i]->n_nodes; k++) {
            report->zones[i]->nodes[k].outcome = changes->outcome;
            report->zones[i]->nodes[k].problem = changes->problem;
            changes++;
        }
    }
}

/* That old journals are still there is no reason to call a run failed. */
static void prune_runs(const struct context *ctx, const struct request *r, const char *current,
                       int64_t now)
{
    struct error why = { 0 };
    size_t n;

    if (retention_prune(session_runs_dir(ctx), &r->retention, current, now, &n, &why))
        log_warning("%s", why.message);
}

static enum err apply_updates(struct context *ctx, struct session *s, struct journal *journal,
                              struct journal_node *changes, size_t n,
                              const struct apply_hooks *hooks, struct error *e)
{
    struct update_server server = {
        .directory = s->directory,
        .fqdn = s->server,
        .credentials = s->credentials,
    };
    enum err rc;

    if ((rc = options_timeout_ms(ctx->options, UPDATE_MS, &server.timeout_ms, e)) ||
        (rc = controller_address(ctx, s->server, server.timeout_ms, &server.address, e)))
        return rc;
    updates_prepare(changes, n);
    return updates_run(&server, journal, changes, n, hooks, e);
}

static enum err apply_plan(struct context *ctx, struct session *s, const struct request *r,
                           struct scavenge_report *report, struct error *e)
{
    struct applying applying = { .ctx = ctx, .session = s };
    struct apply_hooks hooks;
    struct journal_node *changes = NULL;
    struct journal *journal;
    size_t n;
    enum err rc;

    if ((rc = gather_changes(ctx, s, report, &changes, &n, e)))
        return rc;
    if (n == 0) {
        report->is_applied = true;
        prune_runs(ctx, r, NULL, s->now);
        return OK;
    }
    hooks = applying_hooks(&applying);
    rc = journal_begin(ctx->mem, session_runs_dir(ctx), RUN_SCAVENGE,
                       credentials_principal(s->credentials), s->server, s->now, &journal, e);
    if (rc)
        return rc;
    rc = r->is_axfr ? served_write(ctx, s, journal, changes, n, OUTCOME_DELETED, &hooks, e)
         : r->is_via_update
             ? apply_updates(ctx, s, journal, changes, n, &hooks, e)
             : apply_run(s->directory, journal, changes, n, OUTCOME_DELETED, &hooks, e);
    /* Before the commit nothing was written, and there is nothing to restore. */
    report->is_applied = journal_is_committed(journal);
    if (report->is_applied)
        report->run = talloc_strdup(ctx->mem, journal_run_id(journal));
    note_outcomes(report, changes);
    prune_runs(ctx, r, journal_run_id(journal), s->now);
    return rc;
}

/* A plan that was carried out but for some records is done in part. */
static enum err judge_outcome(const struct scavenge_report *report, struct error *e)
{
    size_t denied = plan_report_count(report, OUTCOME_DENIED);
    size_t failed = plan_report_count(report, OUTCOME_FAILED);
    size_t unknown = plan_report_count(report, OUTCOME_UNKNOWN);
    size_t deleted = plan_report_count(report, OUTCOME_DELETED);

    if (denied + failed + unknown == 0)
        return OK;
    err_set(e,
            deleted + unknown ? ERR_PARTIAL
            : denied          ? ERR_DENIED
                              : ERR_SERVER,
            "%zu records could not be deleted (%zu access denied, %zu failed, %zu unknown)",
            denied + failed + unknown, denied, failed, unknown);
    return err_hint(e,
                    "run as an account that may write the zone, such as a member of DnsAdmins; "
                    "run %s has each answer",
                    report->run);
}

/* A page that cannot be written is no reason to withhold what was done. */
static enum err write_page(const struct context *ctx, struct scavenge_report *report,
                           struct error *e)
{
    const char *html = options_text(ctx->options, "html");
    enum err rc = html ? report_html_write(html, report, e) : OK;

    if (!rc || report->problem)
        return rc;
    if (report->run && e)
        err_hint(e, "run %s was carried out all the same: `muster runs %s` has it", report->run,
                 report->run);
    report->problem = e;
    return rc;
}

/* The log's line first, then the page; JSON says what became of both. */
static enum err report_plan(struct context *ctx, struct scavenge_report *report, struct error *e)
{
    struct error json_error = { 0 };
    enum err rc = report->run ? report_log_run(report, report_to_syslog, NULL, e) : OK, json_rc;

    if (rc)
        report->problem = report->problem ? report->problem : e;
    else
        rc = write_page(ctx, report, e);
    if (!ctx->is_json) {
        plan_report_text(ctx->mem, report);
        return rc;
    }
    ctx->has_reported = true;
    json_rc = output_json(plan_report_json(report), &json_error);
    if (json_rc && !rc)
        *e = json_error;
    return rc ? rc : json_rc;
}

/* Also after a failure: whoever runs this has to see what was done before it. */
static enum err scavenge(struct context *ctx, struct request *r, struct scavenge_report *report,
                         struct error *e)
{
    struct error report_error = { 0 }, blocked = { 0 };
    struct session *s;
    enum err rc;

    if ((rc = read_request(ctx, r, e)) || (r->is_apply && (rc = session_lock(ctx, e))) ||
        (rc = r->is_axfr ? served_session(ctx, r->is_apply, &s, e) : session_open(ctx, &s, e)))
        return rc;
    report->now_h = r->planning.now_h;
    report->domain = s->domain;
    report->server = s->server;
    report->principal =
        s->credentials ? credentials_principal(s->credentials) : "one who only looks";
    report->probing = &r->planning.probing;
    report->silence = &r->planning.silence;
    if ((rc = make_plan(ctx, s, r, report, &blocked, e)))
        return rc;
    if (blocked.code) {
        rc = blocked.code;
        *e = blocked;
    } else if (r->is_apply && !(rc = check_limits(report, e)) &&
               !(rc = apply_plan(ctx, s, r, report, e)))
        rc = judge_outcome(report, e);
    if (rc == OK)
        return report_plan(ctx, report, e);
    e->code = rc;
    report->problem = e;
    if (report_plan(ctx, report, &report_error))
        log_warning("%s", report_error.message);
    return rc;
}

/* Whoever watches the metrics has to see failures first of all. */
static enum err run_scavenge(struct context *ctx, struct error *e)
{
    const char *metrics = options_text(ctx->options, "metrics");
    int64_t begin_ms = clock_monotonic_ms();
    struct scavenge_report report = { .started = clock_now() };
    struct request r = { 0 };
    struct error metrics_error = { 0 };
    enum err rc = scavenge(ctx, &r, &report, e), metrics_rc;

    if (!metrics || rc == ERR_USAGE)
        return rc;
    report.took_ms = clock_monotonic_ms() - begin_ms;
    metrics_rc = report_metrics_write(metrics, &report, err_exit_code(rc), &metrics_error);
    if (metrics_rc && rc)
        log_warning("%s", metrics_error.message);
    else if (metrics_rc)
        *e = metrics_error;
    return rc ? rc : metrics_rc;
}

static const struct option_spec options[] = {
    { "apply", OPTION_FLAG, NULL, "delete what the plan says (default: only show it)", NULL, NULL },
    { "max-deletes", OPTION_TEXT, "N|P%",
      "delete nothing where more would go (default: 10% of a zone's dynamic records, at least 20)",
      "scavenge", NULL },
    { "keep-runs", OPTION_TEXT, "AGE|N",
      "after an apply, delete journals older than AGE (400d) or beyond the newest N (default: keep "
      "all)",
      "scavenge", NULL },
    PLANNING_OPTIONS,
    ELSEWHERE_OPTIONS,
    PROBING_OPTIONS,
    { "html", OPTION_TEXT, "FILE", "write the report as a page of its own", "scavenge", NULL },
    { "metrics", OPTION_TEXT, "FILE", "write the run's figures for Prometheus", "scavenge", NULL },
    { "via", OPTION_TEXT, "ldap|update", "how to delete: LDAP modifies or signed DNS updates",
      "scavenge", NULL },
    SERVED_OPTIONS,
    SESSION_OPTIONS,
    { NULL, OPTION_FLAG, NULL, NULL, NULL, NULL },
};

const struct command command_scavenge = {
    .name = "scavenge",
    .arguments = "[ZONE...]",
    .summary = "Show which records are stale; with --apply, delete them.",
    .options = options,
    .max_arguments = ZONES_MAX,
    .run = run_scavenge,
};
