#include "cmd/hidden.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/workers.h"
#include "cmd/output.h"
#include "dns/rr.h"
#include "ldap/name.h"
#include "scavenger/host_account.h"

/* For one host, unless --timeout says otherwise. */
#define ONE_MS 3000
/* A KDC that did not answer so often is not asked any more. */
#define FAILURES_MAX 3
/* Threads: a KDC that is far away takes its time. */
#define AT_ONCE 8
/* What a NetBIOS name, and with it an account's, has room for. */
#define ACCOUNT_NAME_MAX 15

/* The host that a value is about: the name itself, or the target of a PTR; lower case, no final
 * dot.  On mem. */
static char *host_of(TALLOC_CTX *mem, const struct zone_plan *p, const struct plan_node *n,
                     const struct plan_value *v)
{
    char *owner, *host;

    if (v->type == DNS_TYPE_PTR)
        return name_fold(mem, v->data ? v->data : "");
    if (strcmp(n->name, "@") == 0)
        return name_fold(mem, p->zone->name);
    owner = talloc_asprintf(NULL, "%s.%s", n->name, p->zone->name);
    host = owner ? name_fold(mem, owner) : NULL;
    talloc_free(owner);
    return host;
}

/* As part of a principal: what Kerberos would part it at is escaped.  On mem. */
static char *escaped(TALLOC_CTX *mem, const char *text)
{
    char *out = talloc_size(mem, 2 * strlen(text) + 1), *to = out;

    for (; out && *text; text++) {
        if (strchr("/@\\", *text))
            *to++ = '\\';
        *to++ = *text;
    }
    if (out)
        *to = '\0';
    return out;
}

struct hidden_asking {
    struct credentials *credentials;
    const char *realm;
    int timeout_ms;
    const char *last; /* asked about, and what came of it: values of a name come together */
    const char *problem;
    bool is_known;
    atomic_size_t n_asked;
    atomic_size_t n_known;
    unsigned failures_max;
    atomic_uint n_failures; /* in a row, as far as threads have one */
    atomic_bool is_given_up;
};

/* The account that is named after the host, by its first len bytes. */
static enum err ask_account(const struct hidden_asking *a, struct credentials *credentials,
                            const char *host, size_t len, struct deadline d, bool *is_known,
                            struct error *e)
{
    char *label = talloc_strndup(NULL, host, len);
    char *name = label ? escaped(label, label) : NULL;
    char *account = name ? talloc_asprintf(label, "%s$", name) : NULL;
    enum err rc = account ? credentials_find_service(credentials, account, a->realm, d, is_known, e)
                          : err_nomem(e);

    talloc_free(label);
    return rc;
}

/* with_account: not only for the service host/HOST. */
static enum err ask(const struct hidden_asking *a, struct credentials *credentials,
                    const char *host, bool with_account, bool *is_known, struct error *e)
{
    struct deadline d = deadline_in(a->timeout_ms);
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *name = escaped(tmp, host);
    char *service = name ? talloc_asprintf(tmp, "host/%s", name) : NULL;
    size_t label = strcspn(host, ".");
    enum err rc = service ? credentials_find_service(credentials, service, a->realm, d, is_known, e)
                          : err_nomem(e);

    if (!rc && !*is_known && with_account)
        rc = ask_account(a, credentials, host, label, d, is_known, e);
    if (!rc && !*is_known && with_account && label > ACCOUNT_NAME_MAX)
        rc = ask_account(a, credentials, host, ACCOUNT_NAME_MAX, d, is_known, e);
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
    a->failures_max = FAILURES_MAX;
    if (!(a->realm = session_realm(ctx, s)))
        return err_nomem(e);
    *out = a;
    return OK;
}

void hidden_end(const struct hidden_asking *a)
{
    output_progress_end();
    if (a->is_given_up)
        log_warning("the KDC failed again and again and was not asked any more: records of hosts "
                    "whose accounts are hidden, or gone, are kept; run again");
    if (a->n_asked)
        log_info("the KDC knows %zu of %zu hosts whose accounts are not among those read",
                 (size_t)a->n_known, (size_t)a->n_asked);
}

/* One that refuses a host its ticket has answered: that host stays, and the next is asked about. */
static bool is_failure(enum err rc)
{
    return rc == ERR_UNREACHABLE || rc == ERR_TIMEOUT || rc == ERR_SERVER;
}

/* *problem on mem.  In any thread, each with its own credentials and mem. */
static enum err find_out(struct hidden_asking *a, TALLOC_CTX *mem, struct credentials *credentials,
                         const char *host, bool with_account, bool *is_known, const char **problem,
                         struct error *e)
{
    struct error why = { 0 };
    enum err rc;

    *is_known = false;
    *problem = NULL;
    if (a->is_given_up) {
        *problem = "it was not asked any more after it had failed";
        return OK;
    }
    rc = ask(a, credentials, host, with_account, is_known, &why);
    if (rc == ERR_NOMEM)
        return err_nomem(e);
    if (!is_failure(rc))
        a->n_failures = 0;
    else if (++a->n_failures >= a->failures_max)
        a->is_given_up = true;
    a->n_known += *is_known;
    output_progress("asked of the KDC", ++a->n_asked, 0);
    if (rc && !(*problem = talloc_strdup(mem, why.message)))
        return err_nomem(e);
    return OK;
}

enum err hidden_ask(struct hidden_asking *a, const char *host, bool *is_known, const char **problem,
                    struct error *e)
{
    enum err rc;

    if (!a->last || strcmp(a->last, host) != 0) {
        if ((rc = find_out(a, a, a->credentials, host, true, &a->is_known, &a->problem, e)))
            return rc;
        if (!(a->last = talloc_strdup(a, host)))
            return err_nomem(e);
    }
    *is_known = a->is_known;
    *problem = a->problem;
    return OK;
}

/* ---- all candidates of a plan ---- */

struct question {
    const char *host;
    bool with_account; /* no account that is shown has its first label as its name */
    bool is_known;
    const char *problem;
};

/* One name, or all: then name is NULL. */
struct hidden_scope {
    const char *domain;
    const char *zone_dn;
    const char *name; /* relative */
};

struct questions {
    struct hidden_asking *asking;
    const struct hidden_scope *scope;
    struct arena *hosts;
    struct question *all; /* sorted, each host once, when sealed */
    size_t n;
    size_t cap;
    atomic_size_t next;
    /* Of each thread. */
    TALLOC_CTX *mem[AT_ONCE];
    enum err rc[AT_ONCE];
    struct error why[AT_ONCE];
};

static int compare_questions(const void *a, const void *b)
{
    return strcmp(((const struct question *)a)->host, ((const struct question *)b)->host);
}

/*
 * No account that is shown is its own, whoever owns the record: DHCP servers and administrators
 * make them for others.
 */
static bool is_in_question(const struct survey *s, const char *host)
{
    size_t n;

    computers_find(s->evidence.computers, host, &n);
    return n == 0 && *host;
}

static enum err add_question(struct questions *q, const struct survey *s, const char *host,
                             struct error *e)
{
    enum account_state state;
    const char *detail;
    enum err rc;

    if (q->n > 0 && strcmp(q->all[q->n - 1].host, host) == 0)
        return OK;
    if (q->n == q->cap) {
        size_t cap = q->cap ? q->cap * 2 : 256;
        struct question *grown = talloc_realloc(q, q->all, struct question, cap);

        if (!grown)
            return err_nomem(e);
        q->all = grown;
        q->cap = cap;
    }
    if ((rc = host_account(q, s->evidence.computers, q->scope->domain, host, &state, &detail, e)))
        return rc;
    talloc_free((void *)(uintptr_t)detail);
    q->all[q->n] = (struct question){ .host = arena_strdup(q->hosts, host),
                                      .with_account = state == ACCOUNT_NONE };
    if (!q->all[q->n].host)
        return err_nomem(e);
    q->n++;
    return OK;
}

static void seal(struct questions *q)
{
    size_t n = 0;

    if (q->n)
        qsort(q->all, q->n, sizeof *q->all, compare_questions);
    for (size_t i = 0; i < q->n; i++) {
        if (n == 0 || strcmp(q->all[n - 1].host, q->all[i].host) != 0)
            q->all[n++] = q->all[i];
    }
    q->n = n;
}

/* One of the threads: it takes the next question until there is none. */
static void answer_job(size_t i, void *priv)
{
    struct questions *q = priv;
    struct credentials *own = NULL;
    struct error *why = &q->why[i];

    q->mem[i] = talloc_new(NULL);
    q->rc[i] = q->mem[i] ? credentials_share(q->mem[i], q->asking->credentials, &own, why)
                         : err_nomem(why);
    for (size_t k; !q->rc[i] && (k = atomic_fetch_add(&q->next, 1)) < q->n;) {
        struct question *one = &q->all[k];

        q->rc[i] = find_out(q->asking, q->mem[i], own, one->host, one->with_account, &one->is_known,
                            &one->problem, why);
    }
    /* Its connection to the KDC is no longer needed. */
    if (own)
        talloc_free(own);
}

static enum err answer_all(struct questions *q, struct error *e)
{
    enum err rc = OK;

    workers_run(q->n < AT_ONCE ? q->n : AT_ONCE, AT_ONCE, answer_job, q);
    for (size_t i = 0; i < AT_ONCE; i++) {
        talloc_steal(q, q->mem[i]);
        if (q->rc[i] && !rc) {
            rc = q->rc[i];
            if (e)
                *e = q->why[i];
        }
    }
    return rc;
}

/* NULL: the KDC does not know it, or it is not in question; else why its records stay, on mem. */
static enum err why_kept(TALLOC_CTX *mem, const struct questions *q, const char *host, char **why,
                         struct error *e)
{
    const struct question key = { .host = host };
    const struct question *one =
        q->n ? bsearch(&key, q->all, q->n, sizeof key, compare_questions) : NULL;

    *why = NULL;
    if (!one || (!one->problem && !one->is_known))
        return OK;
    *why = one->problem
               ? talloc_asprintf(mem, "no account is shown, nor can the KDC be asked for %s: %s",
                                 host, one->problem)
               : talloc_asprintf(mem, "no account is shown, but the KDC knows %s", host);
    return *why ? OK : err_nomem(e);
}

typedef enum err candidate_visit(struct questions *q, const struct survey *s, struct zone_plan *p,
                                 struct plan_node *n, struct plan_value *v, const char *host,
                                 struct error *e);

static enum err collect(struct questions *q, const struct survey *s, struct zone_plan *p,
                        struct plan_node *n, struct plan_value *v, const char *host,
                        struct error *e)
{
    (void)p;
    (void)v;
    (void)n;
    return is_in_question(s, host) ? add_question(q, s, host, e) : OK;
}

static enum err spare(struct questions *q, const struct survey *s, struct zone_plan *p,
                      struct plan_node *n, struct plan_value *v, const char *host, struct error *e)
{
    char *why = NULL;
    enum err rc;

    if (!is_in_question(s, host))
        return OK;
    rc = why_kept(q, q, host, &why, e);
    if (!rc && why)
        rc = plan_spare(p, n, v, REASON_EVIDENCE_MISSING, why, e);
    talloc_free(why);
    return rc;
}

static enum err visit_values(struct questions *q, const struct survey *s, struct zone_plan *p,
                             struct plan_node *n, candidate_visit *visit, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < n->n_values && !rc; i++) {
        char *host;

        if (!n->values[i].is_removed)
            continue;
        host = host_of(NULL, p, n, &n->values[i]);
        rc = host ? visit(q, s, p, n, &n->values[i], host, e) : err_nomem(e);
        talloc_free(host);
    }
    return rc;
}

static bool is_in_scope(const struct hidden_scope *scope, const struct zone_plan *p,
                        const struct plan_node *n)
{
    return !scope->name ||
           (strcmp(p->zone->dn, scope->zone_dn) == 0 && strcasecmp(n->name, scope->name) == 0);
}

static enum err visit_candidates(struct questions *q, const struct survey *s, gate_set overridden,
                                 candidate_visit *visit, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < s->n_builders && !rc; i++) {
        struct plan_builder *b = s->builders[i];
        struct zone_plan *p = b ? plan_builder_plan(b) : NULL;

        if (!p || plan_builder_gate(b, overridden) != GATE_OPEN)
            continue;
        for (size_t k = 0; k < p->n_nodes && !rc; k++) {
            if (is_in_scope(q->scope, p, &p->nodes[k]))
                rc = visit_values(q, s, p, &p->nodes[k], visit, e);
        }
    }
    return rc;
}

enum err hidden_run(struct context *ctx, struct session *s, const struct survey *survey,
                    gate_set overridden, const char *zone_dn, const char *name, struct error *e)
{
    const struct hidden_scope scope = { s->domain, zone_dn, name };
    struct questions *q = talloc_zero(ctx->mem, struct questions);
    enum err rc;

    if (!q || !(q->hosts = arena_new(q))) {
        rc = err_nomem(e);
        goto done;
    }
    q->scope = &scope;
    if ((rc = hidden_begin(ctx, s, &q->asking, e)))
        goto done;
    /* Threads fail together. */
    q->asking->failures_max = FAILURES_MAX * AT_ONCE;
    if ((rc = visit_candidates(q, survey, overridden, collect, e)))
        goto done;
    seal(q);
    if (!(rc = answer_all(q, e)))
        rc = visit_candidates(q, survey, overridden, spare, e);
    hidden_end(q->asking);
done:
    talloc_free(q);
    return rc;
}
