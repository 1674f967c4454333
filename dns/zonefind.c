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

static enum err find_at(TALLOC_CTX *mem, struct dns_resolver *r, const char *name,
                        const struct dns_outcome *outcome, struct dns_zone_found *out,
                        bool *is_told, struct error *e)
{
    *is_told = true;
    if (!is_answer(outcome)) {
        out->is = DNS_ZONE_UNKNOWN;
        out->why = why_unknown(mem, r, outcome);
        return out->why ? OK : err_nomem(e);
    }
    *is_told = take_answer(mem, name, &outcome->answer, out);
    return OK;
}

/* Of names whose own answers did not tell: the deepest of their parents that has a zone, asked for
 * all at once. */
static enum err ask_parents(TALLOC_CTX *mem, struct dns_resolver *r, const char *const *names,
                            const bool *is_told, size_t n, struct deadline d,
                            struct dns_zone_found *found, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_question *q = talloc_array(tmp, struct dns_question, n * PARENTS_MAX);
    struct dns_outcome *outcomes = talloc_zero_array(tmp, struct dns_outcome, n * PARENTS_MAX);
    size_t *of = talloc_array(tmp, size_t, n * PARENTS_MAX), n_q = 0;
    enum err rc = q && outcomes && of ? OK : err_nomem(e);

    for (size_t i = 0; i < n && !rc; i++) {
        const char *up = is_told[i] ? NULL : dns_name_parent(names[i]);

        if (!is_told[i])
            found[i].is = DNS_ZONE_NOWHERE;
        for (int k = 0; up && k < PARENTS_MAX && !dns_zone_is_public(up); k++) {
            of[n_q] = i;
            q[n_q++] = (struct dns_question){ up, DNS_TYPE_SOA };
            up = dns_name_parent(up);
        }
    }
    if (!rc && n_q)
        rc = dns_exchange(tmp, r, q, n_q, d, outcomes, e);
    for (size_t i = 0, end; i < n_q && !rc; i = end) {
        bool is_told_here = false;

        for (end = i; end < n_q && of[end] == of[i]; end++) {
            if (!rc && !is_told_here)
                rc = find_at(mem, r, q[end].name, &outcomes[end], &found[of[i]], &is_told_here, e);
        }
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
    bool *is_told = talloc_zero_array(tmp, bool, n);
    enum err rc = OK;

    if (!found || !outcomes || !q || !is_told) {
        rc = err_nomem(e);
        goto done;
    }
    for (size_t i = 0; i < n; i++)
        q[i] = (struct dns_question){ names[i], DNS_TYPE_SOA };
    /* Half the time: one name that is answered with silence must not cost the others theirs. */
    if (n)
        rc = dns_exchange(tmp, r, q, n, deadline_in(deadline_left(d) / 2), outcomes, e);
    for (size_t i = 0; !rc && i < n; i++) {
        rc = find_at(found, r, names[i], &outcomes[i], &found[i], &is_told[i], e);
        found[i].is_absent =
            is_answer(&outcomes[i]) && outcomes[i].answer.rcode == DNS_RCODE_NXDOMAIN;
    }
    if (!rc && n)
        rc = ask_parents(found, r, names, is_told, n, d, found, e);
    if (!rc)
        *out = talloc_steal(mem, found);
done:
    talloc_free(tmp);
    return rc;
}
