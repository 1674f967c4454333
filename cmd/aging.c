/* muster aging ZONE: show or set how a zone's records age. */
#include <stdio.h>

#include "base/clock.h"
#include "cmd/lint_report.h"
#include "cmd/output.h"
#include "cmd/session.h"
#include "scavenger/gate.h"

static enum err parse_interval(const struct context *ctx, const char *option, uint32_t *out,
                               struct error *e)
{
    const char *text = options_text(ctx->options, option);

    if (!text)
        return OK;
    /* A year's worth of hours: above it the intervals are a slip of the finger. */
    if (!clock_parse_hours(text, out) || *out < 1 || *out > 8784) {
        err_set(e, ERR_USAGE, "--%s %s: not an interval from 1 h to 366 d", option, text);
        return err_hint(e, "write 7d or 168h");
    }
    return OK;
}

/*
 * The values asked for, on top of those that the zone has.  Where aging is switched on, hosts
 * get one refresh interval to show themselves before anything is scavenged, as Windows gives.
 */
static enum err wanted(const struct context *ctx, uint32_t now_h, struct zone_aging *aging,
                       bool *is_change, struct error *e)
{
    struct zone_aging old = *aging;
    bool enable = options_flag(ctx->options, "enable"),
         disable = options_flag(ctx->options, "disable");
    enum err rc;

    if (enable && disable)
        return err_set(e, ERR_USAGE, "--enable and --disable exclude each other");
    if (enable || disable)
        aging->is_enabled = enable;
    if ((rc = parse_interval(ctx, "no-refresh", &aging->no_refresh_h, e)) ||
        (rc = parse_interval(ctx, "refresh", &aging->refresh_h, e)))
        return rc;
    if (aging->is_enabled && !old.is_enabled)
        aging->scavenge_after_h = now_h + aging->refresh_h;
    *is_change = aging->is_enabled != old.is_enabled || aging->no_refresh_h != old.no_refresh_h ||
                 aging->refresh_h != old.refresh_h;
    return OK;
}

/* From when on the zone can be scavenged with these values, 0 where at once or never. */
static uint64_t scavenge_from_h(const struct dns_zone *zone, const struct zone_aging *a,
                                bool is_change, int64_t now)
{
    struct dns_zone then = *zone;

    then.aging = *a;
    if (is_change)
        then.change = (struct zone_change){ .source = ZONE_CHANGE_EXACT, .at = now };
    return gate_scavenge_from_h(&then, clock_hours_from_unix(now));
}

static json_t *aging_json(const struct dns_zone *zone, const struct zone_aging *a,
                          uint64_t scavenge_from_h, bool is_changed, json_t *lint)
{
    return json_pack("{s:o, s:b, s:I, s:I, s:o, s:b, s:o}", "zone", output_json_text(zone->name),
                     "aging", a->is_enabled, "no_refresh_hours", (json_int_t)a->no_refresh_h,
                     "refresh_hours", (json_int_t)a->refresh_h, "scavenge_after",
                     output_json_hours(scavenge_from_h), "changed", is_changed, "lint", lint);
}

static void print_aging(TALLOC_CTX *mem, const char *title, const struct zone_aging *a,
                        uint64_t scavenge_from_h)
{
    printf("%s: aging %s, no-refresh %s, refresh %s", title, a->is_enabled ? "on" : "off",
           output_interval(mem, a->no_refresh_h), output_interval(mem, a->refresh_h));
    if (scavenge_from_h)
        printf(", not scavenged before %s UTC", output_hours(mem, scavenge_from_h));
    putchar('\n');
}

static enum err run_aging(struct context *ctx, struct error *e)
{
    bool is_dry_run = options_flag(ctx->options, "dry-run"), is_change = false;
    const char *const *arguments;
    struct zone_aging aging;
    uint64_t from_h;
    struct dns_zone *zone;
    struct session *s;
    struct lint *lint;
    uint32_t lease_h;
    size_t n, n_lint;
    enum err rc;

    arguments = options_arguments(ctx->options, &n);
    aging = (struct zone_aging){ 0 };
    if ((rc = wanted(ctx, 0, &aging, &is_change, e)) || /* mistakes first, without the network */
        (rc = lint_lease(ctx, &lease_h, e)) || (rc = session_open(ctx, &s, e)) ||
        (rc = session_zone(ctx, s, arguments[0], &zone, e)))
        return rc;
    aging = zone->aging;
    if ((rc = wanted(ctx, clock_hours_from_unix(s->now), &aging, &is_change, e)) ||
        (rc = aging_lint(ctx->mem, &aging, lease_h, &lint, &n_lint, e)))
        return rc;
    if (aging.is_enabled && (aging.no_refresh_h < 24 || aging.refresh_h < 24))
        fprintf(stderr, "muster: warning: an interval below 24 h deletes live hosts, which refresh "
                        "once a day; muster scavenge will skip this zone\n");
    if (is_change && !is_dry_run && (rc = zone_set_aging(s->directory, zone, &aging, e)))
        return rc;
    from_h = scavenge_from_h(zone, &aging, is_change, s->now);
    if (ctx->is_json)
        return output_json(aging_json(zone, &aging, from_h, is_change && !is_dry_run,
                                      lint_json(lint, n_lint)),
                           e);
    if (!is_change) {
        print_aging(ctx->mem, zone->name, &zone->aging, from_h);
    } else {
        print_aging(ctx->mem, "was", &zone->aging,
                    scavenge_from_h(zone, &zone->aging, false, s->now));
        print_aging(ctx->mem, is_dry_run ? "would be" : "is now", &aging, from_h);
    }
    lint_print(lint, n_lint);
    return OK;
}

static const struct option_spec options[] = {
    { "enable", OPTION_FLAG, NULL, "switch aging on", NULL, NULL },
    { "disable", OPTION_FLAG, NULL, "switch aging off", NULL, NULL },
    { "no-refresh", OPTION_TEXT, "TIME", "how long a record cannot be refreshed again, such as 7d",
      NULL, NULL },
    { "refresh", OPTION_TEXT, "TIME", "how long after that it can be, before it is stale", NULL,
      NULL },
    { "dry-run", OPTION_FLAG, NULL, "show what would change and change nothing", NULL, NULL },
    LINT_OPTIONS,
    SESSION_OPTIONS,
    { NULL, OPTION_FLAG, NULL, NULL, NULL, NULL },
};

const struct command command_aging = {
    .name = "aging",
    .arguments = "ZONE",
    .summary = "Show or set a zone's aging.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_aging,
};
