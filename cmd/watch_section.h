/* The registrations of a `register --watch`: what is kept of each from one run to the next. */
#ifndef CMD_WATCH_SECTION_H
#define CMD_WATCH_SECTION_H

#include "cmd/register.h"
#include "cmd/watch_job.h"
#include "register/watch.h"

struct section {
    struct registration reg;
    struct watch *watch;
    struct tickets *tickets; /* no child of anything: a job's thread allocates there */
    struct job *job;         /* NULL: no run is under way */
    int64_t started_ms;
    bool is_leaving; /* the job is the last one: unregister */
    bool has_left;
    bool has_tried;
    struct error last; /* code OK: the latest run went well */
    struct ip server;  /* of the latest run; family 0: not known */
    char summary[320]; /* "host1.ad.example.test at dc1.ad.example.test" */
};

/* One reading of the configuration. */
struct settings {
    struct context ctx; /* whose options those of the sections are */
    struct section **sections;
    size_t n;
};

/*
 * The sections of ctx->options, each with its first run due and its lock held (never two watchers
 * for one section).  ERR_BUSY: another watcher has one; ERR_USAGE, ERR_CONFIG.
 */
enum err settings_read(TALLOC_CTX *mem, const struct context *ctx, int64_t now_ms,
                       struct settings **out, struct error *e);

/*
 * Read the configuration file anew and put its sections in place of *settings; no job may be under
 * way.  On an error *settings stays as it was.
 */
enum err settings_reload(TALLOC_CTX *mem, const struct context *ctx, int64_t now_ms,
                         struct settings **settings, struct error *e);

/* Look at the addresses, and start a run where watch_look wants one. */
void section_look(struct section *s, const struct host_address *all, size_t n, int done_fd,
                  int64_t now_ms);

/* If its job is done: print what came of it and let the watch know.  True when it was. */
bool section_collect(const struct context *ctx, struct section *s, int64_t now_ms);

/* Unregister if that is to be done on leaving.  True when nothing is left to wait for. */
bool section_leave(struct section *s, int done_fd, int64_t now_ms);

#endif
