/* What the configuration says of the registrations under watch, as it was read and read anew. */
#ifndef CMD_WATCH_SETTINGS_H
#define CMD_WATCH_SETTINGS_H

#include "cmd/watch_section.h"

/* One reading of the configuration. */
struct settings {
    struct context ctx; /* whose options those of the sections are */
    struct section **sections;
    size_t n;
    struct settings *older; /* the reading before, of which runs are under way; NULL: none */
};

/*
 * The sections of ctx->options, each with its first run due and its lock held (never two watchers
 * for one section).  ERR_BUSY: another watcher has one; ERR_USAGE, ERR_CONFIG, ERR_IO.
 */
enum err settings_read(TALLOC_CTX *mem, const struct context *ctx, int64_t now_ms,
                       struct settings **out, struct error *e);

/*
 * Read the configuration file anew and put its sections in place of *settings.  Runs that are under
 * way go on: only the section of the same name waits for such a one.  A lock that another watcher
 * has is that section's trouble, when it comes to run.  On an error *settings stays as it was.
 */
enum err settings_reload(TALLOC_CTX *mem, const struct context *ctx, int64_t now_ms,
                         struct settings **settings, struct error *e);

/* section_collect for all, those of older readings as well; true when it was for one; frees the
 * readings that are over. */
bool settings_collect(const struct context *ctx, struct settings *s, int64_t now_ms);

/* Is a run under way, of this reading or an older one? */
bool settings_is_running(const struct settings *s);

/* Has one been under way for more than so many times its timeout? */
bool settings_is_hanging(const struct settings *s, int timeouts, int64_t now_ms);

#endif
