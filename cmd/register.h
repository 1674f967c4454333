/* What register, unregister and the watching share: the registrations asked for, and their report.
 */
#ifndef CMD_REGISTER_H
#define CMD_REGISTER_H

#include "cmd/command.h"
#include "register/register.h"

struct registration {
    const char
        *section; /* name of its section [register NAME]; NULL: the only one, without a name */
    struct register_options options;
    bool unregister_on_stop;
    int address_command_interval_s;
};

/*
 * Those of ctx->options: one for each named section, or the one without a name.  On mem; the
 * strings are the options'.  ERR_USAGE: a value that is none.
 */
enum err registrations_read(TALLOC_CTX *mem, const struct context *ctx, struct registration **out,
                            size_t *n, struct error *e);

/*
 * Print how one run ended: the report where there is one (rc OK), else e.  With JSON one line,
 * which has the section's name where there is one.  Gives the run's outcome, and in *e why it is
 * not OK.
 */
enum err registration_print(struct context *ctx, const struct registration *r, enum err rc,
                            const struct register_report *report, struct error *e);

/* register --watch: returns when a signal ends it (cmd/watch.c). */
enum err watch_registrations(struct context *ctx, struct error *e);

#endif
