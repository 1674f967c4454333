/* How records are judged, for the commands that do: options, and the survey that they lead to. */
#ifndef CMD_PLANNING_H
#define CMD_PLANNING_H

#include "cmd/probing.h"
#include "cmd/session.h"
#include "scavenger/survey.h"

#define PLANNING_OPTIONS                                                                             \
    {                                                                                                \
        "as-of", OPTION_TEXT, "TIME", "judge as if it were TIME: 2026-12-01, +30d, -12h", NULL, NULL \
    },                                                                                               \
        { "protect", OPTION_LIST, "GLOB", "never delete names that match", "scavenge", NULL },       \
        { "evidence",  OPTION_TEXT,                                                                  \
          "LIST|none", "evidence beside the timestamps: accounts,pairs (default: all)",              \
          "scavenge",  NULL },                                                                       \
        { "alive-window", OPTION_TEXT,                                                               \
          "TIME",         "a computer that logged on within TIME is alive (default: 30d)",           \
          "scavenge",     NULL },                                                                    \
    {                                                                                                \
        "override", OPTION_LIST, "GATE", "scavenge a zone though this gate is shut", NULL, NULL      \
    }

struct planning {
    bool has_as_of;
    int64_t as_of; /* seconds since 1970 UTC; the session's now without --as-of */
    uint32_t now_h;
    gate_set overridden;
    const char *const *zones; /* NULL entries: none; as given */
    size_t n_zones;
    const char *watched_zone; /* for one name: its zone's DN and its relative name, or NULL */
    const char *watched;
    struct survey_params params;
    struct probing probing;
    struct probing silence; /* the round of a zone that asks for silence (cmd/served_silence.h) */
};

/* ERR_USAGE names the option. */
enum err planning_read(const struct context *ctx, struct planning *out, struct error *e);

/* Read the directory and judge.  With no zones named: all, but those that do not age are not
 * walked. */
enum err planning_survey(struct context *ctx, struct session *s, struct planning *p,
                         struct survey **out, struct error *e);

#endif
