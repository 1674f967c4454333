#include "scavenger/replicas.h"

#include <strings.h>

#include "base/log.h"
#include "base/workers.h"
#include "ldap/masters.h"
#include "ldap/pipeline.h"
#include "scavenger/values.h"

/* Names under way on each connection. */
#define WINDOW 64

struct candidate_node {
    struct zone_plan *plan;
    struct plan_node *node;
    const char *partition;
};

struct candidates {
    struct candidate_node *list;
    size_t n;
};

/* A name that the answer is due for. */
struct question {
    size_t at;
    char *dn; /* NULL: free for the next */
};

/* A name that has something newer there. */
struct newer {
    size_t at;
    uint32_t timestamp_h;
};

/* One controller being asked, by a thread that touches nothing else but what nobody changes. */
struct asking {
    const struct master *master;
    struct replica *replica;
    TALLOC_CTX *mem; /* no child of anything */
    struct pipeline *pipeline;
    struct question open[WINDOW];
    size_t next;
    struct newer *newer;
    size_t n_newer;
    enum err rc; /* OK, or lack of memory */
};

/* Who is asked about what. */
struct round {
    struct asking *asked;
    size_t n;
    const struct candidates *candidates;
    replica_open *open;
    void *priv;
};

static bool is_here(const struct plan_node *here, struct bytes value)
{
    for (size_t i = 0; i < here->n_values; i++) {
        if (bytes_equal(here->values[i].raw, value))
            return true;
    }
    return false;
}

/* The earliest stamp among what is to go. */
static uint32_t oldest_to_go(const struct plan_node *here)
{
    uint32_t oldest = UINT32_MAX;

    for (size_t i = 0; i < here->n_values; i++) {
        if (here->values[i].is_removed && here->values[i].timestamp_h < oldest)
            oldest = here->values[i].timestamp_h;
    }
    return oldest;
}

bool replica_is_newer(const struct plan_node *here, const struct dns_node *there,
                      uint32_t *timestamp_h)
{
    uint32_t oldest = oldest_to_go(here);

    if (there->is_tombstoned)
        return false;
    for (size_t i = 0; i < there->n_values; i++) {
        TALLOC_CTX *tmp = talloc_new(NULL);
        struct dnsp_record *r = NULL;
        bool is_newer = false;

        if (!is_here(here, there->values[i])) {
            /* What cannot be read might be anything: it speaks for the name. */
            if (!tmp || dnsp_record_decode(tmp, there->values[i], &r, NULL) != OK)
                is_newer = true;
            else
                is_newer = r->type != DNSP_TYPE_TOMBSTONE &&
                           (r->timestamp_h == 0 || r->timestamp_h > oldest);
            *timestamp_h = r ? r->timestamp_h : 0;
        }
        talloc_free(tmp);
        if (is_newer)
            return true;
    }
    return false;
}

bool replica_is_same(const struct plan_node *here, const struct dns_node *there)
{
    if (there->is_tombstoned || there->n_values != here->n_values)
        return false;
    for (size_t i = 0; i < here->n_values; i++) {
        if (!values_contain(there->values, there->n_values, here->values[i].raw))
            return false;
    }
    return true;
}

static enum err collect(TALLOC_CTX *mem, struct directory *d, struct zone_plan *const *plans,
                        size_t n_plans, struct candidates *out, struct error *e)
{
    size_t max = 0;

    for (size_t i = 0; i < n_plans; i++)
        max += plans[i]->n_nodes;
    out->n = 0;
    if (!(out->list = talloc_array(mem, struct candidate_node, max + 1)))
        return err_nomem(e);
    for (size_t i = 0; i < n_plans; i++) {
        const char *partition = partition_of(directory_naming_contexts(d), plans[i]->zone->dn);

        for (size_t k = 0; k < plans[i]->n_nodes; k++) {
            if (plans[i]->nodes[k].n_removed)
                out->list[out->n++] =
                    (struct candidate_node){ plans[i], &plans[i]->nodes[k], partition };
        }
    }
    return OK;
}

static bool concerns(const struct master *m, const struct candidate_node *c)
{
    return !c->partition || master_holds(m, c->partition);
}

static bool concerns_any(const struct master *m, const struct candidates *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (concerns(m, &c->list[i]))
            return true;
    }
    return false;
}

enum err replica_spare(struct zone_plan *plan, struct plan_node *node, const char *host,
                       uint32_t timestamp_h, struct error *e)
{
    char *detail = timestamp_h
                       ? talloc_asprintf(NULL, "newer at %s: timestamp %u h", host, timestamp_h)
                       : talloc_asprintf(NULL, "static at %s", host);
    enum err rc = detail ? OK : err_nomem(e);

    for (size_t i = 0; i < node->n_values && !rc; i++) {
        if (node->values[i].is_removed)
            rc = plan_spare(plan, node, &node->values[i], REASON_NEWER_ELSEWHERE, detail, e);
    }
    if (!rc)
        log_info("keep %s.%s: %s", node->name, plan->zone->name, detail);
    talloc_free(detail);
    return rc;
}

/* The controller cannot be asked any further. */
static void lose(struct asking *a, const struct error *why)
{
    a->replica->is_read = false;
    a->replica->why = *why;
    TALLOC_FREE(a->pipeline);
}

static enum err note_newer(struct asking *a, size_t at, uint32_t timestamp_h)
{
    struct newer *more = talloc_realloc(a->mem, a->newer, struct newer, a->n_newer + 1);

    if (!more)
        return ERR_NOMEM;
    more[a->n_newer++] = (struct newer){ at, timestamp_h };
    a->newer = more;
    return OK;
}

static enum err one_answer(struct asking *a, const struct candidates *c)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct pipeline_answer answer;
    const struct candidate_node *one;
    struct error why = { 0 };
    uint32_t timestamp_h;
    enum err rc = OK;

    if (!tmp)
        return ERR_NOMEM;
    if (pipeline_next(tmp, a->pipeline, &answer, &why)) {
        lose(a, &why);
        goto done;
    }
    one = &c->list[a->open[answer.tag].at];
    if (answer.rc && answer.rc != ERR_NOTFOUND)
        lose(a, &answer.why);
    else if (answer.rc == OK && replica_is_newer(one->node, answer.node, &timestamp_h))
        rc = note_newer(a, a->open[answer.tag].at, timestamp_h);
    TALLOC_FREE(a->open[answer.tag].dn);
done:
    talloc_free(tmp);
    return rc;
}

static enum err put_question(struct asking *a, const struct candidate_node *one, size_t at)
{
    struct error why = { 0 };
    size_t slot = 0;

    while (a->open[slot].dn)
        slot++;
    a->open[slot] = (struct question){ at, plan_node_dn(a->mem, one->plan, one->node) };
    if (!a->open[slot].dn)
        return ERR_NOMEM;
    a->replica->n_asked++;
    if (pipeline_read(a->pipeline, a->open[slot].dn, slot, &why))
        lose(a, &why);
    return OK;
}

/* Keep its window full and take one answer. */
static enum err ask_further(struct asking *a, const struct candidates *c)
{
    enum err rc = OK;

    while (!rc && a->pipeline && a->next < c->n && pipeline_pending(a->pipeline) < WINDOW) {
        size_t at = a->next++;

        if (concerns(a->master, &c->list[at]))
            rc = put_question(a, &c->list[at], at);
    }
    return !rc && a->pipeline && pipeline_pending(a->pipeline) > 0 ? one_answer(a, c) : rc;
}

static enum err ask(struct asking *a, const struct round *r)
{
    const struct candidates *c = r->candidates;
    struct directory *d;
    struct error why = { 0 };
    enum err rc;

    if (!(a->mem = talloc_new(NULL)))
        return ERR_NOMEM;
    if ((rc = r->open(a->mem, a->replica->host, r->priv, &d, &why))) {
        lose(a, &why);
        return rc == ERR_NOMEM ? rc : OK;
    }
    a->replica->is_read = true;
    rc = pipeline_new(a->mem, d, WINDOW, &a->pipeline, NULL);
    while (!rc && a->pipeline && (a->next < c->n || pipeline_pending(a->pipeline) > 0))
        rc = ask_further(a, c);
    TALLOC_FREE(a->pipeline);
    talloc_free(d);
    return rc;
}

static void ask_job(size_t i, void *priv)
{
    struct round *r = priv;

    if (!r->asked[i].replica->is_hidden)
        r->asked[i].rc = ask(&r->asked[i], r);
}

/* What the threads found, in the order of the controllers. */
static enum err spare_newer(struct asking *a, const struct candidates *c, struct error *e)
{
    enum err rc = a->rc ? err_nomem(e) : OK;

    a->replica->n_newer = a->n_newer;
    for (size_t i = 0; i < a->n_newer && !rc; i++) {
        const struct candidate_node *one = &c->list[a->newer[i].at];

        /* Another controller may have saved it already. */
        if (one->node->n_removed)
            rc = replica_spare(one->plan, one->node, a->replica->host, a->newer[i].timestamp_h, e);
    }
    return rc;
}

static enum err ask_all(struct round *r, struct error *e)
{
    enum err rc = OK;

    workers_run(r->n, WORKERS_MAX, ask_job, r);
    for (size_t i = 0; i < r->n; i++) {
        if (!rc)
            rc = spare_newer(&r->asked[i], r->candidates, e);
        talloc_free(r->asked[i].mem);
    }
    return rc;
}

void replica_hidden(struct error *why)
{
    err_set(why, ERR_DENIED,
            "it is a domain controller, but its NTDS Settings below CN=Sites cannot be read");
    err_hint(why, "let the account that muster runs as read them");
}

enum err replicas_check(TALLOC_CTX *mem, struct directory *d, struct zone_plan *const *plans,
                        size_t n_plans, replica_open *open, void *priv, struct replicas **out,
                        struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct replicas *r = talloc_zero(tmp, struct replicas);
    struct candidates c = { 0 };
    struct round round = { .candidates = &c, .open = open, .priv = priv };
    struct master *masters = NULL;
    size_t n_masters = 0;
    enum err rc;

    if (!r) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = collect(tmp, d, plans, n_plans, &c, e)) ||
        (c.n && (rc = masters_list(r, d, &masters, &n_masters, e))))
        goto done;
    round.asked = talloc_zero_array(tmp, struct asking, n_masters + 1);
    r->replicas = talloc_zero_array(r, struct replica, n_masters + 1);
    if (!round.asked || !r->replicas) {
        rc = err_nomem(e);
        goto done;
    }
    for (size_t i = 0; i < n_masters; i++) {
        struct replica *one = &r->replicas[r->n];

        if (strcasecmp(masters[i].host, directory_host(d)) == 0 || !concerns_any(&masters[i], &c))
            continue;
        round.asked[r->n++] = (struct asking){ .master = &masters[i], .replica = one };
        one->host = masters[i].host;
        one->is_hidden = masters[i].is_hidden;
        if (one->is_hidden)
            replica_hidden(&one->why);
    }
    round.n = r->n;
    if ((rc = ask_all(&round, e)))
        goto done;
    *out = talloc_steal(mem, r);
done:
    talloc_free(tmp);
    return rc;
}
