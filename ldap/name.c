#include "ldap/name.h"

#include <ldap.h>
#include <string.h>

#define LABEL_MAX 63

static char to_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

char *name_append_escaped(char *text, struct bytes raw, bool keep_dots)
{
    /* Four characters at most for a byte: \DDD. */
    char *piece = talloc_size(text, raw.len * 4 + 1), *to = piece, *joined;

    if (!piece) {
        talloc_free(text);
        return NULL;
    }
    for (size_t i = 0; i < raw.len; i++) {
        uint8_t c = raw.data[i];

        if (c <= 0x20 || c >= 0x7f) {
            *to++ = '\\';
            *to++ = (char)('0' + c / 100);
            *to++ = (char)('0' + c / 10 % 10);
            *to++ = (char)('0' + c % 10);
            continue;
        }
        if (strchr("\"$();@\\", c) || (c == '.' && !keep_dots))
            *to++ = '\\';
        *to++ = (char)c;
    }
    *to = '\0';
    joined = talloc_strdup_append_buffer(text, piece);
    if (!joined)
        talloc_free(text);
    else
        talloc_free(piece);
    return joined;
}

static bool append_label(char **text, struct bytes label)
{
    *text = name_append_escaped(*text, label, false);
    if (*text) {
        char *dotted = talloc_strdup_append_buffer(*text, ".");

        if (!dotted)
            talloc_free(*text);
        *text = dotted;
    }
    return *text != NULL;
}

bool name_read_counted(TALLOC_CTX *mem, struct rd *r, char **text)
{
    uint8_t length = rd_u8(r), labels = rd_u8(r);
    struct rd raw = rd_init(rd_take(r, length));
    char *s = text ? talloc_strdup(mem, "") : NULL;
    unsigned seen = 0;
    uint8_t n;

    if (text && !s)
        return false;
    while ((n = rd_u8(&raw)) != 0) {
        struct bytes label = rd_take(&raw, n);

        if (n > LABEL_MAX)
            raw.bad = true;
        seen++;
        if (text && label.len > 0 && !append_label(&s, label))
            return false;
    }
    if (raw.bad || seen != labels)
        r->bad = true;
    if (r->bad) {
        talloc_free(s);
        return false;
    }
    if (text && labels == 0) {
        talloc_free(s);
        s = talloc_strdup(mem, ".");
    }
    if (text)
        *text = s;
    return !text || s;
}

static bool has(struct bytes value, const char *mark)
{
    return memmem(value.data, value.len, mark, strlen(mark)) != NULL;
}

enum err rdn_read(TALLOC_CTX *mem, const char *dn, struct rdn *out, struct error *e)
{
    LDAPDN parts = NULL;
    struct rdn rdn = { 0 };
    struct bytes value;
    enum err rc = OK;

    if (ldap_str2dn(dn, &parts, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS || !parts || !parts[0] ||
        !parts[0][0] || parts[0][0]->la_value.bv_len == 0) {
        rc = err_set(e, ERR_MALFORMED, "\"%s\" is not the name of a DNS object", dn);
        goto done;
    }
    value = (struct bytes){ (const uint8_t *)parts[0][0]->la_value.bv_val,
                            parts[0][0]->la_value.bv_len };
    rdn.is_conflict = has(value, "\nCNF:");
    rdn.is_deleted = has(value, "\nDEL:");
    if (value.len == 1 && value.data[0] == '@')
        rdn.name = talloc_strdup(mem, "@");
    else if ((rdn.name = talloc_strdup(mem, "")))
        rdn.name = name_append_escaped(rdn.name, value, true);
    if (!rdn.name) {
        rc = err_nomem(e);
        goto done;
    }
    for (char *c = rdn.name; *c; c++)
        *c = to_lower(*c);
    *out = rdn;
done:
    ldap_dnfree(parts);
    return rc;
}

/* One byte of a presentation name, *p moves past it; -1 for a bad escape. */
static int unescape(const char **p)
{
    const char *s = *p;
    int v;

    if (*s != '\\') {
        *p = s + 1;
        return (unsigned char)*s;
    }
    s++;
    if (*s < '0' || *s > '9') {
        *p = s + 1;
        return *s ? (unsigned char)*s : -1;
    }
    if (s[1] < '0' || s[1] > '9' || s[2] < '0' || s[2] > '9')
        return -1;
    v = (s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0');
    *p = s + 3;
    return v <= 255 ? v : -1;
}

char *name_to_filter(TALLOC_CTX *mem, const char *name)
{
    static const char hex[] = "0123456789abcdef";
    char *filter = talloc_size(mem, strlen(name) * 3 + 1), *to = filter;

    if (!filter)
        return NULL;
    while (*name) {
        int c = unescape(&name);

        if (c < 0) {
            talloc_free(filter);
            return NULL;
        }
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            c == '-' || c == '_' || c == '.') {
            *to++ = (char)c;
            continue;
        }
        *to++ = '\\';
        *to++ = hex[c >> 4];
        *to++ = hex[c & 15];
    }
    *to = '\0';
    return filter;
}

char *name_fold(TALLOC_CTX *mem, const char *name)
{
    char *s = talloc_strdup(mem, name);
    size_t len;

    if (!s)
        return NULL;
    for (char *c = s; *c; c++)
        *c = to_lower(*c);
    len = strlen(s);
    if (len > 1 && s[len - 1] == '.')
        s[len - 1] = '\0';
    return s;
}
