#include "tests/unit/unit.h"

#include <openssl/hmac.h>

#include "dns/rr.h"
#include "gss-tsig/hmac.h"

/*
 * The other side: MACs made here from RFC 8945 section 5.3.1 by hand, with OpenSSL and nothing of
 * the code under test.
 */

#define NOW 1763800000

static int64_t clock_s;
static int64_t test_clock(void) { return clock_s; }

static const char key_text[] = "key \"xfer\" { algorithm hmac-sha256; secret \"c2VjcmV0\"; };";

/* xfer. and hmac-sha256. in wire form, with the length that counts the final 0. */
static const uint8_t key_name[] = "\4xfer";
static const uint8_t algorithm_name[] = "\013hmac-sha256";

static struct bytes literal(const void *data, size_t len) { return (struct bytes){ data, len }; }

struct fixture {
    struct tsig_signer *signer;
    struct dns_transfer_security *chain;
    struct bytes request_mac;
    struct bytes last_mac;
    struct error e;
};

static struct bytes hmac(TALLOC_CTX *mem, struct bytes over)
{
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned len;

    assert_non_null(HMAC(EVP_sha256(), "secret", 6, over.data, over.len, mac, &len));
    return bytes_dup(mem, literal(mac, len));
}

static void put_variables(struct wr *w, uint64_t time_s, uint16_t error)
{
    wr_bytes(w, literal(key_name, sizeof key_name));
    wr_be16(w, 255);
    wr_be32(w, 0);
    wr_bytes(w, literal(algorithm_name, sizeof algorithm_name));
    wr_be48(w, time_s);
    wr_be16(w, 300);
    wr_be16(w, error);
    wr_be16(w, 0);
}

/* message must have no additional records. */
static struct bytes with_tsig(TALLOC_CTX *mem, struct bytes message, uint64_t time_s,
                              struct bytes mac, uint16_t error)
{
    struct wr w = wr_init(mem);

    wr_bytes(&w, literal(message.data, 11));
    wr_u8(&w, 1);
    wr_bytes(&w, literal(message.data + 12, message.len - 12));
    wr_bytes(&w, literal(key_name, sizeof key_name));
    wr_be16(&w, 250);
    wr_be16(&w, 255);
    wr_be32(&w, 0);
    wr_be16(&w, (uint16_t)(sizeof algorithm_name + 16 + mac.len));
    wr_bytes(&w, literal(algorithm_name, sizeof algorithm_name));
    wr_be48(&w, time_s);
    wr_be16(&w, 300);
    wr_be16(&w, (uint16_t)mac.len);
    wr_bytes(&w, mac);
    wr_bytes(&w, literal(message.data, 2));
    wr_be16(&w, error);
    wr_be16(&w, 0);
    return wr_view(&w);
}

/* A message of the answer that is told apart by its ID. */
static struct bytes message(TALLOC_CTX *mem, uint8_t n)
{
    return unhex(mem, talloc_asprintf(mem, "00%02x 8400 0000 0000 0000 0000", n));
}

static void put_mac(struct wr *w, struct bytes mac)
{
    wr_be16(w, (uint16_t)mac.len);
    wr_bytes(w, mac);
}

static struct bytes sign_first(TALLOC_CTX *mem, struct fixture *f, struct bytes m, uint64_t time_s)
{
    struct wr w = wr_init(mem);

    put_mac(&w, f->request_mac);
    wr_bytes(&w, m);
    put_variables(&w, time_s, 0);
    f->last_mac = hmac(mem, wr_view(&w));
    return with_tsig(mem, m, time_s, f->last_mac, 0);
}

/* before: the unsigned messages since the last signature, one after the other. */
static struct bytes sign_later(TALLOC_CTX *mem, struct fixture *f, struct bytes before,
                               struct bytes m, uint64_t time_s)
{
    struct wr w = wr_init(mem);

    put_mac(&w, f->last_mac);
    wr_bytes(&w, before);
    wr_bytes(&w, m);
    wr_be48(&w, time_s);
    wr_be16(&w, 300);
    f->last_mac = hmac(mem, wr_view(&w));
    return with_tsig(mem, m, time_s, f->last_mac, 0);
}

static const struct bytes nothing = { NULL, 0 };

static struct fixture begin(void **state)
{
    struct fixture f = { .e = { 0 } };
    struct bytes query = unhex(*state, "1234 0000 0001 0000 0000 0000 017a00 00fc 0001"), sent;
    struct wr w = wr_init(*state);

    clock_s = NOW;
    assert_int_equal(hmac_key_parse(*state, literal(key_text, sizeof key_text - 1), "key",
                                    &f.signer, &f.e),
                     OK);
    f.chain = tsig_chain(*state, f.signer, test_clock);
    assert_non_null(f.chain);
    assert_int_equal(f.chain->sign(f.chain->priv, *state, query, &sent, &f.e), OK);
    wr_bytes(&w, query);
    put_variables(&w, NOW, 0);
    f.request_mac = hmac(*state, wr_view(&w));
    /* The query on the wire is what we would have made of it. */
    assert_bytes_equal(sent, with_tsig(*state, query, NOW, f.request_mac, 0));
    return f;
}

static enum err check(void **state, struct fixture *f, struct bytes wire, struct bytes expected)
{
    struct bytes got = { NULL, 0 };
    enum err rc = f->chain->check(f->chain->priv, *state, wire, &got, &f->e);

    if (rc == OK)
        assert_bytes_equal(got, expected);
    return rc;
}

static void accepts(void **state, struct fixture *f, struct bytes wire, struct bytes expected)
{
    if (check(state, f, wire, expected) != OK)
        fail_msg("%s", f->e.message);
}

static void refuses(void **state, struct fixture *f, struct bytes wire, enum err code,
                    const char *why)
{
    assert_int_equal(check(state, f, wire, nothing), code);
    if (!strstr(f->e.message, why))
        fail_msg("\"%s\" does not say \"%s\"", f->e.message, why);
}

static void one_signed_message_is_a_whole_answer(void **state)
{
    struct fixture f = begin(state);
    struct bytes m = message(*state, 1);

    accepts(state, &f, sign_first(*state, &f, m, NOW), m);
    assert_int_equal(f.chain->finish(f.chain->priv, &f.e), OK);
}

static void each_signature_is_bound_to_the_one_before(void **state)
{
    struct fixture f = begin(state);
    struct bytes m[3];

    for (uint8_t i = 0; i < 3; i++) {
        m[i] = message(*state, i);
        accepts(state, &f,
                i ? sign_later(*state, &f, nothing, m[i], NOW) : sign_first(*state, &f, m[i], NOW),
                m[i]);
    }
    assert_int_equal(f.chain->finish(f.chain->priv, &f.e), OK);
}

static void unsigned_messages_are_covered_by_the_next_signature(void **state)
{
    struct fixture f = begin(state);
    struct wr between = wr_init(*state);
    struct bytes last = message(*state, 200);

    accepts(state, &f, sign_first(*state, &f, message(*state, 0), NOW), message(*state, 0));
    for (uint8_t i = 1; i <= 99; i++) {
        accepts(state, &f, message(*state, i), message(*state, i));
        wr_bytes(&between, message(*state, i));
    }
    assert_int_equal(f.chain->finish(f.chain->priv, &f.e), ERR_UNVERIFIED);
    accepts(state, &f, sign_later(*state, &f, wr_view(&between), last, NOW), last);
    assert_int_equal(f.chain->finish(f.chain->priv, &f.e), OK);
}

static void a_hundredth_unsigned_message_is_one_too_many(void **state)
{
    struct fixture f = begin(state);

    accepts(state, &f, sign_first(*state, &f, message(*state, 0), NOW), message(*state, 0));
    for (uint8_t i = 1; i <= 99; i++)
        accepts(state, &f, message(*state, i), message(*state, i));
    refuses(state, &f, message(*state, 100), ERR_UNVERIFIED, "more than 99");
}

static void the_first_and_the_last_message_must_be_signed(void **state)
{
    struct fixture f = begin(state);

    refuses(state, &f, message(*state, 1), ERR_UNVERIFIED, "first message");
    assert_int_equal(f.chain->finish(f.chain->priv, &f.e), ERR_UNVERIFIED);
    f = begin(state);
    accepts(state, &f, sign_first(*state, &f, message(*state, 1), NOW), message(*state, 1));
    accepts(state, &f, message(*state, 2), message(*state, 2));
    assert_int_equal(f.chain->finish(f.chain->priv, &f.e), ERR_UNVERIFIED);
    assert_non_null(strstr(f.e.message, "last message"));
}

static void a_message_left_out_or_changed_breaks_the_chain(void **state)
{
    struct fixture f = begin(state);
    struct bytes first = sign_first(*state, &f, message(*state, 0), NOW);
    struct bytes wire;

    /* The signature covers message 1, which never came. */
    accepts(state, &f, first, message(*state, 0));
    refuses(state, &f, sign_later(*state, &f, message(*state, 1), message(*state, 2), NOW),
            ERR_UNVERIFIED, "does not belong");

    f = begin(state);
    accepts(state, &f, sign_first(*state, &f, message(*state, 0), NOW), message(*state, 0));
    accepts(state, &f, message(*state, 9), message(*state, 9));
    refuses(state, &f, sign_later(*state, &f, message(*state, 1), message(*state, 2), NOW),
            ERR_UNVERIFIED, "does not belong");

    f = begin(state);
    wire = sign_first(*state, &f, message(*state, 0), NOW);
    ((uint8_t *)(uintptr_t)wire.data)[3] ^= 1;
    refuses(state, &f, wire, ERR_UNVERIFIED, "does not belong");
}

static void a_signature_of_another_transfer_is_refused(void **state)
{
    struct fixture f = begin(state), other = begin(state);

    ((uint8_t *)(uintptr_t)other.request_mac.data)[0] ^= 1;
    refuses(state, &f, sign_first(*state, &other, message(*state, 0), NOW), ERR_UNVERIFIED,
            "does not belong");
}

static void cut_and_empty_signatures_are_refused(void **state)
{
    struct fixture f = begin(state);
    struct bytes m = message(*state, 0);

    sign_first(*state, &f, m, NOW);
    refuses(state, &f, with_tsig(*state, m, NOW, literal(f.last_mac.data, 16), 0), ERR_UNVERIFIED,
            "does not belong");
    refuses(state, &f, with_tsig(*state, m, NOW, nothing, 0), ERR_UNVERIFIED, "does not belong");
}

static void times_outside_the_fudge_are_refused(void **state)
{
    struct fixture f = begin(state);

    refuses(state, &f, sign_first(*state, &f, message(*state, 0), NOW - 301), ERR_UNVERIFIED,
            "301 s away");
    f = begin(state);
    accepts(state, &f, sign_first(*state, &f, message(*state, 0), NOW - 300), message(*state, 0));
    refuses(state, &f, sign_later(*state, &f, nothing, message(*state, 1), NOW + 301),
            ERR_UNVERIFIED, "301 s away");
    f = begin(state);
    accepts(state, &f, sign_first(*state, &f, message(*state, 0), NOW), message(*state, 0));
    refuses(state, &f, sign_later(*state, &f, nothing, message(*state, 1), NOW - 1), ERR_UNVERIFIED,
            "before the one");
}

static void an_error_about_the_key_is_said(void **state)
{
    struct fixture f = begin(state);

    refuses(state, &f, with_tsig(*state, message(*state, 0), NOW, nothing, 17), ERR_AUTH, "BADKEY");
}

/* ---- the key file ---- */

static enum err parse(void **state, const char *text, struct error *e)
{
    struct tsig_signer *s;

    return hmac_key_parse(*state, literal(text, strlen(text)), "/x/key", &s, e);
}

static void keys_are_read_as_bind_writes_them(void **state)
{
    struct error e = { 0 };

    assert_int_equal(parse(state, key_text, &e), OK);
    assert_int_equal(parse(state,
                           "# one\n// two\n/* three */\nkey xfer {\n\tsecret c2VjcmV0;\n"
                           "\talgorithm \"HMAC-SHA512\";\n};\n",
                           &e),
                     OK);
}

static void what_is_no_key_file_is_refused_without_its_secret(void **state)
{
    static const char *const texts[] = {
        "",
        "key",
        "key \"x",
        "key x { algorithm hmac-sha256; };",
        "key x { secret c2VjcmV0; };",
        "key x { algorithm hmac-sha256; secret c2VjcmV0; }",
        "key x { algorithm hmac-sha256; secret c2VjcmV0; }; more",
        "key x { algorithm hmac-sha256; secret c2VjcmV0; secret c2VjcmV0; };",
        "key x { algorithm hmac-md5; secret c2VjcmV0; };",
        "key x { algorithm hmac-sha256; secret \"\"; };",
        "key x { algorithm hmac-sha256; secret \"c2VjcmV0!\"; };",
        "key a..b { algorithm hmac-sha256; secret c2VjcmV0; };",
        "key x { owner root; algorithm hmac-sha256; secret c2VjcmV0; };",
        "/* key x { algorithm hmac-sha256; secret c2VjcmV0; };",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct error e = { 0 };

        if (parse(state, texts[i], &e) != ERR_CONFIG)
            fail_msg("taken: %s", texts[i]);
        assert_non_null(strstr(e.message, "/x/key"));
        assert_null(strstr(e.message, "c2Vj"));
        assert_true(e.hint[0] != '\0');
    }
}

static int set_up(void **state)
{
    *state = talloc_new(NULL);
    return *state ? 0 : -1;
}

static int tear_down(void **state) { return talloc_free(*state); }

#define test(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(one_signed_message_is_a_whole_answer),
        test(each_signature_is_bound_to_the_one_before),
        test(unsigned_messages_are_covered_by_the_next_signature),
        test(a_hundredth_unsigned_message_is_one_too_many),
        test(the_first_and_the_last_message_must_be_signed),
        test(a_message_left_out_or_changed_breaks_the_chain),
        test(a_signature_of_another_transfer_is_refused),
        test(cut_and_empty_signatures_are_refused),
        test(times_outside_the_fudge_are_refused),
        test(an_error_about_the_key_is_said),
        test(keys_are_read_as_bind_writes_them),
        test(what_is_no_key_file_is_refused_without_its_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
