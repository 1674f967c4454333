/* muster runs: the journalled runs, oldest first. */
#include <stdio.h>

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

static const char *state_of(const struct run *run)
{
    if (!run->is_committed)
        return "nothing written";
    return run->ended ? "complete" : "interrupted";
}

static json_t *run_json(const struct run *run)
{
    struct run_counts c = count(run);

    return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I}", "run", run->id,
                     "kind", run->kind == RUN_RESTORE ? "restore" : "scavenge", "state",
                     state_of(run), "principal", output_json_text(run->principal), "server",
                     output_json_text(run->server), "started", output_json_time(run->started),
                     "ended", run->ended ? output_json_time(run->ended) : json_null(), "records",
                     (json_int_t)c.records, "done", (json_int_t)c.done, "left", (json_int_t)c.left,
                     "unknown", (json_int_t)c.unknown);
}

static void run_row(TALLOC_CTX *mem, struct table *t, const struct run *run)
{
    struct run_counts c = count(run);
    const char *records = talloc_asprintf(mem, "%zu", c.records);
    const char *done = talloc_asprintf(mem, "%zu", c.done);
    const char *left = talloc_asprintf(mem, "%zu", c.left);
    const char *unknown = talloc_asprintf(mem, "%zu", c.unknown);
    const char *cells[] = {
        run->id, run->kind == RUN_RESTORE ? "restore" : "scavenge", state_of(run), records ? records : "",
        done ? done : "", left ? left : "", unknown ? unknown : "", run->principal, run->server,
    };

    table_row(t, cells);
}

static enum err run_runs(struct context *ctx, struct error *e)
{
    static const char *const headings[] = { "RUN",    "KIND",     "STATE",     ">RECORDS", ">DONE",
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
        if (ctx->is_json && (rc = output_json(run_json(run), e)))
            return rc;
        run_row(ctx->mem, table, run);
        talloc_free(run);
    }
    if (!ctx->is_json && n == 0)
        printf("No runs in %s.\n", dir);
    else
        table_print(table, "");
    return worst;
}

static const struct option_spec options[] = {
    { NULL, OPTION_FLAG, NULL, NULL, NULL, NULL },
};

const struct command command_runs = {
    .name = "runs",
    .arguments = "",
    .summary = "List the journalled runs.",
    .options = options,
    .run = run_runs,
};
