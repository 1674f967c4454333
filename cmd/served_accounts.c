#include "cmd/served_accounts.h"

#include <string.h>

#include "base/log.h"
#include "cmd/hidden.h"
#include "dns/name.h"
#include "dns/rr.h"
#include "scavenger/host_account.h"

struct accounts {
    struct context ctx; /* whose --server is a name server */
    struct session *session;
    struct computers *computers; /* NULL: not read */
    struct hidden_asking *kdc;
    char *problem;            /* why not */
    const char *const *hosts; /* NULL: all candidates */
    size_t n_hosts;
};

/* Addresses without a heartbeat: candidates, or any where somebody wants to know. */
static bool is_asked_for(const struct accounts *a, const struct plan_value *v)
{
    return v->source == STAMP_SIGHTINGS && (v->is_removed || a->hosts) && v->observed &&
           (v->type == DNS_TYPE_A || v->type == DNS_TYPE_AAAA);
}

static bool is_wanted(const struct accounts *a, const char *host)
{
    for (size_t i = 0; a->hosts && i < a->n_hosts; i++) {
        if (strcmp(a->hosts[i], host) == 0)
            return true;
    }
    return a->hosts == NULL;
}

static bool asks_for_none(const struct zone_plan *p)
{
    return p->signals && p->signals->wants_no_account;
}

static bool has_candidate(const struct accounts *a, const struct survey *s, gate_set overridden)
{
    for (size_t i = 0; i < s->n_builders; i++) {
        const struct zone_plan *p = plan_builder_plan(s->builders[i]);

        if (!asks_for_none(p) ||
            (!a->hosts && plan_builder_gate(s->builders[i], overridden) != GATE_OPEN))
            continue;
        for (size_t k = 0; k < p->n_nodes; k++) {
            for (size_t j = 0; j < p->nodes[k].n_values; j++) {
                if (is_asked_for(a, &p->nodes[k].values[j]))
                    return true;
            }
        }
    }
    return false;
}

/* What goes wrong is no error: it keeps records. */
static enum err read_accounts(struct accounts *a, struct survey *s, struct error *e)
{
    struct error why = { 0 };
    enum err rc;

    a->ctx.is_server_other = true;
    if ((rc = session_open(&a->ctx, &a->session, &why)) == OK)
        rc = computers_read(s, a->session->directory, &a->computers, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    s->evidence.state[EVIDENCE_ACCOUNTS] = rc ? EVIDENCE_UNREAD : EVIDENCE_READ;
    s->evidence.computers = a->computers;
    if (!rc)
        return hidden_begin(&a->ctx, a->session, &a->kdc, e);
    log_warning("missing-account: the computer accounts could not be read: %s", why.message);
    s->evidence.problem[EVIDENCE_ACCOUNTS] = talloc_strdup(s, why.message);
    a->problem = talloc_asprintf(s, "the computer accounts could not be read: %s", why.message);
    return a->problem && s->evidence.problem[EVIDENCE_ACCOUNTS] ? OK : err_nomem(e);
}

/* One that the directory does not show may only be hidden. */
static enum err ask_kdc(struct accounts *a, TALLOC_CTX *mem, const char *host,
                        struct observation *o, struct error *e)
{
    const char *problem;
    bool is_known;
    enum err rc = hidden_ask(a->kdc, host, &is_known, &problem, e);

    if (rc || (!problem && !is_known))
        return rc;
    o->account = ACCOUNT_UNREAD;
    o->account_detail =
        problem ? talloc_asprintf(mem,
                                  "no computer account is shown, nor can the KDC be asked "
                                  "for %s: %s",
                                  host, problem)
                : talloc_asprintf(mem, "no computer account is shown, but the KDC knows %s", host);
    return o->account_detail ? OK : err_nomem(e);
}

static enum err look_up(struct accounts *a, TALLOC_CTX *mem, const char *host,
                        struct observation *o, struct error *e)
{
    enum err rc;

    if (!a->computers) {
        o->account = ACCOUNT_UNREAD;
        o->account_detail = a->problem;
        return OK;
    }
    rc = host_account(mem, a->computers, a->session->domain, host, &o->account, &o->account_detail,
                      e);
    return rc || o->account != ACCOUNT_NONE ? rc : ask_kdc(a, mem, host, o, e);
}

static enum err judge_value(struct accounts *a, struct zone_plan *p, struct plan_node *node,
                            struct plan_value *v, const char *host, struct error *e)
{
    struct observation *o = talloc_memdup(p, v->observed, sizeof *o);
    enum reason reason;
    enum err rc = o ? look_up(a, p, host, o, e) : err_nomem(e);

    if (rc)
        return rc;
    v->observed = o;
    if ((reason = signal_account(p->signals, o)) == REASON_STALE || !v->is_removed)
        return OK;
    log_debug("keep %s, unchanged for long: %s", host, o->account_detail);
    return plan_spare(p, node, v, reason, NULL, e);
}

static enum err judge_node(struct accounts *a, struct zone_plan *p, struct plan_node *node,
                           struct error *e)
{
    char *host = dns_name_absolute(NULL, node->name, p->zone->name);
    enum err rc = host ? OK : err_nomem(e);

    for (size_t k = 0; k < node->n_values && !rc && is_wanted(a, host); k++) {
        if (is_asked_for(a, &node->values[k]))
            rc = judge_value(a, p, node, &node->values[k], host, e);
    }
    talloc_free(host);
    return rc;
}

enum err served_accounts_ask(struct context *ctx, struct survey *survey, gate_set overridden,
                             const char *const *hosts, size_t n_hosts, struct error *e)
{
    struct accounts a = { .ctx = *ctx, .hosts = hosts, .n_hosts = n_hosts };
    enum err rc;

    if (!has_candidate(&a, survey, overridden))
        return OK;
    rc = read_accounts(&a, survey, e);
    for (size_t i = 0; i < survey->n_builders && !rc; i++) {
        struct zone_plan *p = plan_builder_plan(survey->builders[i]);

        for (size_t k = 0; asks_for_none(p) && k < p->n_nodes && !rc; k++)
            rc = judge_node(&a, p, &p->nodes[k], e);
    }
    if (a.kdc)
        hidden_end(a.kdc);
    return rc;
}
