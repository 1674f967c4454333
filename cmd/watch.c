/*
 * muster register --watch: one loop over signals, the kernel's messages, resolv.conf, timers and
 * the runs that are under way.  What is due when is decided in register/watch.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/own.h"
#include "cmd/output.h"
#include "cmd/register.h"
#include "cmd/watch_settings.h"
#include "register/addresses.h"
#include "register/filewatch.h"
#include "register/monitor.h"
#include "register/notify.h"

/* How long runs under way may hold up the end of the program: without --unregister-on-stop, and at
 * most with it.  Service managers kill after 90 s. */
#define STOP_PATIENCE_MS 700
#define STOP_PATIENCE_MAX_MS 60000

/* From the end of that patience to the end of the process. */
#define STOP_MARGIN_MS 2000

/* A run that takes so many times its timeout hangs: the service manager may start us anew. */
#define HANGING_TIMEOUTS 6

enum { FD_SIGNAL, FD_TIMER, FD_DONE, FD_KERNEL, FD_RESOLVER, FD_COUNT };

struct watcher {
    struct context *ctx; /* as the command line gave it */
    struct settings *settings;
    struct monitor *monitor;
    struct filewatch *resolver;
    int fds[FD_COUNT];
    int64_t watchdog_ms; /* 0: nobody waits for it */
    int64_t watchdog_at_ms;
    int64_t stop_at_ms; /* until then runs may end; 0: not stopping */
    bool is_reload_wanted;
};

/* Goes on while the machine sleeps: a refresh that was slept through is due at once. */
static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static enum err open_signals(struct watcher *w, struct error *e)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    /* Before any thread is made: all of them have to leave signals to the descriptor. */
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0 ||
        (w->fds[FD_SIGNAL] = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) < 0)
        return err_errno(e, errno, "cannot wait for signals");
    return own_fd(w, w->fds[FD_SIGNAL]) ? OK : err_nomem(e);
}

static enum err open_all(struct watcher *w, struct error *e)
{
    enum err rc = open_signals(w, e);

    if (rc)
        return rc;
    w->fds[FD_TIMER] = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (w->fds[FD_TIMER] < 0)
        return err_errno(e, errno, "cannot make a timer");
    if (!own_fd(w, w->fds[FD_TIMER]))
        return err_nomem(e);
    w->fds[FD_DONE] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->fds[FD_DONE] < 0)
        return err_errno(e, errno, "cannot make an event descriptor");
    if (!own_fd(w, w->fds[FD_DONE]))
        return err_nomem(e);
    if ((rc = monitor_open(w, &w->monitor, e)))
        return rc;
    w->fds[FD_KERNEL] = monitor_fd(w->monitor);
    if ((rc = filewatch_open(w, REGISTER_RESOLV_CONF, &w->resolver, e)))
        return rc;
    w->fds[FD_RESOLVER] = filewatch_fd(w->resolver);
    return OK;
}

/* --- telling the service manager */

static void tell_status(struct watcher *w)
{
    const struct settings *s = w->settings;
    const struct section *bad = NULL;
    size_t n_good = 0, n_tried = 0;

    for (size_t i = 0; i < s->n; i++) {
        n_tried += s->sections[i]->has_tried;
        n_good += s->sections[i]->has_tried && !s->sections[i]->last.code;
        if (!bad && s->sections[i]->last.code)
            bad = s->sections[i];
    }
    if (bad)
        notify_send("STATUS=%zu of %zu registered; %s", n_good, s->n, bad->last.message);
    else if (n_tried == s->n)
        notify_send("STATUS=registered%s%s", s->n == 1 ? " " : "",
                    s->n == 1 ? s->sections[0]->summary : "");
    else
        notify_send("STATUS=%zu of %zu registered; registering", n_good, s->n);
}

static void feed_watchdog(struct watcher *w, int64_t now)
{
    if (!w->watchdog_ms || now < w->watchdog_at_ms)
        return;
    w->watchdog_at_ms = now + w->watchdog_ms;
    if (settings_is_hanging(w->settings, HANGING_TIMEOUTS, now))
        log_error("a run hangs: no sign of life for the watchdog");
    else
        notify_send("WATCHDOG=1");
}

/* --- runs */

static void collect_runs(struct watcher *w, int64_t now)
{
    eventfd_t unused;

    eventfd_read(w->fds[FD_DONE], &unused);
    if (settings_collect(w->ctx, w->settings, now) && !w->stop_at_ms)
        tell_status(w);
}

static void start_due_runs(struct watcher *w, int64_t now)
{
    TALLOC_CTX *tmp = NULL;
    struct host_address *all = NULL;
    size_t n = 0;

    for (size_t i = 0; i < w->settings->n; i++) {
        struct section *s = w->settings->sections[i];
        struct error e = { 0 };

        if (section_due_ms(s) > now)
            continue;
        if (!tmp) {
            tmp = talloc_new(NULL);
            if (addresses_read(tmp, &all, &n, &e))
                log_warning("%s", e.message);
        }
        section_look(s, all, n, w->fds[FD_DONE], now);
    }
    talloc_free(tmp);
}

/* --- events */

static void tell_sections(struct watcher *w, unsigned events, int64_t now)
{
    for (unsigned event = WATCH_EVENT_ADDRESS; event <= WATCH_EVENT_LOST; event++) {
        if (!(events & MONITOR_BIT(event)))
            continue;
        for (size_t i = 0; i < w->settings->n; i++)
            watch_event(w->settings->sections[i]->watch, event, now);
    }
}

static enum err hear_events(struct watcher *w, int64_t now, struct error *e)
{
    unsigned events;
    enum err rc = monitor_read(w->monitor, &events, e);

    if (rc)
        return rc;
    if (filewatch_has_changed(w->resolver)) {
        log_info("%s has changed: finding the servers anew", REGISTER_RESOLV_CONF);
        events |= MONITOR_BIT(WATCH_EVENT_RESOLVER);
    }
    tell_sections(w, events, now);
    return OK;
}

/* Leave at the second signal, whatever is under way. */
static void begin_to_stop(struct watcher *w, int64_t now)
{
    int64_t patience_ms = STOP_PATIENCE_MS;

    if (w->stop_at_ms) {
        w->stop_at_ms = now;
        return;
    }
    for (size_t i = 0; i < w->settings->n; i++) {
        const struct registration *r = &w->settings->sections[i]->reg;

        /* The run under way, then its opposite. */
        if (r->unregister_on_stop && 2 * r->options.timeout_ms > patience_ms)
            patience_ms = 2 * r->options.timeout_ms;
    }
    if (patience_ms > STOP_PATIENCE_MAX_MS)
        patience_ms = STOP_PATIENCE_MAX_MS;
    w->stop_at_ms = now + patience_ms;
    /* Whatever TimeoutStopSec= says, unregistering has the time that --timeout gives it. */
    notify_send("STOPPING=1\nSTATUS=leaving\nEXTEND_TIMEOUT_USEC=%lld",
                (long long)(patience_ms + STOP_MARGIN_MS) * 1000);
}

static void hear_signals(struct watcher *w, int64_t now)
{
    struct signalfd_siginfo info;

    while (read(w->fds[FD_SIGNAL], &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGHUP)
            w->is_reload_wanted = true;
        else
            begin_to_stop(w, now);
    }
}

static void reload(struct watcher *w, int64_t now)
{
    struct error e = { 0 };

    if (!w->is_reload_wanted || w->stop_at_ms)
        return;
    w->is_reload_wanted = false;
    if (settings_reload(w, w->ctx, now, &w->settings, &e)) {
        err_prefix(&e, "the configuration stays as it was");
        output_error(false, &e);
        return;
    }
    log_info("configuration read anew: %zu registrations", w->settings->n);
    tell_status(w);
}

/* --- the loop */

static void arm_timer(const struct watcher *w)
{
    struct itimerspec when = { 0 };
    int64_t due = w->watchdog_ms ? w->watchdog_at_ms : INT64_MAX;

    for (size_t i = 0; !w->stop_at_ms && i < w->settings->n; i++) {
        int64_t of_this = section_due_ms(w->settings->sections[i]);

        due = of_this < due ? of_this : due;
    }
    if (w->stop_at_ms && w->stop_at_ms < due)
        due = w->stop_at_ms;
    if (due != INT64_MAX) {
        /* 0 would mean: never. */
        due = due > 0 ? due : 1;
        when.it_value.tv_sec = due / 1000;
        when.it_value.tv_nsec = due % 1000 * 1000000;
    }
    timerfd_settime(w->fds[FD_TIMER], TFD_TIMER_ABSTIME, &when, NULL);
}

static enum err wait_for_something(struct watcher *w, struct error *e)
{
    struct pollfd polled[FD_COUNT];
    uint64_t unused;

    for (int i = 0; i < FD_COUNT; i++)
        polled[i] = (struct pollfd){ .fd = w->fds[i], .events = POLLIN };
    arm_timer(w);
    if (poll(polled, FD_COUNT, -1) < 0 && errno != EINTR)
        return err_errno(e, errno, "cannot wait for events");
    if (read(w->fds[FD_TIMER], &unused, sizeof unused) < 0 && errno != EAGAIN)
        return err_errno(e, errno, "cannot read the timer");
    return OK;
}

/* Is everything over?  Starts what is to be done on leaving. */
static bool has_stopped(struct watcher *w, int64_t now)
{
    bool is_over = true;

    if (!w->stop_at_ms)
        return false;
    for (size_t i = 0; i < w->settings->n; i++)
        is_over &= section_leave(w->settings->sections[i], w->fds[FD_DONE], now);
    return is_over || now >= w->stop_at_ms;
}

static enum err loop(struct watcher *w, struct error *e)
{
    enum err rc = OK;

    while (!rc) {
        int64_t now = now_ms();

        hear_signals(w, now);
        collect_runs(w, now);
        if ((rc = hear_events(w, now, e)) || has_stopped(w, now))
            break;
        reload(w, now);
        if (!w->stop_at_ms)
            start_due_runs(w, now);
        feed_watchdog(w, now);
        rc = wait_for_something(w, e);
    }
    return rc;
}

/* What unregistering at the end came to. */
static enum err last_words(const struct watcher *w, struct error *e)
{
    for (size_t i = 0; i < w->settings->n; i++) {
        const struct section *s = w->settings->sections[i];

        if (s->reg.unregister_on_stop && !s->has_left && !s->job && s->last.code) {
            *e = s->last;
            err_prefix(e, "left without unregistering");
            return s->last.code;
        }
        if (s->reg.unregister_on_stop && (!s->has_left || s->job))
            return err_set(e, ERR_TIMEOUT, "left without unregistering%s%s",
                           s->reg.section ? " " : "", s->reg.section ? s->reg.section : "");
        if (s->has_left && s->last.code) {
            *e = s->last;
            return s->last.code;
        }
    }
    return OK;
}

enum err watch_registrations(struct context *ctx, struct error *e)
{
    struct watcher *w = talloc_zero(ctx->mem, struct watcher);
    enum err rc;

    if (!w)
        return err_nomem(e);
    w->ctx = ctx;
    if ((rc = open_all(w, e)) || (rc = settings_read(w, ctx, now_ms(), &w->settings, e)))
        return rc;
    w->watchdog_ms = notify_watchdog_ms();
    /* Watching is the service: a server that is down must not hold up the boot, nor one section
     * the others. */
    notify_send("READY=1\nSTATUS=registering");
    rc = loop(w, e);
    if (!rc)
        rc = last_words(w, e);
    ctx->has_reported = true;
    /* A run that does not end uses what would be freed: leave it to the kernel. */
    if (settings_is_running(w->settings)) {
        if (rc) {
            e->code = rc;
            output_error(false, e);
        }
        fflush(stdout);
        _exit(err_exit_code(rc));
    }
    talloc_free(w);
    return rc;
}
