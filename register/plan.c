#include "register/plan.h"

#include <string.h>

#include "base/log.h"
#include "register/choose.h"

static bool add_step(struct plan *p, struct plan_step s)
{
    p->steps = talloc_realloc(p, p->steps, struct plan_step, p->n_steps + 1);
    if (!p->steps || !s.zone || !s.owner || !s.data)
        return false;
    s.code = s.action == REGISTER_CONFLICT ? ERR_CONFLICT
             : s.action == REGISTER_FAILED ? ERR_SERVER
                                           : OK;
    p->steps[p->n_steps++] = s;
    return true;
}

static bool add_address(struct plan *p, const struct published *pub, struct ip ip,
                        enum register_action action)
{
    char text[IP_TEXT_MAX];

    log_info("%s %s %s %s", register_action_name(action), pub->fqdn,
             ip.family == AF_INET ? "A" : "AAAA", ip_format(ip, text));
    return add_step(p, (struct plan_step){
                           .zone = talloc_strdup(p, pub->zone),
                           .owner = talloc_strdup(p, pub->fqdn),
                           .type = ip.family == AF_INET ? DNS_TYPE_A : DNS_TYPE_AAAA,
                           .data = talloc_strdup(p, text),
                           .action = action,
                           .ip = ip,
                       });
}

static bool add_ptr(struct plan *p, const struct published_reverse *r, const char *target,
                    enum register_action action, char *detail)
{
    log_info("%s %s PTR %s%s%s", register_action_name(action), r->name, target, detail ? ": " : "",
             detail ? detail : "");
    return add_step(p, (struct plan_step){
                           .zone = talloc_strdup(p, r->zone),
                           .owner = talloc_strdup(p, r->name),
                           .type = DNS_TYPE_PTR,
                           .data = talloc_asprintf(p, "%s.", target),
                           .action = action,
                           .detail = talloc_steal(p, detail),
                           .ip = r->ip,
                       });
}

static bool is_wanted(const struct plan_input *in, struct ip ip)
{
    return address_is_in(ip, in->wanted, in->n_wanted);
}

/* A name that this host bore earlier; its PTRs at this host's addresses may go. */
static bool is_old_name(const struct plan_input *in, const char *name)
{
    return strcmp(name, in->published->fqdn) != 0 && memory_knows_name(in->memory, name);
}

/* Can PTRs be planned at this reverse name?  Says why not. */
static bool is_reverse_usable(const struct published_reverse *r)
{
    char text[IP_TEXT_MAX];

    if (!r->zone)
        log_info("no reverse zone for %s on this server: no PTR", ip_format(r->ip, text));
    else if (r->alias)
        log_warning("%s is an alias of %s (RFC 2317): no PTR", r->name, r->alias);
    return r->zone && !r->alias;
}

static bool is_rcode_known(const struct published_reverse *r)
{
    return r->rcode == DNS_RCODE_NOERROR || r->rcode == DNS_RCODE_NXDOMAIN;
}

/* What is to be at the reverse name of an address that is published. */
static bool plan_wanted_ptr(struct plan *p, const struct plan_input *in,
                            const struct published_reverse *r)
{
    const char *fqdn = in->published->fqdn, *other = NULL;
    char text[16];

    if (!is_rcode_known(r))
        return add_ptr(p, r, fqdn, REGISTER_FAILED,
                       talloc_asprintf(p,
                                       "cannot read what is published there: the server answers %s",
                                       dns_rcode_name(r->rcode, text)));
    for (size_t i = 0; i < r->n_targets; i++) {
        if (is_old_name(in, r->targets[i])) {
            if (!add_ptr(p, r, r->targets[i], REGISTER_DELETE,
                         talloc_strdup(p, "this host's earlier name")))
                return false;
        } else if (strcmp(r->targets[i], fqdn) != 0) {
            other = r->targets[i];
        }
    }
    if (published_names(r, fqdn))
        return add_ptr(p, r, fqdn, REGISTER_REFRESH,
                       other ? talloc_asprintf(p, "also names %s", other) : NULL);
    if (other)
        return add_ptr(p, r, fqdn, REGISTER_CONFLICT, talloc_asprintf(p, "held by %s", other));
    return add_ptr(p, r, fqdn, REGISTER_ADD, NULL);
}

/* At the reverse name of an address that is no longer published, what names this host goes. */
static bool plan_old_ptr(struct plan *p, const struct plan_input *in,
                         const struct published_reverse *r)
{
    for (size_t i = 0; is_rcode_known(r) && i < r->n_targets; i++) {
        const char *t = r->targets[i];
        char *data = talloc_asprintf(p, "%s.", t);
        bool is_ours = data && (strcmp(t, in->published->fqdn) == 0 ||
                                memory_has(in->memory, r->name, DNS_TYPE_PTR, data));

        if (!data || (is_ours && !add_ptr(p, r, t, REGISTER_DELETE, NULL)))
            return false;
        talloc_free(data);
    }
    return true;
}

static bool is_sent(const struct plan_step *s)
{
    return s->action == REGISTER_ADD || s->action == REGISTER_REFRESH ||
           s->action == REGISTER_DELETE;
}

static struct dns_update *update_of(struct plan *p, const char *zone)
{
    for (size_t i = 0; i < p->n_updates; i++) {
        if (strcmp(p->updates[i].zone, zone) == 0)
            return &p->updates[i];
    }
    p->updates = talloc_realloc(p, p->updates, struct dns_update, p->n_updates + 1);
    if (!p->updates)
        return NULL;
    p->updates[p->n_updates] = (struct dns_update){ .zone = zone };
    return &p->updates[p->n_updates++];
}

static bool add_op(struct plan *p, const struct plan_step *s, uint32_t ttl_s)
{
    struct dns_update *u = update_of(p, s->zone);
    bool is_delete = s->action == REGISTER_DELETE;

    if (!u)
        return false;
    u->ops = talloc_realloc(p, u->ops, struct dns_op, u->n_ops + 1);
    if (!u->ops)
        return false;
    u->ops[u->n_ops++] = (struct dns_op){
        .kind = is_delete ? DNS_OP_DELETE_RR : DNS_OP_ADD,
        .rr = { .name = s->owner,
                .type = s->type,
                .ttl_s = is_delete ? 0 : ttl_s,
                .data = s->data },
    };
    return true;
}

static bool require_absent(struct plan *p, const char *zone, const char *name, uint16_t type)
{
    struct dns_update *u = update_of(p, zone);

    if (!u)
        return false;
    u->prereqs = talloc_realloc(p, u->prereqs, struct dns_prereq, u->n_prereqs + 1);
    if (!u->prereqs)
        return false;
    u->prereqs[u->n_prereqs++] = (struct dns_prereq){
        .kind = DNS_PREREQ_RRSET_ABSENT,
        .rr = { .name = name, .type = type },
    };
    return true;
}

/*
 * What must still hold when the server gets there: nobody made an alias of the name, or gave
 * it a PTR, since it was read.  A server may drop an add beside a CNAME without a word.
 */
static bool add_prereqs(struct plan *p, const struct published *pub)
{
    bool is_own_name_guarded = false;

    for (size_t i = 0; i < p->n_steps; i++) {
        const struct plan_step *s = &p->steps[i];
        const struct published_reverse *r;

        if (s->type != DNS_TYPE_PTR &&
            (s->action == REGISTER_ADD || s->action == REGISTER_REFRESH) && !is_own_name_guarded) {
            is_own_name_guarded = true;
            if (!require_absent(p, s->zone, s->owner, DNS_TYPE_CNAME))
                return false;
        }
        if (s->type == DNS_TYPE_PTR && s->action == REGISTER_ADD &&
            (r = published_reverse_of(pub, s->ip)) && !r->n_targets &&
            !require_absent(p, s->zone, s->owner, DNS_TYPE_PTR))
            return false;
    }
    return true;
}

/*
 * Adds stand before deletes: a node that is never empty in between is never turned into
 * a tombstone and back, which would cost directory writes.
 */
static bool make_updates(struct plan *p, const struct published *pub, uint32_t ttl_s)
{
    for (int deletes = 0; deletes < 2; deletes++) {
        for (size_t i = 0; i < p->n_steps; i++) {
            const struct plan_step *s = &p->steps[i];

            if (is_sent(s) && (s->action == REGISTER_DELETE) == deletes && !add_op(p, s, ttl_s))
                return false;
        }
    }
    return add_prereqs(p, pub);
}

/* The update of the own name first: steps are listed so, but one with deletes only comes later. */
static void own_zone_first(struct plan *p, const char *zone)
{
    for (size_t i = 1; i < p->n_updates; i++) {
        if (strcmp(p->updates[i].zone, zone) == 0) {
            struct dns_update u = p->updates[i];

            p->updates[i] = p->updates[0];
            p->updates[0] = u;
        }
    }
}

static bool plan_alias(struct plan *p, const struct published *pub)
{
    char *detail = talloc_asprintf(p, "the name is an alias of %s", pub->cname);

    log_warning("conflict %s: is an alias of %s", pub->fqdn, pub->cname);
    return add_step(p, (struct plan_step){
                           .zone = talloc_strdup(p, pub->zone),
                           .owner = talloc_strdup(p, pub->fqdn),
                           .type = DNS_TYPE_CNAME,
                           .data = talloc_asprintf(p, "%s.", pub->cname),
                           .action = REGISTER_CONFLICT,
                           .detail = detail,
                       });
}

static bool plan_own_name(struct plan *p, const struct plan_input *in)
{
    const struct published *pub = in->published;

    for (size_t i = 0; i < in->n_wanted; i++) {
        enum register_action a =
            published_has_address(pub, in->wanted[i]) ? REGISTER_REFRESH : REGISTER_ADD;

        if (!add_address(p, pub, in->wanted[i], a))
            return false;
    }
    for (size_t i = 0; i < pub->n_addresses; i++) {
        if (!is_wanted(in, pub->addresses[i]) &&
            !add_address(p, pub, pub->addresses[i], REGISTER_DELETE))
            return false;
    }
    return true;
}

static enum err hand_over(TALLOC_CTX *mem, struct plan *p, bool is_complete, struct plan **out,
                          struct error *e)
{
    if (!is_complete) {
        talloc_free(p);
        return err_nomem(e);
    }
    *out = talloc_steal(mem, p);
    return OK;
}

enum err plan_register(TALLOC_CTX *mem, const struct plan_input *in, struct plan **out,
                       struct error *e)
{
    const struct published *pub = in->published;
    struct plan *p = talloc_zero(NULL, struct plan);
    bool ok = p;

    /* A PTR to a name that is not ours would be untrue: with an alias nothing is planned at all. */
    if (ok && pub->cname)
        return hand_over(mem, p, plan_alias(p, pub), out, e);
    ok = ok && plan_own_name(p, in);
    for (size_t i = 0; ok && in->with_ptr && i < pub->n_reverse; i++) {
        const struct published_reverse *r = &pub->reverse[i];

        if (is_reverse_usable(r))
            ok = is_wanted(in, r->ip) ? plan_wanted_ptr(p, in, r) : plan_old_ptr(p, in, r);
    }
    ok = ok && make_updates(p, pub, in->ttl_s);
    if (ok)
        own_zone_first(p, pub->zone);
    return hand_over(mem, p, ok, out, e);
}

enum err plan_unregister(TALLOC_CTX *mem, const struct plan_input *in, struct plan **out,
                         struct error *e)
{
    const struct published *pub = in->published;
    struct plan *p = talloc_zero(NULL, struct plan);
    bool ok = p;

    for (size_t i = 0; ok && i < in->n_wanted; i++) {
        if (published_has_address(pub, in->wanted[i]))
            ok = add_address(p, pub, in->wanted[i], REGISTER_DELETE);
    }
    for (size_t i = 0; ok && in->with_ptr && i < pub->n_reverse; i++) {
        const struct published_reverse *r = &pub->reverse[i];

        /* Only this name is taken back; another of this host's may still be in use. */
        if (is_reverse_usable(r) && is_rcode_known(r) && published_names(r, pub->fqdn))
            ok = add_ptr(p, r, pub->fqdn, REGISTER_DELETE, NULL);
    }
    ok = ok && make_updates(p, pub, in->ttl_s);
    if (ok)
        own_zone_first(p, pub->zone);
    return hand_over(mem, p, ok, out, e);
}

enum err plan_outdated(TALLOC_CTX *mem, const struct published *p, const struct ip *wanted,
                       size_t n_wanted, struct ip **out, size_t *n, struct error *e)
{
    struct ip *ips = talloc_array(mem, struct ip, p->n_addresses);
    size_t count = 0;

    if (!ips)
        return err_nomem(e);
    for (size_t i = 0; i < p->n_addresses; i++) {
        if (!address_is_in(p->addresses[i], wanted, n_wanted))
            ips[count++] = p->addresses[i];
    }
    *n = count;
    *out = ips;
    return OK;
}
