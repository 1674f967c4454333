#include "ldap/batch.h"

#include <string.h>

#include "ldap/name.h"

const char *batch_parent(const char *dn)
{
    if (strchr(dn, '"'))
        return NULL;
    for (; *dn; dn++) {
        if (*dn == ',')
            return dn[1] ? dn + 1 : NULL;
        if (*dn == '\\' && !*++dn)
            return NULL;
    }
    return NULL;
}

/* The naming attribute is not always the indexed one, `name` has the same value and is. */
static enum err add_name(TALLOC_CTX *mem, char **filter, const char *dn, struct error *e)
{
    struct rdn rdn;
    char *value;
    enum err rc = rdn_read(mem, dn, &rdn, e);

    if (rc)
        return rc;
    value = name_to_filter(mem, rdn.name);
    *filter = value ? talloc_asprintf_append_buffer(*filter, "(name=%s)", value) : NULL;
    return *filter ? OK : err_nomem(e);
}

enum err batch_search(TALLOC_CTX *mem, const char *const *dns, size_t n, struct search *out,
                      struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *filter = talloc_strdup(tmp, "(|");
    enum err rc = filter ? OK : err_nomem(e);

    for (size_t i = 0; i < n && !rc; i++)
        rc = add_name(tmp, &filter, dns[i], e);
    if (!rc && !(filter = talloc_strdup_append_buffer(filter, ")")))
        rc = err_nomem(e);
    if (!rc)
        *out = (struct search){
            .base = batch_parent(dns[0]),
            .filter = talloc_steal(mem, filter),
            /* One level would have a server list the container's children first. */
            .is_subtree = true,
        };
    talloc_free(tmp);
    return rc;
}
