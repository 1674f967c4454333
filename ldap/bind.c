#include "ldap/bind.h"

#include <gssapi/gssapi_krb5.h>
#include <pthread.h>
#include <sasl/sasl.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/log.h"
#include "base/own.h"

/* Less than this is signing without sealing. */
#define SEALING_SSF 56
#define SECPROPS "noplain,noanonymous,minssf=56,maxssf=65535,maxbufsize=65536"

static int sasl_log_line(void *context, int level, const char *text)
{
    (void)context;
    if (level != SASL_LOG_NONE && level != SASL_LOG_PASS)
        log_debug("SASL: %s", text);
    return SASL_OK;
}

static void *mutex_new(void)
{
    pthread_mutex_t *m = malloc(sizeof *m);

    if (m && pthread_mutex_init(m, NULL) != 0) {
        free(m);
        m = NULL;
    }
    return m;
}

static int mutex_lock(void *m) { return pthread_mutex_lock(m) ? SASL_FAIL : SASL_OK; }

static int mutex_unlock(void *m) { return pthread_mutex_unlock(m) ? SASL_FAIL : SASL_OK; }

static void mutex_free(void *m)
{
    if (m)
        pthread_mutex_destroy(m);
    free(m);
}

/*
 * Without the callback Cyrus SASL writes each step of each bind to syslog.  Who starts it sets its
 * mutexes, for binds in several threads: those that libldap brings come too late then.
 */
static void sasl_start(void)
{
    typedef int callback(void);
    static const sasl_callback_t callbacks[] = {
        { SASL_CB_LOG, (callback *)(void *)sasl_log_line, NULL },
        { SASL_CB_LIST_END, NULL, NULL },
    };

    sasl_set_mutex(mutex_new, mutex_lock, mutex_unlock, mutex_free);
    sasl_client_init(callbacks);
}

/* GSSAPI needs no answers; whatever is asked gets the default or nothing, never a prompt. */
static int answer_nothing(LDAP *ld, unsigned flags, void *defaults, void *questions)
{
    (void)ld, (void)flags, (void)defaults;
    for (sasl_interact_t *q = questions; q->id != SASL_CB_LIST_END; q++) {
        q->result = q->defresult ? q->defresult : "";
        q->len = (unsigned)strlen(q->result);
    }
    return LDAP_SUCCESS;
}

static const struct {
    const char *fragment;
    enum err code;
    const char *cause;
    const char *hint;
} meanings[] = {
    { "Server not found in Kerberos database", ERR_AUTH, "the KDC does not know this service",
      "use the domain controller's own full name, and see that its PTR record, if any, agrees" },
    { "Clock skew too great", ERR_AUTH, "the clocks differ by more than Kerberos allows",
      "set the clock and run again" },
    { "Ticket expired", ERR_AUTH, "the Kerberos ticket has expired", "run kinit and try again" },
    { "Ticket not yet valid", ERR_AUTH, "the Kerberos ticket is not valid yet",
      "set the clock and run again" },
    { "No Kerberos credentials available", ERR_AUTH, "there is no Kerberos ticket",
      "run kinit, or name a keytab" },
    { "No credentials cache found", ERR_AUTH, "there is no Kerberos ticket",
      "run kinit, or name a keytab" },
    { "Matching credential not found", ERR_AUTH, "there is no Kerberos ticket",
      "run kinit, or name a keytab" },
    { "Cannot contact any KDC", ERR_UNREACHABLE, "no KDC of the realm answered",
      "check the network, and port 88 of the domain controllers" },
    { "Cannot find KDC", ERR_UNREACHABLE, "no KDC of the realm is known",
      "check the name server in /etc/resolv.conf and the realm in /etc/krb5.conf" },
    { "Resource temporarily unavailable", ERR_UNREACHABLE, "no KDC of the realm answered",
      "check the network, and port 88 of the domain controllers" },
    { "Decrypt integrity check failed", ERR_AUTH, "the server cannot read the ticket",
      "the ticket is for another or an older key of the server: run kinit again" },
    { "mechanism too weak", ERR_AUTH, "the server offers no sealing",
      "muster does not speak to a directory unsealed; see the server's LDAP signing policy" },
    { "No worthy mechs found", ERR_AUTH, "SASL's GSSAPI mechanism is not installed",
      "install it (Debian: libsasl2-modules-gssapi-mit)" },
    { "no mechanism available", ERR_AUTH, "SASL's GSSAPI mechanism is not installed",
      "install it (Debian: libsasl2-modules-gssapi-mit)" },
};

enum err ldap_bind_error(int ldap_rc, const char *diagnostic, const char *fqdn, struct error *e)
{
    const char *text = diagnostic && *diagnostic ? diagnostic : ldap_err2string(ldap_rc);
    enum err code;

    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (!strcasestr(text, meanings[i].fragment))
            continue;
        err_set(e, meanings[i].code, "cannot bind to ldap/%s: %s", fqdn, meanings[i].cause);
        err_hint(e, "%s", meanings[i].hint);
        log_debug("bind to ldap/%s: %d, %s", fqdn, ldap_rc, text);
        return meanings[i].code;
    }
    switch (ldap_rc) {
    case LDAP_TIMEOUT:
        return err_set(e, ERR_TIMEOUT, "%s did not answer the LDAP bind in time", fqdn);
    case LDAP_SERVER_DOWN:
    case LDAP_CONNECT_ERROR:
    case LDAP_UNAVAILABLE:
    case LDAP_BUSY:
        code = ERR_UNREACHABLE;
        break;
    case LDAP_NO_MEMORY:
        return err_nomem(e);
    default:
        code = ERR_AUTH;
    }
    return err_set(e, code, "cannot bind to ldap/%s: %s", fqdn, text);
}

/* The handle's own settings: what the user's or the system's ldap.conf says must not weaken them.
 */
static bool demand_sealing(LDAP *ld)
{
    return ldap_set_option(ld, LDAP_OPT_X_SASL_SECPROPS, SECPROPS) == LDAP_SUCCESS &&
           ldap_set_option(ld, LDAP_OPT_X_SASL_NOCANON, LDAP_OPT_ON) == LDAP_SUCCESS;
}

static enum err check_sealed(LDAP *ld, const char *fqdn, struct error *e)
{
    ber_len_t ssf = 0;

    if (ldap_get_option(ld, LDAP_OPT_X_SASL_SSF, &ssf) == LDAP_SUCCESS && ssf >= SEALING_SSF) {
        log_debug("bound to ldap/%s: GSSAPI, sealed with strength %lu", fqdn, (unsigned long)ssf);
        return OK;
    }
    err_set(e, ERR_AUTH,
            "cannot bind to ldap/%s: the connection would not be sealed (strength %lu)", fqdn,
            (unsigned long)ssf);
    return err_hint(e, "muster does not speak to a directory unsealed; "
                       "see the server's LDAP signing policy");
}

static void free_ldap_text(void *text) { ldap_memfree(text); }

enum err ldap_bind_gssapi(LDAP *ld, const char *fqdn, const char *cache_name, struct error *e)
{
    static pthread_once_t sasl_once = PTHREAD_ONCE_INIT;
    TALLOC_CTX *tmp = talloc_new(NULL);
    const char *previous = NULL;
    char *restore = NULL, *diagnostic = NULL;
    OM_uint32 minor;
    enum err rc = OK;
    int ldap_rc;

    if (!tmp)
        return err_nomem(e);
    pthread_once(&sasl_once, sasl_start);
    if (!demand_sealing(ld)) {
        rc = err_set(e, ERR_INTERNAL, "libldap does not take the SASL security properties");
        goto done;
    }
    /* The setting belongs to this thread, and to this call. */
    if (gss_krb5_ccache_name(&minor, cache_name, &previous) != GSS_S_COMPLETE) {
        rc = err_set(e, ERR_AUTH, "Kerberos cache %s cannot be used", cache_name);
        goto done;
    }
    restore = previous ? talloc_strdup(tmp, previous) : NULL;
    ldap_rc = ldap_sasl_interactive_bind_s(ld, NULL, "GSSAPI", NULL, NULL, LDAP_SASL_QUIET,
                                           answer_nothing, NULL);
    gss_krb5_ccache_name(&minor, restore, NULL);
    if (ldap_rc == LDAP_SUCCESS) {
        rc = check_sealed(ld, fqdn, e);
        goto done;
    }
    ldap_get_option(ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &diagnostic);
    if (diagnostic && !own(tmp, diagnostic, free_ldap_text))
        diagnostic = NULL;
    rc = ldap_bind_error(ldap_rc, diagnostic, fqdn, e);
done:
    talloc_free(tmp);
    return rc;
}
