#include "scavenger/gate.h"

#include "base/clock.h"

#define HOURS_PER_DAY 24
#define ZONE_TYPE_PRIMARY 1

struct stamp {
    uint32_t timestamp_h;
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

enum err stamp_count_add(struct stamp_count *s, uint32_t timestamp_h, struct error *e)
{
    struct stamp *slot;

    if (s->n_used * 2 >= s->n_slots && grow(s, e))
        return ERR_NOMEM;
    slot = slot_of(s->slots, s->n_slots, timestamp_h);
    if (slot->count == 0) {
        slot->timestamp_h = timestamp_h;
        s->n_used++;
    }
    slot->count++;
    s->total++;
    if (slot->count > s->most)
        s->most = slot->count;
    return OK;
}

size_t stamp_count_total(const struct stamp_count *s) { return s->total; }
size_t stamp_count_most(const struct stamp_count *s) { return s->most; }

enum gate gate_judge(const struct dns_zone *zone, const struct stamp_count *stamps, uint32_t now_h)
{
    const struct zone_aging *a = &zone->aging;

    if (zone->zone_type != ZONE_TYPE_PRIMARY)
        return GATE_NOT_PRIMARY;
    if (!a->is_enabled)
        return GATE_AGING_OFF;
    if (now_h < a->scavenge_after_h)
        return GATE_TOO_RECENT;
    if (a->no_refresh_h < HOURS_PER_DAY || a->refresh_h < HOURS_PER_DAY)
        return GATE_SHORT_INTERVALS;
    if (stamps->total >= GATE_ONE_STAMP_MIN && stamps->most > stamps->total / 2)
        return GATE_ONE_STAMP;
    return GATE_OPEN;
}

const char *gate_name(enum gate g)
{
    switch (g) {
    case GATE_OPEN:
        return NULL;
    case GATE_NOT_PRIMARY:
        return "not-primary";
    case GATE_AGING_OFF:
        return "aging-off";
    case GATE_TOO_RECENT:
        return "aging-too-recent";
    case GATE_SHORT_INTERVALS:
        return "intervals-too-short";
    case GATE_ONE_STAMP:
        return "one-stamp";
    }
    return "internal";
}

char *gate_explain(TALLOC_CTX *mem, enum gate g, const struct dns_zone *zone)
{
    char *when, *text = NULL;

    switch (g) {
    case GATE_OPEN:
        return NULL;
    case GATE_NOT_PRIMARY:
        return talloc_asprintf(mem, "zone type %u is not a primary zone", zone->zone_type);
    case GATE_AGING_OFF:
        return talloc_asprintf(mem, "aging is off; switch it on with `muster aging %s --enable`",
                               zone->name);
    case GATE_TOO_RECENT:
        when = clock_rfc3339(mem, clock_unix_from_hours(zone->aging.scavenge_after_h));
        if (when)
            text = talloc_asprintf(mem, "not to be scavenged before %s: hosts need the time to refresh",
                                   when);
        talloc_free(when);
        return text;
    case GATE_SHORT_INTERVALS:
        return talloc_asprintf(mem,
                               "no-refresh %u h and refresh %u h: below 24 h live hosts would be "
                               "deleted, since they refresh once a day",
                               zone->aging.no_refresh_h, zone->aging.refresh_h);
    case GATE_ONE_STAMP:
        return talloc_strdup(mem, "most dynamic records share one timestamp, as after AgeAllRecords: "
                                  "static records may be among them");
    }
    return NULL;
}
