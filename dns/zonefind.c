#include "dns/zonefind.h"

#include <string.h>

#include "base/log.h"
#include "dns/exchange.h"
#include "dns/message.h"
#include "dns/name.h"
#include "dns/zonecut.h"

/* An ip6.arpa name has 32 labels; those of the public trees are not asked for. */
#define PARENTS_MAX 40

/* Primaries of zones that answer for addresses which are in no real one. */
static bool is_made_up(const char *zone, const char *mname)
{
    static const char *const nobodies[] = { "localhost", ".", "prisoner.iana.org" };

    for (size_t i = 0; i < sizeof nobodies / sizeof nobodies[0]; i++) {
        if (strcmp(mname, nobodies[i]) == 0)
            return true;
    }
    return dns_zone_is_empty(zone, mname) || dns_name_within(mname, "as112.arpa");
}

static const struct dns_rr *soa_above(const struct dns_rrs *rrs, const char *name)
{
    for (size_t i = 0; i < rrs->count; i++) {
        if (rrs->rr[i].type == DNS_TYPE_SOA && dns_name_within(name, rrs->rr[i].name))
            return &rrs->rr[i];
    }
    return NULL;
}

/* Does the answer tell the zone?  One that tells a made-up zone says that there is none. */
static bool take_answer(TALLOC_CTX *mem, const char *name, const struct dns_answer *a,
                        struct dns_zone_found *out)
{
    const struct dns_rr *soa = soa_above(&a->answer, name);
    char *mname, *zone;

    if (!soa)
        soa = soa_above(&a->authority, name);
    if (!soa || dns_soa_mname(mem, soa->data, &mname, NULL) ||
        dns_name_normalise(mem, soa->name, &zone, NULL))
        return false;
    out->is_made_up = !dns_zone_is_public(zone) && is_made_up(zone, mname);
    out->is = out->is_made_up || dns_zone_is_public(zone) ? DNS_ZONE_NOWHERE : DNS_ZONE_FOUND;
    out->zone = zone;
    out->mname = mname;
    log_debug("%s is in zone %s, primary %s%s", name, zone, mname,
              out->is == DNS_ZONE_FOUND ? "" : ", which is nobody's to update");
    return true;
}

static bool is_answer(const struct dns_outcome *o)
{
    return o->is_answered &&
           (o->answer.rcode == DNS_RCODE_NOERROR || o->answer.rcode == DNS_RCODE_NXDOMAIN);
}

static char *why_unknown(TALLOC_CTX *mem, const struct dns_resolver *r, const struct dns_outcome *o)
{
    char *servers = dns_resolver_servers(mem, r), text[16];

    if (!servers)
        return NULL;
    if (!o->is_answered)
        return talloc_asprintf(mem, "no answer from %s", servers);
    return talloc_asprintf(mem, "%s answers %s", servers, dns_rcode_name(o->answer.rcode, text));
}

/* The deepest of its parents that has a zone, asked for all at once. */
static enum err ask_parents(TALLOC_CTX *mem, struct dns_resolver *r, const char *name,
                            struct deadline d, struct dns_zone_found *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_question q[PARENTS_MAX];
    struct dns_outcome *outcomes = talloc_zero_array(tmp, struct dns_outcome, PARENTS_MAX);
    const char *up = dns_name_parent(name);
    size_t n = 0;
    enum err rc = outcomes ? OK : err_nomem(e);

    for (; up && n < PARENTS_MAX && !dns_zone_is_public(up); up = dns_name_parent(up))
        q[n++] = (struct dns_question){ up, DNS_TYPE_SOA };
    if (!rc && n)
        rc = dns_exchange(tmp, r, q, n, d, outcomes, e);
    out->is = DNS_ZONE_NOWHERE;
    for (size_t i = 0; !rc && i < n; i++) {
        if (!is_answer(&outcomes[i])) {
            out->is = DNS_ZONE_UNKNOWN;
            if (!(out->why = why_unknown(mem, r, &outcomes[i])))
                rc = err_nomem(e);
            break;
        }
        if (take_answer(mem, q[i].name, &outcomes[i].answer, out))
            break;
    }
    talloc_free(tmp);
    return rc;
}

enum err dns_zone_find(TALLOC_CTX *mem, struct dns_resolver *r, const char *const *names, size_t n,
                       struct deadline d, struct dns_zone_found **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_zone_found *found = talloc_zero_array(tmp, struct dns_zone_found, n);
    struct dns_outcome *outcomes = talloc_zero_array(tmp, struct dns_outcome, n);
    struct dns_question *q = talloc_array(tmp, struct dns_question, n);
    enum err rc = OK;

    if (!found || !outcomes || !q) {
        rc = err_nomem(e);
        goto done;
    }
    for (size_t i = 0; i < n; i++)
        q[i] = (struct dns_question){ names[i], DNS_TYPE_SOA };
    if (n)
        rc = dns_exchange(tmp, r, q, n, d, outcomes, e);
    for (size_t i = 0; !rc && i < n; i++) {
        if (!is_answer(&outcomes[i])) {
            if (!(found[i].why = why_unknown(found, r, &outcomes[i])))
                rc = err_nomem(e);
            continue;
        }
        found[i].is_absent = outcomes[i].answer.rcode == DNS_RCODE_NXDOMAIN;
        if (!take_answer(found, names[i], &outcomes[i].answer, &found[i]))
            rc = ask_parents(found, r, names[i], d, &found[i], e);
    }
    if (!rc)
        *out = talloc_steal(mem, found);
done:
    talloc_free(tmp);
    return rc;
}
