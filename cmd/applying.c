#include "cmd/applying.h"

#include <signal.h>

#include "base/log.h"
#include "cmd/controller.h"
#include "cmd/output.h"
#include "cmd/report_syslog.h"

/* For the connection, and for each answer over it. */
#define REOPEN_MS 30000

static volatile sig_atomic_t is_stopping;

static void on_signal(int number)
{
    (void)number;
    is_stopping = 1;
}

static bool should_stop(void *priv)
{
    (void)priv;
    return is_stopping;
}

static void show_progress(size_t done, size_t total, void *priv)
{
    (void)priv;
    output_progress("names written", done, total);
}

/* That the system's log has no line is no reason to leave a run half done. */
static void log_change(const char *run, const struct journal_node *change, void *priv)
{
    struct error why = { 0 };

    (void)priv;
    if (report_log_change(run, change, report_to_syslog, NULL, &why))
        log_warning("%s", why.message);
}

static enum err reopen(void *priv, struct directory **out, struct error *e)
{
    struct applying *a = priv;

    return controller_open(a->ctx->mem, a->ctx, a->session->credentials, a->session->server,
                           REOPEN_MS, out, e);
}

struct apply_hooks applying_hooks(struct applying *a)
{
    struct sigaction stop = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };
    struct sigaction ignore = { .sa_handler = SIG_IGN };

    /* That nobody reads the output any more is no reason to leave a run half done. */
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGINT, &stop, NULL);
    sigaction(SIGTERM, &stop, NULL);
    return (struct apply_hooks){
        .progress = show_progress,
        .accounted = log_change,
        .priv = a,
        .should_stop = should_stop,
        .reopen = reopen,
    };
}
