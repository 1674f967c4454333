#include "register/origin.h"

#include "base/log.h"
#include "dns/name.h"
#include "ldap/accounts.h"
#include "ldap/dnsp.h"
#include "ldap/nodes.h"
#include "register/choose.h"
#include "register/machine.h"

/* Whether an old address goes in this run or in a later one is not worth a long wait. */
#define PATIENCE_MS 3000

struct finding {
    const struct ip *ips;
    size_t n;
    struct ip *own;
    size_t n_own;
};

static bool address_of(const struct dnsp_record *r, struct ip *out)
{
    if (!dnsp_data_is_valid(r) || (r->type != DNS_TYPE_A && r->type != DNS_TYPE_AAAA))
        return false;
    *out = ip_from_bytes(r->type == DNS_TYPE_A ? AF_INET : AF_INET6, r->data.data);
    return true;
}

static enum err find_dynamic(const struct dns_node *node, void *priv, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct finding *f = priv;
    enum err rc = tmp ? OK : err_nomem(e);

    for (size_t i = 0; i < node->n_values && !rc; i++) {
        struct dnsp_record *r;
        struct ip ip;

        if (dnsp_record_decode(tmp, node->values[i], &r, NULL) == OK && r->timestamp_h &&
            address_of(r, &ip) && address_is_in(ip, f->ips, f->n) &&
            !address_is_in(ip, f->own, f->n_own))
            f->own[f->n_own++] = ip;
    }
    talloc_free(tmp);
    return rc;
}

static enum err ask_directory(TALLOC_CTX *tmp, const struct host *host,
                              const struct contact *contact, const char *keytab,
                              const struct published *p, struct deadline d, struct finding *f,
                              struct error *e)
{
    struct node_filter filter = { .name = dns_name_relative(tmp, p->fqdn, p->zone) };
    struct node_owner owner = { 0 };
    struct credentials *creds;
    struct directory *directory;
    struct dns_zone *zone;
    enum err rc;

    if (!filter.name)
        return err_nomem(e);
    if ((rc = machine_credentials(tmp, host, contact, keytab, d, &creds, e)) ||
        (rc = machine_directory(creds, contact, creds, d, &directory, e)))
        return rc;
    if (!(rc = node_owner_read(tmp, directory, p->zone, filter.name, &owner, e)) &&
        !(rc = zone_find(tmp, directory, p->zone, &zone, e)) && owner.account &&
        machine_is_account(host->principal, owner.account))
        rc = nodes_walk(directory, zone, &filter, find_dynamic, f, e);
    talloc_free(directory);
    return rc;
}

enum err origin_own_addresses(TALLOC_CTX *mem, const struct host *host,
                              const struct contact *contact, const char *keytab,
                              const struct published *p, const struct ip *ips, size_t n,
                              struct deadline d, struct ip **own, size_t *n_own, struct error *e)
{
    struct finding f = { .ips = ips, .n = n, .own = talloc_array(mem, struct ip, n) };
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct error why = { 0 };
    enum err rc = OK;

    if (!f.own || !tmp) {
        rc = err_nomem(e);
        goto done;
    }
    d = deadline_sooner(d, deadline_in(PATIENCE_MS));
    if (n && ask_directory(tmp, host, contact, keytab, p, d, &f, &why)) {
        log_warning(
            "%s has addresses that this host does not remember, and the directory cannot say "
            "whose they are (%s): left alone",
            p->fqdn, why.message);
        f.n_own = 0;
    }
    *own = f.own;
    *n_own = f.n_own;
done:
    talloc_free(tmp);
    return rc;
}
