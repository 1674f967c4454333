#include "scavenger/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dns/rr.h"
#include "ldap/dnsp.h"
#include "ldap/name.h"

#define ZONE_TYPE_PRIMARY 1
#define POOL_MAX (UINT32_MAX / 2)
#define ZONES_MAX UINT16_MAX

/* 16 bytes, its share of the pool (the name; 16 for IPv6) and 4 of by_name. */
struct entry {
    uint32_t address; /* IPv4 in network order, or where in the pool an IPv6 address stands */
    uint32_t name_at; /* relative name in the pool; shared by the addresses of a node */
    uint32_t timestamp_h;
    uint16_t zone;
    unsigned is_ip6 : 1;
    unsigned is_reverse_fresh : 1;
    unsigned life : 3;
    unsigned is_seen_only : 1;
};

struct pairs {
    uint32_t now_h;
    const struct dns_zone **zones;
    size_t n_zones;
    struct entry *all; /* sorted by address, zone, name once sealed */
    size_t n;
    size_t cap;
    uint32_t *by_name; /* indices into all, sorted by zone, name */
    uint32_t *cuts;    /* absolute names in the pool that are delegated, sorted once sealed */
    size_t n_cuts;
    char *pool;
    size_t pool_len;
    size_t pool_cap;
};

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

static enum pair_life life_of(const struct dns_zone *zone, uint32_t timestamp_h, uint32_t now_h)
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
    entry.life = life_of(zone, r->timestamp_h, p->now_h) & 7;
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

static const char *name_of(const struct pairs *p, const struct entry *x)
{
    return p->pool + x->name_at;
}

static struct ip address_of(const struct pairs *p, const struct entry *x)
{
    if (x->is_ip6)
        return ip_from_bytes(AF_INET6, (const uint8_t *)p->pool + x->address);
    return ip_from_bytes(AF_INET, (const uint8_t *)&x->address);
}

static int compare_names(const struct pairs *p, const struct entry *x, uint16_t zone,
                         const char *name)
{
    int order = (x->zone > zone) - (x->zone < zone);

    return order ? order : strcmp(name_of(p, x), name);
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
            life_of(zone, r->timestamp_h, p->now_h) == PAIR_FRESH)
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
