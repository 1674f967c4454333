#include "scavenger/served_nodes.h"

#include <string.h>

#include "dns/heartbeat.h"
#include "dns/name.h"
#include "ldap/dnsp_rr.h"
#include "ldap/name.h"

char *served_uri(TALLOC_CTX *mem, const char *primary, const char *name)
{
    return talloc_asprintf(mem, SERVED_URI "%s/%s", primary, name);
}

bool served_is_uri(const char *dn)
{
    return dn && strncmp(dn, SERVED_URI, strlen(SERVED_URI)) == 0;
}

char *served_primary(TALLOC_CTX *mem, const char *uri)
{
    size_t n = strlen(SERVED_URI);

    if (!served_is_uri(uri) || !strchr(uri + n, '/'))
        return NULL;
    return talloc_strndup(mem, uri + n, strcspn(uri + n, "/"));
}

uint32_t served_heartbeat(const struct sighting *of_name, size_t n)
{
    uint32_t latest_h = 0, seen_h;

    for (size_t i = 0; i < n; i++) {
        if (of_name[i].type == DNS_TYPE_TXT && heartbeat_parse(of_name[i].data, &seen_h) &&
            seen_h > latest_h)
            latest_h = seen_h;
    }
    return latest_h;
}

/* Of the host that the PTR names, where that holds the very address. */
static enum err stamp_of_pointer(const struct sighting *s, const struct pairs *pairs,
                                 uint32_t *stamp_h, struct error *e)
{
    struct ip address;
    char *target;

    *stamp_h = 0;
    if (!pairs || !dns_name_to_ip(s->name, &address))
        return OK;
    if (!(target = name_fold(NULL, s->data)))
        return err_nomem(e);
    *stamp_h = pairs_find(pairs, target, address).timestamp_h;
    talloc_free(target);
    return OK;
}

static enum err stamp_of(const struct sighting *s, const struct pairs *pairs, uint32_t heartbeat_h,
                         uint32_t *stamp_h, struct error *e)
{
    uint32_t own_h;

    *stamp_h = 0;
    if (s->type == DNS_TYPE_PTR)
        return stamp_of_pointer(s, pairs, stamp_h, e);
    if (s->type == DNS_TYPE_A || s->type == DNS_TYPE_AAAA ||
        (s->type == DNS_TYPE_TXT && heartbeat_parse(s->data, &own_h)))
        *stamp_h = heartbeat_h;
    return OK;
}

enum err served_node(TALLOC_CTX *mem, const struct dns_zone *zone, const struct pairs *pairs,
                     const struct sighting *of_name, size_t n, struct dns_node *out,
                     struct error *e)
{
    char *primary = served_primary(mem, zone->dn);
    uint32_t heartbeat_h = served_heartbeat(of_name, n), stamp_h;
    struct dns_node node = {
        .name = dns_name_relative(mem, of_name[0].name, zone->name),
        .dn = primary ? served_uri(mem, primary, of_name[0].name) : NULL,
        .values = talloc_zero_array(mem, struct bytes, n),
        .n_values = n,
    };
    enum err rc = node.name && node.dn && node.values ? OK : err_nomem(e);

    for (size_t i = 0; i < n && !rc; i++) {
        const struct sighting *s = &of_name[i];
        const struct dns_rr rr = { s->name, s->type, s->ttl_s, s->data };

        if (!(rc = stamp_of(s, pairs, heartbeat_h, &stamp_h, e)))
            rc = dnsp_record_of_rr(mem, &rr, stamp_h, &node.values[i], e);
    }
    if (!rc)
        *out = node;
    return rc;
}
