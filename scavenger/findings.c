#include "scavenger/findings.h"

#include <stdarg.h>

static const char *const names[FINDING_COUNT] = {
    [FINDING_DUPLICATE_ADDRESS] = "duplicate-address", [FINDING_PTR_MOVED] = "ptr-moved",
    [FINDING_FRESH_AND_STALE] = "fresh-and-stale",     [FINDING_OTHER_OWNER] = "other-owner",
    [FINDING_NOTHING_FRESH] = "nothing-fresh",
};

const char *finding_name(enum finding_kind kind)
{
    return (size_t)kind < FINDING_COUNT ? names[kind] : "internal";
}

enum err findings_add(struct findings *f, enum finding_kind kind, const char *zone,
                      const char *name, const char *data, struct error *e, const char *detail, ...)
{
    struct finding one = { .kind = kind };
    struct finding *all;
    va_list arguments;

    if (f->counted[kind]++ >= FINDINGS_MAX)
        return OK;
    all = talloc_realloc(f, f->all, struct finding, f->n + 1);
    if (!all)
        return err_nomem(e);
    f->all = all;
    one.zone = talloc_strdup(f, zone);
    one.name = talloc_strdup(f, name);
    one.data = talloc_strdup(f, data);
    va_start(arguments, detail);
    one.detail = talloc_vasprintf(f, detail, arguments);
    va_end(arguments);
    if (!one.zone || !one.name || !one.data || !one.detail)
        return err_nomem(e);
    f->all[f->n++] = one;
    return OK;
}
