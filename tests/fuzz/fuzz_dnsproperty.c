/*
 * dNSProperty values: each of a row of them (fuzz_next), and what the row makes of a zone and of a
 * change to its aging.
 */
#include "ldap/dnsproperty.h"
#include "ldap/zone_properties.h"
#include "tests/fuzz/fuzz.h"

#define VALUES_MAX 64

/* Every value decodes, and none that a change leaves alone makes the aging doubtful. */
static bool is_sound;
static const struct dnsproperty *scavenge_after; /* the first of its kind */

static void check_scavenge_after(const struct dnsproperty *p)
{
    uint32_t first = 0, v = 0;

    if (p->id != DNSPROPERTY_SCAVENGE_AFTER)
        return;
    if (!scavenge_after)
        scavenge_after = p;
    is_sound &= dnsproperty_u32(p, 0, &v) && dnsproperty_u32(scavenge_after, 0, &first);
    is_sound &= v == first;
}

static void check_value(TALLOC_CTX *mem, struct bytes value)
{
    struct dnsproperty *p;
    struct error e = { 0 };
    uint32_t v;
    enum err rc = dnsproperty_decode(mem, value, &p, &e);

    must_say(rc, &e);
    must_hold(rc == OK || rc == ERR_MALFORMED);
    is_sound &= rc == OK;
    if (rc != OK)
        return;
    must_hold(p->data.len + p->trailer.len == value.len - 20);
    must_hold(bytes_equal(dnsproperty_encode(mem, p), value));
    must_hold(!dnsproperty_u32(p, 7, &v) || p->data.len || v == 7);
    check_scavenge_after(p);
}

static bool contains(const struct bytes *set, size_t n, struct bytes value)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes_equal(set[i], value))
            return true;
    }
    return false;
}

/* The zone as it is once the change is written. */
static struct dns_zone changed(TALLOC_CTX *mem, const struct dns_zone *zone,
                               const struct property_change *c)
{
    struct dns_zone after = { .name = zone->name };

    after.properties = talloc_array(mem, struct bytes, zone->n_properties + c->n_new);
    must_hold(after.properties);
    for (size_t i = 0; i < zone->n_properties; i++) {
        if (!contains(c->old, c->n_old, zone->properties[i]))
            after.properties[after.n_properties++] = zone->properties[i];
    }
    for (size_t i = 0; i < c->n_new; i++)
        after.properties[after.n_properties++] = c->new[i];
    return after;
}

/* What was wanted is what is read then, and wanting it again changes nothing. */
static void check_change(TALLOC_CTX *mem, const struct dns_zone *zone)
{
    static const struct zone_aging wishes[] = { { true, 168, 168, 0 },
                                                { false, 24, 48, 0 },
                                                { true, 1, 8784, 3733279 } };

    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
        struct property_change change, none;
        struct error e = { 0 };
        struct dns_zone after;

        must_hold(zone_aging_change(mem, zone, &wishes[i], &change, &e) == OK);
        for (size_t k = 0; k < change.n_old; k++)
            must_hold(contains(zone->properties, zone->n_properties, change.old[k]));
        after = changed(mem, zone, &change);
        must_hold(zone_properties_read(mem, &after, &e) == OK);
        must_hold(after.aging.no_refresh_h == wishes[i].no_refresh_h);
        must_hold(after.aging.refresh_h == wishes[i].refresh_h);
        must_hold(after.aging.is_enabled == wishes[i].is_enabled || !is_sound);
        must_hold(zone_aging_change(mem, &after, &wishes[i], &none, &e) == OK);
        must_hold(none.n_old == 0 && none.n_new == 0);
    }
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct rd r = rd_init(in);
    struct bytes values[VALUES_MAX], value;
    struct dns_zone zone = { .name = "ad.example.test", .properties = values };
    struct error e = { 0 };

    is_sound = true;
    scavenge_after = NULL;
    /* An attribute's values are a set. */
    while (zone.n_properties < VALUES_MAX && fuzz_next(&r, &value)) {
        check_value(mem, value);
        if (!contains(values, zone.n_properties, value))
            values[zone.n_properties++] = value;
    }
    must_hold(zone_properties_read(mem, &zone, &e) == OK);
    must_hold(zone.n_scavenging_servers <= in.len / 4);
    must_hold(zone_update_mode_name(zone.update));
    must_hold(is_sound || !zone.aging.is_enabled);
    check_change(mem, &zone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
