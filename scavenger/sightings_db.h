/* For the files of the sightings: the open database, its statements and its one transaction. */
#ifndef SCAVENGER_SIGHTINGS_DB_H
#define SCAVENGER_SIGHTINGS_DB_H

#include <sqlite3.h>

#include "scavenger/sightings.h"

struct sightings {
    sqlite3 *db;
    const char *path;
    sqlite3_stmt *statement; /* of the pass that is under way */
    sqlite3_int64 zone;
    sqlite3_int64 pass;
    sqlite3_int64 observed_s; /* of the scale that the pass counts on */
    int64_t now_s;
    bool is_open;      /* a transaction is */
    size_t n_too_long; /* names with too many records, so far: the first is warned of */
};

/* ERR_MALFORMED, ERR_BUSY, ERR_NOMEM or ERR_IO by SQLite's last word: "PATH: cannot WHAT: …". */
enum err sightings_failed(const struct sightings *s, const char *what, struct error *e);

/* Statements without bindings and rows. */
enum err sightings_run(struct sightings *s, const char *sql, const char *what, struct error *e);

/* What a statement binds; text NULL: number. */
struct binding {
    const char *text;
    int64_t number;
};

enum err sightings_prepare(struct sightings *s, const char *sql, const struct binding *b, int n,
                           sqlite3_stmt **out, struct error *e);

/* Run a statement that has no rows, or take the integers of its one row.  *has_row may be NULL. */
enum err sightings_step(struct sightings *s, const char *sql, const struct binding *b, int n,
                        int64_t *columns, int n_columns, bool *has_row, struct error *e);

/* Begin the transaction of a pass, whose statement for each record this is. */
enum err sightings_transaction_begin(struct sightings *s, const char *sql, struct error *e);
enum err sightings_transaction_end(struct sightings *s, bool is_complete, struct error *e);
/* Roll back; returns rc. */
enum err sightings_transaction_abandon(struct sightings *s, enum err rc);

/* How much of the time since the last pass (0: none) was observed. Pure. */
int64_t sightings_passed(int64_t last_s, int64_t now_s);

#endif
