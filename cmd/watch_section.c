#include "cmd/watch_section.h"

#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/log.h"
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

enum err section_new(TALLOC_CTX *mem, const struct registration *r, int64_t now,
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
    if (r->options.address_command && !r->options.n_addresses &&
        !(s->answer = answer_new(s, r->address_command_interval_s, random_seed())))
        return err_nomem(e);
    *out = s;
    return OK;
}

enum err section_lock(struct section *s, struct error *e)
{
    const struct registration *r = &s->reg;
    TALLOC_CTX *lock = talloc_new(s);
    enum err rc = lock ? OK : err_nomem(e);

    if (!rc)
        rc = runlock_wait(lock, r->options.state_dir, r->section, "watch", deadline_in(0), e);
    if (rc)
        talloc_free(lock);
    else
        s->lock = lock;
    return rc;
}

int64_t section_due_ms(const struct section *s)
{
    int64_t due = watch_due_ms(s->watch), ask = s->answer ? answer_due_ms(s->answer) : INT64_MAX;

    if (s->job || s->before)
        return INT64_MAX;
    return ask < due ? ask : due;
}

static const char *prefix_of(const struct section *s) { return s->reg.section; }

/* On standard error: what is another trouble than the one said before, or the end of one. */
static void tell_failure(struct section *s)
{
    int code = err_exit_code(s->last.code);

    if (s->last.code && code == s->told_exit)
        log_info("%s", s->last.message);
    else if (s->last.code)
        output_error(false, &s->last);
    s->told_exit = code;
}

static void fail(struct section *s, const struct error *e, int64_t now)
{
    s->last = *e;
    if (prefix_of(s))
        err_prefix(&s->last, "%s", prefix_of(s));
    s->has_tried = true;
    tell_failure(s);
    watch_ended(s->watch, false, now);
}

static void begin(struct section *s, enum job_kind kind, bool is_rediscovery, int done_fd,
                  int64_t now)
{
    struct register_options options = s->reg.options;
    struct error e = { 0 };
    enum err rc = s->lock ? OK : section_lock(s, &e);

    options.is_rediscovery = is_rediscovery;
    if (kind == JOB_REGISTER && s->is_answer_new)
        options.addresses = answer_last(s->answer, &options.n_addresses);
    if (kind == JOB_REGISTER)
        s->is_answer_new = false;
    if (!rc)
        rc = job_start(&options, s->tickets, kind, done_fd, &s->job, &e);
    s->started_ms = now;
    if (!rc)
        return;
    s->job = NULL;
    if (kind == JOB_ASK)
        answer_asked(s->answer, now);
    else
        fail(s, &e, now);
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

    if (watch_due_ms(s->watch) <= now && watch_view_of(s, all, n, way_to(s->server), &view)) {
        if (watch_look(s->watch, view, now, &rediscover))
            begin(s, JOB_REGISTER, rediscover, done_fd, now);
        talloc_free(view);
    }
    if (!s->job && s->answer && answer_due_ms(s->answer) <= now)
        begin(s, JOB_ASK, false, done_fd, now);
}

/* Whatever goes wrong with the command changes nothing: what it said last stays published. */
static void collect_answer(struct section *s, const struct job_result *result, int64_t now)
{
    const char *name = prefix_of(s);

    answer_asked(s->answer, now);
    if (result->rc && !s->is_command_failing)
        log_warning("%s%s%s; what is registered stays as it is", name ? name : "", name ? ": " : "",
                    result->error.message);
    s->is_command_failing = result->rc;
    if (result->rc || !answer_is_news(s->answer, result->asked, result->n_asked))
        return;
    log_info("the address command says something else: %zu addresses", result->n_asked);
    s->is_answer_new = true;
    watch_event(s->watch, WATCH_EVENT_ANSWER, now);
}

static bool has_changes(const struct register_report *r)
{
    for (size_t i = 0; i < r->n_records; i++) {
        if (r->records[i].action == REGISTER_ADD || r->records[i].action == REGISTER_DELETE)
            return true;
    }
    return false;
}

/* What a report would only repeat is not printed again: this is done for months. */
static void print(const struct context *ctx, const struct section *s,
                  const struct job_result *result, bool is_news)
{
    struct context printing = *ctx;
    struct error e = result->error;

    if (!ctx->is_json && !is_news && !(result->report && has_changes(result->report)))
        return;
    printing.mem = talloc_new(NULL);
    registration_print(&printing, &s->reg, result->rc, result->report, &e);
    talloc_free(printing.mem);
    fflush(stdout);
}

static void collect_run(const struct context *ctx, struct section *s, enum job_kind kind,
                        const struct job_result *result, int64_t now)
{
    const struct register_report *r = result->report;
    bool is_first = !s->has_tried;

    s->is_unsettled = r && r->is_unsettled;
    s->last = r ? r->problem : result->error;
    s->last.code = r ? r->outcome : result->rc;
    if (s->last.code && prefix_of(s))
        err_prefix(&s->last, "%s", prefix_of(s));
    if (r) {
        s->server = r->server.address;
        watch_found_way(s->watch, way_to(s->server));
        snprintf(s->summary, sizeof s->summary, "%s at %s", r->hostname, r->server.name);
    }
    if (r && r->n_asked)
        answer_is_news(s->answer, r->asked, r->n_asked);
    if (s->answer)
        answer_asked(s->answer, now);
    print(ctx, s, result, is_first || err_exit_code(s->last.code) != s->told_exit);
    tell_failure(s);
    s->has_tried = true;
    s->has_left = kind == JOB_UNREGISTER;
}

bool section_collect(const struct context *ctx, struct section *s, int64_t now)
{
    enum job_kind kind;

    if (!s->job || !job_is_done(s->job))
        return false;
    kind = job_kind(s->job);
    if (kind == JOB_ASK)
        collect_answer(s, job_result(s->job), now);
    else
        collect_run(ctx, s, kind, job_result(s->job), now);
    job_end(s->job);
    s->job = NULL;
    if (kind != JOB_ASK)
        watch_ended(s->watch, s->last.code == OK, now);
    if (kind == JOB_REGISTER && s->is_unsettled)
        watch_unsettled(s->watch, now);
    if (kind == JOB_REGISTER && s->last.code)
        log_info("next try in %lld ms", (long long)(watch_due_ms(s->watch) - now));
    return kind != JOB_ASK;
}

bool section_leave(struct section *s, int done_fd, int64_t now)
{
    if (s->before)
        return false;
    if (!s->job && s->reg.unregister_on_stop && !s->has_left)
        begin(s, JOB_UNREGISTER, false, done_fd, now);
    return !s->job;
}
