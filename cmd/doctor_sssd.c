#include "cmd/doctor_sssd.h"

#include <ini.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct reading {
    TALLOC_CTX *mem;
    char *domain; /* of the section at hand; NULL: no domain's */
    bool is_ad;
    bool is_off;
    char *found;
};

static void end_of_domain(struct reading *r)
{
    if (!r->found && r->domain && r->is_ad && !r->is_off)
        r->found = r->domain;
    r->domain = NULL;
    r->is_ad = r->is_off = false;
}

static int on_pair(void *user, const char *section, const char *key, const char *value)
{
    struct reading *r = user;

    if (strncasecmp(section, "domain/", 7) != 0) {
        end_of_domain(r);
        return 1;
    }
    if (!r->domain || strcmp(r->domain, section + 7) != 0) {
        end_of_domain(r);
        r->domain = talloc_strdup(r->mem, section + 7);
    }
    if (strcasecmp(key, "id_provider") == 0)
        r->is_ad = strcasecmp(value, "ad") == 0;
    if (strcasecmp(key, "dyndns_update") == 0)
        r->is_off = strcasecmp(value, "false") == 0 || strcasecmp(value, "no") == 0;
    return 1;
}

char *sssd_updating_domain(TALLOC_CTX *mem, struct bytes conf)
{
    struct reading r = { .mem = mem };
    char *text = talloc_strndup(mem, (const char *)conf.data, conf.len);

    if (text)
        ini_parse_string(text, on_pair, &r);
    talloc_free(text);
    end_of_domain(&r);
    return r.found;
}
