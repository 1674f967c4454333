/* What register, unregister, status and doctor have in common: which host they are about. */
#ifndef CMD_REGISTER_OPTIONS_H
#define CMD_REGISTER_OPTIONS_H

#include "cmd/command.h"
#include "register/register.h"

/* The options that register_options_read looks at, for the tables of commands. */
#define REGISTER_OPTIONS                                                                           \
    {                                                                                              \
        "hostname", OPTION_TEXT,                                                                   \
        "FQDN",     "the name to publish (default: this host's, in the domain)",                   \
        "register", NULL                                                                           \
    },                                                                                             \
        { "interface",                                                                             \
          OPTION_LIST,                                                                             \
          "PATTERN",                                                                               \
          "publish the addresses of matching interfaces (default: the one that reaches the DC)",   \
          "register",                                                                              \
          "interfaces" },                                                                          \
        { "address",  OPTION_LIST, "IP", "publish this address instead of what interfaces hold",   \
          "register", NULL },                                                                      \
        { "address-command", OPTION_TEXT,                                                          \
          "PROGRAM",         "publish the addresses that PROGRAM prints, one a line",              \
          "register",        NULL },                                                               \
        { "ula",      OPTION_TEXT,                                                                 \
          "yes|no",   "publish unique local IPv6 addresses, fc00::/7 (default: yes)",              \
          "register", NULL },                                                                      \
        { "exclude",  OPTION_LIST, "CIDR", "never publish addresses in this network",              \
          "register", NULL },                                                                      \
        { "ptr-server", OPTION_LIST,                                                               \
          "NAME",       "update the reverse zones of this server, though it is no controller",     \
          "register",   "ptr-servers" },                                                           \
        { "ptr",      OPTION_TEXT,                                                                 \
          "auto|off", "publish PTR records where a reverse zone exists (default: auto)",           \
          "register", NULL },                                                                      \
        { "stamp",    OPTION_FLAG,                                                                 \
          NULL,       "keep a heartbeat at the name: a TXT record that says when it was seen",     \
          "register", NULL },                                                                      \
        { "keytab", OPTION_TEXT, "FILE", "the host's keytab (default: " REGISTER_KEYTAB ")",       \
          "muster", NULL },                                                                        \
    {                                                                                              \
        "principal", OPTION_TEXT, "NAME",                                                          \
            "the keytab's principal to use (default: the first NAME$)", "muster", NULL             \
    }

/* The defaults, and what the command line and the configuration say. */
enum err register_options_read(const struct context *ctx, struct register_options *o,
                               struct error *e);

#endif
