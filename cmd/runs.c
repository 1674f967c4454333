/* muster runs [RUN]: the journalled runs, oldest first; or one of them, record by record. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/output.h"
#include "cmd/session.h"
#include "scavenger/journal.h"

struct run_counts {
    size_t records;
    size_t done;    /* deleted or restored */
    size_t left;    /* changed meanwhile, denied, failed */
    size_t unknown; /* may or may not have been written */
};

static struct run_counts count(const struct run *run)
{
    struct run_counts c = { 0 };

    for (size_t i = 0; i < run->n_nodes; i++) {
        const struct journal_node *n = &run->nodes[i];

        c.records += n->n_records;
        switch (n->outcome) {
        case OUTCOME_DELETED:
        case OUTCOME_RESTORED:
            c.done += n->n_records;
            break;
        case OUTCOME_UNKNOWN:
            c.unknown += n->n_records;
            break;
        case OUTCOME_PLANNED:
            /* Without an end, the run was cut off; only the directory knows. */
            if (run->is_committed && !run->ended)
                c.unknown += n->n_records;
            break;
        default:
            c.left += n->n_records;
        }
    }
    return c;
}

static const char *state_of(const struct run *run, bool is_running)
{
    if (run->ended)
        return "complete";
    if (is_running)
        return "running";
    return run->is_committed ? "interrupted" : "nothing written";
}

static json_t *run_json(const struct run *run, bool is_running)
{
    struct run_counts c = count(run);

    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s?, s:o, s:o, s:I, s:I, s:I, s:I}", "run",
                     run->id, "kind", run->kind == RUN_RESTORE ? "restore" : "scavenge", "state",
                     state_of(run, is_running), "principal", output_json_text(run->principal),
                     "server", output_json_text(run->server), "plan_sha256", run->plan_sha256,
                     "started", output_json_time(run->started), "ended",
                     run->ended ? output_json_time(run->ended) : json_null(), "records",
                     (json_int_t)c.records, "done", (json_int_t)c.done, "left", (json_int_t)c.left,
                     "unknown", (json_int_t)c.unknown);
}

static void run_row(TALLOC_CTX *mem, struct table *t, const struct run *run, bool is_running)
{
    struct run_counts c = count(run);
    const char *records = talloc_asprintf(mem, "%zu", c.records);
    const char *done = talloc_asprintf(mem, "%zu", c.done);
    const char *left = talloc_asprintf(mem, "%zu", c.left);
    const char *unknown = talloc_asprintf(mem, "%zu", c.unknown);
    const char *cells[] = {
        run->id,
        run->kind == RUN_RESTORE ? "restore" : "scavenge",
        state_of(run, is_running),
        records ? records : "",
        done ? done : "",
        left ? left : "",
        unknown ? unknown : "",
        run->principal,
        run->server,
    };

    table_row(t, cells);
}

static enum err list_runs(struct context *ctx, struct error *e)
{
    static const char *const headings[] = { "RUN",   "KIND",     "STATE",     ">RECORDS", ">DONE",
                                            ">LEFT", ">UNKNOWN", "PRINCIPAL", "SERVER" };
    struct table *table = ctx->is_json ? NULL : table_new(ctx->mem, headings, 9);
    const char *dir = session_runs_dir(ctx);
    enum err rc, worst = OK;
    char **ids;
    size_t n;

    if (!dir)
        return err_nomem(e);
    if ((rc = journal_list(ctx->mem, dir, &ids, &n, e)))
        return rc;
    for (size_t i = 0; i < n; i++) {
        struct error why = { 0 };
        struct run *run;

        /* One broken file must not hide the others. */
        rc = journal_read(ctx->mem, dir, ids[i], &run, &why);
        if (rc) {
            fprintf(stderr, "muster: %s\n", why.message);
            worst = err_set(e, ERR_PARTIAL, "at least one journal in %s cannot be read", dir);
            continue;
        }
        if (ctx->is_json && (rc = output_json(run_json(run, journal_is_open(dir, ids[i])), e)))
            return rc;
        run_row(ctx->mem, table, run, journal_is_open(dir, ids[i]));
        talloc_free(run);
    }
    if (!ctx->is_json && n == 0)
        printf("No runs in %s.\n", dir);
    else
        table_print(table, "");
    return worst;
}

static json_t *record_json(const struct journal_node *n, const struct journal_record *r)
{
    char *raw = bytes_to_base64(NULL, r->raw);
    json_t *json =
        json_pack("{s:o, s:o, s:s, s:o, s:I, s:o, s:s, s:o, s:s?}", "zone",
                  output_json_text(n->zone), "name", output_json_text(n->name), "type", r->type,
                  "data", output_json_text(r->data), "timestamp_hours", (json_int_t)r->timestamp_h,
                  "owner", output_json_text(n->owner_sid), "outcome", outcome_name(n->outcome),
                  "problem", output_json_text(n->problem), "raw", raw);

    talloc_free(raw);
    return json;
}

static json_t *detail_json(const struct run *run, bool is_running)
{
    json_t *json = run_json(run, is_running), *list = json_array();

    for (size_t i = 0; json && list && i < run->n_nodes; i++) {
        for (size_t k = 0; k < run->nodes[i].n_records; k++) {
            if (json_array_append_new(list, record_json(&run->nodes[i], &run->nodes[i].records[k])))
                list = NULL;
        }
    }
    if (!json || !list || json_object_set_new(json, "plan", list) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static void detail_text(TALLOC_CTX *mem, const struct run *run, bool is_running)
{
    static const char *const headings[] = { "ZONE",    "NAME",   "TYPE", "DATA", "REFRESHED (UTC)",
                                            "OUTCOME", "PROBLEM" };
    struct table *t = table_new(mem, headings, 7);
    char *started = clock_rfc3339(mem, run->started), *ended = clock_rfc3339(mem, run->ended);

    printf("Run %s: %s, %s, by %s at %s\nstarted %s, %s%s\nplan %s\n\n", run->id,
           run->kind == RUN_RESTORE ? "restore" : "scavenge", state_of(run, is_running),
           output_safe(mem, run->principal), output_safe(mem, run->server), started ? started : "",
           run->ended ? "ended " : "not ended", run->ended && ended ? ended : "",
           run->plan_sha256 ? run->plan_sha256 : "without a hash");
    for (size_t i = 0; i < run->n_nodes; i++) {
        const struct journal_node *n = &run->nodes[i];

        for (size_t k = 0; k < n->n_records; k++) {
            const struct journal_record *r = &n->records[k];
            const char *cells[] = { n->zone,
                                    n->name,
                                    r->type,
                                    r->data,
                                    output_hours(mem, r->timestamp_h),
                                    outcome_name(n->outcome),
                                    n->problem ? n->problem : "" };

            table_row(t, cells);
        }
    }
    table_print(t, "");
    if (run->is_committed && !run->ended && !is_running)
        printf("\nThe run was cut off: the directory tells what became of what is called planned.\n"
               "`muster restore %s` looks, and puts back what was deleted.\n",
               run->id);
}

static enum err show_run(struct context *ctx, const char *id, struct error *e)
{
    const char *dir = session_runs_dir(ctx);
    bool is_running;
    struct run *run;
    enum err rc = dir ? journal_read(ctx->mem, dir, id, &run, e) : err_nomem(e);

    if (rc)
        return rc;
    is_running = journal_is_open(dir, run->id);
    if (ctx->is_json)
        return output_json(detail_json(run, is_running), e);
    detail_text(ctx->mem, run, is_running);
    return OK;
}

static enum err run_runs(struct context *ctx, struct error *e)
{
    const char *const *arguments;
    size_t n;

    arguments = options_arguments(ctx->options, &n);
    return n ? show_run(ctx, arguments[0], e) : list_runs(ctx, e);
}

static const struct option_spec options[] = {
    { NULL, OPTION_FLAG, NULL, NULL, NULL, NULL },
};

const struct command command_runs = {
    .name = "runs",
    .arguments = "[RUN]",
    .summary = "List the journalled runs; with RUN, what became of each of its records.",
    .options = options,
    .max_arguments = 1,
    .run = run_runs,
};
