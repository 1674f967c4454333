/* The transfer pass of `--source axfr`: zones into the database of sightings. */
#ifndef CMD_SERVED_PASS_H
#define CMD_SERVED_PASS_H

#include "cmd/session.h"
#include "scavenger/journal.h"
#include "scavenger/sightings.h"
#include "scavenger/survey.h"

/* A talloc object: the database is its child. */
struct served_store {
    struct sightings *db;
    char *temporary; /* removed with the store; NULL: the real one */
};

/* state_dir/sightings.db; where that is damaged, it is left alone and a temporary one serves. */
enum err served_store_open(struct context *ctx, struct served_store **out, struct error *e);

/*
 * A temporary one, for zones whose transfers prove nothing (served_is_proved()): what they tell is
 * judged this once, and no later run takes it for confirmed.
 */
enum err served_store_temporary(struct context *ctx, struct served_store **out, struct error *e);

/*
 * From now on a temporary database instead: a damaged one teaches nothing, and nothing is lost:
 * heartbeats are in the zone itself.  Why is said.
 */
enum err served_store_replace(struct context *ctx, struct served_store *s, const char *why,
                              struct error *e);

/*
 * Transfer each zone into its sightings, or into the store where it has none of its own; its DN
 * becomes the URI of its name at the primary (scavenger/served_nodes.h), and s->server the names of
 * the primaries.  *is_database: what went wrong was the database.
 */
enum err served_transfer_all(struct context *ctx, struct session *s, struct served_store *store,
                             const struct survey_zone *judged, struct dns_zone *zones, size_t n,
                             bool *is_database, struct error *e);

/*
 * Note the names that a run changed: what is there from now on is new.  What goes wrong is said, no
 * more.
 */
void served_renew(struct context *ctx, const struct journal_node *changes, size_t n,
                  enum outcome done);

#endif
