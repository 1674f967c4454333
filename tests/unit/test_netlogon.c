#include "tests/unit/unit.h"

#include <talloc.h>

#include "ldap/netlogon.h"

#define GUID "39f5015f0b671241ac43c306fd09c334"
#define HEAD "1700 0000 fd130000 " GUID
/* "ad.example.test" at 24, then names that lean on it. */
#define NAMES "026164 076578616d706c65 0474657374 00 c018 03646331c018 02414400 0344433100 00 "
#define SITE "17 44656661756c742d46697273742d536974652d4e616d65 00 "
#define TRAILER "05000000 ffff ffff"

/* As Samba 4.17 sent it; the client's site points to the server's. */
#define SAMBA HEAD NAMES SITE "c03b " TRAILER

static struct netlogon *decode(void **state, const char *hex)
{
    struct netlogon *n = NULL;
    struct error e = { 0 };

    if (netlogon_decode(*state, unhex(*state, hex), &n, &e) != OK)
        fail_msg("%s", e.message);
    return n;
}

static void assert_malformed(void **state, const char *hex)
{
    struct netlogon *n = NULL;
    struct error e = { 0 };

    if (netlogon_decode(*state, unhex(*state, hex), &n, &e) != ERR_MALFORMED)
        fail_msg("taken: %s", hex);
    assert_null(n);
    assert_true(e.message[0] != '\0');
}

static void an_answer_of_samba_is_read(void **state)
{
    struct netlogon *n = decode(state, SAMBA);

    assert_false(n->is_paused);
    assert_int_equal(n->flags, 0x13fd);
    assert_string_equal(n->forest, "ad.example.test");
    assert_string_equal(n->domain, "ad.example.test");
    assert_string_equal(n->host, "dc1.ad.example.test");
    assert_string_equal(n->site, "Default-First-Site-Name");
    assert_string_equal(n->client_site, "Default-First-Site-Name");
    assert_null(n->closest_site);
    assert_false(netlogon_is_read_only(n));
    assert_true(netlogon_is_near(n));
    assert_null(netlogon_unfit(*state, n, "dc1.ad.example.test", "ad.example.test"));
}

static void names_without_compression_are_the_same(void **state)
{
    struct netlogon *n =
        decode(state, HEAD "02616403666f7200 02616403666f7200 0364633102616403666f7200"
                           "02414400 0344433100 00 016100 016200" TRAILER);

    assert_string_equal(n->host, "dc1.ad.for");
    assert_string_equal(n->site, "a");
    assert_string_equal(n->client_site, "b");
}

/* With address and next closest site, as newer servers add them. */
static void what_the_version_announces_is_passed_over_or_read(void **state)
{
    struct netlogon *n = decode(state, HEAD NAMES "044e6f727400 05536f75746800"
                                                  "10 0200 0000 0a350010 0000000000000000"
                                                  "065765737465720 0 1d000000 ffff ffff");

    assert_string_equal(n->site, "Nort");
    assert_string_equal(n->client_site, "South");
    assert_string_equal(n->closest_site, "Wester");
    assert_false(!netlogon_is_near(n)); /* the flag says so, whatever the names */
    n = decode(state, HEAD NAMES
               "016100 016200 10 0200 0000 0a350010 0000000000000000 0d000000 ffff ffff");
    assert_null(n->closest_site);
}

static void a_site_that_is_not_told_is_null(void **state)
{
    struct netlogon *n = decode(state, HEAD NAMES SITE "00" TRAILER);

    assert_null(n->client_site);
    n = decode(state, HEAD NAMES "00 00" TRAILER);
    assert_null(n->site);
    /* A site is one label. */
    n = decode(state, HEAD NAMES "c018 c018" TRAILER);
    assert_null(n->site);
    assert_null(n->client_site);
}

static void a_site_with_odd_bytes_is_safe_to_print(void **state)
{
    struct netlogon *n = decode(state, HEAD NAMES "05611b5b306d00 02c3a900" TRAILER);

    assert_string_equal(n->site, "a\\027[0m");
    assert_string_equal(n->client_site, "\\195\\169");
}

static void every_truncation_is_malformed(void **state)
{
    static const char *const whole[] = {
        SAMBA,
        HEAD NAMES "044e6f727400 05536f75746800 10 0200 0000 0a350010 0000000000000000"
                   "0657657374657200 1d000000 ffff ffff",
    };

    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        struct bytes all = unhex(*state, whole[i]);

        for (size_t len = 0; len < all.len; len++) {
            /* A copy of its own size, so that a sanitizer sees a read past its end. */
            uint8_t *copy = talloc_memdup(*state, all.data, len ? len : 1);
            struct netlogon *n = NULL;

            assert_int_equal(netlogon_decode(*state, (struct bytes){ copy, len }, &n, NULL),
                             ERR_MALFORMED);
            assert_null(n);
            talloc_free(copy);
        }
    }
}

static void other_kinds_of_answers_are_malformed(void **state)
{
    static const char *const opcodes[] = { "0000", "0700", "1300", "1500",
                                           "1600", "1a00", "ffff", "0017" };

    for (size_t i = 0; i < sizeof opcodes / sizeof opcodes[0]; i++)
        assert_malformed(state, talloc_asprintf(*state,
                                                "%s 0000 fd130000 " GUID NAMES SITE "c03b " TRAILER,
                                                opcodes[i]));
}

static void pointers_that_loop_or_lead_forward_are_malformed(void **state)
{
    static const char *const forests[] = {
        "c018",                   /* to itself */
        "026164c018",             /* to its own beginning */
        "026164c01b",             /* to the pointer itself */
        "c01a026164c018",         /* forward, and back again */
        "c0ff",                   /* past the end */
        "ffff",           "c0",   /* far past the end; half a pointer */
        "4061",           "8061", /* reserved label types */
    };

    for (size_t i = 0; i < sizeof forests / sizeof forests[0]; i++) {
        assert_malformed(state, talloc_asprintf(*state, HEAD "%s" TRAILER, forests[i]));
        assert_malformed(state,
                         talloc_asprintf(*state,
                                         HEAD "%s 00 c018 03646331c018 02414400 0344433100 00" SITE
                                              "c03b " TRAILER,
                                         forests[i]));
    }
    /* The second name points to the first, which points to the second. */
    assert_malformed(state,
                     HEAD "026164c01d c018 03646331c018 02414400 0344433100 00" SITE "00" TRAILER);
}

static void names_over_255_bytes_are_malformed(void **state)
{
    char *label = talloc_strdup(*state, "3f"), *name;

    for (int i = 0; i < 63; i++)
        label = talloc_strdup_append(label, "61");
    /* 4 x 64 + 1 = 257, by labels and by way of a pointer to 193 of them. */
    name = talloc_asprintf(*state, "%s%s%s%s00", label, label, label, label);
    assert_malformed(state,
                     talloc_asprintf(*state, HEAD "%s 026100 026100 016100 016100 00 00 00" TRAILER,
                                     name));
    name = talloc_asprintf(*state, "%s%s%s00 %sc018", label, label, label, label);
    assert_malformed(state, talloc_asprintf(*state, HEAD "%s 016100 016100 016100 00 00 00" TRAILER,
                                            name));
    /* 255 is right. */
    label[0] = '3', label[1] = 'd', label[2 + 2 * 61] = '\0';
    name = talloc_asprintf(*state, "%s%s%s 3f", label, label, label);
    for (int i = 0; i < 63; i++)
        name = talloc_strdup_append(name, "61");
    name = talloc_strdup_append(name, "00");
    assert_int_equal(unhex(*state, name).len, 251);
    decode(state,
           talloc_asprintf(*state, HEAD "%s 0161c018 c018 016100 016100 00 00 00" TRAILER, name));
}

static void servers_without_a_name_are_malformed(void **state)
{
    assert_malformed(state, HEAD "00 00 00 00 00 00 00 00" TRAILER);
    assert_malformed(state, HEAD "026164 00 00 03646331c018 02414400 0344433100 00 00 00" TRAILER);
}

static void only_a_server_of_the_domain_is_fit(void **state)
{
    struct netlogon *n = decode(state, SAMBA);

    assert_non_null(strstr(netlogon_unfit(*state, n, "dc1.ad.example.test", "example.test"),
                           "ad.example.test"));
    assert_non_null(strstr(netlogon_unfit(*state, n, "dc2.ad.example.test", "ad.example.test"),
                           "dc1.ad.example.test"));
    n->flags = NETLOGON_WRITABLE | NETLOGON_KDC;
    assert_non_null(netlogon_unfit(*state, n, "dc1.ad.example.test", "ad.example.test"));
    n->flags = NETLOGON_WRITABLE | NETLOGON_DS;
    assert_non_null(netlogon_unfit(*state, n, "dc1.ad.example.test", "ad.example.test"));
    n->flags = NETLOGON_KDC | NETLOGON_DS;
    assert_null(netlogon_unfit(*state, n, "dc1.ad.example.test", "ad.example.test"));
    assert_true(netlogon_is_read_only(n));
    n = decode(state, "1800 0000 fd130000 " GUID NAMES SITE "c03b " TRAILER);
    assert_non_null(netlogon_unfit(*state, n, "dc1.ad.example.test", "ad.example.test"));
}

static void near_is_the_flag_or_the_same_site_or_nobody_knows(void **state)
{
    struct netlogon n = { .flags = 0, .site = "Here", .client_site = "There" };

    (void)state;
    assert_false(netlogon_is_near(&n));
    n.client_site = "HERE";
    assert_true(netlogon_is_near(&n));
    n.client_site = NULL;
    assert_true(netlogon_is_near(&n));
    n = (struct netlogon){ .flags = NETLOGON_CLOSEST, .site = "Here", .client_site = "There" };
    assert_true(netlogon_is_near(&n));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_answer_of_samba_is_read),
        TEST(names_without_compression_are_the_same),
        TEST(what_the_version_announces_is_passed_over_or_read),
        TEST(a_site_that_is_not_told_is_null),
        TEST(a_site_with_odd_bytes_is_safe_to_print),
        TEST(every_truncation_is_malformed),
        TEST(other_kinds_of_answers_are_malformed),
        TEST(pointers_that_loop_or_lead_forward_are_malformed),
        TEST(names_over_255_bytes_are_malformed),
        TEST(servers_without_a_name_are_malformed),
        TEST(only_a_server_of_the_domain_is_fit),
        TEST(near_is_the_flag_or_the_same_site_or_nobody_knows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
