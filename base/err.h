/*
 * Errors as values.
 *
 * Every function that can fail returns an `enum err` and, on failure, fills the
 * caller's `struct error` with a message for a person: object, cause, and (as
 * hint) the next step.  Libraries never print; commands do.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

enum err {
    OK = 0,
    ERR_INTERNAL,    /* a bug, or the machine failed us */
    ERR_NOMEM,       /* out of memory */
    ERR_IO,          /* a local file or socket call failed */
    ERR_USAGE,       /* the command line is wrong */
    ERR_CONFIG,      /* the configuration is wrong */
    ERR_NOTFOUND,    /* a named zone, record, run or file does not exist */
    ERR_PARTIAL,     /* some of the work was done, some was not */
    ERR_LIMIT,       /* a safety limit refused; nothing was written */
    ERR_BUSY,        /* another run holds the lock; nothing was written */
    ERR_AUTH,        /* credentials are missing, wrong or expired */
    ERR_DENIED,      /* authenticated, but not allowed */
    ERR_UNREACHABLE, /* no server could be reached */
    ERR_TIMEOUT,     /* a server did not answer in time */
    ERR_SERVER,      /* a server answered with a failure of its own */
    ERR_CONFLICT,    /* a name or record belongs to somebody else */
    ERR_CHANGED,     /* the value judged is no longer the value stored */
    ERR_UNVERIFIED,  /* an answer could not be authenticated */
    ERR_MALFORMED,   /* bytes from outside that contradict their format */
};

/* message and hint are one line each, without a final full stop or newline. */
struct error {
    enum err code;
    char message[768];
    char hint[384];
};

/* Fill *e (may be NULL) and return code, so that `return err_set(...)` reads well. */
enum err err_set(struct error *e, enum err code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Add the next step to an error that is already set.  Returns e->code. */
enum err err_hint(struct error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Put "context: " in front of the message already in *e: the object, where the
 * function that failed knew only the cause.  Returns e->code.
 */
enum err err_prefix(struct error *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

enum err err_nomem(struct error *e);

/* `strerror(errno_value)` as ERR_IO, after the formatted object and verb. */
enum err err_errno(struct error *e, int errno_value, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Forget an error that was dealt with. */
void err_clear(struct error *e);

/* Process exit code (0 to 8) for an error code: the table in muster(8). */
int err_exit_code(enum err code);

/* Stable lower-case identifier, e.g. "unreachable": the `code` of JSON errors. */
const char *err_name(enum err code);

#endif
