#include "ldap/masters.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ldap/search.h"

struct listing {
    TALLOC_CTX *mem;
    struct directory *d;
    char **servers; /* DNs of the sites, then of the servers */
    char **hosts;
    size_t n;
};

static enum err keep_entry(const struct entry *entry, void *priv, struct error *e)
{
    struct listing *l = priv;
    char **servers = talloc_realloc(l->mem, l->servers, char *, l->n + 1);
    char **hosts = servers ? talloc_realloc(l->mem, l->hosts, char *, l->n + 1) : NULL;

    if (servers)
        l->servers = servers;
    if (!hosts)
        return err_nomem(e);
    l->hosts = hosts;
    l->hosts[l->n] = entry_string(l->mem, entry, "dNSHostName");
    l->servers[l->n] = talloc_strdup(l->mem, entry->dn);
    return l->servers[l->n++] ? OK : err_nomem(e);
}

/* The objects of a class right below base. */
static enum err list_below(struct listing *l, const char *base, const char *filter, struct error *e)
{
    static const char *const attributes[] = { "dNSHostName", NULL };
    const struct search s = { .base = base, .filter = filter, .attributes = attributes };

    return search_children(l->d, &s, keep_entry, l, e);
}

static enum err list_servers(struct listing *l, struct error *e)
{
    struct listing sites = { .mem = l->mem, .d = l->d };
    char *base = talloc_asprintf(l->mem, "CN=Sites,CN=Configuration,%s", directory_forest_dn(l->d));
    enum err rc = base ? list_below(&sites, base, "(objectClass=site)", e) : err_nomem(e);

    for (size_t i = 0; i < sites.n && !rc; i++) {
        if (!(base = talloc_asprintf(l->mem, "CN=Servers,%s", sites.servers[i])))
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

/* *is_master false: a server object that is no controller, or a read-only one. */
static enum err read_server(TALLOC_CTX *mem, struct directory *d, const char *dn, const char *host,
                            struct master *m, bool *is_master, struct error *e)
{
    static const char *const attributes[] = { "objectClass", "msDS-hasMasterNCs", NULL };
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *base = talloc_asprintf(tmp, "CN=NTDS Settings,%s", dn);
    const struct search s = { .base = base, .attributes = attributes };
    struct entry *settings;
    enum err rc = tmp && base ? search_object(tmp, d, &s, &settings, e) : err_nomem(e);

    *is_master = rc == OK && !has_value(settings, "objectClass", "nTDSDSARO");
    if (rc == ERR_NOTFOUND) {
        err_clear(e);
        rc = OK;
    }
    if (*is_master) {
        *m = (struct master){ .host = host_of(mem, host, dn) };
        rc = m->host ? read_partitions(mem, settings, m, e) : err_nomem(e);
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
        bool is_master;

        rc = read_server(list, d, l.servers[i], l.hosts[i], &list[count], &is_master, e);
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
