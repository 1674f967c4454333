#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int exit_code;
} table[] = {
    [OK] = { "ok", 0 },
    [ERR_INTERNAL] = { "internal", 1 },
    [ERR_NOMEM] = { "no-memory", 1 },
    [ERR_IO] = { "io", 1 },
    [ERR_USAGE] = { "usage", 2 },
    [ERR_CONFIG] = { "configuration", 2 },
    [ERR_NOTFOUND] = { "not-found", 2 },
    [ERR_PARTIAL] = { "partial", 3 },
    [ERR_LIMIT] = { "limit", 4 },
    [ERR_BUSY] = { "busy", 4 },
    [ERR_AUTH] = { "authentication", 5 },
    [ERR_DENIED] = { "denied", 5 },
    [ERR_UNREACHABLE] = { "unreachable", 6 },
    [ERR_TIMEOUT] = { "timeout", 6 },
    [ERR_SERVER] = { "server-failure", 6 },
    [ERR_CONFLICT] = { "conflict", 7 },
    [ERR_CHANGED] = { "changed-meanwhile", 3 },
    [ERR_UNVERIFIED] = { "unverified", 8 },
    [ERR_MALFORMED] = { "malformed", 8 },
};

/* Foreign text (server names, LDAP diagnostics) must not move the terminal. */
static void blot_control_bytes(char *s)
{
    for (; *s; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = '?';
    }
}

enum err err_set(struct error *e, enum err code, const char *fmt, ...)
{
    char text[sizeof e->message];
    va_list ap;

    if (!e)
        return code;
    /* Formatted apart, since the old message may be an argument of the new one. */
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    blot_control_bytes(text);
    strcpy(e->message, text);
    e->hint[0] = '\0';
    e->code = code;
    return code;
}

enum err err_hint(struct error *e, const char *fmt, ...)
{
    va_list ap;

    if (!e)
        return ERR_INTERNAL;
    va_start(ap, fmt);
    vsnprintf(e->hint, sizeof e->hint, fmt, ap);
    va_end(ap);
    blot_control_bytes(e->hint);
    return e->code;
}

enum err err_prefix(struct error *e, const char *fmt, ...)
{
    char old[sizeof e->message];
    va_list ap;
    int n;

    if (!e)
        return ERR_INTERNAL;
    memcpy(old, e->message, sizeof old);
    va_start(ap, fmt);
    n = vsnprintf(e->message, sizeof e->message, fmt, ap);
    va_end(ap);
    if (n > 0 && (size_t)n < sizeof e->message)
        snprintf(e->message + n, sizeof e->message - (size_t)n, ": %s", old);
    blot_control_bytes(e->message);
    return e->code;
}

enum err err_nomem(struct error *e) { return err_set(e, ERR_NOMEM, "out of memory"); }

enum err err_errno(struct error *e, int errno_value, const char *fmt, ...)
{
    char what[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return err_set(e, ERR_IO, "%s: %s", what, strerror(errno_value));
}

void err_clear(struct error *e)
{
    if (e)
        memset(e, 0, sizeof *e);
}

int err_exit_code(enum err code)
{
    if ((size_t)code >= sizeof table / sizeof table[0] || !table[code].name)
        return 1;
    return table[code].exit_code;
}

const char *err_name(enum err code)
{
    if ((size_t)code >= sizeof table / sizeof table[0] || !table[code].name)
        return "internal";
    return table[code].name;
}
