#include "gss-tsig/session.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "dns/message.h"
#include "gss-tsig/chain.h"
#include "gss-tsig/context.h"
#include "gss-tsig/tkey.h"
#include "gss-tsig/tsig.h"
#include "gss-tsig/verify.h"

/* Servers support one, and Kerberos with mutual authentication needs no more. */
#define ROUNDS_MAX 3

struct gsstsig_session {
    struct dns_conn *conn; /* the caller's */
    const char *fqdn;
    struct wire_name key;
    struct secctx *context;
    bool has_failed; /* answers may be outstanding: nothing on the connection means anything now */
    bool is_form_told; /* the form of the server's signatures is in the log */
};

/* One signed message on its way. */
struct flight {
    uint16_t id;
    struct bytes mac;
    bool is_answered;
    struct gsstsig_reply reply;
};

const char *gsstsig_proof_name(enum gsstsig_proof p)
{
    switch (p) {
    case GSSTSIG_PROOF_STANDARD:
        return "standard";
    case GSSTSIG_PROOF_LEGACY:
        return "legacy";
    case GSSTSIG_PROOF_NONE:
        break;
    }
    return "none";
}

/* 32 random hex digits and "muster": nobody has such a key already (RFC 2930 section 2.1). */
static enum err random_key_name(struct wire_name *out, struct error *e)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t random[16];

    if (getrandom(random, sizeof random, 0) != sizeof random)
        return err_errno(e, errno, "cannot get random bytes");
    out->len = 0;
    out->bytes[out->len++] = 2 * sizeof random;
    for (size_t i = 0; i < sizeof random; i++) {
        out->bytes[out->len++] = (uint8_t)digits[random[i] >> 4];
        out->bytes[out->len++] = (uint8_t)digits[random[i] & 15];
    }
    memcpy(out->bytes + out->len, "\6muster", 8);
    out->len += 8;
    return OK;
}

/* The name goes into a principal, where '@', '/' and '\' have meanings of their own. */
static bool is_host_name(const char *fqdn)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

    return fqdn[0] != '\0' && strlen(fqdn) < DNS_NAME_WIRE_MAX &&
           fqdn[strspn(fqdn, allowed)] == '\0';
}

/* One TKEY question and its answer; *wire, on mem, is the whole answer that *token points into. */
static enum err exchange_tokens(TALLOC_CTX *mem, struct gsstsig_session *s, struct bytes ours,
                                struct deadline d, struct bytes *wire, struct bytes *theirs,
                                struct error *e)
{
    uint16_t id = dns_message_id();
    struct bytes query;
    enum err rc;

    if ((rc = tkey_query(mem, id, &s->key, ours, clock_now(), &query, e)) ||
        (rc = dns_conn_send(s->conn, query, d, e)) ||
        (rc = dns_conn_recv(mem, s->conn, d, wire, e)))
        return rc;
    return tkey_answer(*wire, id, &s->key, theirs, e);
}

static enum err negotiate(TALLOC_CTX *mem, struct gsstsig_session *s, struct deadline d,
                          struct bytes *last_answer, struct error *e)
{
    struct bytes ours, theirs = { NULL, 0 };
    bool is_established = false;
    enum err rc;

    for (int round = 0; round < ROUNDS_MAX; round++) {
        if ((rc = secctx_step(mem, s->context, theirs, &ours, &is_established, e)))
            return rc;
        theirs = (struct bytes){ NULL, 0 };
        if (ours.len > 0 && (rc = exchange_tokens(mem, s, ours, d, last_answer, &theirs, e)))
            return rc;
        if (is_established)
            return OK;
        if (theirs.len == 0)
            return err_set(e, ERR_AUTH,
                           "the server does not prove who it is: no token in its answer");
    }
    return err_set(e, ERR_AUTH, "the negotiation is not at its end after %d rounds", ROUNDS_MAX);
}

/*
 * Mutual authentication of the context is what counts; the signature on the answer
 * adds nothing to it, and servers disagree on how to make it: only worth a line in the log.
 */
static void look_at_tkey_signature(struct gsstsig_session *s, struct bytes answer)
{
    struct bytes no_request_mac = { NULL, 0 };
    struct gsstsig_reply reply;
    struct error e;

    if (verify_answer(s->context, &s->key, no_request_mac, answer, clock_now(), &reply, &e) != OK)
        log_warning("%s: key negotiated, but the signature on that answer is not good: %s", s->fqdn,
                    e.message);
    else
        log_debug("%s: key negotiated, that answer is %s", s->fqdn,
                  reply.proof == GSSTSIG_PROOF_NONE ? "unsigned" : "signed");
}

enum err gsstsig_session_open(TALLOC_CTX *mem, struct dns_conn *conn, const char *fqdn,
                              struct credentials *c, struct deadline d,
                              struct gsstsig_session **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct gsstsig_session *s = talloc_zero(tmp, struct gsstsig_session);
    struct bytes answer = { NULL, 0 };
    char *service, *principal;
    enum err rc;

    if (!is_host_name(fqdn)) {
        rc = err_set(e, ERR_AUTH, "%s is not a host name that a service principal can have", fqdn);
        goto done;
    }
    service = talloc_asprintf(tmp, "DNS/%s", fqdn);
    principal = service ? credentials_service_principal(tmp, c, service) : NULL;
    if (!s || !principal || !(s->fqdn = talloc_strdup(s, fqdn))) {
        rc = err_nomem(e);
        goto done;
    }
    s->conn = conn;
    if ((rc = credentials_fetch_ticket(c, service, d, e)) || (rc = random_key_name(&s->key, e)) ||
        (rc = secctx_new(s, c, principal, &s->context, e)) ||
        (rc = negotiate(tmp, s, d, &answer, e))) {
        err_prefix(e, "%s", fqdn);
        goto done;
    }
    look_at_tkey_signature(s, answer);
    *out = talloc_steal(mem, s);
done:
    talloc_free(tmp);
    return rc;
}

static enum err sign(TALLOC_CTX *mem, struct gsstsig_session *s, struct bytes message,
                     struct flight *f, struct bytes *out, struct error *e)
{
    struct tsig t = {
        .key = s->key,
        .algorithm = tsig_algorithm_gss(),
        .time_signed_s = (uint64_t)clock_now(),
        .fudge_s = TSIG_FUDGE_S,
        .original_id = f->id,
    };
    struct bytes digest =
        tsig_digest(mem, TSIG_FORM_REQUEST, (struct bytes){ NULL, 0 }, message, &t);
    enum err rc;

    if (!digest.data)
        return err_nomem(e);
    if ((rc = secctx_sign(mem, s->context, digest, &t.mac, e)))
        return rc;
    f->mac = t.mac;
    return tsig_append(mem, message, &t, out, e);
}

static struct flight *find_flight(struct flight *flights, size_t n, uint16_t id)
{
    for (size_t i = 0; i < n; i++) {
        if (flights[i].id == id)
            return &flights[i];
    }
    return NULL;
}

/* Answers are told apart by ID alone, so a mistake of the caller must not get on the wire. */
static enum err read_requests(const struct bytes *messages, size_t n, struct flight *flights,
                              struct error *e)
{
    for (size_t i = 0; i < n; i++) {
        struct rd r = rd_init(messages[i]);
        struct wire_header h = rd_wire_header(&r);

        if (r.bad || h.is_response || h.opcode != WIRE_OPCODE_UPDATE)
            return err_set(e, ERR_INTERNAL, "message %zu to be signed is not an update", i);
        if (find_flight(flights, i, h.id))
            return err_set(e, ERR_INTERNAL, "two updates to be signed have the ID %u", h.id);
        flights[i] = (struct flight){ .id = h.id };
    }
    return OK;
}

static void tell_form(struct gsstsig_session *s, enum gsstsig_proof proof)
{
    if (s->is_form_told || proof == GSSTSIG_PROOF_NONE)
        return;
    s->is_form_told = true;
    log_info("%s: answers verify in the %s form%s", s->fqdn, gsstsig_proof_name(proof),
             proof == GSSTSIG_PROOF_LEGACY
                 ? " (request MAC without its length, as Samba before 4.21 signs)"
                 : "");
}

static enum err receive(TALLOC_CTX *mem, struct gsstsig_session *s, struct flight *flights,
                        size_t n, struct deadline d, struct error *e)
{
    struct wire_header h;
    struct flight *f;
    struct bytes wire;
    struct rd r;
    enum err rc;

    if ((rc = dns_conn_recv(mem, s->conn, d, &wire, e)))
        return rc;
    r = rd_init(wire);
    h = rd_wire_header(&r);
    if (r.bad || !h.is_response || h.opcode != WIRE_OPCODE_UPDATE)
        return err_set(e, ERR_UNVERIFIED,
                       "the server sent something else than the answer to an update");
    f = find_flight(flights, n, h.id);
    if (!f)
        return err_set(e, ERR_UNVERIFIED, "an answer with the ID %u belongs to no update sent",
                       h.id);
    if (f->is_answered)
        return err_set(e, ERR_UNVERIFIED, "a second answer to the update with the ID %u", h.id);
    if ((rc = verify_answer(s->context, &s->key, f->mac, wire, clock_now(), &f->reply, e)))
        return rc;
    f->is_answered = true;
    tell_form(s, f->reply.proof);
    log_debug("%s: update %u answered, rcode %d, proof %s%s", s->fqdn, f->id, f->reply.rcode,
              gsstsig_proof_name(f->reply.proof),
              f->reply.is_echo ? ", our own request echoed" : "");
    return OK;
}

static enum err exchange(TALLOC_CTX *tmp, struct gsstsig_session *s, const struct bytes *messages,
                         struct flight *flights, size_t n, struct deadline d, struct error *e)
{
    enum err rc = OK;

    for (size_t i = 0; i < n && !rc; i++) {
        struct bytes wire;

        if (!(rc = sign(tmp, s, messages[i], &flights[i], &wire, e)))
            rc = dns_conn_send(s->conn, wire, d, e);
        if (!rc)
            log_debug("%s: update %u sent", s->fqdn, flights[i].id);
    }
    for (size_t i = 0; i < n && !rc; i++)
        rc = receive(tmp, s, flights, n, d, e);
    return rc;
}

enum err gsstsig_session_update(struct gsstsig_session *s, const struct bytes *messages, size_t n,
                                struct deadline d, struct gsstsig_reply *replies, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct flight *flights = talloc_zero_array(tmp, struct flight, n);
    enum err rc;

    if (s->has_failed) {
        rc = err_set(e, ERR_UNREACHABLE, "%s: the session has failed before", s->fqdn);
        goto done;
    }
    if (n > 0 && !flights) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = read_requests(messages, n, flights, e)))
        goto done;
    if ((rc = exchange(tmp, s, messages, flights, n, d, e))) {
        s->has_failed = true;
        err_prefix(e, "%s", s->fqdn);
        goto done;
    }
    for (size_t i = 0; i < n; i++)
        replies[i] = flights[i].reply;
done:
    talloc_free(tmp);
    return rc;
}

/* ---- what others sign with the key ---- */

static enum err signer_make(void *priv, TALLOC_CTX *mem, struct bytes over, struct bytes *mac,
                            struct error *e)
{
    struct gsstsig_session *s = priv;

    return secctx_sign(mem, s->context, over, mac, e);
}

static bool signer_verify(void *priv, struct bytes over, struct bytes mac)
{
    struct gsstsig_session *s = priv;

    return secctx_verify(s->context, over, mac);
}

struct tsig_signer *gsstsig_session_signer(TALLOC_CTX *mem, struct gsstsig_session *s)
{
    struct tsig_signer *signer = talloc(mem, struct tsig_signer);

    if (signer)
        *signer = (struct tsig_signer){ .key = s->key,
                                        .algorithm = tsig_algorithm_gss(),
                                        .make = signer_make,
                                        .verify = signer_verify,
                                        .priv = s };
    return signer;
}
