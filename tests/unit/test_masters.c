#include "tests/unit/fake_ldap.h"

#include <string.h>

#include "ldap/masters.h"

#define SITES "CN=Sites,CN=Configuration,DC=test"
#define SERVERS "CN=Servers,CN=Site," SITES
#define SERVER(name) "CN=" name "," SERVERS
#define SETTINGS "CN=NTDS Settings,"

/* What a controller's NTDS Settings object is to the reader. */
enum settings {
    READABLE,
    READ_ONLY,
    INVISIBLE, /* or not there */
    REFUSED,
};

static const struct dc {
    const char *dn;
    enum settings settings;
    bool is_named;       /* by the naming context, as one of its masters */
    const char *control; /* userAccountControl; NULL: the account cannot be read */
    bool is_master, is_hidden;
} dcs[] = {
    { SERVER("DC1"), READABLE, true, "532480", true, false },
    { SERVER("DC2"), READ_ONLY, false, "83890176", false, false },
    { SERVER("DEMOTED"), INVISIBLE, false, "4096", false, false },
    { SERVER("DELETED"), INVISIBLE, false, NULL, false, false },
    { SERVER("HIDDEN"), INVISIBLE, true, NULL, true, true },
    { SERVER("ACCOUNT"), INVISIBLE, false, "532480", true, true },
    { SERVER("RODC"), INVISIBLE, false, "83890176", false, false },
    { SERVER("REFUSED"), REFUSED, false, NULL, true, true },
};
#define DCS (sizeof dcs / sizeof dcs[0])

static void begin(struct fake *f, BerElement *ber, const char *dn)
{
    ber_printf(ber, "{it{s{", f->msgid, LDAP_RES_SEARCH_ENTRY, dn);
}

static void end(struct fake *f, BerElement *ber)
{
    ber_printf(ber, "}}}");
    fake_send(f, ber);
}

static void send_servers(struct fake *f)
{
    for (size_t i = 0; i < DCS; i++) {
        BerElement *ber = ber_alloc_t(LBER_USE_DER);
        char host[64], account[64];

        snprintf(host, sizeof host, "Host%zu.test.", i);
        snprintf(account, sizeof account, "CN=%zu,DC=test", i);
        begin(f, ber, dcs[i].dn);
        ber_printf(ber, "{s[s]}{s[s]}", "dNSHostName", host, "serverReference", account);
        end(f, ber);
    }
}

static void send_settings(struct fake *f, const struct dc *dc, const char *dn)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);

    begin(f, ber, dn);
    ber_printf(ber, "{s[s]}{s[s]}", "objectClass",
               dc->settings == READ_ONLY ? "nTDSDSARO" : "nTDSDSA", "msDS-hasMasterNCs", "DC=test");
    end(f, ber);
}

static void send_context(struct fake *f)
{
    BerElement *ber = ber_alloc_t(LBER_USE_DER);

    begin(f, ber, "DC=test");
    ber_printf(ber, "{s[", "msDs-masteredBy");
    for (size_t i = 0; i < DCS; i++) {
        char dn[256];

        snprintf(dn, sizeof dn, SETTINGS "%s", dcs[i].dn);
        if (dcs[i].is_named)
            ber_printf(ber, "s", dn);
    }
    ber_printf(ber, "]}");
    end(f, ber);
}

/* The LDAP result. */
static int answer(struct fake *f, const char *base)
{
    unsigned account;

    if (strcmp(base, SITES) == 0)
        fake_entry(f, "CN=Site," SITES, NULL, NULL);
    else if (strcmp(base, SERVERS) == 0)
        send_servers(f);
    else if (strcmp(base, "DC=test") == 0)
        send_context(f);
    else if (sscanf(base, "CN=%u,DC=test", &account) == 1 && account < DCS && dcs[account].control)
        fake_entry(f, base, "userAccountControl",
                   (const char *const[]){ dcs[account].control, NULL });
    for (size_t i = 0; i < DCS; i++) {
        if (strncmp(base, SETTINGS, strlen(SETTINGS)) != 0 ||
            strcmp(base + strlen(SETTINGS), dcs[i].dn) != 0)
            continue;
        if (dcs[i].settings == READABLE || dcs[i].settings == READ_ONLY)
            send_settings(f, &dcs[i], base);
        return dcs[i].settings == INVISIBLE ? LDAP_NO_SUCH_OBJECT
               : dcs[i].settings == REFUSED ? LDAP_INSUFFICIENT_ACCESS
                                            : LDAP_SUCCESS;
    }
    if (sscanf(base, "CN=%u,DC=test", &account) == 1 && !dcs[account].control)
        return LDAP_NO_SUCH_OBJECT;
    return LDAP_SUCCESS;
}

static void serve(struct fake *f)
{
    if (fake_read(f))
        fake_root(f, "Samba Team");
    while (fake_read(f)) {
        struct berval base;
        char dn[256];

        if (ber_scanf(f->request, "{m", &base) == LBER_ERROR)
            return;
        snprintf(dn, sizeof dn, "%.*s", (int)base.bv_len, base.bv_val);
        fake_result(f, LDAP_RES_SEARCH_RESULT, answer(f, dn), "", NULL);
    }
}

static const struct master *master_of(const struct master *masters, size_t n, const char *host)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(masters[i].host, host) == 0)
            return &masters[i];
    }
    return NULL;
}

static void settings_that_cannot_be_read_are_told_from_those_that_are_not_there(void **state)
{
    struct fake f = { .script = serve };
    struct master *masters;
    struct error e = { 0 };
    size_t n = 0;

    fake_start(&f, *state, 10000);
    assert_int_equal(directory_read_root(f.d, &e), OK);
    if (masters_list(*state, f.d, &masters, &n, &e))
        fail_msg("%s", e.message);
    for (size_t i = 0; i < DCS; i++) {
        const struct master *m;
        char host[64];

        snprintf(host, sizeof host, "host%zu.test", i);
        m = master_of(masters, n, host);
        if ((m != NULL) != dcs[i].is_master || (m && m->is_hidden != dcs[i].is_hidden))
            fail_msg("%s", dcs[i].dn);
        if (m)
            assert_true(master_holds(m, "DC=test"));
        if (m)
            assert_int_equal(master_holds(m, "DC=other"), m->is_hidden);
    }
    fake_stop(&f);
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            settings_that_cannot_be_read_are_told_from_those_that_are_not_there, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
