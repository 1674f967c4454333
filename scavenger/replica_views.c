#include "scavenger/replica_views.h"

#include <strings.h>

#include "base/workers.h"
#include "ldap/masters.h"

/* One controller's view, read by a thread that touches nothing else but what nobody changes. */
struct looking {
    const struct zone_plan *plan;
    const struct plan_node *node;
    replica_open *open;
    void *priv;
    struct replica_view *views;
    TALLOC_CTX **mem; /* of each, no child of anything */
    enum err *rc;     /* of each: OK, or lack of memory */
};

static void look_job(size_t i, void *priv)
{
    const struct looking *l = priv;
    struct replica_view *view = &l->views[i];
    struct directory *d;
    enum err rc;

    if (view->why.code)
        return;
    if (!(l->mem[i] = talloc_new(NULL))) {
        l->rc[i] = ERR_NOMEM;
        return;
    }
    rc = l->open(l->mem[i], view->host, l->priv, &d, &view->why);
    if (!rc) {
        const char *dn = plan_node_dn(l->mem[i], l->plan, l->node);

        rc = dn ? node_read(l->mem[i], d, dn, &view->node, &view->why) : ERR_NOMEM;
        talloc_free(d);
    }
    view->is_read = rc == OK || rc == ERR_NOTFOUND;
    view->is_same = view->node && replica_is_same(l->node, view->node);
    l->rc[i] = rc == ERR_NOMEM ? rc : OK;
}

/* All at the same time; what they read is on mem then. */
static enum err look_all(TALLOC_CTX *mem, struct looking *l, size_t n, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    enum err rc = OK;

    l->mem = talloc_zero_array(tmp, TALLOC_CTX *, n + 1);
    l->rc = talloc_zero_array(tmp, enum err, n + 1);
    if (!l->mem || !l->rc) {
        talloc_free(tmp);
        return err_nomem(e);
    }
    workers_run(n, WORKERS_MAX, look_job, l);
    for (size_t i = 0; i < n; i++) {
        talloc_steal(mem, l->mem[i]);
        if (l->rc[i])
            rc = err_nomem(e);
    }
    talloc_free(tmp);
    return rc;
}

/* All are judged before the first spares what was to go. */
static enum err judge(struct zone_plan *plan, struct plan_node *node, struct replica_view *views,
                      size_t n, struct error *e)
{
    const struct replica_view *first = NULL;
    uint32_t timestamp_h, first_h = 0;

    for (size_t i = 0; i < n && node->n_removed > 0; i++) {
        views[i].is_newer = views[i].node && replica_is_newer(node, views[i].node, &timestamp_h);
        if (!views[i].is_newer || first)
            continue;
        first = &views[i];
        first_h = timestamp_h;
    }
    return first ? replica_spare(plan, node, first->host, first_h, e) : OK;
}

enum err replica_views_read(TALLOC_CTX *mem, struct directory *d, struct zone_plan *plan,
                            struct plan_node *node, replica_open *open, void *priv,
                            struct replica_view **out, size_t *n, struct error *e)
{
    const char *partition = partition_of(directory_naming_contexts(d), plan->zone->dn);
    struct looking looking = { .plan = plan, .node = node, .open = open, .priv = priv };
    struct replica_view *views = NULL;
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct master *masters;
    size_t n_masters, n_views = 0;
    enum err rc = tmp ? masters_list(tmp, d, &masters, &n_masters, e) : err_nomem(e);

    if (!rc && !(views = talloc_zero_array(tmp, struct replica_view, n_masters + 1)))
        rc = err_nomem(e);
    for (size_t i = 0; !rc && i < n_masters; i++) {
        struct replica_view *view = &views[n_views];

        if (strcasecmp(masters[i].host, directory_host(d)) == 0 ||
            (partition && !master_holds(&masters[i], partition)))
            continue;
        if (!(view->host = talloc_strdup(views, masters[i].host)))
            rc = err_nomem(e);
        else if (masters[i].is_hidden)
            replica_hidden(&view->why);
        n_views++;
    }
    looking.views = views;
    if (!rc)
        rc = look_all(views, &looking, n_views, e);
    if (!rc && !(rc = judge(plan, node, views, n_views, e))) {
        *out = talloc_steal(mem, views);
        *n = n_views;
    }
    talloc_free(tmp);
    return rc;
}
