/* muster restore RUN: put back, byte for byte, what a run removed. */
#include "scavenger/restore.h"

#include <stdio.h>

#include "base/log.h"
#include "cmd/applying.h"
#include "cmd/output.h"
#include "cmd/report_syslog.h"
#include "cmd/served_zones.h"
#include "scavenger/apply.h"
#include "scavenger/served_nodes.h"

static size_t count_records(const struct restore_plan *p, enum outcome outcome)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n_changes; i++) {
        if (p->changes[i].outcome == outcome)
            n += p->changes[i].n_records;
    }
    return n;
}

static json_t *report_json(const struct run *of, const struct restore_plan *p, const char *run,
                           const struct error *problem)
{
    json_t *plan = json_array(), *json;

    for (size_t i = 0; plan && i < p->n_changes; i++) {
        for (size_t k = 0; k < p->changes[i].n_records; k++) {
            const struct journal_node *c = &p->changes[i];
            const struct journal_record *r = &c->records[k];

            if (json_array_append_new(plan, json_pack("{s:o, s:o, s:s, s:o, s:I, s:s}", "zone",
                                                      output_json_text(c->zone), "name",
                                                      output_json_text(c->name), "type", r->type,
                                                      "data", output_json_text(r->data),
                                                      "timestamp_hours", (json_int_t)r->timestamp_h,
                                                      "outcome", outcome_name(c->outcome))) != 0) {
                json_decref(plan);
                return NULL;
            }
        }
    }
    json = json_pack("{s:s, s:s?, s:b, s:o}", "restores", of->id, "run", run, "applied",
                     run != NULL, "plan", plan);
    if (json && problem && json_object_set_new(json, "error", output_json_error(problem)) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static void report_text(TALLOC_CTX *mem, const struct run *of, const struct restore_plan *p,
                        const char *run)
{
    static const char *const headings[] = { "ZONE",   "NAME", "TYPE", "DATA", "REFRESHED (UTC)",
                                            "OUTCOME" };
    struct table *t = table_new(mem, headings, 6);

    for (size_t i = 0; i < p->n_changes; i++) {
        for (size_t k = 0; k < p->changes[i].n_records; k++) {
            const struct journal_node *c = &p->changes[i];
            const char *cells[] = {
                c->zone,
                c->name,
                c->records[k].type,
                c->records[k].data,
                output_hours(mem, c->records[k].timestamp_h),
                outcome_name(c->outcome),
            };

            table_row(t, cells);
        }
    }
    table_print(t, "");
    if (run)
        printf("\n%zu %s put back as they were, timestamps included. Those whose hosts are gone "
               "are stale again: protect them, or make them static, to keep them.\n",
               count_records(p, OUTCOME_RESTORED),
               count_records(p, OUTCOME_RESTORED) == 1 ? "record" : "records");
    else if (p->n_possible)
        printf("\nNothing was written. `muster restore %s --apply` puts these %zu records back.\n",
               of->id, count_records(p, OUTCOME_PLANNED));
    else
        puts("\nThere is nothing to put back.");
    if (count_records(p, OUTCOME_CONFLICT))
        printf("%zu records were left alone: their names were changed by others since.\n",
               count_records(p, OUTCOME_CONFLICT));
}

static void log_run(const struct session *s, const struct restore_plan *p, const struct run *of,
                    const char *run)
{
    const struct restore_log r = {
        .run = run,
        .of = of->id,
        .principal = credentials_principal(s->credentials),
        .server = s->server,
        .plan = p,
    };
    struct error why = { 0 };

    if (run && report_log_restore(&r, report_to_syslog, NULL, &why))
        log_warning("%s", why.message);
}

/* The changes that can be made, packed; apply_run works on a list without holes. */
static enum err apply_possible(struct context *ctx, struct session *s, const struct run *of,
                               struct restore_plan *p, const char **run, struct error *e)
{
    struct applying applying = { .ctx = ctx, .session = s };
    struct apply_hooks hooks = applying_hooks(&applying);
    struct journal_node *todo = talloc_array(ctx->mem, struct journal_node, p->n_possible);
    size_t n = 0;
    struct journal *journal;
    enum err rc;

    if (!todo)
        return err_nomem(e);
    for (size_t i = 0; i < p->n_changes; i++) {
        if (p->changes[i].outcome == OUTCOME_PLANNED)
            todo[n++] = p->changes[i];
    }
    rc = journal_begin(ctx->mem, session_runs_dir(ctx), RUN_RESTORE,
                       credentials_principal(s->credentials), s->server, s->now, &journal, e);
    if (rc)
        return rc;
    rc = s->directory ? apply_run(s->directory, journal, todo, n, OUTCOME_RESTORED, &hooks, e)
                      : served_write(ctx, s, journal, todo, n, OUTCOME_RESTORED, &hooks, e);
    if (journal_is_committed(journal))
        *run = talloc_strdup(ctx->mem, journal_run_id(journal));
    n = 0;
    for (size_t i = 0; i < p->n_changes; i++) {
        if (p->changes[i].outcome == OUTCOME_PLANNED)
            p->changes[i].outcome = todo[n++].outcome;
    }
    log_run(s, p, of, *run);
    return rc;
}

static enum err judge_outcome(const struct restore_plan *p, struct error *e)
{
    size_t conflicts = count_records(p, OUTCOME_CONFLICT);
    size_t denied = count_records(p, OUTCOME_DENIED);
    size_t failed = count_records(p, OUTCOME_FAILED) + count_records(p, OUTCOME_GONE);
    size_t fine = count_records(p, OUTCOME_RESTORED) + count_records(p, OUTCOME_ALREADY_THERE);
    enum err rc = fine ? ERR_PARTIAL : denied ? ERR_DENIED : failed ? ERR_SERVER : ERR_CONFLICT;

    if (conflicts + denied + failed == 0)
        return OK;
    err_set(e, rc,
            "%zu records were not put back (%zu changed by others since, %zu access denied, %zu "
            "gone or failed)",
            conflicts + denied + failed, conflicts, denied, failed);
    err_hint(e, "`muster records ZONE --name NAME` shows what stands there now");
    return rc;
}

/* A run of zones that no directory holds is put back by signed updates, else by LDAP. */
static bool is_served(const struct run *run)
{
    return run->n_nodes && served_is_uri(run->nodes[0].dn);
}

static enum err make_plan(struct context *ctx, const struct run *run, struct session **s,
                          struct restore_plan **plan, struct error *e)
{
    const char *glob = options_text(ctx->options, "name");
    enum err rc;

    if (is_served(run) && run->kind == RUN_RESTORE) {
        err_set(e, ERR_USAGE, "run %s put records back: there is nothing that it removed", run->id);
        return err_hint(e, "`muster scavenge --source axfr` removes what is stale"), ERR_USAGE;
    }
    if (is_served(run)) {
        rc = served_session(ctx, options_flag(ctx->options, "apply"), s, e);
        if (rc)
            return rc;
        (*s)->server = run->server;
        return restore_choose(ctx->mem, run, glob, plan, e);
    }
    /* Others may not have heard of the run yet. */
    ctx->preferred_server = run->server;
    rc = session_open(ctx, s, e);
    if (rc == ERR_UNREACHABLE || rc == ERR_TIMEOUT)
        err_hint(e, "the run wrote at %s; --server names another controller to restore at",
                 run->server);
    return rc ? rc : restore_plan(ctx->mem, (*s)->directory, run, glob, plan, e);
}

static enum err run_restore(struct context *ctx, struct error *e)
{
    bool is_apply = options_flag(ctx->options, "apply");
    const char *const *arguments;
    const char *made = NULL;
    struct restore_plan *plan;
    struct session *s;
    struct run *run;
    enum err rc, shown = OK;
    size_t n;

    arguments = options_arguments(ctx->options, &n);
    if ((is_apply && (rc = session_lock(ctx, e))) ||
        (rc = journal_read(ctx->mem, session_runs_dir(ctx), arguments[0], &run, e)))
        return rc;
    if ((rc = make_plan(ctx, run, &s, &plan, e)))
        return rc;
    if (is_apply && plan->n_possible)
        rc = apply_possible(ctx, s, run, plan, &made, e);
    if (is_apply && !rc)
        rc = judge_outcome(plan, e);
    if (ctx->is_json) {
        ctx->has_reported = true;
        if (rc)
            e->code = rc;
        shown = output_json(report_json(run, plan, made, rc ? e : NULL), rc ? NULL : e);
    } else {
        report_text(ctx->mem, run, plan, made);
    }
    return rc ? rc : shown;
}

static const struct option_spec options[] = {
    { "apply", OPTION_FLAG, NULL, "write (default: only show what would be put back)", NULL, NULL },
    { "name", OPTION_TEXT, "GLOB", "only names, relative or absolute, that match", NULL, NULL },
    SESSION_OPTIONS,
    { NULL, OPTION_FLAG, NULL, NULL, NULL, NULL },
};

const struct command command_restore = {
    .name = "restore",
    .arguments = "RUN",
    .summary = "Show what a run removed and could be put back; with --apply, put it back.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_restore,
};
