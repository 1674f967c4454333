#include "cmd/sections.h"

#include "cmd/output.h"
#include "cmd/same_name.h"

enum err sections_print_json(const char *section, json_t *document, struct error *e)
{
    json_t *whole = section ? json_pack("{s:s}", "section", section) : json_object();

    if (!whole || !document || json_object_update(whole, document) != 0) {
        json_decref(whole);
        json_decref(document);
        return err_nomem(e);
    }
    json_decref(document);
    return output_json(whole, e);
}

/* Of several: all good, some, or none; then what is worst goes by the exit code. */
static enum err sum_up(enum err worst, size_t n_failed, size_t n, struct error *e)
{
    if (!n_failed)
        return OK;
    if (n_failed < n)
        return err_set(e, ERR_PARTIAL, "%zu of %zu registrations failed", n_failed, n);
    return err_set(e, worst, "all %zu registrations failed", n);
}

enum err sections_run(struct context *ctx, enum err (*run)(struct context *ctx, struct error *e),
                      struct error *e)
{
    enum err worst = OK;
    size_t n, n_failed = 0;
    struct options *const *sections = options_sections(ctx->options, &n);

    if (!n)
        return run(ctx, e);
    if ((worst = same_name_refuse(ctx, e)))
        return worst;
    for (size_t i = 0; i < n; i++) {
        struct context of_section = *ctx;
        const char *name = options_section_name(sections[i]);
        enum err rc;

        of_section.options = sections[i];
        of_section.has_reported = false;
        err_clear(e);
        rc = run(&of_section, e);
        if (!rc)
            continue;
        e->code = rc;
        if (ctx->is_json && !of_section.has_reported)
            sections_print_json(name, json_pack("{s:o}", "error", output_json_error(e)), NULL);
        err_prefix(e, "%s", name);
        output_error(false, e);
        n_failed++;
        if (err_exit_code(rc) > err_exit_code(worst))
            worst = rc;
    }
    ctx->has_reported = ctx->is_json;
    return sum_up(worst, n_failed, n, e);
}
