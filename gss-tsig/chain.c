#include "gss-tsig/chain.h"

#include <inttypes.h>

#include "dns/rr.h"

/* RFC 8945 section 5.3.1: of a hundred messages one at least is signed. */
#define UNSIGNED_MAX 99

struct chain {
    const struct tsig_signer *signer;
    int64_t (*unix_s)(void);
    struct bytes last_mac; /* of the request, then of each signed message; on the chain */
    struct wr pending;     /* the unsigned messages since; on the chain */
    unsigned n_unsigned;
    uint64_t last_time_s;
    bool is_first;
};

static enum err keep_mac(struct chain *c, struct bytes mac, struct error *e)
{
    struct bytes copy = bytes_dup(c, mac);

    if (!copy.data)
        return err_nomem(e);
    talloc_free((void *)(uintptr_t)c->last_mac.data);
    c->last_mac = copy;
    return OK;
}

static enum err sign(void *priv, TALLOC_CTX *mem, struct bytes query, struct bytes *out,
                     struct error *e)
{
    struct chain *c = priv;
    struct rd r = rd_init(query);
    struct tsig t = { .key = c->signer->key,
                      .algorithm = c->signer->algorithm,
                      .time_signed_s = (uint64_t)c->unix_s(),
                      .fudge_s = TSIG_FUDGE_S,
                      .original_id = rd_be16(&r) };
    struct bytes digest = tsig_digest(mem, TSIG_FORM_REQUEST, (struct bytes){ NULL, 0 }, query, &t);
    enum err rc;

    if (!digest.data)
        return err_nomem(e);
    if ((rc = c->signer->make(c->signer->priv, mem, digest, &t.mac, e)) ||
        (rc = keep_mac(c, t.mac, e)))
        return rc;
    return tsig_append(mem, query, &t, out, e);
}

/* The timers alone stand for the variables from the second signature on (section 5.3.1). */
static struct bytes later_digest(TALLOC_CTX *mem, const struct chain *c, struct bytes message,
                                 const struct tsig *t)
{
    struct wr w = wr_init(mem);

    wr_be16(&w, (uint16_t)c->last_mac.len);
    wr_bytes(&w, c->last_mac);
    wr_bytes(&w, wr_view(&c->pending));
    wr_bytes(&w, message);
    wr_be48(&w, t->time_signed_s);
    wr_be16(&w, t->fudge_s);
    return wr_view(&w);
}

static enum err check_time(const struct chain *c, const struct tsig *t, struct error *e)
{
    uint64_t now = (uint64_t)c->unix_s();
    uint64_t off = now > t->time_signed_s ? now - t->time_signed_s : t->time_signed_s - now;
    uint64_t fudge = t->fudge_s < TSIG_FUDGE_S ? t->fudge_s : TSIG_FUDGE_S;

    if (off > fudge)
        return err_set(e, ERR_UNVERIFIED,
                       "a message of the transfer was signed %" PRIu64
                       " s away from our time, more than its fudge of %" PRIu64 " s",
                       off, fudge);
    if (t->time_signed_s < c->last_time_s)
        return err_set(e, ERR_UNVERIFIED,
                       "a message of the transfer was signed before the one that it follows");
    return OK;
}

static enum err check_signed(struct chain *c, TALLOC_CTX *mem, struct bytes message,
                             const struct tsig *t, struct error *e)
{
    struct bytes digest;
    char name[16];
    enum err rc;

    if (!wire_name_equal(&t->key, &c->signer->key) ||
        !wire_name_equal(&t->algorithm, &c->signer->algorithm))
        return err_set(e, ERR_UNVERIFIED, "the transfer is signed with another key or algorithm");
    /* Section 5.3.2: an error about the key comes without a MAC and is a rumour; so is this. */
    if (t->error && t->mac.len == 0) {
        err_set(e, ERR_AUTH, "the server does not take our key for the transfer: TSIG %s",
                tsig_error_name(t->error, name));
        err_hint(e, "name, algorithm and secret have to be the same on both sides, and the clocks");
        return ERR_AUTH;
    }
    digest = c->is_first ? tsig_digest(mem, TSIG_FORM_STANDARD, c->last_mac, message, t)
                         : later_digest(mem, c, message, t);
    if (!digest.data)
        return err_nomem(e);
    if (!c->signer->verify(c->signer->priv, digest, t->mac))
        return err_set(e, ERR_UNVERIFIED, "a signature of the transfer does not belong to it");
    if ((rc = check_time(c, t, e)) || (rc = keep_mac(c, t->mac, e)))
        return rc;
    if (t->error)
        return err_set(e, ERR_AUTH, "the server does not take our key for the transfer: TSIG %s",
                       tsig_error_name(t->error, name));
    talloc_free(c->pending.buf);
    c->pending = wr_init(c);
    c->n_unsigned = 0;
    c->last_time_s = t->time_signed_s;
    return OK;
}

static enum err check(void *priv, TALLOC_CTX *mem, struct bytes wire, struct bytes *out,
                      struct error *e)
{
    struct chain *c = priv;
    struct bytes message;
    bool is_signed;
    struct tsig t;
    enum err rc = tsig_split(mem, wire, &t, &is_signed, &message, e);

    if (rc)
        return rc;
    if (is_signed) {
        if ((rc = check_signed(c, mem, message, &t, e)))
            return rc;
    } else if (c->is_first) {
        return err_set(e, ERR_UNVERIFIED, "the first message of the transfer is not signed");
    } else if (++c->n_unsigned > UNSIGNED_MAX) {
        return err_set(e, ERR_UNVERIFIED,
                       "more than %d messages of the transfer without a signature", UNSIGNED_MAX);
    } else {
        wr_bytes(&c->pending, message);
        if (c->pending.bad)
            return err_nomem(e);
    }
    c->is_first = false;
    *out = message;
    return OK;
}

static enum err finish(void *priv, struct error *e)
{
    const struct chain *c = priv;

    if (c->is_first || c->n_unsigned)
        return err_set(e, ERR_UNVERIFIED, "the last message of the transfer is not signed");
    return OK;
}

struct dns_transfer_security *tsig_chain(TALLOC_CTX *mem, const struct tsig_signer *signer,
                                         int64_t (*unix_s)(void))
{
    struct dns_transfer_security *s = talloc(mem, struct dns_transfer_security);
    struct chain *c = s ? talloc_zero(s, struct chain) : NULL;

    if (!c) {
        talloc_free(s);
        return NULL;
    }
    c->signer = signer;
    c->unix_s = unix_s;
    c->is_first = true;
    c->pending = wr_init(c);
    *s = (struct dns_transfer_security){ sign, check, finish, c };
    return s;
}
