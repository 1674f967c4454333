#include "scavenger/gate.h"

#include <string.h>

#include "base/clock.h"

#define HOURS_PER_DAY 24
#define ZONE_TYPE_PRIMARY 1

struct stamp {
    uint32_t timestamp_h;
    uint32_t owner; /* of all its records; STAMP_OWNER_OTHER once they differ */
    size_t count;
};

/* An open-addressing table: a zone has at most as many timestamps as hours it lived. */
struct stamp_count {
    struct stamp *slots;
    size_t n_slots; /* a power of two */
    size_t n_used;
    size_t total;
    size_t most;
};

struct stamp_count *stamp_count_new(TALLOC_CTX *mem)
{
    struct stamp_count *s = talloc_zero(mem, struct stamp_count);

    if (!s)
        return NULL;
    s->n_slots = 256;
    s->slots = talloc_zero_array(s, struct stamp, s->n_slots);
    if (!s->slots)
        TALLOC_FREE(s);
    return s;
}

static struct stamp *slot_of(struct stamp *slots, size_t n_slots, uint32_t timestamp_h)
{
    size_t at = (timestamp_h * 2654435761U) & (n_slots - 1);

    while (slots[at].count && slots[at].timestamp_h != timestamp_h)
        at = (at + 1) & (n_slots - 1);
    return &slots[at];
}

static enum err grow(struct stamp_count *s, struct error *e)
{
    size_t n_slots = s->n_slots * 2;
    struct stamp *slots = talloc_zero_array(s, struct stamp, n_slots);

    if (!slots)
        return err_nomem(e);
    for (size_t i = 0; i < s->n_slots; i++) {
        if (s->slots[i].count)
            *slot_of(slots, n_slots, s->slots[i].timestamp_h) = s->slots[i];
    }
    talloc_free(s->slots);
    s->slots = slots;
    s->n_slots = n_slots;
    return OK;
}

enum err stamp_count_add(struct stamp_count *s, uint32_t timestamp_h, uint32_t owner,
                         struct error *e)
{
    struct stamp *slot;

    if (s->n_used * 2 >= s->n_slots && grow(s, e))
        return ERR_NOMEM;
    slot = slot_of(s->slots, s->n_slots, timestamp_h);
    if (slot->count == 0) {
        slot->timestamp_h = timestamp_h;
        slot->owner = owner;
        s->n_used++;
    } else if (slot->owner != owner) {
        slot->owner = STAMP_OWNER_OTHER;
    }
    slot->count++;
    s->total++;
    if (slot->count > s->most)
        s->most = slot->count;
    return OK;
}

size_t stamp_count_total(const struct stamp_count *s) { return s->total; }
size_t stamp_count_most(const struct stamp_count *s) { return s->most; }

/* The stamp that more than half of the records have, of all or of those that are stale; or NULL. */
static const struct stamp *common_stamp(const struct gate_inputs *in, bool only_stale,
                                        size_t *total)
{
    const struct stamp_count *s = in->stamps;
    uint64_t life_h = (uint64_t)in->zone->aging.no_refresh_h + in->zone->aging.refresh_h;
    const struct stamp *most = NULL;

    *total = 0;
    for (size_t i = 0; i < s->n_slots; i++) {
        const struct stamp *slot = &s->slots[i];

        if (slot->count == 0 || (only_stale && slot->timestamp_h + life_h >= in->now_h))
            continue;
        *total += slot->count;
        if (!most || slot->count > most->count)
            most = slot;
    }
    return *total >= GATE_ONE_STAMP_MIN && most->count > *total / 2 ? most : NULL;
}

/*
 * AgeAllRecords stamps whatever there is, administrators' records too.  Hosts that live are
 * refreshed later on, so weeks afterwards the one stamp is no longer the zone's commonest but that
 * of the stale records.  A member's account that owns all of them registered them in one go, as a
 * DHCP server does: no reason to distrust the stamp.  A controller's owns what administrators
 * entered.
 */
static bool is_one_stamp(const struct gate_inputs *in)
{
    const struct stamp *all, *stale;
    size_t total;

    all = common_stamp(in, false, &total);
    stale = common_stamp(in, true, &total);
    return (all && all->owner == STAMP_OWNER_OTHER) || (stale && stale->owner == STAMP_OWNER_OTHER);
}

/*
 * A dynamic update makes a record with a timestamp, an administrator's tool one without.  Where
 * what hosts own has none and what others own has, timestamps mean the opposite.
 */
static bool is_inverted(const struct stamp_owners *o)
{
    return o->host_static + o->host_dynamic >= GATE_INVERTED_MIN &&
           o->host_static > o->host_dynamic && o->other_dynamic > o->other_static;
}

uint64_t gate_settled_h(const struct dns_zone *zone)
{
    uint64_t named_h = zone->aging.scavenge_after_h, settled_h = UINT64_MAX;

    /* Nobody switched it on: that is another gate's. */
    if (!zone->aging.is_enabled)
        return named_h;
    if (zone->change.source != ZONE_CHANGE_UNREAD)
        settled_h = zone->change.at <= 0
                        ? 0
                        : (uint64_t)clock_hours_from_unix(zone->change.at) + zone->aging.refresh_h;
    return settled_h > named_h ? settled_h : named_h;
}

uint64_t gate_scavenge_from_h(const struct dns_zone *zone, uint32_t now_h)
{
    uint64_t settled_h = gate_settled_h(zone);

    return settled_h <= now_h || settled_h == UINT64_MAX || !zone->aging.is_enabled ? 0 : settled_h;
}

static bool is_shut(enum gate g, const struct gate_inputs *in)
{
    const struct zone_aging *a = &in->zone->aging;

    switch (g) {
    case GATE_OPEN:
        return false;
    case GATE_NOT_PRIMARY:
        return in->zone->zone_type != ZONE_TYPE_PRIMARY;
    case GATE_AGING_OFF:
        return !a->is_enabled;
    case GATE_TOO_RECENT:
        return in->now_h < gate_settled_h(in->zone);
    case GATE_SHORT_INTERVALS:
        return a->no_refresh_h < HOURS_PER_DAY || a->refresh_h < HOURS_PER_DAY;
    case GATE_ONE_STAMP:
        return is_one_stamp(in);
    case GATE_INVERTED:
        return is_inverted(&in->owners);
    }
    return true;
}

enum gate gate_judge(const struct gate_inputs *in, gate_set overridden)
{
    for (int g = GATE_OPEN + 1; g < GATE_COUNT; g++) {
        if (!(overridden & GATE_BIT(g)) && is_shut((enum gate)g, in))
            return (enum gate)g;
    }
    return GATE_OPEN;
}

gate_set gate_overridden(const struct gate_inputs *in, gate_set overridden)
{
    gate_set shut = 0;

    for (int g = GATE_OPEN + 1; g < GATE_COUNT; g++) {
        if ((overridden & GATE_BIT(g)) && is_shut((enum gate)g, in))
            shut |= GATE_BIT(g);
    }
    return shut;
}

static const char *const names[GATE_COUNT] = {
    [GATE_OPEN] = NULL,
    [GATE_NOT_PRIMARY] = "not-primary",
    [GATE_AGING_OFF] = "aging-off",
    [GATE_TOO_RECENT] = "aging-too-recent",
    [GATE_SHORT_INTERVALS] = "intervals-too-short",
    [GATE_ONE_STAMP] = "one-stamp",
    [GATE_INVERTED] = "inverted-stamps",
};

const char *gate_name(enum gate g) { return (size_t)g < GATE_COUNT ? names[g] : "internal"; }

bool gate_parse(const char *name, enum gate *out)
{
    for (int g = GATE_OPEN + 1; g < GATE_COUNT; g++) {
        if (strcmp(names[g], name) == 0) {
            *out = (enum gate)g;
            return true;
        }
    }
    return false;
}

bool gate_can_be_overridden(enum gate g) { return g != GATE_OPEN && g != GATE_NOT_PRIMARY; }

static char *explain_one_stamp(TALLOC_CTX *mem, const struct gate_inputs *in)
{
    size_t total;
    const struct stamp *one = common_stamp(in, false, &total);
    const char *kind = "dynamic";
    char *when, *text;

    if (!one || one->owner != STAMP_OWNER_OTHER) {
        one = common_stamp(in, true, &total);
        kind = "stale";
    }
    if (!one)
        return NULL;
    when = clock_rfc3339(mem, clock_unix_from_hours(one->timestamp_h));
    text = talloc_asprintf(mem,
                           "%zu of %zu %s records share the timestamp %s, as after AgeAllRecords: "
                           "static records may be among them",
                           one->count, total, kind, when ? when : "");
    talloc_free(when);
    return text;
}

static char *explain_too_recent(TALLOC_CTX *mem, const struct dns_zone *zone)
{
    uint64_t settled_h = gate_settled_h(zone);
    const char *changed, *until;
    TALLOC_CTX *tmp;
    char *text = NULL;

    if (zone->change.source == ZONE_CHANGE_UNREAD)
        return talloc_strdup(mem, "when aging was switched on cannot be read: hosts may not have "
                                  "had the time to refresh");
    tmp = talloc_new(mem);
    changed = clock_rfc3339(tmp, zone->change.at);
    until = clock_rfc3339(tmp, clock_unix_from_hours(settled_h));
    if (!changed || !until)
        ;
    else if (settled_h <= zone->aging.scavenge_after_h)
        text = talloc_asprintf(mem, "not to be scavenged before %s: hosts need the time to refresh",
                               until);
    else if (zone->change.source == ZONE_CHANGE_EXACT)
        text = talloc_asprintf(mem,
                               "its settings were changed on %s (change %u): not to be scavenged "
                               "before %s, hosts need the time to refresh",
                               changed, zone->change.version, until);
    else
        text = talloc_asprintf(mem,
                               "its settings may have been changed as late as %s (their own "
                               "history cannot be read): not to be scavenged before %s, hosts need "
                               "the time to refresh",
                               changed, until);
    talloc_free(tmp);
    return text;
}

char *gate_explain(TALLOC_CTX *mem, enum gate g, const struct gate_inputs *in)
{
    const struct dns_zone *zone = in->zone;

    switch (g) {
    case GATE_OPEN:
        return NULL;
    case GATE_NOT_PRIMARY:
        return talloc_asprintf(mem, "zone type %u is not a primary zone", zone->zone_type);
    case GATE_AGING_OFF:
        return talloc_asprintf(mem, "aging is off; switch it on with `muster aging %s --enable`",
                               zone->name);
    case GATE_TOO_RECENT:
        return explain_too_recent(mem, zone);
    case GATE_SHORT_INTERVALS:
        return talloc_asprintf(mem,
                               "no-refresh %u h and refresh %u h: below 24 h live hosts would be "
                               "deleted, since they refresh once a day",
                               zone->aging.no_refresh_h, zone->aging.refresh_h);
    case GATE_ONE_STAMP:
        return explain_one_stamp(mem, in);
    case GATE_INVERTED:
        return talloc_asprintf(
            mem,
            "%zu of %zu addresses that computers registered are static, and %zu of "
            "%zu others dynamic: an old Samba server stamped them the wrong way "
            "round (bug 12451)",
            in->owners.host_static, in->owners.host_static + in->owners.host_dynamic,
            in->owners.other_dynamic, in->owners.other_static + in->owners.other_dynamic);
    }
    return NULL;
}
