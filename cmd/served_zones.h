/*
 * `--source axfr` for the commands that judge: zones that no directory holds, read by transfer,
 * dated by heartbeats, written by signed DNS updates.
 */
#ifndef CMD_SERVED_ZONES_H
#define CMD_SERVED_ZONES_H

#include "cmd/planning.h"
#include "scavenger/apply.h"

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

/* A session without a directory; credentials only where it is to write. */
enum err served_session(struct context *ctx, bool is_apply, struct session **out, struct error *e);

/*
 * Transfer each zone into state_dir/sightings.db, judge, lay the evidence beside.  A database that
 * is damaged is left alone and said: this once a temporary one serves.
 */
enum err served_planning(struct context *ctx, struct session *s, struct planning *p,
                         struct survey **out, struct error *e);

/*
 * Write changes as served_updates_run() does.  ERR_USAGE: the primary is named by a transfer that
 * nobody signed.
 */
enum err served_write(struct context *ctx, struct session *s, struct journal *journal,
                      struct journal_node *changes, size_t n, enum outcome success,
                      const struct apply_hooks *hooks, struct error *e);

#endif
