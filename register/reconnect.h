/* A server that closes the connection is not gone: RFC 7766 section 6.2.3 and 6.2.4. */
#ifndef REGISTER_RECONNECT_H
#define REGISTER_RECONNECT_H

#include "register/contact.h"

/*
 * Where the server closed a connection on which it had answered: connect to the same address again,
 * once per server and run.  All that was read and negotiated there has to be had anew.
 * False: it was not so, that was done before, or it cannot be connected to; *c is as it was.
 */
bool reconnect_once(TALLOC_CTX *mem, struct contact *c, struct deadline d);

#endif
