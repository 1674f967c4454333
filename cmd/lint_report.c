#include "cmd/lint_report.h"

#include <stdio.h>

#include "base/clock.h"

enum err lint_lease(const struct context *ctx, uint32_t *out_h, struct error *e)
{
    const char *text = options_text(ctx->options, "dhcp-lease");

    *out_h = 0;
    if (!text || (clock_parse_hours(text, out_h) && *out_h > 0))
        return OK;
    err_set(e, ERR_USAGE, "--dhcp-lease %s: not a time", text);
    return err_hint(e, "write 8d or 192h");
}

json_t *lint_json(const struct lint *lint, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; list && i < n; i++) {
        json_t *one = json_pack("{s:s, s:b, s:s, s:s}", "code", lint_name(lint[i].kind), "danger",
                                lint[i].is_danger, "message", lint[i].text, "fix", lint[i].fix);

        if (json_array_append_new(list, one) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

void lint_print(const struct lint *lint, size_t n)
{
    for (size_t i = 0; i < n; i++)
        printf("  %s: %s\n    fix: %s\n", lint[i].is_danger ? "danger" : "odd", lint[i].text,
               lint[i].fix);
}
