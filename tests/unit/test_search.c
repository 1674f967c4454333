#include "tests/unit/fake_ldap.h"

#include "ldap/range.h"
#include "ldap/search.h"

#include <unistd.h>

#define VALUES(...) ((const char *const[]){ __VA_ARGS__, NULL })

struct seen {
    char names[4096];
    size_t n;
    size_t stop_after;
};

static enum err remember(const struct entry *entry, void *priv, struct error *e)
{
    struct seen *s = priv;

    if (s->n < 100)
        snprintf(s->names + strlen(s->names), sizeof s->names - strlen(s->names), "%s;", entry->dn);
    s->n++;
    return s->n == s->stop_after ? err_set(e, ERR_LIMIT, "enough") : OK;
}

static enum err run(TALLOC_CTX *mem, void (*script)(struct fake *), struct seen *seen,
                    struct error *e, int *n_requests)
{
    static const char *const attributes[] = { "a", NULL };
    struct search s = { .base = "dc=test", .attributes = attributes };
    struct fake f = { .script = script };
    enum err rc;

    fake_start(&f, mem, 2000);
    rc = search_children(f.d, &s, remember, seen, e);
    fake_stop(&f);
    if (n_requests)
        *n_requests = f.n_requests;
    return rc;
}

static void three_pages(struct fake *f)
{
    fake_read(f);
    fake_entry(f, "dc=one", "a", VALUES("1"));
    fake_entry(f, "dc=two", "a", VALUES("1"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", "more");
    fake_read(f);
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", "still more");
    fake_read(f);
    fake_entry(f, "dc=three", NULL, NULL);
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", "");
    fake_read(f);
}

static void pages_are_joined_in_order_also_across_an_empty_one(void **state)
{
    struct seen seen = { .n = 0 };
    struct error e;

    assert_int_equal(run(*state, three_pages, &seen, &e, NULL), OK);
    assert_string_equal(seen.names, "dc=one;dc=two;dc=three;");
}

static void endless_cookies(struct fake *f)
{
    while (fake_read(f))
        fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", "again");
}

static void pages_without_end_and_entries_are_given_up(void **state)
{
    struct seen seen = { .n = 0 };
    struct error e;
    int n_requests;

    assert_int_equal(run(*state, endless_cookies, &seen, &e, &n_requests), ERR_MALFORMED);
    assert_in_range(n_requests, 2, 2000);
}

static void overfull_page(struct fake *f)
{
    fake_read(f);
    for (int i = 0; i < 2500; i++)
        fake_entry(f, "dc=x", "a", VALUES("1"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", "");
    fake_read(f);
}

static void a_page_larger_than_asked_for_is_visited_whole(void **state)
{
    struct seen seen = { .n = 0 };
    struct error e;

    assert_int_equal(run(*state, overfull_page, &seen, &e, NULL), OK);
    assert_int_equal(seen.n, 2500);
}

static void references(struct fake *f)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);

    fake_read(f);
    ber_printf(ber, "{it{s}}", f->msgid, LDAP_RES_SEARCH_REFERENCE,
               "ldap://192.0.2.1/dc=elsewhere");
    fake_send(f, ber);
    fake_entry(f, "dc=one", "a", VALUES("1"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", "");
    fake_read(f);
}

static void references_to_other_servers_are_passed_over(void **state)
{
    struct seen seen = { .n = 0 };
    struct error e;

    assert_int_equal(run(*state, references, &seen, &e, NULL), OK);
    assert_string_equal(seen.names, "dc=one;");
}

static void no_paging(struct fake *f)
{
    fake_read(f);
    fake_entry(f, "dc=one", "a", VALUES("1"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
}

static void an_answer_that_does_not_say_it_is_complete_is_an_error(void **state)
{
    struct seen seen = { .n = 0 };
    struct error e;

    assert_int_equal(run(*state, no_paging, &seen, &e, NULL), ERR_MALFORMED);
}

static void size_limit(struct fake *f)
{
    fake_read(f);
    fake_entry(f, "dc=one", "a", VALUES("1"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, LDAP_SIZELIMIT_EXCEEDED, "only so many", "");
    fake_read(f);
}

static void a_size_limit_is_an_error_with_the_servers_words(void **state)
{
    struct seen seen = { .n = 0 };
    struct error e;

    assert_int_equal(run(*state, size_limit, &seen, &e, NULL), ERR_SERVER);
    assert_non_null(strstr(e.message, "only so many"));
    assert_non_null(strstr(e.message, "dc=test"));
}

static void vanishes(struct fake *f)
{
    fake_read(f);
    fake_entry(f, "dc=one", "a", VALUES("1"));
}

static void a_lost_connection_is_an_error_and_no_short_list(void **state)
{
    struct seen seen = { .n = 0 };
    struct error e;

    assert_int_equal(run(*state, vanishes, &seen, &e, NULL), ERR_UNREACHABLE);
    assert_non_null(strstr(e.message, "was lost"));
    assert_non_null(strstr(e.hint, "--server"));
}

static void nonsense(struct fake *f)
{
    ber_socket_t fd;

    fake_read(f);
    ber_sockbuf_ctrl(f->sb, LBER_SB_OPT_GET_FD, &fd);
    /* A sequence of 2^31 - 1 bytes. */
    assert_int_equal(write(fd, "\x30\x84\x7f\xff\xff\xff\x02\x01\x02", 9), 9);
    fake_read(f);
}

static void an_answer_that_claims_to_be_huge_ends_the_search(void **state)
{
    struct seen seen = { .n = 0 };
    struct error e;

    assert_int_equal(run(*state, nonsense, &seen, &e, NULL), ERR_UNREACHABLE);
}

static void half_answer(struct fake *f)
{
    ber_socket_t fd;

    fake_read(f);
    ber_sockbuf_ctrl(f->sb, LBER_SB_OPT_GET_FD, &fd);
    assert_int_equal(write(fd, "\x30\x20\x02\x01", 4), 4);
    fake_read(f);
}

static void half_an_answer_is_a_timeout_and_does_not_hang(void **state)
{
    static const char *const attributes[] = { "a", NULL };
    struct search s = { .base = "dc=test", .attributes = attributes };
    struct fake f = { .script = half_answer };
    struct entry *entry;
    struct error e;

    fake_start(&f, *state, 100);
    assert_int_equal(search_object(*state, f.d, &s, &entry, &e), ERR_TIMEOUT);
    fake_stop(&f);
}

static void thinks_first(struct fake *f)
{
    fake_read(f);
    usleep(1000 * 1000);
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", "");
    fake_read(f);
}

static void a_timeout_that_was_given_holds_for_a_long_search_too(void **state)
{
    static const char *const attributes[] = { "a", NULL };
    struct search s = { .base = "dc=test", .attributes = attributes, .first_answer_ms = 60000 };

    for (int is_held = 0; is_held < 2; is_held++) {
        struct fake f = { .script = thinks_first };
        struct seen seen = { 0 };
        struct error e;

        fake_start(&f, *state, 100);
        if (is_held)
            directory_hold_timeout(f.d);
        assert_int_equal(search_children(f.d, &s, remember, &seen, &e), is_held ? ERR_TIMEOUT : OK);
        fake_stop(&f);
    }
}

static void an_error_of_the_visitor_ends_the_search(void **state)
{
    struct seen seen = { .stop_after = 1 };
    struct error e;

    assert_int_equal(run(*state, three_pages, &seen, &e, NULL), ERR_LIMIT);
    assert_string_equal(seen.names, "dc=one;");
    assert_string_equal(e.message, "enough");
}

static void closes_at_once(struct fake *f) { (void)f; }

static void nothing_is_asked_of_another_connection_after_a_loss(void **state)
{
    static const char *const attributes[] = { "a", NULL };
    struct search s = { .base = "dc=test", .attributes = attributes };
    struct fake f = { .script = closes_at_once };
    struct entry *entry;
    struct error e;

    fake_start(&f, *state, 2000);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(search_object(*state, f.d, &s, &entry, &e), ERR_UNREACHABLE);
        assert_non_null(strstr(e.message, "lost"));
    }
    fake_stop(&f);
}

static void one_object(struct fake *f)
{
    fake_read(f);
    fake_entry(f, "DC=PC17,dc=test", "a", VALUES("1", "2"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
    fake_result(f, LDAP_RES_SEARCH_RESULT, LDAP_NO_SUCH_OBJECT, "0000208D", NULL);
    fake_read(f);
}

static void an_object_outlives_its_message_and_a_missing_one_is_not_found(void **state)
{
    static const char *const attributes[] = { "a", NULL };
    struct search s = { .base = "dc=test", .attributes = attributes };
    struct fake f = { .script = one_object };
    struct entry *entry = NULL, *missing = NULL;
    struct error e;

    fake_start(&f, *state, 2000);
    assert_int_equal(search_object(*state, f.d, &s, &entry, &e), OK);
    assert_int_equal(search_object(*state, f.d, &s, &missing, &e), ERR_NOTFOUND);
    fake_stop(&f);
    assert_null(missing);
    assert_string_equal(entry->dn, "DC=PC17,dc=test");
    assert_int_equal(entry_attribute(entry, "A")->n_values, 2);
    assert_string_equal(entry_string(*state, entry, "a"), "1");
}

static void ranges(struct fake *f)
{
    fake_read(f);
    fake_entry(f, "dc=x", "a;range=0-1", VALUES("0", "1"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
    fake_entry(f, "dc=x", "A;Range=2-3", VALUES("2", "3"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
    fake_entry(f, "dc=x", "a;range=4-*", VALUES("4"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
}

static void gap(struct fake *f)
{
    fake_read(f);
    fake_entry(f, "dc=x", "a;range=0-1", VALUES("0", "1"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
    fake_entry(f, "dc=x", "a;range=3-*", VALUES("3"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
}

static void stops_short(struct fake *f)
{
    fake_read(f);
    fake_entry(f, "dc=x", "a;range=0-1", VALUES("0", "1"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
    fake_entry(f, "dc=x", NULL, NULL);
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
}

static void fewer_than_said(struct fake *f)
{
    fake_read(f);
    fake_entry(f, "dc=x", "a;range=0-2", VALUES("0", "1"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
}

static enum err read_values(TALLOC_CTX *mem, void (*script)(struct fake *), struct bytes **values,
                            size_t *n)
{
    static const char *const attributes[] = { "a", NULL };
    struct search s = { .base = "dc=x", .attributes = attributes };
    struct fake f = { .script = script };
    struct entry *entry;
    struct error e;
    enum err rc;

    fake_start(&f, mem, 2000);
    assert_int_equal(search_object(mem, f.d, &s, &entry, &e), OK);
    rc = entry_values(mem, f.d, entry, "a", values, n, &e);
    fake_stop(&f);
    return rc;
}

static void ranges_are_read_to_the_end(void **state)
{
    struct bytes *values;
    size_t n = 0;

    assert_int_equal(read_values(*state, ranges, &values, &n), OK);
    assert_int_equal(n, 5);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(values[i].len, 1);
        assert_int_equal(values[i].data[0], '0' + i);
    }
}

static void ranges_that_do_not_join_are_an_error(void **state)
{
    struct bytes *values = NULL;
    size_t n = 77;

    assert_int_equal(read_values(*state, gap, &values, &n), ERR_MALFORMED);
    assert_int_equal(read_values(*state, stops_short, &values, &n), ERR_MALFORMED);
    assert_int_equal(read_values(*state, fewer_than_said, &values, &n), ERR_MALFORMED);
    assert_null(values);
    assert_int_equal(n, 77);
}

static void range_names_are_parsed_strictly(void **state)
{
    static const char *const bad[] = { "dnsRecord",
                                       "dnsRecord;range=",
                                       "dnsRecord;range=0-",
                                       "dnsRecord;range=0-1x",
                                       "dnsRecord;range=5-4",
                                       "dnsRecord;range=-1-2",
                                       "dnsRecord;range=0-4294967296",
                                       "dnsRecords;range=0-1",
                                       "dnsRecord;binary" };
    struct value_range r = { .first = 77 };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(range_parse(bad[i], "dnsRecord", &r));
    assert_int_equal(r.first, 77);
    assert_true(range_parse("DNSRECORD;RANGE=1500-2999", "dnsRecord", &r));
    assert_int_equal(r.first, 1500);
    assert_int_equal(r.last, 2999);
    assert_false(r.is_final);
    assert_true(range_parse("dnsRecord;range=3000-*", "dnsRecord", &r));
    assert_true(r.is_final);
}

static void root_of_a_samba_dc(struct fake *f)
{
    static const char *const pairs[][2] = {
        { "namingContexts", "DC=ad,DC=example,DC=test" },
        { "defaultNamingContext", "DC=ad,DC=example,DC=test" },
        { "rootDomainNamingContext", "DC=example,DC=test" },
        { "dnsHostName", "dc1.example.test" },
        { "vendorName", "Samba Team (https://www.samba.org)" },
    };
    BerElement *ber = ber_alloc_t(LBER_USE_DER);

    fake_read(f);
    ber_printf(ber, "{it{s{", f->msgid, LDAP_RES_SEARCH_ENTRY, "");
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        ber_printf(ber, "{s[s]}", pairs[i][0], pairs[i][1]);
    ber_printf(ber, "}}}");
    fake_send(f, ber);
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
}

static void root_of_another_directory(struct fake *f)
{
    fake_read(f);
    fake_entry(f, "", "namingContexts", VALUES("dc=example"));
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
}

static void a_domain_controller_is_told_from_another_directory(void **state)
{
    struct fake dc = { .script = root_of_a_samba_dc },
                other = { .script = root_of_another_directory };
    struct error e;

    fake_start(&dc, *state, 2000);
    assert_int_equal(directory_read_root(dc.d, &e), OK);
    assert_true(directory_is_samba(dc.d));
    assert_string_equal(directory_domain_dn(dc.d), "DC=ad,DC=example,DC=test");
    assert_string_equal(directory_forest_dn(dc.d), "DC=example,DC=test");
    assert_string_equal(directory_naming_contexts(dc.d)[0], "DC=ad,DC=example,DC=test");
    assert_null(directory_naming_contexts(dc.d)[1]);
    fake_stop(&dc);
    fake_start(&other, *state, 2000);
    assert_int_equal(directory_read_root(other.d, &e), ERR_SERVER);
    fake_stop(&other);
}

/* The scope that the request read last asks for (RFC 4511 section 4.5.1). */
static void note_scope(struct fake *f)
{
    ber_int_t scope = -1;
    struct berval base;

    fake_read(f);
    if (ber_scanf(f->request, "{me", &base, &scope) != LBER_ERROR)
        ((int *)f->priv)[0] = (int)scope;
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", "");
    fake_read(f);
}

static void a_search_goes_one_level_deep_or_through_the_whole_tree(void **state)
{
    static const char *const attributes[] = { "a", NULL };
    struct search s = { .base = "dc=test", .attributes = attributes };
    struct seen seen = { .n = 0 };
    int scope = -1;

    for (int i = 0; i < 2; i++) {
        struct fake f = { .script = note_scope, .priv = &scope };

        s.is_subtree = i == 1;
        fake_start(&f, *state, 2000);
        assert_int_equal(search_children(f.d, &s, remember, &seen, NULL), OK);
        fake_stop(&f);
        assert_int_equal(scope, i == 1 ? LDAP_SCOPE_SUBTREE : LDAP_SCOPE_ONELEVEL);
    }
}

/* Is there a control on the request read last?  The only one used here is that of pages. */
static bool is_paged(struct fake *f)
{
    ber_len_t len;

    return ber_scanf(f->request, "x") != LBER_ERROR &&
           ber_peek_tag(f->request, &len) == LDAP_TAG_CONTROLS;
}

struct samba {
    int code;      /* of the search without pages */
    int n_before;  /* entries before it */
    bool paged[3]; /* the requests after the rootDSE */
    int n_requests;
};

static void note_request(struct fake *f)
{
    struct samba *s = f->priv;

    if (fake_read(f) && s->n_requests < 3)
        s->paged[s->n_requests++] = is_paged(f);
}

static void send_numbered(struct fake *f, int n)
{
    char dn[32];

    for (int i = 0; i < n; i++) {
        snprintf(dn, sizeof dn, "dc=%d", i);
        fake_entry(f, dn, "a", VALUES("1"));
    }
}

static void samba_answers(struct fake *f)
{
    struct samba *s = f->priv;

    fake_read(f);
    fake_root(f, "Samba Team (https://www.samba.org)");
    note_request(f);
    send_numbered(f, s->n_before);
    fake_result(f, LDAP_RES_SEARCH_RESULT, s->code, "", NULL);
    note_request(f);
    send_numbered(f, s->n_before + 2);
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", "");
    fake_read(f);
}

static enum err run_samba(TALLOC_CTX *mem, struct samba *samba, struct seen *seen, struct error *e)
{
    static const char *const attributes[] = { "a", NULL };
    struct search s = { .base = "dc=test", .attributes = attributes };
    struct fake f = { .script = samba_answers, .priv = samba };
    enum err rc;

    fake_start(&f, mem, 2000);
    assert_int_equal(directory_read_root(f.d, e), OK);
    rc = search_children(f.d, &s, remember, seen, e);
    fake_stop(&f);
    return rc;
}

static void samba_is_asked_for_all_at_once(void **state)
{
    struct samba samba = { .n_before = 2500 };
    struct seen seen = { .n = 0 };
    struct error e;

    assert_int_equal(run_samba(*state, &samba, &seen, &e), OK);
    assert_int_equal(seen.n, 2500);
    assert_false(samba.paged[0]);
    assert_int_equal(samba.n_requests, 1);
}

static void what_samba_leaves_out_of_one_answer_is_read_in_pages_and_nothing_twice(void **state)
{
    static const int limits[] = { LDAP_SIZELIMIT_EXCEEDED, LDAP_ADMINLIMIT_EXCEEDED,
                                  LDAP_TIMELIMIT_EXCEEDED };

    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct samba samba = { .code = limits[i], .n_before = i == 0 ? 1500 : 3 };
        struct seen seen = { .n = 0 };
        struct error e;

        assert_int_equal(run_samba(*state, &samba, &seen, &e), OK);
        assert_int_equal(seen.n, samba.n_before + 2);
        assert_int_equal(samba.n_requests, 2);
        assert_true(samba.paged[1]);
    }
}

static void another_error_of_samba_is_one(void **state)
{
    struct samba samba = { .code = LDAP_OPERATIONS_ERROR, .n_before = 3 };
    struct seen seen = { .n = 0 };
    struct error e;

    assert_int_equal(run_samba(*state, &samba, &seen, &e), ERR_SERVER);
    assert_int_equal(samba.n_requests, 1);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages_are_joined_in_order_also_across_an_empty_one),
        TEST(a_search_goes_one_level_deep_or_through_the_whole_tree),
        TEST(pages_without_end_and_entries_are_given_up),
        TEST(a_page_larger_than_asked_for_is_visited_whole),
        TEST(references_to_other_servers_are_passed_over),
        TEST(an_answer_that_does_not_say_it_is_complete_is_an_error),
        TEST(a_size_limit_is_an_error_with_the_servers_words),
        TEST(a_lost_connection_is_an_error_and_no_short_list),
        TEST(an_answer_that_claims_to_be_huge_ends_the_search),
        TEST(half_an_answer_is_a_timeout_and_does_not_hang),
        TEST(a_timeout_that_was_given_holds_for_a_long_search_too),
        TEST(an_error_of_the_visitor_ends_the_search),
        TEST(nothing_is_asked_of_another_connection_after_a_loss),
        TEST(an_object_outlives_its_message_and_a_missing_one_is_not_found),
        TEST(ranges_are_read_to_the_end),
        TEST(ranges_that_do_not_join_are_an_error),
        TEST(range_names_are_parsed_strictly),
        TEST(a_domain_controller_is_told_from_another_directory),
        TEST(samba_is_asked_for_all_at_once),
        TEST(what_samba_leaves_out_of_one_answer_is_read_in_pages_and_nothing_twice),
        TEST(another_error_of_samba_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
