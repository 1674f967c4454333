#include "gss-tsig/verify.h"

#include <stdlib.h>

#include "base/log.h"

/* The first form of digest that the MAC fits (PROTOCOL.md, "Two forms of one digest"). */
static enum err match_mac(TALLOC_CTX *mem, struct secctx *context, struct bytes request_mac,
                          struct bytes message, const struct tsig *t, enum gsstsig_proof *proof,
                          struct error *e)
{
    static const struct {
        enum tsig_form form;
        enum gsstsig_proof proof;
    } forms[] = {
        { TSIG_FORM_STANDARD, GSSTSIG_PROOF_STANDARD },
        { TSIG_FORM_LEGACY, GSSTSIG_PROOF_LEGACY },
    };

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct bytes digest = tsig_digest(mem, forms[i].form, request_mac, message, t);

        if (!digest.data)
            return err_nomem(e);
        if (secctx_verify(context, digest, t->mac)) {
            *proof = forms[i].proof;
            return OK;
        }
    }
    return err_set(e, ERR_UNVERIFIED, "the answer's signature does not belong to it");
}

/* After the MAC (RFC 8945 section 5.2): before it the time is anybody's. */
static enum err check_time(const struct tsig *t, int64_t now_s, struct error *e)
{
    int64_t ahead_s = (int64_t)t->time_signed_s - now_s;

    if (llabs(ahead_s) <= t->fudge_s)
        return OK;
    err_set(e, ERR_UNVERIFIED,
            "the answer was signed %lld s in the %s, more than its fudge of %u s", llabs(ahead_s),
            ahead_s > 0 ? "future" : "past", t->fudge_s);
    err_hint(e, "compare this host's clock with the server's");
    return ERR_UNVERIFIED;
}

static void log_error_of(const struct tsig *t, int64_t now_s)
{
    uint64_t server_s;
    char buf[16];

    if (tsig_server_time(t, &server_s))
        log_warning("server answers BADTIME: its clock is %lld s %s ours",
                    llabs((int64_t)server_s - now_s),
                    (int64_t)server_s > now_s ? "ahead of" : "behind");
    else
        log_info("server answers TSIG error %s%s", tsig_error_name(t->error, buf),
                 t->mac.len ? "" : ", unsigned");
}

static enum err judge(TALLOC_CTX *tmp, struct secctx *context, const struct wire_name *key,
                      struct bytes request_mac, struct bytes wire, int64_t now_s,
                      struct gsstsig_reply *reply, struct error *e)
{
    struct wire_name gss = tsig_algorithm_gss();
    struct bytes message;
    struct tsig t;
    bool is_signed;
    enum err rc;

    rc = tsig_split(tmp, wire, &t, &is_signed, &message, e);
    if (rc || !is_signed)
        return rc;
    if (!wire_name_equal(&t.key, key))
        return err_set(e, ERR_UNVERIFIED, "the answer is signed with another key than negotiated");
    if (!wire_name_equal(&t.algorithm, &gss))
        return err_set(e, ERR_UNVERIFIED,
                       "the answer is signed with another algorithm than gss-tsig");
    reply->tsig_error = t.error;
    if (t.error && reply->rcode != DNS_RCODE_NOTAUTH)
        return err_set(e, ERR_UNVERIFIED,
                       "the answer contradicts itself: TSIG error %u, but not NOTAUTH", t.error);
    if (t.error)
        log_error_of(&t, now_s);
    if (t.mac.len == 0 && t.error != 0)
        return OK; /* RFC 8945 section 5.3.2: errors about the key itself cannot be signed */
    if (t.mac.len > 0 && bytes_equal(t.mac, request_mac)) {
        reply->is_echo = true;
        return OK;
    }
    if ((rc = match_mac(tmp, context, request_mac, message, &t, &reply->proof, e)))
        return rc;
    return check_time(&t, now_s, e);
}

enum err verify_answer(struct secctx *context, const struct wire_name *key,
                       struct bytes request_mac, struct bytes wire, int64_t now_s,
                       struct gsstsig_reply *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct gsstsig_reply reply = { .proof = GSSTSIG_PROOF_NONE };
    struct rd r = rd_init(wire);
    enum err rc;

    reply.rcode = rd_wire_header(&r).rcode;
    rc = judge(tmp, context, key, request_mac, wire, now_s, &reply, e);
    if (rc == ERR_MALFORMED) {
        /* Callers have one answer to whatever cannot be believed. */
        rc = ERR_UNVERIFIED;
        if (e)
            e->code = rc;
    }
    if (!rc)
        *out = reply;
    talloc_free(tmp);
    return rc;
}
