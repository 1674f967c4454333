#include "register/stamp.h"

#include <string.h>

#include "base/log.h"
#include "dns/heartbeat.h"
#include "gss-tsig/session.h"
#include "register/plan.h"

#define HINT_NOT_GRANTED "allow TXT for the host (update-policy of the zone: ... A AAAA TXT)"

struct stamp_wish stamp_wish_of(bool with_stamp, bool is_leaving, const struct memory *m,
                                const char *fqdn, uint32_t now_h)
{
    return (struct stamp_wish){
        .is_wanted = with_stamp && !is_leaving,
        .is_ours = stamp_is_of_interest(with_stamp, m, fqdn),
        .now_h = now_h,
        .renew_after_h = STAMP_RENEW_H,
    };
}

bool stamp_is_of_interest(bool with_stamp, const struct memory *m, const char *fqdn)
{
    return with_stamp || memory_has_type(m, fqdn, DNS_TYPE_TXT);
}

/* detail: on p, or NULL. */
static bool add_heartbeat(struct plan *p, const char *zone, const char *owner, const char *data,
                          enum register_action action, const char *detail)
{
    log_info("%s %s TXT %s%s%s", register_action_name(action), owner, data, detail ? ": " : "",
             detail ? detail : "");
    return plan_add(p, (struct plan_step){
                           .zone = talloc_strdup(p, zone),
                           .owner = talloc_strdup(p, owner),
                           .type = DNS_TYPE_TXT,
                           .data = talloc_strdup(p, data),
                           .action = action,
                           .detail = detail,
                       });
}

static bool is_ahead(uint32_t seen_h, uint32_t now_h)
{
    return seen_h > (uint64_t)now_h + STAMP_AHEAD_H;
}

static bool is_fresh(const struct stamp_wish *w, uint32_t seen_h)
{
    return !is_ahead(seen_h, w->now_h) && w->now_h <= (uint64_t)seen_h + w->renew_after_h;
}

static uint32_t seen_of(const char *data)
{
    uint32_t seen_h = 0;

    return heartbeat_parse(data, &seen_h) ? seen_h : 0;
}

/* The latest that need not be renewed; h->n: there is none. */
static size_t latest_fresh(const struct published_heartbeats *h, const struct stamp_wish *w)
{
    size_t latest = h->n;

    for (size_t i = 0; i < h->n; i++) {
        if (is_fresh(w, seen_of(h->data[i])) &&
            (latest == h->n || seen_of(h->data[i]) > seen_of(h->data[latest])))
            latest = i;
    }
    return latest;
}

static char *age_text(struct plan *p, uint32_t seen_h, uint32_t now_h)
{
    if (seen_h > now_h)
        return talloc_asprintf(p, "%u h in the future", seen_h - now_h);
    return talloc_asprintf(p, "%u h old", now_h - seen_h);
}

static bool add_aged(struct plan *p, const struct plan_input *in, const char *data,
                     enum register_action action)
{
    char *detail = age_text(p, seen_of(data), in->stamp.now_h);

    return detail &&
           add_heartbeat(p, in->published->zone, in->published->fqdn, data, action, detail);
}

static bool fail_unread(struct plan *p, const struct published *pub, const char *data)
{
    char text[16], *detail = talloc_asprintf(p,
                                             "cannot read the TXT records there: the server "
                                             "answers %s",
                                             dns_rcode_name(pub->heartbeats.rcode, text));

    return detail && add_heartbeat(p, pub->zone, pub->fqdn, data, REGISTER_FAILED, detail);
}

bool stamp_plan(struct plan *p, const struct plan_input *in)
{
    const struct stamp_wish *w = &in->stamp;
    const struct published *pub = in->published;
    const struct published_heartbeats *h = &pub->heartbeats;
    size_t kept = h->n;
    char text[HEARTBEAT_TEXT_MAX];

    if (!w->is_ours || !h->is_read || pub->is_reverse_only)
        return true;
    heartbeat_text(w->now_h, text);
    if (h->rcode != DNS_RCODE_NOERROR && h->rcode != DNS_RCODE_NXDOMAIN)
        return fail_unread(p, pub, text);
    if (w->is_wanted) {
        kept = latest_fresh(h, w);
        if (!(kept < h->n ? add_aged(p, in, h->data[kept], REGISTER_KEEP)
                          : add_heartbeat(p, pub->zone, pub->fqdn, text, REGISTER_ADD, NULL)))
            return false;
    }
    for (size_t i = 0; i < h->n; i++) {
        if (i == kept)
            continue;
        if (!(w->is_wanted
                  ? add_aged(p, in, h->data[i], REGISTER_DELETE)
                  : add_heartbeat(p, pub->zone, pub->fqdn, h->data[i], REGISTER_DELETE, NULL)))
            return false;
    }
    return true;
}

bool stamp_plan_earlier(struct plan *p, const struct plan_input *in,
                        const struct published_name *name, const struct memory_record *r)
{
    const struct published_heartbeats *h = &name->heartbeats;
    enum register_action action = REGISTER_DELETE;
    char *detail, text[16];

    /* Whoever has the name now keeps the heartbeat too. */
    if (siblings_want(in->siblings, name->fqdn) || !h->is_read)
        return true;
    if (h->rcode != DNS_RCODE_NOERROR && h->rcode != DNS_RCODE_NXDOMAIN) {
        action = REGISTER_FAILED;
        detail = talloc_asprintf(p, "cannot read what is published there: the server answers %s",
                                 dns_rcode_name(h->rcode, text));
    } else if (!published_has_heartbeat(h, r->data)) {
        return true;
    } else {
        detail = talloc_strdup(p, "this host's earlier name");
    }
    if (!detail || !add_heartbeat(p, name->zone, name->fqdn, r->data, action, detail))
        return false;
    p->steps[p->n_steps - 1].is_earlier = true;
    return true;
}

bool stamp_holds(const struct plan_step *s, const struct published *after)
{
    const struct published_heartbeats *h = published_heartbeats_of(after, s->owner);

    return h && published_has_heartbeat(h, s->data) == (s->action != REGISTER_DELETE);
}

/* In the update of the own name, or after stamp_set_apart() in one of its own. */
static bool is_own_heartbeat(const struct plan_step *s, const char *zone)
{
    return s->type == DNS_TYPE_TXT && !s->is_earlier && strcmp(s->zone, zone) == 0;
}

static size_t count_heartbeats(const struct dns_update *u)
{
    size_t n = 0;

    for (size_t i = 0; i < u->n_ops; i++)
        n += u->ops[i].rr.type == DNS_TYPE_TXT;
    return n;
}

bool stamp_was_refused(struct plan *p, const struct gsstsig_reply *replies, size_t *at)
{
    for (size_t i = 0; p->update_owners && i < p->n_updates; i++) {
        size_t n = count_heartbeats(&p->updates[i]);

        if (!n || p->update_owners[i] || replies[i].rcode != DNS_RCODE_REFUSED)
            continue;
        for (size_t k = 0; k < p->n_steps; k++) {
            if (is_own_heartbeat(&p->steps[k], p->updates[i].zone))
                p->steps[k].hint = HINT_NOT_GRANTED;
        }
        *at = i;
        return n < p->updates[i].n_ops;
    }
    return false;
}

/* What has to hold for a heartbeat as well: that the name is no alias. */
static bool copy_guard(struct plan *p, const struct dns_update *from, struct dns_update *to)
{
    to->prereqs = talloc_array(p, struct dns_prereq, from->n_prereqs);
    for (size_t i = 0; to->prereqs && i < from->n_prereqs; i++) {
        if (from->prereqs[i].rr.type == DNS_TYPE_CNAME)
            to->prereqs[to->n_prereqs++] = from->prereqs[i];
    }
    return to->prereqs;
}

bool stamp_set_apart(struct plan *p, size_t at)
{
    struct dns_update *updates = talloc_realloc(p, p->updates, struct dns_update, p->n_updates + 1);
    const char **owners = talloc_realloc(p, p->update_owners, const char *, p->n_updates + 1);
    struct dns_update *rest, *apart;
    size_t n = 0;

    p->updates = updates ? updates : p->updates;
    p->update_owners = owners ? owners : p->update_owners;
    if (!updates || !owners)
        return false;
    rest = &p->updates[at];
    apart = &p->updates[p->n_updates];
    *apart = (struct dns_update){ .zone = rest->zone,
                                  .ops = talloc_array(p, struct dns_op, rest->n_ops) };
    if (!apart->ops || !copy_guard(p, rest, apart))
        return false;
    for (size_t i = 0; i < rest->n_ops; i++) {
        if (rest->ops[i].rr.type == DNS_TYPE_TXT)
            apart->ops[apart->n_ops++] = rest->ops[i];
        else
            rest->ops[n++] = rest->ops[i];
    }
    rest->n_ops = n;
    p->update_owners[p->n_updates++] = apart->n_ops ? apart->ops[0].rr.name : NULL;
    for (size_t i = 0; i < p->n_steps; i++)
        p->steps[i].is_apart |= is_own_heartbeat(&p->steps[i], rest->zone);
    return true;
}
