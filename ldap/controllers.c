#include "ldap/controllers.h"

#include <ctype.h>
#include <string.h>
#include <sys/time.h>

#include "base/own.h"

static void free_message(void *message) { ldap_msgfree(message); }

static void free_values(void *values) { ldap_value_free_len(values); }

static char *host_name_of(TALLOC_CTX *mem, struct berval **values)
{
    char *name;
    size_t len;

    if (!values || !values[0] || values[0]->bv_len == 0 || values[0]->bv_len > 255)
        return NULL;
    name = talloc_strndup(mem, values[0]->bv_val, values[0]->bv_len);
    len = name ? strlen(name) : 0;
    if (len > 1 && name[len - 1] == '.')
        name[len - 1] = '\0';
    for (char *s = name; s && *s; s++)
        *s = (char)tolower((unsigned char)*s);
    return name;
}

static enum err collect(TALLOC_CTX *mem, LDAP *ld, LDAPMessage *result, const char ***names,
                        size_t *n, struct error *e)
{
    int count = ldap_count_entries(ld, result);
    const char **list = talloc_zero_array(mem, const char *, count > 0 ? (size_t)count : 1);
    size_t used = 0;

    if (!list)
        return err_nomem(e);
    for (LDAPMessage *m = ldap_first_entry(ld, result); m; m = ldap_next_entry(ld, m)) {
        TALLOC_CTX *tmp = talloc_new(NULL);
        struct berval **values = ldap_get_values_len(ld, m, "dNSHostName");
        bool is_owned = tmp && (!values || own(tmp, values, free_values));
        char *name = is_owned ? host_name_of(list, values) : NULL;

        talloc_free(tmp);
        if (!is_owned)
            return err_nomem(e);
        if (name && used < (size_t)count)
            list[used++] = name;
    }
    *names = list;
    *n = used;
    return OK;
}

enum err controllers_list(TALLOC_CTX *mem, struct directory *d, const char ***names, size_t *n,
                          struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *attributes[] = { (char[]){ "dNSHostName" }, NULL };
    struct timeval timeout = { directory_timeout_ms(d) / 1000,
                               directory_timeout_ms(d) % 1000 * 1000 };
    char *base = talloc_asprintf(tmp, "CN=Sites,CN=Configuration,%s", directory_forest_dn(d));
    LDAPMessage *result = NULL;
    const char **list;
    size_t count = 0;
    enum err rc;
    int lrc;

    if (!base) {
        rc = err_nomem(e);
        goto done;
    }
    lrc = ldap_search_ext_s(directory_handle(d), base, LDAP_SCOPE_SUBTREE,
                            "(&(objectClass=server)(dNSHostName=*))", attributes, 0, NULL, NULL,
                            &timeout, 0, &result);
    if (result && !own(tmp, result, free_message)) {
        rc = err_nomem(e);
        goto done;
    }
    if (lrc != LDAP_SUCCESS) {
        rc = directory_error(d, lrc, e, "domain controllers: cannot read %s", base);
        goto done;
    }
    rc = collect(tmp, directory_handle(d), result, &list, &count, e);
    if (!rc && count == 0) {
        rc = err_set(e, ERR_DENIED, "no domain controller can be read below %s", base);
        err_hint(e, "without their names their records could not be protected; check the rights of "
                    "the account");
    }
    if (!rc) {
        *names = talloc_steal(mem, list);
        *n = count;
    }
done:
    talloc_free(tmp);
    return rc;
}
