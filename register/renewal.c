#include "register/renewal.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "dns/name.h"
#include "ldap/dnsp.h"
#include "ldap/nodes.h"
#include "register/machine.h"

/* What cannot be read in this time is due. */
#define PATIENCE_MS 3000

bool renewal_is_due(const struct renewal *r, const char *owner, uint16_t type, const char *data)
{
    for (size_t i = 0; r && i < r->n_fresh; i++) {
        const struct renewal_record *f = &r->fresh[i];

        if (f->type == type && strcmp(f->owner, owner) == 0 && strcasecmp(f->data, data) == 0)
            return false;
    }
    return true;
}

bool renewal_is_fresh(uint32_t timestamp_h, uint32_t no_refresh_h, uint32_t now_h)
{
    return timestamp_h == 0 || now_h <= (uint64_t)timestamp_h + no_refresh_h;
}

/* One name of a zone while its node is walked. */
struct look {
    struct renewal *r;
    const char *owner;
    uint32_t no_refresh_h;
    uint32_t now_h;
};

static enum err take_value(struct look *l, const struct dnsp_record *value, struct error *e)
{
    struct renewal *r = l->r;
    char *text, type[16];
    bool is_fresh = renewal_is_fresh(value->timestamp_h, l->no_refresh_h, l->now_h);

    if (value->type != DNS_TYPE_A && value->type != DNS_TYPE_AAAA && value->type != DNS_TYPE_PTR)
        return OK;
    text = dnsp_data_text(r, value);
    if (!text)
        return err_nomem(e);
    log_info("%s %s %s: timestamp %u, no-refresh %u h, now %u: %s", l->owner,
             dns_type_name(value->type, type), text, value->timestamp_h, l->no_refresh_h, l->now_h,
             is_fresh ? "not stamped anew" : "to be stamped anew");
    if (!is_fresh)
        return OK;
    r->fresh = talloc_realloc(r, r->fresh, struct renewal_record, r->n_fresh + 1);
    if (!r->fresh)
        return err_nomem(e);
    r->fresh[r->n_fresh++] = (struct renewal_record){ l->owner, value->type, text };
    return OK;
}

static enum err take_node(const struct dns_node *node, void *priv, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    enum err rc = tmp ? OK : err_nomem(e);

    for (size_t i = 0; i < node->n_values && !rc; i++) {
        struct dnsp_record *value;

        if ((rc = dnsp_record_decode(tmp, node->values[i], &value, e)) == OK)
            rc = take_value(priv, value, e);
        else if (rc == ERR_MALFORMED)
            rc = OK;
    }
    talloc_free(tmp);
    return rc;
}

static enum err look_at(TALLOC_CTX *tmp, struct directory *directory, const struct dns_zone *zones,
                        size_t n, const char *zone, const char *owner, uint32_t now_h,
                        struct renewal *r, struct error *e)
{
    struct node_filter filter = { .name = dns_name_relative(tmp, owner, zone) };
    struct look l = { .r = r, .owner = talloc_strdup(r, owner), .now_h = now_h };

    if (!filter.name || !l.owner)
        return err_nomem(e);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(zones[i].name, zone) == 0) {
            l.no_refresh_h = zones[i].aging.no_refresh_h;
            return nodes_walk(directory, &zones[i], &filter, take_node, &l, e);
        }
    }
    return OK;
}

static enum err look_at_all(TALLOC_CTX *tmp, struct directory *directory, const struct published *p,
                            uint32_t now_h, struct renewal *r, struct error *e)
{
    struct dns_zone *zones;
    size_t n;
    enum err rc = zones_list(tmp, directory, &zones, &n, e);

    if (!rc && p->n_addresses)
        rc = look_at(tmp, directory, zones, n, p->zone, p->fqdn, now_h, r, e);
    for (size_t i = 0; i < p->n_reverse && !rc; i++) {
        const struct published_reverse *reverse = &p->reverse[i];

        if (reverse->zone && published_names(reverse, p->fqdn))
            rc = look_at(tmp, directory, zones, n, reverse->zone, reverse->owner, now_h, r, e);
    }
    return rc;
}

static bool has_any(const struct published *p)
{
    for (size_t i = 0; i < p->n_reverse; i++) {
        if (p->reverse[i].zone && published_names(&p->reverse[i], p->fqdn))
            return true;
    }
    return p->n_addresses;
}

/* The KDC knows no directory of a server that is no domain controller: that is nothing to warn of.
 */
static void tell_unknown(const struct contact *contact, const struct published *p,
                         const struct error *why)
{
    if (contact->kind)
        log_warning("cannot read when the records of %s were stamped (%s): they are stamped anew, "
                    "due or not",
                    p->fqdn, why->message);
    else
        log_info("no directory tells when the records of %s were stamped (%s)", p->fqdn,
                 why->message);
}

enum err renewal_read(TALLOC_CTX *mem, const struct host *host, const struct contact *contact,
                      const char *keytab, const struct published *p, uint32_t now_h,
                      struct deadline d, struct renewal **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct renewal *r = talloc_zero(tmp, struct renewal);
    struct error why = { 0 };
    struct credentials *creds;
    struct directory *directory;
    enum err rc;

    if (!r) {
        rc = err_nomem(e);
        goto done;
    }
    d = deadline_sooner(d, deadline_in(PATIENCE_MS));
    rc = OK;
    if (has_any(p) && !(rc = machine_credentials(tmp, host, contact, keytab, d, &creds, &why)) &&
        !(rc = machine_directory(creds, host, contact, creds, d, &directory, &why))) {
        rc = look_at_all(tmp, directory, p, now_h, r, &why);
        talloc_free(directory);
    }
    if (rc == ERR_NOMEM) {
        err_nomem(e);
        goto done;
    }
    if (rc)
        tell_unknown(contact, p, &why);
    rc = OK;
    *out = talloc_steal(mem, r);
done:
    talloc_free(tmp);
    return rc;
}
