/* Tickets for services, by the ticket-granting one. */
#include <string.h>

#include "base/log.h"
#include "gss-tsig/credentials_in.h"
#include "gss-tsig/obtain.h"

char *credentials_service_principal(TALLOC_CTX *mem, const struct credentials *c,
                                    const char *service)
{
    const char *slash = strchr(service, '/'), *realm = c->realm;
    char *host = slash ? talloc_strndup(NULL, slash + 1, strcspn(slash + 1, "/")) : NULL;
    char **realms = NULL, *principal;

    /* The context forbids looking in DNS for it. */
    if (host && krb5_get_host_realm(c->env->ctx, host, &realms) == 0 && realms[0][0])
        realm = realms[0];
    principal = talloc_asprintf(mem, "%s@%s", service, realm);
    krb5_free_host_realm(c->env->ctx, realms);
    talloc_free(host);
    return principal;
}

enum err credentials_fetch_ticket(struct credentials *c, const char *service, struct deadline d,
                                  struct error *e)
{
    krb5_context ctx = c->env->ctx;
    krb5_principal server = NULL;
    krb5_error_code code;
    char *name = credentials_service_principal(NULL, c, service);
    enum err rc = OK;

    if (!name)
        return err_nomem(e);
    kdc_route_deadline(c->env->route, d);
    code = krb5_parse_name(ctx, name, &server);
    if (!code)
        code = obtain_service(NULL, c->env, c->cache, c->client, server, NULL);
    krb5_free_principal(ctx, server);
    if (code)
        rc = krb5env_error(c->env, code, e, "cannot get a ticket for %s", name);
    talloc_free(name);
    return rc;
}

enum err credentials_find_service(struct credentials *c, const char *service, const char *realm,
                                  struct deadline d, bool *is_known, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *name = talloc_asprintf(tmp, "%s@%s", service, realm), *issuer = NULL;
    krb5_principal server = NULL;
    krb5_error_code code;
    enum err rc = OK;

    if (!name) {
        rc = err_nomem(e);
        goto done;
    }
    kdc_route_deadline(c->env->route, d);
    code = krb5_parse_name(c->env->ctx, name, &server);
    if (!code)
        code = obtain_service(tmp, c->env, c->cache, c->client, server, &issuer);
    krb5_free_principal(c->env->ctx, server);
    if (code && code != KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN) {
        rc = krb5env_error(c->env, code, e, "cannot get a ticket for %s", name);
        goto done;
    }
    if (issuer && strcmp(issuer, realm) != 0)
        log_info("%s is a service of the realm %s: not of this one", name, issuer);
    *is_known = issuer && strcmp(issuer, realm) == 0;
done:
    talloc_free(tmp);
    return rc;
}
