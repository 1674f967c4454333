#include "register/memory.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "dns/name.h"
#include "dns/rr.h"

ssize_t memory_find(const struct memory *m, const char *name, uint16_t type, const char *data)
{
    for (size_t i = 0; i < m->n_records; i++) {
        const struct memory_record *r = &m->records[i];

        if (r->type == type && strcmp(r->name, name) == 0 && strcmp(r->data, data) == 0)
            return (ssize_t)i;
    }
    return -1;
}

bool memory_has(const struct memory *m, const char *name, uint16_t type, const char *data)
{
    return memory_find(m, name, type, data) >= 0;
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
    ssize_t known = memory_find(m, r.name, r.type, r.data);
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
    ssize_t i = memory_find(m, name, type, data);

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
        ssize_t at = memory_find(b, r->name, r->type, r->data);

        if (at < 0 || !is_known_alike(r, &b->records[at]))
            return false;
    }
    return true;
}
