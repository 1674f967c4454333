#include "tests/unit/fake_ldap.h"

#include "ldap/nodes.h"

#define DN "DC=pc17,DC=ad.example.test,CN=MicrosoftDNS,DC=DomainDnsZones,DC=test"

struct heard {
    char text[1024];
};

/* "DELETE dnsRecord a b; ADD …", as it came over the wire. */
static void hear(struct fake *f, struct heard *h)
{
    static const char *const ops[] = { "ADD", "DELETE", "REPLACE" };
    char *dn = NULL, *cookie;
    ber_len_t len;

    ber_scanf(f->request, "{a", &dn);
    snprintf(h->text, sizeof h->text, "%s", dn);
    ber_memfree(dn);
    for (ber_tag_t t = ber_first_element(f->request, &len, &cookie); t != LBER_DEFAULT;
         t = ber_next_element(f->request, &len, cookie)) {
        struct berval type;
        ber_int_t op = 0;
        char **values = NULL;
        size_t at = strlen(h->text);

        if (ber_scanf(f->request, "{e{m[v]}}", &op, &type, &values) == LBER_ERROR)
            return;
        at += (size_t)snprintf(h->text + at, sizeof h->text - at, "; %s %.*s", ops[op % 3],
                               (int)type.bv_len, type.bv_val);
        for (size_t i = 0; values && values[i]; i++)
            at += (size_t)snprintf(h->text + at, sizeof h->text - at, " %s", values[i]);
        ber_memvfree((void **)values);
    }
}

static void accepts(struct fake *f)
{
    fake_read(f);
    hear(f, f->priv);
    fake_result(f, LDAP_RES_MODIFY, 0, "", NULL);
    fake_read(f);
}

static void answers_code(struct fake *f)
{
    fake_read(f);
    fake_result(f, LDAP_RES_MODIFY, *(int *)f->priv, "words of the server", NULL);
    fake_read(f);
}

static void says_nothing(struct fake *f)
{
    fake_read(f);
    fake_read(f);
}

static void vanishes(struct fake *f) { fake_read(f); }

static enum err swap(TALLOC_CTX *mem, void (*script)(struct fake *), void *priv, bool is_tombstoned,
                     size_t n_old, size_t n_new, struct error *e)
{
    static const struct bytes old[] = { { (const uint8_t *)"one", 3 },
                                        { (const uint8_t *)"two", 3 } };
    static const struct bytes new[] = { { (const uint8_t *)"two", 3 } };
    struct node_change change = { DN, old, n_old, new, n_new, is_tombstoned };
    struct fake f = { .script = script, .priv = priv };
    enum err rc;

    fake_start(&f, mem, script == says_nothing ? 100 : 2000);
    rc = node_swap(f.d, &change, e);
    fake_stop(&f);
    return rc;
}

static void one_modify_deletes_the_old_adds_the_new_and_marks_the_node(void **state)
{
    struct heard h = { "" };
    struct error e;

    assert_int_equal(swap(*state, accepts, &h, true, 2, 1, &e), OK);
    assert_string_equal(
        h.text, DN "; DELETE dnsRecord one two; ADD dnsRecord two; REPLACE dNSTombstoned TRUE");
}

static void a_node_without_values_is_given_some_without_deleting(void **state)
{
    struct heard h = { "" };
    struct error e;

    assert_int_equal(swap(*state, accepts, &h, false, 0, 1, &e), OK);
    assert_string_equal(h.text, DN "; ADD dnsRecord two; REPLACE dNSTombstoned FALSE");
}

static void all_values_may_go(void **state)
{
    struct heard h = { "" };
    struct error e;

    assert_int_equal(swap(*state, accepts, &h, false, 1, 0, &e), OK);
    assert_string_equal(h.text, DN "; DELETE dnsRecord one; REPLACE dNSTombstoned FALSE");
}

static void refusals_are_told_apart(void **state)
{
    static const struct {
        int code;
        enum err err;
    } cases[] = {
        { LDAP_NO_SUCH_ATTRIBUTE, ERR_CHANGED },
        { LDAP_TYPE_OR_VALUE_EXISTS, ERR_CHANGED },
        { LDAP_NO_SUCH_OBJECT, ERR_NOTFOUND },
        { LDAP_INSUFFICIENT_ACCESS, ERR_DENIED },
        { LDAP_UNWILLING_TO_PERFORM, ERR_SERVER },
        { LDAP_BUSY, ERR_SERVER },
        { LDAP_REFERRAL, ERR_SERVER },
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int code = cases[i].code;
        struct error e;

        assert_int_equal(swap(*state, answers_code, &code, true, 2, 1, &e), cases[i].err);
        assert_int_equal(e.code, cases[i].err);
        assert_non_null(strstr(e.message, DN));
    }
}

static void without_an_answer_the_outcome_is_unknown(void **state)
{
    struct error e;

    assert_int_equal(swap(*state, says_nothing, NULL, true, 2, 1, &e), ERR_UNREACHABLE);
    assert_non_null(strstr(e.message, "outcome is unknown"));
    assert_int_equal(swap(*state, vanishes, NULL, true, 2, 1, &e), ERR_UNREACHABLE);
    assert_non_null(strstr(e.message, "outcome is unknown"));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_modify_deletes_the_old_adds_the_new_and_marks_the_node),
        TEST(a_node_without_values_is_given_some_without_deleting),
        TEST(all_values_may_go),
        TEST(refusals_are_told_apart),
        TEST(without_an_answer_the_outcome_is_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
