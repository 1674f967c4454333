/*
 * The domain controllers that were used last, so that the next run can begin with them.  They are
 * proven by use, not by age: whoever reads this has to ask them.
 *
 * STATE_DIR/dc.json: {"version": 1, "domains": {DOMAIN: {"site_wanted": text or null,
 * "controllers": [{"name", "addresses", "site", "kind", "read_only"}]}}}, the one in use first.
 */
#ifndef LDAP_DCCACHE_H
#define LDAP_DCCACHE_H

#include <talloc.h>

#include "base/bytes.h"
#include "base/err.h"
#include "ldap/dc.h"

#define DCCACHE_CONTROLLERS_MAX 16
#define DCCACHE_DOMAINS_MAX 16

/*
 * What was stored for domain when site_wanted (NULL: none) was asked for; *n is 0 where there is
 * nothing, or the file is missing, unreadable or nonsense (which is logged): never an error but
 * ERR_NOMEM.  *out on mem.
 */
enum err dccache_read(TALLOC_CTX *mem, const char *state_dir, const char *domain,
                      const char *site_wanted, struct dc **out, size_t *n, struct error *e);

/* The same of the file's content ({NULL, 0}: there is none); path: for messages.  Pure. */
enum err dccache_parse(TALLOC_CTX *mem, struct bytes content, const char *path, const char *domain,
                       const char *site_wanted, struct dc **out, size_t *n, struct error *e);

/* What the content becomes with these stored in it, on mem; {NULL, 0}: it says so already.  Pure.
 */
enum err dccache_format(TALLOC_CTX *mem, struct bytes content, const char *path, const char *domain,
                        const char *site_wanted, const struct dc *dcs, size_t n, struct bytes *out,
                        struct error *e);

/*
 * Store them for domain, those of other domains are kept.  Nothing is written where the file says
 * so already.  Atomic, mode 0600; makes the directory where it is missing.
 */
enum err dccache_write(const char *state_dir, const char *domain, const char *site_wanted,
                       const struct dc *dcs, size_t n, struct error *e);

#endif
