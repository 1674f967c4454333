#include "cmd/served_settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dns/name.h"
#include "scavenger/pairs.h"

#define ZONE_TYPE_PRIMARY 1

/* zone: NULL for what holds for all. */
static enum err read_interval(const struct context *ctx, const char *zone, const char *option,
                              uint32_t *out_h, struct error *e)
{
    const char *text =
        zone ? options_zone_text(ctx->options, zone, option) : options_text(ctx->options, option);

    *out_h = SERVED_INTERVAL_H;
    if (!text || clock_parse_hours(text, out_h))
        return OK;
    err_set(e, ERR_USAGE, "%s%s--%s %s: not a time", zone ? zone : "", zone ? ": " : "", option,
            text);
    return err_hint(e, "write 7d or 168h");
}

static enum err refuse(const char *option, const char *why, struct error *e)
{
    return err_set(e, ERR_USAGE, "--%s: %s", option, why);
}

enum err served_read(const struct context *ctx, bool *is_wanted, struct error *e)
{
    const char *source = options_text(ctx->options, "source");
    const char *evidence = options_text(ctx->options, "evidence");
    uint32_t ignored_h;
    enum err rc;
    size_t n;

    *is_wanted = source && strcmp(source, "axfr") == 0;
    if (source && !*is_wanted && strcmp(source, "ldap") != 0) {
        err_set(e, ERR_USAGE, "--source %s: neither ldap nor axfr", source);
        return err_hint(e, "ldap reads the directory, axfr transfers zones");
    }
    if ((rc = read_interval(ctx, NULL, "no-refresh", &ignored_h, e)) ||
        (rc = read_interval(ctx, NULL, "refresh", &ignored_h, e)))
        return rc;
    if (!*is_wanted)
        return options_text(ctx->options, "key") ? refuse("key", "is for --source axfr", e) : OK;
    if (evidence && strstr(evidence, "accounts"))
        return refuse("evidence",
                      "nobody owns names of a zone read by transfer; its section may ask for "
                      "missing-account",
                      e);
    options_arguments(ctx->options, &n);
    if (n == 0) {
        err_set(e, ERR_USAGE, "--source axfr: no zone is named");
        return err_hint(e, "name each zone to transfer: there is no directory that lists them");
    }
    return OK;
}

/* 0 where the section does not have it. */
static enum err read_count(const struct context *ctx, const char *zone, const char *key,
                           unsigned least, unsigned most, unsigned *out, struct error *e)
{
    const char *text = options_zone_key(ctx->options, zone, key);
    unsigned long n;
    char *end;

    *out = 0;
    if (!text)
        return OK;
    n = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || n < least || n > most)
        return err_set(e, ERR_CONFIG, "[zone %s] %s = %s: not a number from %u to %u", zone, key,
                       text, least, most);
    *out = (unsigned)n;
    return OK;
}

enum err served_signals(const struct context *ctx, const char *zone, struct signal_rules *out,
                        struct error *e)
{
    const char *account = options_zone_key(ctx->options, zone, "missing-account");
    struct signal_rules r = { 0 };
    enum err rc;

    if ((rc = read_count(ctx, zone, "silence-runs", 2, 1000, &r.silence_runs, e)) ||
        (rc = read_count(ctx, zone, "silence-days", 1, 3650, &r.silence_days, e)))
        return rc;
    if (!r.silence_runs != !r.silence_days) {
        err_set(e, ERR_CONFIG, "[zone %s] %s: nothing is said about the %s", zone,
                r.silence_runs ? "silence-runs" : "silence-days", r.silence_runs ? "days" : "runs");
        return err_hint(e, "set both: so many silent runs, spread over so many days");
    }
    if (account && !options_parse_bool(account, &r.wants_no_account))
        return err_set(e, ERR_CONFIG, "[zone %s] missing-account = %s: neither yes nor no", zone,
                       account);
    *out = r;
    return OK;
}

static bool is_among(const struct dns_zone *zones, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(zones[i].name, name) == 0)
            return true;
    }
    return false;
}

enum err served_zone_of(const struct context *ctx, const char *name, struct dns_zone *out,
                        struct error *e)
{
    *out = (struct dns_zone){
        .name = name,
        .partition = "DNS",
        .zone_type = ZONE_TYPE_PRIMARY,
        .update = ZONE_UPDATE_SECURE,
        .aging = { .is_enabled = true },
        .change = { .source = ZONE_CHANGE_EXACT },
    };
    if (read_interval(ctx, name, "no-refresh", &out->aging.no_refresh_h, e) ||
        read_interval(ctx, name, "refresh", &out->aging.refresh_h, e))
        return ERR_USAGE;
    return OK;
}

/* Each once, forward zones first: that is the order in which they are written, too. */
enum err served_name_zones(struct context *ctx, const struct planning *p, struct dns_zone **out,
                           size_t *n_out, struct error *e)
{
    struct dns_zone *zones = talloc_zero_array(ctx->mem, struct dns_zone, p->n_zones + 1);
    size_t n = 0;

    if (!zones)
        return err_nomem(e);
    for (int is_reverse = 0; is_reverse < 2; is_reverse++) {
        for (size_t i = 0; i < p->n_zones; i++) {
            char *name;
            enum err rc = dns_name_normalise(ctx->mem, p->zones[i], &name, e);

            if (rc)
                return err_prefix(e, "zone \"%s\"", p->zones[i]),
                       rc == ERR_MALFORMED ? ERR_USAGE : rc;
            if ((rc = served_zone_of(ctx, name, &zones[n], e)))
                return rc;
            n += pairs_is_reverse(&zones[n]) == (is_reverse == 1) && !is_among(zones, n, name);
        }
    }
    *out = zones;
    *n_out = n;
    return OK;
}
