/* muster zones: every zone of the directory with its aging and what it holds. */
#include "base/clock.h"
#include "cmd/output.h"
#include "cmd/session.h"
#include "ldap/dnsp.h"
#include "ldap/nodes.h"
#include "scavenger/gate.h"

struct zone_counts {
    const struct dns_zone *zone;
    uint32_t now_h;
    size_t records;
    size_t fixed; /* static */
    size_t dynamic;
    size_t stale;
    size_t tombstones;
};

static enum err count_node(const struct dns_node *node, void *priv, struct error *e)
{
    struct zone_counts *c = priv;
    const struct zone_aging *a = &c->zone->aging;
    TALLOC_CTX *tmp;

    if (node->is_tombstoned) {
        c->tombstones++;
        return OK;
    }
    tmp = talloc_new(NULL);
    if (!tmp)
        return err_nomem(e);
    for (size_t i = 0; i < node->n_values; i++) {
        struct dnsp_record *r;

        c->records++;
        if (dnsp_record_decode(tmp, node->values[i], &r, NULL) != OK)
            continue;
        if (r->timestamp_h == 0) {
            c->fixed++;
            continue;
        }
        c->dynamic++;
        c->stale += (uint64_t)r->timestamp_h + a->no_refresh_h + a->refresh_h < c->now_h;
    }
    talloc_free(tmp);
    return OK;
}

static json_t *zone_json(const struct dns_zone *z, const struct zone_counts *c)
{
    return json_pack("{s:o, s:o, s:o, s:b, s:I, s:I, s:s, s:o, s:I, s:I, s:I, s:I, s:I}", "zone",
                     output_json_text(z->name), "partition", output_json_text(z->partition), "dn",
                     output_json_text(z->dn), "aging", z->aging.is_enabled, "no_refresh_hours",
                     (json_int_t)z->aging.no_refresh_h, "refresh_hours",
                     (json_int_t)z->aging.refresh_h, "update", zone_update_mode_name(z->update),
                     "scavenge_after", output_json_hours(gate_scavenge_from_h(z, c->now_h)),
                     "records", (json_int_t)c->records, "static", (json_int_t)c->fixed, "dynamic",
                     (json_int_t)c->dynamic, "stale", (json_int_t)c->stale, "tombstones",
                     (json_int_t)c->tombstones);
}

static const char *number(TALLOC_CTX *mem, size_t n)
{
    const char *text = talloc_asprintf(mem, "%zu", n);

    return text ? text : "";
}

static void zone_row(TALLOC_CTX *mem, struct table *t, const struct dns_zone *z,
                     const struct zone_counts *c)
{
    const char *cells[] = {
        z->name,
        z->aging.is_enabled ? "on" : "off",
        output_interval(mem, z->aging.no_refresh_h),
        output_interval(mem, z->aging.refresh_h),
        zone_update_mode_name(z->update),
        number(mem, c->records),
        number(mem, c->fixed),
        number(mem, c->dynamic),
        number(mem, c->stale),
        number(mem, c->tombstones),
        z->partition,
    };

    table_row(t, cells);
}

static enum err run_zones(struct context *ctx, struct error *e)
{
    static const char *const headings[] = { "ZONE",   ">AGING",      ">NO-REFRESH", ">REFRESH",
                                            "UPDATE", ">RECORDS",    ">STATIC",     ">DYNAMIC",
                                            ">STALE", ">TOMBSTONES", "PARTITION" };
    struct table *table = ctx->is_json ? NULL : table_new(ctx->mem, headings, 11);
    struct node_filter filter = { .with_tombstones = true };
    struct session *s;
    struct dns_zone *zones;
    size_t n;
    enum err rc;

    if ((rc = session_open(ctx, &s, e)) || (rc = zones_list(ctx->mem, s->directory, &zones, &n, e)))
        return rc;
    for (size_t i = 0; i < n; i++) {
        struct zone_counts counts = { .zone = &zones[i], .now_h = clock_hours_from_unix(s->now) };

        rc = nodes_walk(s->directory, &zones[i], &filter, count_node, &counts, e);
        if (!rc && ctx->is_json)
            rc = output_json(zone_json(&zones[i], &counts), e);
        if (rc)
            return rc;
        zone_row(ctx->mem, table, &zones[i], &counts);
    }
    table_print(table, "");
    return OK;
}

static const struct option_spec options[] = {
    SESSION_OPTIONS,
    { NULL, OPTION_FLAG, NULL, NULL, NULL, NULL },
};

const struct command command_zones = {
    .name = "zones",
    .arguments = "",
    .summary = "List zones with aging, update mode, intervals and record counts.",
    .options = options,
    .run = run_zones,
};
