/* What is looked up through a resolver: servers of a service, addresses of a name. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "dns/exchange.h"
#include "dns/message.h"
#include "dns/name.h"
#include "dns/srv.h"

#define ALIASES_MAX 16
/* More servers than this are not tried one by one anyway. */
#define TARGETS_MAX 256
/* Some answers will do: the silent ones are waited for only this long. */
#define FEW_ARE_ENOUGH_MS 1000

static bool answers_the_name(const struct dns_answer *a)
{
    return a->rcode == DNS_RCODE_NOERROR || a->rcode == DNS_RCODE_NXDOMAIN;
}

static enum err server_failure(const struct dns_question *q, int rcode, struct error *e)
{
    char type[16], text[16];

    err_set(e, ERR_SERVER, "cannot look up %s %s: the DNS server answers %s", q->name,
            dns_type_name(q->type, type), dns_rcode_name(rcode, text));
    err_hint(e, "check that the resolver can reach the servers of the domain");
    return ERR_SERVER;
}

/* The name at the end of the aliases that start at name, as a pointer into rrs or name itself. */
static enum err follow_aliases(TALLOC_CTX *mem, const struct dns_rrs *rrs, const char *name,
                               const char **out, struct error *e)
{
    for (int step = 0; step < ALIASES_MAX; step++) {
        const char *next = NULL;
        char *target;
        enum err rc;

        for (size_t i = 0; i < rrs->count && !next; i++) {
            if (rrs->rr[i].type == DNS_TYPE_CNAME && strcmp(rrs->rr[i].name, name) == 0)
                next = rrs->rr[i].data;
        }
        if (!next) {
            *out = name;
            return OK;
        }
        rc = dns_name_normalise(mem, next, &target, e);
        if (rc != OK)
            return rc;
        name = target;
    }
    return err_set(e, ERR_MALFORMED, "%s: aliases without end", name);
}

/* Add the addresses that rrs has for name to the list *ips, once each; false without memory. */
static bool add_addresses(TALLOC_CTX *mem, const struct dns_rrs *rrs, const char *name,
                          struct ip **ips, size_t *n)
{
    for (size_t i = 0; i < rrs->count; i++) {
        const struct dns_rr *rr = &rrs->rr[i];
        struct ip ip, *more;
        size_t k = 0;

        if ((rr->type != DNS_TYPE_A && rr->type != DNS_TYPE_AAAA) || strcmp(rr->name, name) != 0 ||
            !ip_parse(rr->data, &ip))
            continue;
        while (k < *n && !ip_equal((*ips)[k], ip))
            k++;
        if (k < *n)
            continue;
        more = talloc_realloc(mem, *ips, struct ip, (unsigned)(*n + 1));
        if (!more)
            return false;
        *ips = more;
        more[(*n)++] = ip;
    }
    return true;
}

/* The addresses of n names, as far as anybody tells: addresses[i] may stay empty. */
struct addresses {
    const char *name;
    struct ip *ips;
    size_t n;
};

static enum err fill_addresses(TALLOC_CTX *mem, struct addresses *a, const struct dns_outcome *o,
                               struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    const char *owner;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    rc = follow_aliases(tmp, &o->answer.answer, a->name, &owner, e);
    if (rc == OK && !add_addresses(mem, &o->answer.answer, owner, &a->ips, &a->n))
        rc = err_nomem(e);
    talloc_free(tmp);
    return rc;
}

static enum err ask_addresses_once(TALLOC_CTX *mem, struct dns_resolver *r, struct addresses *a,
                                   size_t n, struct deadline d, struct dns_question *q,
                                   struct dns_outcome *outcomes, struct error *e)
{
    enum err rc = dns_exchange(outcomes, r, q, 2 * n, d, outcomes, e);

    for (size_t i = 0; rc == OK && i < 2 * n; i++) {
        if (!outcomes[i].is_answered || outcomes[i].answer.rcode != DNS_RCODE_NOERROR)
            continue;
        rc = fill_addresses(mem, &a[i / 2], &outcomes[i], e);
        if (rc == ERR_MALFORMED) {
            log_warning("ignoring the answer for %s: %s", a[i / 2].name,
                        e ? e->message : "malformed");
            rc = OK;
        }
    }
    return rc;
}

/*
 * ERR_NOTFOUND where no name has an address; an error about a server only where all
 * questions without addresses could not be answered.
 */
static enum err ask_addresses(TALLOC_CTX *mem, struct dns_resolver *r, struct addresses *a,
                              size_t n, struct deadline d, struct error *e)
{
    static const uint16_t types[] = { DNS_TYPE_A, DNS_TYPE_AAAA };
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_question *q = talloc_array(tmp, struct dns_question, 2 * n);
    struct dns_outcome *outcomes = talloc_array(tmp, struct dns_outcome, 2 * n);
    bool has_any = false;
    enum err rc = OK;

    if (!q || !outcomes) {
        rc = err_nomem(e);
        goto done;
    }
    for (size_t i = 0; i < 2 * n; i++)
        q[i] = (struct dns_question){ a[i / 2].name, types[i % 2] };
    for (int attempt = 0; rc == OK && !has_any && attempt < 2; attempt++) {
        struct deadline few = deadline_sooner(d, deadline_in(FEW_ARE_ENOUGH_MS));
        bool is_complete = true;

        rc = ask_addresses_once(mem, r, a, n, attempt == 0 ? few : d, q, outcomes, e);
        for (size_t i = 0; rc == OK && i < 2 * n; i++) {
            has_any |= a[i / 2].n > 0;
            is_complete &= outcomes[i].is_answered || outcomes[i].is_unreachable;
        }
        if (is_complete)
            break;
    }
    for (size_t i = 0; rc == OK && !has_any && i < 2 * n; i++) {
        if (!outcomes[i].is_answered)
            rc = dns_exchange_failure(r, &q[i], &outcomes[i], e);
        else if (!answers_the_name(&outcomes[i].answer))
            rc = server_failure(&q[i], outcomes[i].answer.rcode, e);
    }
    if (rc == OK && !has_any)
        rc = err_set(e, ERR_NOTFOUND, "%s has no address in DNS", n > 0 ? a[0].name : "nothing");
done:
    talloc_free(tmp);
    return rc;
}

enum err dns_resolver_addresses(TALLOC_CTX *mem, struct dns_resolver *r, const char *name,
                                struct deadline d, struct ip **out, size_t *n, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct addresses a = { 0 };
    char *normalised;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    rc = dns_name_normalise(tmp, name, &normalised, e);
    if (rc != OK)
        goto done;
    a.name = normalised;
    rc = ask_addresses(tmp, r, &a, 1, d, e);
    if (rc != OK)
        goto done;
    *out = talloc_steal(mem, a.ips);
    *n = a.n;
done:
    talloc_free(tmp);
    return rc;
}

/* "0 100 389 dc1.ad.example.test." as ldns wrote it; the target is a pointer into data's copy. */
static bool parse_srv(TALLOC_CTX *mem, const char *data, struct dns_srv *out)
{
    uint16_t *field[] = { &out->priority, &out->weight, &out->port };
    char *end, *target;

    for (int i = 0; i < 3; i++) {
        unsigned long v = strtoul(data, &end, 10);

        if (end == data || *end != ' ' || v > UINT16_MAX)
            return false;
        *field[i] = (uint16_t)v;
        data = end + 1;
    }
    if (dns_name_normalise(mem, data, &target, NULL) != OK)
        return false;
    out->target = target;
    return true;
}

/* The SRV records of owner, without those that say "no such service" (target "."). */
static enum err read_srv(TALLOC_CTX *mem, const struct dns_rrs *rrs, const char *owner,
                         struct dns_srv **out, size_t *n, struct error *e)
{
    struct dns_srv *list = talloc_zero_array(mem, struct dns_srv, (unsigned)rrs->count);
    size_t count = 0;

    if (!list)
        return err_nomem(e);
    for (size_t i = 0; i < rrs->count; i++) {
        if (rrs->rr[i].type == DNS_TYPE_SRV && strcmp(rrs->rr[i].name, owner) == 0 &&
            parse_srv(list, rrs->rr[i].data, &list[count]) && strcmp(list[count].target, ".") != 0)
            count++;
    }
    if (count == 0)
        return err_set(e, ERR_NOTFOUND, "no SRV record %s", owner);
    *out = list;
    *n = count;
    return OK;
}

static uint32_t kernel_random(void *priv)
{
    (void)priv;
    return (uint32_t)dns_message_id() << 16 | dns_message_id();
}

/* Addresses for those that the additional section left without. */
static enum err ask_missing(TALLOC_CTX *mem, struct dns_resolver *r, struct dns_srv *list, size_t n,
                            struct deadline d, struct error *e)
{
    struct addresses *missing = talloc_zero_array(mem, struct addresses, (unsigned)n);
    size_t n_missing = 0;
    enum err rc;

    if (!missing)
        return err_nomem(e);
    for (size_t i = 0; i < n; i++) {
        if (list[i].n_addresses == 0)
            missing[n_missing++].name = list[i].target;
    }
    if (n_missing == 0)
        return OK;
    /* Those that do have one are enough. */
    if (n_missing < n)
        d = deadline_sooner(d, deadline_in(FEW_ARE_ENOUGH_MS));
    rc = ask_addresses(mem, r, missing, n_missing, d, e);
    for (size_t i = 0, k = 0; i < n; i++) {
        if (list[i].n_addresses > 0)
            continue;
        list[i].addresses = missing[k].ips;
        list[i].n_addresses = missing[k++].n;
    }
    return n_missing < n && rc != ERR_NOMEM ? OK : rc;
}

/* Keep the servers that have an address, and their memory on list. */
static size_t drop_unaddressed(struct dns_srv *list, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (list[i].n_addresses == 0) {
            log_debug("leaving out server %s: no address in DNS", list[i].target);
            continue;
        }
        talloc_steal(list, list[i].addresses);
        list[kept++] = list[i];
    }
    return kept;
}

enum err dns_resolver_srv(TALLOC_CTX *mem, struct dns_resolver *r, const char *name,
                          struct deadline d, struct dns_srv **out, size_t *n, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_question q = { .type = DNS_TYPE_SRV };
    struct dns_srv *list = NULL;
    struct dns_answer *answer;
    const char *owner;
    size_t count = 0;
    char *normalised;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    rc = dns_name_normalise(tmp, name, &normalised, e);
    if (rc != OK)
        goto done;
    q.name = normalised;
    rc = dns_resolver_ask(tmp, r, &q, 1, d, &answer, e);
    if (rc == OK && !answers_the_name(answer))
        rc = server_failure(&q, answer->rcode, e);
    if (rc != OK || (rc = follow_aliases(tmp, &answer->answer, q.name, &owner, e)) ||
        (rc = read_srv(tmp, &answer->answer, owner, &list, &count, e)))
        goto done;
    dns_srv_order(list, count, kernel_random, NULL);
    count = count < TARGETS_MAX ? count : TARGETS_MAX;
    for (size_t i = 0; i < count; i++) {
        if (!add_addresses(list, &answer->additional, list[i].target, &list[i].addresses,
                           &list[i].n_addresses)) {
            rc = err_nomem(e);
            goto done;
        }
    }
    rc = ask_missing(list, r, list, count, d, e);
    if (rc != OK)
        goto done;
    *n = drop_unaddressed(list, count);
    *out = talloc_steal(mem, list);
done:
    talloc_free(tmp);
    return rc;
}
