#include "register/machine.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"

#define LDAP_PORT_NUMBER 389

enum err machine_credentials(TALLOC_CTX *mem, const struct host *host,
                             const struct contact *contact, const char *keytab, struct deadline d,
                             struct credentials **out, struct error *e)
{
    return credentials_from_keytab(mem, keytab, host->principal, contact->kdcs, contact->n_kdcs, d,
                                   out, e);
}

enum err machine_prove_controller(const struct host *host, const struct contact *contact,
                                  struct credentials *creds, struct deadline d, struct error *e)
{
    char *service;
    enum err rc;

    if (contact->is_named)
        return OK;
    service = talloc_asprintf(NULL, "ldap/%s/%s", contact->server, host->domain);
    rc = service ? credentials_fetch_ticket(creds, service, d, e) : err_nomem(e);
    if (rc == ERR_AUTH) {
        log_info("%s", e ? e->message : err_name(rc));
        rc = err_set(e, ERR_UNVERIFIED,
                     "DNS names %s as a domain controller of %s, but the KDC knows no service %s",
                     contact->server, host->domain, service);
        err_hint(e, "if this server is to be trusted, name it with --server; else see who answers "
                    "for your name servers");
    }
    talloc_free(service);
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
