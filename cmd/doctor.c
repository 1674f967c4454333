/* muster doctor: what keeps this host from being registered, and what to do about it. */
#include "cmd/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/domain_state.h"
#include "cmd/lint_report.h"
#include "cmd/output.h"
#include "cmd/register_options.h"
#include "cmd/sections.h"

const char *health_name(enum health h)
{
    static const char *const names[] = { "ok", "warn", "fail", "skip" };

    return names[h];
}

void finding_set(struct doctor *doc, struct finding *out, enum health health, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    out->message = talloc_vasprintf(doc->mem, fmt, ap);
    va_end(ap);
    out->health = health;
    out->fix = NULL;
}

void finding_fix(struct doctor *doc, struct finding *out, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    out->fix = talloc_vasprintf(doc->mem, fmt, ap);
    va_end(ap);
}

void finding_error(struct doctor *doc, struct finding *out, enum health health,
                   const struct error *e)
{
    finding_set(doc, out, health, "%s", e->message);
    if (e->hint[0])
        finding_fix(doc, out, "%s", e->hint);
}

void finding_skip(struct doctor *doc, struct finding *out, const char *why)
{
    finding_set(doc, out, HEALTH_SKIP, "not looked at: %s", why);
}

struct examination {
    struct doctor *doc;
    json_t *json; /* NULL: text */
    struct table *table;
    size_t count[HEALTH_SKIP + 1];
};

static void tell(struct examination *x, const char *name, const struct finding *f)
{
    const char *message = f->message ? f->message : "?";

    x->count[f->health]++;
    if (x->json) {
        json_array_append_new(x->json, json_pack("{s:s, s:s, s:o, s:o}", "check", name, "health",
                                                 health_name(f->health), "message",
                                                 output_json_text(message), "fix",
                                                 output_json_text(f->fix)));
        return;
    }
    table_row(x->table, (const char *const[]){ health_name(f->health), name, message });
    if (f->fix)
        table_row(x->table, (const char *const[]){
                                "", "", talloc_asprintf(x->doc->mem, "  fix: %s", f->fix) });
}

static void examine(struct examination *x, const struct check *checks)
{
    for (; checks->name; checks++) {
        struct finding f = { .health = HEALTH_FAIL };

        checks->run(x->doc, &f);
        tell(x, checks->name, &f);
    }
}

static enum err verdict(const struct examination *x, struct error *e)
{
    if (!x->count[HEALTH_FAIL])
        return OK;
    err_set(e, ERR_PARTIAL, "%zu of %zu checks failed", x->count[HEALTH_FAIL],
            x->count[HEALTH_FAIL] + x->count[HEALTH_OK] + x->count[HEALTH_WARN] +
                x->count[HEALTH_SKIP]);
    return err_hint(e, "the lines that begin with \"fix:\" say what to do, the first one first");
}

/* `doctor domain`: an administrator's side, from any machine. */
static enum err examine_domain(struct context *ctx, struct error *e)
{
    static const char *const headings[] = { "", "CHECK", "FINDING" };
    struct doctor doc = { .mem = ctx->mem };
    struct examination x = { .doc = &doc };
    struct domain_state *state;
    uint32_t lease_h;
    enum err rc;

    if ((rc = lint_lease(ctx, &lease_h, e)) || (rc = domain_state_read(ctx, lease_h, &state, e)))
        return rc;
    doc.domain = state;
    doc.now = state->now;
    x.json = ctx->is_json ? json_array() : NULL;
    x.table = table_new(ctx->mem, headings, 3);
    examine(&x, doctor_domain_checks);
    rc = verdict(&x, e);
    if (!ctx->is_json) {
        table_print(x.table, "");
        return rc;
    }
    ctx->has_reported = true;
    return output_json(json_pack("{s:o, s:o, s:b, s:o}", "domain", output_json_text(state->name),
                                 "server", output_json_text(state->server), "healthy", rc == OK,
                                 "checks", x.json),
                       NULL)
               ? err_nomem(e)
               : rc;
}

static enum err doctor_one(struct context *ctx, struct error *e)
{
    static const char *const headings[] = { "", "CHECK", "FINDING" };
    struct doctor doc = { .mem = ctx->mem, .now = clock_now() };
    struct examination x = { .doc = &doc, .json = ctx->is_json ? json_array() : NULL };
    enum err rc;

    if ((rc = register_options_read(ctx, &doc.opt, e)))
        return rc;
    /* Nothing is written, not even which server was found. */
    doc.opt.is_dry_run = true;
    x.table = table_new(ctx->mem, headings, 3);
    doc.d = deadline_in(2 * (int64_t)doc.opt.timeout_ms);
    examine(&x, doctor_machine_checks);
    examine(&x, doctor_server_checks);
    rc = verdict(&x, e);
    if (ctx->is_json) {
        ctx->has_reported = true;
        if (sections_print_json(doc.opt.section,
                                json_pack("{s:o, s:b, s:o}", "hostname",
                                          output_json_text(doc.host.fqdn), "healthy", rc == OK,
                                          "checks", x.json),
                                NULL))
            return err_nomem(e);
    } else {
        if (doc.opt.section)
            printf("[%s]\n", doc.opt.section);
        table_print(x.table, "");
    }
    return rc;
}

static enum err run_doctor(struct context *ctx, struct error *e)
{
    size_t n_arguments;
    const char *const *arguments = options_arguments(ctx->options, &n_arguments);

    if (n_arguments && strcmp(arguments[0], "domain") == 0)
        return examine_domain(ctx, e);
    if (n_arguments)
        return err_set(e, ERR_USAGE, "doctor %s: only this host, or \"domain\", can be checked",
                       arguments[0]);
    return sections_run(ctx, doctor_one, e);
}

static const struct option_spec options_table[] = {
    REGISTER_OPTIONS,
    LINT_OPTIONS,
    { NULL, OPTION_FLAG, NULL, NULL, NULL, NULL },
};

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "[domain]",
    .summary = "Check this host's registration, or a domain's scavenging, and say what to do.",
    .max_arguments = 1,
    .options = options_table,
    .run = run_doctor,
};
