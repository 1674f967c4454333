#include "gss-tsig/mech.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

gss_OID mech_spnego(void)
{
    static gss_OID_desc oid = { 6, (void *)(uintptr_t) "\x2b\x06\x01\x05\x05\x02" };

    return &oid;
}

gss_OID mech_krb5(void)
{
    static gss_OID_desc oid = { 9, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" };

    return &oid;
}

/* The first line of the status; false where there is nothing to say. */
static bool status_text(OM_uint32 code, int type, char *out, size_t size)
{
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, more = 0;

    if (GSS_ERROR(gss_display_status(&minor, code, type, mech_krb5(), &more, &text)))
        return false;
    snprintf(out, size, "%.*s", (int)text.length, (const char *)text.value);
    gss_release_buffer(&minor, &text);
    return out[0] != '\0';
}

enum err mech_error(struct error *e, enum err code, OM_uint32 major, OM_uint32 minor,
                    const char *fmt, ...)
{
    char what[384], why[384];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    if ((minor == 0 || !status_text(minor, GSS_C_MECH_CODE, why, sizeof why)) &&
        !status_text(major, GSS_C_GSS_CODE, why, sizeof why))
        snprintf(why, sizeof why, "GSSAPI status %08x", major);
    return err_set(e, code, "%s: %s", what, why);
}
