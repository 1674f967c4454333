#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dns/rr.h"
#include "ldap/dnsp.h"
#include "ldap/name.h"
#include "scavenger/pairs_in.h"

/* MS-DNSP 2.2.5.1.1 DNS_ZONE_TYPE. */
#define ZONE_TYPE_PRIMARY 1

/* The first place in by_name that is not before (zone, name). */
static size_t find_name(const struct pairs *p, uint16_t zone, const char *name)
{
    size_t low = 0, high = p->n;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (compare_names(p, &p->all[p->by_name[mid]], zone, name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* Called for each entry of an absolute name, in whatever zones hold it. */
typedef void entry_visit_fn(const struct pairs *p, struct entry *x, void *priv);

static void each_of_name(const struct pairs *p, const char *name, entry_visit_fn *visit, void *priv)
{
    for (size_t z = 0; z < p->n_zones; z++) {
        const char *zone = p->zones[z]->name;
        char *relative;

        if (!dns_name_within(name, zone))
            continue;
        relative = dns_name_relative(NULL, name, zone);
        for (size_t at = relative ? find_name(p, (uint16_t)z, relative) : p->n; at < p->n; at++) {
            struct entry *x = &p->all[p->by_name[at]];

            if (compare_names(p, x, (uint16_t)z, relative) != 0)
                break;
            visit(p, x, priv);
        }
        talloc_free(relative);
    }
}

struct lookup {
    const struct ip *address; /* NULL: any */
    const struct ip *except;  /* NULL: none */
    int family;               /* 0: any */
    struct pair best;
    bool is_marking;
};

static void look(const struct pairs *p, struct entry *x, void *priv)
{
    struct lookup *l = priv;
    struct ip address = address_of(p, x);

    if ((l->address && !ip_equal(address, *l->address)) ||
        (l->except && ip_equal(address, *l->except)) || (l->family && address.family != l->family))
        return;
    if (l->is_marking)
        x->is_reverse_fresh = 1;
    l->best.is_reverse_fresh = l->best.is_reverse_fresh || x->is_reverse_fresh;
    if ((enum pair_life)x->life < l->best.life ||
        ((enum pair_life)x->life == l->best.life && x->timestamp_h < l->best.timestamp_h))
        return;
    l->best.life = (enum pair_life)x->life;
    l->best.timestamp_h = x->timestamp_h;
    l->best.is_seen_only = x->is_seen_only;
}

struct pair pairs_find(const struct pairs *p, const char *name, struct ip address)
{
    struct lookup l = { .address = &address };

    each_of_name(p, name, look, &l);
    return l.best;
}

struct pair pairs_of_name(const struct pairs *p, const char *name, int family)
{
    struct lookup l = { .family = family };

    each_of_name(p, name, look, &l);
    return l.best;
}

struct pair pairs_beside(const struct pairs *p, const char *name, struct ip address)
{
    struct lookup l = { .except = &address, .family = address.family };

    each_of_name(p, name, look, &l);
    return l.best;
}

static bool is_delegated(const struct pairs *p, const char *name)
{
    size_t low = 0, high = p->n_cuts;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = strcmp(p->pool + p->cuts[mid], name);

        if (order == 0)
            return true;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return false;
}

bool pairs_holds(const struct pairs *p, const char *name)
{
    for (; name; name = dns_name_parent(name)) {
        for (size_t z = 0; z < p->n_zones; z++) {
            if (strcmp(p->zones[z]->name, name) == 0)
                return p->zones[z]->zone_type == ZONE_TYPE_PRIMARY;
        }
        if (is_delegated(p, name))
            return false;
    }
    return false;
}

static enum err mark_reverse(struct pairs *p, struct ip address, const struct dnsp_record *r,
                             struct error *e)
{
    struct lookup l = { .address = &address, .is_marking = true };
    char *target = dnsp_data_text(NULL, r);
    char *name = target ? name_fold(target, target) : NULL;

    if (name)
        each_of_name(p, name, look, &l);
    talloc_free(target);
    return name ? OK : err_nomem(e);
}

enum err pairs_add_reverse(struct pairs *p, const struct dns_zone *zone,
                           const struct dns_node *node, struct error *e)
{
    TALLOC_CTX *tmp;
    struct ip address;
    char *name;
    enum err rc = OK;

    if (node->is_tombstoned || node->is_conflict || node->is_deleted)
        return OK;
    if (!(tmp = talloc_new(NULL)))
        return err_nomem(e);
    name = dns_name_absolute(tmp, node->name, zone->name);
    if (!name || !dns_name_to_ip(name, &address))
        goto done;
    for (size_t i = 0; i < node->n_values && !rc; i++) {
        struct dnsp_record *r = NULL;

        if (dnsp_record_decode(tmp, node->values[i], &r, NULL) == ERR_NOMEM)
            rc = err_nomem(e);
        if (!rc && r && r->type == DNS_TYPE_PTR && dnsp_data_is_valid(r) &&
            pairs_life_of(zone, r->timestamp_h, p->now_h) == PAIR_FRESH)
            rc = mark_reverse(p, address, r, e);
    }
done:
    talloc_free(tmp);
    return rc;
}

size_t pairs_count(const struct pairs *p) { return p->n; }

enum err pairs_duplicates(const struct pairs *p, duplicate_visit *visit, void *priv,
                          struct error *e)
{
    const struct entry *before = NULL; /* the last fresh one */
    enum err rc = OK;

    for (size_t i = 0; i < p->n && !rc; i++) {
        const struct entry *x = &p->all[i];
        struct duplicate d = { .address = address_of(p, x) };

        if (x->life != PAIR_FRESH)
            continue;
        if (before && ip_equal(address_of(p, before), d.address) &&
            compare_names(p, before, x->zone, name_of(p, x)) != 0) {
            d.zone = p->zones[x->zone];
            d.name = name_of(p, x);
            d.other_zone = p->zones[before->zone];
            d.other_name = name_of(p, before);
            rc = visit(&d, priv, e);
        }
        before = x;
    }
    return rc;
}
