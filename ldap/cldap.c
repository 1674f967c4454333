#include "ldap/cldap.h"

#include <lber.h>
#include <ldap.h>
#include <string.h>
#include <strings.h>

#include "base/own.h"

#define TAG_INTEGER 0x02
#define TAG_STRING 0x04
#define TAG_ENUMERATED 0x0a
#define TAG_SEQUENCE 0x30
#define TAG_SET 0x31
#define TAG_ENTRY 0x64
#define TAG_DONE 0x65
#define ATTRIBUTES_MAX 64

static void free_ber(void *ber) { ber_free(ber, 1); }

static int put_filter(BerElement *ber, const struct cldap_term *terms, size_t n)
{
    int rc;

    if (n == 0)
        return ber_printf(ber, "ts", LDAP_FILTER_PRESENT, "objectClass");
    rc = ber_printf(ber, "t{", LDAP_FILTER_AND);
    for (size_t i = 0; rc >= 0 && i < n; i++)
        rc = ber_printf(ber, "t{soN}", LDAP_FILTER_EQUALITY, terms[i].attribute,
                        (const char *)terms[i].value.data, (ber_len_t)terms[i].value.len);
    return rc < 0 ? rc : ber_printf(ber, "N}");
}

static int put_request(BerElement *ber, int32_t id, const struct cldap_term *terms, size_t n,
                       const char *const *attributes)
{
    int rc = ber_printf(ber, "{it{seeiib", (int)id, LDAP_REQ_SEARCH, "", LDAP_SCOPE_BASE,
                        LDAP_DEREF_NEVER, 0, 0, 0);

    if (rc >= 0)
        rc = put_filter(ber, terms, n);
    if (rc >= 0)
        rc = ber_printf(ber, "{");
    for (size_t i = 0; rc >= 0 && attributes[i]; i++)
        rc = ber_printf(ber, "s", attributes[i]);
    return rc < 0 ? rc : ber_printf(ber, "N}N}N}");
}

enum err cldap_request(TALLOC_CTX *mem, int32_t id, const struct cldap_term *terms, size_t n,
                       const char *const *attributes, struct bytes *out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    BerElement *ber = ber_alloc_t(LBER_USE_DER);
    struct berval wire;
    struct bytes copy;
    enum err rc = OK;

    if (!tmp || !ber || !own(tmp, ber, free_ber) ||
        put_request(ber, id, terms, n, attributes) < 0 || ber_flatten2(ber, &wire, 0) != 0) {
        rc = err_nomem(e);
        goto done;
    }
    copy = bytes_dup(mem, (struct bytes){ (const uint8_t *)wire.bv_val, wire.bv_len });
    if (!copy.data)
        rc = err_nomem(e);
    else
        *out = copy;
done:
    talloc_free(tmp);
    return rc;
}

/* ---- answers: definite lengths, one-byte tags ---- */

static size_t read_length(struct rd *r)
{
    uint8_t first = rd_u8(r);
    size_t length = 0;

    if (first < 0x80)
        return first;
    if (first < 0x81 || first > 0x84)
        r->bad = true;
    for (uint8_t i = 0x80; i < first && !r->bad; i++)
        length = length << 8 | rd_u8(r);
    return length;
}

/* What stands inside the next element, which must have that tag. */
static struct rd enter(struct rd *r, uint8_t tag)
{
    struct bytes inside;
    bool is_it = rd_u8(r) == tag;
    size_t length = read_length(r);
    struct rd in;

    inside = rd_take(r, length);
    if (!is_it)
        r->bad = true;
    in = rd_init(inside);
    in.bad = r->bad;
    return in;
}

static struct bytes read_string(struct rd *r)
{
    struct rd in = enter(r, TAG_STRING);

    return in.bad ? (struct bytes){ NULL, 0 } : (struct bytes){ in.p, rd_left(&in) };
}

/* Not negative, at most 31 bits: message IDs and result codes. */
static int32_t read_number(struct rd *r, uint8_t tag)
{
    struct rd in = enter(r, tag);
    size_t n = rd_left(&in);
    uint32_t v = 0;

    if (n < 1 || n > 4 || *in.p & 0x80)
        r->bad = true;
    for (size_t i = 0; i < n && !r->bad; i++)
        v = v << 8 | rd_u8(&in);
    return r->bad ? 0 : (int32_t)v;
}

static void read_entry(struct rd *entry, struct cldap_answer *a)
{
    struct rd list;

    read_string(entry); /* the object's name: none */
    list = enter(entry, TAG_SEQUENCE);
    a->is_found = true;
    while (!entry->bad && rd_left(&list) > 0) {
        struct cldap_attribute one;
        struct rd attribute = enter(&list, TAG_SEQUENCE), values;

        one.name = read_string(&attribute);
        values = enter(&attribute, TAG_SET);
        one.value = rd_left(&values) ? read_string(&values) : (struct bytes){ NULL, 0 };
        if (list.bad || attribute.bad || values.bad || a->n == ATTRIBUTES_MAX)
            entry->bad = true;
        else
            a->attributes[a->n++] = one;
    }
}

static bool read_messages(struct bytes datagram, struct cldap_answer *a, int32_t *result)
{
    struct rd r = rd_init(datagram);
    bool is_done = false;

    for (int i = 0; i < 2 && !is_done; i++) {
        struct rd message = enter(&r, TAG_SEQUENCE), operation;
        int32_t id = read_number(&message, TAG_INTEGER);

        if (r.bad || message.bad || (i > 0 && id != a->id))
            return false;
        a->id = id;
        is_done = rd_left(&message) > 0 && *message.p == TAG_DONE;
        operation = enter(&message, is_done ? TAG_DONE : TAG_ENTRY);
        if (is_done)
            *result = read_number(&operation, TAG_ENUMERATED);
        else
            read_entry(&operation, a);
        if (message.bad || operation.bad)
            return false;
    }
    return is_done;
}

enum err cldap_answer_read(TALLOC_CTX *mem, struct bytes datagram, struct cldap_answer **out,
                           struct error *e)
{
    struct cldap_answer *a = talloc_zero(NULL, struct cldap_answer);
    int32_t result = 0;
    enum err rc = OK;

    if (!a || !(a->attributes = talloc_zero_array(a, struct cldap_attribute, ATTRIBUTES_MAX)))
        rc = err_nomem(e);
    else if (!read_messages(datagram, a, &result))
        rc = err_set(e, ERR_MALFORMED, "%zu bytes are no answer to an LDAP search", datagram.len);
    else if (result != LDAP_SUCCESS)
        rc = err_set(e, ERR_SERVER, "the search failed: %s", ldap_err2string(result));
    if (rc) {
        talloc_free(a);
        return rc;
    }
    *out = talloc_steal(mem, a);
    return OK;
}

struct bytes cldap_value(const struct cldap_answer *a, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < a->n; i++) {
        const struct cldap_attribute *one = &a->attributes[i];

        if (one->name.len == len && strncasecmp((const char *)one->name.data, name, len) == 0)
            return one->value;
    }
    return (struct bytes){ NULL, 0 };
}
