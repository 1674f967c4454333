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

static bool is_address(const struct sighting *s)
{
    return s->type == DNS_TYPE_A || s->type == DNS_TYPE_AAAA;
}

/* The host is as silent as the least silent of its addresses. */
static void observe_address(struct observation *o, const struct sighting *s, bool is_first)
{
    if (is_first || s->n_silent < o->n_silent)
        o->n_silent = s->n_silent;
    if (is_first || s->silent_s < o->silent_s)
        o->silent_s = s->silent_s;
    if (s->last_answer_s > o->last_answer_s)
        o->last_answer_s = s->last_answer_s;
}

struct observation served_observe(const struct sighting *of_name, size_t n, size_t i)
{
    struct observation o = {
        .first_seen_s = of_name[i].first_seen_s,
        .last_changed_s = of_name[i].last_changed_s,
        .last_confirmed_s = of_name[i].last_confirmed_s,
        .unchanged_s = of_name[i].unchanged_s,
    };
    bool has_address = false;

    /* Signatures are made anew for years after the host has left. */
    for (size_t k = 0; k < n; k++) {
        if (!dns_type_is_of_signing(of_name[k].type) && of_name[k].unchanged_s < o.unchanged_s)
            o.unchanged_s = of_name[k].unchanged_s;
        if (!is_address(&of_name[k]))
            continue;
        observe_address(&o, &of_name[k], !has_address);
        has_address = true;
    }
    return o;
}

bool served_is_back_lately(struct sightings_gap gap, uint32_t life_h)
{
    /* Who was there when it began had refreshed within SIGHTINGS_RETURN_S before. */
    return gap.away_s > 0 && gap.away_s > (int64_t)life_h * 3600 - SIGHTINGS_RETURN_S &&
           gap.since_s < SIGHTINGS_RETURN_S;
}

/* When a record last showed life, and who says so. */
struct dated {
    uint32_t stamp_h;
    enum stamp_source source;
};

/* Of the host that the PTR names, where that holds the very address. */
static enum err date_pointer(const struct sighting *s, const struct pairs *pairs, struct dated *out,
                             struct error *e)
{
    struct ip address;
    struct pair pair;
    char *target;

    if (!pairs || !dns_name_to_ip(s->name, &address))
        return OK;
    if (!(target = name_fold(NULL, s->data)))
        return err_nomem(e);
    pair = pairs_find(pairs, target, address);
    out->stamp_h = pair.timestamp_h;
    if (pair.timestamp_h && !pair.is_seen_only)
        out->source = STAMP_HEARTBEAT;
    talloc_free(target);
    return OK;
}

/* by_name: what holds for the addresses of the name. */
static enum err date(const struct sighting *s, const struct served_dating *dating,
                     const struct dated *by_name, struct dated *out, struct error *e)
{
    uint32_t own_h;

    *out = (struct dated){ 0, STAMP_SIGHTINGS };
    if (s->type == DNS_TYPE_PTR)
        return date_pointer(s, dating->pairs, out, e);
    if (is_address(s) || (s->type == DNS_TYPE_TXT && heartbeat_parse(s->data, &own_h)))
        *out = *by_name;
    return OK;
}

static struct dated date_name(const struct sighting *of_name, size_t n,
                              const struct served_dating *dating)
{
    uint32_t heartbeat_h = served_heartbeat(of_name, n);
    struct observation o;

    if (heartbeat_h)
        return (struct dated){ heartbeat_h, STAMP_HEARTBEAT };
    if (!signal_is_wanted(dating->signals))
        return (struct dated){ 0, STAMP_SIGHTINGS };
    o = served_observe(of_name, n, 0);
    return (struct dated){ signal_stamp(&o, dating->now_h), STAMP_SIGHTINGS };
}

enum err served_node(TALLOC_CTX *mem, const struct dns_zone *zone,
                     const struct served_dating *dating, const struct sighting *of_name, size_t n,
                     struct dns_node *out, enum stamp_source **sources, struct error *e)
{
    char *primary = served_primary(mem, zone->dn);
    struct dated by_name = date_name(of_name, n, dating), dated;
    enum stamp_source *all = talloc_zero_array(mem, enum stamp_source, n);
    struct dns_node node = {
        .name = dns_name_relative(mem, of_name[0].name, zone->name),
        .dn = primary ? served_uri(mem, primary, of_name[0].name) : NULL,
        .values = talloc_zero_array(mem, struct bytes, n),
        .n_values = n,
    };
    enum err rc = node.name && node.dn && node.values && all ? OK : err_nomem(e);

    for (size_t i = 0; i < n && !rc; i++) {
        const struct sighting *s = &of_name[i];
        const struct dns_rr rr = { s->name, s->type, s->ttl_s, s->data };

        if ((rc = date(s, dating, &by_name, &dated, e)))
            break;
        all[i] = dated.source;
        node.is_seen_only =
            node.is_seen_only || (dated.source == STAMP_SIGHTINGS && dated.stamp_h != 0);
        rc = dnsp_record_of_rr(mem, &rr, dated.stamp_h, &node.values[i], e);
    }
    if (!rc) {
        *out = node;
        *sources = all;
    }
    return rc;
}
