#include "cmd/hidden.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/rr.h"

/* Below this are the accounts and groups that every domain is made with (MS-ADTS 3.1.1.1.9.6). */
#define FIRST_RID 1000
#define ALL_MS 30000
#define ONE_MS 3000

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

/* A name that Kerberos would take apart is no host's. */
static bool is_plain(const char *host) { return *host && *host != '.' && !strpbrk(host, "/@\\ $"); }

static enum err ask(struct credentials *c, const char *host, struct deadline d, bool *is_known,
                    struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *service = talloc_asprintf(tmp, "host/%s", host);
    char *account = talloc_asprintf(tmp, "%.*s$", (int)strcspn(host, "."), host);
    enum err rc;

    if (!service || !account) {
        rc = err_nomem(e);
        goto done;
    }
    rc = credentials_find_own_service(c, service, d, is_known, e);
    if (!rc && !*is_known)
        rc = credentials_find_own_service(c, account, d, is_known, e);
done:
    talloc_free(tmp);
    return rc;
}

struct hidden_asking {
    struct credentials *credentials;
    struct deadline all;
    const char *last; /* asked about, and what came of it: values of a name come together */
    const char *problem;
    bool is_known;
    size_t n_asked;
    size_t n_known;
};

struct hidden_asking *hidden_begin(TALLOC_CTX *mem, struct credentials *c)
{
    struct hidden_asking *a = talloc_zero(mem, struct hidden_asking);

    if (a) {
        a->credentials = c;
        a->all = deadline_in(ALL_MS);
    }
    return a;
}

enum err hidden_ask(struct hidden_asking *a, const char *host, bool *is_known, const char **problem,
                    struct error *e)
{
    struct deadline d = deadline_sooner(a->all, deadline_in(ONE_MS));
    struct error why = { 0 };
    enum err rc = OK;

    if (!a->last || strcmp(a->last, host) != 0) {
        a->is_known = false;
        rc = is_plain(host) ? ask(a->credentials, host, d, &a->is_known, &why) : OK;
        if (rc == ERR_NOMEM)
            return err_nomem(e);
        a->n_asked++;
        a->n_known += a->is_known;
        a->problem = rc ? talloc_strdup(a, why.message) : NULL;
        a->last = talloc_strdup(a, host);
        if (!a->last || (rc && !a->problem))
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
    struct hidden_asking *a = hidden_begin(ctx->mem, s->credentials);
    enum err rc = a ? OK : err_nomem(e);

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
    if (a && a->n_asked)
        log_info("the KDC knows %zu of %zu hosts whose accounts are not among those read",
                 a->n_known, a->n_asked);
    return rc;
}
