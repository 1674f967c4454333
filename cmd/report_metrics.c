#include "cmd/report_metrics.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cmd/output.h"

/* A label's value: backslash, quote and newline escaped, other control bytes and bytes that are no
 * UTF-8 replaced. */
static void put_label(FILE *f, const char *name, const char *value)
{
    json_t *text = output_json_text(value);

    fprintf(f, "%s=\"", name);
    for (const char *c = json_string_value(text); c && *c; c++) {
        if (*c == '\\' || *c == '"')
            fprintf(f, "\\%c", *c);
        else if (*c == '\n')
            fputs("\\n", f);
        else
            fputc((unsigned char)*c < 0x20 || *c == 0x7f ? '?' : *c, f);
    }
    fputc('"', f);
    json_decref(text);
}

static void put_head(FILE *f, const char *name, const char *help)
{
    fprintf(f, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void put_plain(FILE *f, const char *name, const char *help, long long value)
{
    put_head(f, name, help);
    fprintf(f, "%s %lld\n", name, value);
}

static void put_zone(FILE *f, const char *name, const struct zone_plan *p, const char *label,
                     const char *value, size_t n)
{
    fprintf(f, "%s{", name);
    put_label(f, "zone", p->zone->name);
    if (label) {
        fputc(',', f);
        put_label(f, label, value);
    }
    fprintf(f, "} %zu\n", n);
}

/* The figures that each zone has one of. */
static void put_zones(FILE *f, const struct scavenge_report *r)
{
    static const struct {
        const char *name;
        const char *help;
        size_t offset;
    } figures[] = {
        { "muster_scavenge_records", "Records examined.", offsetof(struct zone_plan, examined) },
        { "muster_scavenge_dynamic_records", "Records with a timestamp that can become stale.",
          offsetof(struct zone_plan, dynamic) },
        { "muster_scavenge_stale_records",
          "Records judged stale: what the run deletes or would delete.",
          offsetof(struct zone_plan, n_removed) },
        { "muster_scavenge_stale_soon_records",
          "Fresh records that become stale within 30 days unless refreshed.",
          offsetof(struct zone_plan, stale_soon) },
        { "muster_scavenge_limit_records", "How many records a run may delete.",
          offsetof(struct zone_plan, limit) },
    };

    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        put_head(f, figures[i].name, figures[i].help);
        for (size_t z = 0; z < r->n_zones; z++) {
            size_t n;

            memcpy(&n, (const char *)r->zones[z] + figures[i].offset, sizeof n);
            put_zone(f, figures[i].name, r->zones[z], NULL, NULL, n);
        }
    }
}

static void put_reasons(FILE *f, const struct scavenge_report *r)
{
    static const char name[] = "muster_scavenge_kept_records";

    put_head(f, name, "Records kept, by the reason that decided.");
    for (size_t z = 0; z < r->n_zones; z++) {
        for (int i = 0; i < REASON_COUNT; i++) {
            if (r->zones[z]->kept[i])
                put_zone(f, name, r->zones[z], "reason", reason_name((enum reason)i),
                         r->zones[z]->kept[i]);
        }
    }
}

static void put_gates(FILE *f, const struct scavenge_report *r)
{
    static const char name[] = "muster_scavenge_zone_skipped";

    put_head(f, name, "1 where a gate keeps the zone from being scavenged.");
    for (size_t z = 0; z < r->n_zones; z++) {
        if (r->zones[z]->gate != GATE_OPEN)
            put_zone(f, name, r->zones[z], "gate", gate_name(r->zones[z]->gate), 1);
    }
}

static void put_outcomes(FILE *f, const struct scavenge_report *r)
{
    static const char name[] = "muster_scavenge_outcome_records";

    put_head(f, name, "Records of the plan by what became of them.");
    for (size_t z = 0; z < r->n_zones; z++) {
        const struct zone_plan *p = r->zones[z];

        for (int o = OUTCOME_PLANNED; o <= OUTCOME_UNKNOWN; o++) {
            size_t n = 0;

            for (size_t i = 0; i < p->n_nodes; i++)
                n += p->nodes[i].outcome == (enum outcome)o ? p->nodes[i].n_removed : 0;
            if (n)
                put_zone(f, name, p, "outcome", outcome_name((enum outcome)o), n);
        }
    }
}

static void put_labelled(FILE *f, const char *name, const char *label, const char *value, size_t n)
{
    fprintf(f, "%s{%s=\"%s\"} %zu\n", name, label, value, n);
}

/* What a person should look at, and what could not be looked at. */
static void put_doubts(FILE *f, const struct scavenge_report *r)
{
    static const char findings[] = "muster_scavenge_findings",
                      unread[] = "muster_scavenge_evidence_unread";
    size_t n_unread = 0;

    put_head(f, findings, "What needs a person, by kind.");
    for (int k = 0; k < FINDING_COUNT; k++)
        put_labelled(f, findings, "kind", finding_name((enum finding_kind)k),
                     r->survey->findings->counted[k]);
    put_head(f, unread, "1 where a source of evidence was wanted and could not be read.");
    for (int s = 0; s < EVIDENCE_COUNT; s++)
        put_labelled(f, unread, "source", evidence_name((enum evidence_source)s),
                     r->survey->evidence.state[s] == EVIDENCE_UNREAD);
    for (size_t i = 0; r->replicas && i < r->replicas->n; i++)
        n_unread += !r->replicas->replicas[i].is_read;
    put_plain(f, "muster_scavenge_controllers_unread",
              "Domain controllers that could not be asked for newer timestamps.",
              (long long)n_unread);
}

char *report_metrics_text(TALLOC_CTX *mem, const struct scavenge_report *r, int exit_code)
{
    char *text = NULL, *copy = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    if (!f)
        return NULL;
    put_plain(f, "muster_scavenge_last_run_timestamp_seconds", "When the run began, Unix time.",
              (long long)r->started);
    put_plain(f, "muster_scavenge_success", "1 where the run ended with status 0.", exit_code == 0);
    put_plain(f, "muster_scavenge_exit_code", "The status that the run ended with, see muster(8).",
              exit_code);
    put_plain(f, "muster_scavenge_applied", "1 where the run wrote to the directory, 0 for a plan.",
              r->is_applied && r->run);
    put_head(f, "muster_scavenge_duration_seconds", "How long the run took.");
    fprintf(f, "muster_scavenge_duration_seconds %lld.%03lld\n", (long long)r->took_ms / 1000,
            (long long)r->took_ms % 1000);
    if (r->n_zones) {
        put_zones(f, r);
        put_reasons(f, r);
        put_gates(f, r);
        put_outcomes(f, r);
    }
    if (r->survey)
        put_doubts(f, r);
    if (fclose(f) == 0)
        copy = talloc_strdup(mem, text);
    free(text);
    return copy;
}

enum err report_metrics_write(const char *path, const struct scavenge_report *r, int exit_code,
                              struct error *e)
{
    char *text = report_metrics_text(NULL, r, exit_code);
    enum err rc;

    if (!text)
        return err_nomem(e);
    rc = file_publish_atomic(path, (struct bytes){ (const uint8_t *)text, strlen(text) }, e);
    talloc_free(text);
    return rc;
}
