#include "cmd/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/session.h"
#include "dns/name.h"

#define MACHINE_KEYTAB "/etc/krb5.keytab"

/* Options whose value is a file. */
static const char *const read_options[] = { "config", "keytab", "key" };
static const char *const written_options[] = { "html", "metrics" };

static bool has_option(const struct option_spec *table, const char *name)
{
    for (; table->name; table++) {
        if (strcmp(table->name, name) == 0)
            return true;
    }
    return false;
}

static const char *text_of(const struct context *ctx, const struct options *o, const char *name)
{
    return has_option(options_common, name) || has_option(ctx->command->options, name)
               ? options_text(o, name)
               : NULL;
}

/* libkrb5's names of files: "FILE:/path", or the path alone. */
static const char *path_of(const char *name)
{
    static const char *const prefixes[] = { "FILE:", "WRFILE:", "DIR::", "DIR:" };

    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return name + strlen(prefixes[i]);
    }
    return name;
}

/* A path that is not there needs nothing to be read: the message is the reader's business. */
static bool is_barred(const char *path, int mode)
{
    return faccessat(AT_FDCWD, path, mode, AT_EACCESS) != 0 && errno == EACCES;
}

/* Files are replaced by rename, directories are made: what counts is the nearest that exists. */
static bool is_barred_from_writing(TALLOC_CTX *mem, const char *path, bool is_directory)
{
    char *at = talloc_strdup(mem, path);

    if (!at)
        return true;
    if (!is_directory)
        at = dirname(at);
    while (faccessat(AT_FDCWD, at, F_OK, AT_EACCESS) != 0 && errno == ENOENT &&
           strcmp(at, "/") != 0 && strcmp(at, ".") != 0)
        at = dirname(at);
    return is_barred(at, W_OK | X_OK);
}

/* The ticket cache that libkrb5 takes by default, where it is a file. */
static bool is_cache_barred(TALLOC_CTX *mem)
{
    const char *name = getenv("KRB5CCNAME");
    char *path;

    if (!name || !*name) {
        path = talloc_asprintf(mem, "/tmp/krb5cc_%ld", (long)getuid());
        return path && is_barred(path, R_OK);
    }
    /* KEYRING, KCM and the like give no path that is one. */
    name = path_of(name);
    return name[0] == '/' && is_barred(name, R_OK);
}

/* By the number of the capability. */
struct capabilities {
    bool had[CAP_LAST_CAP + 1];
    bool kept[CAP_LAST_CAP + 1];
};

static void note_need(struct capabilities *c, bool is_needed, int capability, const char *why)
{
    if (!is_needed || !c->had[capability] || c->kept[capability])
        return;
    log_info("keeping the capability %s: %s", capng_capability_to_name((unsigned)capability), why);
    c->kept[capability] = true;
}

static void note_options(const struct context *ctx, const struct options *o, struct capabilities *c)
{
    for (size_t i = 0; i < sizeof read_options / sizeof *read_options; i++) {
        const char *name = text_of(ctx, o, read_options[i]), *path = name ? path_of(name) : NULL;

        note_need(c, path && is_barred(path, R_OK), CAP_DAC_READ_SEARCH, path);
    }
    for (size_t i = 0; i < sizeof written_options / sizeof *written_options; i++) {
        const char *path = text_of(ctx, o, written_options[i]);

        note_need(c, path && is_barred_from_writing(ctx->mem, path, false), CAP_DAC_OVERRIDE, path);
    }
}

/* The key of a zone is read only where the zone is named. */
static void note_zone_keys(const struct context *ctx, struct capabilities *c)
{
    size_t n;
    const char *const *arguments = options_arguments(ctx->options, &n);

    for (size_t i = 0; has_option(ctx->command->options, "key") && i < n; i++) {
        char *zone;
        const char *path = dns_name_normalise(ctx->mem, arguments[i], &zone, NULL) == OK
                               ? options_zone_text(ctx->options, zone, "key")
                               : NULL;

        note_need(c, path && is_barred(path, R_OK), CAP_DAC_READ_SEARCH, path);
    }
}

/* Asked with no effective capability: what the user id alone cannot do. */
static void find_needs(const struct context *ctx, struct capabilities *c)
{
    const char *state_dir = session_state_dir(ctx);
    size_t n;
    struct options *const *sections = options_sections(ctx->options, &n);

    note_need(c, is_barred_from_writing(ctx->mem, state_dir, true), CAP_DAC_OVERRIDE, state_dir);
    note_need(c, is_barred(MACHINE_KEYTAB, R_OK), CAP_DAC_READ_SEARCH, MACHINE_KEYTAB);
    note_need(c, is_cache_barred(ctx->mem), CAP_DAC_READ_SEARCH, "the ticket cache");
    note_options(ctx, ctx->options, c);
    note_zone_keys(ctx, c);
    for (size_t i = 0; i < n; i++)
        note_options(ctx, sections[i], c);
    note_need(c, has_option(ctx->command->options, "probe") && options_flag(ctx->options, "probe"),
              CAP_NET_RAW, "--probe sends ICMP");
}

static bool limit_capabilities(const struct context *ctx)
{
    struct capabilities c = { .kept = { false } };

    if (capng_get_caps_process() != 0)
        return false;
    for (int i = 0; i <= CAP_LAST_CAP; i++)
        c.had[i] = capng_have_capability(CAPNG_PERMITTED, (unsigned)i);
    if (capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE)
        return true;
    for (int i = 0; i <= CAP_LAST_CAP; i++)
        capng_update(CAPNG_DROP, CAPNG_EFFECTIVE, (unsigned)i);
    if (capng_apply(CAPNG_SELECT_CAPS) != 0)
        return false;
    find_needs(ctx, &c);
    /* The bounding set wants CAP_SETPCAP for a moment; nobody has it who is not root. */
    if (c.had[CAP_SETPCAP]) {
        capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, CAP_SETPCAP);
        if (capng_apply(CAPNG_SELECT_CAPS) != 0)
            return false;
        capng_clear(CAPNG_SELECT_BOUNDS);
        if (capng_apply(CAPNG_SELECT_BOUNDS) != 0)
            return false;
    }
    capng_clear(CAPNG_SELECT_CAPS);
    for (int i = 0; i <= CAP_LAST_CAP; i++) {
        if (c.kept[i])
            capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, (unsigned)i);
    }
    return capng_apply(CAPNG_SELECT_CAPS) == 0;
}

enum err privileges_drop(const struct context *ctx, struct error *e)
{
    if (!limit_capabilities(ctx))
        return err_set(e, ERR_INTERNAL, "cannot give up the capabilities that are not needed");
    /* What is not dumpable leaves no core, whatever the limits and core_pattern say. */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return err_errno(e, errno, "cannot shut others out of this process");
    return OK;
}

void privileges_allow_leak_check(void)
{
#ifdef __SANITIZE_ADDRESS__
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
#endif
}
