/* What a run has to know of both sides before it can compare them: wanted, and published. */
#ifndef REGISTER_SURVEY_H
#define REGISTER_SURVEY_H

#include "register/contact.h"
#include "register/memory.h"
#include "register/published.h"

/*
 * The addresses that this machine should be found at: those given, else those of the address
 * command, else those of its interfaces, going by the way to the server.  On mem, as
 * choose_addresses gives them.
 */
enum err survey_addresses(TALLOC_CTX *mem, const struct register_options *opt,
                          const struct contact *contact, struct deadline d, struct ip **out,
                          size_t *n, struct error *e);

#define SURVEY_MAX_REMEMBERED 64

/*
 * What the server publishes for fqdn and names borne earlier; with PTRs also at the reverse names
 * of what is wanted, remembered (so many in one run; with more, which ones is left to chance), or
 * published at fqdn and not wanted.
 */
enum err survey_published(TALLOC_CTX *mem, const struct register_options *opt,
                          const struct contact *contact, const char *fqdn, const struct memory *m,
                          const struct ip *wanted, size_t n_wanted, struct deadline d,
                          struct published **out, struct error *e);

/* What is published, not remembered, and provably this host's all the same (register/origin.h). */
struct survey_own {
    struct memory *recovered; /* the records */
    struct ip *addresses;     /* those at the own name that are to go */
    size_t n_addresses;
    const char *unknown; /* why the directory cannot say; NULL: it can, or was not asked */
};

/*
 * For register.  addresses: neither wanted nor remembered.  The directory is asked only where that
 * would change what is planned or remembered.  On mem.
 */
enum err survey_own(TALLOC_CTX *mem, const struct register_options *opt,
                    const struct contact *contact, const struct host *host, const struct memory *m,
                    const struct published *p, const struct ip *wanted, size_t n_wanted,
                    struct deadline d, struct survey_own *out, struct error *e);

/*
 * For unregister without any memory.  present: the addresses that register would publish now; those
 * of one of several sections take no other address.  addresses: all that were recovered.  On mem.
 */
enum err survey_lost(TALLOC_CTX *mem, const struct register_options *opt,
                     const struct contact *contact, const struct host *host,
                     const struct published *p, const struct ip *present, size_t n_present,
                     struct deadline d, struct survey_own *out, struct error *e);

#endif
