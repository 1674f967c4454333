/* A domain controller's directory by the controller's name: again, or another one. */
#ifndef CMD_CONTROLLER_H
#define CMD_CONTROLLER_H

#include "cmd/session.h"

/*
 * Connect with the session's credentials to the controller of that name.  Looking its addresses up,
 * connecting and every answer may take patience_ms each; 0: the usual, or --timeout.
 */
enum err controller_open(TALLOC_CTX *mem, struct context *ctx, struct session *s, const char *name,
                         int patience_ms, struct directory **out, struct error *e);

/* Where the session's controller is connected to, for its other services. */
enum err controller_address(struct context *ctx, const char *name, int patience_ms, struct ip *out,
                            struct error *e);

#endif
