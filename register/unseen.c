#include "register/unseen.h"

#include <string.h>

#include "base/log.h"
#include "dns/heartbeat.h"
#include "dns/name.h"
#include "register/choose.h"

#define WHY "remembered, but not seen: taken back all the same"

static bool take_back(struct plan *p, const struct memory_record *record, struct plan_step s)
{
    char type[16];

    log_info("delete %s %s %s: " WHY, s.owner, dns_type_name(record->type, type), record->data);
    s.zone = talloc_strdup(p, s.zone);
    s.owner = talloc_strdup(p, s.owner);
    s.type = record->type;
    s.data = talloc_strdup(p, record->data);
    s.action = REGISTER_DELETE;
    s.detail = WHY;
    s.is_unseen = true;
    if (record->type == DNS_TYPE_PTR) {
        s.reverse_name = talloc_strdup(p, record->name);
        s.reverse_zone = talloc_strdup(p, record->zone);
        if (!s.reverse_name || !s.reverse_zone)
            return false;
    }
    return plan_add(p, s);
}

/* In the zone that took it: which zone a name is in is told without authentication as well. */
static bool take_back_where_it_was(struct plan *p, const struct memory_record *record,
                                   struct plan_step s)
{
    s.zone = record->zone;
    s.owner = record->name;
    return take_back(p, record, s);
}

/* Is a heartbeat of that text in the plan, to be added or removed? */
static bool is_planned_text(const struct plan *p, const char *data)
{
    for (size_t i = 0; i < p->n_steps; i++) {
        if (p->steps[i].type == DNS_TYPE_TXT && strcmp(p->steps[i].data, data) == 0)
            return true;
    }
    return false;
}

/* A heartbeat, at the own name, that is to go. */
static bool is_lost_heartbeat(const struct plan *p, const struct plan_input *in,
                              const struct memory_record *r)
{
    const struct published_heartbeats *h = &in->published->heartbeats;

    return r->type == DNS_TYPE_TXT && in->stamp.is_ours && h->is_read &&
           (h->rcode == DNS_RCODE_NOERROR || h->rcode == DNS_RCODE_NXDOMAIN) &&
           !published_has_heartbeat(h, r->data) && !is_planned_text(p, r->data);
}

static bool is_lost_address(const struct plan_input *in, const struct memory_record *r,
                            bool is_leaving, struct ip *ip)
{
    return (r->type == DNS_TYPE_A || r->type == DNS_TYPE_AAAA) && ip_parse(r->data, ip) &&
           !published_has_address(in->published, *ip) &&
           (is_leaving || !address_is_in(*ip, in->wanted, in->n_wanted));
}

bool unseen_at_own_name(struct plan *p, const struct plan_input *in, bool is_leaving)
{
    const struct published *pub = in->published;

    for (size_t i = 0; !pub->is_reverse_only && i < in->memory->n_records; i++) {
        const struct memory_record *r = &in->memory->records[i];
        struct plan_step s = { 0 };

        if (strcmp(r->name, pub->fqdn) == 0 && is_lost_address(in, r, is_leaving, &s.ip) &&
            !take_back_where_it_was(p, r, s))
            return false;
    }
    return true;
}

bool unseen_heartbeats(struct plan *p, const struct plan_input *in)
{
    for (size_t i = 0; i < in->memory->n_records; i++) {
        const struct memory_record *r = &in->memory->records[i];

        if (strcmp(r->name, in->published->fqdn) == 0 && is_lost_heartbeat(p, in, r) &&
            !take_back_where_it_was(p, r, (struct plan_step){ 0 }))
            return false;
    }
    return true;
}

/* Data has the final dot, names have not. */
static bool is_target(const struct memory_record *r, const char *name)
{
    size_t len = strlen(name);

    return strncmp(r->data, name, len) == 0 && strcmp(r->data + len, ".") == 0;
}

static bool is_seen(const struct published_reverse *at, const struct memory_record *r)
{
    for (size_t i = 0; i < at->n_targets; i++) {
        if (is_target(r, at->targets[i]))
            return true;
    }
    return false;
}

/* A remembered PTR that is to stay. */
static bool is_kept(const struct plan_input *in, const struct memory_record *r, struct ip ip,
                    bool is_leaving)
{
    return siblings_want(in->siblings, r->data) ||
           (!is_leaving && address_is_in(ip, in->wanted, in->n_wanted) &&
            is_target(r, in->published->fqdn));
}

bool unseen_ptrs(struct plan *p, const struct plan_input *in, const struct published_reverse *at,
                 bool is_leaving)
{
    bool is_aliased = at->zone && strcmp(at->owner, at->name) != 0;

    /* No zone, and no alias that would lead astray: not this server's; see primaries.h. */
    if (!at->zone && !(at->alias && at->name_zone))
        return true;
    for (size_t i = 0; i < in->memory->n_records; i++) {
        const struct memory_record *r = &in->memory->records[i];
        struct plan_step s = { .ip = at->ip, .zone = at->zone, .owner = at->owner };

        if (r->type != DNS_TYPE_PTR || strcmp(r->name, at->name) != 0 || is_seen(at, r) ||
            is_kept(in, r, at->ip, is_leaving))
            continue;
        s.is_earlier = !is_target(r, in->published->fqdn);
        if (!(is_aliased ? take_back(p, r, s) : take_back_where_it_was(p, r, s)))
            return false;
    }
    return true;
}

bool unseen_earlier(struct plan *p, const struct memory_record *record)
{
    struct plan_step s = { .is_earlier = true };

    if (record->type != DNS_TYPE_TXT && !ip_parse(record->data, &s.ip))
        return true;
    return take_back_where_it_was(p, record, s);
}

static bool is_nowhere(const struct plan_input *in, const char *name)
{
    for (size_t i = 0; i < in->n_nowhere; i++) {
        if (strcmp(in->nowhere[i], name) == 0)
            return true;
    }
    return false;
}

bool unseen_nowhere(struct plan *p, const struct plan_input *in)
{
    for (size_t i = 0; i < in->memory->n_records; i++) {
        const struct memory_record *r = &in->memory->records[i];
        struct plan_step s = { .is_nowhere = true };
        bool is_ptr = r->type == DNS_TYPE_PTR;

        if (!is_nowhere(in, r->name) ||
            (is_ptr && !(in->with_ptr && dns_name_to_ip(r->name, &s.ip))) ||
            (!is_ptr && r->type != DNS_TYPE_TXT && !ip_parse(r->data, &s.ip)))
            continue;
        if (is_ptr ? is_kept(in, r, s.ip, in->is_leaving) : siblings_want(in->siblings, r->name))
            continue;
        s.is_earlier = !is_ptr || !is_target(r, in->published->fqdn);
        if (!take_back_where_it_was(p, r, s))
            return false;
    }
    return true;
}
