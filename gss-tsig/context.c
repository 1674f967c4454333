#include "gss-tsig/context.h"

#include <gssapi/gssapi_krb5.h>
#include <string.h>

#include "gss-tsig/mech.h"

#define WANTED_FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_INTEG_FLAG)

struct secctx {
    gss_ctx_id_t handle;
    gss_cred_id_t cred; /* owned by a child of this */
    gss_name_t target;
};

static int secctx_destroy(struct secctx *s)
{
    OM_uint32 minor;

    gss_delete_sec_context(&minor, &s->handle, GSS_C_NO_BUFFER);
    gss_release_name(&minor, &s->target);
    return 0;
}

static gss_buffer_desc as_buffer(struct bytes b)
{
    return (gss_buffer_desc){ .length = b.len, .value = (void *)(uintptr_t)b.data };
}

/* Copies to mem and releases the buffer. */
static struct bytes take_buffer(TALLOC_CTX *mem, gss_buffer_desc *buffer)
{
    struct bytes copy = bytes_dup(mem, (struct bytes){ buffer->value, buffer->length });
    OM_uint32 minor;

    gss_release_buffer(&minor, buffer);
    return copy;
}

enum err secctx_new(TALLOC_CTX *mem, const struct credentials *c, const char *principal,
                    struct secctx **out, struct error *e)
{
    gss_buffer_desc name = { .length = strlen(principal), .value = (void *)(uintptr_t)principal };
    struct secctx *s = talloc_zero(NULL, struct secctx);
    OM_uint32 major, minor;
    enum err rc = OK;

    if (!s)
        return err_nomem(e);
    talloc_set_destructor(s, secctx_destroy);
    if ((rc = credentials_gss(s, c, &s->cred, e)))
        goto done;
    /* A principal, not a host-based service: nothing is canonicalised, nothing looked up. */
    major = gss_import_name(&minor, &name, GSS_KRB5_NT_PRINCIPAL_NAME, &s->target);
    if (GSS_ERROR(major)) {
        rc = mech_error(e, ERR_AUTH, major, minor, "cannot use the service name %s", principal);
        goto done;
    }
    *out = talloc_steal(mem, s);
    s = NULL;
done:
    talloc_free(s);
    return rc;
}

static enum err check_flags(OM_uint32 flags, struct error *e)
{
    if ((flags & WANTED_FLAGS) == WANTED_FLAGS)
        return OK;
    return err_set(e, ERR_AUTH, "the server's security context lacks%s%s%s",
                   flags & GSS_C_MUTUAL_FLAG ? "" : " mutual authentication",
                   flags & GSS_C_REPLAY_FLAG ? "" : " replay detection",
                   flags & GSS_C_INTEG_FLAG ? "" : " integrity protection");
}

enum err secctx_step(TALLOC_CTX *mem, struct secctx *s, struct bytes in, struct bytes *token,
                     bool *is_established, struct error *e)
{
    gss_buffer_desc input = as_buffer(in), output = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor, unused, flags = 0;
    struct bytes copy;

    major =
        gss_init_sec_context(&minor, s->cred, &s->handle, s->target, mech_spnego(), WANTED_FLAGS, 0,
                             GSS_C_NO_CHANNEL_BINDINGS, &input, NULL, &output, &flags, NULL);
    if (GSS_ERROR(major)) {
        gss_release_buffer(&unused, &output);
        mech_error(e, ERR_AUTH, major, minor,
                   in.len ? "the server's Kerberos answer is not good"
                          : "cannot begin a security context");
        return ERR_AUTH;
    }
    copy = take_buffer(mem, &output);
    if (!copy.data)
        return err_nomem(e);
    if (major == GSS_S_COMPLETE) {
        enum err rc = check_flags(flags, e);

        if (rc)
            return rc;
    }
    *token = copy;
    *is_established = major == GSS_S_COMPLETE;
    return OK;
}

enum err secctx_sign(TALLOC_CTX *mem, struct secctx *s, struct bytes message, struct bytes *mac,
                     struct error *e)
{
    gss_buffer_desc input = as_buffer(message), output = GSS_C_EMPTY_BUFFER;
    OM_uint32 major, minor;
    struct bytes copy;

    major = gss_get_mic(&minor, s->handle, GSS_C_QOP_DEFAULT, &input, &output);
    if (GSS_ERROR(major))
        return mech_error(e, ERR_AUTH, major, minor, "cannot sign a message");
    copy = take_buffer(mem, &output);
    if (!copy.data)
        return err_nomem(e);
    *mac = copy;
    return OK;
}

bool secctx_verify(struct secctx *s, struct bytes message, struct bytes mac)
{
    gss_buffer_desc input = as_buffer(message), token = as_buffer(mac);
    OM_uint32 minor, major = gss_verify_mic(&minor, s->handle, &input, &token, NULL);

    /* Duplicate and old tokens come as supplementary bits, no GSS_ERROR: they are no proof. */
    return major == GSS_S_COMPLETE;
}
