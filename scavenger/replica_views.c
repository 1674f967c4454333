#include "scavenger/replica_views.h"

#include <strings.h>

#include "ldap/masters.h"

/* Only lack of memory is an error. */
static enum err look(TALLOC_CTX *mem, const struct plan_node *node, replica_open *open, void *priv,
                     struct replica_view *view, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct directory *d;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    rc = open(tmp, view->host, priv, &d, &view->why);
    if (!rc)
        rc = node_read(mem, d, node->dn, &view->node, &view->why);
    view->is_read = rc == OK || rc == ERR_NOTFOUND;
    view->is_same = view->node && replica_is_same(node, view->node);
    talloc_free(tmp);
    return rc == ERR_NOMEM ? err_nomem(e) : OK;
}

static enum err judge(struct zone_plan *plan, struct plan_node *node, struct replica_view *view,
                      struct error *e)
{
    uint32_t timestamp_h;

    if (!view->node || node->n_removed == 0 || !replica_is_newer(node, view->node, &timestamp_h))
        return OK;
    view->is_newer = true;
    return replica_spare(plan, node, view->host, timestamp_h, e);
}

enum err replica_views_read(TALLOC_CTX *mem, struct directory *d, struct zone_plan *plan,
                            struct plan_node *node, replica_open *open, void *priv,
                            struct replica_view **out, size_t *n, struct error *e)
{
    const char *partition = partition_of(directory_naming_contexts(d), plan->zone->dn);
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
        if (!rc && !(rc = look(views, node, open, priv, view, e)))
            n_views++;
    }
    /* What one spares is still to be told by the others: judged when all have been read. */
    for (size_t i = 0; !rc && i < n_views; i++)
        rc = judge(plan, node, &views[i], e);
    if (!rc) {
        *out = talloc_steal(mem, views);
        *n = n_views;
    }
    talloc_free(tmp);
    return rc;
}
