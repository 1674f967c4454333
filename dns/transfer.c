#include "dns/transfer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/message.h"
#include "dns/name.h"

#define TYPE_IXFR 251
#define TYPE_AXFR 252
#define CLASS_IN 1

/* What the next record may be. */
enum expecting {
    FIRST_SOA,
    SECOND,    /* IXFR only: it tells the three kinds of answer apart */
    WHOLE,     /* records, or the closing SOA */
    REMOVALS,  /* or the SOA that opens the additions */
    ADDITIONS, /* or the SOA of the next difference, or the closing one */
    NOTHING,
};

struct transfer {
    const struct dns_transfer_params *p;
    struct dns_conn *conn;
    struct dns_question question;
    uint16_t id;
    dns_transfer_sink *sink;
    void *priv;
    enum expecting expecting;
    uint32_t at; /* the serial that the additions in hand lead to, or the removals start from */
    char *first; /* the data of the first SOA, on mem */
    uint32_t first_ttl_s;
    TALLOC_CTX *mem;
    struct dns_transfer_summary sum;
};

bool dns_serial_older(uint32_t a, uint32_t b) { return a != b && (uint32_t)(b - a) < 0x80000000u; }

/* ---- the query ---- */

/* Header, question, and for IXFR the SOA that we have (RFC 1995 section 3). */
static enum err make_query(struct transfer *t, TALLOC_CTX *mem, struct bytes *out, struct error *e)
{
    struct wr w = wr_init(mem);
    struct bytes name;
    enum err rc = dns_name_to_wire(mem, t->p->zone, &name, e);

    if (rc)
        return rc;
    wr_be16(&w, t->id);
    wr_be16(&w, 0);
    wr_be16(&w, 1);
    wr_be16(&w, 0);
    wr_be16(&w, t->p->has_serial);
    wr_be16(&w, 0);
    wr_bytes(&w, name);
    wr_be16(&w, t->question.type);
    wr_be16(&w, CLASS_IN);
    if (t->p->has_serial) {
        wr_bytes(&w, name);
        wr_be16(&w, DNS_TYPE_SOA);
        wr_be16(&w, CLASS_IN);
        wr_be32(&w, 0);
        /* The root for both names, the serial, and four times that nobody reads. */
        wr_be16(&w, 22);
        wr_be16(&w, 0);
        wr_be32(&w, t->p->serial);
        for (int i = 0; i < 4; i++)
            wr_be32(&w, 0);
    }
    *out = wr_view(&w);
    return w.bad ? err_nomem(e) : OK;
}

static enum err send_query(struct transfer *t, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct bytes query;
    enum err rc = tmp ? make_query(t, tmp, &query, e) : err_nomem(e);

    if (!rc && t->p->security)
        rc = t->p->security->sign(t->p->security->priv, tmp, query, &query, e);
    if (!rc)
        rc = dns_conn_send(t->conn, query, deadline_sooner(t->p->first, t->p->d), e);
    talloc_free(tmp);
    return rc;
}

/* ---- the order of records ---- */

/* The third field of an SOA's data, which is in presentation format. */
static bool soa_serial(const struct dns_rr *rr, uint32_t *out)
{
    const char *at = rr->data;
    unsigned long serial;
    char *end;

    for (int i = 0; i < 2; i++) {
        at = strchr(at, ' ');
        if (!at)
            return false;
        at++;
    }
    serial = strtoul(at, &end, 10);
    if (end == at || *end != ' ' || serial > UINT32_MAX)
        return false;
    *out = (uint32_t)serial;
    return true;
}

static enum err out_of_order(const struct transfer *t, const char *what, struct error *e)
{
    return err_set(e, ERR_MALFORMED, "transfer of %s: %s", t->p->zone, what);
}

static enum err give(struct transfer *t, enum dns_transfer_event event, const struct dns_rr *rr,
                     struct error *e)
{
    return t->sink(event, rr, t->priv, e);
}

static enum err take_first(struct transfer *t, const struct dns_rr *rr, uint32_t serial,
                           struct error *e)
{
    t->first = talloc_strdup(t->mem, rr->data);
    if (!t->first)
        return err_nomem(e);
    t->first_ttl_s = rr->ttl_s;
    t->sum.serial = serial;
    if (t->p->has_serial) {
        t->expecting = SECOND;
        return OK;
    }
    t->expecting = WHOLE;
    return give(t, DNS_TRANSFER_RECORD, rr, e);
}

/* The first SOA was held back until the second record said what the answer is. */
static enum err take_second(struct transfer *t, const struct dns_rr *rr, bool is_soa,
                            uint32_t serial, struct error *e)
{
    const struct dns_rr soa = {
        .name = t->p->zone, .type = DNS_TYPE_SOA, .ttl_s = t->first_ttl_s, .data = t->first
    };
    enum err rc;

    if (is_soa && serial == t->p->serial && serial != t->sum.serial) {
        t->sum.kind = DNS_TRANSFER_DIFFERENCES;
        t->expecting = REMOVALS;
        t->at = serial;
        return give(t, DNS_TRANSFER_REMOVE, rr, e);
    }
    t->expecting = WHOLE;
    if ((rc = give(t, DNS_TRANSFER_RECORD, &soa, e)))
        return rc;
    if (!is_soa)
        return give(t, DNS_TRANSFER_RECORD, rr, e);
    if (strcmp(rr->data, t->first) != 0)
        return out_of_order(t, "neither the differences that were asked for nor the zone", e);
    t->expecting = NOTHING;
    return OK;
}

static enum err take_closing(struct transfer *t, const struct dns_rr *rr, struct error *e)
{
    if (strcmp(rr->data, t->first) != 0)
        return out_of_order(t, "its last SOA is not its first: the zone changed meanwhile", e);
    t->expecting = NOTHING;
    return OK;
}

static enum err take_soa_between(struct transfer *t, const struct dns_rr *rr, uint32_t serial,
                                 struct error *e)
{
    if (t->expecting == REMOVALS) {
        if (!dns_serial_older(t->at, serial))
            return out_of_order(t, "a difference that leads back to an older serial", e);
        t->expecting = ADDITIONS;
        t->at = serial;
        return give(t, DNS_TRANSFER_ADD, rr, e);
    }
    if (t->at == t->sum.serial)
        return take_closing(t, rr, e);
    if (serial != t->at)
        return out_of_order(t, "differences that do not follow one another", e);
    t->expecting = REMOVALS;
    return give(t, DNS_TRANSFER_REMOVE, rr, e);
}

static enum err take(struct transfer *t, const struct dns_rr *rr, struct error *e)
{
    bool is_soa = rr->type == DNS_TYPE_SOA && strcmp(rr->name, t->p->zone) == 0;
    uint32_t serial = 0;

    if (t->expecting == NOTHING)
        return out_of_order(t, "records after its end", e);
    if (!dns_name_within(rr->name, t->p->zone))
        return out_of_order(t, "a record of another zone", e);
    if (rr->type == DNS_TYPE_SOA && (!is_soa || !soa_serial(rr, &serial)))
        return out_of_order(t, "an SOA that is not the zone's", e);
    if (++t->sum.records > t->p->max_records && t->p->max_records)
        return out_of_order(t, "more records than allowed", e);
    switch (t->expecting) {
    case FIRST_SOA:
        return is_soa ? take_first(t, rr, serial, e)
                      : out_of_order(t, "it does not begin with the SOA", e);
    case SECOND:
        return take_second(t, rr, is_soa, serial, e);
    case WHOLE:
        return is_soa ? take_closing(t, rr, e) : give(t, DNS_TRANSFER_RECORD, rr, e);
    default:
        if (is_soa)
            return take_soa_between(t, rr, serial, e);
        return give(t, t->expecting == REMOVALS ? DNS_TRANSFER_REMOVE : DNS_TRANSFER_ADD, rr, e);
    }
}

/* ---- messages ---- */

static enum err refused(const struct transfer *t, int rcode, struct error *e)
{
    enum err code = rcode == DNS_RCODE_REFUSED ? ERR_DENIED : ERR_SERVER;
    char name[16];

    if (rcode == DNS_RCODE_NOTAUTH || rcode == DNS_RCODE_NXDOMAIN)
        code = ERR_NOTFOUND;
    err_set(e, code, "the server answers the transfer of %s with %s", t->p->zone,
            dns_rcode_name(rcode, name));
    if (rcode == DNS_RCODE_REFUSED)
        err_hint(e, "allow it for this address or key (named: allow-transfer)");
    return code;
}

static enum err take_message(struct transfer *t, TALLOC_CTX *mem, struct bytes message,
                             struct error *e)
{
    struct dns_rrs rrs = { NULL, 0 };
    int rcode = 0;
    enum err rc;

    t->sum.bytes += message.len;
    if (t->p->max_bytes && t->sum.bytes > t->p->max_bytes)
        return out_of_order(t, "more bytes than allowed", e);
    if (t->p->security &&
        (rc = t->p->security->check(t->p->security->priv, mem, message, &message, e)))
        return rc;
    rc = dns_message_part(mem, message, t->id, &t->question, t->sum.messages == 0, &rcode, &rrs, e);
    if (rc)
        return rc;
    if (rcode != DNS_RCODE_NOERROR)
        return refused(t, rcode, e);
    if (rrs.count == 0)
        return out_of_order(t, "a message without records", e);
    t->sum.messages++;
    for (size_t i = 0; i < rrs.count; i++) {
        if ((rc = take(t, &rrs.rr[i], e)))
            return rc;
    }
    /* One SOA alone in the whole first message, as new as ours: nothing has changed. */
    if (t->expecting == SECOND && t->sum.messages == 1 &&
        !dns_serial_older(t->p->serial, t->sum.serial)) {
        t->sum.kind = DNS_TRANSFER_CURRENT;
        t->expecting = NOTHING;
    }
    return OK;
}

/* The next message did not come. */
static enum err missed(const struct transfer *t, enum err rc, struct error *e)
{
    if (rc == ERR_UNREACHABLE && t->sum.messages)
        err_prefix(e, "transfer of %s, cut off after %" PRIu64 " messages", t->p->zone,
                   t->sum.messages);
    else if (rc == ERR_UNREACHABLE && t->p->has_serial)
        rc = err_set(e, ERR_SERVER,
                     "transfer of %s: the server closes the connection on a request for changes "
                     "(IXFR)",
                     t->p->zone);
    else if (rc == ERR_TIMEOUT && !t->sum.messages)
        err_prefix(e, "transfer of %s, not begun", t->p->zone);
    return rc;
}

static enum err receive(struct transfer *t, struct error *e)
{
    enum err rc = OK;

    while (!rc && t->expecting != NOTHING) {
        struct deadline d = t->sum.messages ? t->p->d : deadline_sooner(t->p->first, t->p->d);
        TALLOC_CTX *tmp = talloc_new(NULL);
        struct bytes message;

        if (!tmp)
            return err_nomem(e);
        if ((rc = dns_conn_recv(tmp, t->conn, d, &message, e)))
            rc = missed(t, rc, e);
        else
            rc = take_message(t, tmp, message, e);
        talloc_free(tmp);
    }
    return rc;
}

enum err dns_transfer(struct dns_conn *conn, const struct dns_transfer_params *p,
                      dns_transfer_sink *sink, void *priv, struct dns_transfer_summary *out,
                      struct error *e)
{
    struct transfer t = { .p = p,
                          .conn = conn,
                          .question = { p->zone, p->has_serial ? TYPE_IXFR : TYPE_AXFR },
                          .id = dns_message_id(),
                          .sink = sink,
                          .priv = priv };
    enum err rc;

    t.mem = talloc_new(NULL);
    if (!t.mem)
        return err_nomem(e);
    rc = send_query(&t, e);
    if (!rc)
        rc = receive(&t, e);
    if (!rc && p->security)
        rc = p->security->finish(p->security->priv, e);
    if (!rc)
        *out = t.sum;
    talloc_free(t.mem);
    return rc;
}
