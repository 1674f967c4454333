#include "register/earlier.h"

#include <string.h>

#include "dns/message.h"
#include "dns/zonecut.h"
#include "register/published_take.h"

#define QUESTIONS_MAX 3

static bool is_listed(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

enum err earlier_names(TALLOC_CTX *mem, const struct memory *m, const char *fqdn,
                       const char ***names, size_t *n, struct error *e)
{
    const char **all = talloc_array(mem, const char *, m->n_records);
    size_t count = 0;

    if (!all)
        return err_nomem(e);
    for (size_t i = 0; i < m->n_records; i++) {
        const struct memory_record *r = &m->records[i];

        if (r->type != DNS_TYPE_PTR && strcmp(r->name, fqdn) != 0 &&
            !is_listed(r->name, all, count))
            all[count++] = r->name;
    }
    *n = count;
    *names = all;
    return OK;
}

static struct dns_question *make_questions(TALLOC_CTX *mem, const struct published *p,
                                           size_t *n_out)
{
    struct dns_question *q = talloc_array(mem, struct dns_question, QUESTIONS_MAX * p->n_names);
    size_t n = 0;

    for (size_t i = 0; q && i < p->n_names; i++) {
        q[n++] = (struct dns_question){ p->names[i].fqdn, DNS_TYPE_A };
        q[n++] = (struct dns_question){ p->names[i].fqdn, DNS_TYPE_AAAA };
        if (p->names[i].heartbeats.is_read)
            q[n++] = (struct dns_question){ p->names[i].fqdn, DNS_TYPE_TXT };
    }
    *n_out = n;
    return q;
}

/* The answers to make_questions.  Outside the server's zones they mean nothing. */
static enum err take_answers(struct published *p, const struct dns_answer *answers, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; !rc && i < p->n_names; i++) {
        struct published_name *name = &p->names[i];

        for (size_t k = 0; k < 2; k++, answers++) {
            const struct dns_answer *a = answers;

            if (!name->zone || rc)
                continue;

            if (a->rcode != DNS_RCODE_NOERROR && a->rcode != DNS_RCODE_NXDOMAIN)
                name->rcode = a->rcode;
            else
                rc = published_take_addresses(p, a, name->fqdn, k == 0 ? DNS_TYPE_A : DNS_TYPE_AAAA,
                                              &name->addresses, &name->n_addresses, e);
        }
        if (name->heartbeats.is_read && !rc)
            rc = published_take_heartbeats(p, answers, name->fqdn, &name->heartbeats, e);
        answers += name->heartbeats.is_read;
    }
    return rc;
}

/* Whom is asked for this time.  Those that can never be removed must not keep others from it. */
static enum err list_names(struct published *p, const struct memory *m, struct error *e)
{
    const char **all;
    size_t n, start;
    enum err rc = earlier_names(p, m, p->fqdn, &all, &n, e);

    if (rc || !n)
        return rc;
    start = n > EARLIER_MAX ? dns_message_id() % n : 0;
    p->names = talloc_zero_array(p, struct published_name, EARLIER_MAX);
    if (!p->names)
        return err_nomem(e);
    for (size_t i = 0; i < n && p->n_names < EARLIER_MAX; i++) {
        p->names[p->n_names].fqdn = talloc_strdup(p, all[(start + i) % n]);
        p->names[p->n_names].heartbeats.is_read =
            memory_has_type(m, all[(start + i) % n], DNS_TYPE_TXT);
        if (!p->names[p->n_names++].fqdn)
            return err_nomem(e);
    }
    return OK;
}

enum err earlier_read(struct published *p, struct dns_conn *c, const struct memory *m,
                      struct deadline d, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    const char *names[EARLIER_MAX];
    struct dns_question *q;
    size_t n;
    struct dns_zone_of *zones;
    struct dns_answer *answers;
    enum err rc = list_names(p, m, e);

    if (rc || !p->n_names)
        goto done;
    for (size_t i = 0; i < p->n_names; i++)
        names[i] = p->names[i].fqdn;
    if (!(q = make_questions(tmp, p, &n))) {
        rc = err_nomem(e);
        goto done;
    }
    /* What is kept of the zones are strings: they go to p. */
    rc = dns_zone_cut_and_ask(p, c, names, p->n_names, q, n, d, &zones, &answers, e);
    if (rc)
        goto done;
    for (size_t i = 0; i < p->n_names; i++)
        p->names[i].zone = zones[i].zone;
    rc = take_answers(p, answers, e);
done:
    talloc_free(tmp);
    return rc;
}

enum err earlier_again(struct published *p, struct dns_conn *c, const struct published *before,
                       struct deadline d, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_question *q;
    struct dns_answer *answers;
    size_t n;
    enum err rc = OK;

    if (!before->n_names)
        goto done;
    p->names = talloc_zero_array(p, struct published_name, before->n_names);
    for (size_t i = 0; p->names && i < before->n_names; i++) {
        const struct published_name *from = &before->names[i];

        p->names[i].fqdn = talloc_strdup(p, from->fqdn);
        p->names[i].zone = from->zone ? talloc_strdup(p, from->zone) : NULL;
        p->names[i].heartbeats.is_read = from->heartbeats.is_read;
        if (p->names[i].fqdn && (!from->zone || p->names[i].zone))
            p->n_names++;
    }
    q = make_questions(tmp, p, &n);
    if (p->n_names < before->n_names || !q)
        rc = err_nomem(e);
    else if (!(rc = dns_conn_ask(tmp, c, q, n, false, d, &answers, e)))
        rc = take_answers(p, answers, e);
done:
    talloc_free(tmp);
    return rc;
}
