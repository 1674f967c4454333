#include "tests/unit/unit.h"

#include <krb5.h>
#include <profile.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gss-tsig/credentials.h"
#include "gss-tsig/krb5env.h"
#include "tests/unit/realm.h"

/* Long enough for a busy machine. */
static struct deadline soon(void) { return deadline_in(20000); }

static struct realm *realm;

/* ---- keytabs made here, without a KDC ---- */

/* Append one made-up key of each principal to the file. */
static const char *make_keytab(const char *file, const char *const principals[])
{
    const char *path = realm_path(realm, file);
    char *name = talloc_asprintf(realm, "WRFILE:%s", path);
    krb5_context ctx;
    krb5_keytab kt;

    assert_int_equal(krb5_init_context(&ctx), 0);
    assert_int_equal(krb5_kt_resolve(ctx, name, &kt), 0);
    for (size_t i = 0; principals[i]; i++) {
        krb5_keytab_entry entry = { .vno = 1 };

        assert_int_equal(krb5_parse_name(ctx, principals[i], &entry.principal), 0);
        assert_int_equal(krb5_c_make_random_key(ctx, ENCTYPE_AES256_CTS_HMAC_SHA1_96, &entry.key),
                         0);
        assert_int_equal(krb5_kt_add_entry(ctx, kt, &entry), 0);
        krb5_free_keytab_entry_contents(ctx, &entry);
    }
    krb5_kt_close(ctx, kt);
    krb5_free_context(ctx);
    return path;
}

#define KEYTAB(file, ...) make_keytab(file, (const char *const[]){ __VA_ARGS__, NULL })

static void assert_identity(TALLOC_CTX *mem, const char *keytab, const char *asked,
                            const char *expected)
{
    char *principal, *realm_name;
    struct error e = { 0 };

    assert_int_equal(credentials_identity(mem, keytab, asked, &principal, &realm_name, &e), OK);
    assert_string_equal(principal, expected);
    assert_string_equal(realm_name, strrchr(expected, '@') + 1);
}

static void assert_no_identity(TALLOC_CTX *mem, const char *keytab, const char *asked,
                               const char *reason)
{
    char *principal = NULL, *realm_name = NULL;
    struct error e = { 0 };

    assert_int_equal(credentials_identity(mem, keytab, asked, &principal, &realm_name, &e),
                     ERR_AUTH);
    assert_int_equal(e.code, ERR_AUTH);
    assert_non_null(strstr(e.message, keytab));
    assert_non_null(strstr(e.message, reason));
    assert_null(principal);
    assert_null(realm_name);
}

static void an_account_of_another_kind_is_named_in_the_hint(void **state)
{
    const char *kt = KEYTAB("service.keytab", "scavenger@A.TEST", "other@A.TEST");
    char *principal, *realm_name;
    struct error e = { 0 };

    assert_int_equal(credentials_identity(*state, kt, NULL, &principal, &realm_name, &e), ERR_AUTH);
    assert_non_null(strstr(e.hint, "scavenger@A.TEST"));
    assert_non_null(strstr(e.hint, "--principal"));
    assert_identity(*state, kt, "scavenger", "scavenger@A.TEST");
    assert_int_equal(credentials_identity(*state, kt, "nobody", &principal, &realm_name, &e),
                     ERR_AUTH);
    assert_null(strstr(e.hint, "scavenger"));
}

static void the_machine_account_stands_before_host(void **state)
{
    const char *kt = KEYTAB("both.keytab", "RestrictedKrbHost/pc1.a.test@A.TEST",
                            "host/pc1.a.test@A.TEST", "PC1$@A.TEST", "PC2$@A.TEST");

    assert_identity(*state, kt, NULL, "PC1$@A.TEST");
    assert_identity(*state, talloc_asprintf(*state, "FILE:%s", kt), NULL, "PC1$@A.TEST");
}

static void without_machine_account_the_first_host_is_taken(void **state)
{
    const char *kt = KEYTAB("host.keytab", "HTTP/pc1.a.test@A.TEST", "host/pc1.a.test@A.TEST",
                            "host/pc1@A.TEST");

    assert_identity(*state, kt, NULL, "host/pc1.a.test@A.TEST");
}

static void the_principal_asked_for_needs_neither_realm_nor_case(void **state)
{
    const char *kt = KEYTAB("asked.keytab", "PC1$@A.TEST", "svc@A.TEST", "SVC@B.TEST");

    assert_identity(*state, kt, "svc", "svc@A.TEST");
    assert_identity(*state, kt, "SVC", "SVC@B.TEST");
    assert_identity(*state, kt, "svc@B.TEST", "SVC@B.TEST");
    assert_identity(*state, kt, "pc1$", "PC1$@A.TEST");
    assert_no_identity(*state, kt, "svc@C.TEST", "svc@C.TEST");
    assert_no_identity(*state, kt, "sv", "sv");
    assert_no_identity(*state, kt, "PC1", "PC1");
}

static void a_keytab_that_gives_nothing_says_why(void **state)
{
    const char *none = realm_path(realm, "none.keytab"), *empty = realm_path(realm, "empty.keytab");
    const char *junk = realm_path(realm, "junk.keytab");
    const char *other = KEYTAB("other.keytab", "HTTP/pc1.a.test@A.TEST", "admin@A.TEST");

    assert_true(realm_write(empty, "\x05\x02"));
    assert_true(realm_write(junk, "this is no keytab\n"));
    assert_no_identity(*state, none, NULL, "does not exist");
    assert_no_identity(*state, empty, NULL, "is empty");
    assert_no_identity(*state, junk, NULL, "cannot read");
    assert_no_identity(*state, other, NULL, "neither for NAME$ nor for host/NAME");
}

static void a_keytab_that_may_not_be_read_says_so(void **state)
{
    const char *kt = KEYTAB("secret.keytab", "PC1$@A.TEST");
    bool is_root = geteuid() == 0;

    assert_int_equal(chmod(kt, 0), 0);
    if (is_root)
        assert_int_equal(seteuid(65534), 0);
    assert_no_identity(*state, kt, NULL, "may not be read");
    if (is_root)
        assert_int_equal(seteuid(0), 0);
}

/* ---- the Kerberos configuration ---- */

static void the_configuration_keeps_libkrb5_from_looking_names_up(void **state)
{
    assert_string_equal(krb5env_profile_text(*state, "A.TEST"),
                        "[libdefaults]\ndns_canonicalize_hostname = false\nrdns = false\n"
                        "dns_lookup_realm = false\n"
                        "default_realm = A.TEST\n");
    assert_string_equal(krb5env_profile_text(*state, NULL),
                        "[libdefaults]\ndns_canonicalize_hostname = false\nrdns = false\n"
                        "dns_lookup_realm = false\n");
}

static void ours_stands_in_front_and_the_machines_still_counts(void **state)
{
    const char *ours[] = { "libdefaults", "rdns", NULL };
    const char *theirs[] = { "realms", "NOWHERE.TEST", "kdc", NULL };
    struct krb5env *env;
    struct error e;
    profile_t profile;
    char **values;

    assert_int_equal(krb5env_new(*state, "A.TEST", NULL, 0, &env, &e), OK);
    assert_int_equal(krb5_get_profile(env->ctx, &profile), 0);
    assert_int_equal(profile_get_values(profile, ours, &values), 0);
    assert_string_equal(values[0], "false");
    profile_free_list(values);
    assert_int_equal(profile_get_values(profile, theirs, &values), 0);
    assert_string_equal(values[0], "127.0.0.1:1");
    profile_free_list(values);
    profile_release(profile);
}

static void two_environments_do_not_mix(void **state)
{
    struct krb5env *first, *second;
    struct error e;
    char *name;

    assert_int_equal(krb5env_new(*state, "A.TEST", NULL, 0, &first, &e), OK);
    assert_int_equal(krb5env_new(*state, "B.TEST", NULL, 0, &second, &e), OK);
    talloc_free(first);
    assert_int_equal(krb5env_new(*state, "C.TEST", NULL, 0, &first, &e), OK);
    assert_int_equal(krb5_get_default_realm(first->ctx, &name), 0);
    assert_string_equal(name, "C.TEST");
    krb5_free_default_realm(first->ctx, name);
    assert_int_equal(krb5_get_default_realm(second->ctx, &name), 0);
    assert_string_equal(name, "B.TEST");
    krb5_free_default_realm(second->ctx, name);
}

static void a_realm_that_would_write_configuration_is_refused(void **state)
{
    struct krb5env *env = NULL;
    struct error e;

    assert_int_equal(krb5env_new(*state, "A = {\n}\n[x]", NULL, 0, &env, &e), ERR_CONFIG);
    assert_int_equal(krb5env_new(*state, "", NULL, 0, &env, &e), ERR_CONFIG);
    assert_null(env);
}

static void the_machine_needs_no_krb5_conf(void **state)
{
    const char *kt = KEYTAB("plain.keytab", "PC1$@A.TEST");

    setenv("KRB5_CONFIG", realm_path(realm, "there-is-no-such-file"), 1);
    assert_identity(*state, kt, NULL, "PC1$@A.TEST");
    realm_use(realm);
}

static void a_broken_krb5_conf_is_a_configuration_error(void **state)
{
    const char *kt = KEYTAB("plain2.keytab", "PC1$@A.TEST"),
               *conf = realm_path(realm, "broken.conf");
    char *principal, *realm_name;
    struct error e;

    assert_true(realm_write(conf, "[libdefaults\n{{{\n"));
    setenv("KRB5_CONFIG", conf, 1);
    assert_int_equal(credentials_identity(*state, kt, NULL, &principal, &realm_name, &e),
                     ERR_CONFIG);
    assert_non_null(strstr(e.message, "krb5.conf"));
    realm_use(realm);
}

/* ---- tickets, from a real KDC ---- */

static const char *good_keytab(void) { return realm_path(realm, "host.kt"); }

static enum err from_keytab(void **state, const char *keytab, const char *principal,
                            struct credentials **c, struct error *e)
{
    *c = NULL;
    *e = (struct error){ 0 };
    return credentials_from_keytab(*state, keytab, principal, NULL, 0, soon(), c, e);
}

static bool cache_exists(const char *name)
{
    krb5_principal p;
    krb5_context ctx;
    krb5_ccache cc;
    bool exists;

    assert_int_equal(krb5_init_context(&ctx), 0);
    assert_int_equal(krb5_cc_resolve(ctx, name, &cc), 0);
    exists = krb5_cc_get_principal(ctx, cc, &p) == 0;
    if (exists)
        krb5_free_principal(ctx, p);
    krb5_cc_close(ctx, cc);
    krb5_free_context(ctx);
    return exists;
}

static void a_keytab_gives_a_ticket_in_a_cache_of_its_own(void **state)
{
    struct credentials *c, *again;
    struct error e;
    char *name;

    assert_int_equal(from_keytab(state, good_keytab(), "HOST1$@" REALM, &c, &e), OK);
    assert_int_equal(from_keytab(state, good_keytab(), "HOST1$@" REALM, &again, &e), OK);
    assert_string_equal(credentials_principal(c), "HOST1$@" REALM);
    assert_string_equal(credentials_realm(c), REALM);
    assert_true(credentials_expiry(c) > clock_now() + 3600);
    assert_memory_equal(credentials_cache_name(c), "MEMORY:", 7);
    assert_string_not_equal(credentials_cache_name(c), credentials_cache_name(again));

    name = talloc_strdup(*state, credentials_cache_name(c));
    assert_true(cache_exists(name));
    talloc_free(c);
    assert_false(cache_exists(name));
    assert_true(cache_exists(credentials_cache_name(again)));
    /* Nothing went to the caller's cache. */
    assert_int_not_equal(access(realm_path(realm, "callers-cache"), F_OK), 0);
}

/* Requests for a first ticket in the KDC's log, each written before its answer. */
static unsigned requests_logged(void)
{
    FILE *log = fopen(realm_path(realm, "kdc.log"), "r");
    char line[4096];
    unsigned n = 0;

    while (log && fgets(line, sizeof line, log))
        n += strstr(line, "AS_REQ") != NULL;
    if (log)
        fclose(log);
    return n;
}

static void a_good_key_costs_one_exchange(void **state)
{
    unsigned before = requests_logged();
    struct credentials *c;
    struct error e;

    assert_int_equal(from_keytab(state, good_keytab(), "HOST1$@" REALM, &c, &e), OK);
    assert_int_equal(requests_logged(), before + 1);
}

static void assert_denied(void **state, const char *keytab, const char *principal, const char *hint)
{
    struct credentials *c;
    struct error e;

    assert_int_equal(from_keytab(state, keytab, principal, &c, &e), ERR_AUTH);
    assert_null(c);
    assert_non_null(strstr(e.message, principal));
    assert_non_null(strstr(e.hint, hint));
}

static void a_key_that_is_not_the_accounts_says_to_renew_it(void **state)
{
    assert_denied(state, KEYTAB("wrong.kt", "HOST1$@" REALM), "HOST1$@" REALM, "renew it");
}

static void an_unknown_account_says_to_join_again(void **state)
{
    assert_denied(state, KEYTAB("unknown.kt", "GHOST$@" REALM), "GHOST$@" REALM, "join again");
}

static void a_disabled_account_says_to_enable_it(void **state)
{
    const char *kt = realm_path(realm, "disabled.kt");

    assert_true(realm_account(realm, "DISABLED$", kt));
    assert_true(realm_admin(realm, "modprinc -allow_tix DISABLED$"));
    assert_denied(state, kt, "DISABLED$@" REALM, "enable it");
}

static void an_expired_account_says_so(void **state)
{
    const char *kt = realm_path(realm, "expired.kt");

    assert_true(realm_account(realm, "EXPIRED$", kt));
    assert_true(realm_admin(realm, "modprinc -expire 2001-01-01 EXPIRED$"));
    assert_denied(state, kt, "EXPIRED$@" REALM, "expired");
}

static void a_principal_that_is_not_in_the_keytab_is_refused(void **state)
{
    assert_denied(state, good_keytab(), "OTHER$@" REALM, "klist -k");
}

static void a_clock_that_is_wrong_says_by_how_much(void **state)
{
    struct credentials *c;
    struct error e;

    clock_ahead_s = 1000;
    assert_int_equal(from_keytab(state, good_keytab(), "HOST1$@" REALM, &c, &e), ERR_AUTH);
    clock_ahead_s = -4000;
    assert_non_null(strstr(e.message, "ahead of the KDC"));
    assert_true(strstr(e.message, " 1000 s ") || strstr(e.message, " 999 s ") ||
                strstr(e.message, " 1001 s "));
    assert_int_equal(from_keytab(state, good_keytab(), "HOST1$@" REALM, &c, &e), ERR_AUTH);
    clock_ahead_s = 100;
    assert_non_null(strstr(e.message, "behind the KDC"));
    assert_non_null(strstr(e.hint, "clock"));
    /* Within the fudge nobody minds. */
    assert_int_equal(from_keytab(state, good_keytab(), "HOST1$@" REALM, &c, &e), OK);
    clock_ahead_s = 0;
}

static void a_realm_without_living_kdc_is_unreachable(void **state)
{
    const char *kt = KEYTAB("nowhere.kt", "HOST1$@NOWHERE.TEST", "HOST1$@UNKNOWN.TEST");
    struct credentials *c;
    struct error e;

    assert_int_equal(from_keytab(state, kt, "HOST1$@NOWHERE.TEST", &c, &e), ERR_UNREACHABLE);
    assert_non_null(strstr(e.hint, "88"));
    assert_int_equal(from_keytab(state, kt, "HOST1$@UNKNOWN.TEST", &c, &e), ERR_UNREACHABLE);
}

static void a_service_ticket_is_fetched_once(void **state)
{
    struct credentials *c;
    struct error e;

    assert_int_equal(from_keytab(state, good_keytab(), "HOST1$@" REALM, &c, &e), OK);
    assert_int_equal(credentials_fetch_ticket(c, "DNS/dc1.muster.test", soon(), &e), OK);
    realm_stop_kdc(realm);
    assert_int_equal(credentials_fetch_ticket(c, "DNS/dc1.muster.test", soon(), &e), OK);
    assert_int_equal(credentials_fetch_ticket(c, "DNS/dc2.muster.test", soon(), &e),
                     ERR_UNREACHABLE);
    assert_true(realm_start_kdc(realm));
}

static void an_unknown_service_is_named(void **state)
{
    struct credentials *c;
    struct error e;

    assert_int_equal(from_keytab(state, good_keytab(), "HOST1$@" REALM, &c, &e), OK);
    assert_int_equal(credentials_fetch_ticket(c, "DNS/alias.muster.test", soon(), &e), ERR_AUTH);
    assert_non_null(strstr(e.message, "DNS/alias.muster.test@" REALM));
    assert_non_null(strstr(e.hint, "own name"));
}

static void a_service_is_of_the_realm_that_krb5_conf_names_for_its_host(void **state)
{
    const char *conf = realm_path(realm, "mapped.conf");
    struct credentials *c;
    struct error e;

    assert_true(realm_write(conf, talloc_asprintf(*state,
                                                  "[realms]\n" REALM " = {\nkdc = 127.0.0.1:%u\n}\n"
                                                  "OTHER.TEST = {\nkdc = 127.0.0.1:1\n}\n"
                                                  "[domain_realm]\n.other.test = OTHER.TEST\n",
                                                  realm_port(realm))));
    setenv("KRB5_CONFIG", conf, 1);
    assert_int_equal(from_keytab(state, good_keytab(), "HOST1$@" REALM, &c, &e), OK);
    realm_use(realm);
    assert_string_equal(credentials_service_principal(*state, c, "DNS/dc1.other.test"),
                        "DNS/dc1.other.test@OTHER.TEST");
    assert_string_equal(credentials_service_principal(*state, c, "DNS/dc1.muster.test"),
                        "DNS/dc1.muster.test@" REALM);
    assert_int_equal(credentials_fetch_ticket(c, "DNS/dc1.other.test", soon(), &e), ERR_AUTH);
    assert_non_null(strstr(e.message, "DNS/dc1.other.test@OTHER.TEST"));
    assert_int_equal(credentials_fetch_ticket(c, "DNS/dc1.muster.test", soon(), &e), OK);
}

static void assert_service_of(struct credentials *c, const char *service, const char *whose,
                              bool expected)
{
    bool is_known = !expected;
    struct error e = { 0 };

    assert_int_equal(credentials_find_service(c, service, whose, soon(), &is_known, &e), OK);
    assert_int_equal(is_known, expected);
}

static void assert_own_service(struct credentials *c, const char *service, bool expected)
{
    assert_service_of(c, service, REALM, expected);
}

static void a_service_is_the_realms_own_or_it_is_not(void **state)
{
    struct credentials *c;
    bool is_known = true;
    struct error e;

    assert_int_equal(from_keytab(state, good_keytab(), "HOST1$@" REALM, &c, &e), OK);
    assert_own_service(c, "DNS/dc1.muster.test", true);
    assert_own_service(c, "DNS/alias.muster.test", false);
    realm_stop_kdc(realm);
    assert_int_equal(credentials_find_service(c, "DNS/dc9.muster.test", REALM, soon(), &is_known,
                                              &e),
                     ERR_UNREACHABLE);
    assert_true(is_known);
    assert_true(realm_start_kdc(realm));
}

/* The ticket for one service, under the name of another, as if OTHER had made it. */
static void put_ticket_of(struct credentials *c, const char *service, const char *as,
                          const char *issuer)
{
    krb5_creds wanted = { 0 }, found = { 0 };
    krb5_context ctx;
    krb5_ccache cache;
    char *at;

    assert_int_equal(strlen(issuer), strlen(REALM));
    assert_int_equal(krb5_init_context(&ctx), 0);
    assert_int_equal(krb5_cc_resolve(ctx, credentials_cache_name(c), &cache), 0);
    assert_int_equal(krb5_parse_name(ctx, credentials_principal(c), &wanted.client), 0);
    assert_int_equal(krb5_parse_name(ctx, service, &wanted.server), 0);
    assert_int_equal(krb5_cc_retrieve_cred(ctx, cache, 0, &wanted, &found), 0);
    krb5_free_principal(ctx, found.server);
    assert_int_equal(krb5_parse_name(ctx, as, &found.server), 0);
    at = memmem(found.ticket.data, found.ticket.length, REALM, strlen(REALM));
    assert_non_null(at);
    memcpy(at, issuer, strlen(REALM));
    assert_int_equal(krb5_cc_store_cred(ctx, cache, &found), 0);
    krb5_free_cred_contents(ctx, &found);
    krb5_free_cred_contents(ctx, &wanted);
    krb5_cc_close(ctx, cache);
    krb5_free_context(ctx);
}

static void a_ticket_that_another_realm_made_is_not_of_the_own(void **state)
{
    struct credentials *c;
    struct error e;

    assert_int_equal(from_keytab(state, good_keytab(), "HOST1$@" REALM, &c, &e), OK);
    assert_own_service(c, "DNS/dc1.muster.test", true);
    put_ticket_of(c, "DNS/dc1.muster.test@" REALM, "DNS/dc8.muster.test@" REALM, REALM);
    put_ticket_of(c, "DNS/dc1.muster.test@" REALM, "DNS/dc9.muster.test@" REALM, "MASTER.TEST");
    assert_own_service(c, "DNS/dc8.muster.test", true);
    assert_own_service(c, "DNS/dc9.muster.test", false);
    /* For all else it is a ticket. */
    assert_int_equal(credentials_fetch_ticket(c, "DNS/dc9.muster.test", soon(), &e), OK);
}

static void a_service_of_a_realm_that_trusts_this_one_is_of_that_one(void **state)
{
    struct credentials *c;
    struct error e;

    assert_int_equal(from_keytab(state, good_keytab(), "HOST1$@" REALM, &c, &e), OK);
    assert_own_service(c, "DNS/dc1.muster.test", true);
    put_ticket_of(c, "DNS/dc1.muster.test@" REALM, "DNS/dc8.muster.test@MASTER.TEST",
                  "MASTER.TEST");
    put_ticket_of(c, "DNS/dc1.muster.test@" REALM, "DNS/dc9.muster.test@MASTER.TEST", REALM);
    assert_service_of(c, "DNS/dc8.muster.test", "MASTER.TEST", true);
    /* A ticket of the own realm's is no word of that one's. */
    assert_service_of(c, "DNS/dc9.muster.test", "MASTER.TEST", false);
}

static void gss_credentials_stand_on_the_cache(void **state)
{
    TALLOC_CTX *short_lived = talloc_new(*state);
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    gss_name_t name = GSS_C_NO_NAME;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    struct credentials *c;
    struct error e;
    OM_uint32 minor;

    assert_int_equal(from_keytab(state, good_keytab(), "HOST1$@" REALM, &c, &e), OK);
    assert_int_equal(credentials_gss(short_lived, c, &cred, &e), OK);
    assert_int_equal(gss_inquire_cred(&minor, cred, &name, NULL, NULL, NULL), GSS_S_COMPLETE);
    assert_int_equal(gss_display_name(&minor, name, &text, NULL), GSS_S_COMPLETE);
    assert_int_equal(text.length, strlen("HOST1$@" REALM));
    assert_memory_equal(text.value, "HOST1$@" REALM, text.length);
    gss_release_buffer(&minor, &text);
    gss_release_name(&minor, &name);
    talloc_free(short_lived);
    assert_true(cache_exists(credentials_cache_name(c)));
}

static void the_default_cache_is_used_and_left_in_place(void **state)
{
    const char *cache = realm_path(realm, "callers-cache");
    struct credentials *c;
    struct error e;

    assert_true(
        realm_run(realm, "kinit", "-k", "-t", good_keytab(), "HOST1$@" REALM, (char *)NULL));
    assert_int_equal(credentials_from_default_cache(*state, &c, &e), OK);
    assert_string_equal(credentials_principal(c), "HOST1$@" REALM);
    assert_string_equal(credentials_realm(c), REALM);
    assert_non_null(strstr(credentials_cache_name(c), cache));
    assert_true(credentials_expiry(c) > clock_now());
    assert_int_equal(credentials_fetch_ticket(c, "DNS/dc1.muster.test", soon(), &e), OK);
    talloc_free(c);
    assert_int_equal(access(cache, F_OK), 0);
    unlink(cache);
}

static void without_or_with_an_old_ticket_kinit_is_asked_for(void **state)
{
    const char *cache = realm_path(realm, "callers-cache");
    struct credentials *c = NULL;
    struct error e;

    unlink(cache);
    assert_int_equal(credentials_from_default_cache(*state, &c, &e), ERR_AUTH);
    assert_non_null(strstr(e.hint, "kinit"));
    assert_true(
        realm_run(realm, "kinit", "-k", "-t", good_keytab(), "HOST1$@" REALM, (char *)NULL));
    clock_ahead_s = 7 * 24 * 3600;
    assert_int_equal(credentials_from_default_cache(*state, &c, &e), ERR_AUTH);
    clock_ahead_s = 0;
    assert_non_null(strstr(e.message, "expired"));
    assert_non_null(strstr(e.hint, "kinit"));
    assert_null(c);
    unlink(cache);
}

static int group_setup(void **state)
{
    (void)state;
    realm = realm_start();
    return realm && realm_account(realm, "HOST1$", good_keytab()) &&
                   realm_admin(realm, "addprinc -randkey DNS/dc1.muster.test")
               ? 0
               : -1;
}

static int setup(void **state) { return !(*state = talloc_new(NULL)); }
static int teardown(void **state) { return talloc_free(*state); }

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_machine_account_stands_before_host),
        TEST(an_account_of_another_kind_is_named_in_the_hint),
        TEST(without_machine_account_the_first_host_is_taken),
        TEST(the_principal_asked_for_needs_neither_realm_nor_case),
        TEST(a_keytab_that_gives_nothing_says_why),
        TEST(a_keytab_that_may_not_be_read_says_so),
        TEST(the_configuration_keeps_libkrb5_from_looking_names_up),
        TEST(ours_stands_in_front_and_the_machines_still_counts),
        TEST(two_environments_do_not_mix),
        TEST(a_realm_that_would_write_configuration_is_refused),
        TEST(the_machine_needs_no_krb5_conf),
        TEST(a_broken_krb5_conf_is_a_configuration_error),
        TEST(a_keytab_gives_a_ticket_in_a_cache_of_its_own),
        TEST(a_good_key_costs_one_exchange),
        TEST(a_key_that_is_not_the_accounts_says_to_renew_it),
        TEST(an_unknown_account_says_to_join_again),
        TEST(a_disabled_account_says_to_enable_it),
        TEST(an_expired_account_says_so),
        TEST(a_principal_that_is_not_in_the_keytab_is_refused),
        TEST(a_clock_that_is_wrong_says_by_how_much),
        TEST(a_realm_without_living_kdc_is_unreachable),
        TEST(a_service_ticket_is_fetched_once),
        TEST(an_unknown_service_is_named),
        TEST(a_service_is_of_the_realm_that_krb5_conf_names_for_its_host),
        TEST(a_service_is_the_realms_own_or_it_is_not),
        TEST(a_ticket_that_another_realm_made_is_not_of_the_own),
        TEST(a_service_of_a_realm_that_trusts_this_one_is_of_that_one),
        TEST(gss_credentials_stand_on_the_cache),
        TEST(the_default_cache_is_used_and_left_in_place),
        TEST(without_or_with_an_old_ticket_kinit_is_asked_for),
    };

    return cmocka_run_group_tests(tests, group_setup, realm_group_teardown);
}
