#include "tests/unit/unit.h"

#include "gss-tsig/tkey.h"
#include "gss-tsig/tsig.h"

/* Key name "k1.muster", algorithm "gss-tsig". */
#define KEY "026b31 066d7573746572 00"
#define ALGORITHM "08 6773732d74736967 00"
#define QUESTION KEY "00f9 00ff"

/* The answer as servers give it: name, TKEY, ANY, TTL 0, 10+4+4+2+2+2+3+2 = 29 bytes of data. */
#define RECORD_FIXED "00f9 00ff 00000000 001d "
#define TIMES "6553f100 6553ff10"
#define RECORD_DATA ALGORITHM TIMES "0003 0000 0003 d1d2d3 0000"
#define ANSWER_HEADER "0a0b 8000 0001 0001 0000 0000"
#define ANSWER ANSWER_HEADER QUESTION KEY RECORD_FIXED RECORD_DATA

static struct wire_name key_name(TALLOC_CTX *mem)
{
    struct bytes b = unhex(mem, KEY);
    struct wire_name name = { .len = b.len };

    memcpy(name.bytes, b.data, b.len);
    return name;
}

static enum err answer(void **state, const char *hex, struct bytes *token, struct error *e)
{
    struct wire_name key = key_name(*state);

    *token = (struct bytes){ NULL, 77 };
    return tkey_answer(unhex(*state, hex), 0x0a0b, &key, token, e);
}

static void assert_answer(void **state, const char *hex, enum err expected)
{
    struct bytes token;
    struct error e;

    assert_int_equal(answer(state, hex, &token, &e), expected);
    assert_int_equal(e.code, expected);
    assert_true(e.message[0] != '\0');
    assert_int_equal(token.len, 77);
}

static void the_query_has_its_token_in_the_additional_section(void **state)
{
    struct wire_name key = key_name(*state);
    struct bytes out;
    struct error e;

    /* One question, one additional record; no RD flag; valid from 1700000000 for an hour. */
    assert_int_equal(tkey_query(*state, 0x0a0b, &key, unhex(*state, "e1e2"), 1700000000, &out, &e),
                     OK);
    assert_bytes_equal(out, unhex(*state, "0a0b 0000 0001 0000 0000 0001" QUESTION KEY
                                          "00f9 00ff 00000000 001c" ALGORITHM
                                          "6553f100 6553ff10 0003 0000 0002 e1e2 0000"));
}

static void a_token_that_fits_no_message_is_refused(void **state)
{
    struct wire_name key = key_name(*state);
    struct bytes token = { talloc_zero_size(*state, 70000), 65500 }, out = { NULL, 77 };
    struct error e;

    assert_int_equal(tkey_query(*state, 1, &key, token, 0, &out, &e), ERR_AUTH);
    token.len = 70000;
    assert_int_equal(tkey_query(*state, 1, &key, token, 0, &out, &e), ERR_AUTH);
    assert_int_equal(out.len, 77);
    /* 12 + 11 + 4 + 11 + 10 + 26 bytes around it. */
    token.len = 65535 - 74;
    assert_int_equal(tkey_query(*state, 1, &key, token, 0, &out, &e), OK);
    assert_int_equal(out.len, 65535);
}

static void the_token_is_read_from_the_answer_section(void **state)
{
    struct bytes token;
    struct error e;

    assert_int_equal(answer(state, ANSWER, &token, &e), OK);
    assert_bytes_equal(token, unhex(*state, "d1d2d3"));
}

static void a_signed_answer_with_compressed_name_is_read(void **state)
{
    struct bytes token;
    struct error e;

    /* The record's name is a pointer to the question; an additional record follows. */
    assert_int_equal(answer(state,
                            "0a0b 8000 0001 0001 0000 0001" QUESTION "c00c" RECORD_FIXED RECORD_DATA
                            "00 0010 0001 00000000 0001 00",
                            &token, &e),
                     OK);
    assert_bytes_equal(token, unhex(*state, "d1d2d3"));
}

static void an_answer_without_token_is_no_error_here(void **state)
{
    struct bytes token;
    struct error e;

    assert_int_equal(answer(state,
                            ANSWER_HEADER QUESTION KEY "00f9 00ff 00000000 001a" ALGORITHM TIMES
                                                       "0003 0000 0000 0000",
                            &token, &e),
                     OK);
    assert_int_equal(token.len, 0);
}

static void a_token_in_any_other_section_does_not_count(void **state)
{
    assert_answer(state, "0a0b 8000 0001 0000 0001 0000" QUESTION KEY RECORD_FIXED RECORD_DATA,
                  ERR_UNVERIFIED);
    assert_answer(state, "0a0b 8000 0001 0000 0000 0001" QUESTION KEY RECORD_FIXED RECORD_DATA,
                  ERR_UNVERIFIED);
}

static void the_answer_must_be_ours(void **state)
{
    /* Another ID; no QR; opcode UPDATE. */
    assert_answer(state, "0a0c 8000 0001 0001 0000 0000" QUESTION KEY RECORD_FIXED RECORD_DATA,
                  ERR_UNVERIFIED);
    assert_answer(state, "0a0b 0000 0001 0001 0000 0000" QUESTION KEY RECORD_FIXED RECORD_DATA,
                  ERR_UNVERIFIED);
    assert_answer(state, "0a0b a800 0001 0001 0000 0000" QUESTION KEY RECORD_FIXED RECORD_DATA,
                  ERR_UNVERIFIED);
    /* Another key: "k2.muster". */
    assert_answer(state, ANSWER_HEADER QUESTION "026b32 066d7573746572 00" RECORD_FIXED RECORD_DATA,
                  ERR_UNVERIFIED);
}

static void another_mode_or_algorithm_is_refused(void **state)
{
    /* Mode 2, Diffie-Hellman; algorithm "gss-tsih". */
    assert_answer(state,
                  ANSWER_HEADER QUESTION KEY RECORD_FIXED ALGORITHM TIMES
                  "0002 0000 0003 d1d2d3 0000",
                  ERR_UNVERIFIED);
    assert_answer(state,
                  ANSWER_HEADER QUESTION KEY RECORD_FIXED "08 6773732d74736968 00" TIMES
                                                          "0003 0000 0003 d1d2d3 0000",
                  ERR_UNVERIFIED);
}

static void a_refused_token_is_an_authentication_error(void **state)
{
    struct bytes token;
    struct error e;

    /* TKEY error BADKEY, as servers answer to a ticket that they cannot decrypt. */
    assert_int_equal(answer(state,
                            ANSWER_HEADER QUESTION KEY "00f9 00ff 00000000 001a" ALGORITHM TIMES
                                                       "0003 0011 0000 0000",
                            &token, &e),
                     ERR_AUTH);
    assert_non_null(strstr(e.message, "BADKEY"));
    assert_true(e.hint[0] != '\0');
    /* It counts also where the rcode is an error as well. */
    assert_int_equal(answer(state,
                            "0a0b 8009 0001 0001 0000 0000" QUESTION KEY
                            "00f9 00ff 00000000 001a" ALGORITHM TIMES "0003 0011 0000 0000",
                            &token, &e),
                     ERR_AUTH);
    assert_non_null(strstr(e.message, "BADKEY"));
}

static void an_rcode_tells_refusal_from_failure(void **state)
{
    assert_answer(state, "0a0b 8005 0001 0000 0000 0000" QUESTION, ERR_AUTH);
    assert_answer(state, "0a0b 8009 0001 0000 0000 0000" QUESTION, ERR_AUTH);
    assert_answer(state, "0a0b 8001 0001 0000 0000 0000" QUESTION, ERR_SERVER);
    assert_answer(state, "0a0b 8002 0001 0000 0000 0000" QUESTION, ERR_SERVER);
    /* Also without the question. */
    assert_answer(state, "0a0b 8004 0000 0000 0000 0000", ERR_SERVER);
    /* A good record does not make up for an error rcode. */
    assert_answer(state, "0a0b 8002 0001 0001 0000 0000" QUESTION KEY RECORD_FIXED RECORD_DATA,
                  ERR_SERVER);
}

static void no_truncation_of_an_answer_is_accepted(void **state)
{
    struct bytes wire = unhex(*state, ANSWER);
    struct wire_name key = key_name(*state);

    for (size_t len = 0; len < wire.len; len++) {
        uint8_t *part = talloc_size(*state, len);
        struct bytes token = { NULL, 77 };
        struct error e;

        memcpy(part, wire.data, len);
        assert_int_equal(tkey_answer((struct bytes){ part, len }, 0x0a0b, &key, &token, &e),
                         ERR_UNVERIFIED);
        assert_int_equal(token.len, 77);
        talloc_free(part);
    }
    assert_answer(state, ANSWER "00", ERR_UNVERIFIED);
}

static void lengths_that_lie_are_refused(void **state)
{
    /* Token length one more, one less, past the message; record one shorter. */
    assert_answer(state,
                  ANSWER_HEADER QUESTION KEY RECORD_FIXED ALGORITHM TIMES
                  "0003 0000 0004 d1d2d3 0000",
                  ERR_UNVERIFIED);
    assert_answer(state,
                  ANSWER_HEADER QUESTION KEY RECORD_FIXED ALGORITHM TIMES
                  "0003 0000 0002 d1d2d3 0000",
                  ERR_UNVERIFIED);
    assert_answer(state,
                  ANSWER_HEADER QUESTION KEY RECORD_FIXED ALGORITHM TIMES
                  "0003 0000 ffff d1d2d3 0000",
                  ERR_UNVERIFIED);
    assert_answer(state, ANSWER_HEADER QUESTION KEY "00f9 00ff 00000000 001c" RECORD_DATA,
                  ERR_UNVERIFIED);
    /* Counts. */
    assert_answer(state, "0a0b 8000 0001 0002 0000 0000" QUESTION KEY RECORD_FIXED RECORD_DATA,
                  ERR_UNVERIFIED);
    assert_answer(state, "0a0b 8000 ffff 0001 0000 0000" QUESTION KEY RECORD_FIXED RECORD_DATA,
                  ERR_UNVERIFIED);
}

static void an_oversized_token_is_refused(void **state)
{
    struct wire_name key = key_name(*state);
    struct bytes token = { NULL, 77 };
    struct wr w = wr_init(*state);
    struct error e;
    const size_t len = TKEY_ANSWER_TOKEN_MAX + 1;

    wr_bytes(&w, unhex(*state, ANSWER_HEADER QUESTION KEY "00f9 00ff 00000000"));
    wr_be16(&w, (uint16_t)(26 + len));
    wr_bytes(&w, unhex(*state, ALGORITHM TIMES "0003 0000"));
    wr_be16(&w, (uint16_t)len);
    wr_bytes(&w, (struct bytes){ talloc_zero_size(*state, len), len });
    wr_be16(&w, 0);
    assert_int_equal(tkey_answer(wr_view(&w), 0x0a0b, &key, &token, &e), ERR_UNVERIFIED);
    assert_non_null(strstr(e.message, "16385"));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_query_has_its_token_in_the_additional_section),
        TEST(a_token_that_fits_no_message_is_refused),
        TEST(the_token_is_read_from_the_answer_section),
        TEST(a_signed_answer_with_compressed_name_is_read),
        TEST(an_answer_without_token_is_no_error_here),
        TEST(a_token_in_any_other_section_does_not_count),
        TEST(the_answer_must_be_ours),
        TEST(another_mode_or_algorithm_is_refused),
        TEST(a_refused_token_is_an_authentication_error),
        TEST(an_rcode_tells_refusal_from_failure),
        TEST(no_truncation_of_an_answer_is_accepted),
        TEST(lengths_that_lie_are_refused),
        TEST(an_oversized_token_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
