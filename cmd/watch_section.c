#include "cmd/watch_section.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/config.h"
#include "cmd/output.h"
#include "register/addresses.h"
#include "register/runlock.h"

/* The same for this host and section whenever it is asked. */
static uint64_t host_seed(const char *section)
{
    char name[256] = "";
    uint64_t seed = 0xcbf29ce484222325;

    gethostname(name, sizeof name - 1);
    for (const char *s = name; *s; s++)
        seed = (seed ^ (unsigned char)*s) * 0x100000001b3;
    for (const char *s = section ? section : ""; *s; s++)
        seed = (seed ^ (unsigned char)*s) * 0x100000001b3;
    return seed;
}

static uint64_t random_seed(void)
{
    uint64_t seed = 0;

    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = (uint64_t)getpid();
    return seed;
}

static int section_free(struct section *s)
{
    talloc_free(s->tickets);
    return 0;
}

static enum err section_new(TALLOC_CTX *mem, const struct registration *r, int64_t now,
                            struct section **out, struct error *e)
{
    struct section *s = talloc_zero(mem, struct section);

    if (!s)
        return err_nomem(e);
    talloc_set_destructor(s, section_free);
    s->reg = *r;
    s->tickets = tickets_new(NULL, r->options.keytab);
    s->watch = watch_new(s, host_seed(r->section), random_seed(), now);
    if (!s->tickets || !s->watch)
        return err_nomem(e);
    *out = s;
    return OK;
}

/* For life: a second watcher for the same section would undo what the first one does. */
static enum err lock_sections(struct settings *s, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; !rc && i < s->n; i++) {
        const struct registration *r = &s->sections[i]->reg;

        rc = runlock_wait(s, r->options.state_dir, r->section, "watch", deadline_in(0), e);
    }
    return rc;
}

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

    if (!rc && (rc = lock_sections(s, e)))
        talloc_free(s);
    if (!rc)
        *out = s;
    return rc;
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
    /* The locks of the old ones would keep out the new ones of the same name. */
    talloc_steal(fresh, holder);
    holder = NULL;
    talloc_free(*settings);
    *settings = fresh;
    /* Nobody else can have had those that we had; one that is new may be taken. */
    if (lock_sections(fresh, e))
        log_warning("%s", e->message);
    err_clear(e);
done:
    talloc_free(holder);
    return rc;
}

static void begin(struct section *s, bool is_leaving, bool is_rediscovery, int done_fd, int64_t now)
{
    struct register_options options = s->reg.options;
    struct error e = { 0 };
    enum err rc;

    options.is_rediscovery = is_rediscovery;
    rc = job_start(&options, s->tickets, is_leaving, done_fd, &s->job, &e);
    s->started_ms = now;
    s->is_leaving = is_leaving;
    if (!rc)
        return;
    log_error("%s", e.message);
    s->job = NULL;
    s->last = e;
    s->has_tried = true;
    watch_ended(s->watch, false, now);
}

static struct ip way_to(struct ip server)
{
    struct ip way = { 0 };

    return server.family && address_towards(server, &way) ? way : (struct ip){ 0 };
}

void section_look(struct section *s, const struct host_address *all, size_t n, int done_fd,
                  int64_t now)
{
    struct watch_view *view;
    bool rediscover;

    if (!watch_view_of(s, all, n, way_to(s->server), &view))
        return;
    if (watch_look(s->watch, view, now, &rediscover))
        begin(s, false, rediscover, done_fd, now);
    talloc_free(view);
}

bool section_collect(const struct context *ctx, struct section *s, int64_t now)
{
    const struct job_result *result;
    struct context printing = *ctx;
    enum err rc;

    if (!s->job || !job_is_done(s->job))
        return false;
    result = job_result(s->job);
    s->last = result->error;
    if (!result->rc) {
        s->server = result->report->server.address;
        watch_found_way(s->watch, way_to(s->server));
        snprintf(s->summary, sizeof s->summary, "%s at %s", result->report->hostname,
                 result->report->server.name);
    }
    /* What printing takes goes with it: this is done for months. */
    printing.mem = talloc_new(NULL);
    rc = registration_print(&printing, &s->reg, result->rc, result->report, &s->last);
    talloc_free(printing.mem);
    s->last.code = rc;
    if (rc && s->reg.section)
        err_prefix(&s->last, "%s", s->reg.section);
    if (rc)
        output_error(false, &s->last);
    fflush(stdout);
    s->has_tried = true;
    s->has_left = s->is_leaving;
    job_end(s->job);
    s->job = NULL;
    watch_ended(s->watch, rc == OK, now);
    if (rc && !s->is_leaving)
        log_info("next try in %lld ms", (long long)(watch_due_ms(s->watch) - now));
    return true;
}

bool section_leave(struct section *s, int done_fd, int64_t now)
{
    if (!s->job && s->reg.unregister_on_stop && !s->has_left)
        begin(s, true, false, done_fd, now);
    return !s->job;
}
