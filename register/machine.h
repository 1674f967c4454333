/* As the machine account: its tickets, and the directory of the server in use. */
#ifndef REGISTER_MACHINE_H
#define REGISTER_MACHINE_H

#include "gss-tsig/credentials.h"
#include "ldap/directory.h"
#include "register/contact.h"

/* Errors as credentials_from_keytab. */
enum err machine_credentials(TALLOC_CTX *mem, const struct host *host,
                             const struct contact *contact, const char *keytab, struct deadline d,
                             struct credentials **out, struct error *e);

/* Is name (normalised) in host's domain, or in that of its realm, where they differ? */
bool machine_is_at_home(const struct host *host, const char *name);

/*
 * Is server a domain controller of host's realm?  Only the KDC can tell:
 * the name came from DNS, and Active Directory gives a ticket for DNS/<name> of every computer
 * there is (its sPNMappings make DNS/ of HOST/).  A ticket of the realm's own KDC for
 * ldap/<name>/<domain of the realm>, which no computer but a controller can have as its own, is the
 * proof.  Errors as credentials_find_service: it cannot be said then.
 */
enum err machine_find_controller(const struct host *host, const char *server,
                                 struct credentials *creds, struct deadline d, bool *is_controller,
                                 struct error *e);

/*
 * The same, demanded of the server that contact is with, unless the administrator named it.
 * ERR_UNVERIFIED: it is none, or it cannot be proven, and why; ERR_UNREACHABLE: no KDC answers.
 */
enum err machine_prove_controller(const struct host *host, const struct contact *contact,
                                  struct credentials *creds, struct deadline d, struct error *e);

/*
 * The directory of the server that contact is with, which has to be a domain controller.  creds
 * outlive it.
 */
enum err machine_directory(TALLOC_CTX *mem, const struct contact *contact,
                           struct credentials *creds, struct deadline d, struct directory **out,
                           struct error *e);

/* Is account ("HOST1$") the one that principal ("HOST1$@REALM", "host/name@REALM") names?  Pure. */
bool machine_is_account(const char *principal, const char *account);

#endif
