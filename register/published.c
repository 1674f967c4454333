#include "register/published.h"

#include <string.h>

#include "base/log.h"
#include "dns/name.h"
#include "dns/zonecut.h"
#include "register/choose.h"
#include "register/earlier.h"
#include "register/published_take.h"

#define FORWARD_QUESTIONS 3
#define REVERSE_QUESTIONS 2

bool published_has_address(const struct published *p, struct ip ip)
{
    return address_is_in(ip, p->addresses, p->n_addresses);
}

const struct published_name *published_name_of(const struct published *p, const char *fqdn)
{
    for (size_t i = 0; i < p->n_names; i++) {
        if (strcmp(p->names[i].fqdn, fqdn) == 0)
            return &p->names[i];
    }
    return NULL;
}

const struct published_reverse *published_reverse_of(const struct published *p, struct ip ip)
{
    for (size_t i = 0; i < p->n_reverse; i++) {
        if (ip_equal(p->reverse[i].ip, ip))
            return &p->reverse[i];
    }
    return NULL;
}

bool published_names(const struct published_reverse *r, const char *name)
{
    for (size_t i = 0; i < r->n_targets; i++) {
        if (strcmp(r->targets[i], name) == 0)
            return true;
    }
    return false;
}

const struct published_heartbeats *published_heartbeats_of(const struct published *p,
                                                           const char *name)
{
    const struct published_name *earlier = published_name_of(p, name);
    const struct published_heartbeats *h = earlier                      ? &earlier->heartbeats
                                           : strcmp(name, p->fqdn) == 0 ? &p->heartbeats
                                                                        : NULL;

    return h && h->is_read && published_is_known(h->rcode) && (!earlier || earlier->zone) ? h
                                                                                          : NULL;
}

bool published_has_heartbeat(const struct published_heartbeats *h, const char *data)
{
    for (size_t i = 0; i < h->n; i++) {
        if (strcmp(h->data[i], data) == 0)
            return true;
    }
    return false;
}

static enum err take_forward(struct published *p, const struct dns_answer *answers, struct error *e)
{
    enum err rc;
    char text[16];

    for (size_t i = 0; i < FORWARD_QUESTIONS; i++) {
        if (!published_is_known(answers[i].rcode))
            return err_set(e, ERR_SERVER,
                           "cannot read what is published for %s: the server answers %s", p->fqdn,
                           dns_rcode_name(answers[i].rcode, text));
    }
    for (size_t i = 0; i < FORWARD_QUESTIONS; i++)
        p->has_edns |= answers[i].has_edns;
    if ((rc = published_take_addresses(p, &answers[0], p->fqdn, DNS_TYPE_A, &p->addresses,
                                       &p->n_addresses, e)) ||
        (rc = published_take_addresses(p, &answers[1], p->fqdn, DNS_TYPE_AAAA, &p->addresses,
                                       &p->n_addresses, e)))
        return rc;
    p->cname = published_take_alias(p, &answers[2], p->fqdn);
    return p->heartbeats.is_read ? published_take_heartbeats(p, &answers[FORWARD_QUESTIONS],
                                                             p->fqdn, &p->heartbeats, e)
                                 : OK;
}

static size_t forward_questions(const struct published *p)
{
    return FORWARD_QUESTIONS + p->heartbeats.is_read;
}

/* What is asked: the own name's types when with_forward, then the reverse names from `first` on. */
static struct dns_question *make_questions(TALLOC_CTX *mem, const struct published *p, size_t first,
                                           bool with_forward, size_t *n_out)
{
    size_t n = 0;
    struct dns_question *q =
        talloc_zero_array(mem, struct dns_question,
                          forward_questions(p) + REVERSE_QUESTIONS * (p->n_reverse - first));

    if (q && with_forward) {
        q[n++] = (struct dns_question){ p->fqdn, DNS_TYPE_A };
        q[n++] = (struct dns_question){ p->fqdn, DNS_TYPE_AAAA };
        q[n++] = (struct dns_question){ p->fqdn, DNS_TYPE_CNAME };
        if (p->heartbeats.is_read)
            q[n++] = (struct dns_question){ p->fqdn, DNS_TYPE_TXT };
    }
    /* Samba shows an alias only to those who ask for it by its type. */
    for (size_t i = first; q && i < p->n_reverse; i++) {
        q[n++] = (struct dns_question){ p->reverse[i].owner, DNS_TYPE_PTR };
        q[n++] = (struct dns_question){ p->reverse[i].name, DNS_TYPE_CNAME };
    }
    *n_out = n;
    return q;
}

/* The answers to make_questions with the same arguments.  Outside the server's zones they mean
 * nothing. */
static enum err take_answers(struct published *p, size_t first, bool with_forward,
                             const struct dns_answer *answers, struct error *e)
{
    enum err rc = OK;

    if (with_forward) {
        rc = take_forward(p, answers, e);
        answers += forward_questions(p);
    }
    for (size_t i = first; !rc && i < p->n_reverse; i++, answers += REVERSE_QUESTIONS) {
        struct published_reverse *r = &p->reverse[i];

        if (!r->zone)
            continue;
        rc = published_take_targets(p, r, &answers[0], e);
        if (!r->alias)
            r->alias = published_take_alias(p, &answers[1], r->name);
    }
    return rc;
}

static enum err add_reverse(struct published *p, const struct ip *ips, size_t n, struct error *e)
{
    for (size_t i = 0; i < n; i++) {
        struct published_reverse r = { .ip = ips[i] };

        if (published_reverse_of(p, ips[i]))
            continue;
        r.name = r.owner = dns_name_reverse(p, ips[i]);
        p->reverse = talloc_realloc(p, p->reverse, struct published_reverse, p->n_reverse + 1);
        if (!r.name || !p->reverse)
            return err_nomem(e);
        p->reverse[p->n_reverse++] = r;
    }
    return OK;
}

static enum err not_authoritative(const struct published *p, struct ip server, struct error *e)
{
    char text[IP_TEXT_MAX];

    err_set(e, ERR_NOTFOUND, "%s is in no zone that the server %s is authoritative for", p->fqdn,
            ip_format(server, text));
    return err_hint(
        e, "a host name without a dot is completed with the domain: give the whole name with "
           "--hostname, or name a DNS server of its zone with --server");
}

/*
 * Zones and records together: of the reverse names from `first` on, and of the own name when its
 * zone is not known yet.  The records are asked for before it is known whose zones they are in.
 */
static enum err read_zones_and_records(struct published *p, struct dns_conn *c, size_t first,
                                       struct deadline d, struct error *e)
{
    size_t n = 0, n_questions, at = 0;
    TALLOC_CTX *tmp = talloc_new(NULL);
    const char **names = talloc_array(tmp, const char *, 1 + p->n_reverse - first);
    bool with_forward = !p->zone && !p->is_reverse_only;
    struct dns_question *questions = make_questions(tmp, p, first, with_forward, &n_questions);
    struct dns_zone_of *zones;
    struct dns_answer *answers;
    enum err rc;

    if (!names || !questions) {
        rc = err_nomem(e);
        goto done;
    }
    if (with_forward)
        names[n++] = p->fqdn;
    for (size_t i = first; i < p->n_reverse; i++)
        names[n++] = p->reverse[i].name;
    /* What is kept of the zones are strings: they go to p. */
    rc = dns_zone_cut_and_ask(p, c, names, n, questions, n_questions, d, &zones, &answers, e);
    if (rc)
        goto done;
    if (with_forward) {
        p->zone = zones[0].zone;
        p->mname = zones[0].mname;
        at = 1;
    }
    for (size_t i = first; i < p->n_reverse; i++)
        p->reverse[i].zone = p->reverse[i].name_zone = zones[at++].zone;
    rc = p->zone || p->is_reverse_only ? take_answers(p, first, with_forward, answers, e)
                                       : not_authoritative(p, dns_conn_server(c), e);
done:
    talloc_free(tmp);
    return rc;
}

/*
 * RFC 2317 aliases lead to a name made for the purpose.  One out of the reverse trees, or at
 * another address's name, would have this host write where it has no business.
 */
static bool is_followed(const struct published_reverse *r)
{
    struct ip another;

    if (!r->zone || !r->alias || r->owner != r->name)
        return false;
    if ((dns_name_within(r->alias, "in-addr.arpa") || dns_name_within(r->alias, "ip6.arpa")) &&
        !dns_name_to_ip(r->alias, &another))
        return true;
    log_warning("%s is an alias of %s, which is no place for it: no PTR", r->name, r->alias);
    return false;
}

/* From here on the PTRs of r are those of its alias, which is in zone. */
static enum err move_to_alias(struct published *p, struct published_reverse *r, const char *zone,
                              const struct dns_answer *answer, struct error *e)
{
    enum err rc;

    r->owner = r->alias;
    r->zone = zone;
    if (!zone) {
        log_warning("%s is an alias of %s, which is in no zone of this server: no PTR", r->name,
                    r->alias);
        return OK;
    }
    log_info("%s is an alias of %s (RFC 2317) in zone %s", r->name, r->alias, zone);
    rc = published_take_targets(p, r, answer, e);
    if (!rc && published_take_alias(p, answer, r->owner)) {
        log_warning("%s leads to an alias of an alias: no PTR", r->name);
        r->zone = NULL;
    }
    return rc;
}

static enum err follow_aliases(struct published *p, struct dns_conn *c, size_t first,
                               struct deadline d, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct published_reverse **which = talloc_array(tmp, struct published_reverse *, p->n_reverse);
    const char **names = talloc_array(tmp, const char *, p->n_reverse);
    struct dns_question *q = talloc_array(tmp, struct dns_question, p->n_reverse);
    struct dns_zone_of *zones;
    struct dns_answer *answers;
    size_t n = 0;
    enum err rc = OK;

    if (!which || !names || !q) {
        rc = err_nomem(e);
        goto done;
    }
    for (size_t i = first; i < p->n_reverse; i++) {
        struct published_reverse *r = &p->reverse[i];

        if (is_followed(r)) {
            which[n] = r;
            q[n] = (struct dns_question){ r->alias, DNS_TYPE_PTR };
            names[n++] = r->alias;
        } else if (r->alias) {
            r->zone = NULL;
        }
    }
    if (n)
        rc = dns_zone_cut_and_ask(p, c, names, n, q, n, d, &zones, &answers, e);
    for (size_t i = 0; !rc && i < n; i++)
        rc = move_to_alias(p, which[i], zones[i].zone, &answers[i], e);
done:
    talloc_free(tmp);
    return rc;
}

enum err published_read(TALLOC_CTX *mem, struct dns_conn *c, const char *fqdn, const struct ip *ips,
                        size_t n, bool with_heartbeats, struct deadline d, struct published **out,
                        struct error *e)
{
    struct published *p = talloc_zero(NULL, struct published);
    enum err rc;

    if (!p || !(p->fqdn = talloc_strdup(p, fqdn))) {
        rc = err_nomem(e);
    } else {
        p->heartbeats.is_read = with_heartbeats;
        if (!(rc = add_reverse(p, ips, n, e)) && !(rc = read_zones_and_records(p, c, 0, d, e)))
            rc = follow_aliases(p, c, 0, d, e);
    }
    if (rc) {
        talloc_free(p);
        return rc;
    }
    *out = talloc_steal(mem, p);
    return OK;
}

enum err published_read_reverse(TALLOC_CTX *mem, struct dns_conn *c, const char *fqdn,
                                const struct ip *ips, size_t n, struct deadline d,
                                struct published **out, struct error *e)
{
    struct published *p = talloc_zero(NULL, struct published);
    enum err rc;

    if (!p || !(p->fqdn = talloc_strdup(p, fqdn))) {
        rc = err_nomem(e);
    } else {
        p->is_reverse_only = true;
        rc = published_extend(p, c, ips, n, d, e);
    }
    if (rc) {
        talloc_free(p);
        return rc;
    }
    *out = talloc_steal(mem, p);
    return OK;
}

enum err published_extend(struct published *p, struct dns_conn *c, const struct ip *ips, size_t n,
                          struct deadline d, struct error *e)
{
    size_t first = p->n_reverse;
    enum err rc = add_reverse(p, ips, n, e);

    if (rc || p->n_reverse == first)
        return rc;
    if ((rc = read_zones_and_records(p, c, first, d, e)))
        return rc;
    return follow_aliases(p, c, first, d, e);
}

static enum err read_records(struct published *p, struct dns_conn *c, struct deadline d,
                             struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    size_t n;
    bool with_forward = !p->is_reverse_only;
    struct dns_question *questions = make_questions(tmp, p, 0, with_forward, &n);
    struct dns_answer *answers;
    enum err rc;

    if (!questions)
        rc = err_nomem(e);
    else if (!(rc = dns_conn_ask(tmp, c, questions, n, false, d, &answers, e)))
        rc = take_answers(p, 0, with_forward, answers, e);
    talloc_free(tmp);
    return rc;
}

enum err published_again(TALLOC_CTX *mem, struct dns_conn *c, const struct published *before,
                         struct deadline d, struct published **out, struct error *e)
{
    struct published *p = talloc_zero(NULL, struct published);
    enum err rc = OK;

    if (!p)
        return err_nomem(e);
    p->fqdn = talloc_strdup(p, before->fqdn);
    p->is_reverse_only = before->is_reverse_only;
    p->heartbeats.is_read = before->heartbeats.is_read;
    p->zone = before->zone ? talloc_strdup(p, before->zone) : NULL;
    p->mname = before->mname ? talloc_strdup(p, before->mname) : NULL;
    p->reverse = talloc_zero_array(p, struct published_reverse, before->n_reverse);
    if (!p->fqdn || (before->zone && !p->zone) || !p->reverse)
        rc = err_nomem(e);
    for (size_t i = 0; !rc && i < before->n_reverse; i++) {
        const struct published_reverse *from = &before->reverse[i];
        struct published_reverse *to = &p->reverse[p->n_reverse++];

        to->ip = from->ip;
        to->name = talloc_strdup(p, from->name);
        to->owner = talloc_strdup(p, from->owner);
        to->alias = from->alias ? talloc_strdup(p, from->alias) : NULL;
        to->zone = from->zone ? talloc_strdup(p, from->zone) : NULL;
        to->name_zone = from->name_zone ? talloc_strdup(p, from->name_zone) : NULL;
        if (!to->name || !to->owner || (from->alias && !to->alias) || (from->zone && !to->zone) ||
            (from->name_zone && !to->name_zone))
            rc = err_nomem(e);
    }
    if (!rc)
        rc = read_records(p, c, d, e);
    if (!rc)
        rc = earlier_again(p, c, before, d, e);
    if (rc) {
        talloc_free(p);
        return rc;
    }
    *out = talloc_steal(mem, p);
    return OK;
}
