/* The socket at the bottom of an LDAP handle. */
#ifndef LDAP_STREAM_H
#define LDAP_STREAM_H

#include <ldap.h>
#include <stdbool.h>

/*
 * Have ld (made for LDAP_PROTO_EXT) read and write *fd, which must outlive it; closing ld closes
 * the descriptor.  Unlike libldap's own layer this one never blocks (so that half an answer
 * cannot hold a caller past its timeout), and raises no SIGPIPE when the peer has gone.
 */
bool stream_install(LDAP *ld, int *fd);

#endif
