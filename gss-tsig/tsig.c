#include "gss-tsig/tsig.h"

#include <stdio.h>
#include <string.h>

#include "dns/rr.h"

struct wire_name tsig_algorithm_gss(void) { return (struct wire_name){ "\010gss-tsig", 10 }; }

const char *tsig_error_name(uint16_t error, char buf[16])
{
    static const char *const names[] = { "BADSIG",  "BADKEY", "BADTIME", "BADMODE",
                                         "BADNAME", "BADALG", "BADTRUNC" };

    if (error == 0)
        return "no error";
    if (error >= TSIG_BADSIG && error <= TSIG_BADTRUNC)
        return names[error - TSIG_BADSIG];
    snprintf(buf, 16, "error %u", error);
    return buf;
}

struct bytes tsig_digest(TALLOC_CTX *mem, enum tsig_form form, struct bytes request_mac,
                         struct bytes message, const struct tsig *t)
{
    struct wr w = wr_init(mem);

    if (form == TSIG_FORM_STANDARD)
        wr_be16(&w, (uint16_t)request_mac.len);
    if (form != TSIG_FORM_REQUEST)
        wr_bytes(&w, request_mac);
    wr_bytes(&w, message);

    /* TSIG variables, RFC 8945 section 4.3.3: no types, lengths, MAC or original ID. */
    wr_wire_name(&w, &t->key);
    wr_be16(&w, WIRE_CLASS_ANY);
    wr_be32(&w, 0);
    wr_wire_name(&w, &t->algorithm);
    wr_be48(&w, t->time_signed_s);
    wr_be16(&w, t->fudge_s);
    wr_be16(&w, t->error);
    wr_be16(&w, (uint16_t)t->other.len);
    wr_bytes(&w, t->other);
    return wr_view(&w);
}

/* Algorithm name, 48-bit time, fudge, MAC length, original ID, error, other length. */
static size_t rdata_size(const struct tsig *t)
{
    return t->algorithm.len + 6 + 2 + 2 + t->mac.len + 2 + 2 + 2 + t->other.len;
}

enum err tsig_append(TALLOC_CTX *mem, struct bytes message, const struct tsig *t, struct bytes *out,
                     struct error *e)
{
    size_t size = t->key.len + 10 + rdata_size(t);
    struct rd r = rd_init(message);
    struct wire_header h = rd_wire_header(&r);
    struct wr w = wr_init(mem);

    if (r.bad || h.count[3] == UINT16_MAX || size > WIRE_MESSAGE_MAX ||
        message.len > WIRE_MESSAGE_MAX - size)
        return err_set(e, ERR_INTERNAL, "a message of %zu bytes leaves no room for a signature",
                       message.len);

    wr_bytes(&w, (struct bytes){ message.data, 10 });
    wr_be16(&w, (uint16_t)(h.count[3] + 1));
    wr_bytes(&w, (struct bytes){ message.data + WIRE_HEADER_SIZE, message.len - WIRE_HEADER_SIZE });
    wr_wire_name(&w, &t->key);
    wr_be16(&w, DNS_TYPE_TSIG);
    wr_be16(&w, WIRE_CLASS_ANY);
    wr_be32(&w, 0);
    wr_be16(&w, (uint16_t)rdata_size(t));
    wr_wire_name(&w, &t->algorithm);
    wr_be48(&w, t->time_signed_s);
    wr_be16(&w, t->fudge_s);
    wr_be16(&w, (uint16_t)t->mac.len);
    wr_bytes(&w, t->mac);
    wr_be16(&w, t->original_id);
    wr_be16(&w, t->error);
    wr_be16(&w, (uint16_t)t->other.len);
    wr_bytes(&w, t->other);
    if (w.bad)
        return err_nomem(e);
    *out = wr_view(&w);
    return OK;
}

/* False where the record's data does not read as a TSIG to its last byte. */
static bool parse(struct wire_rr *rr, struct bytes wire, struct tsig *out)
{
    struct rd *r = &rr->rdata;
    struct tsig t = { .key = rr->name };

    t.algorithm = rd_wire_name(r, wire);
    t.time_signed_s = rd_be48(r);
    t.fudge_s = rd_be16(r);
    t.mac = rd_take(r, rd_be16(r));
    t.original_id = rd_be16(r);
    t.error = rd_be16(r);
    t.other = rd_take(r, rd_be16(r));
    if (r->bad || rd_left(r) != 0)
        return false;
    *out = t;
    return true;
}

/*
 * Read every record to the end of the message.  *last is the last record of the additional
 * section, *n_tsig the number of TSIG records wherever they stand.
 */
static bool walk(struct bytes wire, struct wire_header *h, struct wire_rr *last, unsigned *n_tsig)
{
    struct rd r = rd_init(wire);

    *h = rd_wire_header(&r);
    *n_tsig = 0;
    for (unsigned i = 0; i < h->count[0] && !r.bad; i++)
        rd_wire_question(&r, wire);
    for (int section = 1; section < 4; section++) {
        for (unsigned i = 0; i < h->count[section] && !r.bad; i++) {
            *last = rd_wire_rr(&r, wire);
            if (!r.bad && last->type == DNS_TYPE_TSIG)
                ++*n_tsig;
        }
    }
    return !r.bad && rd_left(&r) == 0;
}

enum err tsig_split(TALLOC_CTX *mem, struct bytes wire, struct tsig *t, bool *is_signed,
                    struct bytes *message, struct error *e)
{
    struct wire_rr last = { .at = wire.len };
    struct wr w = wr_init(mem);
    struct wire_header h;
    struct tsig found;
    unsigned n_tsig;

    if (!walk(wire, &h, &last, &n_tsig))
        return err_set(e, ERR_MALFORMED,
                       "a message of %zu bytes contradicts its own counts or lengths", wire.len);
    if (n_tsig == 0) {
        struct bytes copy = bytes_dup(mem, wire);

        if (!copy.data)
            return err_nomem(e);
        *is_signed = false;
        *message = copy;
        return OK;
    }
    if (n_tsig > 1 || h.count[3] == 0 || last.type != DNS_TYPE_TSIG)
        return err_set(e, ERR_MALFORMED,
                       "the TSIG record is not the one last record of the message");
    if (last.class != WIRE_CLASS_ANY || last.ttl_s != 0 || !parse(&last, wire, &found))
        return err_set(e, ERR_MALFORMED, "the TSIG record does not have the form of one");

    wr_be16(&w, found.original_id);
    wr_bytes(&w, (struct bytes){ wire.data + 2, 8 });
    wr_be16(&w, (uint16_t)(h.count[3] - 1));
    wr_bytes(&w, (struct bytes){ wire.data + WIRE_HEADER_SIZE, last.at - WIRE_HEADER_SIZE });
    if (w.bad)
        return err_nomem(e);
    *t = found;
    *is_signed = true;
    *message = wr_view(&w);
    return OK;
}

bool tsig_server_time(const struct tsig *t, uint64_t *unix_s)
{
    struct rd r = rd_init(t->other);
    uint64_t s = rd_be48(&r);

    if (t->error != TSIG_BADTIME || r.bad || rd_left(&r) != 0)
        return false;
    *unix_s = s;
    return true;
}
