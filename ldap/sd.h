/* Security descriptors (MS-DTYP 2.4.6): only who owns an object is of interest here. */
#ifndef LDAP_SD_H
#define LDAP_SD_H

#include "base/bytes.h"

/*
 * The owner of a self-relative security descriptor as "S-1-5-21-…" on mem.
 * NULL where there is no owner, the bytes contradict their format, or without memory.
 */
char *sd_owner(TALLOC_CTX *mem, struct bytes descriptor);

/* A SID (MS-DTYP 2.4.2.2) at the start of raw, on mem; NULL as above. */
char *sid_text(TALLOC_CTX *mem, struct bytes raw);

#endif
