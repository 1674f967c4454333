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

/*
 * What the server publishes for fqdn and names borne earlier; with PTRs also at the reverse names
 * of what is wanted, remembered, or published at fqdn and not wanted.
 */
enum err survey_published(TALLOC_CTX *mem, const struct register_options *opt,
                          const struct contact *contact, const char *fqdn, const struct memory *m,
                          const struct ip *wanted, size_t n_wanted, struct deadline d,
                          struct published **out, struct error *e);

/*
 * Of the addresses published at the own name that are neither wanted nor remembered, those that are
 * this host's all the same (register/origin.h).  On mem.
 */
enum err survey_own(TALLOC_CTX *mem, const struct register_options *opt,
                    const struct contact *contact, const struct host *host, const struct memory *m,
                    const struct published *p, const struct ip *wanted, size_t n_wanted,
                    struct deadline d, struct ip **own, size_t *n_own, struct error *e);

#endif
