#include "ldap/dccache.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/own.h"
#include "dns/name.h"

#define CACHE_VERSION 1
#define MAX_BYTES (256 * 1024)
#define ADDRESSES_MAX 16

static void release_json(void *json) { json_decref(json); }

static char *cache_path(TALLOC_CTX *mem, const char *state_dir)
{
    return talloc_asprintf(mem, "%s/dc.json", state_dir);
}

/* NULL where the content has nothing to say; tmp owns the document. */
static json_t *document(TALLOC_CTX *tmp, struct bytes content, const char *path)
{
    json_error_t why;
    json_t *root =
        json_loadb((const char *)content.data, content.len, JSON_REJECT_DUPLICATES, &why);

    if (root && !own(tmp, root, release_json))
        return NULL;
    if (!root || json_integer_value(json_object_get(root, "version")) != CACHE_VERSION ||
        !json_is_object(json_object_get(root, "domains"))) {
        log_info("the controller used last is not known: %s is not of this version", path);
        return NULL;
    }
    return root;
}

/* {NULL, 0} where there is no file that can be read. */
static struct bytes content_of(TALLOC_CTX *tmp, const char *path)
{
    struct bytes content;
    struct error e = { 0 };
    enum err rc = file_read(tmp, path, MAX_BYTES, &content, &e);

    if (!rc)
        return content;
    if (rc != ERR_NOTFOUND)
        log_info("the controller used last is not known: %s", e.message);
    return (struct bytes){ NULL, 0 };
}

static bool same_text(const char *a, const char *b) { return a && b ? strcmp(a, b) == 0 : a == b; }

static bool copy_text(TALLOC_CTX *mem, const json_t *object, const char *key, const char **out)
{
    const char *text = json_string_value(json_object_get(object, key));

    *out = text ? talloc_strdup(mem, text) : NULL;
    return !text || *out;
}

static bool read_controller(TALLOC_CTX *mem, const json_t *j, struct dc *out)
{
    const char *name = json_string_value(json_object_get(j, "name")), *kind;
    const json_t *addresses = json_object_get(j, "addresses");
    size_t n = json_array_size(addresses);
    char *normal;

    if (!name || dns_name_normalise(mem, name, &normal, NULL) || n == 0 || n > ADDRESSES_MAX)
        return false;
    out->name = normal;
    out->addresses = talloc_zero_array(mem, struct ip, (unsigned)n);
    for (; out->addresses && out->n_addresses < n; out->n_addresses++) {
        const char *text = json_string_value(json_array_get(addresses, out->n_addresses));

        if (!text || !ip_parse(text, &out->addresses[out->n_addresses]))
            return false;
    }
    kind = json_string_value(json_object_get(j, "kind"));
    if (kind && strcmp(kind, "samba") != 0 && strcmp(kind, "windows") != 0)
        return false;
    out->is_read_only = json_is_true(json_object_get(j, "read_only"));
    return out->addresses && copy_text(mem, j, "site", &out->site) &&
           copy_text(mem, j, "kind", &out->kind);
}

enum err dccache_parse(TALLOC_CTX *mem, struct bytes content, const char *path, const char *domain,
                       const char *site_wanted, struct dc **out, size_t *n, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct dc *dcs = talloc_zero_array(tmp, struct dc, DCCACHE_CONTROLLERS_MAX);
    const json_t *root, *entry, *list;
    enum err rc = OK;
    size_t count = 0;

    if (!dcs) {
        rc = err_nomem(e);
        goto done;
    }
    root = content.data ? document(tmp, content, path) : NULL;
    entry = json_object_get(json_object_get(root, "domains"), domain);
    if (!same_text(json_string_value(json_object_get(entry, "site_wanted")), site_wanted))
        entry = NULL;
    list = json_object_get(entry, "controllers");
    for (; count < json_array_size(list) && count < DCCACHE_CONTROLLERS_MAX; count++) {
        if (!read_controller(dcs, json_array_get(list, count), &dcs[count])) {
            log_info("%s: controller %zu of %s makes no sense", path, count + 1, domain);
            break;
        }
    }
    *n = count;
    *out = talloc_steal(mem, dcs);
done:
    talloc_free(tmp);
    return rc;
}

enum err dccache_read(TALLOC_CTX *mem, const char *state_dir, const char *domain,
                      const char *site_wanted, struct dc **out, size_t *n, struct error *e)
{
    char *path = cache_path(NULL, state_dir);
    enum err rc =
        path ? dccache_parse(mem, content_of(path, path), path, domain, site_wanted, out, n, e)
             : err_nomem(e);

    talloc_free(path);
    return rc;
}

static json_t *controller_json(const struct dc *dc)
{
    json_t *addresses = json_array();

    for (size_t i = 0; i < dc->n_addresses && i < ADDRESSES_MAX; i++) {
        char text[IP_TEXT_MAX];

        json_array_append_new(addresses, json_string(ip_format(dc->addresses[i], text)));
    }
    return json_pack("{s:s, s:o, s:s?, s:s?, s:b}", "name", dc->name, "addresses", addresses,
                     "site", dc->site, "kind", dc->kind, "read_only", dc->is_read_only);
}

static json_t *entry_json(const char *site_wanted, const struct dc *dcs, size_t n)
{
    json_t *list = json_array();

    for (size_t i = 0; i < n && i < DCCACHE_CONTROLLERS_MAX; i++)
        json_array_append_new(list, controller_json(&dcs[i]));
    return json_pack("{s:s?, s:o}", "site_wanted", site_wanted, "controllers", list);
}

enum err dccache_format(TALLOC_CTX *mem, struct bytes content, const char *path, const char *domain,
                        const char *site_wanted, const struct dc *dcs, size_t n, struct bytes *out,
                        struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    json_t *root, *entry = entry_json(site_wanted, dcs, n), *domains;
    struct bytes made = { NULL, 0 };
    enum err rc = OK;
    char *text;

    if (!tmp || !entry || !own(tmp, entry, release_json)) {
        rc = err_nomem(e);
        goto done;
    }
    root = content.data ? document(tmp, content, path) : NULL;
    domains = json_object_get(root, "domains");
    if (domains && json_equal(json_object_get(domains, domain), entry))
        goto hand_over;
    if (!domains || json_object_size(domains) > DCCACHE_DOMAINS_MAX) {
        root = json_pack("{s:i, s:{}}", "version", CACHE_VERSION, "domains");
        if (!root || !own(tmp, root, release_json)) {
            rc = err_nomem(e);
            goto done;
        }
        domains = json_object_get(root, "domains");
    }
    text = json_object_set(domains, domain, entry) == 0 ? json_dumps(root, JSON_INDENT(1)) : NULL;
    if (text)
        made = bytes_dup(mem, (struct bytes){ (const uint8_t *)text, strlen(text) });
    free(text);
    if (!made.data) {
        rc = err_nomem(e);
        goto done;
    }
hand_over:
    *out = made;
done:
    talloc_free(tmp);
    return rc;
}

enum err dccache_write(const char *state_dir, const char *domain, const char *site_wanted,
                       const struct dc *dcs, size_t n, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *path = cache_path(tmp, state_dir);
    struct bytes made = { NULL, 0 };
    enum err rc;

    if (!path)
        rc = err_nomem(e);
    else
        rc =
            dccache_format(tmp, content_of(tmp, path), path, domain, site_wanted, dcs, n, &made, e);
    if (!rc && made.data && !(rc = dir_make_private(state_dir, e)))
        rc = file_write_atomic(path, made, e);
    talloc_free(tmp);
    return rc;
}
