#include "register/form.h"

#include <string.h>

#include "register/plan.h"
#include "register/renewal.h"

enum update_form form_for(const char *kind, bool has_edns)
{
    if (kind && strcmp(kind, "windows") == 0)
        return FORM_REPLACE;
    return has_edns ? FORM_RENEW : FORM_ADDS;
}

static bool is_sent(const struct plan_step *s)
{
    return s->action == REGISTER_ADD || s->action == REGISTER_REFRESH ||
           s->action == REGISTER_DELETE;
}

/*
 * An earlier name, or a reverse name that loses PTRs and gets none.  What was not seen goes alone,
 * too: what is required of the name for an addition may be untrue because of it.
 */
static bool only_loses(const struct plan *p, const struct plan_step *s)
{
    if (s->type != DNS_TYPE_PTR || s->action != REGISTER_DELETE)
        return s->is_earlier;
    if (s->is_unseen)
        return true;
    for (size_t i = 0; i < p->n_steps; i++) {
        const struct plan_step *other = &p->steps[i];

        if (is_sent(other) && other->action != REGISTER_DELETE &&
            strcmp(other->owner, s->owner) == 0)
            return false;
    }
    return true;
}

static struct dns_update *update_of(struct plan *p, const struct plan_step *s)
{
    for (size_t i = 0; i < p->n_updates; i++) {
        if (plan_step_is_in(p, s, i))
            return &p->updates[i];
    }
    p->updates = talloc_realloc(p, p->updates, struct dns_update, p->n_updates + 1);
    p->update_owners = talloc_realloc(p, p->update_owners, const char *, p->n_updates + 1);
    if (!p->updates || !p->update_owners)
        return NULL;
    p->updates[p->n_updates] = (struct dns_update){ .zone = s->zone };
    p->update_owners[p->n_updates] = s->is_apart ? s->owner : NULL;
    return &p->updates[p->n_updates++];
}

static bool add_op(struct plan *p, const struct plan_step *s, enum dns_op_kind kind,
                   struct dns_rr rr)
{
    struct dns_update *u = update_of(p, s);

    if (!u)
        return false;
    u->ops = talloc_realloc(p, u->ops, struct dns_op, u->n_ops + 1);
    if (!u->ops)
        return false;
    u->ops[u->n_ops++] = (struct dns_op){ .kind = kind, .rr = rr };
    return true;
}

static bool add_value(struct plan *p, const struct plan_step *s, uint32_t ttl_s)
{
    return add_op(p, s, DNS_OP_ADD,
                  (struct dns_rr){
                      .name = s->owner, .type = s->type, .ttl_s = ttl_s, .data = s->data });
}

static bool delete_value(struct plan *p, const struct plan_step *s)
{
    return add_op(p, s, DNS_OP_DELETE_RR,
                  (struct dns_rr){ .name = s->owner, .type = s->type, .data = s->data });
}

/* An alias of a reverse name can be hidden as well: deleting beside it would prove nothing. */
static bool is_alias_in_question(const struct plan_step *s)
{
    return s->is_unseen && s->type == DNS_TYPE_PTR && strcmp(s->owner, s->reverse_name) == 0;
}

static bool require_absent(struct plan *p, const struct plan_step *s, uint16_t type)
{
    struct dns_update *u = update_of(p, s);

    if (!u)
        return false;
    for (size_t i = 0; i < u->n_prereqs; i++) {
        if (u->prereqs[i].rr.type == type && strcmp(u->prereqs[i].rr.name, s->owner) == 0)
            return true;
    }
    u->prereqs = talloc_realloc(p, u->prereqs, struct dns_prereq, u->n_prereqs + 1);
    if (!u->prereqs)
        return false;
    u->prereqs[u->n_prereqs++] = (struct dns_prereq){
        .kind = DNS_PREREQ_RRSET_ABSENT,
        .rr = { .name = s->owner, .type = type },
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
            if (!require_absent(p, s, DNS_TYPE_CNAME))
                return false;
        }
        if (s->action == REGISTER_DELETE && is_alias_in_question(s) &&
            !require_absent(p, s, DNS_TYPE_CNAME))
            return false;
        /* With other values there already the new one stands beside them. */
        if (s->type == DNS_TYPE_PTR && s->action == REGISTER_ADD &&
            (r = published_reverse_of(pub, s->ip)) && !r->n_targets &&
            !require_absent(p, s, DNS_TYPE_PTR))
            return false;
    }
    return true;
}

/* As FORM_RENEW has it: what is due goes, and comes back at once. */
static bool renew(struct plan *p, const struct plan_step *s, const struct renewal *renewal)
{
    return s->action != REGISTER_REFRESH || !renewal_is_due(renewal, s->owner, s->type, s->data) ||
           delete_value(p, s);
}

/*
 * Adds stand before deletes: a node that is never empty in between is never turned into
 * a tombstone and back, which would cost directory writes.
 */
static bool fill_adds(struct plan *p, enum update_form form, const struct renewal *renewal,
                      uint32_t ttl_s)
{
    for (size_t i = 0; i < p->n_steps; i++) {
        const struct plan_step *s = &p->steps[i];

        if (is_sent(s) && s->action != REGISTER_DELETE &&
            !((form != FORM_RENEW || renew(p, s, renewal)) && add_value(p, s, ttl_s)))
            return false;
    }
    for (size_t i = 0; i < p->n_steps; i++) {
        if (p->steps[i].action == REGISTER_DELETE && !delete_value(p, &p->steps[i]))
            return false;
    }
    return true;
}

/*
 * What goes or is refreshed is deleted value by value: the server's kind is told by an answer that
 * nobody signed, and must not be able to make this host delete what it did not read.
 */
static bool fill_replace(struct plan *p, uint32_t ttl_s)
{
    /* A value to be refreshed goes first and comes back; one that is not there cannot go. */
    for (size_t i = 0; i < p->n_steps; i++) {
        const struct plan_step *s = &p->steps[i];

        if (is_sent(s) && s->action != REGISTER_ADD && !delete_value(p, s))
            return false;
    }
    for (size_t i = 0; i < p->n_steps; i++) {
        const struct plan_step *s = &p->steps[i];

        if (is_sent(s) && s->action != REGISTER_DELETE && !add_value(p, s, ttl_s))
            return false;
    }
    return true;
}

/* The update of the own name first: steps are listed so, but one with deletes only comes later. */
static void own_zone_first(struct plan *p, const char *zone)
{
    for (size_t i = 1; i < p->n_updates; i++) {
        if (strcmp(p->updates[i].zone, zone) == 0 && !p->update_owners[i]) {
            struct dns_update u = p->updates[i];
            const char *owner = p->update_owners[i];

            p->updates[i] = p->updates[0];
            p->updates[0] = u;
            p->update_owners[i] = p->update_owners[0];
            p->update_owners[0] = owner;
        }
    }
}

bool form_updates(struct plan *p, const struct published *pub, enum update_form form,
                  const struct renewal *renewal, uint32_t ttl_s)
{
    p->is_one_at_a_time = form == FORM_RENEW;
    for (size_t i = 0; i < p->n_steps; i++)
        p->steps[i].is_apart = only_loses(p, &p->steps[i]);
    if (!(form == FORM_REPLACE ? fill_replace(p, ttl_s) : fill_adds(p, form, renewal, ttl_s)) ||
        !add_prereqs(p, pub))
        return false;
    if (pub->zone)
        own_zone_first(p, pub->zone);
    return true;
}
