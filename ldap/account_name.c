#include "ldap/account_name.h"

#include <string.h>

#include "ldap/search.h"

/* Those without an object that can be read (MS-DTYP 2.4.2.4). */
static const char *well_known(const char *sid)
{
    static const struct {
        const char *sid, *name;
    } table[] = {
        { "S-1-5-18", "SYSTEM" },
        { "S-1-5-19", "LOCAL SERVICE" },
        { "S-1-5-20", "NETWORK SERVICE" },
        { "S-1-5-9", "Enterprise Domain Controllers" },
        { "S-1-5-11", "Authenticated Users" },
        { "S-1-5-32-544", "Administrators" },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].sid, sid) == 0)
            return table[i].name;
    }
    return NULL;
}

enum err account_name(TALLOC_CTX *mem, struct directory *d, const char *sid, char **out,
                      struct error *e)
{
    static const char *const attributes[] = { "sAMAccountName", NULL };
    const char *known = well_known(sid);
    struct search s = { .attributes = attributes };
    TALLOC_CTX *tmp;
    struct entry *entry;
    char *name;
    enum err rc;

    if (strncmp(sid, "S-1-", 4) != 0 || strspn(sid, "S-0123456789xABCDEF") != strlen(sid))
        return err_set(e, ERR_USAGE, "\"%s\" is no SID", sid);
    if (known) {
        name = talloc_strdup(mem, known);
        if (!name)
            return err_nomem(e);
        *out = name;
        return OK;
    }
    if (!(tmp = talloc_new(NULL)))
        return err_nomem(e);
    /* A search base of that form finds the object by its SID (MS-ADTS 3.1.1.3.1.2.4). */
    s.base = talloc_asprintf(tmp, "<SID=%s>", sid);
    rc = s.base ? search_object(tmp, d, &s, &entry, e) : err_nomem(e);
    if (!rc && !(name = entry_string(mem, entry, "sAMAccountName")))
        rc = err_set(e, ERR_NOTFOUND, "%s has no sAMAccountName", sid);
    if (!rc)
        *out = name;
    talloc_free(tmp);
    return rc;
}
