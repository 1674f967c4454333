/* The other registrations of this host: sections [register NAME] beside the one at work. */
#ifndef REGISTER_SIBLINGS_H
#define REGISTER_SIBLINGS_H

#include "register/contact.h"

/* What their records are made for must not be taken away by this one. */
struct siblings {
    const char **names; /* normalised; never the own name */
    size_t n;
};

/*
 * The names that opt's siblings publish, as host_identify() would have them; one that is no host's
 * name is left out.  On mem.  ERR_NOMEM.
 */
enum err siblings_of(TALLOC_CTX *mem, const struct register_options *opt, const struct host *host,
                     struct siblings *out, struct error *e);

/* Does another registration want this name?  name may have a final dot. */
bool siblings_want(const struct siblings *s, const char *name);

#endif
