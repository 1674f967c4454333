/* Does SSSD register this host too? */
#ifndef CMD_DOCTOR_SSSD_H
#define CMD_DOCTOR_SSSD_H

#include <talloc.h>

#include "base/bytes.h"

/*
 * The first domain of an sssd.conf whose provider is ad or ipa-like AD ("id_provider = ad") and
 * whose dyndns_update is not off: its default is on there (sssd-ad(5)).  On mem; NULL where there
 * is none.  Pure.
 */
char *sssd_updating_domain(TALLOC_CTX *mem, struct bytes conf);

#endif
