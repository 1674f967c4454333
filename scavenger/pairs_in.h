/* What struct pairs is: for pairs.c, which fills it, and pairs_find.c, which looks in it. */
#ifndef SCAVENGER_PAIRS_IN_H
#define SCAVENGER_PAIRS_IN_H

#include <string.h>

#include "scavenger/pairs.h"

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

static inline const char *name_of(const struct pairs *p, const struct entry *x)
{
    return p->pool + x->name_at;
}

static inline struct ip address_of(const struct pairs *p, const struct entry *x)
{
    if (x->is_ip6)
        return ip_from_bytes(AF_INET6, (const uint8_t *)p->pool + x->address);
    return ip_from_bytes(AF_INET, (const uint8_t *)&x->address);
}

static inline int compare_names(const struct pairs *p, const struct entry *x, uint16_t zone,
                                const char *name)
{
    int order = (x->zone > zone) - (x->zone < zone);

    return order ? order : strcmp(name_of(p, x), name);
}

/* Of a record: how it would be judged by its timestamp alone. */
enum pair_life pairs_life_of(const struct dns_zone *zone, uint32_t timestamp_h, uint32_t now_h);

#endif
