#include "gss-tsig/tkey.h"

#include "dns/rr.h"
#include "gss-tsig/tsig.h"

/* Servers set their own; named caps at this. */
#define LIFETIME_S 3600

struct tkey {
    struct wire_name algorithm;
    uint16_t mode;
    uint16_t error;
    struct bytes token;
};

enum err tkey_query(TALLOC_CTX *mem, uint16_t id, const struct wire_name *key, struct bytes token,
                    int64_t now_s, struct bytes *out, struct error *e)
{
    struct wire_name algorithm = tsig_algorithm_gss();
    /* Algorithm, inception, expiration, mode, error, token length, token, other length. */
    size_t rdata = algorithm.len + 4 + 4 + 2 + 2 + 2 + token.len + 2;
    struct wr w = wr_init(mem);

    if (token.len > WIRE_MESSAGE_MAX ||
        WIRE_HEADER_SIZE + key->len + 4 + key->len + 10 + rdata > WIRE_MESSAGE_MAX)
        return err_set(e, ERR_AUTH, "a Kerberos token of %zu bytes does not fit into a DNS message",
                       token.len);

    wr_be16(&w, id);
    wr_be16(&w, WIRE_OPCODE_QUERY << 11);
    wr_be16(&w, 1);
    wr_be16(&w, 0);
    wr_be16(&w, 0);
    wr_be16(&w, 1);
    wr_wire_name(&w, key);
    wr_be16(&w, DNS_TYPE_TKEY);
    wr_be16(&w, WIRE_CLASS_ANY);

    /* In the additional section (RFC 2930 section 4): named looks nowhere else. */
    wr_wire_name(&w, key);
    wr_be16(&w, DNS_TYPE_TKEY);
    wr_be16(&w, WIRE_CLASS_ANY);
    wr_be32(&w, 0);
    wr_be16(&w, (uint16_t)rdata);
    wr_wire_name(&w, &algorithm);
    wr_be32(&w, (uint32_t)now_s);
    wr_be32(&w, (uint32_t)(now_s + LIFETIME_S));
    wr_be16(&w, TKEY_MODE_GSS);
    wr_be16(&w, 0);
    wr_be16(&w, (uint16_t)token.len);
    wr_bytes(&w, token);
    wr_be16(&w, 0);
    if (w.bad)
        return err_nomem(e);
    *out = wr_view(&w);
    return OK;
}

static bool parse(struct wire_rr *rr, struct bytes wire, struct tkey *out)
{
    struct rd *r = &rr->rdata;
    struct tkey t;

    t.algorithm = rd_wire_name(r, wire);
    rd_take(r, 8); /* inception and expiration: the server forgets the key when it likes */
    t.mode = rd_be16(r);
    t.error = rd_be16(r);
    t.token = rd_take(r, rd_be16(r));
    rd_take(r, rd_be16(r));
    if (r->bad || rd_left(r) != 0)
        return false;
    *out = t;
    return true;
}

/*
 * The first TKEY record of the answer section.  False where the message contradicts itself
 * anywhere; *is_there says whether there was one, of the right name and form.
 */
static bool find(struct bytes wire, const struct wire_name *key, struct wire_header *h,
                 struct tkey *out, bool *is_there)
{
    struct rd r = rd_init(wire);

    *is_there = false;
    *h = rd_wire_header(&r);
    for (unsigned i = 0; i < h->count[0] && !r.bad; i++)
        rd_wire_question(&r, wire);
    for (int section = 1; section < 4; section++) {
        for (unsigned i = 0; i < h->count[section] && !r.bad; i++) {
            struct wire_rr rr = rd_wire_rr(&r, wire);

            if (!r.bad && section == 1 && !*is_there && rr.type == DNS_TYPE_TKEY &&
                wire_name_equal(&rr.name, key))
                *is_there = parse(&rr, wire, out);
        }
    }
    return !r.bad && rd_left(&r) == 0;
}

static enum err refused_by_rcode(int rcode, struct error *e)
{
    enum err code =
        rcode == DNS_RCODE_REFUSED || rcode == DNS_RCODE_NOTAUTH ? ERR_AUTH : ERR_SERVER;
    char buf[16];

    err_set(e, code, "the server answers the key negotiation (TKEY) with %s",
            dns_rcode_name(rcode, buf));
    err_hint(e, "check that this DNS server takes secure updates (GSS-TSIG), or name another one");
    return code;
}

enum err tkey_answer(struct bytes wire, uint16_t id, const struct wire_name *key,
                     struct bytes *token, struct error *e)
{
    struct wire_name gss = tsig_algorithm_gss();
    struct wire_header h;
    struct tkey t;
    bool is_there;
    char buf[16];

    if (!find(wire, key, &h, &t, &is_there))
        return err_set(e, ERR_UNVERIFIED, "the answer to the key negotiation (TKEY) is malformed");
    if (h.id != id || !h.is_response || h.opcode != WIRE_OPCODE_QUERY)
        return err_set(e, ERR_UNVERIFIED,
                       "the server sent something else than the answer to the TKEY query");
    if (is_there && t.error != 0) {
        err_set(e, ERR_AUTH, "the server refuses our Kerberos ticket: TKEY error %s",
                tsig_error_name(t.error, buf));
        err_hint(e, "check the server's clock, and that its key for DNS/<its name> is the one in "
                    "the directory");
        return ERR_AUTH;
    }
    if (h.rcode != DNS_RCODE_NOERROR)
        return refused_by_rcode(h.rcode, e);
    if (!is_there)
        return err_set(e, ERR_UNVERIFIED,
                       "the answer to the key negotiation holds no TKEY record of that key");
    if (t.mode != TKEY_MODE_GSS || !wire_name_equal(&t.algorithm, &gss))
        return err_set(e, ERR_UNVERIFIED, "the server negotiates another kind of key: TKEY mode %u",
                       t.mode);
    if (t.token.len > TKEY_ANSWER_TOKEN_MAX)
        return err_set(e, ERR_UNVERIFIED, "the server's token has %zu bytes, more than %d",
                       t.token.len, TKEY_ANSWER_TOKEN_MAX);
    *token = t.token;
    return OK;
}
