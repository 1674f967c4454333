/* muster records ZONE: every record, decoded, as it streams by. */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cmd/compare.h"
#include "cmd/output.h"
#include "cmd/records.h"
#include "cmd/served.h"
#include "cmd/session.h"
#include "dns/name.h"
#include "ldap/dnsp.h"
#include "ldap/nodes.h"

struct listing {
    const struct dns_zone *zone;
    const char *glob; /* NULL: all */
    bool has_type;
    uint16_t type;
    bool only_stale;
    bool is_json;
    uint32_t now_h;
    size_t shown;
};

static uint64_t stale_at_of(const struct dns_zone *z, const struct dnsp_record *r)
{
    if (r->timestamp_h == 0)
        return 0;
    return (uint64_t)r->timestamp_h + z->aging.no_refresh_h + z->aging.refresh_h + 1;
}

json_t *records_json(const struct dns_zone *zone, const char *name, const char *owner,
                     const struct dnsp_record *r, const char *data, struct bytes raw)
{
    char type[16];
    char *base64 = bytes_to_base64(NULL, raw);
    json_t *json =
        json_pack("{s:o, s:o, s:s, s:o, s:I, s:I, s:o, s:b, s:o, s:o, s:s?}", "zone",
                  output_json_text(zone->name), "name", output_json_text(name), "type",
                  dnsp_type_name(r->type, type), "data", output_json_text(data), "ttl",
                  (json_int_t)r->ttl_s, "timestamp_hours", (json_int_t)r->timestamp_h, "timestamp",
                  output_json_hours(r->timestamp_h), "static", r->timestamp_h == 0, "stale_at",
                  output_json_hours(stale_at_of(zone, r)), "owner", output_json_text(owner), "raw",
                  base64);

    talloc_free(base64);
    return json;
}

static void record_line(TALLOC_CTX *mem, const struct listing *l, const struct dns_node *node,
                        const struct dnsp_record *r, const char *data)
{
    char type[16];
    const char *age = "";

    if (r->timestamp_h)
        age = r->timestamp_h > l->now_h ? "future"
                                        : output_age(mem, (int64_t)l->now_h - r->timestamp_h);
    printf("%-24s %-9s %-32s %6u  %-16s %6s  %s\n", output_safe(mem, node->name),
           dnsp_type_name(r->type, type), output_safe(mem, data), r->ttl_s,
           output_hours(mem, r->timestamp_h), age, node->owner_sid ? node->owner_sid : "-");
}

static bool is_wanted(const struct listing *l, const struct dnsp_record *r)
{
    if (l->has_type && r->type != l->type)
        return false;
    return !l->only_stale || (r->timestamp_h != 0 && stale_at_of(l->zone, r) <= l->now_h);
}

static enum err show_value(struct listing *l, const struct dns_node *node, struct bytes raw,
                           struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dnsp_record *r = NULL;
    enum err rc = dnsp_record_decode(tmp, raw, &r, e);
    char *data;

    if (rc == ERR_MALFORMED) {
        fprintf(stderr, "muster: warning: %s in %s: %s\n", output_safe(tmp, node->name),
                l->zone->name, e->message);
        err_clear(e);
        rc = OK;
        goto done;
    }
    if (rc || !is_wanted(l, r))
        goto done;
    data = dnsp_data_text(tmp, r);
    if (!data)
        rc = err_nomem(e);
    else if (l->is_json)
        rc = output_json(records_json(l->zone, node->name, node->owner_sid, r, data, raw), e);
    else
        record_line(tmp, l, node, r, data);
    l->shown++;
done:
    talloc_free(tmp);
    return rc;
}

static enum err show_node(const struct dns_node *node, void *priv, struct error *e)
{
    struct listing *l = priv;
    enum err rc = OK;

    if (l->glob && fnmatch(l->glob, node->name, FNM_CASEFOLD) != 0)
        return OK;
    for (size_t i = 0; i < node->n_values && !rc; i++)
        rc = show_value(l, node, node->values[i], e);
    return rc;
}

/* ---- a zone as its server hands it out: no timestamps, no owners ---- */

json_t *records_json_served(const char *zone, const char *name, const struct dns_rr *rr)
{
    char type[16];

    return json_pack("{s:o, s:o, s:s, s:o, s:I, s:n, s:n, s:n, s:n, s:n, s:n}", "zone",
                     output_json_text(zone), "name", output_json_text(name), "type",
                     dns_type_name(rr->type, type), "data", output_json_text(rr->data), "ttl",
                     (json_int_t)rr->ttl_s, "timestamp_hours", "timestamp", "static", "stale_at",
                     "owner", "raw");
}

struct served_listing {
    struct listing *l;
    const char *zone;
};

static enum err show_served(enum dns_transfer_event event, const struct dns_rr *rr, void *priv,
                            struct error *e)
{
    const struct served_listing *s = priv;
    TALLOC_CTX *tmp = talloc_new(NULL);
    size_t zone_len = strlen(s->zone), len = strlen(rr->name);
    const char *name;
    char type[16];
    enum err rc = OK;

    (void)event;
    if (!tmp)
        return err_nomem(e);
    name = len == zone_len ? "@" : talloc_strndup(tmp, rr->name, len - zone_len - 1);
    if (!name) {
        rc = err_nomem(e);
        goto done;
    }
    if ((s->l->has_type && rr->type != s->l->type) ||
        (s->l->glob && fnmatch(s->l->glob, name, FNM_CASEFOLD) != 0))
        goto done;
    if (s->l->is_json)
        rc = output_json(records_json_served(s->zone, name, rr), e);
    else
        printf("%-24s %-9s %-32s %6u\n", output_safe(tmp, name), dns_type_name(rr->type, type),
               output_safe(tmp, rr->data), rr->ttl_s);
    s->l->shown++;
done:
    talloc_free(tmp);
    return rc;
}

static enum err list_served(struct context *ctx, struct listing *l, const char *argument,
                            struct error *e)
{
    struct dns_transfer_summary sum;
    struct served_listing s = { l, NULL };
    struct served_params params = { 0 };
    char *zone;
    enum err rc;

    if ((rc = dns_name_normalise(ctx->mem, argument, &zone, e)))
        return err_prefix(e, "zone \"%s\"", argument), ERR_USAGE;
    params.zone = s.zone = zone;
    if (!l->is_json)
        printf("%-24s %-9s %-32s %6s\n", "NAME", "TYPE", "DATA", "TTL");
    rc = served_zone(ctx, &params, show_served, &s, &sum, e);
    if (!rc && l->is_json && !served_is_proved(ctx, zone))
        log_warning("%s: the transfer is %s", zone, served_proof(ctx, zone));
    if (!rc && !l->is_json)
        fprintf(stderr, "%zu records, serial %u, %s\n", l->shown, sum.serial,
                served_proof(ctx, zone));
    return rc;
}

static enum err run_served(struct context *ctx, struct listing *l, const char *argument,
                           struct error *e)
{
    const struct compare_wish wish = {
        .zone = argument, .glob = l->glob, .has_type = l->has_type, .type = l->type
    };

    if (l->only_stale || options_flag(ctx->options, "all")) {
        err_set(e, ERR_USAGE, "a transferred zone has neither timestamps nor tombstones");
        return err_hint(e, "leave --stale and --all out, or read the directory (--source ldap)");
    }
    return options_flag(ctx->options, "compare") ? compare_run(ctx, &wish, e)
                                                 : list_served(ctx, l, argument, e);
}

static enum err read_source(const struct context *ctx, bool *is_served, struct error *e)
{
    const char *source = options_text(ctx->options, "source");
    bool is_compared = options_flag(ctx->options, "compare");

    *is_served = source && strcmp(source, "axfr") == 0;
    if (source && !*is_served && strcmp(source, "ldap") != 0)
        return err_set(e, ERR_USAGE, "--source %s: neither ldap nor axfr", source);
    if (!*is_served && (is_compared || options_text(ctx->options, "key")))
        return err_set(e, ERR_USAGE, "--%s is for --source axfr", is_compared ? "compare" : "key");
    if (!is_compared && options_text(ctx->options, "controller"))
        return err_set(e, ERR_USAGE, "--controller is for --compare");
    return OK;
}

static enum err read_options(struct context *ctx, struct listing *l, struct error *e)
{
    const char *type = options_text(ctx->options, "type");

    l->glob = options_text(ctx->options, "name");
    l->only_stale = options_flag(ctx->options, "stale");
    l->is_json = ctx->is_json;
    if (!type)
        return OK;
    l->has_type = true;
    if (strcmp(type, "TOMBSTONE") == 0) {
        l->type = DNSP_TYPE_TOMBSTONE;
        return OK;
    }
    if (!dns_type_parse(type, &l->type)) {
        err_set(e, ERR_USAGE, "--type %s: not a record type", type);
        return err_hint(e, "A, AAAA, PTR, … or TYPEnnn");
    }
    return OK;
}

static enum err run_records(struct context *ctx, struct error *e)
{
    struct listing l = { 0 };
    struct node_filter filter = { .with_owner = true };
    const char *const *arguments;
    struct dns_zone *zone;
    struct session *s;
    bool is_served;
    size_t n;
    enum err rc;

    arguments = options_arguments(ctx->options, &n);
    if ((rc = read_options(ctx, &l, e)) || (rc = read_source(ctx, &is_served, e)))
        return rc;
    if (is_served)
        return run_served(ctx, &l, arguments[0], e);
    if ((rc = session_open(ctx, &s, e)) || (rc = session_zone(ctx, s, arguments[0], &zone, e)))
        return rc;
    l.zone = zone;
    l.now_h = clock_hours_from_unix(s->now);
    filter.with_tombstones = options_flag(ctx->options, "all");
    if (l.glob && !strpbrk(l.glob, "*?[\\"))
        filter.name = l.glob; /* no wildcard: the directory can find it by itself */
    if (!ctx->is_json)
        printf("%-24s %-9s %-32s %6s  %-16s %6s  %s\n", "NAME", "TYPE", "DATA", "TTL",
               "REFRESHED (UTC)", "AGE", "OWNER");
    rc = nodes_walk(s->directory, zone, &filter, show_node, &l, e);
    if (!rc && !ctx->is_json)
        fprintf(stderr, "%zu records\n", l.shown);
    return rc;
}

static const struct option_spec options[] = {
    { "name", OPTION_TEXT, "GLOB", "only names, relative to the zone, that match", NULL, NULL },
    { "type", OPTION_TEXT, "TYPE", "only records of this type", NULL, NULL },
    { "stale", OPTION_FLAG, NULL, "only dynamic records past no-refresh + refresh", NULL, NULL },
    { "all", OPTION_FLAG, NULL, "tombstones too", NULL, NULL },
    { "source", OPTION_TEXT, "ldap|axfr", "read the directory, or what the server transfers", NULL,
      NULL },
    { "key", OPTION_TEXT, "FILE|gss",
      "with axfr: sign with the key in FILE, as tsig-keygen writes it, or with Kerberos", NULL,
      NULL },
    { "compare", OPTION_FLAG, NULL, "with axfr: show what differs between it and the directory",
      NULL, NULL },
    { "controller", OPTION_TEXT, "DC",
      "with --compare: whose directory (default: --server's, else as found by DNS)", NULL, NULL },
    SESSION_OPTIONS,
    { NULL, OPTION_FLAG, NULL, NULL, NULL, NULL },
};

const struct command command_records = {
    .name = "records",
    .arguments = "ZONE",
    .summary = "List a zone's records, decoded, with timestamp, age and owner.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_records,
};
