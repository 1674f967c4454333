#include "register/identity.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/ip.h"
#include "dns/name.h"

/* First labels of names that the domain itself lives by: replacing what they hold would break it.
 */
static const char *const reserved[] = { "localhost", "gc", "domaindnszones", "forestdnszones" };

static bool is_host_name(const char *name)
{
    bool at_start = true;

    for (const char *s = name; *s; s++) {
        bool is_end = s[1] == '.' || s[1] == '\0';
        unsigned char c = (unsigned char)*s;

        if (c == '.') {
            at_start = true;
            continue;
        }
        if (c >= 0x80 || !(isalnum(c) || ((c == '-' || c == '_') && !at_start && !is_end)))
            return false;
        at_start = false;
    }
    return true;
}

static bool is_reserved(const char *fqdn)
{
    size_t first = strcspn(fqdn, ".");

    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (strlen(reserved[i]) == first && strncasecmp(fqdn, reserved[i], first) == 0)
            return true;
    }
    return false;
}

enum err identity_fqdn(TALLOC_CTX *mem, const char *hostname, const char *domain, char **out,
                       struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    char *joined, *fqdn, *zone;
    struct ip unused;
    enum err rc;

    joined = strchr(hostname, '.') ? talloc_strdup(tmp, hostname)
                                   : talloc_asprintf(tmp, "%s.%s", hostname, domain);
    if (!joined) {
        rc = err_nomem(e);
        goto done;
    }
    if (!*hostname || ip_parse(hostname, &unused)) {
        rc = err_set(e, ERR_USAGE, "host name '%s' is not a name", hostname);
        err_hint(e, "set the host name, or give one with --hostname");
        goto done;
    }
    if ((rc = dns_name_normalise(tmp, joined, &fqdn, e)) ||
        (rc = dns_name_normalise(tmp, domain, &zone, e))) {
        err_prefix(e, "host name '%s'", joined);
        rc = e ? (e->code = ERR_USAGE) : ERR_USAGE;
        goto done;
    }
    if (!is_host_name(fqdn)) {
        rc = err_set(e, ERR_USAGE, "host name '%s' has characters that a host's name may not have",
                     fqdn);
        err_hint(e, "use letters, digits and hyphens, or give another name with --hostname");
        goto done;
    }
    if (!strchr(fqdn, '.')) {
        rc = err_set(e, ERR_USAGE, "host name '%s' is in no domain", joined);
        err_hint(e, "leave out its final dot, or give the whole name with --hostname");
        goto done;
    }
    if (is_reserved(fqdn) || strcmp(fqdn, zone) == 0) {
        rc = err_set(e, ERR_USAGE, "cannot register '%s': that name is not one host's", fqdn);
        err_hint(e, "set the host name, or give one with --hostname");
        goto done;
    }
    *out = talloc_steal(mem, fqdn);
done:
    talloc_free(tmp);
    return rc;
}

enum err identity_hostname(TALLOC_CTX *mem, char **out, struct error *e)
{
    char buf[256] = "";
    char *copy;

    if (gethostname(buf, sizeof buf - 1) != 0)
        return err_errno(e, errno, "cannot read this machine's host name");
    copy = talloc_strdup(mem, buf);
    if (!copy)
        return err_nomem(e);
    *out = copy;
    return OK;
}
