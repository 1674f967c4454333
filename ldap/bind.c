#include "ldap/bind.h"

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "base/own.h"
#include "ldap/seal.h"

/* Security layers, RFC 4752 section 3.3. */
#define LAYER_SEALED 4
#define FLAGS_WANTED                                                                               \
    (GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_INTEG_FLAG |              \
     GSS_C_CONF_FLAG)
#define FLAGS_NEEDED (GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG)
#define ROUNDS_MAX 8
/* Key strength in bits: less than single DES had is signing, or might as well be. */
#define STRENGTH_MIN 56

static const struct {
    const char *fragment;
    enum err code;
    const char *cause;
    const char *hint;
} meanings[] = {
    { "Server not found in Kerberos database", ERR_AUTH, "the KDC does not know this service",
      "use the domain controller's own full name" },
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
    { "mechanism not supported", ERR_AUTH, "the server does not offer GSSAPI",
      "check that it is a domain controller" },
};

enum err ldap_bind_error(int ldap_rc, const char *text, const char *fqdn, struct error *e)
{
    enum err code;

    if (!text || !*text)
        text = ldap_err2string(ldap_rc);
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

struct exchange {
    TALLOC_CTX *tmp;
    LDAP *ld;
    const char *fqdn;
    gss_cred_id_t cred;
    gss_name_t service;
    gss_ctx_id_t ctx;
};

static void free_ldap_text(void *text) { ldap_memfree(text); }
static void free_bv(void *bv) { ber_bvfree(bv); }

static void release_cred(void *cred)
{
    gss_cred_id_t c = cred;
    OM_uint32 minor;

    gss_release_cred(&minor, &c);
}

static void release_name(void *name)
{
    gss_name_t n = name;
    OM_uint32 minor;

    gss_release_name(&minor, &n);
}

static void release_context(void *ctx)
{
    gss_ctx_id_t c = ctx;
    OM_uint32 minor;

    gss_delete_sec_context(&minor, &c, GSS_C_NO_BUFFER);
}

/* What Kerberos says, or, where it says nothing, what GSSAPI does. */
static enum err gss_error(const struct exchange *x, OM_uint32 major, OM_uint32 minor,
                          struct error *e)
{
    gss_buffer_desc said = GSS_C_EMPTY_BUFFER;
    OM_uint32 ignored, more = 0;
    char *text;

    if (minor)
        gss_display_status(&ignored, minor, GSS_C_MECH_CODE, (gss_OID)gss_mech_krb5, &more, &said);
    else
        gss_display_status(&ignored, major, GSS_C_GSS_CODE, GSS_C_NO_OID, &more, &said);
    text = talloc_strndup(x->tmp, said.value ? said.value : "", said.length);
    gss_release_buffer(&ignored, &said);
    return ldap_bind_error(LDAP_LOCAL_ERROR, text, x->fqdn, e);
}

static enum err acquire(struct exchange *x, const char *cache_name, struct error *e)
{
    gss_key_value_element_desc element = { "ccache", cache_name };
    gss_key_value_set_desc store = { 1, &element };
    gss_OID_set_desc mechs = { 1, (gss_OID)gss_mech_krb5 };
    /* No realm: that of the ticket there is, or where the KDC refers to. */
    char *principal = talloc_asprintf(x->tmp, "ldap/%s@", x->fqdn);
    gss_buffer_desc name;
    OM_uint32 major, minor;

    if (!principal)
        return err_nomem(e);
    name = (gss_buffer_desc){ strlen(principal), principal };
    major = gss_acquire_cred_from(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &mechs, GSS_C_INITIATE,
                                  &store, &x->cred, NULL, NULL);
    if (GSS_ERROR(major))
        return gss_error(x, major, minor, e);
    if (!own(x->tmp, x->cred, release_cred))
        return err_nomem(e);
    major = gss_import_name(&minor, &name, (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME, &x->service);
    if (GSS_ERROR(major))
        return gss_error(x, major, minor, e);
    return own(x->tmp, x->service, release_name) ? OK : err_nomem(e);
}

static enum err refused(struct exchange *x, int ldap_rc, struct error *e)
{
    char *text = NULL;

    ldap_get_option(x->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
    if (text && !own(x->tmp, text, free_ldap_text))
        text = NULL;
    return ldap_bind_error(ldap_rc, text, x->fqdn, e);
}

/* One turn of the bind; the server must answer with expected.  *answer is owned by x->tmp. */
static enum err turn(struct exchange *x, const gss_buffer_desc *token, int expected,
                     gss_buffer_desc *answer, struct error *e)
{
    struct berval credentials = { token->length, token->value ? token->value : (char *)"" };
    struct berval *from_server = NULL;
    int ldap_rc;

    ldap_rc = ldap_sasl_bind_s(x->ld, NULL, "GSSAPI", &credentials, NULL, NULL, &from_server);
    if (from_server && !own(x->tmp, from_server, free_bv))
        return err_nomem(e);
    if (ldap_rc != expected) {
        if (ldap_rc == LDAP_SUCCESS || ldap_rc == LDAP_SASL_BIND_IN_PROGRESS)
            return err_set(e, ERR_AUTH,
                           "cannot bind to ldap/%s: the server ends the SASL exchange "
                           "out of turn",
                           x->fqdn);
        return refused(x, ldap_rc, e);
    }
    *answer = (gss_buffer_desc)GSS_C_EMPTY_BUFFER;
    if (from_server)
        *answer = (gss_buffer_desc){ from_server->bv_len, from_server->bv_val };
    return OK;
}

/* Key strength of the context; 0 where Kerberos does not say. */
static uint32_t strength(gss_ctx_id_t ctx)
{
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    OM_uint32 minor;
    uint32_t bits = 0;

    if (gss_inquire_sec_context_by_oid(&minor, ctx, GSS_C_SEC_CONTEXT_SASL_SSF, &set) ==
            GSS_S_COMPLETE &&
        set && set->count == 1) {
        struct rd r = rd_init((struct bytes){ set->elements[0].value, set->elements[0].length });

        bits = rd_be32(&r);
    }
    gss_release_buffer_set(&minor, &set);
    return bits;
}

/* Establish the context; *offer is the server's offer of security layers, still wrapped. */
static enum err establish(struct exchange *x, gss_buffer_desc *offer, struct error *e)
{
    gss_buffer_desc from_server = GSS_C_EMPTY_BUFFER, token = GSS_C_EMPTY_BUFFER;
    OM_uint32 major = GSS_S_CONTINUE_NEEDED, minor, ignored, flags = 0;

    for (int round = 0; round < ROUNDS_MAX && major == GSS_S_CONTINUE_NEEDED; round++) {
        bool is_first = x->ctx == GSS_C_NO_CONTEXT;
        enum err rc;

        major = gss_init_sec_context(&minor, x->cred, &x->ctx, x->service, (gss_OID)gss_mech_krb5,
                                     FLAGS_WANTED, 0, GSS_C_NO_CHANNEL_BINDINGS, &from_server, NULL,
                                     &token, &flags, NULL);
        if (is_first && x->ctx != GSS_C_NO_CONTEXT && !own(x->tmp, x->ctx, release_context)) {
            gss_release_buffer(&ignored, &token);
            return err_nomem(e);
        }
        if (GSS_ERROR(major)) {
            gss_release_buffer(&ignored, &token);
            return gss_error(x, major, minor, e);
        }
        rc = turn(x, &token, LDAP_SASL_BIND_IN_PROGRESS, &from_server, e);
        gss_release_buffer(&ignored, &token);
        if (rc != OK)
            return rc;
    }
    if (major != GSS_S_COMPLETE || (flags & FLAGS_NEEDED) != FLAGS_NEEDED ||
        strength(x->ctx) < STRENGTH_MIN)
        return err_set(e, ERR_AUTH,
                       "cannot bind to ldap/%s: no mutually authenticated, sealed context",
                       x->fqdn);
    *offer = from_server;
    return OK;
}

/* The server's layers and its longest packet; then ours, and nobody else to act as. */
static enum err agree_to_seal(struct exchange *x, gss_buffer_desc *offer, uint32_t *peer_max,
                              struct error *e)
{
    static const uint8_t choice[] = { LAYER_SEALED, SEAL_RECEIVE_MAX >> 16,
                                      SEAL_RECEIVE_MAX >> 8 & 0xff, SEAL_RECEIVE_MAX & 0xff };
    gss_buffer_desc plain = GSS_C_EMPTY_BUFFER, wrapped = GSS_C_EMPTY_BUFFER, nothing;
    gss_buffer_desc ours = { sizeof choice, (void *)choice };
    OM_uint32 major, minor, ignored;
    uint32_t layers_and_max;
    struct rd r;
    enum err rc;

    major = gss_unwrap(&minor, x->ctx, offer, &plain, NULL, NULL);
    if (GSS_ERROR(major))
        return gss_error(x, major, minor, e);
    r = rd_init((struct bytes){ plain.value, plain.length });
    layers_and_max = rd_be32(&r);
    gss_release_buffer(&ignored, &plain);
    if (r.bad || !(layers_and_max >> 24 & LAYER_SEALED)) {
        err_set(e, ERR_AUTH, "cannot bind to ldap/%s: the server offers no sealing", x->fqdn);
        return err_hint(e, "muster does not speak to a directory unsealed; "
                           "see the server's LDAP signing policy");
    }
    *peer_max = layers_and_max & 0xffffff;
    major = gss_wrap(&minor, x->ctx, 0, GSS_C_QOP_DEFAULT, &ours, NULL, &wrapped);
    if (GSS_ERROR(major))
        return gss_error(x, major, minor, e);
    rc = turn(x, &wrapped, LDAP_SUCCESS, &nothing, e);
    gss_release_buffer(&ignored, &wrapped);
    return rc;
}

enum err ldap_bind_gssapi(TALLOC_CTX *mem, LDAP *ld, const char *fqdn, const char *cache_name,
                          struct error *e)
{
    struct exchange x = { .tmp = talloc_new(mem), .ld = ld, .fqdn = fqdn };
    gss_buffer_desc offer;
    uint32_t peer_max = 0;
    enum err rc;

    if (!x.tmp)
        return err_nomem(e);
    if ((rc = acquire(&x, cache_name, e)) || (rc = establish(&x, &offer, e)) ||
        (rc = agree_to_seal(&x, &offer, &peer_max, e)))
        goto fail;
    if (!seal_install(x.tmp, ld, x.ctx, peer_max)) {
        rc = err_set(e, ERR_AUTH, "cannot bind to ldap/%s: the connection cannot be sealed", fqdn);
        goto fail;
    }
    log_debug("bound to ldap/%s: GSSAPI, sealed with %u bits, packets up to %u bytes", fqdn,
              strength(x.ctx), peer_max);
    /* The context stays as long as the handle that it seals: with mem. */
    return OK;
fail:
    talloc_free(x.tmp);
    return rc;
}
