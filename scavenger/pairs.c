#include "scavenger/pairs_in.h"

#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dns/rr.h"
#include "ldap/dnsp.h"
#include "ldap/name.h"

#define ZONE_TYPE_PRIMARY 1
#define POOL_MAX (UINT32_MAX / 2)
#define ZONES_MAX UINT16_MAX

struct pairs *pairs_new(TALLOC_CTX *mem, uint32_t now_h)
{
    struct pairs *p = talloc_zero(mem, struct pairs);

    if (p)
        p->now_h = now_h;
    return p;
}

bool pairs_is_reverse(const struct dns_zone *zone)
{
    return dns_name_within(zone->name, "in-addr.arpa") || dns_name_within(zone->name, "ip6.arpa");
}

static enum err keep_bytes(struct pairs *p, const void *data, size_t len, uint32_t *at,
                           struct error *e)
{
    if (p->pool_len + len > p->pool_cap) {
        size_t cap = p->pool_cap + p->pool_cap / 2 + len + 4096;
        char *pool = cap < POOL_MAX ? talloc_realloc(p, p->pool, char, cap) : NULL;

        if (!pool)
            return err_nomem(e);
        p->pool = pool;
        p->pool_cap = cap;
    }
    memcpy(p->pool + p->pool_len, data, len);
    *at = (uint32_t)p->pool_len;
    p->pool_len += len;
    return OK;
}

static enum err zone_number(struct pairs *p, const struct dns_zone *zone, uint16_t *out,
                            struct error *e)
{
    const struct dns_zone **zones;

    /* Zones come one after the other: nearly always the last. */
    for (size_t i = p->n_zones; i > 0; i--) {
        if (p->zones[i - 1] == zone) {
            *out = (uint16_t)(i - 1);
            return OK;
        }
    }
    if (p->n_zones == ZONES_MAX)
        return err_set(e, ERR_INTERNAL, "more than %d zones", ZONES_MAX);
    zones = talloc_realloc(p, p->zones, const struct dns_zone *, p->n_zones + 1);
    if (!zones)
        return err_nomem(e);
    p->zones = zones;
    *out = (uint16_t)p->n_zones;
    p->zones[p->n_zones++] = zone;
    return OK;
}

enum err pairs_add_zone(struct pairs *p, const struct dns_zone *zone, struct error *e)
{
    uint16_t number;

    return zone_number(p, zone, &number, e);
}

/* NS records below a zone's apex: what is there, and below, is for others to say. */
static enum err add_cut(struct pairs *p, const struct dns_zone *zone, const struct dns_node *node,
                        struct error *e)
{
    size_t cap = talloc_get_size(p->cuts) / sizeof *p->cuts;
    char *name = dns_name_absolute(NULL, node->name, zone->name);
    enum err rc = OK;

    if (p->n_cuts == cap) {
        uint32_t *cuts = talloc_realloc(p, p->cuts, uint32_t, cap + cap / 2 + 16);

        if (cuts)
            p->cuts = cuts;
        else
            rc = err_nomem(e);
    }
    if (!rc)
        rc = name ? keep_bytes(p, name, strlen(name) + 1, &p->cuts[p->n_cuts], e) : err_nomem(e);
    p->n_cuts += rc == OK;
    talloc_free(name);
    return rc;
}

enum pair_life pairs_life_of(const struct dns_zone *zone, uint32_t timestamp_h, uint32_t now_h)
{
    const struct zone_aging *a = &zone->aging;

    if (timestamp_h == 0)
        return PAIR_STATIC;
    if (zone->zone_type != ZONE_TYPE_PRIMARY || !a->is_enabled || timestamp_h > now_h)
        return PAIR_UNKNOWN;
    return now_h <= (uint64_t)timestamp_h + a->no_refresh_h + a->refresh_h ? PAIR_FRESH
                                                                           : PAIR_STALE;
}

static enum err grow(struct pairs *p, struct error *e)
{
    size_t cap = p->cap + p->cap / 2 + 256;
    struct entry *all;

    if (p->n < p->cap)
        return OK;
    all = cap < UINT32_MAX ? talloc_realloc(p, p->all, struct entry, cap) : NULL;
    if (!all)
        return err_nomem(e);
    p->all = all;
    p->cap = cap;
    return OK;
}

static enum err add_record(struct pairs *p, const struct dns_zone *zone, struct entry entry,
                           const struct dnsp_record *r, struct error *e)
{
    enum err rc = OK;

    entry.timestamp_h = r->timestamp_h;
    entry.life = pairs_life_of(zone, r->timestamp_h, p->now_h) & 7;
    entry.is_ip6 = r->type == DNS_TYPE_AAAA;
    if (entry.is_ip6)
        rc = keep_bytes(p, r->data.data, 16, &entry.address, e);
    else
        memcpy(&entry.address, r->data.data, 4);
    if (rc || (rc = grow(p, e)))
        return rc;
    p->all[p->n++] = entry;
    return OK;
}

static bool is_address(const struct dnsp_record *r)
{
    return (r->type == DNS_TYPE_A && r->data.len == 4) ||
           (r->type == DNS_TYPE_AAAA && r->data.len == 16);
}

enum err pairs_add(struct pairs *p, const struct dns_zone *zone, const struct dns_node *node,
                   struct error *e)
{
    TALLOC_CTX *tmp;
    struct entry entry = { .is_seen_only = node->is_seen_only };
    bool has_name = false, is_cut = strcmp(node->name, "@") == 0;
    enum err rc = OK;

    if (node->is_tombstoned || node->is_conflict || node->is_deleted)
        return OK;
    if (!(tmp = talloc_new(NULL)))
        return err_nomem(e);
    for (size_t i = 0; i < node->n_values && !rc; i++) {
        struct dnsp_record *r = NULL;

        if (dnsp_record_decode(tmp, node->values[i], &r, NULL) == ERR_NOMEM)
            rc = err_nomem(e);
        if (!rc && r && r->type == DNS_TYPE_NS && !is_cut) {
            is_cut = true;
            rc = add_cut(p, zone, node, e);
        }
        if (rc || !r || !is_address(r))
            continue;
        if (!has_name && !(rc = zone_number(p, zone, &entry.zone, e)))
            rc = keep_bytes(p, node->name, strlen(node->name) + 1, &entry.name_at, e);
        has_name = true;
        if (!rc)
            rc = add_record(p, zone, entry, r, e);
    }
    talloc_free(tmp);
    return rc;
}

static int compare_addresses(const void *a, const void *b, void *priv)
{
    const struct pairs *p = priv;
    const struct entry *x = &p->all[*(const uint32_t *)a], *y = &p->all[*(const uint32_t *)b];
    struct ip ax = address_of(p, x), ay = address_of(p, y);
    int order = ip_compare(&ax, &ay);

    return order ? order : compare_names(p, x, y->zone, name_of(p, y));
}

static int compare_by_name(const void *a, const void *b, void *priv)
{
    const struct pairs *p = priv;
    const struct entry *y = &p->all[*(const uint32_t *)b];

    return compare_names(p, &p->all[*(const uint32_t *)a], y->zone, name_of(p, y));
}

/* Each place gets what order says, which is used up: every index is its own then. */
static void arrange(struct entry *all, uint32_t *order, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct entry first = all[i];
        size_t at = i;

        while (order[at] != i) {
            size_t from = order[at];

            all[at] = all[from];
            order[at] = (uint32_t)at;
            at = from;
        }
        all[at] = first;
        order[at] = (uint32_t)at;
    }
}

/* Growing leaves room that nobody needs any more. */
static enum err trim(struct pairs *p, struct error *e)
{
    struct entry *all = talloc_realloc(p, p->all, struct entry, p->n);
    char *pool = talloc_realloc(p, p->pool, char, p->pool_len);

    if (!all || !pool)
        return err_nomem(e);
    p->all = all;
    p->pool = pool;
    return OK;
}

static int compare_cuts(const void *a, const void *b, void *priv)
{
    const struct pairs *p = priv;

    return strcmp(p->pool + *(const uint32_t *)a, p->pool + *(const uint32_t *)b);
}

enum err pairs_seal(struct pairs *p, struct error *e)
{
    if (p->n_cuts)
        qsort_r(p->cuts, p->n_cuts, sizeof *p->cuts, compare_cuts, p);
    p->by_name = talloc_array(p, uint32_t, p->n + 1);
    if (!p->by_name)
        return err_nomem(e);
    if (p->n == 0)
        return OK;
    if (trim(p, e))
        return ERR_NOMEM;
    for (size_t i = 0; i < p->n; i++)
        p->by_name[i] = (uint32_t)i;
    /* Sorting takes as much memory again as what is sorted: numbers, not the entries. */
    qsort_r(p->by_name, p->n, sizeof *p->by_name, compare_addresses, p);
    arrange(p->all, p->by_name, p->n);
    qsort_r(p->by_name, p->n, sizeof *p->by_name, compare_by_name, p);
    return OK;
}
