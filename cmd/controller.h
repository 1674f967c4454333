/* A domain controller's directory by the controller's name: again, or another one. */
#ifndef CMD_CONTROLLER_H
#define CMD_CONTROLLER_H

#include "cmd/session.h"

/*
 * Connect with these credentials to the controller of that name.  All until it is open may take
 * patience_ms together, and then every answer; --timeout wins.  Threads may do it at the same time,
 * each with credentials of its own (credentials_share()).
 */
enum err controller_open(TALLOC_CTX *mem, const struct context *ctx,
                         struct credentials *credentials, const char *name, int patience_ms,
                         struct directory **out, struct error *e);

/* Where the session's controller is connected to, for its other services. */
enum err controller_address(struct context *ctx, const char *name, int patience_ms, struct ip *out,
                            struct error *e);

#endif
