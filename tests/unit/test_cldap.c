#include "tests/unit/unit.h"

#include <talloc.h>

#include "ldap/cldap.h"

/* vendorName and dnsHostName of a Samba 4.17, as it sent them to message 2. */
#define ENTRY                                                                                      \
    "3063020102645e0400305a3032040a76656e646f724e616d6531240422"                                   \
    "53616d6261205465616d202868747470733a2f2f7777772e73616d62612e6f726729"                         \
    "3024040b646e73486f73744e616d6531150413646331 2e61642e6578616d706c652e74657374"
#define DONE "300c02010265070a010004000400"

static void a_request_is_a_search_of_the_root(void **state)
{
    const struct cldap_term terms[] = {
        { "DnsDomain", { (const uint8_t *)"a.test", 6 } },
        { "NtVer", { (const uint8_t *)"\x16\0\0\0", 4 } },
    };
    const char *const attributes[] = { "NetLogon", NULL };
    struct bytes out;

    assert_int_equal(cldap_request(*state, 1, terms, 2, attributes, &out, NULL), OK);
    assert_bytes_equal(out, unhex(*state, "3048020101634304000a01000a0100020100020100010100a024"
                                          "a3130409446e73446f6d61696e0406612e74657374a30d04054e"
                                          "74566572040416000000300a04084e65744c6f676f6e"));
}

static void a_request_without_terms_takes_any_object(void **state)
{
    const char *const attributes[] = { "vendorName", NULL };
    struct bytes out;

    assert_int_equal(cldap_request(*state, 0x01020304, NULL, 0, attributes, &out, NULL), OK);
    assert_bytes_equal(out, unhex(*state,
                                  "3034 020401020304 632c 0400 0a0100 0a0100 020100 020100 010100"
                                  "870b6f626a656374436c617373 300c 040a76656e646f724e616d65"));
}

static void an_entry_and_its_result_are_read(void **state)
{
    struct bytes datagram = unhex(*state, ENTRY DONE), value;
    struct cldap_answer *a;

    assert_int_equal(cldap_answer_read(*state, datagram, &a, NULL), OK);
    assert_int_equal(a->id, 2);
    assert_true(a->is_found);
    assert_int_equal(a->n, 2);
    value = cldap_value(a, "DNSHOSTNAME");
    assert_bytes_equal(value, ((struct bytes){ (const uint8_t *)"dc1.ad.example.test", 19 }));
    assert_null(cldap_value(a, "dnsHostNam").data);
    assert_null(cldap_value(a, "dnsHostName2").data);
}

static void a_result_alone_is_nothing_found(void **state)
{
    struct cldap_answer *a;

    assert_int_equal(cldap_answer_read(*state, unhex(*state, DONE), &a, NULL), OK);
    assert_false(a->is_found);
    assert_int_equal(a->n, 0);
}

static void an_attribute_without_value_is_empty(void **state)
{
    struct cldap_answer *a;

    assert_int_equal(
        cldap_answer_read(*state, unhex(*state, "3010 020102 640b 0400 3007 3005 040161 3100" DONE),
                          &a, NULL),
        OK);
    assert_int_equal(a->n, 1);
    assert_int_equal(cldap_value(a, "a").len, 0);
}

static void a_failure_is_the_servers(void **state)
{
    struct cldap_answer *a = NULL;
    struct error e = { 0 };

    assert_int_equal(cldap_answer_read(*state, unhex(*state, "300c02010265070a013304000400"), &a,
                                       &e),
                     ERR_SERVER);
    assert_null(a);
}

static void every_truncation_is_malformed(void **state)
{
    struct bytes all = unhex(*state, ENTRY DONE);

    for (size_t len = 0; len < all.len; len++) {
        uint8_t *copy = talloc_memdup(*state, all.data, len ? len : 1);
        struct cldap_answer *a = NULL;

        assert_int_equal(cldap_answer_read(*state, (struct bytes){ copy, len }, &a, NULL),
                         ERR_MALFORMED);
        assert_null(a);
        talloc_free(copy);
    }
}

/* No byte of it, whatever it is, makes the reader read beyond the end. */
static void every_changed_byte_is_survived(void **state)
{
    struct bytes all = unhex(*state, ENTRY DONE);
    uint8_t *copy = talloc_memdup(*state, all.data, all.len);

    for (size_t i = 0; i < all.len; i++) {
        for (int v = 0; v < 256; v++) {
            TALLOC_CTX *tmp = talloc_new(*state);
            struct cldap_answer *a = NULL;

            copy[i] = (uint8_t)v;
            if (cldap_answer_read(tmp, (struct bytes){ copy, all.len }, &a, NULL) == OK)
                assert_non_null(a);
            talloc_free(tmp);
        }
        copy[i] = all.data[i];
    }
}

static void other_messages_are_malformed(void **state)
{
    static const char *const bad[] = {
        ENTRY,                                       /* no result */
        ENTRY ENTRY,                                 /* two entries */
        ENTRY "300c02010365070a010004000400",        /* the result of another search */
        "300c02010261070a010004000400",              /* of another operation */
        "300c0201ff65070a010004000400",              /* a negative ID */
        "308000",                                    /* no definite length */
        "30850000000000",                            /* a length of five bytes */
        "3084ffffffff02010265070a010004000400",      /* longer than the datagram */
        "300a0200 65070a01000400 0400",              /* an empty number */
        "30120205000000000265070a010004000400 0000", /* a number of five bytes */
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct cldap_answer *a = NULL;

        if (cldap_answer_read(*state, unhex(*state, bad[i]), &a, NULL) != ERR_MALFORMED)
            fail_msg("taken: %s", bad[i]);
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_is_a_search_of_the_root),   TEST(a_request_without_terms_takes_any_object),
        TEST(an_entry_and_its_result_are_read),    TEST(a_result_alone_is_nothing_found),
        TEST(an_attribute_without_value_is_empty), TEST(a_failure_is_the_servers),
        TEST(every_truncation_is_malformed),       TEST(every_changed_byte_is_survived),
        TEST(other_messages_are_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
