#include "register/siblings.h"

#include <string.h>

#include "gss-tsig/credentials.h"
#include "register/identity.h"

/* As host_identify() finds it; where its keytab cannot be read, the domain of this one.  NULL
 * without memory. */
static const char *domain_of(TALLOC_CTX *mem, const struct register_sibling *s,
                             const struct host *host)
{
    char *principal, *realm;
    enum err rc;

    if (s->domain)
        return s->domain;
    rc = credentials_identity(mem, s->keytab ? s->keytab : REGISTER_KEYTAB, s->principal,
                              &principal, &realm, NULL);
    return rc == ERR_NOMEM ? NULL : rc ? host->domain : realm;
}

enum err siblings_of(TALLOC_CTX *mem, const struct register_options *opt, const struct host *host,
                     struct siblings *out, struct error *e)
{
    struct siblings s = { .names = talloc_array(mem, const char *, opt->n_siblings) };

    if (!s.names)
        return err_nomem(e);
    for (size_t i = 0; i < opt->n_siblings; i++) {
        const struct register_sibling *one = &opt->siblings[i];
        const char *domain = domain_of(s.names, one, host), *name = one->hostname;
        char *own = NULL, *fqdn;
        enum err rc = name ? OK : identity_hostname(s.names, &own, NULL);

        if (!rc && domain)
            rc = identity_fqdn(s.names, name ? name : own, domain, &fqdn, NULL);
        if (rc == ERR_NOMEM || !domain)
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
