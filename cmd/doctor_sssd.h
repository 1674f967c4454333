/* Does SSSD register this host too? */
#ifndef CMD_DOCTOR_SSSD_H
#define CMD_DOCTOR_SSSD_H

#include <stdbool.h>
#include <talloc.h>

#include "base/bytes.h"
#include "base/err.h"

struct sssd_config;

/* No file read yet; NULL without memory. */
struct sssd_config *sssd_config_new(TALLOC_CTX *mem);

/* One more file, by that name: what it says stands in place of what those before it said.  Pure. */
void sssd_config_add(struct sssd_config *c, const char *file, struct bytes text);

struct sssd_updating {
    const char *domain; /* as in "[domain/…]"; NULL: none */
    const char *file;   /* the one that decides it */
};

/*
 * The first domain that updates DNS: dyndns_update is true, or nothing is said of it and
 * id_provider is ad, whose default that is (sssd-ad(5); for ipa and others the default is false).
 * What is in *out is c's.  Pure.
 */
void sssd_config_updating(const struct sssd_config *c, struct sssd_updating *out);

/*
 * As SSSD reads its configuration (sssd.conf(5)): dir/sssd.conf, then what ends in .conf in
 * dir/conf.d, in the order of the names, hidden ones left out.  ERR_NOTFOUND: there is no such
 * file; ERR_IO: one of them cannot be read.
 */
enum err sssd_config_read(TALLOC_CTX *mem, const char *dir, struct sssd_config **out,
                          struct error *e);

#endif
