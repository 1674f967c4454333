/* What the evidence says of one record: evidence_judge(). */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dns/name.h"
#include "dns/rr.h"
#include "ldap/name.h"
#include "scavenger/evidence.h"

/* A record under judgement and what was heard so far. */
struct hearing {
    const struct evidence *ev;
    const struct plan_node *node;
    const struct plan_value *value;
    const char *owner_name; /* of the node, absolute */
    const char *host;       /* whose record it is: of a PTR its target, else the node's name */
    struct ip address;
    bool has_address;
    bool is_pointer;
    const char *missing; /* evidence that was to be heard, but is not there */
    struct testimony *t;
    bool is_out_of_memory;
};

static char *note(struct hearing *h, const char *format, ...) __attribute__((format(printf, 2, 3)));

static char *note(struct hearing *h, const char *format, ...)
{
    const char **notes = talloc_realloc(h->t, h->t->notes, const char *, h->t->n_notes + 1);
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = notes ? talloc_vasprintf(notes, format, arguments) : NULL;
    va_end(arguments);
    if (notes)
        h->t->notes = notes;
    if (!text) {
        h->is_out_of_memory = true;
        return NULL;
    }
    h->t->notes[h->t->n_notes++] = text;
    return text;
}

/* The first that speaks for the record gives the reason; the others are noted. */
static void speak_for(struct hearing *h, enum reason reason, const char *text)
{
    if (h->t->reason != REASON_STALE || !text)
        return;
    h->t->reason = reason;
    h->t->detail = text;
}

static void miss(struct hearing *h, const char *text)
{
    if (!h->missing)
        h->missing = text;
}

/* "3 h ago", "45 d ago" in buf. */
static const char *ago(uint32_t then_h, uint32_t now_h, char buf[32])
{
    uint32_t h = now_h > then_h ? now_h - then_h : 0;

    if (h < 72)
        snprintf(buf, 32, "%u h ago", h);
    else
        snprintf(buf, 32, "%u d ago", h / 24);
    return buf;
}

/*
 * A logon is noted up to 14 days late, a new password at once; an account that never logged on may
 * have been joined just now.
 */
static uint32_t last_seen(const struct computer *c)
{
    return c->last_logon_h >= c->password_set_h ? c->last_logon_h : c->password_set_h;
}

static bool is_alive(const struct evidence *ev, const struct computer *c)
{
    uint64_t seen_h = last_seen(c);

    return !c->is_disabled && seen_h != 0 && seen_h + ev->alive_window_h >= ev->logon_now_h;
}

static int family_of(uint16_t type)
{
    return type == DNS_TYPE_A ? AF_INET : type == DNS_TYPE_AAAA ? AF_INET6 : 0;
}

/* An address of the same family as the one under judgement, and not that one again. */
static bool is_beside(struct hearing *h, struct bytes value)
{
    struct dnsp_record *r = NULL;
    bool is_other;

    if (dnsp_record_decode(h->t, value, &r, NULL) != OK)
        return false;
    is_other = family_of(r->type) == h->address.family && dnsp_data_is_valid(r) &&
               !ip_equal(ip_from_bytes(h->address.family, r->data.data), h->address);
    talloc_free(r);
    return is_other;
}

static bool node_holds_fresh(struct hearing *h)
{
    for (size_t i = 0; i < h->node->n_values; i++) {
        const struct plan_value *v = &h->node->values[i];

        if (v->reason == REASON_FRESH && is_beside(h, v->raw))
            return true;
    }
    return false;
}

/* An alias of a host holds the host's own address: that one the host has not left. */
static bool name_holds_fresh(const struct hearing *h, const char *name)
{
    return *name && h->ev->state[EVIDENCE_PAIRS] == EVIDENCE_READ &&
           pairs_beside(h->ev->pairs, name, h->address).life == PAIR_FRESH;
}

/*
 * Does the host hold another address of the family that it keeps fresh?  Only what a host itself
 * refreshes counts: what an administrator entered does not show that the host left this one.
 */
static bool has_other_address(struct hearing *h, const char *account_host)
{
    if (!h->has_address)
        return false;
    return (!h->is_pointer && node_holds_fresh(h)) || name_holds_fresh(h, h->host) ||
           name_holds_fresh(h, account_host);
}

static void hear_account(struct hearing *h, const char *what, const struct computer *c,
                         bool is_of_name)
{
    const struct evidence *ev = h->ev;
    const char *name = computer_account(ev->computers, c);
    char buf[32];
    uint32_t seen_h = last_seen(c);
    /* What cannot be read may be recent. */
    bool is_perhaps = (c->is_unread || c->is_logon_unread) && !is_alive(ev, c);
    const char *seen = c->is_logon_unread          ? "(logon time not readable) set its password"
                       : !c->last_logon_h          ? "never logged on, password set"
                       : seen_h == c->last_logon_h ? "logged on"
                                                   : "set its password";

    if (c->is_cluster && !c->is_disabled)
        speak_for(h, REASON_CLUSTER, note(h, "%s %s is a cluster's name object", what, name));
    if (c->is_disabled) {
        note(h, "%s %s is disabled", what, name);
    } else if (seen_h == 0 && !is_perhaps) {
        note(h, "%s %s never logged on", what, name);
    } else if (!is_alive(ev, c) && !is_perhaps) {
        note(h, "%s %s %s %s, longer than the alive window of %u d", what, name, seen,
             ago(seen_h, ev->logon_now_h, buf), ev->alive_window_h / 24);
    } else if (!is_of_name && c->n_foreign > REGISTRAR_NAMES) {
        note(h, "%s %s registers for others (%u names): it does not speak for this one", what, name,
             c->n_foreign);
    } else if (has_other_address(h, computer_host(ev->computers, c))) {
        note(h, "%s %s %s %s, but it keeps another address fresh", what, name,
             is_perhaps ? "was perhaps seen lately" : seen,
             is_perhaps ? "(that cannot be read)" : ago(seen_h, ev->logon_now_h, buf));
    } else if (is_perhaps && c->is_logon_unread) {
        miss(h, note(h, "%s %s: logon time not readable", what, name));
    } else if (is_perhaps) {
        miss(h, note(h, "when %s %s was last seen cannot be read", what, name));
    } else {
        speak_for(h, REASON_OWNER_ALIVE,
                  note(h, "%s %s %s %s", what, name, seen, ago(seen_h, ev->logon_now_h, buf)));
    }
}

/* The account that owns the node, or NULL with what is known instead. */
static const struct computer *hear_owner(struct hearing *h, bool has_named)
{
    const char *sid = h->node->owner_sid;
    struct computer *owner = NULL;

    if (!sid) {
        miss(h, note(h, "the owner of the name cannot be read"));
        return NULL;
    }
    switch (computers_by_sid(h->ev->computers, sid, &owner)) {
    case SID_COMPUTER:
        hear_account(h, "owner", owner, computer_has_name(h->ev->computers, owner, h->host));
        break;
    case SID_DOMAIN:
        if (computers_without_sid(h->ev->computers)) {
            miss(h, note(h, "owner %s may be one of %zu computer accounts whose SID cannot be read",
                         sid, computers_without_sid(h->ev->computers)));
            break;
        }
        note(h, "owner %s is no computer account of the domain (any more)", sid);
        break;
    case SID_WELL_KNOWN:
        note(h, "owner %s is no computer account", sid);
        break;
    case SID_FOREIGN: {
        const char *text =
            note(h, "owner %s is of another domain, whose accounts are not read", sid);

        if (!has_named)
            miss(h, text);
        break;
    }
    }
    return owner;
}

/*
 * The owner is the strong link: only it could refresh the record.  The account of the host's name
 * is the weak one, for records that a DHCP server or an administrator entered for it; either keeps.
 */
static void hear_accounts(struct hearing *h)
{
    struct computers *all = h->ev->computers;
    const struct computer *owner;
    bool has_host = false;
    size_t first, n;

    if (h->ev->state[EVIDENCE_ACCOUNTS] == EVIDENCE_EXCLUDED)
        return;
    if (h->ev->state[EVIDENCE_ACCOUNTS] == EVIDENCE_UNREAD) {
        miss(h,
             note(h, "computer accounts could not be read: %s", h->ev->problem[EVIDENCE_ACCOUNTS]));
        return;
    }
    first = computers_find(all, h->host, &n);
    /* Only an account that says itself that this is its host stands in for an unknown owner. */
    for (size_t i = 0; i < n; i++)
        has_host =
            has_host || strcmp(computer_host(all, computers_named(all, first + i)), h->host) == 0;
    owner = hear_owner(h, has_host);
    for (size_t i = 0; i < n; i++) {
        const struct computer *named = computers_named(all, first + i);

        if (named == owner)
            continue;
        hear_account(h, "account of that name", named, true);
        if (is_alive(h->ev, named))
            h->t->kept_out = computer_account(all, named);
    }
    if (n == 0)
        note(h, "no computer account has the name %s", h->host);
}

static void hear_forward(struct hearing *h)
{
    struct pair forward = h->has_address ? pairs_find(h->ev->pairs, h->host, h->address)
                                         : pairs_of_name(h->ev->pairs, h->host, 0);
    char address[IP_TEXT_MAX] = "an address", buf[32];

    if (h->has_address)
        ip_format(h->address, address);
    /* A host of a child domain, or of a zone elsewhere, may hold it there. */
    if (forward.life <= PAIR_STALE && !pairs_holds(h->ev->pairs, h->host)) {
        miss(h, note(h,
                     "whether %s holds %s is not known here: no zone of this directory has that "
                     "name (leave pairs out of --evidence to judge without)",
                     h->host, address));
        return;
    }
    switch (forward.life) {
    case PAIR_FRESH:
        speak_for(h, REASON_FORWARD_FRESH,
                  note(h, "%s holds %s, refreshed %s", h->host, address,
                       ago(forward.timestamp_h, h->ev->now_h, buf)));
        break;
    case PAIR_STATIC:
        speak_for(h, REASON_FORWARD_FRESH, note(h, "%s holds %s, static", h->host, address));
        break;
    case PAIR_UNKNOWN:
        speak_for(h, REASON_FORWARD_FRESH,
                  note(h, "%s holds %s in a zone that does not age", h->host, address));
        break;
    case PAIR_STALE:
        note(h, "%s holds %s, but that is stale too (%s)", h->host, address,
             ago(forward.timestamp_h, h->ev->now_h, buf));
        break;
    case PAIR_NONE:
        note(h, "%s does not hold %s", h->host, address);
        break;
    }
}

static void hear_pairs(struct hearing *h)
{
    char address[IP_TEXT_MAX];

    if (h->ev->state[EVIDENCE_PAIRS] == EVIDENCE_EXCLUDED || (!h->is_pointer && !h->has_address))
        return;
    if (h->ev->state[EVIDENCE_PAIRS] == EVIDENCE_UNREAD) {
        miss(h, note(h, "forward and reverse records could not be read: %s",
                     h->ev->problem[EVIDENCE_PAIRS]));
        return;
    }
    if (h->is_pointer)
        hear_forward(h);
    else if (pairs_find(h->ev->pairs, h->owner_name, h->address).is_reverse_fresh)
        speak_for(h, REASON_REVERSE_FRESH,
                  note(h, "the PTR of %s names %s and is fresh", ip_format(h->address, address),
                       h->owner_name));
    else
        note(h, "no fresh PTR of %s names %s", ip_format(h->address, address), h->owner_name);
}

/* Who the record is about. */
static enum err call_up(struct hearing *h, const struct dns_zone *zone, struct error *e)
{
    struct testimony *t = h->t;

    h->owner_name = dns_name_absolute(t, h->node->name, zone->name);
    h->is_pointer = h->value->type == DNS_TYPE_PTR;
    h->host = h->is_pointer && h->value->data ? name_fold(t, h->value->data) : h->owner_name;
    if (!h->owner_name || !h->host)
        return err_nomem(e);
    if (h->is_pointer)
        h->has_address = dns_name_to_ip(h->owner_name, &h->address);
    else if (family_of(h->value->type) && h->value->data)
        h->has_address = ip_parse(h->value->data, &h->address);
    return OK;
}

static void sum_up(struct hearing *h)
{
    struct testimony *t = h->t;
    char *all;

    t->has_fresh_sibling = h->has_address && !h->is_pointer && node_holds_fresh(h);
    if (t->reason == REASON_STALE && h->missing) {
        t->reason = REASON_EVIDENCE_MISSING;
        t->detail = h->missing;
    }
    if (t->detail || t->n_notes == 0)
        return;
    all = talloc_strdup(t, t->notes[0]);
    for (size_t i = 1; all && i < t->n_notes; i++)
        all = talloc_asprintf_append_buffer(all, "; %s", t->notes[i]);
    t->detail = all;
    h->is_out_of_memory = h->is_out_of_memory || !all;
}

enum err evidence_judge(TALLOC_CTX *mem, const struct evidence *ev, const struct dns_zone *zone,
                        const struct plan_node *node, const struct plan_value *value,
                        struct testimony **out, struct error *e)
{
    struct hearing h = { .ev = ev, .node = node, .value = value };
    enum err rc;

    h.t = talloc_zero(NULL, struct testimony);
    if (!h.t)
        return err_nomem(e);
    h.t->reason = REASON_STALE;
    if (!(rc = call_up(&h, zone, e))) {
        hear_accounts(&h);
        hear_pairs(&h);
        sum_up(&h);
        if (h.is_out_of_memory)
            rc = err_nomem(e);
    }
    if (rc)
        talloc_free(h.t);
    else
        *out = talloc_steal(mem, h.t);
    return rc;
}
