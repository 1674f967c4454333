#include "ldap/range.h"

#include <string.h>

#include "ldap/entry.h"
#include "ldap/search.h"

/* Far above what a directory keeps in one attribute; a server that goes on lies. */
#define VALUES_MAX 1000000

static bool take_number(const char **text, uint32_t *out)
{
    uint64_t v = 0;
    const char *p = *text;

    for (; *p >= '0' && *p <= '9'; p++) {
        v = v * 10 + (uint64_t)(*p - '0');
        if (v > UINT32_MAX)
            return false;
    }
    if (p == *text)
        return false;
    *text = p;
    *out = (uint32_t)v;
    return true;
}

bool range_parse(const char *attribute, const char *name, struct value_range *out)
{
    size_t len = strlen(name);
    struct value_range r = { 0 };
    const char *p = attribute + len;

    if (strncasecmp(attribute, name, len) != 0 || strncasecmp(p, ";range=", 7) != 0)
        return false;
    p += 7;
    if (!take_number(&p, &r.first) || *p++ != '-')
        return false;
    if (*p == '*') {
        r.is_final = true;
        p++;
    } else if (!take_number(&p, &r.last) || r.last < r.first) {
        return false;
    }
    if (*p)
        return false;
    *out = r;
    return true;
}

/* The attribute as one piece, or a range of it; NULL where the entry has neither. */
static const struct attribute *find_piece(const struct entry *entry, const char *name,
                                          struct value_range *range)
{
    const struct attribute *whole = entry_attribute(entry, name);

    /* Active Directory sends the plain name too, without values, beside the first range. */
    if (whole && whole->n_values > 0) {
        *range = (struct value_range){ .is_final = true };
        return whole;
    }
    for (size_t i = 0; i < entry->n_attributes; i++) {
        if (range_parse(entry->attributes[i].name, name, range))
            return &entry->attributes[i];
    }
    return NULL;
}

static bool append(TALLOC_CTX *mem, struct bytes **all, size_t *n, const struct attribute *piece)
{
    struct bytes *more;

    if (piece->n_values == 0)
        return true;
    more = talloc_realloc(mem, *all, struct bytes, *n + piece->n_values);
    if (!more)
        return false;
    memcpy(more + *n, piece->values, piece->n_values * sizeof *more);
    *all = more;
    *n += piece->n_values;
    return true;
}

static bool fits(const struct value_range *range, const struct attribute *piece, size_t n_before)
{
    if (range->first != n_before || n_before + piece->n_values > VALUES_MAX)
        return false;
    return range->is_final || range->last - range->first + (uint64_t)1 == piece->n_values;
}

/* The object once more, with the values from first on. */
static enum err read_rest(TALLOC_CTX *mem, struct directory *d, const char *dn, const char *name,
                          size_t first, struct entry **out, struct error *e)
{
    char *attribute = talloc_asprintf(mem, "%s;range=%zu-*", name, first);
    const char *attributes[] = { attribute, NULL };

    if (!attribute)
        return err_nomem(e);
    return search_object(mem, d, &(struct search){ .base = dn, .attributes = attributes }, out, e);
}

enum err entry_values(TALLOC_CTX *mem, struct directory *d, const struct entry *entry,
                      const char *name, struct bytes **out, size_t *n_out, struct error *e)
{
    struct value_range range = { .is_final = true };
    const struct attribute *piece = find_piece(entry, name, &range);
    struct bytes *all = NULL;
    size_t n = 0;
    enum err rc;

    while (piece) {
        struct entry *next;

        if (!fits(&range, piece, n))
            return err_set(e, ERR_MALFORMED, "%s: %s gave %s in ranges that do not join", entry->dn,
                           directory_host(d), name);
        if (!append(mem, &all, &n, piece))
            return err_nomem(e);
        if (range.is_final)
            break;
        if ((rc = read_rest(mem, d, entry->dn, name, n, &next, e)) != OK)
            return rc;
        piece = find_piece(next, name, &range);
        if (!piece)
            return err_set(e, ERR_MALFORMED, "%s: %s gave only %zu values of %s", entry->dn,
                           directory_host(d), n, name);
    }
    *out = all;
    *n_out = n;
    return OK;
}
