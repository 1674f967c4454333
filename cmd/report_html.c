#include "cmd/report_html.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cmd/output.h"
#include "cmd/report_assets.h"
#include "cmd/report_stats.h"

#define SAVED_MAX 2000 /* a page is for people; --json has all */

struct page {
    FILE *f;
    TALLOC_CTX *mem; /* of what one row needs; emptied after it */
    const struct scavenge_report *r;
    struct report_stats stats;
    size_t n_saved;
};

static void put_head(struct page *p, const char *title)
{
    fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
          "style-src '" REPORT_PAGE_STYLE_SHA256 "'; script-src '" REPORT_PAGE_SCRIPT_SHA256 "'; "
          "base-uri 'none'; form-action 'none'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta name=\"referrer\" content=\"no-referrer\">\n<title>",
          p->f);
    html_text(p->f, title);
    fputs("</title>\n<style>" REPORT_PAGE_STYLE "</style>\n</head>\n<body>\n", p->f);
}

static void put_title(struct page *p, const char *title)
{
    const struct scavenge_report *r = p->r;

    fputs("<header>\n<h1>", p->f);
    html_text(p->f, title);
    fputs("</h1>\n<p class=\"meta\">Judged at ", p->f);
    html_text(p->f, output_hours(p->mem, r->now_h));
    fputs(" UTC on <bdi>", p->f);
    html_text(p->f, r->server ? r->server : "?");
    fputs("</bdi>", p->f);
    if (r->principal) {
        fputs(" as <bdi>", p->f);
        html_text(p->f, r->principal);
        fputs("</bdi>", p->f);
    }
    fputs("</p>\n</header>\n<main>\n", p->f);
}

static void put_status(struct page *p)
{
    const struct scavenge_report *r = p->r;
    size_t deleted = p->stats.deleted, planned = p->stats.planned;
    bool is_warning = p->stats.is_over_limit || r->problem || (r->run && deleted < planned);

    fprintf(p->f, "<div class=\"card status%s\" role=\"status\"><p>", is_warning ? " warn" : "");
    if (r->run) {
        fprintf(p->f, "%zu of %zu records were deleted. <code>muster restore ", deleted, planned);
        html_text(p->f, r->run);
        fputs("</code> shows how to put them back.", p->f);
    } else if (planned && plan_report_is_forecast(r)) {
        fprintf(p->f,
                "This is a forecast, as if no host refreshed until then: %zu %s would go. Nothing "
                "was deleted.",
                planned, planned == 1 ? "record" : "records");
    } else if (p->stats.is_over_limit) {
        fputs("Nothing was deleted: more records would go than the limit allows. Look at the plan; "
              "when it "
              "is right, allow it with <code>--max-deletes</code>.",
              p->f);
    } else if (planned) {
        fprintf(p->f,
                "This is a plan, nothing was deleted. The same command with <code>--apply</code> "
                "deletes %zu %s.",
                planned, planned == 1 ? "record" : "records");
    } else {
        fputs("There is nothing to delete.", p->f);
    }
    fputs("</p>", p->f);
    if (r->problem && !p->stats.is_over_limit) {
        fputs("<p>", p->f);
        html_text(p->f, r->problem->message);
        fputs("</p>", p->f);
    }
    fputs("</div>\n", p->f);
}

static void put_tile(struct page *p, const char *class, const char *label, size_t n)
{
    fprintf(p->f, "<div%s><dt>%s</dt><dd>%zu</dd></div>\n", class, label, n);
}

static void put_tiles(struct page *p)
{
    fputs("<dl class=\"tiles\">\n", p->f);
    if (p->r->run)
        put_tile(p, " class=\"go\"", "Deleted", p->stats.deleted);
    else
        put_tile(p, " class=\"go\"", "To be deleted", p->stats.planned);
    put_tile(p, "", "Dynamic records", p->stats.dynamic);
    put_tile(p, "", "Records examined", p->stats.examined);
    put_tile(p, "", "Stale in 30 days unless refreshed", p->stats.stale_soon);
    fputs("</dl>\n", p->f);
}

/* Horizontal bars: readable at any width, as only lengths are percentages. */
static void put_ages(struct page *p)
{
    const struct report_stats *s = &p->stats;
    double scale = s->most ? 100.0 / (double)s->most : 0;

    fprintf(
        p->f,
        "<section class=\"card\">\n<h2>Age of dynamic records</h2>\n<figure>\n"
        "<svg width=\"100%%\" height=\"%d\" role=\"img\" aria-label=\"Dynamic records by age\">\n",
        AGE_STEPS * 28);
    for (size_t i = 0; i < AGE_STEPS; i++) {
        double all = (double)s->ages[i] * scale, go = (double)s->planned_ages[i] * scale;

        fprintf(p->f,
                "<g><title>%s: %zu records, %zu stale</title>"
                "<text class=\"label\" x=\"0\" y=\"%zu\">%s</text>"
                "<svg x=\"31%%\" y=\"%zu\" width=\"%s\" height=\"20\">",
                age_step_name(i), s->ages[i], s->planned_ages[i], i * 28 + 17, age_step_name(i),
                i * 28 + 3, "53%");
        if (s->ages[i])
            fprintf(p->f, "<rect class=\"all\" width=\"%.2f%%\" height=\"20\" rx=\"3\"/>",
                    all < 0.8 ? 0.8 : all);
        if (s->planned_ages[i])
            fprintf(p->f, "<rect class=\"go\" width=\"%.2f%%\" height=\"20\" rx=\"3\"/>",
                    go < 0.8 ? 0.8 : go);
        fprintf(p->f, "<text x=\"%.2f%%\" dx=\"8\" y=\"14\">%zu</text></svg></g>\n", all,
                s->ages[i]);
    }
    fputs("</svg>\n<p class=\"key\"><span class=\"go\">stale, goes</span><span>stays</span></p>\n"
          "</figure>\n</section>\n",
          p->f);
}

static void put_reasons(struct page *p)
{
    enum reason top[REASON_COUNT];
    size_t n = report_top_reasons(&p->stats, top);

    fputs("<section class=\"card\">\n<h2>Why records stay</h2>\n<ul class=\"reasons\">\n", p->f);
    for (size_t i = 0; i < n; i++)
        fprintf(p->f, "<li><b>%s</b><span class=\"n\">%zu</span><small>%s</small></li>\n",
                reason_name(top[i]), p->stats.kept[top[i]],
                report_reason_meaning(&p->stats, top[i]));
    if (n == 0)
        fputs("<li>No record was examined.</li>\n", p->f);
    fputs("</ul>\n</section>\n", p->f);
}

static void open_table(struct page *p, const char *attributes, const char *const *heads)
{
    fprintf(p->f, "<div class=\"scroll\">\n<table data-sort%s>\n<thead><tr>", attributes);
    for (; *heads; heads++) {
        bool is_number = **heads == '>';

        fprintf(p->f, "<th scope=\"col\"%s>%s</th>", is_number ? " class=\"n\"" : "",
                *heads + is_number);
    }
    fputs("</tr></thead>\n<tbody>\n", p->f);
}

static void close_table(struct page *p) { fputs("</tbody>\n</table>\n</div>\n", p->f); }

static void put_cell(struct page *p, const char *class, const char *label, const char *text)
{
    fprintf(p->f, "<td class=\"%s\" data-label=\"%s\">", class, label);
    if (text && *text) {
        fputs("<bdi>", p->f);
        html_text(p->f, text);
        fputs("</bdi>", p->f);
    }
    fputs("</td>", p->f);
}

static void put_number(struct page *p, const char *label, long long sort_by, const char *text)
{
    fprintf(p->f, "<td class=\"n\" data-label=\"%s\" data-v=\"%lld\">", label, sort_by);
    html_text(p->f, text);
    fputs("</td>", p->f);
}

static void put_count(struct page *p, const char *label, size_t n)
{
    fprintf(p->f, "<td class=\"n\" data-label=\"%s\" data-v=\"%zu\">%zu</td>", label, n, n);
}

static void put_zones(struct page *p)
{
    static const char *const heads[] = { "Zone",        ">Records",  ">Dynamic", ">Stale", ">Limit",
                                         ">In 30 days", "Intervals", "Skipped",  NULL };

    fprintf(p->f, "<section class=\"card\">\n<h2>Zones (%zu)</h2>\n", p->r->n_zones);
    open_table(p, "", heads);
    for (size_t z = 0; z < p->r->n_zones; z++) {
        const struct zone_plan *plan = p->r->zones[z];
        const struct zone_aging *a = &plan->zone->aging;

        fputs("<tr>", p->f);
        put_cell(p, "name", "Zone",
                 plan->unproven ? talloc_asprintf(p->mem, "%s (transfer %s: unproven)",
                                                  plan->zone->name, plan->unproven)
                                : plan->zone->name);
        put_count(p, "Records", plan->examined);
        put_count(p, "Dynamic", plan->dynamic);
        put_count(p, "Stale", plan->n_removed);
        put_count(p, "Limit", plan->limit);
        put_count(p, "In 30 days", plan->stale_soon);
        put_cell(p, "t", "Intervals",
                 talloc_asprintf(p->mem, "%s + %s", output_interval(p->mem, a->no_refresh_h),
                                 output_interval(p->mem, a->refresh_h)));
        put_cell(p, "why", "Skipped",
                 plan->gate_detail     ? plan->gate_detail
                 : plan->is_over_limit ? "over the limit"
                                       : gate_name(plan->gate));
        fputs("</tr>\n", p->f);
        talloc_free_children(p->mem);
    }
    close_table(p);
    fputs("</section>\n", p->f);
}

/* What every record's row begins with. */
static void put_record(struct page *p, const struct zone_plan *plan, const struct plan_node *node,
                       const struct plan_value *v)
{
    int64_t age_h = (int64_t)p->r->now_h - v->timestamp_h;
    char type[16];

    fputs("<tr>", p->f);
    put_cell(p, "name", "Name", node->name);
    put_cell(p, "zone", "Zone", plan->zone->name);
    put_cell(p, "t", "Type", dnsp_type_name(v->type, type));
    put_cell(p, "data", "Data", v->data);
    put_cell(p, "t", "Refreshed", output_hours(p->mem, v->timestamp_h));
    put_number(p, "Age", (long long)age_h, output_age(p->mem, age_h));
}

static void put_planned_row(const struct zone_plan *plan, const struct plan_node *node,
                            const struct plan_value *v, void *priv)
{
    struct page *p = priv;
    int64_t overdue_h = (int64_t)p->r->now_h - (int64_t)v->stale_at_h;

    put_record(p, plan, node, v);
    put_number(p, "Overdue", (long long)overdue_h, output_age(p->mem, overdue_h));
    if (p->r->is_applied)
        put_cell(p, "t", "Outcome", outcome_name(node->outcome));
    put_cell(p, "why", "Evidence", node->problem ? node->problem : v->detail);
    fputs("</tr>\n", p->f);
    talloc_free_children(p->mem);
}

static void put_plan(struct page *p)
{
    static const char *const planned[] = {
        "Name", "Zone", "Type", "Data", "Refreshed (UTC)", ">Age", ">Overdue", "Evidence", NULL
    };
    static const char *const applied[] = {
        "Name", "Zone",     "Type",    "Data",     "Refreshed (UTC)",
        ">Age", ">Overdue", "Outcome", "Evidence", NULL
    };

    fprintf(p->f, "<section class=\"card\" id=\"plan\">\n<h2>%s (%zu)</h2>\n",
            p->r->run ? "The plan and what became of it" : "The plan: records that go",
            p->stats.planned);
    if (p->stats.planned) {
        open_table(p, " data-filter", p->r->is_applied ? applied : planned);
        report_each_planned(p->r, put_planned_row, p);
        close_table(p);
    } else {
        fputs("<p class=\"soft\">No record goes.</p>\n", p->f);
    }
    fputs("</section>\n", p->f);
}

static void count_saved(const struct zone_plan *plan, const struct plan_node *node,
                        const struct plan_value *v, void *priv)
{
    struct page *p = priv;

    (void)plan;
    (void)node;
    (void)v;
    p->n_saved++;
}

static void put_saved_row(const struct zone_plan *plan, const struct plan_node *node,
                          const struct plan_value *v, void *priv)
{
    struct page *p = priv;

    if (p->n_saved++ >= SAVED_MAX)
        return;
    put_record(p, plan, node, v);
    put_cell(p, "t", "Kept", reason_name(v->reason));
    put_cell(p, "why", "Because", v->detail ? v->detail : plan->gate_detail);
    fputs("</tr>\n", p->f);
    talloc_free_children(p->mem);
}

static void put_saved(struct page *p)
{
    static const char *const heads[] = { "Name", "Zone", "Type",    "Data", "Refreshed (UTC)",
                                         ">Age", "Kept", "Because", NULL };

    report_each_saved(p->r, count_saved, p);
    if (p->n_saved == 0)
        return;
    fprintf(p->f, "<section class=\"card\" id=\"saved\">\n<h2>Stale, but kept (%zu)</h2>\n",
            p->n_saved);
    if (p->n_saved > SAVED_MAX)
        fprintf(p->f, "<p class=\"soft\">The first %d; <code>--json</code> has all.</p>\n",
                SAVED_MAX);
    p->n_saved = 0;
    open_table(p, " data-filter", heads);
    report_each_saved(p->r, put_saved_row, p);
    close_table(p);
    fputs("</section>\n", p->f);
}

static void put_findings(struct page *p)
{
    static const char *const heads[] = { "Name", "Zone", "Data", "Finding", "What", NULL };
    const struct findings *all = p->r->survey ? p->r->survey->findings : NULL;

    if (!all || all->n == 0)
        return;
    fprintf(p->f, "<section class=\"card\" id=\"findings\">\n<h2>Needs a person (%zu)</h2>\n",
            all->n);
    open_table(p, " data-filter", heads);
    for (size_t i = 0; i < all->n; i++) {
        const struct finding *x = &all->all[i];

        fputs("<tr>", p->f);
        put_cell(p, "name", "Name", x->name);
        put_cell(p, "zone", "Zone", x->zone);
        put_cell(p, "data", "Data", x->data);
        put_cell(p, "t", "Finding", finding_name(x->kind));
        put_cell(p, "why", "What", x->detail);
        fputs("</tr>\n", p->f);
    }
    close_table(p);
    fputs("</section>\n", p->f);
}

static void put_source(struct page *p, const char *name, const char *state, const char *what)
{
    fputs("<tr>", p->f);
    put_cell(p, "name", "Source", name);
    put_cell(p, "t", "State", state);
    put_cell(p, "why", "What", what);
    fputs("</tr>\n", p->f);
}

/* What was listened to beside the timestamps, and what could not be. */
static void put_sources(struct page *p)
{
    static const char *const heads[] = { "Source", "State", "What", NULL };
    const struct evidence *ev = p->r->survey ? &p->r->survey->evidence : NULL;
    const struct replicas *others = p->r->replicas;

    if (!ev)
        return;
    fputs("<section class=\"card\" id=\"sources\">\n<h2>Evidence</h2>\n", p->f);
    open_table(p, "", heads);
    for (int s = 0; s < EVIDENCE_COUNT; s++)
        put_source(p, evidence_name((enum evidence_source)s), evidence_state_name(ev->state[s]),
                   ev->problem[s] ? ev->problem[s] : "");
    for (size_t i = 0; others && i < others->n; i++) {
        const struct replica *one = &others->replicas[i];
        char *what = one->is_read
                         ? talloc_asprintf(p->mem, "asked about %zu names, %zu newer there",
                                           one->n_asked, one->n_newer)
                         : talloc_strdup(p->mem, one->why.message);

        put_source(p, one->host, one->is_read ? "read" : "unread", what ? what : "");
    }
    close_table(p);
    fputs("</section>\n", p->f);
}

static void put_page(struct page *p)
{
    char *title = talloc_asprintf(NULL, "%s %s", p->r->run ? "Scavenged" : "Scavenging plan for",
                                  p->r->domain ? p->r->domain : "");

    put_head(p, title ? title : "muster");
    put_title(p, title ? title : "muster");
    put_status(p);
    put_tiles(p);
    fputs("<div class=\"pair\">\n", p->f);
    put_ages(p);
    put_reasons(p);
    fputs("</div>\n", p->f);
    put_plan(p);
    put_findings(p);
    put_saved(p);
    put_sources(p);
    put_zones(p);
    fputs("</main>\n<footer>Made by muster " PACKAGE_VERSION
          "; times are UTC. This page holds everything it shows and loads nothing.</footer>\n"
          "<script>" REPORT_PAGE_SCRIPT "</script>\n</body>\n</html>\n",
          p->f);
    talloc_free(title);
}

char *report_html_text(TALLOC_CTX *mem, const struct scavenge_report *r)
{
    char *text = NULL, *copy = NULL;
    struct page p = { .r = r, .stats = report_stats_of(r) };
    size_t len;

    p.f = open_memstream(&text, &len);
    p.mem = talloc_new(NULL);
    if (p.f && p.mem)
        put_page(&p);
    if (p.f && fclose(p.f) == 0 && p.mem)
        copy = talloc_strdup(mem, text);
    talloc_free(p.mem);
    free(text);
    return copy;
}

enum err report_html_write(const char *path, const struct scavenge_report *r, struct error *e)
{
    char *text = report_html_text(NULL, r);
    enum err rc;

    if (!text)
        return err_nomem(e);
    rc = file_publish_atomic(path, (struct bytes){ (const uint8_t *)text, strlen(text) }, e);
    talloc_free(text);
    return rc;
}
