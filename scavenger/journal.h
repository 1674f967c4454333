/*
 * The journal: one file per run, JSON Lines, append-only, complete on disk before the
 * first write to the directory, so that every deletion can be put back byte for byte.
 *
 *   {"journal":"muster","version":1,"run":ID,"kind":"scavenge","principal":…,"server":…,"started":…}
 *   {"node":0,"zone":…,"name":…,"dn":…,"old":[base64…],"new":[base64…],"tombstone":true,
 *    "was_tombstone":false,"owner":SID or
 * null,"records":[{"type":…,"data":…,"timestamp_hours":…,"raw":…}]} …
 *   {"planned":N,"sha256":HEX}  from here on the directory may have been written; the hash is
 *                            that of the plan: of all node lines, newlines included
 *   {"outcome":"deleted","node":0,"at":…}
 *   …
 *   {"ended":…}
 *
 * "new" is null where a DNS server makes the values (a run by DNS updates): then the outcome has
 * "new", what was found afterwards.  An outcome may have "problem", what the directory said.  Text
 * that is not UTF-8 is escaped byte by byte: \xx in a DN (RFC 4514), \DDD elsewhere.
 *
 * A file without "planned" belongs to a run that wrote nothing.  A node without an
 * outcome may or may not have been written: the directory tells.  So does it where a line behind
 * "planned" cannot be read.
 */
#ifndef SCAVENGER_JOURNAL_H
#define SCAVENGER_JOURNAL_H

#include "base/bytes.h"
#include "base/err.h"
#include "scavenger/plan.h"

enum run_kind {
    RUN_SCAVENGE,
    RUN_RESTORE,
};

/* One record that the node loses (scavenge) or gets back (restore); for people and reports. */
struct journal_record {
    const char *type;
    const char *data;
    uint32_t timestamp_h;
    struct bytes raw;
};

struct journal_node {
    const char *zone;
    const char *name;
    const char *dn;
    const char *owner_sid; /* of the node; NULL: not read */
    struct bytes *old;
    size_t n_old;
    struct bytes *new;
    size_t n_new;
    bool was_tombstoned; /* before */
    bool is_tombstoned;  /* afterwards */
    /*
     * The DNS server makes the new values, which are not known before: new is what was found
     * afterwards, and empty where nobody could look.
     */
    bool is_server_made;
    struct journal_record *records;
    size_t n_records;
    enum outcome outcome; /* where the file has none OUTCOME_PLANNED, or, with bad lines in it,
                             OUTCOME_UNKNOWN */
    const char *problem;  /* what the directory said, where the outcome is a failure */
};

struct run {
    const char *id;
    enum run_kind kind;
    const char *principal;
    const char *server;
    int64_t started;         /* seconds since 1970 UTC */
    int64_t ended;           /* 0 where the run did not come to its end */
    bool is_committed;       /* has "planned" */
    const char *plan_sha256; /* in hex; NULL where the file has none */
    bool is_torn;            /* the last line is incomplete */
    size_t n_bad_lines;      /* behind the commit; passed over */
    size_t first_bad_line;
    struct journal_node *nodes;
    size_t n_nodes;
};

struct journal;

/*
 * Create the file of a new run in dir (made when missing, 0700).  The run's id is made from `now`
 * and random bits: "20261122T140557Z-1f3a".  ERR_IO.
 */
enum err journal_begin(TALLOC_CTX *mem, const char *dir, enum run_kind kind, const char *principal,
                       const char *server, int64_t now, struct journal **out, struct error *e);
const char *journal_run_id(const struct journal *j);
/* Has journal_commit succeeded: may the directory have been written? */
bool journal_is_committed(const struct journal *j);

/* Before journal_commit only.  Numbered from 0 in the order of calls. */
enum err journal_add(struct journal *j, const struct journal_node *n, struct error *e);

/* Everything on disk: file and directory fsynced.  Only after OK may the directory be written. */
enum err journal_commit(struct journal *j, struct error *e);

/*
 * After journal_commit only.  Appended at once, so that it outlives the process; on disk after
 * journal_sync or journal_end.  ERR_IO: the line is not in the file, nor a part of it, and the next
 * may be tried.
 */
enum err journal_outcome(struct journal *j, size_t node, enum outcome outcome, const char *problem,
                         int64_t now, struct error *e);
/* With what was found at the node afterwards, where its plan does not say (values NULL: nothing).
 */
struct observed {
    const struct bytes *values;
    size_t n_values;
};
enum err journal_outcome_seen(struct journal *j, size_t node, enum outcome outcome,
                              const char *problem, const struct observed *seen, int64_t now,
                              struct error *e);
enum err journal_sync(struct journal *j, struct error *e);
enum err journal_end(struct journal *j, int64_t now, struct error *e);

/*
 * What a run that failed with rc ends with: ERR_PARTIAL and the next step in *e where its journal
 * failed (ERR_IO) after the commit, since the directory was written by then; otherwise rc.
 */
enum err journal_end_partial(const struct journal *j, enum err rc, struct error *e);

/*
 * Read one run.  ERR_NOTFOUND: no such run; ERR_USAGE: id is not a run id; ERR_IO: the
 * file is not a journal or a complete line in it is not what it should be (the message has the line
 * number), or its plan has another hash than it says.  Behind a commit whose hash is right, a bad
 * line costs only itself: it is warned of.
 */
enum err journal_read(TALLOC_CTX *mem, const char *dir, const char *id, struct run **out,
                      struct error *e);

/* The same of a file's content, once the id is known to be one; ERR_MALFORMED.  Pure. */
enum err journal_parse(TALLOC_CTX *mem, struct bytes file, const char *id, struct run **out,
                       struct error *e);

/* The ids of all runs, oldest first; none where dir does not exist.  A run that was killed before
 * its first line is none. */
enum err journal_list(TALLOC_CTX *mem, const char *dir, char ***ids, size_t *n, struct error *e);

/* Is a process writing that run's journal now? */
bool journal_is_open(const char *dir, const char *id);

#endif
