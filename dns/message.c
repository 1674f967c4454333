#include "dns/message.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/own.h"
#include "dns/convert.h"
#include "dns/name.h"

/* Fits in one unfragmented packet everywhere (DNS flag day 2020). */
#define EDNS_UDP_PAYLOAD 1232

#define HEADER_LEN 12
#define FLAG_QR 0x8000
#define FLAG_AA 0x0400
#define FLAG_TC 0x0200
#define OPCODE_MASK 0x7800
#define RCODE_MASK 0x000f

struct header {
    uint16_t id;
    uint16_t flags;
    uint16_t questions;
};

uint16_t dns_message_id(void)
{
    uint16_t id;
    ssize_t n;

    do
        n = getrandom(&id, sizeof id, 0);
    while (n < 0 && errno == EINTR);
    /* Only a system call filter gets us here; the source port is random all the same. */
    if (n != (ssize_t)sizeof id)
        id = (uint16_t)clock_monotonic_ms();
    return id;
}

static bool read_header(struct bytes wire, struct header *out)
{
    struct rd r = rd_init(wire);
    struct header h;

    h.id = rd_be16(&r);
    h.flags = rd_be16(&r);
    h.questions = rd_be16(&r);
    rd_take(&r, HEADER_LEN - 6);
    if (r.bad)
        return false;
    *out = h;
    return true;
}

bool dns_message_peek(struct bytes wire, uint16_t *id, int *rcode)
{
    struct header h;

    if (!read_header(wire, &h))
        return false;
    *id = h.id;
    *rcode = h.flags & RCODE_MASK;
    return true;
}

enum err dns_message_query(TALLOC_CTX *mem, uint16_t id, const struct dns_question *q,
                           bool recursion_desired, struct bytes *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    ldns_rdf *name;
    ldns_pkt *pkt;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    rc = dns_name_to_ldns(q->name, &name, e);
    if (rc != OK)
        goto done;
    /* ldns takes the name over. */
    pkt = ldns_pkt_query_new(name, q->type, LDNS_RR_CLASS_IN, recursion_desired ? LDNS_RD : 0);
    if (!pkt) {
        ldns_rdf_deep_free(name);
        rc = err_nomem(e);
        goto done;
    }
    if (!own(tmp, pkt, dns_pkt_release)) {
        rc = err_nomem(e);
        goto done;
    }
    ldns_pkt_set_id(pkt, id);
    ldns_pkt_set_edns_udp_size(pkt, EDNS_UDP_PAYLOAD);
    rc = dns_pkt_wire(mem, pkt, out, e);
done:
    talloc_free(tmp);
    return rc;
}

/* Does the message carry exactly the question q? */
static enum err check_question(struct bytes wire, const struct header *h,
                               const struct dns_question *q, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct bytes asked, got;
    size_t pos = HEADER_LEN;
    ldns_rr *rr = NULL;
    char type[16];
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    rc = dns_name_to_wire(tmp, q->name, &asked, e);
    if (rc != OK)
        goto done;
    rc = ERR_MALFORMED;
    if (h->questions == 1 &&
        ldns_wire2rr(&rr, wire.data, wire.len, &pos, LDNS_SECTION_QUESTION) == LDNS_STATUS_OK) {
        ldns_dname2canonical(ldns_rr_owner(rr));
        got = (struct bytes){ ldns_rdf_data(ldns_rr_owner(rr)), ldns_rdf_size(ldns_rr_owner(rr)) };
        if (bytes_equal(asked, got) && ldns_rr_get_type(rr) == (ldns_rr_type)q->type &&
            ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN)
            rc = OK;
        ldns_rr_free(rr);
    }
    if (rc != OK)
        err_set(e, rc, "the answer is not to the question %s %s", q->name,
                dns_type_name(q->type, type));
done:
    talloc_free(tmp);
    return rc;
}

static bool is_data_type(ldns_rr_type type)
{
    return type != LDNS_RR_TYPE_OPT && type != LDNS_RR_TYPE_TSIG;
}

static enum err section(TALLOC_CTX *mem, const ldns_rr_list *list, struct dns_rrs *out,
                        struct error *e)
{
    size_t n = ldns_rr_list_rr_count(list);
    struct dns_rrs rrs = { talloc_zero_array(mem, struct dns_rr, n), 0 };

    if (!rrs.rr)
        return err_nomem(e);
    for (size_t i = 0; i < n; i++) {
        const ldns_rr *rr = ldns_rr_list_rr(list, i);
        enum err rc;

        if (ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN || !is_data_type(ldns_rr_get_type(rr)))
            continue;
        rc = dns_rr_from_ldns(rrs.rr, rr, &rrs.rr[rrs.count], e);
        if (rc != OK)
            return rc;
        rrs.count++;
    }
    *out = rrs;
    return OK;
}

static enum err sections(TALLOC_CTX *mem, struct bytes wire, struct dns_answer *out,
                         struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    ldns_pkt *pkt = NULL;
    ldns_status st;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    st = ldns_wire2pkt(&pkt, wire.data, wire.len);
    if (st != LDNS_STATUS_OK) {
        rc = err_set(e, ERR_MALFORMED, "the answer cannot be parsed: %s",
                     ldns_get_errorstr_by_id(st));
        goto done;
    }
    if (!own(tmp, pkt, dns_pkt_release)) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = section(mem, ldns_pkt_answer(pkt), &out->answer, e)) ||
        (rc = section(mem, ldns_pkt_authority(pkt), &out->authority, e)) ||
        (rc = section(mem, ldns_pkt_additional(pkt), &out->additional, e)))
        goto done;
    /* RFC 6891 section 6.1.3: the upper eight bits; without them BADVERS reads as NOERROR. */
    out->rcode |= ldns_pkt_edns_extended_rcode(pkt) << 4;
done:
    talloc_free(tmp);
    return rc;
}

enum err dns_message_answer(TALLOC_CTX *mem, struct bytes wire, uint16_t id,
                            const struct dns_question *q, struct dns_answer *out,
                            bool *is_truncated, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_answer a = { 0 };
    struct header h;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    if (!read_header(wire, &h) || !(h.flags & FLAG_QR) || (h.flags & OPCODE_MASK) || h.id != id) {
        rc = err_set(e, ERR_MALFORMED, "not an answer to the query sent");
        goto done;
    }
    rc = check_question(wire, &h, q, e);
    if (rc != OK)
        goto done;
    a.rcode = h.flags & RCODE_MASK;
    a.is_authoritative = h.flags & FLAG_AA;
    /* A truncated message may end inside a record; what is in it is asked for again over TCP. */
    if (!(h.flags & FLAG_TC)) {
        rc = sections(tmp, wire, &a, e);
        if (rc != OK)
            goto done;
    }
    talloc_steal(mem, a.answer.rr);
    talloc_steal(mem, a.authority.rr);
    talloc_steal(mem, a.additional.rr);
    *out = a;
    *is_truncated = h.flags & FLAG_TC;
done:
    talloc_free(tmp);
    return rc;
}
