/*
 * Measured.  Samba 4.17's internal DNS gives the zone's SOA in the AUTHORITY section of
 * every authoritative answer, NXDOMAIN included, and the SOA of the longest zone it has
 * (_msdcs.DOMAIN before DOMAIN); of an alias it shows only that SOA, and it does not know
 * delegations.  For a name outside its zones it answers NXDOMAIN without AA and without
 * any record: such an answer says nothing about the name.
 * BIND 9.18 answers REFUSED there, or with a referral to the root where it may recurse, and
 * then has empty zones for private reverse trees.  It shows the alias, and refers to child zones.
 */
#include "dns/zonecut.h"

#include <string.h>

#include "base/log.h"
#include "dns/name.h"

enum said {
    SAID_NOTHING,   /* ask the parent */
    SAID_ZONE,      /* found */
    SAID_DELEGATED, /* the name belongs to a child zone that is served elsewhere */
};

/* One name on its way up. */
struct walk {
    const char *name;
    bool is_settled;
    const char *delegation; /* deepest known cut above the name that leads away, or NULL */
    struct dns_zone_of found;
};

bool dns_zone_is_public(const char *zone)
{
    return strcmp(zone, ".") == 0 || strcmp(dns_name_parent(zone), ".") == 0 ||
           strcmp(zone, "in-addr.arpa") == 0 || strcmp(zone, "ip6.arpa") == 0;
}

bool dns_zone_is_empty(const char *zone, const char *mname)
{
    return dns_name_within(zone, "arpa") && strcmp(zone, mname) == 0;
}

enum err dns_soa_mname(TALLOC_CTX *mem, const char *data, char **out, struct error *e)
{
    char *field = talloc_strndup(mem, data, strcspn(data, " "));

    return field ? dns_name_normalise(mem, field, out, e) : err_nomem(e);
}

static const struct dns_rr *find(const struct dns_rrs *rrs, uint16_t type, const char *name)
{
    for (size_t i = 0; i < rrs->count; i++) {
        if (rrs->rr[i].type == type && (!name || strcmp(rrs->rr[i].name, name) == 0))
            return &rrs->rr[i];
    }
    return NULL;
}

/* What an answer to "SOA asked" says about the zone of asked; *at is the SOA or NS record that says
 * it. */
static enum said read_answer(const char *asked, const struct dns_answer *a,
                             const struct dns_rr **at)
{
    const struct dns_rr *rr;

    if (a->rcode != DNS_RCODE_NOERROR && a->rcode != DNS_RCODE_NXDOMAIN)
        return SAID_NOTHING;
    if (!a->is_authoritative) {
        rr = a->answer.count == 0 ? find(&a->authority, DNS_TYPE_NS, NULL) : NULL;
        *at = rr;
        return rr && dns_name_within(asked, rr->name) ? SAID_DELEGATED : SAID_NOTHING;
    }
    *at = find(&a->answer, DNS_TYPE_SOA, asked);
    if (*at)
        return SAID_ZONE;
    /*
     * An alias leads to another name, and the SOA that comes with it is that name's.
     * The alias itself is no apex: its parent is in the same zone.
     */
    if (a->answer.count > 0)
        return SAID_NOTHING;
    *at = find(&a->authority, DNS_TYPE_SOA, NULL);
    return *at && dns_name_within(asked, (*at)->name) ? SAID_ZONE : SAID_NOTHING;
}

static enum err settle(TALLOC_CTX *mem, struct walk *w, const struct dns_rr *soa, struct error *e)
{
    char *zone, *mname;
    enum err rc;

    w->is_settled = true;
    if (dns_zone_is_public(soa->name)) {
        log_info("no zone for %s: %s is nobody's to update", w->name, soa->name);
        return OK;
    }
    if (w->delegation && !dns_name_within(soa->name, w->delegation)) {
        log_info("no zone for %s: %s is delegated to other servers", w->name, w->delegation);
        return OK;
    }
    rc = dns_soa_mname(mem, soa->data, &mname, e);
    if (rc != OK)
        return rc;
    if (dns_zone_is_empty(soa->name, mname)) {
        log_info("no zone for %s: %s is an empty zone that the server made up", w->name, soa->name);
        return OK;
    }
    zone = talloc_strdup(mem, soa->name);
    if (!zone)
        return err_nomem(e);
    w->found = (struct dns_zone_of){ zone, mname };
    log_debug("%s is in zone %s, primary %s", w->name, zone, mname);
    return OK;
}

static enum err hear(TALLOC_CTX *mem, struct walk *w, const char *asked, const struct dns_answer *a,
                     struct error *e)
{
    const struct dns_rr *rr = NULL;

    switch (read_answer(asked, a, &rr)) {
    case SAID_ZONE:
        return settle(mem, w, rr, e);
    case SAID_DELEGATED:
        if (!w->delegation || dns_name_within(rr->name, w->delegation))
            w->delegation = talloc_strdup(mem, rr->name);
        return w->delegation ? OK : err_nomem(e);
    case SAID_NOTHING:
        break;
    }
    return OK;
}

/* Questions for distinct names. */
struct questions {
    struct dns_question *q;
    size_t n;
};

static bool add_question(TALLOC_CTX *mem, struct questions *qs, const char *name)
{
    struct dns_question *more;

    for (size_t i = 0; i < qs->n; i++) {
        if (strcmp(qs->q[i].name, name) == 0)
            return true;
    }
    more = talloc_realloc(mem, qs->q, struct dns_question, (unsigned)(qs->n + 1));
    if (!more)
        return false;
    qs->q = more;
    qs->q[qs->n++] = (struct dns_question){ name, DNS_TYPE_SOA };
    return true;
}

static const struct dns_answer *answer_to(const struct questions *qs,
                                          const struct dns_answer *answers, const char *name)
{
    size_t i = 0;

    while (strcmp(qs->q[i].name, name) != 0)
        i++;
    return &answers[i];
}

static bool append_questions(TALLOC_CTX *mem, struct questions *qs, const struct dns_question *q,
                             size_t n)
{
    struct dns_question *more =
        talloc_realloc(mem, qs->q, struct dns_question, (unsigned)(qs->n + n));

    if (!more)
        return false;
    qs->q = more;
    for (size_t i = 0; i < n; i++)
        qs->q[qs->n++] = q[i];
    return true;
}

/* Ask for the names themselves, and what else there is to ask: nearly always that settles them all.
 */
static enum err ask_names(TALLOC_CTX *mem, struct dns_conn *c, struct walk *w, size_t n,
                          const struct dns_question *also, size_t n_also, struct deadline d,
                          struct dns_answer **also_answers, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct questions qs = { 0 };
    struct dns_answer *answers = NULL;
    size_t n_soa;
    enum err rc = OK;

    for (size_t i = 0; i < n; i++) {
        if (!w[i].is_settled && (!tmp || !add_question(tmp, &qs, w[i].name))) {
            rc = err_nomem(e);
            goto done;
        }
    }
    n_soa = qs.n;
    if (n_also > 0 && (!tmp || !append_questions(tmp, &qs, also, n_also))) {
        rc = err_nomem(e);
        goto done;
    }
    if (qs.n == 0)
        goto done;
    rc = dns_conn_ask(mem, c, qs.q, qs.n, false, d, &answers, e);
    if (rc == OK && n_also > 0)
        *also_answers = answers + n_soa;
    for (size_t i = 0; rc == OK && i < n; i++) {
        if (!w[i].is_settled)
            rc = hear(mem, &w[i], w[i].name, answer_to(&qs, answers, w[i].name), e);
    }
done:
    talloc_free(tmp);
    return rc;
}

/* Then for all their parents in one go: a walk step by step up an ip6.arpa name is 30 network
 * turns. */
static enum err ask_parents(TALLOC_CTX *mem, struct dns_conn *c, struct walk *w, size_t n,
                            struct deadline d, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct questions qs = { 0 };
    struct dns_answer *answers;
    enum err rc = OK;

    for (size_t i = 0; i < n; i++) {
        const char *up = w[i].is_settled ? NULL : dns_name_parent(w[i].name);

        for (; up && !dns_zone_is_public(up); up = dns_name_parent(up)) {
            if (!tmp || !add_question(tmp, &qs, up)) {
                rc = err_nomem(e);
                goto done;
            }
        }
    }
    if (qs.n == 0)
        goto done;
    rc = dns_conn_ask(tmp, c, qs.q, qs.n, false, d, &answers, e);
    for (size_t i = 0; rc == OK && i < n; i++) {
        const char *up = dns_name_parent(w[i].name);

        for (; rc == OK && !w[i].is_settled && up && !dns_zone_is_public(up);
             up = dns_name_parent(up))
            rc = hear(mem, &w[i], up, answer_to(&qs, answers, up), e);
    }
done:
    talloc_free(tmp);
    return rc;
}

enum err dns_zone_cut(TALLOC_CTX *mem, struct dns_conn *c, const char *const *names, size_t n,
                      struct deadline d, struct dns_zone_of **out, struct error *e)
{
    return dns_zone_cut_and_ask(mem, c, names, n, NULL, 0, d, out, NULL, e);
}

enum err dns_zone_cut_and_ask(TALLOC_CTX *mem, struct dns_conn *c, const char *const *names,
                              size_t n, const struct dns_question *also, size_t n_also,
                              struct deadline d, struct dns_zone_of **out,
                              struct dns_answer **also_answers, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_zone_of *zones = talloc_zero_array(tmp, struct dns_zone_of, (unsigned)n);
    struct walk *walks = talloc_zero_array(tmp, struct walk, (unsigned)n);
    struct dns_answer *answers = NULL;
    enum err rc = OK;

    if (!zones || !walks) {
        rc = err_nomem(e);
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        char *name;

        rc = dns_name_normalise(walks, names[i], &name, e);
        if (rc != OK)
            goto done;
        walks[i].name = name;
        /* Not even asked for; no zone above such a name is accepted. */
        walks[i].is_settled = dns_zone_is_public(name);
    }
    if ((rc = ask_names(zones, c, walks, n, also, n_also, d, &answers, e)) ||
        (rc = ask_parents(zones, c, walks, n, d, e)))
        goto done;
    for (size_t i = 0; i < n; i++)
        zones[i] = walks[i].found;
    if (n_also > 0)
        *also_answers = answers;
    *out = talloc_steal(mem, zones);
done:
    talloc_free(tmp);
    return rc;
}
