#include "ldap/accounts.h"

#include <string.h>

#include "ldap/nodes.h"
#include "ldap/search.h"

/* MS-DTYP 2.4.2.4; those that own DNS nodes. */
static const char *const well_known[][2] = {
    { "S-1-5-18", "SYSTEM" },
    { "S-1-5-9", "ENTERPRISE DOMAIN CONTROLLERS" },
    { "S-1-5-11", "Authenticated Users" },
    { "S-1-5-32-544", "Administrators" },
};

enum err account_by_sid(TALLOC_CTX *mem, struct directory *d, const char *sid, char **name,
                        struct error *e)
{
    static const char *const attributes[] = { "sAMAccountName", NULL };
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *dn = talloc_asprintf(tmp, "<SID=%s>", sid), *found = NULL;
    struct search s = { .base = dn, .attributes = attributes };
    struct entry *entry;
    enum err rc;

    if (!dn) {
        rc = err_nomem(e);
        goto done;
    }
    for (size_t i = 0; i < sizeof well_known / sizeof well_known[0]; i++) {
        if (strcmp(sid, well_known[i][0]) == 0)
            found = talloc_strdup(tmp, well_known[i][1]);
    }
    if (!found) {
        if ((rc = search_object(tmp, d, &s, &entry, e)))
            goto done;
        found = entry_string(tmp, entry, "sAMAccountName");
    }
    rc = found ? OK : err_set(e, ERR_NOTFOUND, "%s has no account name", sid);
    if (!rc)
        *name = talloc_steal(mem, found);
done:
    talloc_free(tmp);
    return rc;
}

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
    if (f.sid && (rc = account_by_sid(mem, d, f.sid, &account, e))) {
        if (rc == ERR_NOMEM)
            return rc;
        err_clear(e);
    }
    *out = (struct node_owner){ f.sid, account };
    return OK;
}
