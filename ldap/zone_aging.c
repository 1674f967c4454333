#include <inttypes.h>

#include "base/log.h"
#include "ldap/dnsproperty.h"
#include "ldap/modify.h"
#include "ldap/zone_properties.h"

#define PROPERTY_VERSION 1

struct setting {
    uint32_t id;
    uint32_t otherwise; /* without such a property, or with an empty one */
    uint32_t wanted;
};

static bool append(TALLOC_CTX *mem, struct bytes **list, size_t *n, struct bytes value)
{
    struct bytes *more = talloc_realloc(mem, *list, struct bytes, *n + 1);

    if (!more || !value.data)
        return false;
    more[(*n)++] = value;
    *list = more;
    return true;
}

static struct bytes le32(TALLOC_CTX *mem, uint32_t v)
{
    struct wr w = wr_init(mem);

    wr_le32(&w, v);
    return wr_view(&w);
}

static bool says_so_already(const struct dnsproperty *p, const struct setting *s)
{
    uint32_t v;

    if (!dnsproperty_u32(p, s->otherwise, &v))
        return false;
    return s->id == DNSPROPERTY_AGING ? !v == !s->wanted : v == s->wanted;
}

static struct bytes with_number(TALLOC_CTX *mem, const struct dnsproperty *p, uint32_t v)
{
    struct dnsproperty changed = *p;

    changed.data = le32(mem, v);
    return changed.data.data ? dnsproperty_encode(mem, &changed) : changed.data;
}

/* As Samba writes them: no name, but four bytes for it. */
static struct bytes new_property(TALLOC_CTX *mem, const struct setting *s)
{
    static const uint8_t no_name[4];
    struct dnsproperty p = {
        .version = PROPERTY_VERSION,
        .id = s->id,
        .data = le32(mem, s->wanted),
        .trailer = { no_name, sizeof no_name },
    };

    return p.data.data ? dnsproperty_encode(mem, &p) : p.data;
}

/*
 * What stands in place of a property that is to say this; *p NULL where its data end too early, so
 * that nothing of it is worth keeping.
 */
static struct bytes put_right(TALLOC_CTX *mem, struct bytes value, const struct dnsproperty *p,
                              const struct setting *s, bool *is_different)
{
    if (p && says_so_already(p, s))
        return value;
    *is_different = true;
    return p ? with_number(mem, p, s->wanted) : new_property(mem, s);
}

/* A value of that id; *p is NULL where it does not decode.  ERR_NOTFOUND: it is of another. */
static enum err read_setting(TALLOC_CTX *mem, struct bytes value, uint32_t id,
                             struct dnsproperty **p, struct error *e)
{
    uint32_t its_id;

    *p = NULL;
    if (!dnsproperty_id(value, &its_id) || its_id != id)
        return ERR_NOTFOUND;
    return dnsproperty_decode(mem, value, p, NULL) == ERR_NOMEM ? err_nomem(e) : OK;
}

/* Every value of the id goes out, one comes in; *is_different says whether that changes anything.
 */
static enum err change_setting(TALLOC_CTX *mem, const struct dns_zone *zone,
                               const struct setting *s, struct property_change *change,
                               bool *is_different, struct error *e)
{
    size_t n_found = 0;

    for (size_t i = 0; i < zone->n_properties; i++) {
        struct bytes value = zone->properties[i];
        struct dnsproperty *p;
        enum err rc = read_setting(mem, value, s->id, &p, e);

        if (rc == ERR_NOTFOUND)
            continue;
        if (rc)
            return rc;
        if (!append(mem, &change->old, &change->n_old, value))
            return err_nomem(e);
        if (n_found++ > 0) {
            *is_different = true;
            continue;
        }
        value = put_right(mem, value, p, s, is_different);
        if (!append(mem, &change->new, &change->n_new, value))
            return err_nomem(e);
    }
    if (n_found == 0 && s->wanted != s->otherwise) {
        *is_different = true;
        if (!append(mem, &change->new, &change->n_new, new_property(mem, s)))
            return err_nomem(e);
    }
    return OK;
}

/* Does each value of the id that there is say so already? */
static bool is_settled(TALLOC_CTX *mem, const struct dns_zone *zone, const struct setting *s)
{
    for (size_t i = 0; i < zone->n_properties; i++) {
        struct dnsproperty *p;
        enum err rc = read_setting(mem, zone->properties[i], s->id, &p, NULL);

        if (rc != ERR_NOTFOUND && (rc || !p || !says_so_already(p, s)))
            return false;
    }
    return true;
}

enum err zone_aging_change(TALLOC_CTX *mem, const struct dns_zone *zone,
                           const struct zone_aging *wanted, struct property_change *out,
                           struct error *e)
{
    const struct setting settings[] = {
        { DNSPROPERTY_NO_REFRESH, ZONE_DEFAULT_INTERVAL_H, wanted->no_refresh_h },
        { DNSPROPERTY_REFRESH, ZONE_DEFAULT_INTERVAL_H, wanted->refresh_h },
        { DNSPROPERTY_AGING, 0, wanted->is_enabled },
        { DNSPROPERTY_SCAVENGE_AFTER, 0, wanted->scavenge_after_h },
    };
    struct property_change change = { 0 };
    bool is_different = false;

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        enum err rc;

        if (settings[i].id == DNSPROPERTY_SCAVENGE_AFTER &&
            wanted->scavenge_after_h == zone->aging.scavenge_after_h &&
            is_settled(mem, zone, &settings[i]))
            continue;
        rc = change_setting(mem, zone, &settings[i], &change, &is_different, e);
        if (rc != OK)
            return rc;
    }
    *out = is_different ? change : (struct property_change){ 0 };
    return OK;
}

enum err zone_set_aging(struct directory *d, const struct dns_zone *zone,
                        const struct zone_aging *aging, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct property_change change;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    if ((rc = zone_aging_change(tmp, zone, aging, &change, e)) != OK)
        goto done;
    if (change.n_old == 0 && change.n_new == 0) {
        log_info("zone %s: aging is set so already, nothing written", zone->name);
        goto done;
    }
    rc = directory_modify(d,
                          &(struct modify){
                              .dn = zone->dn,
                              .attribute = "dNSProperty",
                              .old = change.old,
                              .n_old = change.n_old,
                              .new = change.new,
                              .n_new = change.n_new,
                          },
                          e);
done:
    talloc_free(tmp);
    return rc;
}
