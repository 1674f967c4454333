#include "cmd/same_name.h"

#include <string.h>
#include <strings.h>

#include "cmd/register_options.h"
#include "dns/name.h"
#include "gss-tsig/credentials.h"
#include "register/identity.h"

struct identity {
    const struct options *section;
    struct register_options options;
    char *fqdn; /* NULL: not to be known yet */
    char *domain;
};

/* Whatever is wrong with a section is said when it is run. */
static void identify(TALLOC_CTX *mem, const struct context *ctx, const struct options *section,
                     struct identity *out)
{
    struct context of_section = *ctx;
    struct register_options *o = &out->options;
    struct error unused = { 0 };
    char *principal, *realm, *hostname;

    out->section = section;
    of_section.mem = mem;
    of_section.options = section;
    if (register_options_read(&of_section, o, &unused) ||
        (!o->domain &&
         credentials_identity(mem, o->keytab, o->principal, &principal, &realm, &unused)) ||
        dns_name_normalise(mem, o->domain ? o->domain : realm, &out->domain, &unused) ||
        (!o->hostname && identity_hostname(mem, &hostname, &unused)) ||
        identity_fqdn(mem, o->hostname ? o->hostname : hostname, out->domain, &out->fqdn, &unused))
        out->fqdn = NULL;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcasecmp(a, b) == 0);
}

static bool is_same_name(const struct identity *a, const struct identity *b)
{
    if (a->fqdn && b->fqdn)
        return strcmp(a->fqdn, b->fqdn) == 0 && strcmp(a->domain, b->domain) == 0;
    return !a->fqdn && !b->fqdn && is_same_text(a->options.hostname, b->options.hostname) &&
           is_same_text(a->options.domain, b->options.domain) &&
           is_same_text(a->options.keytab, b->options.keytab) &&
           is_same_text(a->options.principal, b->options.principal);
}

static enum err refuse(const struct context *ctx, const struct identity *first,
                       const struct identity *second, struct error *e)
{
    const char *path = options_text(ctx->options, "config");

    err_set(e, ERR_CONFIG,
            "%s line %u: [register %s] is for %s%s%s, as [register %s] in line %u is",
            path ? path : CONFIG_FILE, options_section_line(second->section),
            options_section_name(second->section), second->fqdn ? second->fqdn : "the same name",
            second->fqdn ? " in " : "", second->fqdn ? second->domain : "",
            options_section_name(first->section), options_section_line(first->section));
    return err_hint(e, "give one of them another hostname, or make one section of both: interfaces "
                       "and address are lists"),
           ERR_CONFIG;
}

enum err same_name_refuse(const struct context *ctx, struct error *e)
{
    size_t n;
    struct options *const *sections = options_sections(ctx->options, &n);
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct identity *all = talloc_zero_array(tmp, struct identity, n + 1);
    enum err rc = all ? OK : err_nomem(e);

    for (size_t i = 0; !rc && i < n; i++) {
        identify(tmp, ctx, sections[i], &all[i]);
        for (size_t j = 0; !rc && j < i; j++) {
            if (is_same_name(&all[j], &all[i]))
                rc = refuse(ctx, &all[j], &all[i], e);
        }
    }
    talloc_free(tmp);
    return rc;
}
