#include "register/published_take.h"

#include <string.h>

#include "base/log.h"
#include "dns/heartbeat.h"
#include "dns/name.h"
#include "register/choose.h"

bool published_is_known(int rcode)
{
    return rcode == DNS_RCODE_NOERROR || rcode == DNS_RCODE_NXDOMAIN;
}

/* Records of the answer that have this owner and type; owners are compared in normal form. */
static bool is_record_of(TALLOC_CTX *tmp, const struct dns_rr *rr, const char *owner, uint16_t type)
{
    char *name;

    return rr->type == type && dns_name_normalise(tmp, rr->name, &name, NULL) == OK &&
           strcmp(name, owner) == 0;
}

static enum err too_many(const char *name, struct error *e)
{
    return err_set(e, ERR_SERVER,
                   "%s: the server gives more than %d values; that is no host's name", name,
                   PUBLISHED_MAX);
}

enum err published_take_addresses(TALLOC_CTX *mem, const struct dns_answer *a, const char *owner,
                                  uint16_t type, struct ip **ips, size_t *n, struct error *e)
{
    for (size_t i = 0; i < a->answer.count; i++) {
        struct ip ip, *grown;

        if (!is_record_of(mem, &a->answer.rr[i], owner, type) ||
            !ip_parse(a->answer.rr[i].data, &ip) ||
            ip.family != (type == DNS_TYPE_A ? AF_INET : AF_INET6) || address_is_in(ip, *ips, *n))
            continue;
        if (*n >= PUBLISHED_MAX)
            return too_many(owner, e);
        grown = talloc_realloc(mem, *ips, struct ip, *n + 1);
        if (!grown)
            return err_nomem(e);
        *ips = grown;
        grown[(*n)++] = ip;
    }
    return OK;
}

enum err published_take_heartbeats(TALLOC_CTX *mem, const struct dns_answer *a, const char *owner,
                                   struct published_heartbeats *h, struct error *e)
{
    uint32_t seen_h;

    h->is_read = true;
    h->rcode = a->rcode;
    for (size_t i = 0; published_is_known(a->rcode) && i < a->answer.count; i++) {
        const struct dns_rr *rr = &a->answer.rr[i];

        if (!is_record_of(mem, rr, owner, DNS_TYPE_TXT) || !heartbeat_parse(rr->data, &seen_h) ||
            published_has_heartbeat(h, rr->data))
            continue;
        if (h->n >= PUBLISHED_MAX) {
            log_warning("%s has more than %d heartbeats: the rest is left for the next run", owner,
                        PUBLISHED_MAX);
            break;
        }
        h->data = talloc_realloc(mem, h->data, const char *, h->n + 1);
        if (!h->data || !(h->data[h->n] = talloc_strdup(mem, rr->data)))
            return err_nomem(e);
        h->n++;
    }
    return OK;
}

const char *published_take_alias(TALLOC_CTX *mem, const struct dns_answer *a, const char *owner)
{
    char *target;

    for (size_t i = 0; i < a->answer.count; i++) {
        if (is_record_of(mem, &a->answer.rr[i], owner, DNS_TYPE_CNAME) &&
            dns_name_normalise(mem, a->answer.rr[i].data, &target, NULL) == OK)
            return target;
    }
    return NULL;
}

enum err published_take_targets(struct published *p, struct published_reverse *r,
                                const struct dns_answer *a, struct error *e)
{
    r->rcode = a->rcode;
    if (!r->alias)
        r->alias = published_take_alias(p, a, r->name);
    for (size_t i = 0; published_is_known(a->rcode) && i < a->answer.count; i++) {
        char *target;

        if (!is_record_of(p, &a->answer.rr[i], r->owner, DNS_TYPE_PTR) ||
            dns_name_normalise(p, a->answer.rr[i].data, &target, NULL) != OK ||
            published_names(r, target))
            continue;
        if (r->n_targets >= PUBLISHED_MAX)
            return too_many(r->name, e);
        r->targets = talloc_realloc(p, r->targets, const char *, r->n_targets + 1);
        if (!r->targets)
            return err_nomem(e);
        r->targets[r->n_targets++] = target;
    }
    return OK;
}
