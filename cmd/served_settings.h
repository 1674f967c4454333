/* `--source axfr`: its options, and the zones that it names with the intervals of each. */
#ifndef CMD_SERVED_SETTINGS_H
#define CMD_SERVED_SETTINGS_H

#include "cmd/planning.h"

/* The intervals of a zone that carries none, where none are given. */
#define SERVED_INTERVAL_H (7 * 24)

#define SERVED_OPTIONS                                                                              \
    {                                                                                               \
        "source",    OPTION_TEXT,                                                                   \
        "ldap|axfr", "where to read the zones: the directory, or a transfer",                       \
        "scavenge",  NULL                                                                           \
    },                                                                                              \
        { "key", OPTION_TEXT, "FILE|gss", "with --source axfr: the TSIG key for transfers, or gss", \
          NULL,  NULL },                                                                            \
        { "no-refresh", OPTION_TEXT, "TIME", "with --source axfr: the no-refresh interval (7d)",    \
          "scavenge",   NULL },                                                                     \
    {                                                                                               \
        "refresh", OPTION_TEXT, "TIME", "with --source axfr: the refresh interval (7d)",            \
            "scavenge", NULL                                                                        \
    }

/* Is it --source axfr?  ERR_USAGE names the option, also one that has no place beside the source.
 */
enum err served_read(const struct context *ctx, bool *is_wanted, struct error *e);

/* The zone of that name (normalised, kept) with the intervals that are given for it. */
enum err served_zone_of(const struct context *ctx, const char *name, struct dns_zone *out,
                        struct error *e);

/*
 * The second signal that the zone's section asks for.  ERR_CONFIG: a value that is none, or
 * silence-runs without silence-days, or the other way round.
 */
enum err served_signals(const struct context *ctx, const char *zone, struct signal_rules *out,
                        struct error *e);

/*
 * The zones of the command line, each once, forward zones first: that is the order in which they
 * are written, too.  On ctx->mem.
 */
enum err served_name_zones(struct context *ctx, const struct planning *p, struct dns_zone **out,
                           size_t *n_out, struct error *e);

#endif
