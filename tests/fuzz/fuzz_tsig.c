/*
 * Answers to signed updates: taking the TSIG record off, and judging who signed.  The input is the
 * request's MAC behind a byte that says how long it is, then the answer.  What a key says to a MAC
 * is this test's; everything around it is not.
 */
#include "gss-tsig/tsig.h"
#include "gss-tsig/verify.h"
#include "tests/fuzz/fuzz.h"

#define NOW_S 1795356000 /* 2026-11-22 */

static struct bytes request_mac;
static bool has_agreed;

/* Linked in place of the real one (--wrap): a checksum of two bits, which an input can meet. */
bool __wrap_secctx_verify(struct secctx *s, struct bytes message, struct bytes mac);

bool __wrap_secctx_verify(struct secctx *s, struct bytes message, struct bytes mac)
{
    struct rd r = rd_init(message);
    uint8_t sum = 0;

    (void)s;
    for (size_t i = 0; i < message.len; i++)
        sum = (uint8_t)(sum + message.data[i]);
    if (mac.len == 0 || (mac.data[0] & 3) != (sum & 3))
        return false;
    /* In whichever form, what is signed begins with the request's MAC. */
    if (message.len < request_mac.len ||
        (request_mac.len && memcmp(message.data, request_mac.data, request_mac.len) != 0)) {
        must_hold(rd_be16(&r) == (uint16_t)request_mac.len);
        must_hold(bytes_equal(rd_take(&r, request_mac.len), request_mac));
    }
    has_agreed = true;
    return true;
}

/* Put back on, the record comes off again as it did. */
static void check_again(TALLOC_CTX *mem, struct bytes message, const struct tsig *t)
{
    struct bytes whole, again;
    struct error e = { 0 };
    struct tsig u;
    bool is_signed;

    if (tsig_append(mem, message, t, &whole, &e) != OK) {
        must_hold(message.len > WIRE_MESSAGE_MAX / 2); /* names are no longer compressed */
        return;
    }
    must_hold(tsig_split(mem, whole, &u, &is_signed, &again, &e) == OK && is_signed);
    must_hold(bytes_equal(again, message));
    must_hold(wire_name_equal(&u.key, &t->key) && wire_name_equal(&u.algorithm, &t->algorithm));
    must_hold(u.time_signed_s == t->time_signed_s && u.fudge_s == t->fudge_s &&
              u.original_id == t->original_id && u.error == t->error);
    must_hold(bytes_equal(u.mac, t->mac) && bytes_equal(u.other, t->other));
}

static void judge(TALLOC_CTX *mem, struct bytes wire, const struct wire_name *key, bool is_signed,
                  struct bytes mac)
{
    struct gsstsig_reply reply;
    struct error e = { 0 };
    enum err rc;

    has_agreed = false;
    (void)mem;
    rc = verify_answer(NULL, key, request_mac, wire, NOW_S, &reply, &e);
    must_say(rc, &e);
    if (rc != OK) {
        must_hold(rc == ERR_UNVERIFIED);
        return;
    }
    must_hold((reply.proof != GSSTSIG_PROOF_NONE) == has_agreed);
    must_hold(is_signed || reply.proof == GSSTSIG_PROOF_NONE);
    must_hold(!reply.is_echo ||
              (reply.proof == GSSTSIG_PROOF_NONE && bytes_equal(mac, request_mac)));
    must_hold(reply.rcode >= 0 && reply.rcode < 16);
    must_hold(gsstsig_proof_name(reply.proof));
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct rd r = rd_init(in);
    size_t mac_len = rd_u8(&r);
    struct wire_name key = tsig_algorithm_gss();
    struct tsig t = { 0 };
    struct bytes wire, message;
    struct error e = { 0 };
    bool is_signed = false;
    uint64_t server_s;
    char buf[16];
    enum err rc;

    request_mac = rd_take(&r, mac_len < rd_left(&r) ? mac_len : rd_left(&r));
    wire = (struct bytes){ r.p, rd_left(&r) };
    rc = tsig_split(mem, wire, &t, &is_signed, &message, &e);
    must_say(rc, &e);
    judge(mem, wire, &key, rc == OK && is_signed, t.mac);
    if (rc != OK)
        return;
    must_hold(message.len <= wire.len);
    if (!is_signed) {
        must_hold(bytes_equal(message, wire));
        return;
    }
    must_hold(is_inside(t.mac, wire) && is_inside(t.other, wire));
    must_hold(t.time_signed_s >> 48 == 0);
    must_hold(tsig_error_name(t.error, buf));
    must_hold(!tsig_server_time(&t, &server_s) || server_s >> 48 == 0);
    check_again(mem, message, &t);
    judge(mem, wire, &t.key, true, t.mac);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
