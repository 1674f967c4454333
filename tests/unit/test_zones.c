#include "tests/unit/fake_ldap.h"

#include "ldap/zones.h"

#define DOMAIN "CN=MicrosoftDNS,DC=DomainDnsZones,DC=ad,DC=test"
#define FOREST "CN=MicrosoftDNS,DC=ForestDnsZones,DC=ad,DC=test"
#define SYSTEM "CN=MicrosoftDNS,CN=System,DC=ad,DC=test"
#define CUSTOM "CN=MicrosoftDNS,DC=Sales,DC=ad,DC=test"

#define VALUES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* What is below a container; a container without entries does not exist. */
struct forest {
    const char *container;
    const char *const *rdns;
};

struct asked {
    const struct forest *forest;
    char bases[1024];
};

static void answer_root(struct fake *f)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);

    ber_printf(ber, "{it{s{", f->msgid, LDAP_RES_SEARCH_ENTRY, "");
    ber_printf(ber, "{s[sssss]}", "namingContexts", "DC=ad,DC=test",
               "CN=Configuration,DC=ad,DC=test", "DC=DomainDnsZones,DC=ad,DC=test",
               "DC=ForestDnsZones,DC=ad,DC=test", "DC=Sales,DC=ad,DC=test");
    ber_printf(ber, "{s[s]}{s[s]}{s[s]}", "defaultNamingContext", "DC=ad,DC=test",
               "rootDomainNamingContext", "DC=ad,DC=test", "dnsHostName", "dc1.example.test");
    ber_printf(ber, "}}}");
    fake_send(f, ber);
    fake_result(f, LDAP_RES_SEARCH_RESULT, 0, "", NULL);
}

static void answer_zones(struct fake *f)
{
    struct asked *a = f->priv;
    const struct forest *found = NULL;
    char *base = NULL;
    size_t at = strlen(a->bases);

    ber_scanf(f->request, "{a", &base);
    snprintf(a->bases + at, sizeof a->bases - at, "%s;", base);
    for (const struct forest *p = a->forest; p->container; p++) {
        if (strcmp(p->container, base) == 0)
            found = p;
    }
    for (size_t i = 0; found && found->rdns[i]; i++) {
        char dn[256];

        snprintf(dn, sizeof dn, "%s,%s", found->rdns[i], base);
        fake_entry(f, dn, NULL, NULL);
    }
    fake_result(f, LDAP_RES_SEARCH_RESULT, found ? LDAP_SUCCESS : LDAP_NO_SUCH_OBJECT, "", "");
    ber_memfree(base);
}

static void serve(struct fake *f)
{
    if (fake_read(f))
        answer_root(f);
    while (fake_read(f))
        answer_zones(f);
}

static const struct forest usual[] = {
    { DOMAIN, VALUES("DC=ad.test", "DC=RootDNSServers", "DC=..TrustAnchors",
                     "DC=..InProgress-x.test", "DC=..Deleted-y.test", "DC=2.0.192.IN-ADDR.arpa",
                     "DC=ad.test\\0ACNF:5e8422fc-a16e-4185-993c-b21e674a9635") },
    { FOREST, VALUES("DC=_msdcs.AD.test") },
    { CUSTOM, VALUES("DC=sales.test") },
    { NULL, NULL },
};

static const struct forest twice[] = {
    { DOMAIN, VALUES("DC=ad.test") },
    { SYSTEM, VALUES("DC=AD.test") },
    { NULL, NULL },
};

static void start(struct fake *f, TALLOC_CTX *mem)
{
    struct error e;

    fake_start(f, mem, 2000);
    assert_int_equal(directory_read_root(f->d, &e), OK);
}

static void zones_of_every_partition_are_listed_by_name(void **state)
{
    struct asked a = { .forest = usual };
    struct fake f = { .script = serve, .priv = &a };
    struct dns_zone *zones;
    struct error e;
    size_t n;

    start(&f, *state);
    assert_int_equal(zones_list(*state, f.d, &zones, &n, &e), OK);
    fake_stop(&f);
    assert_int_equal(n, 4);
    assert_string_equal(zones[0].name, "2.0.192.in-addr.arpa");
    assert_string_equal(zones[1].name, "_msdcs.ad.test");
    assert_string_equal(zones[1].partition, "ForestDnsZones");
    assert_string_equal(zones[1].dn, "DC=_msdcs.AD.test," FOREST);
    assert_string_equal(zones[2].name, "ad.test");
    assert_string_equal(zones[2].partition, "DomainDnsZones");
    assert_string_equal(zones[3].name, "sales.test");
    assert_string_equal(zones[3].partition, "DC=Sales,DC=ad,DC=test");
    assert_null(strstr(a.bases, "Configuration"));
    assert_non_null(strstr(a.bases, SYSTEM));
}

static void a_zone_is_found_whatever_its_case_and_final_dot(void **state)
{
    struct asked a = { .forest = usual };
    struct fake f = { .script = serve, .priv = &a };
    struct dns_zone *zone;
    struct error e;

    start(&f, *state);
    assert_int_equal(zone_find(*state, f.d, "AD.Test.", &zone, &e), OK);
    fake_stop(&f);
    assert_string_equal(zone->name, "ad.test");
    assert_string_equal(zone->dn, "DC=ad.test," DOMAIN);
}

static void an_unknown_zone_is_reported_with_near_names(void **state)
{
    struct asked a = { .forest = usual };
    struct fake f = { .script = serve, .priv = &a };
    struct dns_zone *zone = NULL;
    struct error e;

    start(&f, *state);
    assert_int_equal(zone_find(*state, f.d, "slaes.test", &zone, &e), ERR_NOTFOUND);
    assert_non_null(strstr(e.hint, "sales.test"));
    assert_null(strstr(e.hint, "in-addr"));
    assert_int_equal(zone_find(*state, f.d, "host1.ad.test", &zone, &e), ERR_NOTFOUND);
    assert_non_null(strstr(e.hint, "ad.test"));
    assert_int_equal(zone_find(*state, f.d, "nothing-like-it.example", &zone, &e), ERR_NOTFOUND);
    assert_non_null(strstr(e.hint, "muster zones"));
    fake_stop(&f);
    assert_null(zone);
}

/* What a zone's object says of its last change. */
struct history {
    const char *rdn;
    const char *meta; /* hex; NULL: none */
    const char *changed;
};

static const struct history histories[] = {
    { "DC=both.test",
      "0100000000000000 0100000000000000 1a050900 05000000 7fa9132103000000"
      "850b8783c97e804e87db43890d71d153 bc0f000000000000 bc0f000000000000",
      "20261122200000.0Z" },
    { "DC=broken.test", "0100", "20261122200000.0Z" },
    { "DC=later.test", NULL, "20261122200000.0Z" },
    { "DC=never.test", "0100000000000000 0000000000000000", NULL },
    { "DC=silent.test", NULL, NULL },
    { "DC=strange.test", NULL, "yesterday" },
};

static void answer_history(struct fake *f, const struct history *h)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct bytes meta = unhex(tmp, h->meta ? h->meta : "");
    char dn[256];

    snprintf(dn, sizeof dn, "%s,%s", h->rdn, DOMAIN);
    ber_printf(ber, "{it{s{", f->msgid, LDAP_RES_SEARCH_ENTRY, dn);
    if (h->meta)
        ber_printf(ber, "{s[o]}", "replPropertyMetaData", meta.data, (ber_len_t)meta.len);
    if (h->changed)
        ber_printf(ber, "{s[s]}", "whenChanged", h->changed);
    ber_printf(ber, "}}}");
    fake_send(f, ber);
    talloc_free(tmp);
}

static void serve_histories(struct fake *f)
{
    if (fake_read(f))
        answer_root(f);
    while (fake_read(f)) {
        char *base = NULL;
        bool is_domain;

        ber_scanf(f->request, "{a", &base);
        is_domain = strcmp(base, DOMAIN) == 0;
        for (size_t i = 0; is_domain && i < sizeof histories / sizeof histories[0]; i++)
            answer_history(f, &histories[i]);
        fake_result(f, LDAP_RES_SEARCH_RESULT, is_domain ? LDAP_SUCCESS : LDAP_NO_SUCH_OBJECT, "",
                    "");
        ber_memfree(base);
    }
}

static void when_the_settings_changed_is_read_from_what_says_so_best(void **state)
{
    static const struct zone_change want[] = {
        { ZONE_CHANGE_EXACT, 1795364991, 5 },
        { ZONE_CHANGE_AT_LATEST, 1795377600, 0 },
        { ZONE_CHANGE_AT_LATEST, 1795377600, 0 },
        { ZONE_CHANGE_EXACT, 0, 0 },
        { ZONE_CHANGE_UNREAD, 0, 0 },
        { ZONE_CHANGE_UNREAD, 0, 0 },
    };
    struct fake f = { .script = serve_histories };
    struct dns_zone *zones;
    struct error e;
    size_t n;

    start(&f, *state);
    assert_int_equal(zones_list(*state, f.d, &zones, &n, &e), OK);
    fake_stop(&f);
    assert_int_equal(n, 6);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(zones[i].change.source, want[i].source);
        assert_int_equal(zones[i].change.at, want[i].at);
        assert_int_equal(zones[i].change.version, want[i].version);
    }
}

static void a_zone_in_two_partitions_is_a_conflict(void **state)
{
    struct asked a = { .forest = twice };
    struct fake f = { .script = serve, .priv = &a };
    struct dns_zone *zone = NULL;
    struct error e;

    start(&f, *state);
    assert_int_equal(zone_find(*state, f.d, "ad.test", &zone, &e), ERR_CONFLICT);
    fake_stop(&f);
    assert_non_null(strstr(e.message, "System"));
    assert_non_null(strstr(e.message, "DomainDnsZones"));
    assert_null(zone);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(zones_of_every_partition_are_listed_by_name),
        TEST(a_zone_is_found_whatever_its_case_and_final_dot),
        TEST(an_unknown_zone_is_reported_with_near_names),
        TEST(when_the_settings_changed_is_read_from_what_says_so_best),
        TEST(a_zone_in_two_partitions_is_a_conflict),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
