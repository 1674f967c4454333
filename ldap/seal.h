/* The security layer of SASL GSSAPI (RFC 4752 section 3.3) below an LDAP handle. */
#ifndef LDAP_SEAL_H
#define LDAP_SEAL_H

#include <gssapi/gssapi.h>
#include <ldap.h>
#include <stdbool.h>
#include <stdint.h>
#include <talloc.h>

/* The longest sealed packet that is received; RFC 4752 has 24 bits for it. */
#define SEAL_RECEIVE_MAX 0xffffff

/*
 * From here on everything that ld sends is sealed with ctx, in packets of at most peer_max bytes,
 * and everything it receives must be; a packet that is not ends the connection.
 * mem holds the layer and must, like ctx, outlive ld.  False without memory, or where
 * peer_max leaves no room.
 */
bool seal_install(TALLOC_CTX *mem, LDAP *ld, gss_ctx_id_t ctx, uint32_t peer_max);

#endif
