#include "ldap/zones.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "ldap/name.h"
#include "ldap/replmeta.h"
#include "ldap/search.h"
#include "ldap/server_clock.h"
#include "ldap/zone_properties.h"

#define NEAR_NAMES_MAX 3
#define NEAR_DISTANCE_MAX 2

struct listing {
    TALLOC_CTX *mem;
    struct directory *d;
    const char *partition;
    struct dns_zone *zones;
    size_t n;
};

static bool starts(const char *text, const char *with)
{
    return strncasecmp(text, with, strlen(with)) == 0;
}

/* Containers of the DNS server's own that are no zones of anybody (MS-DNSP 3.1.1.1). */
static bool is_internal(const struct rdn *rdn)
{
    return strcmp(rdn->name, "rootdnsservers") == 0 || starts(rdn->name, "..trustanchors") ||
           starts(rdn->name, "..inprogress-") || starts(rdn->name, "..deleted-");
}

static enum err copy_values(TALLOC_CTX *mem, const struct bytes *values, size_t n,
                            struct bytes **out, struct error *e)
{
    struct bytes *copy = talloc_array(mem, struct bytes, n);

    if (!copy)
        return err_nomem(e);
    for (size_t i = 0; i < n; i++) {
        copy[i] = bytes_dup(copy, values[i]);
        if (!copy[i].data)
            return err_nomem(e);
    }
    *out = copy;
    return OK;
}

static struct zone_change change_of(const struct entry *entry)
{
    const struct attribute *meta = entry_attribute(entry, "replPropertyMetaData");
    struct zone_change change = { .source = ZONE_CHANGE_UNREAD };
    struct replmeta found = { 0 };
    struct error why = { 0 };
    char *text;
    enum err rc;

    if (meta && meta->n_values == 1) {
        rc = replmeta_find(meta->values[0], REPLMETA_DNSPROPERTY, &found, &why);
        if (rc == OK || rc == ERR_NOTFOUND)
            return (struct zone_change){ ZONE_CHANGE_EXACT, found.changed_at, found.version };
        log_warning("%s: %s", entry->dn, why.message);
    }
    text = entry_string(NULL, entry, "whenChanged");
    if (text && server_clock_parse(text, &change.at))
        change.source = ZONE_CHANGE_AT_LATEST;
    talloc_free(text);
    return change;
}

/* Everything of the zone is on mem. */
static enum err read_zone(TALLOC_CTX *mem, struct directory *d, const struct entry *entry,
                          const char *partition, char *name, struct dns_zone *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_zone zone = { 0 };
    struct bytes *values;
    enum err rc;

    zone.name = name_fold(mem, name);
    zone.partition = talloc_strdup(mem, partition);
    zone.dn = talloc_strdup(mem, entry->dn);
    if (!tmp || !zone.name || !zone.partition || !zone.dn) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = entry_values(tmp, d, entry, "dNSProperty", &values, &zone.n_properties, e)) ||
        (rc = copy_values(mem, values, zone.n_properties, &zone.properties, e)) ||
        (rc = zone_properties_read(mem, &zone, e)))
        goto done;
    zone.change = change_of(entry);
    *out = zone;
done:
    talloc_free(tmp);
    return rc;
}

static enum err add_zone(const struct entry *entry, void *priv, struct error *e)
{
    struct listing *l = priv;
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_zone *more;
    struct rdn rdn;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    if ((rc = rdn_read(tmp, entry->dn, &rdn, e)) != OK)
        goto done;
    if (rdn.is_conflict || rdn.is_deleted || is_internal(&rdn)) {
        log_info("pass over zone object %s: %s", entry->dn,
                 rdn.is_conflict  ? "it lost a replication conflict"
                 : rdn.is_deleted ? "it is deleted"
                                  : "it belongs to the DNS server itself");
        goto done;
    }
    more = talloc_realloc(l->mem, l->zones, struct dns_zone, l->n + 1);
    if (!more) {
        rc = err_nomem(e);
        goto done;
    }
    l->zones = more;
    rc = read_zone(more, l->d, entry, l->partition, rdn.name, &more[l->n], e);
    if (rc == OK)
        l->n++;
done:
    talloc_free(tmp);
    return rc;
}

/* No MicrosoftDNS container there is nothing unusual. */
static enum err list_below(struct listing *l, const char *parent, const char *partition,
                           struct error *e)
{
    static const char *const attributes[] = { "dNSProperty", "replPropertyMetaData", "whenChanged",
                                              NULL };
    char *base = talloc_asprintf(l->mem, "CN=MicrosoftDNS,%s", parent);
    struct search s = { .base = base, .filter = "(objectClass=dnsZone)", .attributes = attributes };
    enum err rc;

    if (!base)
        return err_nomem(e);
    l->partition = partition;
    rc = search_children(l->d, &s, add_zone, l, e);
    if (rc == ERR_NOTFOUND) {
        err_clear(e);
        rc = OK;
    }
    talloc_free(base);
    return rc;
}

static const char *partition_word(const char *naming_context)
{
    if (starts(naming_context, "DC=DomainDnsZones,"))
        return "DomainDnsZones";
    if (starts(naming_context, "DC=ForestDnsZones,"))
        return "ForestDnsZones";
    return naming_context;
}

static int by_name(const void *a, const void *b)
{
    const struct dns_zone *x = a, *y = b;
    int order = strcmp(x->name, y->name);

    return order ? order : strcmp(x->dn, y->dn);
}

enum err zones_list(TALLOC_CTX *mem, struct directory *d, struct dns_zone **out, size_t *n,
                    struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct listing l = { .mem = tmp, .d = d };
    char *system = talloc_asprintf(tmp, "CN=System,%s", directory_domain_dn(d));
    enum err rc;

    if (!system) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = list_below(&l, system, "System", e)) != OK)
        goto done;
    for (const char *const *nc = directory_naming_contexts(d); *nc; nc++) {
        /* Configuration and schema; partitions that can hold zones are all DC=…. */
        if (starts(*nc, "CN="))
            continue;
        if ((rc = list_below(&l, *nc, partition_word(*nc), e)) != OK)
            goto done;
    }
    if (l.n > 1)
        qsort(l.zones, l.n, sizeof *l.zones, by_name);
    *out = talloc_steal(mem, l.zones);
    *n = l.n;
done:
    talloc_free(tmp);
    return rc;
}

/* Levenshtein distance, or more than NEAR_DISTANCE_MAX where a name is too long to compare. */
static size_t distance(const char *a, const char *b)
{
    size_t row[256], la = strlen(a), lb = strlen(b);

    if (la > 255 || lb > 255)
        return 256;
    for (size_t j = 0; j <= lb; j++)
        row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);

            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[lb];
}

static bool is_below(const char *name, const char *zone)
{
    size_t ln = strlen(name), lz = strlen(zone);

    return ln > lz && name[ln - lz - 1] == '.' && strcmp(name + ln - lz, zone) == 0;
}

static void hint_near_names(TALLOC_CTX *mem, const char *wanted, const struct dns_zone *zones,
                            size_t n, struct error *e)
{
    char *near = talloc_strdup(mem, "");
    size_t found = 0;

    for (size_t i = 0; near && i < n && found < NEAR_NAMES_MAX; i++) {
        const char *name = zones[i].name;

        if (!is_below(wanted, name) && !is_below(name, wanted) &&
            distance(wanted, name) > NEAR_DISTANCE_MAX)
            continue;
        near = talloc_asprintf_append_buffer(near, "%s%s", found++ ? ", " : "", name);
    }
    if (near && found)
        err_hint(e, "near it: %s", near);
    else
        err_hint(e, "`muster zones` lists the %zu zones that there are", n);
}

enum err zone_find(TALLOC_CTX *mem, struct directory *d, const char *name, struct dns_zone **out,
                   struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_zone *zones, *found = NULL, *copy;
    char *wanted = name_fold(tmp, name);
    size_t n;
    enum err rc;

    if (!wanted) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = zones_list(tmp, d, &zones, &n, e)) != OK)
        goto done;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(zones[i].name, wanted) != 0)
            continue;
        if (found) {
            rc = err_set(e, ERR_CONFLICT, "zone %s is there twice: in %s and in %s", wanted,
                         found->partition, zones[i].partition);
            err_hint(e, "a DNS server loads only one of them; remove the other: %s or %s",
                     found->dn, zones[i].dn);
            goto done;
        }
        found = &zones[i];
    }
    if (!found) {
        rc = err_set(e, ERR_NOTFOUND, "there is no zone %s in the directory of %s", wanted,
                     directory_host(d));
        hint_near_names(tmp, wanted, zones, n, e);
        goto done;
    }
    copy = talloc(mem, struct dns_zone);
    if (!copy) {
        rc = err_nomem(e);
        goto done;
    }
    *copy = *found;
    /* Strings and arrays of all zones hang on the list. */
    talloc_steal(copy, zones);
    *out = copy;
done:
    talloc_free(tmp);
    return rc;
}

const char *zone_update_mode_name(enum zone_update_mode m)
{
    static const char *const names[] = { "unknown", "none", "any", "secure" };

    return (size_t)m < sizeof names / sizeof names[0] ? names[m] : names[0];
}
