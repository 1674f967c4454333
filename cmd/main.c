#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/command.h"
#include "cmd/config.h"
#include "cmd/help.h"
#include "cmd/output.h"
#include "cmd/privileges.h"

static void log_to_stderr(enum log_level level, const char *text, void *priv)
{
    (void)priv;
    fprintf(stderr, "muster: %s%s\n", level <= LOG_LEVEL_WARNING ? "warning: " : "", text);
}

/*
 * Principals are built from the names that were asked for, never from what DNS makes of
 * them: a wrong PTR must not choose the service that is trusted.  The Kerberos library
 * reads this in GSSAPI and SASL, where no profile can be handed over, so it goes in front of
 * the machine's own files; the text is in memory and nothing is left on disk.
 */
static bool forbid_canonicalisation(void)
{
    static const char text[] = "[libdefaults]\n"
                               "    dns_canonicalize_hostname = false\n"
                               "    rdns = false\n";
    const char *others = getenv("KRB5_CONFIG");
    char value[4096];
    int fd = memfd_create("muster-krb5.conf", 0), len;

    if (fd < 0)
        return false;
    if (write(fd, text, sizeof text - 1) != (ssize_t)sizeof text - 1) {
        close(fd);
        return false;
    }
    len = snprintf(value, sizeof value, "/proc/self/fd/%d:%s", fd,
                   others && *others ? others : "/etc/krb5.conf:/usr/local/etc/krb5.conf");
    return len > 0 && (size_t)len < sizeof value && setenv("KRB5_CONFIG", value, 1) == 0;
}

/* --json may stand anywhere; a usage error must be JSON too when it was asked for. */
static bool wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0)
            return true;
    }
    return false;
}

static enum err check_arguments(const struct command *c, const struct options *o, struct error *e)
{
    size_t n;
    const char *const *arguments = options_arguments(o, &n);

    if (n < c->min_arguments)
        err_set(e, ERR_USAGE, "%s needs %s", c->name, c->arguments);
    else if (n > c->max_arguments)
        err_set(e, ERR_USAGE, "%s: unexpected argument \"%s\"", c->name,
                arguments[c->max_arguments]);
    else
        return OK;
    err_hint(e, "`muster %s --help` shows how it is used", c->name);
    return ERR_USAGE;
}

/* -1: go on; else an exit code. */
static int answer_without_command(int argc, char **argv, struct error *e)
{
    if (argc < 2) {
        help_overview(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        const struct command *c = argc > 2 ? command_find(argv[2]) : NULL;

        if (c)
            help_command(stdout, c);
        else
            help_overview(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("muster %s\n", PACKAGE_VERSION);
        return 0;
    }
    if (!command_find(argv[1])) {
        err_set(e, ERR_USAGE, "unknown command \"%s\"", argv[1]);
        err_hint(e, "`muster --help` lists the commands");
        output_error(wants_json(argc, argv), e);
        return 2;
    }
    return -1;
}

static enum err run_command(struct context *ctx, int argc, char **argv, struct error *e)
{
    struct options *options;
    enum err rc;

    if ((rc = options_parse(ctx->mem, ctx->command, argc - 1, argv + 1, &options, e)))
        return rc;
    ctx->options = options;
    ctx->is_json = options_flag(options, "json");
    if (options_flag(options, "help")) {
        help_command(stdout, ctx->command);
        return OK;
    }
    if (options_flag(options, "version")) {
        printf("muster %s\n", PACKAGE_VERSION);
        return OK;
    }
    if ((rc = check_arguments(ctx->command, options, e)) ||
        (rc = config_load(ctx->mem, options_text(options, "config"), options, e)))
        return rc;
    log_set_sink(options_flag(options, "verbose") ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING,
                 log_to_stderr, NULL);
    if (!forbid_canonicalisation())
        return err_set(e, ERR_INTERNAL, "cannot keep Kerberos from asking DNS for host names");
    if ((rc = privileges_drop(ctx, e)))
        return rc;
    return ctx->command->run(ctx, e);
}

int main(int argc, char **argv)
{
    struct context ctx = { .is_json = wants_json(argc, argv) };
    struct error e = { 0 };
    enum err rc;
    int exit_code = answer_without_command(argc, argv, &e);

    if (exit_code >= 0)
        return exit_code;
    ctx.mem = talloc_new(NULL);
    ctx.command = command_find(argv[1]);
    rc = run_command(&ctx, argc, argv, &e);
    if (rc) {
        e.code = rc;
        output_error(ctx.is_json && !ctx.has_reported, &e);
    }
    exit_code = err_exit_code(rc);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        err_set(&e, ERR_IO, "cannot write to standard output");
        output_error(false, &e);
        if (exit_code == 0)
            exit_code = 1;
    }
    talloc_free(ctx.mem);
    privileges_allow_leak_check();
    return exit_code;
}
