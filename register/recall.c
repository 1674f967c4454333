#include "register/recall.h"

#include "base/log.h"

bool recall_put_aside(const struct register_options *opt)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct error why = { 0 };
    const char *aside;
    enum err rc = memory_put_aside(tmp, opt->state_dir, opt->section, &aside, &why);

    if (rc)
        log_warning("%s; what is registered now is not remembered either%s%s", why.message,
                    why.hint[0] ? ": " : "", why.hint);
    else
        log_warning("it is kept as %s; what is registered now is remembered anew", aside);
    talloc_free(tmp);
    return !rc;
}

enum err recall_memory(TALLOC_CTX *mem, const struct register_options *opt, struct memory **out,
                       bool *may_save, struct error *e)
{
    struct error why = { 0 };
    enum err rc = memory_read(mem, opt->state_dir, opt->section, out, &why);

    *may_save = !opt->is_dry_run;
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    if (!rc)
        return OK;
    log_warning("what was registered earlier is not known: %s", why.message);
    if (!opt->is_dry_run)
        *may_save = recall_put_aside(opt);
    *out = talloc_zero(mem, struct memory);
    return *out ? OK : err_nomem(e);
}
