#include "cmd/report_syslog.h"

#include <syslog.h>

#include "cmd/output.h"

/* Names and data come from the directory: control bytes are replaced, what is no UTF-8 is escaped.
 */
static const char *plain(TALLOC_CTX *mem, const char *text)
{
    json_t *json = output_json_text(text ? text : "");
    const char *copy = output_safe(mem, json_string_value(json) ? json_string_value(json) : "?");

    json_decref(json);
    return copy;
}

void report_to_syslog(const char *text, void *priv)
{
    (void)priv;
    openlog("muster", LOG_PID, LOG_AUTHPRIV);
    syslog(LOG_NOTICE, "%s", text);
}

static enum err put_and_free(char *line, report_log_line *put, void *priv, struct error *e)
{
    if (!line)
        return err_nomem(e);
    put(line, priv);
    talloc_free(line);
    return OK;
}

enum err report_log_change(const char *run, const struct journal_node *change, report_log_line *put,
                           void *priv, struct error *e)
{
    bool is_deleted = change->outcome == OUTCOME_DELETED;
    TALLOC_CTX *tmp;
    enum err rc = OK;

    if (!is_deleted && change->outcome != OUTCOME_RESTORED)
        return OK;
    if (!(tmp = talloc_new(NULL)))
        return err_nomem(e);
    for (size_t i = 0; i < change->n_records && !rc; i++) {
        const struct journal_record *r = &change->records[i];

        rc = put_and_free(talloc_asprintf(tmp, "run %s: %s %s %s %s %s zone %s, refreshed %s UTC",
                                          run, outcome_name(change->outcome),
                                          plain(tmp, change->name), plain(tmp, r->type),
                                          plain(tmp, r->data), is_deleted ? "from" : "in",
                                          plain(tmp, change->zone),
                                          output_hours(tmp, r->timestamp_h)),
                          put, priv, e);
    }
    talloc_free(tmp);
    return rc;
}

enum err report_log_run(const struct scavenge_report *r, report_log_line *put, void *priv,
                        struct error *e)
{
    TALLOC_CTX *tmp;
    enum err rc;

    if (!r->run)
        return OK;
    if (!(tmp = talloc_new(NULL)))
        return err_nomem(e);
    rc = put_and_free(
        talloc_asprintf(tmp,
                        "run %s: scavenged %s as %s at %s: %zu of %zu records deleted, "
                        "%zu changed meanwhile, %zu access denied, %zu failed, %zu unknown",
                        r->run, plain(tmp, r->domain), plain(tmp, r->principal),
                        plain(tmp, r->server), plan_report_count(r, OUTCOME_DELETED),
                        plan_report_planned(r), plan_report_count(r, OUTCOME_REFRESHED),
                        plan_report_count(r, OUTCOME_DENIED), plan_report_count(r, OUTCOME_FAILED),
                        plan_report_count(r, OUTCOME_UNKNOWN)),
        put, priv, e);
    talloc_free(tmp);
    return rc;
}

enum err report_log_restore(const struct restore_log *r, report_log_line *put, void *priv,
                            struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    size_t n_restored = 0, n_all = 0;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    for (size_t i = 0; i < r->plan->n_changes; i++) {
        const struct journal_node *c = &r->plan->changes[i];

        n_all += c->n_records;
        n_restored += c->outcome == OUTCOME_RESTORED ? c->n_records : 0;
    }
    rc = put_and_free(talloc_asprintf(tmp,
                                      "run %s: restored run %s as %s at %s: %zu of %zu records put "
                                      "back",
                                      r->run, r->of, plain(tmp, r->principal),
                                      plain(tmp, r->server), n_restored, n_all),
                      put, priv, e);
    talloc_free(tmp);
    return rc;
}
