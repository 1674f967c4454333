#include "ldap/entry.h"

#include <string.h>

#include "base/own.h"

static void free_ber(void *ber) { ber_free(ber, 0); }

/* NULL also where bytes hide behind a NUL. */
static char *strict_string(TALLOC_CTX *mem, const void *data, size_t len)
{
    if (!data || memchr(data, '\0', len))
        return NULL;
    return talloc_strndup(mem, data, len);
}

static bool add_attribute(struct entry *entry, const struct berval *name, const BerVarray values)
{
    struct attribute *all =
        talloc_realloc(entry, entry->attributes, struct attribute, entry->n_attributes + 1);
    struct attribute a = { 0 };

    if (!all)
        return false;
    entry->attributes = all;
    while (values && values[a.n_values].bv_val)
        a.n_values++;
    a.name = strict_string(all, name->bv_val, name->bv_len);
    a.values = talloc_array(all, struct bytes, a.n_values);
    if (!a.name || !a.values)
        return false;
    for (size_t i = 0; i < a.n_values; i++)
        a.values[i] = (struct bytes){ (const uint8_t *)values[i].bv_val, values[i].bv_len };
    all[entry->n_attributes++] = a;
    return true;
}

/* False where bytes or memory failed. */
static bool read_attributes(LDAP *ld, LDAPMessage *message, BerElement *ber, struct entry *entry)
{
    for (;;) {
        struct berval name = { 0, NULL };
        BerVarray values = NULL;
        bool is_added;

        if (ldap_get_attribute_ber(ld, message, ber, &name, &values) != LDAP_SUCCESS)
            return false;
        if (!name.bv_val) {
            ber_memfree(values);
            return true;
        }
        is_added = add_attribute(entry, &name, values);
        ber_memfree(values);
        if (!is_added)
            return false;
    }
}

enum err entry_decode(TALLOC_CTX *mem, const struct directory *d, LDAPMessage *message,
                      struct entry **out, struct error *e)
{
    LDAP *ld = directory_handle(d);
    TALLOC_CTX *tmp = talloc_new(NULL);
    BerElement *ber = NULL;
    struct berval dn = { 0, NULL };
    struct entry *entry;
    enum err rc = OK;

    entry = talloc_zero(tmp, struct entry);
    if (!entry) {
        rc = err_nomem(e);
        goto done;
    }
    if (ldap_get_dn_ber(ld, message, &ber, &dn) != LDAP_SUCCESS || !ber) {
        rc = err_set(e, ERR_MALFORMED, "%s sent a search result that does not decode",
                     directory_host(d));
        goto done;
    }
    if (!own(tmp, ber, free_ber)) {
        rc = err_nomem(e);
        goto done;
    }
    entry->dn = strict_string(entry, dn.bv_val, dn.bv_len);
    if (!entry->dn || !read_attributes(ld, message, ber, entry)) {
        rc = err_set(e, ERR_MALFORMED, "%s sent a search result that does not decode",
                     directory_host(d));
        goto done;
    }
    *out = talloc_steal(mem, entry);
done:
    talloc_free(tmp);
    return rc;
}

const struct attribute *entry_attribute(const struct entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->n_attributes; i++) {
        if (strcasecmp(entry->attributes[i].name, name) == 0)
            return &entry->attributes[i];
    }
    return NULL;
}

char *entry_string(TALLOC_CTX *mem, const struct entry *entry, const char *name)
{
    const struct attribute *a = entry_attribute(entry, name);

    return a && a->n_values > 0 ? strict_string(mem, a->values[0].data, a->values[0].len) : NULL;
}

bool entry_is_true(const struct entry *entry, const char *name)
{
    const struct attribute *a = entry_attribute(entry, name);

    return a && a->n_values > 0 && a->values[0].len == 4 &&
           strncasecmp((const char *)a->values[0].data, "TRUE", 4) == 0;
}
