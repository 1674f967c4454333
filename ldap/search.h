/* Searches in the directory: objects as they arrive, page by page, and single objects. */
#ifndef LDAP_SEARCH_H
#define LDAP_SEARCH_H

#include "ldap/entry.h"

struct search {
    const char *base;
    const char *filter;            /* NULL: any object */
    const char *const *attributes; /* NULL-terminated */
    bool is_subtree;               /* all that is below base, not one level of it */
    bool with_owner; /* of nTSecurityDescriptor only the owner (MS-ADTS LDAP_SERVER_SD_FLAGS_OID) */
    int first_answer_ms; /* how long the server may think first; 0: its usual timeout.
                            Not with directory_hold_timeout() */
};

/* entry is valid only during the call.  An error ends the search and is returned. */
typedef enum err entry_visit(const struct entry *entry, void *priv, struct error *e);

/*
 * One level below base, or all levels.  References to other servers are passed over.  In pages:
 * while one is visited the server prepares the next one; no more than a page is held.  From Samba
 * without pages, and those that it leaves out of one answer in pages after that (8 bytes an object
 * are kept for it). A search that ends early is an error.  ERR_NOTFOUND: there is no base.
 */
enum err search_children(struct directory *d, const struct search *s, entry_visit *visit,
                         void *priv, struct error *e);

/* The object base itself.  On OK *out is on mem, all of it.  ERR_NOTFOUND where it is gone. */
enum err search_object(TALLOC_CTX *mem, struct directory *d, const struct search *s,
                       struct entry **out, struct error *e);

/*
 * Ask for the object base and do not wait: the answer comes under *msgid.  ERR_UNREACHABLE: the
 * connection was lost before.
 */
enum err search_object_begin(struct directory *d, const struct search *s, int *msgid,
                             struct error *e);
/* The same for all that is below base and matches, in one answer without pages: for few objects. */
enum err search_below_begin(struct directory *d, const struct search *s, int *msgid,
                            struct error *e);

#endif
