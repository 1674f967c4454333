#include "cmd/probing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "cmd/output.h"

/* Sockets to servers, files, what libraries have open. */
#define OTHER_DESCRIPTORS 128

static bool parse_number(const char *text, unsigned long max, unsigned long *out)
{
    char *end;
    unsigned long n;

    if (*text < '0' || *text > '9')
        return false;
    n = strtoul(text, &end, 10);
    if (*end || n < 1 || n > max)
        return false;
    *out = n;
    return true;
}

static enum err read_ports(const struct context *ctx, struct probe_params *params, struct error *e)
{
    size_t n;
    const char *const *list = options_list(ctx->options, "probe-ports", &n);

    if (n > PROBE_PORTS_MAX)
        return err_set(e, ERR_USAGE, "--probe-ports: %zu ports, at most %d can be asked", n,
                       PROBE_PORTS_MAX);
    for (size_t i = 0; i < n; i++) {
        unsigned long port;

        if (!parse_number(list[i], 65535, &port)) {
            err_set(e, ERR_USAGE, "--probe-ports %s: not a TCP port", list[i]);
            return err_hint(e, "give numbers from 1 to 65535, such as 445 22");
        }
        params->ports[i] = (uint16_t)port;
    }
    if (n)
        params->n_ports = n;
    return OK;
}

static enum err read_number(const struct context *ctx, const char *option, unsigned long max,
                            unsigned long *out, struct error *e)
{
    const char *text = options_text(ctx->options, option);

    if (!text || parse_number(text, max, out))
        return OK;
    return err_set(e, ERR_USAGE, "--%s %s: not a number from 1 to %lu", option, text, max);
}

enum err probing_read(const struct context *ctx, struct probing *p, struct error *e)
{
    unsigned long rate, seconds;
    enum err rc;

    p->is_wanted = options_flag(ctx->options, "probe");
    p->params = probe_params_default();
    rate = p->params.per_second;
    seconds = (unsigned long)p->params.total_ms / 1000;
    if ((rc = read_ports(ctx, &p->params, e)) ||
        (rc = read_number(ctx, "probe-rate", 100000, &rate, e)) ||
        (rc = read_number(ctx, "probe-seconds", 86400, &seconds, e)))
        return rc;
    p->params.per_second = (unsigned)rate;
    p->params.total_ms = (int)seconds * 1000;
    return OK;
}

static void show_progress(size_t done, size_t total, void *priv)
{
    (void)priv;
    output_progress("addresses asked", done, total);
}

/* What could not be done is said once, whatever the number of addresses. */
static void say_limits(const struct probing *p)
{
    const struct probe_summary *s = &p->summary;

    if (!s->has_echo4 || !s->has_echo6)
        log_warning(
            "probes: no ICMP echo over %s: neither ping sockets (net.ipv4.ping_group_range) "
            "nor CAP_NET_RAW; TCP connections only",
            s->has_echo4   ? "IPv6"
            : s->has_echo6 ? "IPv4"
                           : "IPv4 and IPv6");
    if (s->is_cut)
        log_warning("probes: the time was up before every address had been asked everything; "
                    "raise --probe-seconds or --probe-rate");
    if (s->n_untried)
        log_warning(
            "probes: %zu of %zu addresses could not be asked everything; their records stay",
            s->n_untried, p->n_asked);
}

/*
 * A descriptor for each connection under way, where the administrator's hard limit has room for
 * them; the usual soft one of 1024 is for programs that use select().
 */
static void allow_descriptors(size_t n)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= n + OTHER_DESCRIPTORS)
        return;
    limit.rlim_cur =
        limit.rlim_max < n + OTHER_DESCRIPTORS ? limit.rlim_max : (rlim_t)(n + OTHER_DESCRIPTORS);
    if (setrlimit(RLIMIT_NOFILE, &limit))
        log_debug("no more descriptors: %s", strerror(errno));
}

enum err probing_ask(struct probing *p, struct probe_list *list, struct error *e)
{
    enum err rc;

    p->n_asked = list->n;
    if (list->n == 0)
        return OK;
    allow_descriptors(p->params.in_flight);
    if (!(rc = probe_run(list->targets, list->n, &p->params, show_progress, NULL, &p->summary, e)))
        say_limits(p);
    return rc;
}

enum err probing_run(struct context *ctx, struct probing *p, const struct survey *survey,
                     gate_set overridden, struct error *e)
{
    struct probe_list *list = talloc_zero(ctx->mem, struct probe_list);
    enum err rc = list ? OK : err_nomem(e);

    for (size_t i = 0; i < survey->n_builders && !rc; i++) {
        struct plan_builder *b = survey->builders[i];

        if (b && plan_builder_gate(b, overridden) == GATE_OPEN)
            rc = probe_list_add(list, plan_builder_plan(b), p->name, e);
    }
    if (rc)
        return rc;
    probe_list_seal(list);
    if ((rc = probing_ask(p, list, e)) || list->n == 0)
        return rc;
    for (size_t i = 0; i < survey->n_builders && !rc; i++) {
        if (survey->builders[i] && plan_builder_gate(survey->builders[i], overridden) == GATE_OPEN)
            rc = probe_list_apply(list, plan_builder_plan(survey->builders[i]), e);
    }
    talloc_free(list);
    return rc;
}

json_t *probing_json(const struct probing *p)
{
    const struct probe_summary *s = &p->summary;

    if (!p->is_wanted)
        return json_null();
    return json_pack("{s:I, s:I, s:I, s:b, s:{s:b, s:b}}", "asked", (json_int_t)p->n_asked,
                     "answered", (json_int_t)s->n_answered, "not_asked", (json_int_t)s->n_untried,
                     "cut_short", s->is_cut, "echo", "ipv4", s->has_echo4, "ipv6", s->has_echo6);
}
