#include "ldap/zone_properties.h"

#include "base/log.h"
#include "ldap/dnsproperty.h"

#define ZONE_TYPE_PRIMARY 1

/* DNS_ADDR_ARRAY, MS-DNSP 2.2.3.2.3: 32 bytes, then DNS_ADDR of 64 each. */
#define ADDR_ARRAY_REST 24
#define ADDR_LEN 64
#define WINDOWS_AF_INET 2
#define WINDOWS_AF_INET6 23

struct reading {
    struct dns_zone *zone;
    TALLOC_CTX *mem;
    bool is_aging_doubtful;
    bool has_newer_servers;
    uint32_t seen[256]; /* value of each id read, to tell a repetition from a contradiction */
    bool is_seen[256];
};

static bool is_aging_id(uint32_t id)
{
    return id == DNSPROPERTY_NO_REFRESH || id == DNSPROPERTY_REFRESH || id == DNSPROPERTY_AGING ||
           id == DNSPROPERTY_SCAVENGE_AFTER;
}

/* False, and logged, where it has no number or another value says otherwise. */
static bool read_u32(struct reading *r, const struct dnsproperty *p, uint32_t otherwise,
                     uint32_t *out)
{
    uint8_t id = (uint8_t)p->id;
    uint32_t v;
    bool is_good = dnsproperty_u32(p, otherwise, &v) && (!r->is_seen[id] || r->seen[id] == v);

    if (is_good) {
        r->is_seen[id] = true;
        r->seen[id] = v;
        *out = v;
        return true;
    }
    log_warning("zone %s: property 0x%02x with %zu bytes of data is %s", r->zone->name, p->id,
                p->data.len, r->is_seen[id] ? "contradicted by another" : "not understood");
    if (is_aging_id(p->id))
        r->is_aging_doubtful = true;
    return false;
}

static bool add_server(struct reading *r, struct ip address)
{
    struct dns_zone *z = r->zone;
    struct ip *more =
        talloc_realloc(r->mem, z->scavenging_servers, struct ip, z->n_scavenging_servers + 1);

    if (!more)
        return false;
    more[z->n_scavenging_servers++] = address;
    z->scavenging_servers = more;
    return true;
}

static void forget_servers(struct reading *r, const struct dnsproperty *p)
{
    log_warning("zone %s: scavenging servers (property 0x%02x, %zu bytes) are not understood",
                r->zone->name, p->id, p->data.len);
    r->zone->n_scavenging_servers = 0;
}

/* 0x11: count and IPv4 addresses. */
static bool read_servers(struct reading *r, const struct dnsproperty *p)
{
    struct rd rd = rd_init(p->data);
    uint32_t n = p->data.len > 0 ? rd_le32(&rd) : 0;

    if (rd.bad || rd_left(&rd) / 4 < n) {
        forget_servers(r, p);
        return true;
    }
    r->zone->n_scavenging_servers = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!add_server(r, ip_from_bytes(AF_INET, rd_take(&rd, 4).data)))
            return false;
    }
    return true;
}

static bool read_addr(struct bytes addr, struct ip *out)
{
    struct rd rd = rd_init(addr);
    uint16_t family = rd_le16(&rd);

    rd_be16(&rd); /* port */
    if (family == WINDOWS_AF_INET) {
        *out = ip_from_bytes(AF_INET, rd_take(&rd, 4).data);
        return true;
    }
    rd_be32(&rd); /* flow */
    if (family == WINDOWS_AF_INET6)
        *out = ip_from_bytes(AF_INET6, rd_take(&rd, 16).data);
    return family == WINDOWS_AF_INET6;
}

/* 0x90: the same as DNS_ADDR_ARRAY. */
static bool read_servers_da(struct reading *r, const struct dnsproperty *p)
{
    struct rd rd = rd_init(p->data);
    uint32_t n = 0;

    if (p->data.len > 0) {
        rd_le32(&rd); /* room */
        n = rd_le32(&rd);
        rd_take(&rd, ADDR_ARRAY_REST);
    }
    if (rd.bad || rd_left(&rd) / ADDR_LEN < n) {
        forget_servers(r, p);
        return true;
    }
    r->zone->n_scavenging_servers = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct ip address;

        if (!read_addr(rd_take(&rd, ADDR_LEN), &address)) {
            forget_servers(r, p);
            return true;
        }
        if (!add_server(r, address))
            return false;
    }
    r->has_newer_servers = n > 0;
    return true;
}

static enum zone_update_mode update_mode(uint32_t v)
{
    switch (v) {
    case 0:
        return ZONE_UPDATE_NONE;
    case 1:
        return ZONE_UPDATE_ANY;
    case 2:
        return ZONE_UPDATE_SECURE;
    default:
        return ZONE_UPDATE_UNKNOWN;
    }
}

/* False only without memory. */
static bool read_property(struct reading *r, const struct dnsproperty *p)
{
    struct dns_zone *z = r->zone;
    uint32_t v;

    switch (p->id) {
    case DNSPROPERTY_ZONE_TYPE:
        read_u32(r, p, ZONE_TYPE_PRIMARY, &z->zone_type);
        break;
    case DNSPROPERTY_ALLOW_UPDATE:
        if (p->data.len > 0 && read_u32(r, p, 0, &v))
            z->update = update_mode(v);
        break;
    case DNSPROPERTY_NO_REFRESH:
        read_u32(r, p, ZONE_DEFAULT_INTERVAL_H, &z->aging.no_refresh_h);
        break;
    case DNSPROPERTY_REFRESH:
        read_u32(r, p, ZONE_DEFAULT_INTERVAL_H, &z->aging.refresh_h);
        break;
    case DNSPROPERTY_AGING:
        if (read_u32(r, p, 0, &v))
            z->aging.is_enabled = v != 0;
        break;
    case DNSPROPERTY_SCAVENGE_AFTER:
        read_u32(r, p, 0, &z->aging.scavenge_after_h);
        break;
    case DNSPROPERTY_SCAVENGING_SERVERS_DA:
        return read_servers_da(r, p);
    case DNSPROPERTY_SCAVENGING_SERVERS:
        return r->has_newer_servers || read_servers(r, p);
    }
    return true;
}

enum err zone_properties_read(TALLOC_CTX *mem, struct dns_zone *zone, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct reading r = { .zone = zone, .mem = mem };
    enum err rc = OK;

    zone->zone_type = ZONE_TYPE_PRIMARY;
    zone->update = ZONE_UPDATE_UNKNOWN;
    zone->aging = (struct zone_aging){ .no_refresh_h = ZONE_DEFAULT_INTERVAL_H,
                                       .refresh_h = ZONE_DEFAULT_INTERVAL_H };
    for (size_t i = 0; i < zone->n_properties && rc == OK; i++) {
        struct error why = { 0 };
        struct dnsproperty *p;

        rc = dnsproperty_decode(tmp, zone->properties[i], &p, &why);
        if (rc == ERR_MALFORMED) {
            /* Any property could hide in there, the aging ones too. */
            log_warning("zone %s: %s", zone->name, why.message);
            r.is_aging_doubtful = true;
            rc = OK;
        } else if (rc != OK || !read_property(&r, p)) {
            rc = err_nomem(e);
        }
    }
    if (r.is_aging_doubtful)
        zone->aging.is_enabled = false;
    talloc_free(tmp);
    return rc;
}
