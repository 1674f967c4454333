/*
 * A throw-away Kerberos realm: MIT's KDC on a free port of 127.0.0.1, all its files in a
 * temporary directory.  It sets KRB5_CONFIG and KRB5CCNAME of the test program, and a clock that
 * the test can put wrong.
 */
#ifndef TESTS_UNIT_REALM_H
#define TESTS_UNIT_REALM_H

#include <stdbool.h>
#include <stdint.h>
#include <talloc.h>

#define REALM "MUSTER.TEST"

struct realm;

/*
 * NULL, with the reason on stderr, where it does not come up: Debian's krb5-kdc and
 * krb5-admin-server are needed.
 */
struct realm *realm_start(void);
/* Ends the KDC, the files stay; starts it again. */
void realm_stop_kdc(struct realm *r);
bool realm_start_kdc(struct realm *r);
/* Ends the KDC and removes the files; nothing where r is NULL. */
void realm_free(struct realm *r);
/* The same for the realm that was started last: cmocka's teardown of a group. */
int realm_group_teardown(void **state);

/* The KDC's port on 127.0.0.1. */
uint16_t realm_port(const struct realm *r);

/* A file in the realm's directory; the text belongs to the realm. */
const char *realm_path(struct realm *r, const char *file);
bool realm_write(const char *path, const char *text);

/* One kadmin command, such as "addprinc -randkey HOST$".  False where it fails. */
bool realm_admin(struct realm *r, const char *command);
/* A new principal with a random key, and that key in a keytab.  False where either fails. */
bool realm_account(struct realm *r, const char *principal, const char *keytab);
/* Another program of Kerberos with up to five arguments. */
bool realm_run(struct realm *r, const char *program, ...);

/* Point KRB5_CONFIG at the realm's krb5.conf again. */
void realm_use(struct realm *r);

/* Seconds by which this process' clock is ahead of the true one. */
extern int64_t clock_ahead_s;

#endif
