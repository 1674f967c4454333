#include "ldap/accounts.h"

#include "ldap/account_name.h"
#include "ldap/nodes.h"

struct finding {
    TALLOC_CTX *mem;
    bool is_found;
    char *sid;
};

static enum err take_owner(const struct dns_node *node, void *priv, struct error *e)
{
    struct finding *f = priv;

    if (node->is_conflict || node->is_deleted)
        return OK;
    f->is_found = true;
    if (!node->owner_sid)
        return OK;
    f->sid = talloc_strdup(f->mem, node->owner_sid);
    return f->sid ? OK : err_nomem(e);
}

enum err node_owner_read(TALLOC_CTX *mem, struct directory *d, const char *zone, const char *name,
                         struct node_owner *out, struct error *e)
{
    struct finding f = { .mem = mem };
    struct node_filter filter = { .name = name, .with_tombstones = true, .with_owner = true };
    struct dns_zone *z;
    char *account = NULL;
    enum err rc;

    if ((rc = zone_find(mem, d, zone, &z, e)) ||
        (rc = nodes_walk(d, z, &filter, take_owner, &f, e)))
        return rc;
    if (!f.is_found)
        return err_set(e, ERR_NOTFOUND, "there is no %s in the zone %s", name, zone);
    if (f.sid && (rc = account_name(mem, d, f.sid, &account, e))) {
        if (rc == ERR_NOMEM)
            return rc;
        err_clear(e);
    }
    *out = (struct node_owner){ f.sid, account };
    return OK;
}
