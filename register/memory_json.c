#include "register/memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "base/own.h"
#include "dns/heartbeat.h"
#include "dns/name.h"
#include "dns/rr.h"

#define MEMORY_VERSION 1

static void release_json(void *j) { json_decref(j); }

/* A heartbeat as dns/ gives it: what is not printable is escaped there. */
static bool is_heartbeat(const char *data)
{
    uint32_t seen_h;

    for (const char *c = data; *c; c++) {
        if (*c < ' ' || *c > '~')
            return false;
    }
    return heartbeat_parse(data, &seen_h);
}

/* Data in the one form in which it is compared; false where it does not fit the type. */
static bool normalise_data(TALLOC_CTX *mem, uint16_t type, const char *data, const char **out)
{
    char text[IP_TEXT_MAX], *name;
    struct ip ip;

    if (type == DNS_TYPE_TXT) {
        *out = is_heartbeat(data) ? talloc_strdup(mem, data) : NULL;
        return *out;
    }
    if (type == DNS_TYPE_PTR) {
        if (dns_name_normalise(mem, data, &name, NULL))
            return false;
        *out = talloc_asprintf(mem, "%s.", name);
        return *out;
    }
    if (!ip_parse(data, &ip) || ip.family != (type == DNS_TYPE_A ? AF_INET : AF_INET6))
        return false;
    *out = talloc_strdup(mem, ip_format(ip, text));
    return *out;
}

/* Older files have none of it. */
static struct sighting sighting_from_json(TALLOC_CTX *mem, const json_t *j)
{
    const char *server = json_string_value(json_object_get(j, "server"));
    char *own = NULL;

    /* One that is no name is not known. */
    if (server && dns_name_normalise(mem, server, &own, NULL))
        own = NULL;
    return (struct sighting){ own, json_integer_value(json_object_get(j, "seen")) };
}

static bool record_from_json(TALLOC_CTX *mem, const json_t *j, struct memory_record *out)
{
    const char *zone = json_string_value(json_object_get(j, "zone"));
    const char *name = json_string_value(json_object_get(j, "name"));
    const char *type = json_string_value(json_object_get(j, "type"));
    const char *data = json_string_value(json_object_get(j, "data"));
    char *own_zone, *own_name;

    *out = (struct memory_record){ 0 };
    if (!zone || !name || !type || !data || !dns_type_parse(type, &out->type) ||
        (out->type != DNS_TYPE_A && out->type != DNS_TYPE_AAAA && out->type != DNS_TYPE_PTR &&
         out->type != DNS_TYPE_TXT) ||
        dns_name_normalise(mem, zone, &own_zone, NULL) ||
        dns_name_normalise(mem, name, &own_name, NULL) || !dns_name_within(own_name, own_zone) ||
        !normalise_data(mem, out->type, data, &out->data))
        return false;
    out->zone = own_zone;
    out->name = own_name;
    out->is_pending = json_is_true(json_object_get(j, "pending"));
    out->pending_since_s = json_integer_value(json_object_get(j, "pending_since"));
    out->seen = sighting_from_json(mem, j);
    return true;
}

static bool take_text(struct memory *m, const json_t *j, const char **out)
{
    if (!json_is_string(j))
        return true;
    *out = talloc_strdup(m, json_string_value(j));
    return *out;
}

/* Once, whatever the file says: what is forgotten must be gone. */
static void take_record(struct memory *m, const struct memory_record *r)
{
    ssize_t known = memory_find(m, r->name, r->type, r->data);

    if (known < 0)
        m->records[m->n_records++] = *r;
    else
        m->records[known].is_pending &= r->is_pending;
}

static enum err memory_from_json(struct memory *m, const json_t *root, const char *path,
                                 struct error *e)
{
    const json_t *records = json_object_get(root, "records"), *j;
    const json_t *last_error = json_object_get(root, "last_error");
    size_t i;

    if (json_integer_value(json_object_get(root, "version")) != MEMORY_VERSION ||
        !json_is_array(records) || json_array_size(records) > MEMORY_MAX_RECORDS)
        return err_set(e, ERR_MALFORMED, "%s is not a memory of this version", path);
    m->records = talloc_array(m, struct memory_record, json_array_size(records));
    if (!m->records)
        return err_nomem(e);
    json_array_foreach((json_t *)records, i, j)
    {
        struct memory_record one;

        if (!record_from_json(m, j, &one))
            return err_set(e, ERR_MALFORMED, "%s: record %zu is not one of a host", path, i + 1);
        take_record(m, &one);
    }
    return take_text(m, last_error, &m->last_error) &&
                   take_text(m, json_object_get(root, "machine"), &m->machine) &&
                   take_text(m, json_object_get(root, "principal"), &m->principal)
               ? OK
               : err_nomem(e);
}

enum err memory_parse(TALLOC_CTX *mem, struct bytes content, const char *path, struct memory **out,
                      struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct memory *m = talloc_zero(tmp, struct memory);
    json_error_t why;
    json_t *root;
    enum err rc;

    if (!m) {
        rc = err_nomem(e);
        goto done;
    }
    root = json_loadb((const char *)content.data, content.len, JSON_REJECT_DUPLICATES, &why);
    if (!root) {
        rc = err_set(e, ERR_MALFORMED, "%s: line %d: %s", path, why.line, why.text);
        goto done;
    }
    if (!own(tmp, root, release_json)) {
        rc = err_nomem(e);
        goto done;
    }
    rc = memory_from_json(m, root, path, e);
    if (!rc)
        *out = talloc_steal(mem, m);
done:
    if (rc == ERR_MALFORMED)
        err_hint(e, "what is registered now will be remembered anew; what was registered elsewhere "
                    "may have to be removed by hand");
    talloc_free(tmp);
    return rc;
}

/* What is no UTF-8 is not worth losing the memory for. */
static json_t *text_or_null(const char *text)
{
    json_t *j = text ? json_string(text) : NULL;

    return j ? j : json_null();
}

static json_t *memory_to_json(const struct memory *m)
{
    json_t *records = json_array();
    bool is_complete = records;
    char type[16];

    for (size_t i = 0; is_complete && i < m->n_records; i++) {
        const struct memory_record *r = &m->records[i];

        is_complete =
            json_array_append_new(records,
                                  json_pack("{s:s, s:s, s:s, s:s, s:b, s:I, s:s?, s:I}", "zone",
                                            r->zone, "name", r->name, "type",
                                            dns_type_name(r->type, type), "data", r->data,
                                            "pending", (int)r->is_pending, "pending_since",
                                            (json_int_t)r->pending_since_s, "server",
                                            r->seen.server, "seen", (json_int_t)r->seen.at_s)) == 0;
    }
    if (!is_complete) {
        json_decref(records);
        return NULL;
    }
    return json_pack("{s:i, s:o, s:o, s:o, s:o}", "version", MEMORY_VERSION, "records", records,
                     "last_error", text_or_null(m->last_error), "machine", text_or_null(m->machine),
                     "principal", text_or_null(m->principal));
}

struct bytes memory_format(TALLOC_CTX *mem, const struct memory *m)
{
    struct bytes content = { NULL, 0 };
    json_t *root = memory_to_json(m);
    char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;

    if (text)
        content = bytes_dup(mem, (struct bytes){ (const uint8_t *)text, strlen(text) });
    free(text);
    json_decref(root);
    return content;
}
