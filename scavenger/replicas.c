#include "scavenger/replicas.h"

#include <strings.h>

#include "base/log.h"
#include "ldap/masters.h"
#include "ldap/pipeline.h"
#include "scavenger/values.h"

/* Connections at a time, and names under way on each. */
#define GROUP 8
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

/* One controller being asked. */
struct asking {
    const struct master *master;
    struct replica *replica;
    struct pipeline *pipeline;
    size_t next;
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

static enum err spare(const struct candidate_node *c, struct asking *a, uint32_t timestamp_h,
                      struct error *e)
{
    a->replica->n_newer++;
    return replica_spare(c->plan, c->node, a->replica->host, timestamp_h, e);
}

/* The controller cannot be asked any further. */
static void lose(struct asking *a, const struct error *why)
{
    a->replica->is_read = false;
    a->replica->why = *why;
    TALLOC_FREE(a->pipeline);
}

static enum err one_answer(struct asking *a, const struct candidates *c, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct pipeline_answer answer;
    struct error why = { 0 };
    uint32_t timestamp_h;
    enum err rc = OK;

    if (!tmp)
        return err_nomem(e);
    if (pipeline_next(tmp, a->pipeline, &answer, &why))
        lose(a, &why);
    else if (answer.rc && answer.rc != ERR_NOTFOUND)
        lose(a, &answer.why);
    else if (answer.rc == OK && c->list[answer.tag].node->n_removed &&
             replica_is_newer(c->list[answer.tag].node, answer.node, &timestamp_h))
        rc = spare(&c->list[answer.tag], a, timestamp_h, e);
    talloc_free(tmp);
    return rc;
}

/* Keep its window full and take one answer; *is_done when it has none left to give. */
static enum err ask_further(struct asking *a, const struct candidates *c, bool *is_done,
                            struct error *e)
{
    struct error why = { 0 };
    enum err rc = OK;

    while (a->pipeline && a->next < c->n && pipeline_pending(a->pipeline) < WINDOW) {
        size_t at = a->next++;

        /* Another controller may have saved it already. */
        if (!concerns(a->master, &c->list[at]) || c->list[at].node->n_removed == 0)
            continue;
        a->replica->n_asked++;
        if (pipeline_read(a->pipeline, c->list[at].node->dn, at, &why))
            lose(a, &why);
    }
    if (a->pipeline && pipeline_pending(a->pipeline) > 0)
        rc = one_answer(a, c, e);
    *is_done = !a->pipeline || (a->next == c->n && pipeline_pending(a->pipeline) == 0);
    return rc;
}

/* Controllers are all busy while the answers of one are waited for. */
static enum err ask_group(TALLOC_CTX *mem, struct asking *group, size_t n,
                          const struct candidates *c, replica_open *open, void *priv,
                          struct error *e)
{
    size_t n_busy = n;
    enum err rc = OK;

    for (size_t i = 0; i < n; i++) {
        struct error why = { 0 };
        struct directory *d;

        if (open(mem, group[i].replica->host, priv, &d, &why)) {
            lose(&group[i], &why);
            continue;
        }
        group[i].replica->is_read = true;
        if ((rc = pipeline_new(mem, d, WINDOW, &group[i].pipeline, e)))
            return rc;
    }
    while (n_busy > 0 && !rc) {
        n_busy = 0;
        for (size_t i = 0; i < n && !rc; i++) {
            bool is_done;

            rc = ask_further(&group[i], c, &is_done, e);
            n_busy += !is_done;
        }
    }
    return rc;
}

static enum err ask_all(struct replicas *r, const struct master *const *masters,
                        const struct candidates *c, replica_open *open, void *priv, struct error *e)
{
    enum err rc = OK;

    for (size_t at = 0; at < r->n && !rc; at += GROUP) {
        TALLOC_CTX *tmp = talloc_new(NULL);
        struct asking group[GROUP] = { 0 };
        size_t n = 0;

        for (; n < GROUP && at + n < r->n; n++)
            group[n] =
                (struct asking){ .master = masters[at + n], .replica = &r->replicas[at + n] };
        rc = tmp ? ask_group(tmp, group, n, c, open, priv, e) : err_nomem(e);
        talloc_free(tmp);
    }
    return rc;
}

enum err replicas_check(TALLOC_CTX *mem, struct directory *d, struct zone_plan *const *plans,
                        size_t n_plans, replica_open *open, void *priv, struct replicas **out,
                        struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct replicas *r = talloc_zero(tmp, struct replicas);
    const struct master **asked = NULL;
    struct master *masters = NULL;
    struct candidates c = { 0 };
    size_t n_masters = 0;
    enum err rc;

    if (!r) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = collect(tmp, d, plans, n_plans, &c, e)) ||
        (c.n && (rc = masters_list(r, d, &masters, &n_masters, e))))
        goto done;
    asked = talloc_zero_array(tmp, const struct master *, n_masters + 1);
    r->replicas = talloc_zero_array(r, struct replica, n_masters + 1);
    if (!asked || !r->replicas) {
        rc = err_nomem(e);
        goto done;
    }
    for (size_t i = 0; i < n_masters; i++) {
        if (strcasecmp(masters[i].host, directory_host(d)) == 0 || !concerns_any(&masters[i], &c))
            continue;
        asked[r->n] = &masters[i];
        r->replicas[r->n++].host = masters[i].host;
    }
    if ((rc = ask_all(r, asked, &c, open, priv, e)))
        goto done;
    *out = talloc_steal(mem, r);
done:
    talloc_free(tmp);
    return rc;
}
