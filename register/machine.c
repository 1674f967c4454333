#include "register/machine.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "dns/name.h"

#define LDAP_PORT_NUMBER 389

enum err machine_credentials(TALLOC_CTX *mem, const struct host *host,
                             const struct contact *contact, const char *keytab, struct deadline d,
                             struct credentials **out, struct error *e)
{
    return credentials_from_keytab(mem, keytab, host->principal, contact->kdcs, contact->n_kdcs, d,
                                   out, e);
}

/* The realm's domain is its name in lower case.  NULL without memory. */
static char *home_domain(TALLOC_CTX *mem, const struct host *host)
{
    char *name = talloc_strdup(mem, host->realm);

    for (char *s = name; s && *s; s++)
        *s = (char)tolower((unsigned char)*s);
    return name;
}

bool machine_is_at_home(const struct host *host, const char *name)
{
    char *home = home_domain(NULL, host);
    bool is = dns_name_within(name, host->domain) || (home && dns_name_within(name, home));

    talloc_free(home);
    return is;
}

/* What no computer but a controller can have as its own.  NULL without memory. */
static char *controller_service(TALLOC_CTX *mem, const struct host *host, const char *server)
{
    char *home = home_domain(NULL, host);
    char *service = home ? talloc_asprintf(mem, "ldap/%s/%s", server, home) : NULL;

    talloc_free(home);
    return service;
}

enum err machine_find_controller(const struct host *host, const char *server,
                                 struct credentials *creds, struct deadline d, bool *is_controller,
                                 struct error *e)
{
    char *service = controller_service(NULL, host, server);
    enum err rc = service ? credentials_find_service(creds, service, credentials_realm(creds), d,
                                                     is_controller, e)
                          : err_nomem(e);

    talloc_free(service);
    return rc;
}

static enum err not_proven(const struct host *host, const char *server, struct error *e)
{
    char *service = controller_service(NULL, host, server);

    if (!service)
        return err_nomem(e);
    err_set(e, ERR_UNVERIFIED,
            "%s cannot be trusted as a domain controller of %s: the KDC knows no service %s",
            server, host->realm, service);
    err_hint(e, "if this server is to be trusted, name it with --server; else see who answers "
                "for your name servers");
    talloc_free(service);
    return ERR_UNVERIFIED;
}

enum err machine_prove_controller(const struct host *host, const struct contact *contact,
                                  struct credentials *creds, struct deadline d, struct error *e)
{
    struct error why = { 0 };
    bool is_controller = false;
    enum err rc;

    if (contact->is_named)
        return OK;
    rc = machine_find_controller(host, contact->server, creds, d, &is_controller, &why);
    if (!rc && !is_controller)
        return not_proven(host, contact->server, e);
    if (rc == ERR_AUTH)
        rc = why.code = ERR_UNVERIFIED;
    if (rc && e) {
        *e = why;
        err_prefix(e, "cannot find out whether %s is a domain controller of %s", contact->server,
                   host->realm);
    }
    return rc;
}

enum err machine_directory(TALLOC_CTX *mem, const struct contact *contact,
                           struct credentials *creds, struct deadline d, struct directory **out,
                           struct error *e)
{
    char *service = talloc_asprintf(mem, "ldap/%s", contact->server);
    struct directory_params p = {
        .fqdn = contact->server,
        .address = dns_conn_server(contact->conn),
        .port = LDAP_PORT_NUMBER,
        .cache_name = credentials_cache_name(creds),
        .timeout_ms = deadline_left(d),
    };
    enum err rc = service ? credentials_fetch_ticket(creds, service, d, e) : err_nomem(e);

    return rc ? rc : directory_open(mem, &p, out, e);
}

bool machine_is_account(const char *principal, const char *account)
{
    size_t name = strcspn(principal, "@"), len = strlen(account);
    size_t label;

    if (strncasecmp(principal, "host/", 5) != 0)
        return len == name && strncasecmp(principal, account, len) == 0;
    /* host/host1.ad.example.test is the account HOST1$. */
    label = strcspn(principal + 5, ".@");
    return len == label + 1 && account[label] == '$' &&
           strncasecmp(principal + 5, account, label) == 0;
}
