#include "gss-tsig/credentials_in.h"

#include <gssapi/gssapi_ext.h>
#include <string.h>

#include "base/log.h"
#include "base/own.h"
#include "gss-tsig/keytab.h"
#include "gss-tsig/mech.h"
#include "gss-tsig/obtain.h"

/* Servers refuse signatures and tickets that are further off than this. */
#define CLOCK_SKEW_MAX_S 300

static int credentials_destroy(struct credentials *c)
{
    if (!c->env)
        return 0;
    if (c->cache && c->is_own_cache)
        krb5_cc_destroy(c->env->ctx, c->cache);
    else if (c->cache)
        krb5_cc_close(c->env->ctx, c->cache);
    if (c->client)
        krb5_free_principal(c->env->ctx, c->client);
    return 0;
}

/* The realm of a principal in text, or NULL. */
static const char *realm_in(const char *principal)
{
    const char *at = strrchr(principal, '@');

    return at && at[1] ? at + 1 : NULL;
}

enum err credentials_identity(TALLOC_CTX *mem, const char *keytab, const char *principal,
                              char **principal_out, char **realm_out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct krb5env *env;
    krb5_keytab kt;
    char *name, *realm;
    enum err rc;

    /* What tmp owns is released newest first, so the keytab before env (base/own.h). */
    if ((rc = krb5env_new(tmp, NULL, NULL, 0, &env, e)) ||
        (rc = keytab_open(tmp, env, keytab, &kt, e)) ||
        (rc = keytab_principal(tmp, env, kt, keytab, principal, &name, e)))
        goto done;
    realm = realm_in(name) ? talloc_strdup(tmp, realm_in(name)) : NULL;
    if (!realm) {
        rc = err_set(e, ERR_AUTH, "the principal %s of %s has no realm", name, keytab);
        goto done;
    }
    *principal_out = talloc_steal(mem, name);
    *realm_out = talloc_steal(mem, realm);
done:
    talloc_free(tmp);
    return rc;
}

/* Take the names out of the cache and the client principal; both are set already. */
static enum err describe(struct credentials *c, struct error *e)
{
    char *name;

    c->principal = krb5env_principal_text(c, c->env, c->client);
    c->realm = c->principal ? realm_in(c->principal) : NULL;
    if (krb5_cc_get_full_name(c->env->ctx, c->cache, &name) != 0)
        return err_nomem(e);
    c->cache_name = talloc_strdup(c, name);
    krb5_free_string(c->env->ctx, name);
    if (!c->principal || !c->cache_name)
        return err_nomem(e);
    if (!c->realm)
        return err_set(e, ERR_AUTH, "the principal %s has no realm", c->principal);
    return OK;
}

static enum err check_clock(const struct credentials *c, struct error *e)
{
    krb5_timestamp ahead_s = 0;
    krb5_int32 microseconds;

    /* libkrb5 reckons with the KDC's clock and would go on; TSIG knows only ours. */
    if (krb5_get_time_offsets(c->env->ctx, &ahead_s, &microseconds) != 0)
        return OK;
    if (ahead_s >= -CLOCK_SKEW_MAX_S && ahead_s <= CLOCK_SKEW_MAX_S)
        return OK;
    err_set(e, ERR_AUTH, "the clock is %d s %s the KDC of %s", ahead_s > 0 ? ahead_s : -ahead_s,
            ahead_s > 0 ? "behind" : "ahead of", c->realm);
    err_hint(e, "set the clock (NTP) and run again");
    return ERR_AUTH;
}

/*
 * One request for the ticket.  offered: preauthentication to send without being asked for
 * it; n_offered 0 waits to be asked.
 */
static krb5_error_code ask_for_ticket(struct credentials *c, krb5_keytab keytab,
                                      krb5_preauthtype *offered, int n_offered)
{
    krb5_get_init_creds_opt *options = NULL;
    krb5_context ctx = c->env->ctx;
    krb5_error_code code = krb5_get_init_creds_opt_alloc(ctx, &options);

    if (!code)
        code = krb5_get_init_creds_opt_set_out_ccache(ctx, options, c->cache);
    if (!code && n_offered > 0)
        krb5_get_init_creds_opt_set_preauth_list(options, offered, n_offered);
    /* The keytab's encryption types are what libkrb5 asks for first. */
    if (!code)
        code = obtain_initial(c->env, c->client, keytab, options, &c->expiry_s);
    krb5_get_init_creds_opt_free(ctx, options);
    return code;
}

/* Refusals that may come of not having heard first what the KDC wants and what its time is. */
static bool is_worth_asking_plainly(krb5_error_code code)
{
    return code == KRB5KDC_ERR_PREAUTH_FAILED || code == KRB5KDC_ERR_PREAUTH_REQUIRED ||
           code == KRB5KDC_ERR_PADATA_TYPE_NOSUPP || code == KRB5KDC_ERR_ETYPE_NOSUPP ||
           code == KRB5KRB_AP_ERR_SKEW;
}

/*
 * Refusals of a controller that has not heard yet of an account that joined just now, or not of
 * its keys.  Not so a wrong key: each KDC that is asked counts it, and may lock the account.
 */
static bool may_be_replicated_elsewhere(krb5_error_code code)
{
    return code == KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN || code == KRB5KDC_ERR_ETYPE_NOSUPP ||
           code == KRB5KDC_ERR_NULL_KEY;
}

static krb5_error_code ask_one_kdc(struct credentials *c, krb5_keytab keytab)
{
    /* What every KDC asks for: sent at once, it saves a connection and an exchange. */
    krb5_preauthtype timestamp = KRB5_PADATA_ENC_TIMESTAMP;
    krb5_error_code code = ask_for_ticket(c, keytab, &timestamp, 1);

    if (is_worth_asking_plainly(code)) {
        log_debug("KDC of %s refuses the first request (%d): asking again", c->realm, (int)code);
        code = ask_for_ticket(c, keytab, NULL, 0);
    }
    return code;
}

static enum err get_initial_ticket(struct credentials *c, krb5_keytab keytab,
                                   const char *keytab_name, struct error *e)
{
    krb5_error_code code = ask_one_kdc(c, keytab);
    bool is_unknown = may_be_replicated_elsewhere(code);

    for (size_t left = is_unknown ? kdc_route_pass_over(c->env->route, c->realm) : 0; left > 1;
         left--) {
        krb5_error_code other;

        log_info("a KDC of %s does not know %s or its keys: asking another", c->realm,
                 c->principal);
        other = ask_one_kdc(c, keytab);
        /* Those that cannot be reached have nothing to say. */
        if (other != KRB5_KDC_UNREACH)
            code = other;
        if (!may_be_replicated_elsewhere(other))
            break;
        kdc_route_pass_over(c->env->route, c->realm);
    }
    if (code)
        return krb5env_error(c->env, code, e, "cannot get a ticket for %s with the keytab %s",
                             c->principal, keytab_name);
    return check_clock(c, e);
}

/* Which KDCs were named, for whoever shares the tickets. */
static enum err keep_kdcs(struct credentials *c, const struct ip *kdcs, size_t n, struct error *e)
{
    struct ip *copy = n ? talloc_memdup(c, kdcs, n * sizeof *kdcs) : NULL;

    if (n && !copy)
        return err_nomem(e);
    talloc_free(c->kdcs);
    c->kdcs = copy;
    c->n_kdcs = n;
    return OK;
}

static struct credentials *credentials_new(TALLOC_CTX *mem)
{
    struct credentials *c = talloc_zero(mem, struct credentials);

    if (c)
        talloc_set_destructor(c, credentials_destroy);
    return c;
}

/* A cache that no other process and no other part of this one can name. */
static enum err open_own_cache(struct credentials *c, const char *principal, struct error *e)
{
    krb5_error_code code = krb5_parse_name(c->env->ctx, principal, &c->client);

    if (!code) {
        c->is_own_cache = true;
        code = krb5_cc_new_unique(c->env->ctx, "MEMORY", NULL, &c->cache);
    }
    if (!code)
        code = krb5_cc_initialize(c->env->ctx, c->cache, c->client);
    if (code)
        return krb5env_error(c->env, code, e, "cannot keep tickets for %s", principal);
    return describe(c, e);
}

enum err credentials_from_keytab(TALLOC_CTX *mem, const char *keytab, const char *principal,
                                 const struct ip *kdcs, size_t n_kdcs, struct deadline d,
                                 struct credentials **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct credentials *c = credentials_new(tmp);
    krb5_keytab kt;
    enum err rc;

    if (!c) {
        rc = err_nomem(e);
        goto done;
    }
    if (!realm_in(principal)) {
        rc = err_set(e, ERR_AUTH, "the principal %s has no realm", principal);
        goto done;
    }
    if ((rc = krb5env_new(c, realm_in(principal), kdcs, n_kdcs, &c->env, e)) ||
        (rc = keep_kdcs(c, kdcs, n_kdcs, e)))
        goto done;
    kdc_route_deadline(c->env->route, d);
    if ((rc = keytab_open(tmp, c->env, keytab, &kt, e)) || (rc = open_own_cache(c, principal, e)) ||
        (rc = get_initial_ticket(c, kt, keytab, e)))
        goto done;
    log_debug("ticket for %s from %s, good for %lld s", c->principal, keytab,
              (long long)(c->expiry_s - clock_now()));
    *out = talloc_steal(mem, c);
done:
    talloc_free(tmp);
    return rc;
}

/* The end of the ticket-granting ticket's life; ERR_AUTH where there is none, or it has passed. */
static enum err find_initial_ticket(struct credentials *c, struct error *e)
{
    krb5_context ctx = c->env->ctx;
    krb5_creds wanted, found;
    krb5_error_code code;

    memset(&wanted, 0, sizeof wanted);
    memset(&found, 0, sizeof found);
    wanted.client = c->client;
    code = krb5_build_principal(ctx, &wanted.server, (unsigned)strlen(c->realm), c->realm, "krbtgt",
                                c->realm, (char *)NULL);
    if (!code)
        code = krb5_cc_retrieve_cred(ctx, c->cache, 0, &wanted, &found);
    if (!code)
        c->expiry_s = (int64_t)(uint32_t)found.times.endtime;
    krb5_free_cred_contents(ctx, &found);
    krb5_free_principal(ctx, wanted.server);
    if (code)
        return krb5env_error(c->env, code, e, "the cache %s has no ticket-granting ticket of %s",
                             c->cache_name, c->principal);
    if (c->expiry_s <= clock_now()) {
        err_set(e, ERR_AUTH, "the ticket of %s in %s expired %lld s ago", c->principal,
                c->cache_name, (long long)(clock_now() - c->expiry_s));
        return err_hint(e, "run kinit again"), ERR_AUTH;
    }
    return OK;
}

enum err credentials_from_default_cache(TALLOC_CTX *mem, struct credentials **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct credentials *c = credentials_new(tmp);
    krb5_error_code code;
    enum err rc;

    if (!c) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = krb5env_new(c, NULL, NULL, 0, &c->env, e)))
        goto done;
    code = krb5_cc_default(c->env->ctx, &c->cache);
    if (!code)
        code = krb5_cc_get_principal(c->env->ctx, c->cache, &c->client);
    if (code) {
        rc = krb5env_error(c->env, code, e, "there is no Kerberos ticket to use");
        if (rc == ERR_AUTH)
            err_hint(e, "run kinit first");
        goto done;
    }
    if ((rc = describe(c, e)) || (rc = find_initial_ticket(c, e)))
        goto done;
    *out = talloc_steal(mem, c);
done:
    talloc_free(tmp);
    return rc;
}

const char *credentials_principal(const struct credentials *c) { return c->principal; }
const char *credentials_realm(const struct credentials *c) { return c->realm; }
const char *credentials_cache_name(const struct credentials *c) { return c->cache_name; }
int64_t credentials_expiry(const struct credentials *c) { return c->expiry_s; }

unsigned credentials_turns(const struct credentials *c)
{
    const struct kdc_route *route = c->env->route;

    return kdc_route_connections(route) + kdc_route_requests(route);
}

/* What c has of the old context, in the new one. */
static enum err move_to(struct credentials *c, struct krb5env *env, struct error *e)
{
    krb5_principal client = NULL;
    krb5_ccache cache = NULL;
    krb5_error_code code = krb5_parse_name(env->ctx, c->principal, &client);

    if (!code)
        code = krb5_cc_resolve(env->ctx, c->cache_name, &cache);
    if (code) {
        krb5_free_principal(env->ctx, client);
        return krb5env_error(env, code, e, "cannot use the tickets of %s", c->principal);
    }
    /* Closed, not destroyed: the tickets in it stay. */
    krb5_cc_close(c->env->ctx, c->cache);
    krb5_free_principal(c->env->ctx, c->client);
    talloc_free(c->env);
    c->cache = cache;
    c->client = client;
    c->env = talloc_steal(c, env);
    return OK;
}

enum err credentials_use_kdcs(struct credentials *c, const struct ip *kdcs, size_t n_kdcs,
                              struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct krb5env *env;
    enum err rc;

    if ((rc = krb5env_new(tmp, c->realm, kdcs, n_kdcs, &env, e)) ||
        (rc = keep_kdcs(c, kdcs, n_kdcs, e)))
        goto done;
    rc = move_to(c, env, e);
done:
    talloc_free(tmp);
    return rc;
}

enum err credentials_share(TALLOC_CTX *mem, const struct credentials *c, struct credentials **out,
                           struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct credentials *own = credentials_new(tmp);
    krb5_error_code code;
    enum err rc;

    if (!own) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = krb5env_new(own, c->realm, c->kdcs, c->n_kdcs, &own->env, e)) ||
        (rc = keep_kdcs(own, c->kdcs, c->n_kdcs, e)))
        goto done;
    code = krb5_parse_name(own->env->ctx, c->principal, &own->client);
    if (!code)
        code = krb5_cc_resolve(own->env->ctx, c->cache_name, &own->cache);
    if (code) {
        rc = krb5env_error(own->env, code, e, "cannot use the tickets of %s", c->principal);
        goto done;
    }
    own->expiry_s = c->expiry_s;
    if (!(rc = describe(own, e)))
        *out = talloc_steal(mem, own);
done:
    talloc_free(tmp);
    return rc;
}

static void release_cred(void *handle)
{
    gss_cred_id_t cred = handle;
    OM_uint32 minor;

    gss_release_cred(&minor, &cred);
}

enum err credentials_gss(TALLOC_CTX *mem, const struct credentials *c, gss_cred_id_t *out,
                         struct error *e)
{
    gss_key_value_element_desc element = { "ccache", c->cache_name };
    gss_key_value_set_desc store = { 1, &element };
    gss_OID_desc both[] = { *mech_krb5(), *mech_spnego() };
    gss_OID_set_desc mechs = { 2, both }, inner = { 1, both };
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    OM_uint32 major, minor;

    major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechs, GSS_C_INITIATE,
                                  &store, &cred, NULL, NULL);
    if (GSS_ERROR(major))
        return mech_error(e, ERR_AUTH, major, minor, "cannot use the tickets of %s", c->principal);
    if (!own(mem, cred, release_cred))
        return err_nomem(e);
    major = gss_set_neg_mechs(&minor, cred, &inner);
    if (GSS_ERROR(major))
        return mech_error(e, ERR_AUTH, major, minor, "cannot choose Kerberos in SPNEGO");
    *out = cred;
    return OK;
}
