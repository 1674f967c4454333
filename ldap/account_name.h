/* Whom a SID stands for. */
#ifndef LDAP_ACCOUNT_NAME_H
#define LDAP_ACCOUNT_NAME_H

#include "ldap/directory.h"

/*
 * sAMAccountName of the account or group with that SID ("PC17$", "Domain Admins"), or the name
 * that a well-known SID has ("SYSTEM"), on mem.
 * ERR_NOTFOUND: no object of this domain has it; ERR_USAGE: it is no SID.
 */
enum err account_name(TALLOC_CTX *mem, struct directory *d, const char *sid, char **out,
                      struct error *e);

#endif
