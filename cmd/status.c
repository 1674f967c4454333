/* muster status: wanted, published and remembered side by side.  Writes nothing. */
#include "register/status.h"

#include <stdio.h>

#include "cmd/output.h"
#include "cmd/register_options.h"
#include "cmd/sections.h"
#include "cmd/session.h"
#include "dns/name.h"
#include "dns/rr.h"

static json_t *records_json(const struct status_report *r)
{
    json_t *records = json_array();

    for (size_t i = 0; records && i < r->n_records; i++) {
        const struct status_record *one = &r->records[i];
        char *name = dns_name_relative(NULL, one->name, one->zone);
        char type[16];
        /* A remembered PTR may stand behind an alias: its name is not in its zone then. */
        json_t *json =
            json_pack("{s:o, s:o, s:s, s:o, s:b, s:b, s:b, s:o, s:b, s:o, s:b, s:o}", "zone",
                      output_json_text(one->zone), "name",
                      output_json_text(name ? name : one->name), "type",
                      dns_type_name(one->type, type), "data", output_json_text(one->data),
                      "desired", one->is_desired, "published", one->is_published, "remembered",
                      one->is_remembered, "timestamp", output_json_hours(one->timestamp_h),
                      "static", one->has_timestamp && !one->timestamp_h, "stale_at",
                      output_json_hours(one->stale_at_h), "in_sync", one->is_in_sync, "detail",
                      output_json_text(one->detail));

        talloc_free(name);
        if (json_array_append_new(records, json) != 0) {
            json_decref(records);
            return NULL;
        }
    }
    return records;
}

static json_t *zones_json(const struct status_report *r)
{
    json_t *zones = json_array();

    for (size_t i = 0; zones && i < r->n_zones; i++) {
        const struct status_zone *z = &r->zones[i];
        json_t *json =
            z->is_known ? json_pack("{s:o, s:b, s:I, s:I, s:s}", "zone", output_json_text(z->name),
                                    "aging", z->aging.is_enabled, "no_refresh_hours",
                                    (json_int_t)z->aging.no_refresh_h, "refresh_hours",
                                    (json_int_t)z->aging.refresh_h, "update",
                                    zone_update_mode_name(z->update))
                        : json_pack("{s:o, s:n, s:n, s:n, s:n}", "zone", output_json_text(z->name),
                                    "aging", "no_refresh_hours", "refresh_hours", "update");

        if (json_array_append_new(zones, json) != 0) {
            json_decref(zones);
            return NULL;
        }
    }
    return zones;
}

static json_t *report_json(const struct status_report *r)
{
    char address[IP_TEXT_MAX];

    return json_pack("{s:o, s:o, s:{s:o, s:s, s:o, s:o}, s:o, s:o, s:{s:o, s:o}, s:o, s:b, s:o}",
                     "hostname", output_json_text(r->hostname), "domain",
                     output_json_text(r->domain), "server", "name",
                     output_json_text(r->server.name), "address",
                     ip_format(r->server.address, address), "site",
                     output_json_text(r->server.site), "kind", output_json_text(r->server.kind),
                     "records", records_json(r), "zones", zones_json(r), "ticket", "principal",
                     output_json_text(r->principal), "expires",
                     r->ticket_expires_s ? output_json_time(r->ticket_expires_s) : json_null(),
                     "directory", output_json_text(r->directory_says), "in_sync", r->is_in_sync,
                     "last_error", output_json_text(r->last_error));
}

static const char *yes(bool is) { return is ? "yes" : "-"; }

static const char *time_text(TALLOC_CTX *mem, const struct status_record *r, uint64_t hours)
{
    if (!r->has_timestamp)
        return "-";
    return hours || !r->timestamp_h ? output_hours(mem, hours) : "-";
}

static void records_text(TALLOC_CTX *mem, const struct status_report *r)
{
    static const char *const headings[] = {
        "NAME",           "TYPE",  "DATA", "WANTED", "PUBLISHED", "REMEMBERED", "REFRESHED (UTC)",
        "STALE ON (UTC)", "DETAIL"
    };
    struct table *t = table_new(mem, headings, 9);

    for (size_t i = 0; i < r->n_records; i++) {
        const struct status_record *one = &r->records[i];
        char type[16];
        const char *cells[] = { one->name,
                                dns_type_name(one->type, type),
                                one->data,
                                yes(one->is_desired),
                                yes(one->is_published),
                                yes(one->is_remembered),
                                time_text(mem, one, one->timestamp_h),
                                time_text(mem, one, one->stale_at_h),
                                one->detail ? one->detail : "" };

        table_row(t, cells);
    }
    if (r->n_records)
        table_print(t, "  ");
    else
        puts("  no records wanted, published or remembered");
}

static void zones_text(TALLOC_CTX *mem, const struct status_report *r)
{
    for (size_t i = 0; i < r->n_zones; i++) {
        const struct status_zone *z = &r->zones[i];

        if (z->is_known)
            printf("zone %s: aging %s, no-refresh %s, refresh %s, updates %s\n",
                   output_safe(mem, z->name), z->aging.is_enabled ? "on" : "off",
                   output_interval(mem, z->aging.no_refresh_h),
                   output_interval(mem, z->aging.refresh_h), zone_update_mode_name(z->update));
        else
            printf("zone %s: not known to the directory of %s\n", output_safe(mem, z->name),
                   output_safe(mem, r->server.name));
    }
}

static bool is_anything_remembered(const struct status_report *r)
{
    for (size_t i = 0; i < r->n_records; i++) {
        if (r->records[i].is_remembered)
            return true;
    }
    return false;
}

static void report_text(TALLOC_CTX *mem, const struct status_report *r)
{
    char address[IP_TEXT_MAX];

    printf("%s at %s (%s)%s%s\n", output_safe(mem, r->hostname), output_safe(mem, r->server.name),
           ip_format(r->server.address, address), r->server.site ? ", site " : "",
           r->server.site ? output_safe(mem, r->server.site) : "");
    records_text(mem, r);
    zones_text(mem, r);
    if (r->ticket_expires_s)
        printf("ticket: %s, until %s\n", output_safe(mem, r->principal),
               clock_rfc3339(mem, r->ticket_expires_s));
    if (r->directory_says)
        printf("directory: %s\n", output_safe(mem, r->directory_says));
    printf("last error: %s\n", r->last_error               ? output_safe(mem, r->last_error)
                               : is_anything_remembered(r) ? "none"
                                                           : "no run is remembered");
    printf("published is %s\n", r->is_in_sync ? "as wanted" : "not as wanted");
}

/* Which record is the first that is not as it should be, and whether register would mend it. */
static enum err difference(const struct status_report *r, struct error *e)
{
    const struct status_record *first = NULL;
    size_t n = 0;
    char type[16];

    for (size_t i = 0; i < r->n_records; i++) {
        if (r->records[i].is_in_sync)
            continue;
        if (!first)
            first = &r->records[i];
        n++;
    }
    if (!first) {
        err_set(e, ERR_PARTIAL, "%s: there is no address to publish", r->hostname);
        return err_hint(e, "look at the addresses and at what is excluded: `muster register "
                           "--dry-run --verbose`");
    }
    err_set(e, ERR_PARTIAL,
            "%s: published differs from wanted in %zu of %zu records, first %s %s %s", r->hostname,
            n, r->n_records, first->name, dns_type_name(first->type, type), first->data);
    if (first->detail)
        return err_hint(e,
                        "%s; run `muster register` to mend it, or to be told what keeps it from "
                        "that",
                        first->detail);
    return err_hint(e, "run `muster register`");
}

static enum err status_one(struct context *ctx, struct error *e)
{
    struct register_options options;
    struct status_report *report;
    enum err rc;

    if ((rc = register_options_read(ctx, &options, e)))
        return rc;
    /* Nothing is written, not even which server was found. */
    options.is_dry_run = true;
    if ((rc = status_read(ctx->mem, &options, &report, e)))
        return rc;
    if (ctx->is_json) {
        ctx->has_reported = true;
        if ((rc = sections_print_json(options.section, report_json(report), e)))
            return rc;
    } else {
        if (options.section)
            printf("[%s] ", options.section);
        report_text(ctx->mem, report);
    }
    if (report->distrust.code) {
        *e = report->distrust;
        return e->code;
    }
    return report->is_in_sync ? OK : difference(report, e);
}

static enum err run_status(struct context *ctx, struct error *e)
{
    return sections_run(ctx, status_one, e);
}

static const struct option_spec options_table[] = {
    REGISTER_OPTIONS,
    { NULL, OPTION_FLAG, NULL, NULL, NULL, NULL },
};

const struct command command_status = {
    .name = "status",
    .arguments = "",
    .summary = "Show what is wanted, published and remembered of this host, and how old it is.",
    .options = options_table,
    .run = run_status,
};
