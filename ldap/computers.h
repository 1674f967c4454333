/*
 * The domain's computer accounts: who they are and when they were last seen, held compactly
 * (about 90 bytes an account), so that evidence on whether a host lives fits in memory.
 */
#ifndef LDAP_COMPUTERS_H
#define LDAP_COMPUTERS_H

#include "base/bytes.h"
#include "ldap/directory.h"

/* What an account is for, as its userAccountControl says (MS-ADTS 2.2.16). */
enum computer_role {
    COMPUTER_UNREAD,     /* it says neither, or may not be read */
    COMPUTER_MEMBER,     /* a workstation or member server */
    COMPUTER_CONTROLLER, /* a domain controller: on Samba it owns what administrators enter */
};

struct computer {
    uint32_t rid;        /* the last part of its SID; the rest is the domain's */
    uint32_t name_at;    /* see computer_host */
    uint32_t account_at; /* see computer_account */
    uint32_t alias_at;   /* its account's name in the domain, where its host's is another */
    uint32_t
        last_logon_h; /* lastLogonTimestamp in hours since 1601 UTC; up to 14 days late; 0: never */
    uint32_t password_set_h; /* pwdLastSet likewise */
    uint16_t n_foreign;   /* names of others whose records it owns, counted by whoever walks zones;
                             saturates */
    bool is_unread;       /* when it was last seen may not be read, or not who it is */
    bool is_logon_unread; /* its lastLogonTimestamp may not be read: 0 does not mean never */
    bool is_disabled;
    bool is_cluster; /* a cluster's name object: it speaks for a service that moves */
    uint8_t role;    /* enum computer_role */
};

struct computers;

/* domain_sid: the raw objectSid of the domain.  NULL where it is none, or without memory. */
struct computers *computers_new(TALLOC_CTX *mem, struct bytes domain_sid);
/*
 * The domain's name, "ad.example.test": from then on an account is also found as the host that
 * its sAMAccountName stands for there, whatever its dNSHostName says, or where it has none.
 */
enum err computers_use_domain(struct computers *c, const char *domain, struct error *e);

/* What the directory says of one account; unset fields are 0 or NULL. */
struct computer_facts {
    struct bytes sid;    /* objectSid; empty: it may not be read */
    const char *host;    /* dNSHostName */
    const char *account; /* sAMAccountName, "PC17$" */
    uint64_t last_logon; /* 100 ns since 1601 */
    uint64_t password_set;
    uint32_t control; /* userAccountControl */
    bool is_unread;   /* the times may not be read: 0 does not mean never */
};

/*
 * One account more; one of another domain is passed over.  One without a SID is unread, and found
 * by its name alone.
 */
enum err computers_add(struct computers *c, const struct computer_facts *facts, struct error *e);
/* After the last: makes it possible to find them. */
enum err computers_seal(struct computers *c, struct error *e);
/* The account with this raw objectSid is a cluster's.  After computers_seal. */
void computers_mark_cluster(struct computers *c, struct bytes sid);
/* The account with this raw objectSid never logged on, and hides nothing.  After computers_seal. */
void computers_mark_never(struct computers *c, struct bytes sid);

/*
 * All of the domain that d serves, streamed, and sealed.  Of those without a lastLogonTimestamp the
 * replication metadata is asked for: an account that has none in there either never logged on, of
 * any other it is hidden.  ERR_DENIED: none can be read, or of none
 * the last logon: then nothing can be said about who is alive.
 */
enum err computers_read(TALLOC_CTX *mem, struct directory *d, struct computers **out,
                        struct error *e);

size_t computers_count(const struct computers *c);
/* i below the count; after computers_seal. */
struct computer *computers_at(struct computers *c, size_t i);
/* Its SID in text, on mem; NULL without memory.  Not of one whose SID may not be read. */
char *computer_sid(TALLOC_CTX *mem, const struct computers *c, const struct computer *one);
/* Those whose SID may not be read: any owner that is not found may be one of them. */
size_t computers_without_sid(const struct computers *c);

/* dNSHostName in lower case without final dot; "" where the account has none. */
const char *computer_host(const struct computers *c, const struct computer *one);
/* sAMAccountName as it stands. */
const char *computer_account(const struct computers *c, const struct computer *one);

/* What a SID in text is to this domain. */
enum sid_kind {
    SID_COMPUTER,   /* *one is its account */
    SID_DOMAIN,     /* of the domain, but no computer that is there (any more) */
    SID_WELL_KNOWN, /* SYSTEM, Administrators, …: the same in every domain */
    SID_FOREIGN,    /* of another domain: its accounts are not known here */
};
enum sid_kind computers_by_sid(struct computers *c, const char *sid, struct computer **one);

/* Is name (lower case, no final dot) its dNSHostName, or its account's name in the domain? */
bool computer_has_name(const struct computers *c, const struct computer *one, const char *name);

/*
 * The accounts that have that name: the first, with *n of them reached by computers_named.  Two
 * accounts of one name are a mistake that happens.
 */
size_t computers_find(const struct computers *c, const char *name, size_t *n);
struct computer *computers_named(struct computers *c, size_t at);

#endif
