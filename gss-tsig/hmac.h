/*
 * Shared keys for TSIG (RFC 8945 section 6): HMAC with SHA-2, from a file in BIND's format
 *
 *     key "name" { algorithm hmac-sha256; secret "base64"; };
 *
 * as tsig-keygen writes it.
 */
#ifndef GSS_TSIG_HMAC_H
#define GSS_TSIG_HMAC_H

#include "base/err.h"
#include "gss-tsig/chain.h"

#define HMAC_KEY_FILE_MAX 65536

/*
 * The only key of text, on mem.  where: for messages, as "/etc/xfer.key".
 * ERR_CONFIG: not of that form, more than one key, an algorithm other than hmac-sha256,
 * hmac-sha384 and hmac-sha512, a secret of no bytes.  No message holds any of the secret.
 */
enum err hmac_key_parse(TALLOC_CTX *mem, struct bytes text, const char *where,
                        struct tsig_signer **out, struct error *e);

/* The same of a file; ERR_IO, ERR_NOTFOUND as file_read(). */
enum err hmac_key_read(TALLOC_CTX *mem, const char *path, struct tsig_signer **out,
                       struct error *e);

#endif
