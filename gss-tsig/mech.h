/* GSSAPI mechanisms in use, and their status in words. */
#ifndef GSS_TSIG_MECH_H
#define GSS_TSIG_MECH_H

#include <gssapi/gssapi.h>

#include "base/err.h"

/* SPNEGO (RFC 4178) and Kerberos 5 (RFC 4121): static objects, never released. */
gss_OID mech_spnego(void);
gss_OID mech_krb5(void);

/* The formatted text, then the mechanism's reason, else the general one.  Returns code. */
enum err mech_error(struct error *e, enum err code, OM_uint32 major, OM_uint32 minor,
                    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif
