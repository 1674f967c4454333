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
#define TYPE_OPT 41
#define CLASS_IN 1
#define FLAG_QR 0x8000
#define FLAG_AA 0x0400
#define FLAG_TC 0x0200
#define OPCODE_MASK 0x7800
#define RCODE_MASK 0x000f

enum { ANSWER, AUTHORITY, ADDITIONAL, SECTIONS };

struct header {
    uint16_t id;
    uint16_t flags;
    uint16_t questions;
    uint16_t records[SECTIONS];
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
    for (int i = 0; i < SECTIONS; i++)
        h.records[i] = rd_be16(&r);
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

/* Does the message carry exactly the question q?  *pos is where the records begin. */
static enum err check_question(struct bytes wire, const struct header *h,
                               const struct dns_question *q, size_t *pos, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct bytes asked, got;
    ldns_rr *rr = NULL;
    char type[16];
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    rc = dns_name_to_wire(tmp, q->name, &asked, e);
    if (rc != OK)
        goto done;
    rc = ERR_MALFORMED;
    *pos = HEADER_LEN;
    if (h->questions == 1 &&
        ldns_wire2rr(&rr, wire.data, wire.len, pos, LDNS_SECTION_QUESTION) == LDNS_STATUS_OK) {
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

static enum err malformed(const char *how, struct error *e)
{
    return err_set(e, ERR_MALFORMED, "the answer cannot be parsed: %s", how);
}

/* The fixed part of a record, and where its data ends. */
struct frame {
    uint16_t type;
    uint16_t class;
    uint32_t ttl_s;
    size_t end;
};

static enum err read_frame(struct bytes wire, size_t pos, struct frame *out, struct error *e)
{
    struct frame f = { 0 };
    ldns_rdf *owner;
    struct rd r;

    if (ldns_wire2dname(&owner, wire.data, wire.len, &pos) != LDNS_STATUS_OK)
        return malformed("bad owner name", e);
    ldns_rdf_deep_free(owner);
    if (pos > wire.len)
        return malformed("it ends inside a record", e);
    r = rd_init((struct bytes){ wire.data + pos, wire.len - pos });
    f.type = rd_be16(&r);
    f.class = rd_be16(&r);
    f.ttl_s = rd_be32(&r);
    rd_take(&r, rd_be16(&r));
    if (r.bad)
        return malformed("it ends inside a record", e);
    f.end = wire.len - rd_left(&r);
    *out = f;
    return OK;
}

/* One record by ldns, which does not mind data that is shorter or longer than it says. */
static enum err read_record(TALLOC_CTX *mem, struct bytes wire, size_t pos, const struct frame *f,
                            struct dns_rr *out, struct error *e)
{
    ldns_rr *rr = NULL;
    ldns_status st = ldns_wire2rr(&rr, wire.data, f->end, &pos, LDNS_SECTION_ANSWER);
    enum err rc;

    if (st != LDNS_STATUS_OK)
        return malformed(ldns_get_errorstr_by_id(st), e);
    if (pos != f->end ||
        (ldns_rr_rd_count(rr) < ldns_rr_descriptor_minimum(ldns_rr_descript(f->type)) &&
         !dns_type_may_be_empty(f->type)))
        rc = malformed("data of the wrong length", e);
    else
        rc = dns_rr_from_ldns(mem, rr, out, e);
    ldns_rr_free(rr);
    return rc;
}

/* n records from *pos on; what an OPT record has goes to a: EDNS, and the rcode's upper bits. */
static enum err read_section(TALLOC_CTX *mem, struct bytes wire, size_t *pos, size_t n,
                             struct dns_rrs *out, struct dns_answer *a, struct error *e)
{
    struct dns_rrs rrs = { NULL, 0 };

    for (size_t i = 0; i < n; i++) {
        struct frame f = { 0 };
        enum err rc = read_frame(wire, *pos, &f, e);

        if (rc != OK)
            return rc;
        /* RFC 6891 section 6.1.3: without its upper bits BADVERS reads as NOERROR. */
        if (f.type == TYPE_OPT) {
            a->has_edns = true;
            a->rcode |= (int)(f.ttl_s >> 24) << 4;
        } else if (f.type != DNS_TYPE_TSIG && f.class == CLASS_IN) {
            rrs.rr = talloc_realloc(mem, rrs.rr, struct dns_rr, (unsigned)(rrs.count + 1));
            if (!rrs.rr)
                return err_nomem(e);
            rc = read_record(rrs.rr, wire, *pos, &f, &rrs.rr[rrs.count], e);
            if (rc != OK)
                return rc;
            rrs.count++;
        }
        *pos = f.end;
    }
    *out = rrs;
    return OK;
}

static enum err read_records(TALLOC_CTX *mem, struct bytes wire, size_t pos, const struct header *h,
                             struct dns_answer *out, struct error *e)
{
    struct dns_rrs *sections[SECTIONS] = { &out->answer, &out->authority, &out->additional };
    enum err rc = OK;

    for (int i = 0; rc == OK && i < SECTIONS; i++)
        rc = read_section(mem, wire, &pos, h->records[i], sections[i], out, e);
    return rc;
}

enum err dns_message_answer(TALLOC_CTX *mem, struct bytes wire, uint16_t id,
                            const struct dns_question *q, struct dns_answer *out,
                            bool *is_truncated, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_answer a = { 0 };
    struct header h;
    size_t pos;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    if (!read_header(wire, &h) || !(h.flags & FLAG_QR) || (h.flags & OPCODE_MASK) || h.id != id) {
        rc = err_set(e, ERR_MALFORMED, "not an answer to the query sent");
        goto done;
    }
    rc = check_question(wire, &h, q, &pos, e);
    if (rc != OK)
        goto done;
    a.rcode = h.flags & RCODE_MASK;
    a.is_authoritative = h.flags & FLAG_AA;
    /* A truncated message may end inside a record; what is in it is asked for again over TCP. */
    if (!(h.flags & FLAG_TC)) {
        rc = read_records(tmp, wire, pos, &h, &a, e);
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

/* Where the records of a part begin: after its question, which may be missing. */
static enum err part_begins(struct bytes wire, const struct header *h, const struct dns_question *q,
                            bool is_first, size_t *pos, struct error *e)
{
    if (h->questions || is_first)
        return check_question(wire, h, q, pos, e);
    *pos = HEADER_LEN;
    return OK;
}

enum err dns_message_part(TALLOC_CTX *mem, struct bytes wire, uint16_t id,
                          const struct dns_question *q, bool is_first, int *rcode,
                          struct dns_rrs *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dns_answer a = { 0 };
    struct header h;
    size_t pos;
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    if (!read_header(wire, &h) || !(h.flags & FLAG_QR) || (h.flags & OPCODE_MASK) || h.id != id ||
        (h.flags & FLAG_TC)) {
        rc = err_set(e, ERR_MALFORMED, "not a message of the transfer that was asked for");
        goto done;
    }
    if ((rc = part_begins(wire, &h, q, is_first, &pos, e)))
        goto done;
    a.rcode = h.flags & RCODE_MASK;
    if ((rc = read_records(tmp, wire, pos, &h, &a, e)))
        goto done;
    if (a.answer.count != h.records[ANSWER]) {
        rc = malformed("a record of another class", e);
        goto done;
    }
    talloc_steal(mem, a.answer.rr);
    *rcode = a.rcode;
    *out = a.answer;
done:
    talloc_free(tmp);
    return rc;
}
