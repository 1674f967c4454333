/* A subcommand and what it runs in. */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include <stdbool.h>
#include <talloc.h>

#include "base/err.h"
#include "cmd/options.h"

struct context {
    TALLOC_CTX *mem;
    const struct command *command;
    const struct options *options;
    bool is_json;
    const char *preferred_server; /* where --server names none; NULL: any */
    const char *controller; /* instead of --server, which is then another kind of server; NULL */
    bool is_server_other;   /* --server is no controller: DNS names one */
    /* Set by a command that has put its JSON document out: a failure is then said on stderr only.
     */
    bool has_reported;
};

struct command {
    const char *name;
    const char *arguments; /* for the usage line, "" where there are none */
    const char *summary;
    const struct option_spec *options;
    size_t min_arguments;
    size_t max_arguments;
    /* The error code becomes the exit code (base/err.h). */
    enum err (*run)(struct context *ctx, struct error *e);
};

extern const struct command command_register;
extern const struct command command_unregister;
extern const struct command command_status;
extern const struct command command_doctor;
extern const struct command command_zones;
extern const struct command command_records;
extern const struct command command_aging;
extern const struct command command_scavenge;
extern const struct command command_why;
extern const struct command command_runs;
extern const struct command command_restore;

/* All of them, in the order of the help; ends with NULL. */
extern const struct command *const commands[];

/* NULL where there is none of that name. */
const struct command *command_find(const char *name);

#endif
