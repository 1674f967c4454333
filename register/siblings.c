#include "register/siblings.h"

#include <string.h>

#include "register/identity.h"

enum err siblings_of(TALLOC_CTX *mem, const struct register_options *opt, const struct host *host,
                     struct siblings *out, struct error *e)
{
    struct siblings s = { .names = talloc_array(mem, const char *, opt->n_siblings) };

    if (!s.names)
        return err_nomem(e);
    for (size_t i = 0; i < opt->n_siblings; i++) {
        const struct register_sibling *one = &opt->siblings[i];
        const char *domain = one->domain ? one->domain : host->domain, *name = one->hostname;
        char *own = NULL, *fqdn;
        enum err rc = name ? OK : identity_hostname(s.names, &own, NULL);

        if (!rc)
            rc = identity_fqdn(s.names, name ? name : own, domain, &fqdn, NULL);
        if (rc == ERR_NOMEM)
            return err_nomem(e);
        if (!rc && strcmp(fqdn, host->fqdn) != 0)
            s.names[s.n++] = fqdn;
    }
    *out = s;
    return OK;
}

bool siblings_want(const struct siblings *s, const char *name)
{
    size_t len = strlen(name);

    if (len && name[len - 1] == '.')
        len--;
    for (size_t i = 0; s && i < s->n; i++) {
        if (strlen(s->names[i]) == len && strncmp(s->names[i], name, len) == 0)
            return true;
    }
    return false;
}
