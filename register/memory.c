#include "register/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/ip.h"
#include "base/log.h"
#include "base/own.h"
#include "dns/heartbeat.h"
#include "dns/name.h"
#include "dns/rr.h"

#define MEMORY_VERSION 1
#define MEMORY_MAX_BYTES (2 << 20)

static void release_json(void *j) { json_decref(j); }

static char *memory_path(TALLOC_CTX *mem, const char *state_dir, const char *section)
{
    return talloc_asprintf(mem, "%s/registered%s%s.json", state_dir, section ? "-" : "",
                           section ? section : "");
}

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

static ssize_t find(const struct memory *m, const char *name, uint16_t type, const char *data)
{
    for (size_t i = 0; i < m->n_records; i++) {
        const struct memory_record *r = &m->records[i];

        if (r->type == type && strcmp(r->name, name) == 0 && strcmp(r->data, data) == 0)
            return (ssize_t)i;
    }
    return -1;
}

/* Once, whatever the file says: what is forgotten must be gone. */
static void take_record(struct memory *m, const struct memory_record *r)
{
    ssize_t known = find(m, r->name, r->type, r->data);

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

enum err memory_read(TALLOC_CTX *mem, const char *state_dir, const char *section,
                     struct memory **out, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *path = memory_path(tmp, state_dir, section);
    struct memory *empty = talloc_zero(tmp, struct memory);
    struct bytes content;
    enum err rc;

    if (!path || !empty) {
        rc = err_nomem(e);
        goto done;
    }
    rc = file_read(tmp, path, MEMORY_MAX_BYTES, &content, e);
    if (rc == ERR_NOTFOUND) {
        err_clear(e);
        rc = OK;
        *out = talloc_steal(mem, empty);
    } else if (!rc) {
        rc = memory_parse(mem, content, path, out, e);
    }
done:
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

enum err memory_write(const char *state_dir, const char *section, const struct memory *m,
                      struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *path = memory_path(tmp, state_dir, section);
    struct bytes content = memory_format(tmp, m);
    enum err rc;

    if (!path || !content.data)
        rc = err_nomem(e);
    else if (!(rc = dir_make_private(state_dir, e)))
        rc = file_write_atomic(path, content, e);
    talloc_free(tmp);
    return rc;
}

enum err memory_drop(const char *state_dir, const char *section, struct error *e)
{
    char *path = memory_path(NULL, state_dir, section);
    enum err rc = OK;

    if (!path)
        return err_nomem(e);
    if (unlink(path) == 0)
        rc = dir_sync_of(path, e);
    else if (errno != ENOENT)
        rc = err_errno(e, errno, "cannot delete %s", path);
    talloc_free(path);
    return rc;
}

/* Never over what is there already: an earlier one may be what somebody still needs. */
static enum err move_to_free_name(TALLOC_CTX *tmp, const char *path, const char **aside,
                                  struct error *e)
{
    for (unsigned i = 0; i < MEMORY_MAX_ASIDE; i++) {
        char *name =
            i ? talloc_asprintf(tmp, "%s.bad.%u", path, i) : talloc_asprintf(tmp, "%s.bad", path);

        if (!name)
            return err_nomem(e);
        if (renameat2(AT_FDCWD, path, AT_FDCWD, name, RENAME_NOREPLACE) == 0) {
            *aside = name;
            return dir_sync_of(path, e);
        }
        if (errno != EEXIST)
            return err_errno(e, errno, "cannot move %s to %s", path, name);
    }
    err_set(e, ERR_IO, "cannot put %s aside: %s.bad and %s.bad.1 to .bad.%u are there already",
            path, path, path, MEMORY_MAX_ASIDE - 1);
    return err_hint(e, "look at them, and delete those that nobody needs");
}

enum err memory_put_aside(TALLOC_CTX *mem, const char *state_dir, const char *section,
                          const char **aside, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *path = memory_path(tmp, state_dir, section);
    const char *name = NULL;
    enum err rc = path ? move_to_free_name(tmp, path, &name, e) : err_nomem(e);

    if (!rc)
        *aside = talloc_steal(mem, name);
    talloc_free(tmp);
    return rc;
}

bool memory_has(const struct memory *m, const char *name, uint16_t type, const char *data)
{
    return find(m, name, type, data) >= 0;
}

bool memory_has_type(const struct memory *m, const char *name, uint16_t type)
{
    for (size_t i = 0; i < m->n_records; i++) {
        if (m->records[i].type == type && strcmp(m->records[i].name, name) == 0)
            return true;
    }
    return false;
}

bool memory_knows_name(const struct memory *m, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < m->n_records; i++) {
        const struct memory_record *r = &m->records[i];

        if (r->type != DNS_TYPE_PTR && strcmp(r->name, name) == 0)
            return true;
        if (r->type == DNS_TYPE_PTR && strncmp(r->data, name, len) == 0 &&
            strcmp(r->data + len, ".") == 0)
            return true;
    }
    return false;
}

/* In the order of their coming. */
static void forget_at(struct memory *m, size_t i)
{
    m->n_records--;
    memmove(&m->records[i], &m->records[i + 1], (m->n_records - i) * sizeof *m->records);
}

/* What is registered now is worth more than what could not be removed for longest. */
static bool make_room(struct memory *m)
{
    for (size_t i = 0; i < m->n_records; i++) {
        const struct memory_record *r = &m->records[i];

        if (!r->is_pending)
            continue;
        log_warning("the memory is full: %s %s, which could not be removed, is forgotten", r->name,
                    r->data);
        forget_at(m, i);
        return true;
    }
    return false;
}

bool memory_remember(struct memory *m, struct memory_record r)
{
    ssize_t known = find(m, r.name, r.type, r.data);
    const char *server = r.seen.server;
    struct memory_record *grown;

    if (known >= 0) {
        struct memory_record *there = &m->records[known];

        there->is_pending = r.is_pending;
        there->pending_since_s = r.is_pending ? r.pending_since_s : 0;
        return memory_see(m, there, r.seen);
    }
    /* A file with more would not be read back. */
    if (m->n_records >= MEMORY_MAX_RECORDS && !make_room(m)) {
        log_warning("%s %s is not remembered: the memory is full", r.name, r.data);
        return true;
    }
    grown = talloc_realloc(m, m->records, struct memory_record, m->n_records + 1);
    if (!grown)
        return false;
    m->records = grown;
    r.zone = talloc_strdup(m, r.zone);
    r.name = talloc_strdup(m, r.name);
    r.data = talloc_strdup(m, r.data);
    if (r.seen.server)
        r.seen.server = talloc_strdup(m, server);
    if (!r.zone || !r.name || !r.data || !r.seen.server != !server)
        return false;
    m->records[m->n_records++] = r;
    return true;
}

static bool is_same_server(const char *a, const char *b)
{
    return a == b || (a && b && strcasecmp(a, b) == 0);
}

bool memory_see(struct memory *m, struct memory_record *r, struct sighting seen)
{
    if (!seen.server)
        return true;
    if (is_same_server(r->seen.server, seen.server)) {
        if (r->seen.at_s > seen.at_s || seen.at_s - r->seen.at_s >= MEMORY_SEEN_S)
            r->seen.at_s = seen.at_s;
        return true;
    }
    seen.server = talloc_strdup(m, seen.server);
    if (!seen.server)
        return false;
    r->seen = seen;
    return true;
}

void memory_date(struct memory *m, int64_t now_s)
{
    for (size_t i = 0; i < m->n_records; i++) {
        struct memory_record *r = &m->records[i];

        if (r->seen.at_s <= 0 || r->seen.at_s > now_s)
            r->seen.at_s = now_s;
        if (r->is_pending && (r->pending_since_s <= 0 || r->pending_since_s > now_s))
            r->pending_since_s = now_s;
    }
}

void memory_forget(struct memory *m, const char *name, uint16_t type, const char *data)
{
    ssize_t i = find(m, name, type, data);

    if (i >= 0)
        forget_at(m, (size_t)i);
}

static bool copy_text(struct memory *m, const char *text, const char **out)
{
    *out = text ? talloc_strdup(m, text) : NULL;
    return !text || *out;
}

struct memory *memory_copy(TALLOC_CTX *mem, const struct memory *m)
{
    struct memory *copy = talloc_zero(mem, struct memory);
    bool is_complete = copy;

    for (size_t i = 0; is_complete && i < m->n_records; i++)
        is_complete = memory_remember(copy, m->records[i]);
    if (!is_complete || !copy_text(copy, m->last_error, &copy->last_error) ||
        !copy_text(copy, m->machine, &copy->machine) ||
        !copy_text(copy, m->principal, &copy->principal))
        TALLOC_FREE(copy);
    return copy;
}

static bool is_known_alike(const struct memory_record *a, const struct memory_record *b)
{
    return a->is_pending == b->is_pending && a->pending_since_s == b->pending_since_s &&
           a->seen.at_s == b->seen.at_s && is_same_server(a->seen.server, b->seen.server);
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool memory_equal(const struct memory *a, const struct memory *b)
{
    if (a->n_records != b->n_records || !is_same_text(a->last_error, b->last_error) ||
        !is_same_text(a->machine, b->machine) || !is_same_text(a->principal, b->principal))
        return false;
    for (size_t i = 0; i < a->n_records; i++) {
        const struct memory_record *r = &a->records[i];
        ssize_t at = find(b, r->name, r->type, r->data);

        if (at < 0 || !is_known_alike(r, &b->records[at]))
            return false;
    }
    return true;
}
