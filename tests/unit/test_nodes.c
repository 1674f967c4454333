#include "tests/unit/fake_ldap.h"

#include "ldap/nodes.h"

#define ZONE "DC=ad.test,CN=MicrosoftDNS,DC=DomainDnsZones,DC=ad,DC=test"

static const struct dns_zone zone = { .name = "ad.test", .dn = ZONE };

/* An SOA with serial 110 and names "a." and "b.c.", and an A record. */
static const char soa[] = "20000600 05f00000 6e000000 000004b0 00000000 00000000"
                          "0000006e 00000384 00000258 00015180 00000e10 03010161 00 05020162016300";
static const char address[] = "04000100 05f00000 6e000000 000004b0 00000000 1ff73800 0a350065";
static const char system_sid[] =
    "01000080 14000000 00000000 00000000 00000000 010100000000000512000000";

struct value {
    const char *attribute;
    const char *hex; /* or */
    const char *text;
};

static void send_node(struct fake *f, TALLOC_CTX *mem, const char *dn, const struct value *v)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);

    ber_printf(ber, "{it{s{", f->msgid, LDAP_RES_SEARCH_ENTRY, dn);
    for (; v->attribute; v++) {
        struct bytes raw = v->hex ? unhex(mem, v->hex)
                                  : (struct bytes){ (const uint8_t *)v->text, strlen(v->text) };

        ber_printf(ber, "{s[o]}", v->attribute, (const char *)raw.data, (ber_len_t)raw.len);
    }
    ber_printf(ber, "}}}");
    fake_send(f, ber);
}

/* Has the request these bytes in it? */
static bool asked_for(struct fake *f, const char *bytes, size_t len)
{
    BerElement *copy = ber_dup(f->request);
    ber_len_t n = 0;
    char *all;
    bool has;

    ber_get_option(copy, LBER_OPT_BER_REMAINING_BYTES, &n);
    all = talloc_size(NULL, n);
    has = all && ber_read(copy, all, n) == (ber_slen_t)n && memmem(all, n, bytes, len) != NULL;
    talloc_free(all);
    ber_free(copy, 0);
    return has;
}

struct asked {
    bool has_owner_control; /* LDAP_SERVER_SD_FLAGS_OID */
    bool has_name;
    bool leaves_tombstones_out;
};

static void several_nodes(struct fake *f)
{
    TALLOC_CTX *mem = talloc_new(NULL);
    struct asked *a = f->priv;

    fake_read(f);
    a->has_name = asked_for(f, "pc17", 4);
    a->has_owner_control = asked_for(f, "1.2.840.113556.1.4.801", 22);
    a->leaves_tombstones_out = asked_for(f, "dNSTombstoned\x04\x04TRUE", 19);
    send_node(f, mem, "DC=PC17," ZONE,
              (struct value[]){ { "dnsRecord", address, NULL },
                                { "nTSecurityDescriptor", system_sid, NULL },
                                { "dNSTombstoned", NULL, "FALSE" },
                                { 0 } });
    send_node(f, mem, "DC=gone," ZONE,
              (struct value[]){ { "dNSTombstoned", NULL, "TRUE" },
                                { "nTSecurityDescriptor", "0102", NULL },
                                { 0 } });
    send_node(f, mem, "DC=pc17\\0ACNF:5e8422fc-a16e-4185-993c-b21e674a9635," ZONE,
              (struct value[]){ { "dnsRecord", address, NULL }, { 0 } });
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", "");
    fake_read(f);
    talloc_free(mem);
}

static enum err describe(const struct dns_node *node, void *priv, struct error *e)
{
    char *text = priv;

    (void)e;
    sprintf(text + strlen(text), "%s %zu%s%s %s;", node->name, node->n_values,
            node->is_tombstoned ? " tombstoned" : "", node->is_conflict ? " conflict" : "",
            node->owner_sid ? node->owner_sid : "-");
    return OK;
}

static void nodes_are_handed_out_with_what_is_known_of_them(void **state)
{
    struct asked a = { 0 };
    struct fake f = { .script = several_nodes, .priv = &a };
    struct node_filter filter = { .with_owner = true, .with_tombstones = true };
    char text[1024] = "";
    struct error e;

    fake_start(&f, *state, 2000);
    assert_int_equal(nodes_walk(f.d, &zone, &filter, describe, text, &e), OK);
    fake_stop(&f);
    assert_string_equal(text, "pc17 1 S-1-5-18;gone 0 tombstoned -;"
                              "pc17\\010cnf:5e8422fc-a16e-4185-993c-b21e674a9635 1 conflict -;");
    assert_true(a.has_owner_control);
    assert_false(a.leaves_tombstones_out);
    assert_false(a.has_name);
}

static void a_name_and_living_nodes_only_are_asked_for_where_wanted(void **state)
{
    struct asked a = { 0 };
    struct fake f = { .script = several_nodes, .priv = &a };
    struct node_filter filter = { .name = "pc17" };
    char text[1024] = "";
    struct error e;

    fake_start(&f, *state, 2000);
    assert_int_equal(nodes_walk(f.d, &zone, &filter, describe, text, &e), OK);
    fake_stop(&f);
    assert_false(a.has_owner_control);
    assert_true(a.has_name);
    assert_true(a.leaves_tombstones_out);
}

static void nothing(struct fake *f)
{
    while (fake_read(f))
        ;
}

static void a_name_with_a_bad_escape_is_refused_before_anything_is_asked(void **state)
{
    struct fake f = { .script = nothing };
    struct node_filter filter = { .name = "a\\9" };
    char text[16] = "";
    struct error e;

    fake_start(&f, *state, 2000);
    assert_int_equal(nodes_walk(f.d, &zone, &filter, describe, text, &e), ERR_USAGE);
    fake_stop(&f);
    assert_int_equal(f.n_requests, 1); /* the unbind */
}

static void apex_with_soa(struct fake *f)
{
    TALLOC_CTX *mem = talloc_new(NULL);

    fake_read(f);
    send_node(f, mem, "DC=@," ZONE, (struct value[]){ { "dnsRecord", soa, NULL }, { 0 } });
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
    talloc_free(mem);
}

static void apex_without_soa(struct fake *f)
{
    TALLOC_CTX *mem = talloc_new(NULL);

    fake_read(f);
    send_node(f, mem, "DC=@," ZONE, (struct value[]){ { "dnsRecord", address, NULL }, { 0 } });
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
    fake_read(f);
    talloc_free(mem);
}

static void the_serial_is_that_of_the_soa_record(void **state)
{
    struct fake with = { .script = apex_with_soa }, without = { .script = apex_without_soa };
    uint32_t serial = 77;
    struct error e;

    fake_start(&without, *state, 2000);
    assert_int_equal(zone_serial(without.d, &zone, &serial, &e), ERR_NOTFOUND);
    assert_int_equal(serial, 77);
    fake_stop(&without);
    fake_start(&with, *state, 2000);
    assert_int_equal(zone_serial(with.d, &zone, &serial, &e), OK);
    assert_int_equal(serial, 110);
    fake_stop(&with);
}

static void a_node_read_again_stands_on_its_own(void **state)
{
    struct fake f = { .script = apex_with_soa };
    struct dns_node *node;
    struct error e;

    fake_start(&f, *state, 2000);
    assert_int_equal(node_read(*state, f.d, "DC=@," ZONE, &node, &e), OK);
    fake_stop(&f);
    assert_string_equal(node->dn, "DC=@," ZONE);
    assert_string_equal(node->name, "@");
    assert_int_equal(node->n_values, 1);
    assert_bytes_equal(node->values[0], unhex(*state, soa));
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nodes_are_handed_out_with_what_is_known_of_them),
        TEST(a_name_and_living_nodes_only_are_asked_for_where_wanted),
        TEST(a_name_with_a_bad_escape_is_refused_before_anything_is_asked),
        TEST(the_serial_is_that_of_the_soa_record),
        TEST(a_node_read_again_stands_on_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
