#include "ldap/server_clock.h"

#include <ctype.h>
#include <string.h>

#include "ldap/dial.h"
#include "ldap/search.h"

#define LDAP_PORT_NUMBER 389

/* n digits, or -1. */
static int digits(const char *at, int n)
{
    int value = 0;

    for (int i = 0; i < n; i++) {
        if (!isdigit((unsigned char)at[i]))
            return -1;
        value = value * 10 + (at[i] - '0');
    }
    return value;
}

bool server_clock_parse(const char *text, int64_t *unix_s)
{
    struct tm tm = { 0 };
    size_t len = strlen(text), fraction;

    if (len < 15 || (tm.tm_year = digits(text, 4)) < 1970 ||
        (tm.tm_mon = digits(text + 4, 2)) < 1 || tm.tm_mon > 12 ||
        (tm.tm_mday = digits(text + 6, 2)) < 1 || tm.tm_mday > 31 ||
        (tm.tm_hour = digits(text + 8, 2)) < 0 || tm.tm_hour > 23 ||
        (tm.tm_min = digits(text + 10, 2)) < 0 || tm.tm_min > 59 ||
        (tm.tm_sec = digits(text + 12, 2)) < 0 || tm.tm_sec > 60)
        return false;
    fraction = text[14] == '.' ? 1 + strspn(text + 15, "0123456789") : 0;
    if (strcmp(text + 14 + fraction, "Z") != 0)
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    *unix_s = (int64_t)timegm(&tm);
    return true;
}

enum err server_clock_read(struct ip address, const char *fqdn, struct deadline d, int64_t *unix_s,
                           struct error *e)
{
    static const char *const attributes[] = { "currentTime", NULL };
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct search s = { .base = "", .attributes = attributes };
    struct directory *directory;
    struct entry *root;
    char *text;
    enum err rc;
    size_t only;
    int fd;

    if (!tmp)
        return err_nomem(e);
    if ((rc = ldap_dial(&address, 1, LDAP_PORT_NUMBER, d, deadline_left(d), &fd, &only, e)) ||
        (rc = directory_wrap(tmp, fd, fqdn, LDAP_PORT_NUMBER, deadline_left(d), &directory, e)) ||
        (rc = search_object(tmp, directory, &s, &root, e)))
        goto done;
    text = entry_string(tmp, root, "currentTime");
    if (!text || !server_clock_parse(text, unix_s))
        rc = err_set(e, ERR_MALFORMED, "%s tells no time", fqdn);
done:
    talloc_free(tmp);
    return rc;
}
