#include "register/origin.h"

#include <string.h>

#include "base/log.h"
#include "dns/name.h"
#include "ldap/accounts.h"
#include "ldap/dnsp.h"
#include "ldap/nodes.h"
#include "register/machine.h"

/* Whether an old record goes in this run or in a later one is not worth a long wait. */
#define PATIENCE_MS 3000

/* One name to be looked at, and where what it has goes. */
struct finding {
    const struct published *p;
    const struct published_reverse *reverse; /* NULL: the own name */
    struct memory *found;
};

/* The value of the own name, or of its PTR, in the form that the memory has; NULL: another. */
static const char *data_of(TALLOC_CTX *tmp, const struct finding *f, const struct dnsp_record *r)
{
    char text[IP_TEXT_MAX], *name, *target;
    struct ip ip;

    if (!dnsp_data_is_valid(r))
        return NULL;
    if (!f->reverse && (r->type == DNS_TYPE_A || r->type == DNS_TYPE_AAAA)) {
        ip = ip_from_bytes(r->type == DNS_TYPE_A ? AF_INET : AF_INET6, r->data.data);
        return published_has_address(f->p, ip) ? talloc_strdup(tmp, ip_format(ip, text)) : NULL;
    }
    if (!f->reverse || r->type != DNS_TYPE_PTR)
        return NULL;
    name = dnsp_data_text(tmp, r);
    if (!name || dns_name_normalise(tmp, name, &target, NULL) || strcmp(target, f->p->fqdn) != 0)
        return NULL;
    return talloc_asprintf(tmp, "%s.", target);
}

static enum err find_dynamic(const struct dns_node *node, void *priv, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct finding *f = priv;
    const struct published_reverse *at = f->reverse;
    enum err rc = tmp ? OK : err_nomem(e);

    for (size_t i = 0; i < node->n_values && !rc; i++) {
        struct memory_record found = { .zone = at ? at->name_zone : f->p->zone,
                                       .name = at ? at->name : f->p->fqdn };
        struct dnsp_record *r;

        if (dnsp_record_decode(tmp, node->values[i], &r, NULL) != OK || !r->timestamp_h ||
            !(found.data = data_of(tmp, f, r)))
            continue;
        found.type = r->type;
        if (!memory_remember(f->found, found))
            rc = err_nomem(e);
    }
    talloc_free(tmp);
    return rc;
}

static enum err look_at(TALLOC_CTX *tmp, struct directory *directory, const struct host *host,
                        struct finding *f, struct error *e)
{
    const char *zone_name = f->reverse ? f->reverse->zone : f->p->zone;
    struct node_filter filter = {
        .name = dns_name_relative(tmp, f->reverse ? f->reverse->owner : f->p->fqdn, zone_name),
    };
    struct node_owner owner = { 0 };
    struct dns_zone *zone;
    enum err rc;

    if (!filter.name)
        return err_nomem(e);
    rc = node_owner_read(tmp, directory, zone_name, filter.name, &owner, e);
    if (!rc && owner.account && machine_is_account(host->principal, owner.account) &&
        !(rc = zone_find(tmp, directory, zone_name, &zone, e)))
        rc = nodes_walk(directory, zone, &filter, find_dynamic, f, e);
    if (rc == ERR_NOTFOUND) {
        err_clear(e);
        rc = OK;
    }
    return rc;
}

static enum err ask_directory(TALLOC_CTX *tmp, const struct host *host,
                              const struct contact *contact, const char *keytab,
                              const struct published *p, struct deadline d, struct memory *found,
                              struct error *e)
{
    struct finding f = { .p = p, .found = found };
    struct credentials *creds;
    struct directory *directory;
    enum err rc;

    if ((rc = machine_credentials(tmp, host, contact, keytab, d, &creds, e)) ||
        (rc = machine_directory(creds, host, contact, creds, d, &directory, e)))
        return rc;
    if (p->n_addresses)
        rc = look_at(tmp, directory, host, &f, e);
    for (size_t i = 0; !rc && i < p->n_reverse; i++) {
        f.reverse = &p->reverse[i];
        if (f.reverse->zone && published_names(f.reverse, p->fqdn))
            rc = look_at(tmp, directory, host, &f, e);
    }
    talloc_free(directory);
    return rc;
}

enum err origin_recover(TALLOC_CTX *mem, const struct host *host, const struct contact *contact,
                        const char *keytab, const struct published *p, struct deadline d,
                        struct memory **out, const char **unknown, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct memory *found = talloc_zero(tmp, struct memory);
    const char *reason = NULL;
    struct error why = { 0 };
    enum err rc = OK;

    if (!found) {
        rc = err_nomem(e);
        goto done;
    }
    d = deadline_sooner(d, deadline_in(PATIENCE_MS));
    if (ask_directory(tmp, host, contact, keytab, p, d, found, &why)) {
        log_info("%s has records that this host does not remember, and the directory cannot say "
                 "whose they are: %s",
                 p->fqdn, why.message);
        if (!(reason = talloc_strdup(tmp, why.message)) ||
            !(found = talloc_zero(tmp, struct memory))) {
            rc = err_nomem(e);
            goto done;
        }
    }
    *out = talloc_steal(mem, found);
    *unknown = talloc_steal(mem, reason);
done:
    talloc_free(tmp);
    return rc;
}
