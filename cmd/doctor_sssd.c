#include "cmd/doctor_sssd.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"

#define CONF_MAX_BYTES (1 << 20)

enum choice { UNSAID, OFF, ON };

struct domain {
    struct domain *next; /* in the order in which they were first named */
    const char *name;
    const char *provider, *provider_file; /* id_provider; NULL: not said */
    enum choice update;                   /* dyndns_update */
    const char *update_file;
};

struct sssd_config {
    struct domain *domains;
    const char *file; /* the one at hand */
};

struct sssd_config *sssd_config_new(TALLOC_CTX *mem)
{
    return talloc_zero(mem, struct sssd_config);
}

static struct domain *domain_of(struct sssd_config *c, const char *name)
{
    struct domain **at = &c->domains;

    while (*at && strcasecmp((*at)->name, name) != 0)
        at = &(*at)->next;
    if (!*at && (*at = talloc_zero(c, struct domain)))
        (*at)->name = talloc_strdup(*at, name);
    return *at;
}

static enum choice choice_of(const char *value)
{
    if (strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0)
        return ON;
    return strcasecmp(value, "false") == 0 || strcasecmp(value, "no") == 0 ? OFF : UNSAID;
}

static int on_pair(void *user, const char *section, const char *key, const char *value)
{
    struct sssd_config *c = user;
    struct domain *d;

    if (strncasecmp(section, "domain/", 7) != 0 || !(d = domain_of(c, section + 7)) || !d->name)
        return 1;
    if (strcasecmp(key, "id_provider") == 0) {
        d->provider = talloc_strdup(d, value);
        d->provider_file = c->file;
    }
    /* The second is what the first was called for IPA once. */
    if (strcasecmp(key, "dyndns_update") == 0 || strcasecmp(key, "ipa_dyndns_update") == 0) {
        d->update = choice_of(value);
        d->update_file = c->file;
    }
    return 1;
}

void sssd_config_add(struct sssd_config *c, const char *file, struct bytes text)
{
    char *copy = talloc_strndup(c, (const char *)text.data, text.len);

    c->file = talloc_strdup(c, file);
    /* Lines that make no sense are passed over, as good ones follow. */
    if (copy && c->file)
        ini_parse_string(copy, on_pair, c);
    talloc_free(copy);
}

void sssd_config_updating(const struct sssd_config *c, struct sssd_updating *out)
{
    *out = (struct sssd_updating){ NULL, NULL };
    for (const struct domain *d = c->domains; d && !out->domain; d = d->next) {
        bool is_ad = d->provider && strcasecmp(d->provider, "ad") == 0;

        if (d->update == ON)
            *out = (struct sssd_updating){ d->name, d->update_file };
        else if (d->update == UNSAID && is_ad)
            *out = (struct sssd_updating){ d->name, d->provider_file };
    }
}

/* ---- files ---- */

static int is_snippet(const struct dirent *d)
{
    return fnmatch("*.conf", d->d_name, FNM_PERIOD) == 0;
}

/* In the order of bytes, whatever the locale. */
static int compare(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum err add_file(struct sssd_config *c, char *path, bool *is_any, struct error *e)
{
    struct bytes text;
    enum err rc = path ? file_read(c, path, CONF_MAX_BYTES, &text, e) : err_nomem(e);

    if (rc == ERR_NOTFOUND)
        return OK;
    if (rc)
        return rc;
    sssd_config_add(c, path, text);
    *is_any = true;
    return OK;
}

static enum err add_snippets(struct sssd_config *c, const char *dir, bool *is_any, struct error *e)
{
    struct dirent **names = NULL;
    int n = scandir(dir, &names, is_snippet, compare);
    enum err rc = OK;

    if (n < 0)
        return errno == ENOENT ? OK : err_errno(e, errno, "cannot list %s", dir);
    for (int i = 0; i < n; i++) {
        if (!rc)
            rc = add_file(c, talloc_asprintf(c, "%s/%s", dir, names[i]->d_name), is_any, e);
        free(names[i]);
    }
    free(names);
    return rc;
}

enum err sssd_config_read(TALLOC_CTX *mem, const char *dir, struct sssd_config **out,
                          struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct sssd_config *c = sssd_config_new(tmp);
    char *snippets = talloc_asprintf(tmp, "%s/conf.d", dir);
    bool is_any = false;
    enum err rc;

    if (!c || !snippets) {
        rc = err_nomem(e);
        goto done;
    }
    if ((rc = add_file(c, talloc_asprintf(c, "%s/sssd.conf", dir), &is_any, e)) ||
        (rc = add_snippets(c, snippets, &is_any, e)))
        goto done;
    if (!is_any) {
        rc = err_set(e, ERR_NOTFOUND, "%s has no configuration of SSSD", dir);
        goto done;
    }
    *out = talloc_steal(mem, c);
done:
    talloc_free(tmp);
    return rc;
}
