#include "cmd/compare.h"

#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cmd/output.h"
#include "cmd/records.h"
#include "cmd/served.h"
#include "cmd/session.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "ldap/dnsp_wire.h"
#include "ldap/nodes.h"
#include "scavenger/comparison.h"

struct comparing {
    struct context *ctx;
    const struct compare_wish *wish;
    const struct dns_zone *zone;
    struct comparison *c;
    struct dns_transfer_summary sum;
    bool is_second; /* reading; what cannot be read was said in the first */
    size_t n_read;
    size_t n_unreadable;
    size_t shown[3]; /* by enum difference_kind */
};

/* ---- reading ---- */

static void show_progress(struct comparing *w) { output_progress("records read", ++w->n_read, 0); }

static void warn_unreadable(struct comparing *w, const struct dns_node *node, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);

    if (!w->is_second) {
        output_progress_end();
        fprintf(stderr, "muster: warning: %s in %s: %s\n", output_safe(tmp, node->name),
                w->zone->name, e->message);
        w->n_unreadable++;
    }
    err_clear(e);
    talloc_free(tmp);
}

static enum err put_value(TALLOC_CTX *tmp, struct comparing *w, const char *name, struct bytes raw,
                          struct error *e)
{
    struct compared r = { .name = name, .raw = raw };
    struct dnsp_record *record;
    enum err rc;

    if ((rc = dnsp_record_decode(tmp, raw, &record, e)) ||
        (rc = dnsp_rdata_wire(tmp, record, &r.wire, e)))
        return rc;
    r.type = record->type;
    /* RFC 2181 section 8, as for what is served. */
    r.ttl_s = record->ttl_s > INT32_MAX ? 0 : record->ttl_s;
    r.data = dnsp_data_text(tmp, record);
    return r.data ? comparison_put(w->c, COMPARISON_DIRECTORY, &r, e) : err_nomem(e);
}

static enum err put_node(const struct dns_node *node, void *priv, struct error *e)
{
    struct comparing *w = priv;
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *absolute, *name;
    enum err rc = OK;

    /* Neither a conflict object nor a deleted one is anything that a server would serve. */
    if (node->is_conflict || node->is_deleted)
        goto done;
    absolute = tmp ? dns_name_absolute(tmp, node->name, w->zone->name) : NULL;
    rc = absolute ? dns_name_normalise(tmp, absolute, &name, e) : err_nomem(e);
    if (rc == ERR_MALFORMED) {
        warn_unreadable(w, node, e);
        rc = OK;
        goto done;
    }
    for (size_t i = 0; i < node->n_values && !rc; i++) {
        show_progress(w);
        rc = put_value(tmp, w, name, node->values[i], e);
        if (rc == ERR_MALFORMED) {
            warn_unreadable(w, node, e);
            rc = OK;
        }
    }
done:
    talloc_free(tmp);
    return rc;
}

static enum err put_served(enum dns_transfer_event event, const struct dns_rr *rr, void *priv,
                           struct error *e)
{
    struct comparing *w = priv;
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct compared r = {
        .name = rr->name, .type = rr->type, .ttl_s = rr->ttl_s, .data = rr->data
    };
    enum err rc = tmp ? dns_rdata_wire(tmp, rr, &r.wire, e) : err_nomem(e);

    (void)event;
    show_progress(w);
    /* What has no wire form again is still told from everything else. */
    if (rc == ERR_MALFORMED) {
        err_clear(e);
        r.wire = (struct bytes){ (const uint8_t *)rr->data, strlen(rr->data) };
        rc = OK;
    }
    if (!rc)
        rc = comparison_put(w->c, COMPARISON_SERVED, &r, e);
    talloc_free(tmp);
    return rc;
}

static enum err read_both(struct comparing *w, struct session *s, struct error *e)
{
    const char *given = options_zone_text(w->ctx->options, w->zone->name, "server");
    const struct served_params params = { .zone = w->zone->name,
                                          .server = given ? NULL : s->server,
                                          .session = s };
    const struct node_filter all = { 0 };
    enum err rc = nodes_walk(s->directory, w->zone, &all, put_node, w, e);

    if (!rc)
        rc = served_zone(w->ctx, &params, put_served, w, &w->sum, e);
    output_progress_end();
    return rc;
}

/* ---- showing ---- */

static const char *const words[] = { "directory only", "served only", "other TTL" };
static const char *const places[] = { "directory", "served", "both" };

static enum err show_json(struct comparing *w, const char *name, const struct difference *d,
                          struct error *e)
{
    const struct compared *r = &d->record;
    const struct dns_rr rr = { r->name, r->type, r->ttl_s, r->data };
    struct dnsp_record *record = NULL;
    json_t *json;
    enum err rc;

    if (d->kind == DIFFERENCE_SERVED) {
        json = records_json_served(w->zone->name, name, &rr);
    } else {
        if ((rc = dnsp_record_decode(NULL, r->raw, &record, e)))
            return rc;
        json = records_json(w->zone, name, NULL, record, r->data, r->raw);
    }
    json_object_set_new(json, "where", json_string(places[d->kind]));
    if (d->kind == DIFFERENCE_TTL)
        json_object_set_new(json, "served_ttl", json_integer(d->served_ttl_s));
    talloc_free(record);
    return output_json(json, e);
}

static void show_line(TALLOC_CTX *tmp, const char *name, const struct difference *d)
{
    const struct compared *r = &d->record;
    char type[16];

    printf("%-15s %-24s %-9s %-32s %6u", words[d->kind], output_safe(tmp, name),
           dnsp_type_name(r->type, type), output_safe(tmp, r->data), r->ttl_s);
    if (d->kind == DIFFERENCE_TTL)
        printf(", served with %u", d->served_ttl_s);
    putchar('\n');
}

static enum err show(const struct difference *d, void *priv, struct error *e)
{
    struct comparing *w = priv;
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *name = tmp ? dns_name_relative(tmp, d->record.name, w->zone->name) : NULL;
    enum err rc = name ? OK : err_nomem(e);

    if (rc || (w->wish->has_type && d->record.type != w->wish->type) ||
        (w->wish->glob && fnmatch(w->wish->glob, name, FNM_CASEFOLD) != 0))
        goto done;
    if (w->ctx->is_json) {
        rc = show_json(w, name, d, e);
    } else {
        if (w->shown[0] + w->shown[1] + w->shown[2] == 0)
            printf("%-15s %-24s %-9s %-32s %6s\n", "WHERE", "NAME", "TYPE", "DATA", "TTL");
        show_line(tmp, name, d);
    }
    w->shown[d->kind]++;
done:
    talloc_free(tmp);
    return rc;
}

/* ---- the whole ---- */

static enum err sum_up(struct comparing *w, const struct session *s, struct error *e)
{
    const char *given = options_zone_text(w->ctx->options, w->zone->name, "server");
    /* The controller has proved who it is. */
    const char *proof = !given && options_zone_text(w->ctx->options, w->zone->name, "key")
                            ? "signed"
                            : served_proof(w->ctx, w->zone->name);
    size_t n = w->shown[0] + w->shown[1] + w->shown[2];
    uint64_t records;
    enum err rc = comparison_count(w->c, COMPARISON_DIRECTORY, &records, e);

    if (rc)
        return rc;
    if (w->ctx->is_json && strcmp(proof, "signed") != 0)
        log_warning("%s: the transfer is %s", w->zone->name, proof);
    if (!w->ctx->is_json)
        fprintf(stderr,
                "%" PRIu64 " records of the directory at %s compared with serial %u of %s, %s\n",
                records, s->server, w->sum.serial, given ? given : s->server, proof);
    w->ctx->has_reported = true;
    if (n + w->n_unreadable == 0)
        return OK;
    if (n == 0)
        return err_set(e, ERR_PARTIAL, "%s: no difference, but %zu values could not be read",
                       w->zone->name, w->n_unreadable);
    err_set(
        e, ERR_PARTIAL,
        "%s: %zu difference%s: %zu in the directory only, %zu served only, %zu with another TTL",
        w->zone->name, n, n == 1 ? "" : "s", w->shown[DIFFERENCE_DIRECTORY],
        w->shown[DIFFERENCE_SERVED], w->shown[DIFFERENCE_TTL]);
    return err_hint(e, "a server may be minutes behind the directory: compare again later"),
           ERR_PARTIAL;
}

static enum err open_directory(struct context *ctx, struct session **out, struct error *e)
{
    enum err rc;

    ctx->controller = options_text(ctx->options, "controller");
    rc = session_open(ctx, out, e);
    if (rc && rc != ERR_NOMEM && !ctx->controller && options_text(ctx->options, "server"))
        err_hint(e, "--server serves the zone; name the controller whose directory is meant with "
                    "--controller");
    return rc;
}

enum err compare_run(struct context *ctx, const struct compare_wish *wish, struct error *e)
{
    struct comparing w = { .ctx = ctx, .wish = wish };
    struct dns_zone *zone;
    struct session *s;
    uint64_t n;
    enum err rc;

    if ((rc = open_directory(ctx, &s, e)) || (rc = session_zone(ctx, s, wish->zone, &zone, e)))
        return rc;
    w.zone = zone;
    if ((rc = comparison_new(ctx->mem, zone->name, &w.c, e)) || (rc = read_both(&w, s, e)) ||
        (rc = comparison_again(w.c, &n, e)))
        return rc;
    w.is_second = true;
    if ((n > 0 && (rc = read_both(&w, s, e))) || (rc = comparison_walk(w.c, show, &w, e)))
        return rc;
    return sum_up(&w, s, e);
}
