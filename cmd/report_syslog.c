#include "cmd/report_syslog.h"

#include <syslog.h>

#include "cmd/output.h"
#include "cmd/report_stats.h"

struct logging {
    const struct scavenge_report *r;
    report_log_line *put;
    void *priv;
    bool is_out_of_memory;
};

/* Names and data come from the directory: control bytes are replaced, what is no UTF-8 is escaped.
 */
static const char *plain(TALLOC_CTX *mem, const char *text)
{
    json_t *json = output_json_text(text ? text : "");
    const char *copy = output_safe(mem, json_string_value(json) ? json_string_value(json) : "?");

    json_decref(json);
    return copy;
}

static void put_deletion(const struct zone_plan *p, const struct plan_node *node,
                         const struct plan_value *v, void *priv)
{
    struct logging *l = priv;
    TALLOC_CTX *tmp;
    char type[16], *line;

    if (node->outcome != OUTCOME_DELETED)
        return;
    tmp = talloc_new(NULL);
    line = tmp ? talloc_asprintf(tmp, "run %s: deleted %s %s %s from zone %s, refreshed %s UTC",
                                 l->r->run, plain(tmp, node->name), dnsp_type_name(v->type, type),
                                 plain(tmp, v->data), plain(tmp, p->zone->name),
                                 output_hours(tmp, v->timestamp_h))
               : NULL;
    if (line)
        l->put(line, l->priv);
    else
        l->is_out_of_memory = true;
    talloc_free(tmp);
}

enum err report_log_lines(const struct scavenge_report *r, report_log_line *put, void *priv,
                          struct error *e)
{
    struct logging l = { r, put, priv, false };
    TALLOC_CTX *tmp;
    char *line;

    if (!r->run)
        return OK;
    report_each_planned(r, put_deletion, &l);
    tmp = talloc_new(NULL);
    line =
        tmp ? talloc_asprintf(tmp,
                              "run %s: scavenged %s as %s at %s: %zu of %zu records deleted, "
                              "%zu changed meanwhile, %zu access denied, %zu failed, %zu unknown",
                              r->run, plain(tmp, r->domain), plain(tmp, r->principal),
                              plain(tmp, r->server), plan_report_count(r, OUTCOME_DELETED),
                              plan_report_planned(r), plan_report_count(r, OUTCOME_REFRESHED),
                              plan_report_count(r, OUTCOME_DENIED),
                              plan_report_count(r, OUTCOME_FAILED),
                              plan_report_count(r, OUTCOME_UNKNOWN))
            : NULL;
    if (line)
        put(line, priv);
    talloc_free(tmp);
    return line && !l.is_out_of_memory ? OK : err_nomem(e);
}

static void put_syslog(const char *text, void *priv)
{
    (void)priv;
    syslog(LOG_NOTICE, "%s", text);
}

enum err report_syslog(const struct scavenge_report *r, struct error *e)
{
    enum err rc;

    if (!r->run)
        return OK;
    openlog("muster", LOG_PID, LOG_AUTHPRIV);
    rc = report_log_lines(r, put_syslog, NULL, e);
    closelog();
    return rc;
}
