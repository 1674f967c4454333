#include "cmd/watch_settings.h"

#include <string.h>

#include "cmd/config.h"

static enum err settings_make(TALLOC_CTX *mem, const struct context *ctx, int64_t now,
                              struct settings **out, struct error *e)
{
    struct settings *s = talloc_zero(mem, struct settings);
    struct registration *all;
    enum err rc;

    if (!s)
        return err_nomem(e);
    s->ctx = *ctx;
    if ((rc = registrations_read(s, ctx, &all, &s->n, e))) {
        talloc_free(s);
        return rc;
    }
    s->sections = talloc_zero_array(s, struct section *, s->n);
    if (!s->sections)
        rc = err_nomem(e);
    for (size_t i = 0; !rc && i < s->n; i++)
        rc = section_new(s, &all[i], now, &s->sections[i], e);
    if (rc) {
        talloc_free(s);
        return rc;
    }
    *out = s;
    return OK;
}

enum err settings_read(TALLOC_CTX *mem, const struct context *ctx, int64_t now,
                       struct settings **out, struct error *e)
{
    struct settings *s;
    enum err rc = settings_make(mem, ctx, now, &s, e);

    if (rc)
        return rc;
    for (size_t i = 0; !rc && i < s->n; i++)
        rc = section_lock(s->sections[i], e);
    if (rc)
        talloc_free(s);
    else
        *out = s;
    return rc;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* The latest of the same name and state directory, of this reading or an older one. */
static struct section *find_alike(const struct settings *s, const struct registration *r)
{
    for (; s; s = s->older) {
        for (size_t i = 0; i < s->n; i++) {
            const struct registration *other = &s->sections[i]->reg;

            if (is_same_text(other->section, r->section) &&
                strcmp(other->options.state_dir, r->options.state_dir) == 0)
                return s->sections[i];
        }
    }
    return NULL;
}

/* A run under way keeps what it uses; the lock and its turn go to the new one. */
static void succeed(struct section *s, struct section *old)
{
    if (!old)
        return;
    if (old->lock)
        s->lock = talloc_steal(s, old->lock);
    old->lock = NULL;
    s->before = old->job ? old : old->before;
}

static void free_what_is_over(struct settings *s)
{
    for (const struct settings *one = s; one; one = one->older) {
        for (size_t i = 0; i < one->n; i++) {
            if (one->sections[i]->before && !one->sections[i]->before->job)
                one->sections[i]->before = NULL;
        }
    }
    while (s->older) {
        struct settings *older = s->older;
        bool is_over = true;

        for (size_t i = 0; i < older->n; i++)
            is_over = is_over && !older->sections[i]->job;
        if (is_over) {
            s->older = older->older;
            talloc_free(older);
        } else {
            s = older;
        }
    }
}

enum err settings_reload(TALLOC_CTX *mem, const struct context *ctx, int64_t now,
                         struct settings **settings, struct error *e)
{
    struct context again = *ctx;
    struct options *options;
    struct settings *fresh;
    TALLOC_CTX *holder = talloc_new(NULL);
    enum err rc;

    if (!holder)
        return err_nomem(e);
    again.mem = holder;
    if ((rc = options_of_command_line(holder, ctx->options, &options, e)))
        goto done;
    again.options = options;
    if ((rc = config_load(holder, options_text(options, "config"), options, e)) ||
        (rc = settings_make(mem, &again, now, &fresh, e)))
        goto done;
    talloc_steal(fresh, holder);
    holder = NULL;
    for (size_t i = 0; i < fresh->n; i++)
        succeed(fresh->sections[i], find_alike(*settings, &fresh->sections[i]->reg));
    fresh->older = *settings;
    *settings = fresh;
    free_what_is_over(fresh);
done:
    talloc_free(holder);
    return rc;
}

bool settings_collect(const struct context *ctx, struct settings *s, int64_t now)
{
    bool is_a_run_done = false;

    for (struct settings *one = s; one; one = one->older) {
        for (size_t i = 0; i < one->n; i++)
            is_a_run_done |= section_collect(ctx, one->sections[i], now);
    }
    /* Also where that was no run: the section after it has waited for whatever it was. */
    free_what_is_over(s);
    return is_a_run_done;
}

bool settings_is_running(const struct settings *s)
{
    for (; s; s = s->older) {
        for (size_t i = 0; i < s->n; i++) {
            if (s->sections[i]->job)
                return true;
        }
    }
    return false;
}

bool settings_is_hanging(const struct settings *s, int timeouts, int64_t now)
{
    for (; s; s = s->older) {
        for (size_t i = 0; i < s->n; i++) {
            const struct section *one = s->sections[i];

            if (one->job && now - one->started_ms > (int64_t)timeouts * one->reg.options.timeout_ms)
                return true;
        }
    }
    return false;
}
