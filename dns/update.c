#include "dns/update.h"

#include "base/own.h"
#include "dns/convert.h"
#include "dns/name.h"

/* RFC 6895 section 3.1: 0, OPT and the range of Q and meta types are no data. */
static bool is_storable_type(uint16_t type)
{
    return type != 0 && type != 41 && !(type >= 128 && type <= 255);
}

static enum err check_within(const char *name, const char *zone, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *n, *z;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    if ((rc = dns_name_normalise(tmp, name, &n, e)) || (rc = dns_name_normalise(tmp, zone, &z, e)))
        goto done;
    if (!dns_name_within(n, z))
        rc = err_set(e, ERR_MALFORMED, "%s is not within the zone %s", n, z);
done:
    talloc_free(tmp);
    return rc;
}

/* rr as a record of the given class and TTL in one section of the message. */
static enum err push(ldns_pkt *pkt, ldns_pkt_section section, const struct dns_rr *rr,
                     ldns_rr_class class, struct error *e)
{
    char type[16];
    ldns_rr *converted;
    enum err rc = dns_rr_to_ldns(rr, &converted, e);

    if (rc != OK) {
        err_prefix(e, "%s %s", rr->name, dns_type_name(rr->type, type));
        return rc;
    }
    ldns_rr_set_class(converted, class);
    if (!ldns_pkt_push_rr(pkt, section, converted)) {
        ldns_rr_free(converted);
        return err_nomem(e);
    }
    return OK;
}

static enum err push_zone(ldns_pkt *pkt, const char *zone, struct error *e)
{
    struct dns_rr soa = { .name = zone, .type = DNS_TYPE_SOA };
    ldns_rr *converted;
    enum err rc = dns_rr_to_ldns(&soa, &converted, e);

    if (rc != OK)
        return rc;
    ldns_rr_set_question(converted, true);
    if (!ldns_pkt_push_rr(pkt, LDNS_SECTION_QUESTION, converted)) {
        ldns_rr_free(converted);
        return err_nomem(e);
    }
    return OK;
}

static enum err push_prereq(ldns_pkt *pkt, const struct dns_prereq *p, struct error *e)
{
    struct dns_rr rr = { .name = p->rr.name, .type = p->rr.type };

    switch (p->kind) {
    case DNS_PREREQ_RRSET_ABSENT:
        return push(pkt, LDNS_SECTION_ANSWER, &rr, LDNS_RR_CLASS_NONE, e);
    case DNS_PREREQ_NAME_IN_USE:
        rr.type = DNS_TYPE_ANY;
        return push(pkt, LDNS_SECTION_ANSWER, &rr, LDNS_RR_CLASS_ANY, e);
    case DNS_PREREQ_RR_PRESENT:
        if (!p->rr.data || !is_storable_type(rr.type))
            break;
        rr.data = p->rr.data;
        return push(pkt, LDNS_SECTION_ANSWER, &rr, LDNS_RR_CLASS_IN, e);
    }
    return err_set(e, ERR_MALFORMED, "%s: a prerequisite without a record's type and data",
                   rr.name);
}

static enum err push_op(ldns_pkt *pkt, const struct dns_op *op, struct error *e)
{
    struct dns_rr rr = op->rr;
    char type[16];

    if (op->kind == DNS_OP_DELETE_RRSET && is_storable_type(rr.type)) {
        rr.ttl_s = 0;
        rr.data = NULL;
        return push(pkt, LDNS_SECTION_AUTHORITY, &rr, LDNS_RR_CLASS_ANY, e);
    }
    if (!rr.data || !is_storable_type(rr.type))
        return err_set(e, ERR_MALFORMED, "%s %s: only one record with its data can be changed",
                       rr.name, dns_type_name(rr.type, type));
    if (op->kind == DNS_OP_ADD)
        return push(pkt, LDNS_SECTION_AUTHORITY, &rr, LDNS_RR_CLASS_IN, e);
    rr.ttl_s = 0;
    return push(pkt, LDNS_SECTION_AUTHORITY, &rr, LDNS_RR_CLASS_NONE, e);
}

static enum err fill(ldns_pkt *pkt, const struct dns_update *u, struct error *e)
{
    enum err rc = push_zone(pkt, u->zone, e);

    for (size_t i = 0; rc == OK && i < u->n_prereqs; i++) {
        rc = check_within(u->prereqs[i].rr.name, u->zone, e);
        if (rc == OK)
            rc = push_prereq(pkt, &u->prereqs[i], e);
    }
    for (size_t i = 0; rc == OK && i < u->n_ops; i++) {
        rc = check_within(u->ops[i].rr.name, u->zone, e);
        if (rc == OK)
            rc = push_op(pkt, &u->ops[i], e);
    }
    return rc;
}

enum err dns_update_wire(TALLOC_CTX *mem, const struct dns_update *u, uint16_t id,
                         struct bytes *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    ldns_pkt *pkt;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    /* Not ldns_update_pkt_new(): that one sets RD. */
    pkt = ldns_pkt_new();
    if (!pkt || !own(tmp, pkt, dns_pkt_release)) {
        rc = err_nomem(e);
        goto done;
    }
    ldns_pkt_set_opcode(pkt, LDNS_PACKET_UPDATE);
    ldns_pkt_set_id(pkt, id);
    rc = fill(pkt, u, e);
    if (rc == OK)
        rc = dns_pkt_wire(mem, pkt, out, e);
done:
    talloc_free(tmp);
    return rc;
}
