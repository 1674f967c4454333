#include "cmd/hidden.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cmd/output.h"
#include "dns/rr.h"

/* Below this are the accounts and groups that every domain is made with (MS-ADTS 3.1.1.1.9.6). */
#define FIRST_RID 1000
/* For one host, unless --timeout says otherwise. */
#define ONE_MS 3000
/* A KDC that did not answer so often is not asked any more. */
#define FAILURES_MAX 3

/* Of the domain, not among the computers that were read, and not one of those it is made with. */
static bool is_orphan(const struct survey *s, const char *owner)
{
    const char *rid = owner ? strrchr(owner, '-') : NULL;
    struct computer *one;

    return rid && strtoul(rid + 1, NULL, 10) >= FIRST_RID &&
           computers_by_sid(s->evidence.computers, owner, &one) == SID_DOMAIN;
}

/* The host that a value is about: the name itself, or the target of a PTR; no final dot.  On mem.
 */
static char *host_of(TALLOC_CTX *mem, const struct zone_plan *p, const struct plan_node *n,
                     const struct plan_value *v)
{
    size_t len;

    if (v->type == DNS_TYPE_PTR) {
        len = v->data ? strlen(v->data) : 0;
        return talloc_strndup(mem, v->data ? v->data : "",
                              len && v->data[len - 1] == '.' ? len - 1 : len);
    }
    return strcmp(n->name, "@") == 0 ? talloc_strdup(mem, p->zone->name)
                                     : talloc_asprintf(mem, "%s.%s", n->name, p->zone->name);
}

/* Kerberos would take it apart; it is no host's. */
static bool is_plain(const char *host) { return *host && *host != '.' && !strpbrk(host, "/@\\ $"); }

struct hidden_asking {
    struct credentials *credentials;
    const char *realm;
    int timeout_ms;
    const char *last; /* asked about, and what came of it: values of a name come together */
    const char *problem;
    bool is_known;
    size_t n_asked;
    size_t n_known;
    unsigned n_failures; /* in a row */
};

static enum err ask(const struct hidden_asking *a, const char *host, bool *is_known,
                    struct error *e)
{
    struct deadline d = deadline_in(a->timeout_ms);
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *service = talloc_asprintf(tmp, "host/%s", host);
    char *account = talloc_asprintf(tmp, "%.*s$", (int)strcspn(host, "."), host);
    enum err rc;

    if (!service || !account) {
        rc = err_nomem(e);
        goto done;
    }
    rc = credentials_find_service(a->credentials, service, a->realm, d, is_known, e);
    if (!rc && !*is_known)
        rc = credentials_find_service(a->credentials, account, a->realm, d, is_known, e);
done:
    talloc_free(tmp);
    return rc;
}

enum err hidden_begin(struct context *ctx, struct session *s, struct hidden_asking **out,
                      struct error *e)
{
    struct hidden_asking *a = talloc_zero(ctx->mem, struct hidden_asking);
    enum err rc = a ? options_timeout_ms(ctx->options, ONE_MS, &a->timeout_ms, e) : err_nomem(e);

    if (rc)
        return rc;
    a->credentials = s->credentials;
    if (!(a->realm = session_realm(ctx, s)))
        return err_nomem(e);
    *out = a;
    return OK;
}

void hidden_end(const struct hidden_asking *a)
{
    output_progress_end();
    if (a->n_failures == FAILURES_MAX)
        log_warning("the KDC failed %d times and was not asked any more: records of hosts whose "
                    "accounts are hidden, or gone, are kept; run again",
                    FAILURES_MAX);
    if (a->n_asked)
        log_info("the KDC knows %zu of %zu hosts whose accounts are not among those read",
                 a->n_known, a->n_asked);
}

static enum err find_out(struct hidden_asking *a, const char *host, struct error *e)
{
    struct error why = { 0 };
    enum err rc;

    a->is_known = false;
    a->problem = NULL;
    if (!is_plain(host)) {
        a->problem = "it cannot be asked for a name like that";
        return OK;
    }
    if (a->n_failures == FAILURES_MAX) {
        a->problem = "it was not asked any more after it had failed";
        return OK;
    }
    rc = ask(a, host, &a->is_known, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    a->n_failures = rc ? a->n_failures + 1 : 0;
    output_progress("asked of the KDC", ++a->n_asked, 0);
    a->n_known += a->is_known;
    if (rc && !(a->problem = talloc_strdup(a, why.message)))
        return err_nomem(e);
    return OK;
}

enum err hidden_ask(struct hidden_asking *a, const char *host, bool *is_known, const char **problem,
                    struct error *e)
{
    enum err rc;

    if (!a->last || strcmp(a->last, host) != 0) {
        if ((rc = find_out(a, host, e)))
            return rc;
        if (!(a->last = talloc_strdup(a, host)))
            return err_nomem(e);
    }
    *is_known = a->is_known;
    *problem = a->problem;
    return OK;
}

/* NULL: the KDC does not know it; else why the records of that host stay. */
static enum err judge(struct hidden_asking *a, const char *host, char **why, struct error *e)
{
    const char *problem;
    bool is_known;
    enum err rc = hidden_ask(a, host, &is_known, &problem, e);

    *why = NULL;
    if (rc || (!problem && !is_known))
        return rc;
    *why = problem ? talloc_asprintf(a, "its owner cannot be read, nor the KDC be asked for %s: %s",
                                     host, problem)
                   : talloc_asprintf(a, "its owner cannot be read, but the KDC knows %s", host);
    return *why ? OK : err_nomem(e);
}

static enum err ask_about(struct hidden_asking *a, struct zone_plan *p, struct plan_node *n,
                          struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < n->n_values && !rc; i++) {
        char *why = NULL, *host;

        if (!n->values[i].is_removed)
            continue;
        host = host_of(a, p, n, &n->values[i]);
        if (!host)
            return err_nomem(e);
        rc = judge(a, host, &why, e);
        if (!rc && why)
            rc = plan_spare(p, n, &n->values[i], REASON_EVIDENCE_MISSING, why, e);
    }
    return rc;
}

enum err hidden_run(struct context *ctx, struct session *s, const struct survey *survey,
                    gate_set overridden, struct error *e)
{
    struct hidden_asking *a;
    enum err rc = hidden_begin(ctx, s, &a, e);

    if (rc)
        return rc;
    for (size_t i = 0; i < survey->n_builders && !rc; i++) {
        struct plan_builder *b = survey->builders[i];
        struct zone_plan *p = b ? plan_builder_plan(b) : NULL;

        if (!p || plan_builder_gate(b, overridden) != GATE_OPEN)
            continue;
        for (size_t k = 0; k < p->n_nodes && !rc; k++) {
            if (is_orphan(survey, p->nodes[k].owner_sid))
                rc = ask_about(a, p, &p->nodes[k], e);
        }
    }
    hidden_end(a);
    return rc;
}
