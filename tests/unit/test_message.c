#include "tests/unit/unit.h"

#include <stdlib.h>

#include "dns/message.h"
#include "tests/fakes/dnsserver.h"

static const struct dns_question host_a = { "host1.ad.example.test", DNS_TYPE_A };

/* The question section of host_a. */
#define QUESTION "05686f737431 026164 076578616d706c65 0474657374 00 0001 0001"

static struct bytes query(TALLOC_CTX *mem)
{
    struct bytes out;

    assert_int_equal(dns_message_query(mem, 0x1234, &host_a, false, &out, NULL), OK);
    return out;
}

static enum err read_answer(TALLOC_CTX *mem, struct bytes wire, struct dns_answer *a,
                            struct error *e)
{
    bool is_truncated;

    return dns_message_answer(mem, wire, 0x1234, &host_a, a, &is_truncated, e);
}

static enum err read_hex(TALLOC_CTX *mem, const char *hex, struct dns_answer *a, struct error *e)
{
    return read_answer(mem, unhex(mem, hex), a, e);
}

static void query_has_one_question_and_edns(void **state)
{
    struct bytes out;

    assert_bytes_equal(query(*state), unhex(*state, "1234 0000 0001 0000 0000 0001" QUESTION
                                                    "00 0029 04d0 00000000 0000"));
    assert_int_equal(dns_message_query(*state, 1, &host_a, true, &out, NULL), OK);
    assert_int_equal(out.data[2], 0x01);
}

static void query_for_what_is_no_name_is_refused(void **state)
{
    struct dns_question q = { "a..b", DNS_TYPE_A };
    struct bytes out;

    assert_int_equal(dns_message_query(*state, 1, &q, true, &out, NULL), ERR_MALFORMED);
}

static void answer_is_read_in_sections(void **state)
{
    struct dns_answer a;
    struct bytes wire =
        fake_dns_reply(*state, query(*state), "AA",
                       "HOST1.AD.Example.Test. 1200 IN A 10.53.0.101\n"
                       "host1.ad.example.test. 60 IN A 10.53.0.102",
                       "AD.example.test. 3600 IN SOA DC1.AD.example.test. H.test. 1 2 3 4 5",
                       "dc1.ad.example.test. 900 IN AAAA fd53::10");

    assert_int_equal(read_answer(*state, wire, &a, NULL), OK);
    assert_int_equal(a.rcode, DNS_RCODE_NOERROR);
    assert_true(a.is_authoritative);
    assert_int_equal(a.answer.count, 2);
    assert_string_equal(a.answer.rr[0].name, "host1.ad.example.test");
    assert_int_equal(a.answer.rr[0].type, DNS_TYPE_A);
    assert_int_equal(a.answer.rr[0].ttl_s, 1200);
    assert_string_equal(a.answer.rr[0].data, "10.53.0.101");
    assert_int_equal(a.authority.count, 1);
    assert_string_equal(a.authority.rr[0].data, "dc1.ad.example.test. h.test. 1 2 3 4 5");
    assert_int_equal(a.additional.count, 1);
    assert_string_equal(a.additional.rr[0].data, "fd53::10");
}

static void names_in_data_are_lower_case_with_final_dot(void **state)
{
    static const char *const lines[][2] = {
        { "x. 1 IN PTR Host1.AD.Test.", "host1.ad.test." },
        { "x. 1 IN NS Dc1.Test.", "dc1.test." },
        { "x. 1 IN CNAME Other.", "other." },
        { "x. 1 IN SRV 0 100 389 DC1.Test.", "0 100 389 dc1.test." },
        { "x. 1 IN SRV 0 0 0 .", "0 0 0 ." },
        { "x. 1 IN MX 10 Mail.Test.", "10 mail.test." },
        { "x. 1 IN TXT \"Case Stays\"", "\"Case Stays\"" },
        { "x. 1 IN TXT \"a\\009b\"", "\"a\\009b\"" }, /* a tab would move the line */
        { "x. 1 IN TYPE65280 \\# 3 0a0B0c", "\\# 3 0a0b0c" },
        { "x. 1 IN PTR a\\.b\\032c.test.", "a\\.b\\032c.test." },
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct bytes wire = fake_dns_reply(*state, query(*state), "", lines[i][0], NULL, NULL);
        struct dns_answer a;

        assert_int_equal(read_answer(*state, wire, &a, NULL), OK);
        assert_int_equal(a.answer.count, 1);
        assert_string_equal(a.answer.rr[0].data, lines[i][1]);
    }
}

static void question_is_compared_without_case(void **state)
{
    struct dns_answer a;

    assert_int_equal(read_hex(*state,
                              "1234 8000 0001 0000 0000 0000"
                              "05484f535431 024144 076578616d706c65 0474657374 00 0001 0001",
                              &a, NULL),
                     OK);
}

static void what_answers_something_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "1234 8000 0001 0000 0000",                        /* no whole header */
        "1235 8000 0001 0000 0000 0000" QUESTION,          /* another ID */
        "1234 0000 0001 0000 0000 0000" QUESTION,          /* a query */
        "1234 a800 0001 0000 0000 0000" QUESTION,          /* opcode UPDATE */
        "1234 a000 0001 0000 0000 0000" QUESTION,          /* opcode NOTIFY */
        "1234 8000 0000 0000 0000 0000",                   /* no question */
        "1234 8000 0002 0000 0000 0000" QUESTION QUESTION, /* two */
        "1234 8000 0001 0000 0000 0000 05686f737432 026164 076578616d706c65 0474657374 00 0001 "
        "0001",
        "1234 8000 0001 0000 0000 0000 05686f737431 026164 076578616d706c65 0474657374 00 001c "
        "0001",
        "1234 8000 0001 0000 0000 0000 05686f737431 026164 076578616d706c65 0474657374 00 0001 "
        "00ff",
        "1234 8000 0001 0000 0000 0000 05686f737431 026164 076578616d706c65 0474657374 00 0001 00",
    };
    struct dns_answer a = { .rcode = 77 };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(read_hex(*state, bad[i], &a, NULL), ERR_MALFORMED);
    assert_int_equal(a.rcode, 77);
}

static void messages_that_contradict_themselves_are_refused(void **state)
{
    static const char *const bad[] = {
        /* One answer promised, none there; one hundred promised, one there. */
        "1234 8000 0001 0001 0000 0000" QUESTION,
        "1234 8000 0001 0064 0000 0000" QUESTION "c00c 0001 0001 0000003c 0004 0a000001",
        "1234 8000 0001 ffff ffff ffff" QUESTION,
        /* Owner that points at itself, at a later place, in a circle of two; label type 01. */
        "1234 8000 0001 0001 0000 0000" QUESTION "c027 0001 0001 0000003c 0004 0a000001",
        "1234 8000 0001 0001 0000 0000" QUESTION "c0ff 0001 0001 0000003c 0004 0a000001",
        "1234 8000 0001 0001 0000 0000" QUESTION "c029 c027 0001 0001 0000003c 0004 0a000001",
        "1234 8000 0001 0001 0000 0000" QUESTION "4061 0001 0001 0000003c 0004 0a000001",
        /* Data: longer than the message, an address too short, a name past its length. */
        "1234 8000 0001 0001 0000 0000" QUESTION "c00c 0001 0001 0000003c 0010 0a000001",
        "1234 8000 0001 0001 0000 0000" QUESTION "c00c 0001 0001 0000003c 0003 0a0000",
        "1234 8000 0001 0001 0000 0000" QUESTION "c00c 000c 0001 0000003c 0002 0361 6263 00",
        /* Data: an address too long, a name followed by more, fields missing, nothing at all. */
        "1234 8000 0001 0001 0000 0000" QUESTION "c00c 0001 0001 0000003c 0005 0a00000101",
        "1234 8000 0001 0001 0000 0000" QUESTION "c00c 000c 0001 0000003c 0003 c00c 00",
        "1234 8000 0001 0001 0000 0000" QUESTION "c00c 0021 0001 0000003c 0006 0000 0064 0185",
        "1234 8000 0001 0001 0000 0000" QUESTION "c00c 0006 0001 0000003c 0004 c00c c00c",
        "1234 8000 0001 0001 0000 0000" QUESTION "c00c 0001 0001 0000003c 0000",
        "1234 8000 0001 0001 0000 0000" QUESTION "c00c 000c 0001 0000003c 0000",
    };
    struct dns_answer a = { .rcode = 77 };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error e = { 0 };

        if (read_hex(*state, bad[i], &a, &e) != ERR_MALFORMED)
            fail_msg("taken for an answer: %s", bad[i]);
        assert_true(e.message[0] != '\0');
    }
    assert_int_equal(a.rcode, 77);
}

static void no_prefix_of_an_answer_is_an_answer(void **state)
{
    struct bytes wire =
        fake_dns_reply(*state, query(*state), "AA", "host1.ad.example.test. 1 IN A 10.0.0.1",
                       "ad.example.test. 1 IN NS dc1.ad.example.test.", NULL);
    struct dns_answer a;

    for (size_t len = 0; len < wire.len; len++) {
        struct bytes prefix = bytes_dup(*state, (struct bytes){ wire.data, len });

        assert_int_equal(read_answer(*state, prefix, &a, NULL), ERR_MALFORMED);
    }
}

static void truncated_answer_says_so_even_when_cut_inside_a_record(void **state)
{
    struct bytes wire = unhex(*state, "1234 8200 0001 0001 0000 0000" QUESTION "c00c 0001");
    bool is_truncated = false;
    struct dns_answer a;

    assert_int_equal(dns_message_answer(*state, wire, 0x1234, &host_a, &a, &is_truncated, NULL),
                     OK);
    assert_true(is_truncated);
    assert_int_equal(a.answer.count, 0);
}

static void opt_tsig_and_other_classes_are_left_out(void **state)
{
    struct dns_answer a;

    assert_int_equal(read_hex(*state,
                              "1234 8000 0001 0001 0000 0002" QUESTION
                              "c00c 0001 0003 0000003c 0004 0a000001"
                              "00 0029 04d0 00000000 0000"
                              "016b 00 00fa 00ff 00000000 0016"
                              "03677373 00 000000000000 012c 0001 aa 1234 0000 0000",
                              &a, NULL),
                     OK);
    assert_int_equal(a.answer.count, 0);
    assert_int_equal(a.additional.count, 0);
}

static void a_server_speaks_edns_when_it_says_so(void **state)
{
    struct dns_answer a;

    assert_int_equal(read_hex(*state,
                              "1234 8000 0001 0000 0000 0001" QUESTION "00 0029 04d0 00000000 0000",
                              &a, NULL),
                     OK);
    assert_true(a.has_edns);
    assert_int_equal(a.rcode, 0);
    assert_int_equal(read_hex(*state, "1234 8000 0001 0000 0000 0000" QUESTION, &a, NULL), OK);
    assert_false(a.has_edns);
}

static void extended_rcode_is_no_success(void **state)
{
    struct dns_answer a;
    char buf[16];

    /* BADVERS: 1 in the OPT record's TTL, 0 in the header. */
    assert_int_equal(read_hex(*state,
                              "1234 8000 0001 0000 0000 0001" QUESTION "00 0029 04d0 01000000 0000",
                              &a, NULL),
                     OK);
    assert_int_equal(a.rcode, 16);
    assert_string_equal(dns_rcode_name(a.rcode, buf), "RCODE16");
}

static void ttl_with_the_highest_bit_is_zero(void **state)
{
    struct dns_answer a;

    assert_int_equal(read_hex(*state,
                              "1234 8000 0001 0001 0000 0000" QUESTION
                              "c00c 0001 0001 80000001 0004 0a000001",
                              &a, NULL),
                     OK);
    assert_int_equal(a.answer.rr[0].ttl_s, 0);
}

static void empty_data_of_an_unknown_type_has_its_form(void **state)
{
    struct dns_answer a;

    assert_int_equal(read_hex(*state,
                              "1234 8000 0001 0001 0000 0000" QUESTION
                              "c00c ff00 0001 00000001 0000",
                              &a, NULL),
                     OK);
    assert_string_equal(a.answer.rr[0].data, "\\# 0");
}

/* Whatever one changed byte does, it gives an answer or an error, and text that is safe to print.
 */
static void damaged_answers_do_no_harm(void **state)
{
    struct bytes wire =
        fake_dns_reply(*state, query(*state), "AA",
                       "host1.ad.example.test. 1 IN SRV 0 1 2 dc1.ad.example.test.\n"
                       "host1.ad.example.test. 1 IN TXT \"a\" \"b\"\n"
                       "host1.ad.example.test. 1 IN AAAA fd53::1",
                       "ad.example.test. 1 IN SOA a. b. 1 2 3 4 5", NULL);
    static const uint8_t values[] = { 0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xc0, 0xff };

    for (size_t at = 2; at < wire.len; at++) {
        for (size_t v = 0; v < sizeof values; v++) {
            TALLOC_CTX *tmp = talloc_new(*state);
            struct bytes copy = bytes_dup(tmp, wire);
            struct dns_answer a;

            ((uint8_t *)(uintptr_t)copy.data)[at] = values[v];
            if (read_answer(tmp, copy, &a, NULL) == OK) {
                for (size_t i = 0; i < a.answer.count; i++) {
                    for (const char *p = a.answer.rr[i].name; *p; p++)
                        assert_true(*p > 0x20 && *p < 0x7f);
                }
            }
            talloc_free(tmp);
        }
    }
}

static void peek_needs_a_whole_header(void **state)
{
    struct bytes wire = unhex(*state, "beef 8005 0000 0000 0000 0000");
    uint16_t id = 0;
    int rcode = 0;

    assert_true(dns_message_peek(wire, &id, &rcode));
    assert_int_equal(id, 0xbeef);
    assert_int_equal(rcode, DNS_RCODE_REFUSED);
    wire.len = 11;
    assert_false(dns_message_peek(wire, &id, &rcode));
}

static void types_have_names_and_numbers(void **state)
{
    static const char *const bad[] = { "", "TYPE", "TYPE65536", "TYPE-1", "TYPE1x", "Ax", " A" };
    uint16_t type = 77;
    char buf[16];

    (void)state;
    for (unsigned t = 0; t <= UINT16_MAX; t++) {
        uint16_t back;

        assert_true(dns_type_parse(dns_type_name((uint16_t)t, buf), &back));
        assert_int_equal(back, t);
    }
    assert_string_equal(dns_type_name(DNS_TYPE_AAAA, buf), "AAAA");
    assert_string_equal(dns_type_name(65280, buf), "TYPE65280");
    assert_true(dns_type_parse("aaaa", &type));
    assert_int_equal(type, DNS_TYPE_AAAA);
    assert_true(dns_type_parse("type1", &type));
    assert_int_equal(type, DNS_TYPE_A);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(dns_type_parse(bad[i], &type));
    assert_string_equal(dns_rcode_name(DNS_RCODE_NOTZONE, buf), "NOTZONE");
    assert_string_equal(dns_rcode_name(17, buf), "RCODE17");
    assert_string_equal(dns_rcode_name(-1, buf), "RCODE-1");
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(query_has_one_question_and_edns),
        TEST(query_for_what_is_no_name_is_refused),
        TEST(answer_is_read_in_sections),
        TEST(names_in_data_are_lower_case_with_final_dot),
        TEST(question_is_compared_without_case),
        TEST(what_answers_something_else_is_refused),
        TEST(messages_that_contradict_themselves_are_refused),
        TEST(no_prefix_of_an_answer_is_an_answer),
        TEST(truncated_answer_says_so_even_when_cut_inside_a_record),
        TEST(opt_tsig_and_other_classes_are_left_out),
        TEST(a_server_speaks_edns_when_it_says_so),
        TEST(extended_rcode_is_no_success),
        TEST(ttl_with_the_highest_bit_is_zero),
        TEST(empty_data_of_an_unknown_type_has_its_form),
        TEST(damaged_answers_do_no_harm),
        TEST(peek_needs_a_whole_header),
        TEST(types_have_names_and_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
