#include "cmd/elsewhere.h"

#include <stdio.h>

#include "base/log.h"
#include "cmd/controller.h"
#include "cmd/output.h"

/* For one that does not answer; all of them have it at the same time. */
#define PATIENCE_MS 10000

enum err elsewhere_open(TALLOC_CTX *mem, const char *host, void *priv, struct directory **out,
                        struct error *e)
{
    const struct elsewhere_opening *o = priv;
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct credentials *own;
    enum err rc = tmp ? credentials_share(tmp, o->session->credentials, &own, e) : err_nomem(e);

    if (!rc)
        rc = controller_open(mem, o->ctx, own, host, PATIENCE_MS, out, e);
    talloc_free(tmp);
    return rc;
}

static void refuse(const struct replica *one, struct error *e)
{
    err_set(e, ERR_UNREACHABLE,
            "%s cannot be asked whether it has newer stamps: %s; nothing was written", one->host,
            one->why.message);
    err_hint(e, "%s; --skip-unreachable-dcs deletes without its word",
             one->is_hidden ? one->why.hint
                            : "bring it back, or remove it from the domain if it is gone for good");
}

/* Each is named: the first in the error, where there has to be one. */
static void judge_unread(const struct context *ctx, const struct replicas *r, bool is_apply,
                         struct error *e)
{
    bool may_go_on = !is_apply || options_flag(ctx->options, "skip-unreachable-dcs");

    for (size_t i = 0; i < r->n; i++) {
        const struct replica *one = &r->replicas[i];

        if (one->is_read)
            continue;
        if (may_go_on || e->code) {
            log_warning("%s cannot be asked whether it has newer stamps: %s", one->host,
                        one->why.message);
            continue;
        }
        refuse(one, e);
    }
}

enum err elsewhere_check(struct context *ctx, struct session *s, const struct survey *survey,
                         bool is_apply, struct replicas **out, struct error *blocked,
                         struct error *e)
{
    struct elsewhere_opening opening = { ctx, s };
    struct zone_plan **plans =
        talloc_zero_array(ctx->mem, struct zone_plan *, survey->n_builders + 1);
    size_t n = 0;
    enum err rc;

    if (!plans)
        return err_nomem(e);
    for (size_t i = 0; i < survey->n_builders; i++) {
        if (survey->builders[i])
            plans[n++] = plan_builder_plan(survey->builders[i]);
    }
    rc = replicas_check(ctx->mem, s->directory, plans, n, elsewhere_open, &opening, out, e);
    if (!rc)
        judge_unread(ctx, *out, is_apply, blocked);
    talloc_free(plans);
    return rc;
}

json_t *elsewhere_json(const struct replicas *r)
{
    json_t *list = json_array();

    for (size_t i = 0; r && list && i < r->n; i++) {
        const struct replica *one = &r->replicas[i];
        json_t *json = json_pack("{s:o, s:b, s:o, s:I, s:I}", "controller",
                                 output_json_text(one->host), "read", one->is_read, "problem",
                                 output_json_text(one->is_read ? NULL : one->why.message), "asked",
                                 (json_int_t)one->n_asked, "newer", (json_int_t)one->n_newer);

        if (json_array_append_new(list, json) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

void elsewhere_print(TALLOC_CTX *mem, const struct replicas *r)
{
    for (size_t i = 0; r && i < r->n; i++) {
        const struct replica *one = &r->replicas[i];

        if (one->is_read)
            printf("%s: asked about %zu names, %zu of them newer there\n",
                   output_safe(mem, one->host), one->n_asked, one->n_newer);
        else
            printf("%s: not asked: %s\n", output_safe(mem, one->host),
                   output_safe(mem, one->why.message));
    }
}
