#include "ldap/masters.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "ldap/search.h"

/* userAccountControl, MS-ADTS 2.2.16: a controller; a read-only one. */
#define SERVER_TRUST_ACCOUNT 0x00002000
#define PARTIAL_SECRETS_ACCOUNT 0x04000000

struct server {
    char *dn;
    char *host;    /* dNSHostName, or NULL */
    char *account; /* DN of its computer object, or NULL */
};

struct listing {
    TALLOC_CTX *mem;
    struct directory *d;
    struct server *servers; /* the sites, then the servers */
    size_t n;
};

static enum err keep_entry(const struct entry *entry, void *priv, struct error *e)
{
    struct listing *l = priv;
    struct server *servers = talloc_realloc(l->mem, l->servers, struct server, l->n + 1);

    if (!servers)
        return err_nomem(e);
    l->servers = servers;
    servers[l->n] = (struct server){
        .dn = talloc_strdup(l->mem, entry->dn),
        .host = entry_string(l->mem, entry, "dNSHostName"),
        .account = entry_string(l->mem, entry, "serverReference"),
    };
    return servers[l->n++].dn ? OK : err_nomem(e);
}

/* The objects of a class right below base. */
static enum err list_below(struct listing *l, const char *base, const char *filter, struct error *e)
{
    static const char *const attributes[] = { "dNSHostName", "serverReference", NULL };
    const struct search s = { .base = base, .filter = filter, .attributes = attributes };

    return search_children(l->d, &s, keep_entry, l, e);
}

static enum err list_servers(struct listing *l, struct error *e)
{
    struct listing sites = { .mem = l->mem, .d = l->d };
    char *base = talloc_asprintf(l->mem, "CN=Sites,CN=Configuration,%s", directory_forest_dn(l->d));
    enum err rc = base ? list_below(&sites, base, "(objectClass=site)", e) : err_nomem(e);

    for (size_t i = 0; i < sites.n && !rc; i++) {
        if (!(base = talloc_asprintf(l->mem, "CN=Servers,%s", sites.servers[i].dn)))
            return err_nomem(e);
        rc = list_below(l, base, "(objectClass=server)", e);
        if (rc == ERR_NOTFOUND) {
            err_clear(e);
            rc = OK; /* a site without servers */
        }
    }
    return rc;
}

/* The host's name, lower case and without final dot; else what its object is called. */
static char *host_of(TALLOC_CTX *mem, const char *host, const char *dn)
{
    char *name = talloc_strdup(mem, host && *host ? host : dn);
    size_t len = name ? strlen(name) : 0;

    if (len > 1 && name[len - 1] == '.')
        name[len - 1] = '\0';
    for (char *c = name; c && *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return name;
}

static bool has_value(const struct entry *entry, const char *attribute, const char *value)
{
    const struct attribute *a = entry_attribute(entry, attribute);

    for (size_t i = 0; a && i < a->n_values; i++) {
        if (a->values[i].len == strlen(value) &&
            strncasecmp((const char *)a->values[i].data, value, a->values[i].len) == 0)
            return true;
    }
    return false;
}

static enum err read_partitions(TALLOC_CTX *mem, const struct entry *settings, struct master *m,
                                struct error *e)
{
    const struct attribute *a = entry_attribute(settings, "msDS-hasMasterNCs");

    if (!a || a->n_values == 0) {
        m->is_unclear = true;
        return OK;
    }
    m->partitions = talloc_zero_array(mem, const char *, a->n_values);
    if (!m->partitions)
        return err_nomem(e);
    for (size_t i = 0; i < a->n_values; i++) {
        m->partitions[i] = talloc_strndup(mem, (const char *)a->values[i].data, a->values[i].len);
        if (!m->partitions[i])
            return err_nomem(e);
    }
    m->n_partitions = a->n_values;
    return OK;
}

/* Only what ends the connection is an error; an object that cannot be read says nothing. */
static enum err look_at(TALLOC_CTX *mem, struct directory *d, const char *base,
                        const char *attribute, struct entry **out, struct error *e)
{
    const char *const attributes[] = { attribute, NULL };
    const struct search s = { .base = base, .attributes = attributes };
    enum err rc = search_object(mem, d, &s, out, e);

    if (rc == OK || rc == ERR_NOMEM || rc == ERR_UNREACHABLE || rc == ERR_TIMEOUT)
        return rc;
    log_debug("%s: %s", base, e ? e->message : err_name(rc));
    err_clear(e);
    *out = NULL;
    return OK;
}

/* Is it named as a master by a naming context here (MS-ADA2: the back link of what it holds)? */
static enum err is_named_master(TALLOC_CTX *mem, struct directory *d, const char *settings_dn,
                                bool *is_master, struct error *e)
{
    const char *const *context = directory_naming_contexts(d);
    enum err rc = OK;

    for (; *context && !rc && !*is_master; context++) {
        struct entry *head;

        if (!(rc = look_at(mem, d, *context, "msDs-masteredBy", &head, e)))
            *is_master = head && has_value(head, "msDs-masteredBy", settings_dn);
    }
    return rc;
}

/* Is its account that of a controller that can be written? */
static enum err has_masters_account(TALLOC_CTX *mem, struct directory *d, const char *account_dn,
                                    bool *is_master, struct error *e)
{
    struct entry *account;
    char *text;
    long control;
    enum err rc = look_at(mem, d, account_dn, "userAccountControl", &account, e);

    if (rc || !account || !(text = entry_string(mem, account, "userAccountControl")))
        return rc;
    control = strtol(text, NULL, 10);
    *is_master = (control & SERVER_TRUST_ACCOUNT) && !(control & PARTIAL_SECRETS_ACCOUNT);
    return OK;
}

/*
 * A controller that was demoted leaves its server object behind, without settings.  Settings that
 * may not be read look the same, but for what others know of it.
 */
static enum err look_for_hidden(TALLOC_CTX *mem, struct directory *d, const struct server *server,
                                const char *settings_dn, bool *is_hidden, struct error *e)
{
    enum err rc = is_named_master(mem, d, settings_dn, is_hidden, e);

    if (!rc && !*is_hidden && server->account)
        rc = has_masters_account(mem, d, server->account, is_hidden, e);
    return rc;
}

/* *is_master false: a server object that is no controller, or a read-only one. */
static enum err read_server(TALLOC_CTX *mem, struct directory *d, const struct server *server,
                            struct master *m, bool *is_master, struct error *e)
{
    static const char *const attributes[] = { "objectClass", "msDS-hasMasterNCs", NULL };
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *base = talloc_asprintf(tmp, "CN=NTDS Settings,%s", server->dn);
    const struct search s = { .base = base, .attributes = attributes };
    struct entry *settings;
    bool is_hidden = false;
    enum err rc = tmp && base ? search_object(tmp, d, &s, &settings, e) : err_nomem(e);

    *is_master = rc == OK && !has_value(settings, "objectClass", "nTDSDSARO");
    if (rc == ERR_NOTFOUND || rc == ERR_DENIED) {
        is_hidden = rc == ERR_DENIED;
        err_clear(e);
        rc = is_hidden ? OK : look_for_hidden(tmp, d, server, base, &is_hidden, e);
    }
    if (!rc && (*is_master || is_hidden)) {
        *m = (struct master){ .host = host_of(mem, server->host, server->dn),
                              .is_unclear = is_hidden,
                              .is_hidden = is_hidden };
        if (!m->host)
            rc = err_nomem(e);
        else if (*is_master)
            rc = read_partitions(mem, settings, m, e);
        *is_master = true;
    }
    talloc_free(tmp);
    return rc;
}

enum err masters_list(TALLOC_CTX *mem, struct directory *d, struct master **out, size_t *n,
                      struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct listing l = { .mem = tmp, .d = d };
    struct master *list = NULL;
    size_t count = 0;
    enum err rc = tmp ? list_servers(&l, e) : err_nomem(e);

    if (!rc && !(list = talloc_zero_array(tmp, struct master, l.n + 1)))
        rc = err_nomem(e);
    for (size_t i = 0; i < l.n && !rc; i++) {
        bool is_master = false;

        rc = read_server(list, d, &l.servers[i], &list[count], &is_master, e);
        count += is_master;
    }
    if (!rc && count == 0) {
        rc = err_set(e, ERR_DENIED, "no domain controller can be read below CN=Sites");
        err_hint(e, "check the rights of the account");
    }
    if (!rc) {
        *out = talloc_steal(mem, list);
        *n = count;
    }
    talloc_free(tmp);
    return rc;
}

const char *partition_of(const char *const *naming_contexts, const char *dn)
{
    const char *found = NULL;
    size_t len = strlen(dn);

    for (; *naming_contexts; naming_contexts++) {
        size_t n = strlen(*naming_contexts);

        if (n <= len && n > 0 && strcasecmp(dn + len - n, *naming_contexts) == 0 &&
            (n == len || dn[len - n - 1] == ',') && (!found || n > strlen(found)))
            found = *naming_contexts;
    }
    return found;
}

bool master_holds(const struct master *m, const char *partition)
{
    for (size_t i = 0; i < m->n_partitions; i++) {
        if (strcasecmp(m->partitions[i], partition) == 0)
            return true;
    }
    return m->is_unclear;
}
