#include "ldap/nodes.h"

#include "ldap/dnsp.h"
#include "ldap/name.h"
#include "ldap/sd.h"
#include "ldap/search.h"

/*
 * A server may have to find all nodes of a zone before it sends the first; its own limit for that
 * is 120 s (MaxQueryDuration).  A server that left the network is noticed sooner by TCP.
 */
#define FIRST_ANSWER_MS 150000
#define TYPE_SOA 6

static const char *const plain_attributes[] = { "dnsRecord", "dNSTombstoned", "isDeleted", NULL };
static const char *const owner_attributes[] = { "dnsRecord", "dNSTombstoned", "isDeleted",
                                                "nTSecurityDescriptor", NULL };

/* Fields are on mem, or views into the entry. */
static enum err read_node(TALLOC_CTX *mem, struct directory *d, const struct entry *entry,
                          struct dns_node *node, struct error *e)
{
    const struct attribute *descriptor = entry_attribute(entry, "nTSecurityDescriptor");
    struct rdn rdn;
    enum err rc;

    if ((rc = rdn_read(mem, entry->dn, &rdn, e)) != OK)
        return rc;
    *node = (struct dns_node){
        .dn = entry->dn,
        .name = rdn.name,
        .is_tombstoned = entry_is_true(entry, "dNSTombstoned"),
        .is_conflict = rdn.is_conflict,
        .is_deleted = rdn.is_deleted || entry_is_true(entry, "isDeleted"),
    };
    if (descriptor && descriptor->n_values == 1)
        node->owner_sid = sd_owner(mem, descriptor->values[0]);
    return entry_values(mem, d, entry, "dnsRecord", &node->values, &node->n_values, e);
}

struct walk {
    struct directory *d;
    node_visit *visit;
    void *priv;
};

static enum err visit_entry(const struct entry *entry, void *priv, struct error *e)
{
    const struct walk *walk = priv;
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_node node;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    if ((rc = read_node(tmp, walk->d, entry, &node, e)) == OK)
        rc = walk->visit(&node, walk->priv, e);
    talloc_free(tmp);
    return rc;
}

/* NULL for a name that cannot be one, or without memory. */
static char *make_filter(TALLOC_CTX *mem, const struct node_filter *filter)
{
    char *name = filter->name ? name_to_filter(mem, filter->name) : NULL;

    if (filter->name && !name)
        return NULL;
    return talloc_asprintf(mem, "(&(objectClass=dnsNode)%s%s%s%s)", name ? "(name=" : "",
                           name ? name : "", name ? ")" : "",
                           filter->with_tombstones ? "" : "(!(dNSTombstoned=TRUE))");
}

enum err nodes_walk(struct directory *d, const struct dns_zone *zone,
                    const struct node_filter *filter, node_visit *visit, void *priv,
                    struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct walk walk = { d, visit, priv };
    struct search s = {
        .base = zone->dn,
        .attributes = filter->with_owner ? owner_attributes : plain_attributes,
        .with_owner = filter->with_owner,
        .first_answer_ms = FIRST_ANSWER_MS,
    };
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    s.filter = make_filter(tmp, filter);
    if (!s.filter)
        rc = err_set(e, ERR_USAGE, "\"%s\" is not a name", filter->name ? filter->name : "");
    else
        rc = search_children(d, &s, visit_entry, &walk, e);
    talloc_free(tmp);
    return rc;
}

enum err node_read(TALLOC_CTX *mem, struct directory *d, const char *dn, struct dns_node **out,
                   struct error *e)
{
    struct dns_node *node = talloc_zero(NULL, struct dns_node);
    struct search s = { .base = dn, .attributes = owner_attributes, .with_owner = true };
    struct entry *entry;
    enum err rc;

    if (!node)
        return err_nomem(e);
    if ((rc = search_object(node, d, &s, &entry, e)) || (rc = read_node(node, d, entry, node, e)))
        goto done;
    *out = talloc_steal(mem, node);
    return OK;
done:
    talloc_free(node);
    return rc;
}

/* False where the value is not a well-formed SOA. */
static bool soa_serial(TALLOC_CTX *mem, struct bytes value, uint32_t *serial)
{
    struct dnsp_record *rec;
    struct rd r;

    if (dnsp_record_decode(mem, value, &rec, NULL) != OK || rec->type != TYPE_SOA ||
        !dnsp_data_is_valid(rec))
        return false;
    r = rd_init(rec->data);
    *serial = rd_be32(&r);
    return true;
}

enum err zone_serial(struct directory *d, const struct dns_zone *zone, uint32_t *out,
                     struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *dn = talloc_asprintf(tmp, "DC=@,%s", zone->dn);
    struct dns_node *apex;
    enum err rc;

    if (!dn) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = node_read(tmp, d, dn, &apex, e)) != OK)
        goto done;
    for (size_t i = 0; i < apex->n_values; i++) {
        if (soa_serial(tmp, apex->values[i], out))
            goto done;
    }
    rc = err_set(e, ERR_NOTFOUND, "zone %s has no SOA record", zone->name);
done:
    talloc_free(tmp);
    return rc;
}
