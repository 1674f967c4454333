/* The computer accounts as the directory has them. */
#include <stdlib.h>
#include <string.h>

#include "ldap/computers.h"
#include "ldap/replmeta.h"
#include "ldap/search.h"

/* A large domain is searched before the first account is sent. */
#define FIRST_ANSWER_MS 150000
/* Accounts that one search asks about. */
#define LOGONS_AT_ONCE 64

struct reading {
    struct computers *computers;
    size_t n_logons; /* accounts with a lastLogonTimestamp */
};

/* False, *out untouched, where it is not a decimal number of at most 64 bits. */
static bool number_of(const struct entry *entry, const char *name, uint64_t *out)
{
    const struct attribute *a = entry_attribute(entry, name);
    char text[24];
    unsigned long long value;
    char *end;

    if (!a || a->n_values != 1 || a->values[0].len == 0 || a->values[0].len >= sizeof text)
        return false;
    memcpy(text, a->values[0].data, a->values[0].len);
    text[a->values[0].len] = '\0';
    /* userAccountControl is signed in LDAP; times never are. */
    value = strtoull(text, &end, 10);
    if (*end || text[0] == '-')
        return false;
    *out = value;
    return true;
}

static enum err visit_account(const struct entry *entry, void *priv, struct error *e)
{
    struct reading *r = priv;
    const struct attribute *sid = entry_attribute(entry, "objectSid");
    struct computer_facts facts = { 0 };
    TALLOC_CTX *tmp;
    uint64_t control = 0;
    enum err rc;

    if (!(tmp = talloc_new(NULL)))
        return err_nomem(e);
    if (sid && sid->n_values == 1)
        facts.sid = sid->values[0];
    facts.host = entry_string(tmp, entry, "dNSHostName");
    facts.account = entry_string(tmp, entry, "sAMAccountName");
    if (number_of(entry, "lastLogonTimestamp", &facts.last_logon))
        r->n_logons++;
    /* Every account has one, 0 at least (MS-ADA3 2.175): where it is missing, it is hidden. */
    facts.is_unread = !number_of(entry, "pwdLastSet", &facts.password_set);
    number_of(entry, "userAccountControl", &control);
    facts.control = (uint32_t)control;
    rc = computers_add(r->computers, &facts, e);
    talloc_free(tmp);
    return rc;
}

static enum err name_domain(struct computers *c, struct directory *d, struct error *e)
{
    char *domain = NULL;
    enum err rc;

    if (ldap_dn2domain(directory_domain_dn(d), &domain) != 0 || !domain)
        return err_set(e, ERR_MALFORMED, "%s is not the name of a domain", directory_domain_dn(d));
    rc = computers_use_domain(c, domain, e);
    ldap_memfree(domain);
    return rc;
}

static enum err visit_cluster(const struct entry *entry, void *priv, struct error *e)
{
    struct reading *r = priv;
    const struct attribute *sid = entry_attribute(entry, "objectSid");

    (void)e;
    if (sid && sid->n_values == 1)
        computers_mark_cluster(r->computers, sid->values[0]);
    return OK;
}

static enum err read_domain_sid(TALLOC_CTX *mem, struct directory *d, struct computers **out,
                                struct error *e)
{
    static const char *const attributes[] = { "objectSid", NULL };
    struct search s = { .base = directory_domain_dn(d), .attributes = attributes };
    const struct attribute *sid;
    struct entry *domain;
    enum err rc = search_object(mem, d, &s, &domain, e);

    if (rc)
        return rc;
    sid = entry_attribute(domain, "objectSid");
    *out = sid && sid->n_values == 1 ? computers_new(mem, sid->values[0]) : NULL;
    if (*out)
        return OK;
    return err_set(e, ERR_DENIED, "the SID of %s cannot be read", directory_domain_dn(d));
}

static enum err search_accounts(struct directory *d, struct reading *r, struct error *e)
{
    static const char *const attributes[] = {
        "objectSid",          "dNSHostName", "sAMAccountName", "lastLogonTimestamp", "pwdLastSet",
        "userAccountControl", NULL
    };
    static const char *const sid_only[] = { "objectSid", NULL };
    struct search all = {
        .base = directory_domain_dn(d),
        .filter = "(objectCategory=computer)",
        .attributes = attributes,
        .is_subtree = true,
        .first_answer_ms = FIRST_ANSWER_MS,
    };
    struct search clusters = all;
    enum err rc;

    /* The names of services are most of an account's bytes: only clusters' are asked for. */
    clusters.filter = "(&(objectCategory=computer)(servicePrincipalName=MSClusterVirtualServer/*))";
    clusters.attributes = sid_only;
    if ((rc = search_children(d, &all, visit_account, r, e)) ||
        (rc = computers_seal(r->computers, e)))
        return rc;
    return search_children(d, &clusters, visit_cluster, r, e);
}

static enum err visit_metadata(const struct entry *entry, void *priv, struct error *e)
{
    struct reading *r = priv;
    const struct attribute *sid = entry_attribute(entry, "objectSid");
    const struct attribute *metadata = entry_attribute(entry, "replPropertyMetaData");
    struct replmeta found;

    (void)e;
    if (sid && sid->n_values == 1 && metadata && metadata->n_values == 1 &&
        replmeta_find(metadata->values[0], REPLMETA_LAST_LOGON, &found, NULL) == ERR_NOTFOUND)
        computers_mark_never(r->computers, sid->values[0]);
    return OK;
}

/* filter: of some accounts, "(objectSid=…)" each; it is used up. */
static enum err ask_metadata(struct directory *d, struct reading *r, char *filter, struct error *e)
{
    static const char *const attributes[] = { "objectSid", "replPropertyMetaData", NULL };
    const struct search s = {
        .base = directory_domain_dn(d),
        .filter = talloc_asprintf(filter, "(|%s)", filter),
        .attributes = attributes,
        .is_subtree = true,
    };
    enum err rc = s.filter ? search_children(d, &s, visit_metadata, r, e) : err_nomem(e);

    talloc_free(filter);
    return rc;
}

/*
 * An account that never logged on has no lastLogonTimestamp, and one whose may not be read seems to
 * have none.  What the directory does not say about it keeps it unread.
 */
static enum err check_logons(struct directory *d, struct reading *r, struct error *e)
{
    size_t n = computers_count(r->computers), n_asked = 0;
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *filter = NULL;
    enum err rc = tmp ? OK : err_nomem(e);

    for (size_t i = 0; i < n && !rc; i++) {
        struct computer *one = computers_at(r->computers, i);
        char *sid;

        if (one->last_logon_h || one->is_unread || one->is_disabled)
            continue;
        one->is_logon_unread = true;
        sid = computer_sid(tmp, r->computers, one);
        filter = filter ? filter : talloc_strdup(tmp, "");
        filter = sid ? talloc_asprintf_append_buffer(filter, "(objectSid=%s)", sid) : NULL;
        talloc_free(sid);
        if (!filter) {
            rc = err_nomem(e);
        } else if (++n_asked % LOGONS_AT_ONCE == 0) {
            rc = ask_metadata(d, r, filter, e);
            filter = NULL;
        }
    }
    if (filter && !rc)
        rc = ask_metadata(d, r, filter, e);
    talloc_free(tmp);
    return rc;
}

enum err computers_read(TALLOC_CTX *mem, struct directory *d, struct computers **out,
                        struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct reading r = { 0 };
    enum err rc;

    if (!tmp)
        return err_nomem(e);
    if ((rc = read_domain_sid(tmp, d, &r.computers, e)) || (rc = name_domain(r.computers, d, e)) ||
        (rc = search_accounts(d, &r, e)) || (rc = check_logons(d, &r, e)))
        goto done;
    if (computers_count(r.computers) == 0 || r.n_logons == 0) {
        rc = err_set(e, ERR_DENIED,
                     computers_count(r.computers) == 0
                         ? "no computer account can be read below %s"
                         : "no lastLogonTimestamp can be read below %s",
                     directory_domain_dn(d));
        err_hint(e, "check the rights of the account that muster runs as");
        goto done;
    }
    *out = talloc_steal(mem, r.computers);
done:
    talloc_free(tmp);
    return rc;
}
