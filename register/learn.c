#include "register/learn.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "dns/name.h"
#include "register/choose.h"

static bool is_ours(const struct memory *m, const struct memory *recovered,
                    const struct plan_step *s)
{
    const char *name = plan_step_known_as(s);

    /* A heartbeat at the own name is this host's where it says that it is to have one. */
    return s->action == REGISTER_ADD || (s->action == REGISTER_KEEP && s->type == DNS_TYPE_TXT) ||
           (s->action == REGISTER_REFRESH &&
            (memory_has(m, name, s->type, s->data) ||
             (recovered && memory_has(recovered, name, s->type, s->data))));
}

bool learn_intent(struct memory *m, const struct plan *plan, const struct memory *recovered,
                  struct sighting at)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct plan_step *s = &plan->steps[i];

        if (is_ours(m, recovered, s) &&
            !memory_remember(m, (struct memory_record){ .zone = s->reverse_name ? s->reverse_zone
                                                                                : s->zone,
                                                        .name = plan_step_known_as(s),
                                                        .type = s->type,
                                                        .data = s->data,
                                                        .seen = at }))
            return false;
    }
    return true;
}

enum presence {
    NOT_LOOKED_FOR,
    PRESENT,
    MISSING,
};

static enum presence presence(bool is_present) { return is_present ? PRESENT : MISSING; }

static enum presence look_for_address(const struct memory_record *r, const struct published *p)
{
    const struct published_name *name = published_name_of(p, r->name);
    struct ip ip;

    if (!ip_parse(r->data, &ip))
        return NOT_LOOKED_FOR;
    if (name && (!name->zone || name->rcode != DNS_RCODE_NOERROR))
        return NOT_LOOKED_FOR;
    if (name)
        return presence(address_is_in(ip, name->addresses, name->n_addresses));
    if (p->is_reverse_only || strcmp(r->name, p->fqdn) != 0)
        return NOT_LOOKED_FOR;
    return presence(published_has_address(p, ip));
}

static enum presence look_for(const struct memory_record *r, const struct published *p)
{
    const struct published_reverse *at;
    size_t len = strlen(r->data);
    struct ip ip;

    if (r->type == DNS_TYPE_TXT) {
        const struct published_heartbeats *h = published_heartbeats_of(p, r->name);

        return h ? presence(published_has_heartbeat(h, r->data)) : NOT_LOOKED_FOR;
    }
    if (r->type != DNS_TYPE_PTR)
        return look_for_address(r, p);
    if (!dns_name_to_ip(r->name, &ip) || !(at = published_reverse_of(p, ip)) || !at->zone ||
        (at->rcode != DNS_RCODE_NOERROR && at->rcode != DNS_RCODE_NXDOMAIN))
        return NOT_LOOKED_FOR;
    for (size_t i = 0; i < at->n_targets; i++) {
        if (strlen(at->targets[i]) + 1 == len && strncmp(at->targets[i], r->data, len - 1) == 0)
            return PRESENT;
    }
    return MISSING;
}

/* A time that is not known, or lies ahead, is no proof that it was long ago. */
static bool is_over(int64_t since_s, int64_t now_s, int64_t grace_s)
{
    return since_s > 0 && now_s - since_s >= grace_s;
}

bool learn_can_tell(const struct memory_record *r, struct sighting at)
{
    return (r->seen.server && strcasecmp(r->seen.server, at.server) == 0) ||
           is_over(r->seen.at_s, at.at_s, LEARN_REPLICATION_S);
}

bool learn_is_gone(const struct memory_record *r, const struct published *after, struct sighting at)
{
    return look_for(r, after) == MISSING && learn_can_tell(r, at);
}

bool learn_is_awaited(const struct memory_record *r, const struct published *after,
                      struct sighting at)
{
    return look_for(r, after) == MISSING && !learn_is_gone(r, after, at);
}

bool learn_seen(struct memory *m, const struct published *p, struct sighting at)
{
    for (size_t i = 0; i < m->n_records; i++) {
        if (look_for(&m->records[i], p) == PRESENT && !memory_see(m, &m->records[i], at))
            return false;
    }
    return true;
}

bool learn_is_unsettled(const struct memory *m, int64_t now_s)
{
    for (size_t i = 0; i < m->n_records; i++) {
        const struct memory_record *r = &m->records[i];

        if (r->is_pending && !is_over(r->seen.at_s, now_s, LEARN_REPLICATION_S))
            return true;
    }
    return false;
}

/*
 * Was its deletion sent, and done as the server says with authentication?  That it is not seen is
 * no proof: whoever is on the way can hide it.
 */
static bool is_taken_back(const struct memory_record *r, const struct plan *plan, bool *is_nowhere)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct plan_step *s = &plan->steps[i];

        if (s->action != REGISTER_DELETE || !s->is_proven || s->type != r->type ||
            strcmp(plan_step_known_as(s), r->name) != 0 || strcmp(s->data, r->data) != 0)
            continue;
        *is_nowhere = s->is_nowhere;
        return true;
    }
    return false;
}

static void tell_kept(const struct memory_record *r, struct sighting at)
{
    log_info("%s %s is not published at %s, but %s%s had it less than %d h ago: still remembered",
             r->name, r->data, at.server, r->seen.server ? "" : "another server",
             r->seen.server ? r->seen.server : "", LEARN_REPLICATION_S / 3600);
}

bool learn_result(struct memory *m, const struct plan *plan, const struct memory *recovered,
                  const struct published *after, struct sighting at)
{
    /* Steps that failed have another action by now. */
    if (!learn_intent(m, plan, recovered, at))
        return false;
    for (size_t i = m->n_records; i-- > 0;) {
        const struct memory_record *r = &m->records[i];

        bool is_nowhere;

        if (is_taken_back(r, plan, &is_nowhere) && (is_nowhere || learn_is_gone(r, after, at)))
            memory_forget(m, r->name, r->type, r->data);
        else if (learn_is_awaited(r, after, at))
            tell_kept(r, at);
    }
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct plan_step *s = &plan->steps[i];

        if ((s->is_earlier || s->is_unseen) && s->is_foreign)
            memory_forget(m, plan_step_known_as(s), s->type, s->data);
    }
    return true;
}

static bool is_wanted(const struct memory_record *r, const char *fqdn, const struct ip *wanted,
                      size_t n)
{
    size_t len = strlen(fqdn);
    struct ip ip;

    /* One that is not: every run plans for it anew. */
    if (r->type == DNS_TYPE_TXT)
        return n > 0 && strcmp(r->name, fqdn) == 0;
    if (r->type != DNS_TYPE_PTR)
        return strcmp(r->name, fqdn) == 0 && ip_parse(r->data, &ip) && address_is_in(ip, wanted, n);
    return dns_name_to_ip(r->name, &ip) && address_is_in(ip, wanted, n) &&
           strncmp(r->data, fqdn, len) == 0 && strcmp(r->data + len, ".") == 0;
}

void learn_pending(struct memory *m, const char *fqdn, const struct ip *wanted, size_t n,
                   const struct siblings *siblings, int64_t now_s)
{
    for (size_t i = 0; i < m->n_records; i++) {
        struct memory_record *r = &m->records[i];
        bool was_pending = r->is_pending;

        r->is_pending = !is_wanted(r, fqdn, wanted, n) &&
                        !siblings_want(siblings, r->type == DNS_TYPE_PTR ? r->data : r->name);
        if (!r->is_pending)
            r->pending_since_s = 0;
        else if (!was_pending)
            r->pending_since_s = now_s;
    }
}

enum err learn_addresses(TALLOC_CTX *mem, const struct memory *m, const char *fqdn, bool with_ptrs,
                         struct ip **out, size_t *n, struct error *e)
{
    struct ip *ips = talloc_array(mem, struct ip, m->n_records);
    size_t count = 0;

    if (!ips)
        return err_nomem(e);
    for (size_t i = 0; i < m->n_records; i++) {
        const struct memory_record *r = &m->records[i];
        struct ip ip;
        bool is_one = r->type == DNS_TYPE_PTR
                          ? with_ptrs && dns_name_to_ip(r->name, &ip)
                          : strcmp(r->name, fqdn) == 0 && ip_parse(r->data, &ip);

        if (is_one && !address_is_in(ip, ips, count))
            ips[count++] = ip;
    }
    *n = count;
    *out = ips;
    return OK;
}
