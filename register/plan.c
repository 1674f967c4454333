#include "register/plan.h"

#include <string.h>

#include "base/log.h"
#include "register/choose.h"
#include "register/unseen.h"

#define NOT_KNOWN_AS_OURS "not known to be registered by this host: left alone"
#define HINT_BY_HAND                                                                               \
    "run again when the directory answers, or remove the record by hand (nsupdate -g)"

bool plan_add(struct plan *p, struct plan_step s)
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

const char *plan_step_known_as(const struct plan_step *s)
{
    return s->reverse_name ? s->reverse_name : s->owner;
}

/* detail: NULL, or on p. */
static bool add_address_at(struct plan *p, const char *zone, const char *owner, struct ip ip,
                           enum register_action action, const char *detail)
{
    char text[IP_TEXT_MAX];

    log_info("%s %s %s %s%s%s", register_action_name(action), owner,
             ip.family == AF_INET ? "A" : "AAAA", ip_format(ip, text), detail ? ": " : "",
             detail ? detail : "");
    return plan_add(p, (struct plan_step){
                           .zone = talloc_strdup(p, zone),
                           .owner = talloc_strdup(p, owner),
                           .type = ip.family == AF_INET ? DNS_TYPE_A : DNS_TYPE_AAAA,
                           .data = talloc_strdup(p, text),
                           .action = action,
                           .detail = detail,
                           .ip = ip,
                       });
}

static bool add_address(struct plan *p, const struct published *pub, struct ip ip,
                        enum register_action action)
{
    return add_address_at(p, pub->zone, pub->fqdn, ip, action, NULL);
}

/* Somebody's intent beside ours. */
static bool keep_address(struct plan *p, const struct published *pub, struct ip ip)
{
    char *detail = talloc_strdup(p, NOT_KNOWN_AS_OURS);

    return detail && add_address_at(p, pub->zone, pub->fqdn, ip, REGISTER_KEEP, detail);
}

static bool add_ptr(struct plan *p, const char *fqdn, const struct published_reverse *r,
                    const char *target, enum register_action action, char *detail)
{
    log_info("%s %s PTR %s%s%s", register_action_name(action), r->owner, target, detail ? ": " : "",
             detail ? detail : "");
    return plan_add(p, (struct plan_step){
                           .zone = talloc_strdup(p, r->zone),
                           .owner = talloc_strdup(p, r->owner),
                           .reverse_name = talloc_strdup(p, r->name),
                           .reverse_zone = talloc_strdup(p, r->name_zone ? r->name_zone : r->zone),
                           .type = DNS_TYPE_PTR,
                           .data = talloc_asprintf(p, "%s.", target),
                           .action = action,
                           .detail = talloc_steal(p, detail),
                           .ip = r->ip,
                           .is_earlier = action == REGISTER_DELETE && strcmp(target, fqdn) != 0,
                       });
}

static bool is_wanted(const struct plan_input *in, struct ip ip)
{
    return address_is_in(ip, in->wanted, in->n_wanted);
}

static bool has_ptr(const struct memory *m, const struct published_reverse *r, const char *name)
{
    char *data = talloc_asprintf(NULL, "%s.", name);
    bool has = data && memory_has(m, r->name, DNS_TYPE_PTR, data);

    talloc_free(data);
    return has;
}

/* Did this host write that PTR?  A name that it bore earlier may be another's by now. */
static bool is_remembered_ptr(const struct plan_input *in, const struct published_reverse *r,
                              const char *name)
{
    return has_ptr(in->memory, r, name);
}

/* And is it this registration's to take back? */
static bool is_own_ptr(const struct plan_input *in, const struct published_reverse *r,
                       const char *name)
{
    return is_remembered_ptr(in, r, name) && !siblings_want(in->siblings, name);
}

static bool is_remembered_address(const struct plan_input *in, struct ip ip)
{
    char text[IP_TEXT_MAX];

    return memory_has(in->memory, in->published->fqdn,
                      ip.family == AF_INET ? DNS_TYPE_A : DNS_TYPE_AAAA, ip_format(ip, text));
}

/* Can PTRs be planned at this reverse name?  Says why not. */
static bool is_reverse_usable(const struct published_reverse *r)
{
    char text[IP_TEXT_MAX];

    if (!r->zone)
        log_info("no reverse zone for %s on this server: no PTR", ip_format(r->ip, text));
    return r->zone;
}

static bool is_rcode_known(const struct published_reverse *r)
{
    return r->rcode == DNS_RCODE_NOERROR || r->rcode == DNS_RCODE_NXDOMAIN;
}

static char *also_names(TALLOC_CTX *mem, const char *other)
{
    return other ? talloc_asprintf(mem, "also names %s", other) : NULL;
}

/* What is to be at the reverse name of an address that is published. */
static bool plan_wanted_ptr(struct plan *p, const struct plan_input *in,
                            const struct published_reverse *r)
{
    const char *fqdn = in->published->fqdn, *other = NULL, *sibling = NULL;
    char text[16];

    if (!is_rcode_known(r))
        return add_ptr(p, fqdn, r, fqdn, REGISTER_FAILED,
                       talloc_asprintf(p,
                                       "cannot read what is published there: the server answers %s",
                                       dns_rcode_name(r->rcode, text)));
    for (size_t i = 0; i < r->n_targets; i++) {
        const char *t = r->targets[i];

        if (strcmp(t, fqdn) == 0)
            continue;
        if (!is_remembered_ptr(in, r, t))
            other = t;
        else if (siblings_want(in->siblings, t))
            sibling = t;
        else if (!add_ptr(p, fqdn, r, t, REGISTER_DELETE,
                          talloc_strdup(p, "this host's earlier name")))
            return false;
    }
    if (published_names(r, fqdn))
        return add_ptr(p, fqdn, r, fqdn, REGISTER_REFRESH, also_names(p, other ? other : sibling));
    if (other)
        return add_ptr(p, fqdn, r, fqdn, REGISTER_CONFLICT,
                       talloc_asprintf(p, "held by %s", other));
    return add_ptr(p, fqdn, r, fqdn, REGISTER_ADD, also_names(p, sibling));
}

/* Published, and this host's to take back? */
static bool is_outdated(const struct plan_input *in, struct ip ip)
{
    return is_remembered_address(in, ip) || address_is_in(ip, in->own, in->n_own);
}

/*
 * At the reverse name of an address that is no longer published, what this host wrote goes.  That
 * the address is this host's proves nothing: the PTR may be an administrator's.
 */
static bool plan_old_ptr(struct plan *p, const struct plan_input *in,
                         const struct published_reverse *r)
{
    const char *fqdn = in->published->fqdn;

    for (size_t i = 0; is_rcode_known(r) && i < r->n_targets; i++) {
        const char *t = r->targets[i];
        bool goes_with_address = strcmp(t, fqdn) == 0 && is_outdated(in, r->ip);
        bool is_ours = is_own_ptr(in, r, t) ||
                       (goes_with_address && in->recovered && has_ptr(in->recovered, r, t));

        if (is_ours ? !add_ptr(p, fqdn, r, t, REGISTER_DELETE, NULL)
                    : goes_with_address && !add_ptr(p, fqdn, r, t, REGISTER_KEEP,
                                                    talloc_strdup(p, NOT_KNOWN_AS_OURS)))
            return false;
    }
    return true;
}

static bool plan_alias(struct plan *p, const struct published *pub)
{
    char *detail = talloc_asprintf(p, "the name is an alias of %s", pub->cname);

    log_warning("conflict %s: is an alias of %s", pub->fqdn, pub->cname);
    return plan_add(p, (struct plan_step){
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
        struct ip ip = pub->addresses[i];

        if (is_wanted(in, ip))
            continue;
        if (!(is_outdated(in, ip) ? add_address(p, pub, ip, REGISTER_DELETE)
                                  : keep_address(p, pub, ip)))
            return false;
    }
    return unseen_at_own_name(p, in, false);
}

/* One remembered address under an earlier name. */
static bool plan_earlier_address(struct plan *p, const struct plan_input *in,
                                 const struct published_name *name,
                                 const struct memory_record *record, struct ip ip)
{
    bool is_kept = siblings_want(in->siblings, name->fqdn);
    enum register_action action = is_kept ? REGISTER_KEEP : REGISTER_DELETE;
    char *detail, text[16];

    if (name->rcode != DNS_RCODE_NOERROR) {
        action = REGISTER_FAILED;
        detail = talloc_asprintf(p, "cannot read what is published there: the server answers %s",
                                 dns_rcode_name(name->rcode, text));
    } else if (!address_is_in(ip, name->addresses, name->n_addresses)) {
        return is_kept || unseen_earlier(p, record);
    } else {
        detail = talloc_strdup(p, is_kept ? "another registration of this host has this name now"
                                          : "this host's earlier name");
    }
    if (!detail || !add_address_at(p, name->zone, name->fqdn, ip, action, detail))
        return false;
    p->steps[p->n_steps - 1].is_earlier = true;
    return true;
}

/* Only what this host put there: somebody else may bear the name by now. */
static bool plan_earlier_names(struct plan *p, const struct plan_input *in)
{
    for (size_t i = 0; i < in->memory->n_records; i++) {
        const struct memory_record *r = &in->memory->records[i];
        const struct published_name *name = published_name_of(in->published, r->name);
        struct ip ip;

        if (r->type == DNS_TYPE_TXT && name && name->zone && !stamp_plan_earlier(p, in, name, r))
            return false;
        if (r->type != DNS_TYPE_PTR && name && name->zone && ip_parse(r->data, &ip) &&
            !plan_earlier_address(p, in, name, r, ip))
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
    ok = ok && (pub->is_reverse_only || plan_own_name(p, in)) && stamp_plan(p, in) &&
         unseen_heartbeats(p, in);
    for (size_t i = 0; ok && in->with_ptr && i < pub->n_reverse; i++) {
        const struct published_reverse *r = &pub->reverse[i];

        if (is_reverse_usable(r))
            ok = is_wanted(in, r->ip) ? plan_wanted_ptr(p, in, r) : plan_old_ptr(p, in, r);
        ok = ok && unseen_ptrs(p, in, r, false);
    }
    ok = ok && form_updates(p, pub, in->form, in->renewal, in->ttl_s);
    return hand_over(mem, p, ok, out, e);
}

/* Why unregister leaves what bears the own name where it is.  On p. */
static char *why_left(struct plan *p, const struct plan_input *in, enum register_action *action)
{
    *action = in->unknown ? REGISTER_FAILED : REGISTER_KEEP;
    if (!in->unknown)
        return talloc_strdup(p, NOT_KNOWN_AS_OURS);
    return talloc_asprintf(p,
                           "nothing is remembered, and the directory cannot say whose it is (%s): "
                           "left alone",
                           in->unknown);
}

static bool leave_address(struct plan *p, const struct plan_input *in, struct ip ip)
{
    enum register_action action;
    char *why = why_left(p, in, &action);

    if (!why || !add_address_at(p, in->published->zone, in->published->fqdn, ip, action, why))
        return false;
    p->steps[p->n_steps - 1].hint = in->unknown ? HINT_BY_HAND : NULL;
    return true;
}

static bool leave_ptr(struct plan *p, const struct plan_input *in,
                      const struct published_reverse *r)
{
    enum register_action action;
    char *why = why_left(p, in, &action);

    if (!why || !add_ptr(p, in->published->fqdn, r, in->published->fqdn, action, why))
        return false;
    p->steps[p->n_steps - 1].hint = in->unknown ? HINT_BY_HAND : NULL;
    return true;
}

/* At one reverse name: the own name, and earlier ones. */
static bool plan_ptr_removal(struct plan *p, const struct plan_input *in,
                             const struct published_reverse *r)
{
    const char *fqdn = in->published->fqdn;

    for (size_t i = 0; is_rcode_known(r) && i < r->n_targets; i++) {
        const char *t = r->targets[i];

        if (is_own_ptr(in, r, t) ? !add_ptr(p, fqdn, r, t, REGISTER_DELETE, NULL)
                                 : strcmp(t, fqdn) == 0 && !leave_ptr(p, in, r))
            return false;
    }
    return true;
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
    for (size_t i = 0; ok && i < pub->n_addresses; i++) {
        if (!is_wanted(in, pub->addresses[i]))
            ok = leave_address(p, in, pub->addresses[i]);
    }
    ok = ok && unseen_at_own_name(p, in, true);
    ok = ok && stamp_plan(p, in) && unseen_heartbeats(p, in);
    for (size_t i = 0; ok && in->with_ptr && i < pub->n_reverse; i++) {
        if (is_reverse_usable(&pub->reverse[i]))
            ok = plan_ptr_removal(p, in, &pub->reverse[i]);
        ok = ok && unseen_ptrs(p, in, &pub->reverse[i], true);
    }
    ok = ok && form_updates(p, pub, in->form, in->renewal, in->ttl_s);
    return hand_over(mem, p, ok, out, e);
}

enum err plan_earlier(TALLOC_CTX *mem, const struct plan_input *in, struct plan **out,
                      struct error *e)
{
    struct plan *p = talloc_zero(NULL, struct plan);
    bool ok = p && plan_earlier_names(p, in) && unseen_nowhere(p, in) &&
              form_updates(p, in->published, in->form, in->renewal, in->ttl_s);

    return hand_over(mem, p, ok, out, e);
}

static bool add_failure(struct plan *p, const struct plan_failure *f, const char *data)
{
    char *detail = talloc_strdup(p, f->why);

    if (f->is_elsewhere)
        log_info("no PTR %s for %s: %s", f->reverse->name, data, f->why);
    else
        log_warning("failed %s PTR %s: %s", f->reverse->name, data, f->why);
    if (!detail || !plan_add(p, (struct plan_step){
                                    .zone = talloc_strdup(p, f->zone),
                                    .owner = talloc_strdup(p, f->reverse->name),
                                    .reverse_name = talloc_strdup(p, f->reverse->name),
                                    .reverse_zone = talloc_strdup(p, f->zone),
                                    .type = DNS_TYPE_PTR,
                                    .data = talloc_strdup(p, data),
                                    .action = f->is_elsewhere ? REGISTER_KEEP : REGISTER_FAILED,
                                    .detail = detail,
                                    .hint = f->hint ? talloc_strdup(p, f->hint) : NULL,
                                    .ip = f->reverse->ip,
                                    .is_elsewhere = f->is_elsewhere,
                                }))
        return false;
    p->steps[p->n_steps - 1].code = f->code;
    return true;
}

bool plan_fail(struct plan *p, const struct plan_input *in, const struct plan_failure *f)
{
    char *target = talloc_asprintf(p, "%s.", in->published->fqdn);

    if (!target || (!in->is_leaving && is_wanted(in, f->reverse->ip) && !add_failure(p, f, target)))
        return false;
    for (size_t i = 0; i < in->memory->n_records; i++) {
        const struct memory_record *r = &in->memory->records[i];
        bool is_told =
            !in->is_leaving && is_wanted(in, f->reverse->ip) && strcmp(r->data, target) == 0;

        if (r->type == DNS_TYPE_PTR && strcmp(r->name, f->reverse->name) == 0 && !is_told &&
            !siblings_want(in->siblings, r->data) && !add_failure(p, f, r->data))
            return false;
    }
    return true;
}

bool plan_append(struct plan *p, struct plan *other)
{
    talloc_steal(p, other);
    if (!other->n_steps)
        return true;
    p->steps = talloc_realloc(p, p->steps, struct plan_step, p->n_steps + other->n_steps);
    if (!p->steps)
        return false;
    memcpy(&p->steps[p->n_steps], other->steps, other->n_steps * sizeof *other->steps);
    p->n_steps += other->n_steps;
    return true;
}

bool plan_step_is_in(const struct plan *p, const struct plan_step *s, size_t update)
{
    const char *owner = p->update_owners ? p->update_owners[update] : NULL;

    if (strcmp(s->zone, p->updates[update].zone) != 0)
        return false;
    return owner ? s->is_apart && strcmp(s->owner, owner) == 0 : !s->is_apart;
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
