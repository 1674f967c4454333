#include "register/address_command.h"

#include <string.h>

#include "base/log.h"
#include "register/choose.h"
#include "register/program.h"

/* Without white space at either end; in place. */
static char *trimmed(char *line)
{
    size_t len;

    line += strspn(line, " \t\r");
    len = strlen(line);
    while (len && strchr(" \t\r", line[len - 1]))
        len--;
    line[len] = '\0';
    return line;
}

static enum err check_line(const char *line, struct ip *ip, struct error *e)
{
    if (!ip_parse(line, ip))
        return err_set(e, ERR_CONFIG, "it printed \"%.80s\", which is no address", line);
    if (!address_is_publishable(*ip))
        return err_set(e, ERR_CONFIG, "it printed %s: no other machine can reach a host by that",
                       line);
    return OK;
}

enum err address_command_read(TALLOC_CTX *mem, struct bytes printed, struct ip **out, size_t *n,
                              struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct ip *ips = talloc_array(tmp, struct ip, ADDRESS_COMMAND_MAX_ADDRESSES);
    char *text = talloc_strndup(tmp, (const char *)printed.data, printed.len), *line, *rest;
    size_t count = 0;
    enum err rc = OK;

    if (!ips || !text) {
        rc = err_nomem(e);
        goto done;
    }
    if (strlen(text) != printed.len) {
        rc = err_set(e, ERR_CONFIG, "it printed a NUL byte");
        goto done;
    }
    for (line = strtok_r(text, "\n", &rest); line && !rc; line = strtok_r(NULL, "\n", &rest)) {
        struct ip ip;

        line = trimmed(line);
        if (!*line || *line == '#')
            continue;
        if ((rc = check_line(line, &ip, e)))
            break;
        if (count == ADDRESS_COMMAND_MAX_ADDRESSES)
            rc = err_set(e, ERR_CONFIG, "it printed more than %d addresses",
                         ADDRESS_COMMAND_MAX_ADDRESSES);
        else if (!address_is_in(ip, ips, count))
            ips[count++] = ip;
    }
    if (!rc && !count)
        rc = err_set(e, ERR_CONFIG, "it printed no address");
    if (!rc) {
        *n = count;
        *out = talloc_steal(mem, ips);
    }
done:
    talloc_free(tmp);
    return rc;
}

enum err address_command_run(TALLOC_CTX *mem, const char *program, struct deadline d,
                             struct ip **out, size_t *n, struct error *e)
{
    TALLOC_CTX *tmp = talloc_new(NULL);
    struct bytes printed;
    enum err rc;

    d = deadline_sooner(d, deadline_in(ADDRESS_COMMAND_MS));
    if ((rc = program_run(tmp, program, ADDRESS_COMMAND_MAX_BYTES, d, &printed, e)) ||
        (rc = address_command_read(mem, printed, out, n, e)))
        goto done;
    log_info("%s gave %zu addresses", program, *n);
done:
    if (rc) {
        err_prefix(e, "address command %s", program);
        err_hint(e,
                 "run it by hand: it has to print one address a line and end with status 0 "
                 "within %d s",
                 ADDRESS_COMMAND_MS / 1000);
    }
    talloc_free(tmp);
    return rc;
}
