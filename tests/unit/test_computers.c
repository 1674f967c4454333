#include "ldap/computers.h"

#include <stdio.h>

#include "tests/unit/accounts.h"

static void accounts_are_found_by_sid_and_by_name(void **state)
{
    struct computers *c = computers_new(*state, sid(*state, 0));
    struct computer *one = NULL;
    size_t at, n;

    add(c, 1105, "PC2.AD.example.test.", "PC2$", 3733279, 0x1000);
    add(c, 1104, "pc1.ad.example.test", "PC1$", 0, 0x1002);
    add(c, 1200, NULL, "NONAME$", 5, 0x1000);
    assert_int_equal(computers_seal(c, NULL), OK);
    assert_int_equal(computers_count(c), 3);

    assert_int_equal(computers_by_sid(c, DOMAIN "-1105", &one), SID_COMPUTER);
    assert_string_equal(computer_host(c, one), "pc2.ad.example.test");
    assert_string_equal(computer_account(c, one), "PC2$");
    assert_int_equal(one->last_logon_h, 3733279);
    assert_false(one->is_disabled);
    assert_int_equal(computers_by_sid(c, DOMAIN "-1104", &one), SID_COMPUTER);
    assert_true(one->is_disabled);
    assert_int_equal(one->last_logon_h, 0);

    at = computers_find(c, "pc1.ad.example.test", &n);
    assert_int_equal(n, 1);
    assert_int_equal(computers_named(c, at)->rid, 1104);
    computers_find(c, "pc3.ad.example.test", &n);
    assert_int_equal(n, 0);
    computers_find(c, "", &n);
    assert_int_equal(n, 0);
}

static void two_accounts_of_one_name_are_both_found(void **state)
{
    struct computers *c = computers_new(*state, sid(*state, 0));
    size_t at, n;

    add(c, 7, "pc.test", "OLD$", 1, 0);
    add(c, 6, "a.test", "A$", 1, 0);
    add(c, 9, "PC.test", "NEW$", 2, 0);
    add(c, 8, "z.test", "Z$", 1, 0);
    assert_int_equal(computers_seal(c, NULL), OK);
    at = computers_find(c, "pc.test", &n);
    assert_int_equal(n, 2);
    assert_int_equal(computers_named(c, at)->rid, 7);
    assert_int_equal(computers_named(c, at + 1)->rid, 9);
}

static void who_never_logged_on_hides_nothing(void **state)
{
    struct computers *c = computers_new(*state, sid(*state, 0));

    add(c, 9, "b.test", "B$", 0, 0);
    add(c, 8, "a.test", "A$", 0, 0);
    assert_int_equal(computers_seal(c, NULL), OK);
    assert_string_equal(computer_sid(*state, c, computers_at(c, 0)), DOMAIN "-8");
    assert_string_equal(computer_sid(*state, c, computers_at(c, 1)), DOMAIN "-9");
    computers_at(c, 0)->is_logon_unread = computers_at(c, 1)->is_logon_unread = true;
    computers_mark_never(c, sid(*state, 9));
    computers_mark_never(c, sid(*state, 7));
    computers_mark_never(c, (struct bytes){ NULL, 0 });
    assert_true(computers_at(c, 0)->is_logon_unread);
    assert_false(computers_at(c, 1)->is_logon_unread);
}

static void sids_tell_what_they_are_to_the_domain(void **state)
{
    static const struct {
        const char *sid;
        enum sid_kind want;
    } table[] = {
        { DOMAIN "-5", SID_COMPUTER },
        { DOMAIN "-512", SID_DOMAIN },
        { "S-1-5-18", SID_WELL_KNOWN },
        { "S-1-5-32-544", SID_WELL_KNOWN },
        { "S-1-5-21-1-2-4-5", SID_FOREIGN },
        { "S-1-5-21-1-2-30-5", SID_FOREIGN },
        { DOMAIN, SID_FOREIGN },
        { DOMAIN "-", SID_FOREIGN },
        { DOMAIN "-5x", SID_FOREIGN },
        { DOMAIN "-5-5", SID_FOREIGN },
        { DOMAIN "-4294967301", SID_FOREIGN },
    };
    struct computers *c = computers_new(*state, sid(*state, 0));
    struct computer *one;

    add(c, 5, "pc.test", "PC$", 1, 0);
    assert_int_equal(computers_seal(c, NULL), OK);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (computers_by_sid(c, table[i].sid, &one) != table[i].want)
            fail_msg("%s", table[i].sid);
}

static void accounts_of_other_domains_and_broken_sids_are_passed_over(void **state)
{
    struct computers *c = computers_new(*state, sid(*state, 0));
    struct computer_facts facts = { .host = "pc.test", .account = "PC$" };

    facts.sid = sid(*state, 0);
    assert_int_equal(computers_add(c, &facts, NULL), OK);
    facts.sid = sid(*state, 77);
    ((uint8_t *)facts.sid.data)[20] = 9;
    assert_int_equal(computers_add(c, &facts, NULL), OK);
    facts.sid = sid(*state, 77);
    facts.sid.len--;
    assert_int_equal(computers_add(c, &facts, NULL), OK);
    assert_int_equal(computers_count(c), 0);
}

static void an_account_is_found_by_its_own_name_too(void **state)
{
    struct computers *c = computers_new(*state, sid(*state, 0));
    struct computer *one = NULL;
    size_t at, n;

    assert_int_equal(computers_use_domain(c, "AD.example.test", NULL), OK);
    add(c, 7, NULL, "PC7$", 1, 0);
    add(c, 8, "pc8.ad.example.test", "PC8$", 1, 0);
    add(c, 9, "other.branch.test", "PC9$", 1, 0);
    add(c, 10, NULL, "$", 1, 0);
    add(c, 11, NULL, NULL, 1, 0);
    assert_int_equal(computers_seal(c, NULL), OK);
    at = computers_find(c, "pc7.ad.example.test", &n);
    assert_int_equal(n, 1);
    assert_int_equal(computers_named(c, at)->rid, 7);
    computers_find(c, "pc8.ad.example.test", &n);
    assert_int_equal(n, 1);
    at = computers_find(c, "pc9.ad.example.test", &n);
    assert_int_equal(n, 1);
    assert_int_equal(computers_named(c, at)->rid, 9);
    computers_find(c, "other.branch.test", &n);
    assert_int_equal(n, 1);
    computers_find(c, ".ad.example.test", &n);
    assert_int_equal(n, 0);
    assert_int_equal(computers_by_sid(c, DOMAIN "-9", &one), SID_COMPUTER);
    assert_true(computer_has_name(c, one, "pc9.ad.example.test"));
    assert_true(computer_has_name(c, one, "other.branch.test"));
    assert_false(computer_has_name(c, one, ""));
}

static void an_account_without_a_sid_is_found_by_name_alone(void **state)
{
    struct computers *c = computers_new(*state, sid(*state, 0));
    struct computer_facts facts = { .host = "pc.test", .account = "PC$", .last_logon = 1 };
    struct computer *one;
    size_t at, n;

    assert_int_equal(computers_add(c, &facts, NULL), OK);
    assert_int_equal(computers_seal(c, NULL), OK);
    assert_int_equal(computers_without_sid(c), 1);
    at = computers_find(c, "pc.test", &n);
    assert_int_equal(n, 1);
    assert_true(computers_named(c, at)->is_unread);
    assert_int_equal(computers_by_sid(c, DOMAIN "-0", &one), SID_DOMAIN);
}

static void what_is_no_domain_sid_makes_no_store(void **state)
{
    struct bytes bad = sid(*state, 0);

    assert_null(computers_new(*state, (struct bytes){ NULL, 0 }));
    bad.len -= 1;
    assert_null(computers_new(*state, bad));
    bad.len += 2;
    assert_null(computers_new(*state, bad));
}

static void clusters_are_marked(void **state)
{
    struct computers *c = computers_new(*state, sid(*state, 0));
    struct computer *one;

    add(c, 5, "cl.test", "CL$", 1, 0);
    add(c, 6, "pc.test", "PC$", 1, 0);
    assert_int_equal(computers_seal(c, NULL), OK);
    computers_mark_cluster(c, sid(*state, 5));
    computers_mark_cluster(c, sid(*state, 99));
    assert_int_equal(computers_by_sid(c, DOMAIN "-5", &one), SID_COMPUTER);
    assert_true(one->is_cluster);
    assert_int_equal(computers_by_sid(c, DOMAIN "-6", &one), SID_COMPUTER);
    assert_false(one->is_cluster);
}

/* The budget: with names and accounts of usual length, in the sizes that memory really takes. */
static void a_hundred_thousand_accounts_take_at_most_32_mib(void **state)
{
    struct computers *c = computers_new(*state, sid(*state, 0));
    struct bytes raw = sid(*state, 1);
    struct computer *one;
    char host[64], account[32], text[64];
    size_t n;

    for (uint32_t i = 0; i < 100000; i++) {
        struct computer_facts facts = {
            .sid = raw, .host = host, .account = account, .last_logon = NTTIME_HOUR * 3733279
        };
        uint32_t rid = 1000 + i * 7;

        for (int k = 0; k < 4; k++)
            ((uint8_t *)raw.data)[24 + k] = (uint8_t)(rid >> (8 * k));
        snprintf(host, sizeof host, "workstation-%06u.corp.example.com", i ^ 0x5555);
        snprintf(account, sizeof account, "WORKSTATION-%06u$", i ^ 0x5555);
        assert_int_equal(computers_add(c, &facts, NULL), OK);
    }
    assert_int_equal(computers_seal(c, NULL), OK);
    assert_int_equal(computers_count(c), 100000);
    assert_true(talloc_total_size(c) <= 32 << 20);
    for (uint32_t i = 0; i < 100000; i += 997) {
        snprintf(host, sizeof host, "workstation-%06u.corp.example.com", i ^ 0x5555);
        snprintf(text, sizeof text, DOMAIN "-%u", 1000 + i * 7);
        assert_int_equal(computers_by_sid(c, text, &one), SID_COMPUTER);
        assert_string_equal(computer_host(c, one), host);
        assert_ptr_equal(computers_named(c, computers_find(c, host, &n)), one);
        assert_int_equal(n, 1);
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(accounts_are_found_by_sid_and_by_name),
        T(two_accounts_of_one_name_are_both_found),
        T(who_never_logged_on_hides_nothing),
        T(sids_tell_what_they_are_to_the_domain),
        T(accounts_of_other_domains_and_broken_sids_are_passed_over),
        T(an_account_is_found_by_its_own_name_too),
        T(an_account_without_a_sid_is_found_by_name_alone),
        T(what_is_no_domain_sid_makes_no_store),
        T(clusters_are_marked),
        T(a_hundred_thousand_accounts_take_at_most_32_mib),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
