/* The computer accounts of hosts that nothing but sightings dates, for zones that ask for it. */
#ifndef CMD_SERVED_ACCOUNTS_H
#define CMD_SERVED_ACCOUNTS_H

#include "cmd/session.h"
#include "scavenger/survey.h"

/*
 * Where a zone asks for a missing account (signal.h) and has candidates: read the accounts of the
 * domain of the credentials (--domain), and spare the candidates whose host has one.  One that the
 * directory does not show is asked for at the KDC (cmd/hidden.h); what cannot be read or asked
 * keeps the record.  hosts (absolute names): only these, and also where they are no candidates;
 * NULL: all.  Only ERR_NOMEM is an error.
 */
enum err served_accounts_ask(struct context *ctx, struct survey *survey, gate_set overridden,
                             const char *const *hosts, size_t n_hosts, struct error *e);

#endif
