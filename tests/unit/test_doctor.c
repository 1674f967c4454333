#include "tests/unit/unit.h"

#include "cmd/doctor_sssd.h"
#include "ldap/server_clock.h"
#include "tests/unit/tempdir.h"

static void assert_domain(TALLOC_CTX *mem, const char *conf, const char *expected)
{
    struct sssd_config *c = sssd_config_new(mem);
    struct sssd_updating found;

    sssd_config_add(c, "sssd.conf", (struct bytes){ (const uint8_t *)conf, strlen(conf) });
    sssd_config_updating(c, &found);
    if (expected) {
        assert_non_null(found.domain);
        assert_string_equal(found.domain, expected);
        assert_string_equal(found.file, "sssd.conf");
    } else {
        assert_null(found.domain);
    }
}

static void sssd_of_an_ad_domain_registers_unless_told_not_to(void **state)
{
    assert_domain(*state, "[sssd]\ndomains = ad\n[domain/ad.example.test]\nid_provider = ad\n",
                  "ad.example.test");
    assert_domain(*state, "[domain/a]\nid_provider = ad\ndyndns_update = True\n", "a");
    assert_domain(*state, "[domain/a]\nid_provider = ad\ndyndns_update = false\n", NULL);
    assert_domain(*state, "[domain/a]\ndyndns_update=False\nid_provider = AD\n", NULL);
    assert_domain(*state, "[domain/a]\nid_provider = ldap\n", NULL);
    assert_domain(*state, "[sssd]\nid_provider = ad\n", NULL);
    assert_domain(*state, "# [domain/a]\n;id_provider = ad\n", NULL);
    assert_domain(*state, "", NULL);
}

static void every_domain_of_sssd_is_looked_at(void **state)
{
    assert_domain(*state,
                  "[domain/a]\nid_provider = ad\ndyndns_update = false\n"
                  "[domain/b]\nid_provider = ad\n[pam]\nx = y\n",
                  "b");
    /* What one domain says is not said of the next. */
    assert_domain(*state, "[domain/a]\nid_provider = ad\n[domain/b]\ndyndns_update = false\n", "a");
    assert_domain(*state, "[domain/a]\nid_provider = ad\ndyndns_update = no\n[domain/b]\nx = y\n",
                  NULL);
    assert_domain(*state, "[domain/a]\nid_provider = ad\nnot a line\n", "a");
}

static void other_providers_register_only_when_told_to(void **state)
{
    assert_domain(*state, "[domain/i]\nid_provider = ipa\n", NULL);
    assert_domain(*state, "[domain/i]\nid_provider = ipa\ndyndns_update = true\n", "i");
    assert_domain(*state, "[domain/i]\ndyndns_update = TRUE\nid_provider = ipa\n", "i");
    assert_domain(*state, "[domain/i]\nid_provider = ipa\nipa_dyndns_update = true\n", "i");
    assert_domain(*state, "[domain/l]\nid_provider = ldap\ndyndns_update = yes\n", "l");
    assert_domain(*state, "[domain/l]\nid_provider = ldap\ndyndns_update = perhaps\n", NULL);
    assert_domain(*state, "[domain/l]\ndyndns_update = true\ndyndns_update = false\n", NULL);
}

/* ---- the files, as SSSD merges them ---- */

struct sssd_dir {
    const char *path;
};

static void put(struct sssd_dir *d, const char *file, const char *text)
{
    put_file(talloc_asprintf(d, "%s/%s", d->path, file), text, strlen(text));
}

static void assert_merged(struct sssd_dir *d, const char *domain, const char *file)
{
    struct sssd_config *c;
    struct sssd_updating found;
    struct error e;

    assert_int_equal(sssd_config_read(d, d->path, &c, &e), OK);
    sssd_config_updating(c, &found);
    if (!domain) {
        assert_null(found.domain);
        return;
    }
    assert_non_null(found.domain);
    assert_string_equal(found.domain, domain);
    assert_string_equal(found.file, talloc_asprintf(d, "%s/%s", d->path, file));
}

static struct sssd_dir *sssd_dir(void **state)
{
    struct sssd_dir *d = talloc_zero(*state, struct sssd_dir);

    d->path = tempdir(d);
    assert_int_equal(mkdir(talloc_asprintf(d, "%s/conf.d", d->path), 0700), 0);
    return d;
}

static void without_any_file_sssd_is_not_configured(void **state)
{
    struct sssd_dir *d = sssd_dir(state);
    struct sssd_config *c = NULL;
    struct error e;

    assert_int_equal(sssd_config_read(d, d->path, &c, &e), ERR_NOTFOUND);
    put(d, "conf.d/.hidden.conf", "[domain/h]\nid_provider = ad\n");
    put(d, "conf.d/a.conf.bak", "[domain/b]\nid_provider = ad\n");
    put(d, "conf.d/README", "[domain/r]\nid_provider = ad\n");
    assert_int_equal(sssd_config_read(d, d->path, &c, &e), ERR_NOTFOUND);
    assert_int_equal(sssd_config_read(d, "/proc/nowhere", &c, &e), ERR_NOTFOUND);
    assert_null(c);
}

static void a_snippet_alone_is_a_configuration(void **state)
{
    struct sssd_dir *d = sssd_dir(state);

    put(d, "conf.d/10-ad.conf", "[domain/a]\nid_provider = ad\n");
    assert_merged(d, "a", "conf.d/10-ad.conf");
}

static void snippets_stand_in_place_of_what_was_said_before(void **state)
{
    struct sssd_dir *d = sssd_dir(state);

    put(d, "sssd.conf", "[domain/a]\nid_provider = ad\ndyndns_update = false\n");
    assert_merged(d, NULL, NULL);
    put(d, "conf.d/20.conf", "[domain/a]\ndyndns_update = true\n");
    assert_merged(d, "a", "conf.d/20.conf");
    put(d, "conf.d/10.conf", "[domain/a]\ndyndns_update = false\n");
    assert_merged(d, "a", "conf.d/20.conf");
    put(d, "conf.d/3.conf", "[domain/a]\ndyndns_update = false\n");
    assert_merged(d, NULL, NULL);
    put(d, "conf.d/.9.conf", "[domain/a]\ndyndns_update = true\n");
    assert_merged(d, NULL, NULL);
}

static void a_snippet_that_cannot_be_read_is_told(void **state)
{
    struct sssd_dir *d = sssd_dir(state);
    struct sssd_config *c = NULL;
    struct error e;

    put(d, "sssd.conf", "[domain/a]\nid_provider = ad\n");
    assert_int_equal(mkdir(talloc_asprintf(d, "%s/conf.d/x.conf", d->path), 0700), 0);
    assert_int_equal(sssd_config_read(d, d->path, &c, &e), ERR_IO);
    assert_non_null(strstr(e.message, "conf.d/x.conf"));
    assert_null(c);
}

static void server_times_are_read_strictly(void **state)
{
    static const char *const bad[] = {
        "",
        "20261122140557",
        "20261122140557.0",
        "20261122140557.0+0100",
        "20261322140557.0Z",
        "20261100140557Z",
        "20261122240557Z",
        "20261122146057Z",
        "2026112214055Z",
        "20261122140557ZZ",
        "x0261122140557Z",
        "20261122140557Z0",
        "16011122140557Z",
    };
    int64_t t = 77;

    (void)state;
    assert_true(server_clock_parse("20261122140557.0Z", &t));
    assert_int_equal(t, 1795356357);
    t = 77;
    assert_true(server_clock_parse("19700101000000Z", &t));
    assert_int_equal(t, 0);
    t = 77;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (server_clock_parse(bad[i], &t))
            fail_msg("%s is read", bad[i]);
        assert_int_equal(t, 77);
    }
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sssd_of_an_ad_domain_registers_unless_told_not_to),
        TEST(every_domain_of_sssd_is_looked_at),
        TEST(other_providers_register_only_when_told_to),
        TEST(without_any_file_sssd_is_not_configured),
        TEST(a_snippet_alone_is_a_configuration),
        TEST(snippets_stand_in_place_of_what_was_said_before),
        TEST(a_snippet_that_cannot_be_read_is_told),
        TEST(server_times_are_read_strictly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
