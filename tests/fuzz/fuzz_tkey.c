/* Answers to a key negotiation. */
#include "dns/message.h"
#include "gss-tsig/tkey.h"
#include "gss-tsig/tsig.h"
#include "tests/fuzz/fuzz.h"

/* The query with the input as our token is a message, and bears no signature. */
static void check_query(TALLOC_CTX *mem, const struct wire_name *key, struct bytes token)
{
    struct bytes query, message;
    struct error e = { 0 };
    struct tsig t;
    bool is_signed;
    enum err rc = tkey_query(mem, 1, key, token, 0, &query, &e);

    must_say(rc, &e);
    if (rc != OK)
        return;
    must_hold(query.len > token.len && query.len <= WIRE_MESSAGE_MAX);
    must_hold(tsig_split(mem, query, &t, &is_signed, &message, &e) == OK && !is_signed);
}

static void one(TALLOC_CTX *mem, struct bytes in)
{
    struct rd r = rd_init(in);
    struct wire_name key = tsig_algorithm_gss();
    struct wire_header h = rd_wire_header(&r);
    struct bytes token = { NULL, 0 };
    struct error e = { 0 };
    enum err rc;

    /* The key asked for is the one that the answer says it is about. */
    if (h.count[0] > 0) {
        struct wire_name asked = rd_wire_name(&r, in);

        if (!r.bad)
            key = asked;
    }
    rc = tkey_answer(in, h.id, &key, &token, &e);
    must_say(rc, &e);
    must_hold(rc == OK || rc == ERR_AUTH || rc == ERR_SERVER || rc == ERR_UNVERIFIED);
    must_hold(rc == OK || !token.data);
    must_hold(is_inside(token, in) && token.len <= TKEY_ANSWER_TOKEN_MAX);
    must_hold(tkey_answer(in, (uint16_t)(h.id + 1), &key, &token, &e) == ERR_UNVERIFIED);
    check_query(mem, &key, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return fuzz_run(data, size, one); }
