#include "tests/unit/unit.h"

#include "gss-tsig/tsig.h"

/*
 * One small UPDATE answer: ID 0x1234, QR and opcode UPDATE, NOERROR, one zone entry
 * "example.test SOA IN", nothing else: 12 + 14 + 4 = 30 bytes.
 */
#define HEADER_AFTER_ID "a800 0001 0000 0000 "
#define ZONE "076578616d706c65 0474657374 00 0006 0001"
#define PLAIN "1234 " HEADER_AFTER_ID "0000 " ZONE

/* Key name "k1.muster", algorithm "gss-tsig", both as they are signed. */
#define KEY "026b31 066d7573746572 00"
#define ALGORITHM "08 6773732d74736967 00"

/* Time 0x0000 6553f100 (1700000000), fudge 300. */
#define TIME "0000 6553f100"
#define FUDGE "012c"

/* The TSIG record: MAC a1a2a3a4, original ID 1234, no error: 10+6+2+2+4+2+2+2 = 30 bytes. */
#define TSIG_FIXED "00fa 00ff 00000000 001e "
#define TSIG_DATA ALGORITHM TIME FUDGE "0004 a1a2a3a4 1234 0000 0000"
#define SIGNED "1234 " HEADER_AFTER_ID "0001 " ZONE KEY TSIG_FIXED TSIG_DATA

/* RFC 8945 section 4.3.3: name, class ANY, TTL 0, algorithm, time, fudge, error, other length. */
#define VARIABLES KEY "00ff 00000000" ALGORITHM TIME FUDGE "0000 0000"

static struct wire_name name_of(TALLOC_CTX *mem, const char *hex)
{
    struct bytes b = unhex(mem, hex);
    struct wire_name name = { .len = b.len };

    memcpy(name.bytes, b.data, b.len);
    return name;
}

static struct tsig example(TALLOC_CTX *mem)
{
    return (struct tsig){
        .key = name_of(mem, KEY),
        .algorithm = tsig_algorithm_gss(),
        .time_signed_s = 1700000000,
        .fudge_s = 300,
        .mac = unhex(mem, "a1a2a3a4"),
        .original_id = 0x1234,
    };
}

static void a_request_is_digested_as_message_then_variables(void **state)
{
    struct tsig t = example(*state);
    struct bytes ignored = unhex(*state, "ffff");

    assert_bytes_equal(tsig_digest(*state, TSIG_FORM_REQUEST, ignored, unhex(*state, PLAIN), &t),
                       unhex(*state, PLAIN VARIABLES));
}

static void an_answer_is_digested_behind_the_request_mac_and_its_length(void **state)
{
    struct tsig t = example(*state);
    struct bytes mac = unhex(*state, "c0c1c2");

    assert_bytes_equal(tsig_digest(*state, TSIG_FORM_STANDARD, mac, unhex(*state, PLAIN), &t),
                       unhex(*state, "0003 c0c1c2" PLAIN VARIABLES));
}

static void the_legacy_form_lacks_only_the_length(void **state)
{
    struct tsig t = example(*state);
    struct bytes mac = unhex(*state, "c0c1c2");

    assert_bytes_equal(tsig_digest(*state, TSIG_FORM_LEGACY, mac, unhex(*state, PLAIN), &t),
                       unhex(*state, "c0c1c2" PLAIN VARIABLES));
}

static void without_a_request_mac_the_standard_form_still_has_its_length(void **state)
{
    struct tsig t = example(*state);
    struct bytes none = { NULL, 0 };

    assert_bytes_equal(tsig_digest(*state, TSIG_FORM_STANDARD, none, unhex(*state, PLAIN), &t),
                       unhex(*state, "0000" PLAIN VARIABLES));
    assert_bytes_equal(tsig_digest(*state, TSIG_FORM_LEGACY, none, unhex(*state, PLAIN), &t),
                       unhex(*state, PLAIN VARIABLES));
}

static void error_and_other_data_are_digested(void **state)
{
    struct tsig t = example(*state);
    struct bytes none = { NULL, 0 };

    t.error = TSIG_BADTIME;
    t.other = unhex(*state, "0000 6553f200");
    t.time_signed_s = 0xa1b2c3d4e5f6;
    assert_bytes_equal(tsig_digest(*state, TSIG_FORM_REQUEST, none, unhex(*state, PLAIN), &t),
                       unhex(*state, PLAIN KEY "00ff 00000000" ALGORITHM "a1b2c3d4e5f6" FUDGE
                                               "0012 0006 0000 6553f200"));
}

static void appending_adds_the_record_and_counts_it(void **state)
{
    struct tsig t = example(*state);
    struct bytes out;
    struct error e;

    assert_int_equal(tsig_append(*state, unhex(*state, PLAIN), &t, &out, &e), OK);
    assert_bytes_equal(out, unhex(*state, SIGNED));
}

static void a_message_without_room_is_not_signed(void **state)
{
    struct tsig t = example(*state);
    struct bytes out = { NULL, 77 }, big = unhex(*state, PLAIN);
    uint8_t *padded = talloc_zero_size(*state, WIRE_MESSAGE_MAX);
    struct error e;

    memcpy(padded, big.data, big.len);
    assert_int_equal(tsig_append(*state, (struct bytes){ padded, WIRE_MESSAGE_MAX - 50 }, &t, &out,
                                 &e),
                     ERR_INTERNAL);
    assert_int_equal(tsig_append(*state, (struct bytes){ padded, 11 }, &t, &out, &e), ERR_INTERNAL);
    padded[10] = padded[11] = 0xff;
    assert_int_equal(tsig_append(*state, (struct bytes){ padded, big.len }, &t, &out, &e),
                     ERR_INTERNAL);
    assert_int_equal(out.len, 77);
}

static void splitting_gives_back_what_was_signed(void **state)
{
    struct bytes message;
    struct tsig t;
    struct error e;
    bool is_signed = false;

    assert_int_equal(tsig_split(*state, unhex(*state, SIGNED), &t, &is_signed, &message, &e), OK);
    assert_true(is_signed);
    assert_bytes_equal(message, unhex(*state, PLAIN));
    assert_int_equal(t.time_signed_s, 1700000000);
    assert_int_equal(t.fudge_s, 300);
    assert_bytes_equal(t.mac, unhex(*state, "a1a2a3a4"));
    assert_int_equal(t.original_id, 0x1234);
    assert_int_equal(t.error, 0);
    assert_int_equal(t.other.len, 0);
}

static void splitting_restores_the_original_id(void **state)
{
    struct bytes wire = unhex(*state, SIGNED), message;
    struct tsig t;
    struct error e;
    bool is_signed;

    ((uint8_t *)(uintptr_t)wire.data)[0] = 0x99;
    assert_int_equal(tsig_split(*state, wire, &t, &is_signed, &message, &e), OK);
    assert_bytes_equal(message, unhex(*state, PLAIN));
}

static void names_in_the_record_are_taken_in_canonical_form(void **state)
{
    /* Key "K1.MUSTER"; algorithm "GSS-TSIG". */
    struct bytes wire =
        unhex(*state, "1234 " HEADER_AFTER_ID "0001 " ZONE "024b31 064d5553544552 00" TSIG_FIXED
                      "08 4753532d54534947 00" TIME FUDGE "0004 a1a2a3a4 1234 0000 0000");
    struct wire_name key = name_of(*state, KEY), gss = tsig_algorithm_gss();
    struct bytes message;
    struct tsig t;
    struct error e;
    bool is_signed;

    assert_int_equal(tsig_split(*state, wire, &t, &is_signed, &message, &e), OK);
    assert_true(wire_name_equal(&t.key, &key));
    assert_true(wire_name_equal(&t.algorithm, &gss));
}

static void compressed_names_are_followed(void **state)
{
    /*
     * The zone entry is named k1.muster and the key is a pointer to it (offset 12); the algorithm
     * points to the data of a TXT record at the root, which is the name gss-tsig.  Offsets: zone 12
     * to 22, type and class to 26, root 27, type, class and TTL to 35, length to 37, data at 38 =
     * 0x26.
     */
    struct bytes wire = unhex(*state, "1234 a800 0001 0001 0000 0001" KEY "0006 0001"
                                      "00 0010 0001 00000000 000a" ALGORITHM
                                      "c00c 00fa 00ff 00000000 0016 c026" TIME FUDGE
                                      "0004 a1a2a3a4 1234 0000 0000");
    struct wire_name key = name_of(*state, KEY), gss = tsig_algorithm_gss();
    struct bytes message;
    struct tsig t;
    struct error e;
    bool is_signed;

    assert_int_equal(tsig_split(*state, wire, &t, &is_signed, &message, &e), OK);
    assert_true(wire_name_equal(&t.key, &key));
    assert_true(wire_name_equal(&t.algorithm, &gss));
}

static void an_unsigned_message_is_given_whole(void **state)
{
    struct bytes message;
    struct tsig t = { .fudge_s = 7 };
    struct error e;
    bool is_signed = true;

    assert_int_equal(tsig_split(*state, unhex(*state, PLAIN), &t, &is_signed, &message, &e), OK);
    assert_false(is_signed);
    assert_int_equal(t.fudge_s, 7);
    assert_bytes_equal(message, unhex(*state, PLAIN));
}

static void assert_refused(void **state, const char *hex)
{
    struct bytes message = { NULL, 77 };
    struct tsig t;
    struct error e;
    bool is_signed;

    assert_int_equal(tsig_split(*state, unhex(*state, hex), &t, &is_signed, &message, &e),
                     ERR_MALFORMED);
    assert_int_equal(message.len, 77);
}

static void no_truncation_of_a_message_is_accepted(void **state)
{
    struct bytes wire = unhex(*state, SIGNED);

    for (size_t len = 0; len < wire.len; len++) {
        /* A copy of exactly that size, so that a read past it is seen by the sanitizer. */
        uint8_t *part = talloc_size(*state, len);
        struct bytes message;
        struct tsig t;
        struct error e;
        bool is_signed;

        memcpy(part, wire.data, len);
        assert_int_equal(tsig_split(*state, (struct bytes){ part, len }, &t, &is_signed, &message,
                                    &e),
                         ERR_MALFORMED);
        talloc_free(part);
    }
}

static void bytes_left_over_are_refused(void **state)
{
    assert_refused(state, SIGNED "00");
    assert_refused(state, PLAIN "00");
}

static void counts_that_lie_are_refused(void **state)
{
    /* More questions, answers, authority or additional records than there are; fewer. */
    assert_refused(state, "1234 a800 0002 0000 0000 0001" ZONE KEY TSIG_FIXED TSIG_DATA);
    assert_refused(state, "1234 a800 0001 0001 0000 0001" ZONE KEY TSIG_FIXED TSIG_DATA);
    assert_refused(state, "1234 a800 0001 0000 ffff 0001" ZONE KEY TSIG_FIXED TSIG_DATA);
    assert_refused(state, "1234 a800 0001 0000 0000 ffff" ZONE KEY TSIG_FIXED TSIG_DATA);
    assert_refused(state, "1234 a800 0001 0000 0000 0000" ZONE KEY TSIG_FIXED TSIG_DATA);
}

static void a_record_length_that_lies_is_refused(void **state)
{
    /* One short, one long, longer than the message. */
    assert_refused(state,
                   "1234 a800 0001 0000 0000 0001" ZONE KEY "00fa 00ff 00000000 001d" TSIG_DATA);
    assert_refused(state, "1234 a800 0001 0000 0000 0001" ZONE KEY
                          "00fa 00ff 00000000 001f" TSIG_DATA "00");
    assert_refused(state,
                   "1234 a800 0001 0000 0000 0001" ZONE KEY "00fa 00ff 00000000 ffff" TSIG_DATA);
    /* MAC length and other length past the record. */
    assert_refused(state, "1234 a800 0001 0000 0000 0001" ZONE KEY TSIG_FIXED ALGORITHM TIME FUDGE
                          "000b a1a2a3a4 1234 0000 0000");
    assert_refused(state, "1234 a800 0001 0000 0000 0001" ZONE KEY TSIG_FIXED ALGORITHM TIME FUDGE
                          "0004 a1a2a3a4 1234 0000 0001");
}

static void a_tsig_that_is_not_last_is_refused(void **state)
{
    /* Followed by a root A record in the additional section. */
    assert_refused(state, "1234 a800 0001 0000 0000 0002" ZONE KEY TSIG_FIXED TSIG_DATA
                          "00 0001 0001 00000000 0004 0a350065");
    /* In the answer, and in the authority section. */
    assert_refused(state, "1234 a800 0001 0001 0000 0000" ZONE KEY TSIG_FIXED TSIG_DATA);
    assert_refused(state, "1234 a800 0001 0000 0001 0000" ZONE KEY TSIG_FIXED TSIG_DATA);
    /* In the answer section, with something harmless last. */
    assert_refused(state, "1234 a800 0001 0001 0000 0001" ZONE KEY TSIG_FIXED TSIG_DATA
                          "00 0001 0001 00000000 0004 0a350065");
}

static void two_tsigs_are_refused(void **state)
{
    assert_refused(state, "1234 a800 0001 0000 0000 0002" ZONE KEY TSIG_FIXED TSIG_DATA KEY
                              TSIG_FIXED TSIG_DATA);
    assert_refused(state, "1234 a800 0001 0001 0000 0001" ZONE KEY TSIG_FIXED TSIG_DATA KEY
                              TSIG_FIXED TSIG_DATA);
}

static void a_tsig_of_another_class_or_ttl_is_refused(void **state)
{
    assert_refused(state,
                   "1234 a800 0001 0000 0000 0001" ZONE KEY "00fa 0001 00000000 001e" TSIG_DATA);
    assert_refused(state,
                   "1234 a800 0001 0000 0000 0001" ZONE KEY "00fa 00ff 00000001 001e" TSIG_DATA);
}

static void compression_that_does_not_lead_back_is_refused(void **state)
{
    /* The key's name stands at offset 30: a pointer to itself, ahead, back to its own label. */
    assert_refused(state, "1234 a800 0001 0000 0000 0001" ZONE "c01e" TSIG_FIXED TSIG_DATA);
    assert_refused(state, "1234 a800 0001 0000 0000 0001" ZONE "c020" TSIG_FIXED TSIG_DATA);
    assert_refused(state, "1234 a800 0001 0000 0000 0001" ZONE "026b31 c01e" TSIG_FIXED TSIG_DATA);
    /* Into the header; past the end; with its second byte missing. */
    assert_refused(state, "1234 a800 0001 0000 0000 0001" ZONE "c004" TSIG_FIXED TSIG_DATA);
    assert_refused(state, "1234 a800 0001 0000 0000 0001" ZONE "ffff" TSIG_FIXED TSIG_DATA);
    assert_refused(state, "1234 a800 0001 0000 0000 0001" ZONE "c0");
    /* The label types 01 and 10. */
    assert_refused(state, "1234 a800 0001 0000 0000 0001" ZONE "416b31 00" TSIG_FIXED TSIG_DATA);
    assert_refused(state, "1234 a800 0001 0000 0000 0001" ZONE "816b31 00" TSIG_FIXED TSIG_DATA);
}

static void a_name_that_unfolds_past_255_bytes_is_refused(void **state)
{
    struct wr w = wr_init(*state);
    struct bytes message;
    struct tsig t;
    struct error e;
    bool is_signed;

    /* Question: three labels of 63, 193 bytes; key: a label of 62 and a pointer to it: 256. */
    wr_bytes(&w, unhex(*state, "1234 a800 0001 0000 0000 0001"));
    for (int label = 0; label < 3; label++) {
        wr_u8(&w, 63);
        for (int i = 0; i < 63; i++)
            wr_u8(&w, 'a');
    }
    wr_bytes(&w, unhex(*state, "00 0006 0001"));
    wr_u8(&w, 62);
    for (int i = 0; i < 62; i++)
        wr_u8(&w, 'b');
    wr_bytes(&w, unhex(*state, "c00c" TSIG_FIXED TSIG_DATA));
    assert_int_equal(tsig_split(*state, wr_view(&w), &t, &is_signed, &message, &e), ERR_MALFORMED);
}

static void only_badtime_tells_the_servers_time(void **state)
{
    struct tsig t = example(*state);
    uint64_t s = 7;

    t.other = unhex(*state, "0000 6553f200");
    assert_false(tsig_server_time(&t, &s));
    t.error = TSIG_BADTIME;
    assert_true(tsig_server_time(&t, &s));
    assert_int_equal(s, 1700000256);
    t.other = unhex(*state, "0000 6553f2");
    assert_false(tsig_server_time(&t, &s));
    assert_int_equal(s, 1700000256);
}

static void errors_have_their_registered_names(void **state)
{
    char buf[16];

    (void)state;
    assert_string_equal(tsig_error_name(0, buf), "no error");
    assert_string_equal(tsig_error_name(16, buf), "BADSIG");
    assert_string_equal(tsig_error_name(17, buf), "BADKEY");
    assert_string_equal(tsig_error_name(18, buf), "BADTIME");
    assert_string_equal(tsig_error_name(22, buf), "BADTRUNC");
    assert_string_equal(tsig_error_name(65535, buf), "error 65535");
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_is_digested_as_message_then_variables),
        TEST(an_answer_is_digested_behind_the_request_mac_and_its_length),
        TEST(the_legacy_form_lacks_only_the_length),
        TEST(without_a_request_mac_the_standard_form_still_has_its_length),
        TEST(error_and_other_data_are_digested),
        TEST(appending_adds_the_record_and_counts_it),
        TEST(a_message_without_room_is_not_signed),
        TEST(splitting_gives_back_what_was_signed),
        TEST(splitting_restores_the_original_id),
        TEST(names_in_the_record_are_taken_in_canonical_form),
        TEST(compressed_names_are_followed),
        TEST(an_unsigned_message_is_given_whole),
        TEST(no_truncation_of_a_message_is_accepted),
        TEST(bytes_left_over_are_refused),
        TEST(counts_that_lie_are_refused),
        TEST(a_record_length_that_lies_is_refused),
        TEST(a_tsig_that_is_not_last_is_refused),
        TEST(two_tsigs_are_refused),
        TEST(a_tsig_of_another_class_or_ttl_is_refused),
        TEST(compression_that_does_not_lead_back_is_refused),
        TEST(a_name_that_unfolds_past_255_bytes_is_refused),
        TEST(only_badtime_tells_the_servers_time),
        TEST(errors_have_their_registered_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
