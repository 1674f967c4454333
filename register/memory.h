/*
 * What this host has registered and not yet taken back: so that after a move the old
 * PTRs go too, and so that unregister touches nothing that is not ours.
 *
 * One JSON file, STATE_DIR/registered.json (registered-NAME.json for a section [register NAME]):
 * {"version": 1, "records": [{"zone", "name", "type", "data", "pending", "pending_since", "server",
 * "seen"}], "last_error": text or null, "machine", "principal"}.  Names are absolute there;
 * "pending", false where it is missing, says that the record is no longer wanted and still to be
 * removed, and "pending_since" from when on.  "server" had the record last, at the time "seen".
 * Times are seconds since 1970 UTC; those that are missing, as in older files, count from the next
 * run on. "machine" (machine-id(5)) and "principal" say whose it is (register/belonging.h).
 */
#ifndef REGISTER_MEMORY_H
#define REGISTER_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <talloc.h>

#include "base/bytes.h"
#include "base/err.h"

/* More than a host can have had; a file with more is not one of ours. */
#define MEMORY_MAX_RECORDS 4096

/* Where a record was last written, or seen to be published, and when.  Other servers of the domain
 * may not have heard of it yet. */
struct sighting {
    const char *server; /* NULL: not known */
    int64_t at_s;       /* since 1970; 0: not known */
};

/* Earlier looks at the same server are as good: the file is not written for a newer time alone. */
#define MEMORY_SEEN_S 3600

struct memory_record {
    const char *zone;
    const char *name; /* absolute, normalised */
    uint16_t type;    /* A, AAAA, PTR, or TXT: a heartbeat (dns/heartbeat.h) */
    const char *data; /* presentation format */
    bool is_pending;  /* no longer wanted, but not yet known to be gone: tried again in every run */
    int64_t pending_since_s; /* 0: it is not, or not known since when */
    struct sighting seen;
};

struct memory {
    struct memory_record *records; /* the oldest first */
    size_t n_records;
    const char *last_error; /* of the latest run; NULL when it went well */
    const char *machine;    /* whose it is; NULL: not known */
    const char *principal;
};

/*
 * *out on mem.  No file gives an empty memory.  section: NULL for the one without a name.
 * ERR_MALFORMED: not JSON, not this format, or records that are no host's; ERR_IO.
 */
enum err memory_read(TALLOC_CTX *mem, const char *state_dir, const char *section,
                     struct memory **out, struct error *e);

/* Delete the file.  None is as good. */
enum err memory_drop(const char *state_dir, const char *section, struct error *e);

/* The same of the file's content, and what is written to it ({NULL, 0} without memory).  path: for
 * messages.  Pure. */
enum err memory_parse(TALLOC_CTX *mem, struct bytes content, const char *path, struct memory **out,
                      struct error *e);
struct bytes memory_format(TALLOC_CTX *mem, const struct memory *m);

/* Replace the file atomically; makes the directory where it is missing. */
enum err memory_write(const char *state_dir, const char *section, const struct memory *m,
                      struct error *e);

/* "registered.json.bad", then ".bad.1" and so on: so many are kept, none is ever replaced. */
#define MEMORY_MAX_ASIDE 10

/*
 * Move what memory_read could not read, whatever it is (a link or a directory too), to a name
 * beside it that nothing has: *aside, on mem.  ERR_IO: it cannot be moved, or all those names are
 * taken.
 */
enum err memory_put_aside(TALLOC_CTX *mem, const char *state_dir, const char *section,
                          const char **aside, struct error *e);

/* A copy on mem that shares nothing; NULL without memory. */
struct memory *memory_copy(TALLOC_CTX *mem, const struct memory *m);

/* The same records (in any order), all that is known of them as well, and the same last_error? */
bool memory_equal(const struct memory *a, const struct memory *b);

/* Its index, or -1. */
ssize_t memory_find(const struct memory *m, const char *name, uint16_t type, const char *data);
bool memory_has(const struct memory *m, const char *name, uint16_t type, const char *data);
bool memory_has_type(const struct memory *m, const char *name, uint16_t type);
/* Was name ever this host's: the owner of a remembered address, or the target of a remembered PTR?
 */
bool memory_knows_name(const struct memory *m, const char *name);

/*
 * Adds unless it is there; what is there is no longer pending unless r is, and was seen where r was
 * (memory_see), if r was.  In a full memory the oldest pending record gives way; where none is
 * pending r is not remembered.  Both are logged. False without memory.
 */
bool memory_remember(struct memory *m, struct memory_record r);

/* Of m: the record was seen.  Neither a newer time alone nor none changes it.  False without
 * memory.
 */
bool memory_see(struct memory *m, struct memory_record *r, struct sighting seen);

/* What has no time, or one that lies ahead (the clock was wrong), has now instead. */
void memory_date(struct memory *m, int64_t now_s);

void memory_forget(struct memory *m, const char *name, uint16_t type, const char *data);

#endif
