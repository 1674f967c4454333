#include "cmd/config.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cmd/command.h"
#include "dns/name.h"

#define CONFIG_MAX_BYTES (1 << 20)
#define CONFIG_LINE_MAX 190 /* inih's own buffer holds 200 */

static const char *const sections[] = { "muster", "register", "scavenge" };

/* Sections that may be repeated under names: their own keys, and these of [muster]. */
static const struct repeated {
    const char *section;
    const char *muster_keys[8]; /* ends with NULL */
} repeated[] = {
    { "register", { "domain", "server", "site", "keytab", "principal", NULL } },
};

/* What a section [zone NAME] may say. */
static const char *const zone_keys[] = { "no-refresh",   "refresh",      "server",         "key",
                                         "silence-runs", "silence-days", "missing-account" };

struct loading {
    TALLOC_CTX *mem;
    char *zone; /* of the section [zone NAME] that the line is in; NULL: of another */
    const char *path;
    const char *at; /* rest of the text */
    unsigned line;
    struct options *options;
    enum err rc; /* of the first mistake */
    struct error *e;
};

static enum err mistake(struct loading *l, const char *what, const char *word)
{
    if (l->rc)
        return l->rc;
    l->rc = err_set(l->e, ERR_CONFIG, "%s line %u: %s \"%s\"", l->path, l->line, what, word);
    err_hint(l->e, "muster.conf(5) lists the sections and keys");
    return l->rc;
}

static const struct option_spec *find_in(const struct option_spec *table, const char *section,
                                         const char *key)
{
    for (const struct option_spec *s = table; s && s->name; s++) {
        if (s->section && strcmp(s->section, section) == 0 &&
            strcmp(s->key ? s->key : s->name, key) == 0)
            return s;
    }
    return NULL;
}

/* "register lab" is of what is repeated by the name of "lab"; NULL where that is no such section.
 */
static const struct repeated *repeated_section(const char *text, const char **name)
{
    for (size_t i = 0; i < sizeof repeated / sizeof repeated[0]; i++) {
        size_t len = strlen(repeated[i].section);

        if (strncmp(text, repeated[i].section, len) != 0 || (text[len] != ' ' && text[len] != '\t'))
            continue;
        *name = text + len + strspn(text + len, " \t");
        return &repeated[i];
    }
    return NULL;
}

/* It becomes part of a file's name. */
static bool is_section_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

    return len > 0 && len <= OPTIONS_SECTION_NAME_MAX && !name[len];
}

/* The spec of a key in this table, as the section or named section has it. */
static const struct option_spec *find_key(const struct option_spec *table, const char *section,
                                          const struct repeated *of, const char *key)
{
    const struct option_spec *spec = find_in(table, of ? of->section : section, key);

    for (size_t i = 0; of && !spec && of->muster_keys[i]; i++) {
        if (strcmp(of->muster_keys[i], key) == 0)
            spec = find_in(table, "muster", key);
    }
    return spec;
}

/* Whatever inih makes of the section: it cuts long names short. */
static int on_zone_pair(struct loading *l, const char *key, const char *value)
{
    bool is_known = false;

    for (size_t i = 0; i < sizeof zone_keys / sizeof zone_keys[0]; i++)
        is_known = is_known || strcmp(zone_keys[i], key) == 0;
    if (!is_known)
        mistake(l, "unknown key", key);
    else if (!*value)
        mistake(l, "no value for", key);
    else if (!l->rc)
        l->rc = options_zone_set(l->options, l->zone, key, value, l->e);
    return l->rc == OK;
}

/*
 * Commands may share a key ([muster] keytab), each with a spec of its own, and some share a
 * whole table: the value goes to each spec once.
 */
static int on_pair(void *user, const char *section, const char *key, const char *value)
{
    struct loading *l = user;
    const char *name = NULL;
    const struct repeated *of = repeated_section(section, &name);
    const struct option_spec *spec = find_key(options_common, section, of, key), *last = NULL;
    struct options *to = l->options;
    bool is_known = spec != NULL, flag;

    if (l->zone)
        return on_zone_pair(l, key, value);
    if (!l->rc && of)
        l->rc = options_section(l->options, name, &to, l->e);
    if (l->rc)
        return 0;
    if (spec)
        l->rc = options_set_default(to, spec, value, l->e);
    for (size_t i = 0; commands[i] && !l->rc; i++) {
        spec = find_key(commands[i]->options, section, of, key);
        if (!spec || spec == last)
            continue;
        is_known = true;
        last = spec;
        if (spec->kind == OPTION_FLAG && !options_parse_bool(value, &flag))
            mistake(l, "neither yes nor no:", value);
        else
            l->rc = options_set_default(to, spec, value, l->e);
    }
    if (!is_known)
        mistake(l, *section ? "unknown key" : "key outside a section:", key);
    else if (!l->rc && !*value)
        mistake(l, "no value for", key);
    return l->rc == OK;
}

/* "[zone NAME]": true where it is one, well-formed or not. */
static bool check_zone_section(struct loading *l, const char *line)
{
    const char *name = line + strlen("[zone"), *close = strchr(line, ']');
    struct error why = { 0 };
    char *text;

    TALLOC_FREE(l->zone);
    if (!close || strncmp(line, "[zone", strlen("[zone")) != 0 || (*name != ' ' && *name != '\t'))
        return false;
    name += strspn(name, " \t");
    while (close > name && (close[-1] == ' ' || close[-1] == '\t'))
        close--;
    text = talloc_strndup(l->mem, name, close > name ? (size_t)(close - name) : 0);
    if (!text || !*text || strpbrk(text, " \t") || dns_name_normalise(l->mem, text, &l->zone, &why))
        mistake(l, "not the name of a zone:", text ? text : "");
    return true;
}

static void check_section(struct loading *l, const char *line)
{
    const char *close = strchr(line, ']'), *own_name;
    struct options *section;
    char name[64];

    if (check_zone_section(l, line))
        return;
    snprintf(name, sizeof name, "%.*s", close ? (int)(close - line - 1) : 0, line + 1);
    for (size_t i = 0; close && i < sizeof sections / sizeof sections[0]; i++) {
        if (strcmp(name, sections[i]) == 0)
            return;
    }
    if (!close || !repeated_section(name, &own_name))
        mistake(l, "unknown section", close ? name : line);
    else if (!is_section_name(own_name))
        mistake(l, "not a name of 1 to 32 letters, digits, '-' and '_':", own_name);
    else if (!l->rc && /* here, so that a section without keys is one too */
             !(l->rc = options_section(l->options, own_name, &section, l->e)))
        options_section_at(section, l->line);
}

/* inih asks for lines here: the place where they are counted and sections, even empty ones, are
 * checked. */
static char *next_line(char *buf, int size, void *stream)
{
    struct loading *l = stream;
    const char *end = l->at ? strchr(l->at, '\n') : NULL;
    size_t len, blank;

    if (!l->at || !*l->at)
        return NULL;
    len = end ? (size_t)(end - l->at) : strlen(l->at);
    l->line++;
    if (len > CONFIG_LINE_MAX || len + 2 > (size_t)size) {
        mistake(l, "a line of more than 190 characters begins", "");
        len = 0;
    }
    /* inih would take an indented line for more of the value before it, and lose its key. */
    blank = strspn(l->at, " \t");
    blank = blank < len ? blank : len;
    len -= blank;
    memcpy(buf, l->at + blank, len);
    buf[len] = '\n';
    buf[len + 1] = '\0';
    l->at = end ? end + 1 : NULL;
    if (buf[0] == '[') {
        buf[len] = '\0';
        check_section(l, buf);
        buf[len] = '\n';
    }
    return buf;
}

enum err config_parse(const char *text, const char *path, struct options *options, struct error *e)
{
    struct loading l = {
        .mem = talloc_new(NULL), .path = path, .at = text, .options = options, .e = e
    };
    int bad_line;

    if (!l.mem)
        return err_nomem(e);
    bad_line = ini_parse_stream(next_line, &l, on_pair, &l);
    talloc_free(l.mem);
    if (l.rc)
        return l.rc;
    if (bad_line != 0) {
        err_set(e, ERR_CONFIG, "%s line %d: neither a section nor a key = value", l.path, bad_line);
        return ERR_CONFIG;
    }
    return OK;
}

enum err config_load(TALLOC_CTX *mem, const char *path, struct options *options, struct error *e)
{
    const char *name = path ? path : CONFIG_FILE;
    struct bytes text;
    enum err rc = file_read(mem, name, CONFIG_MAX_BYTES, &text, e);

    if (rc == ERR_NOTFOUND && !path) {
        err_clear(e);
        return OK;
    }
    if (rc) {
        err_hint(e, "give another file with --config");
        return rc == ERR_NOTFOUND ? ERR_CONFIG : rc;
    }
    if (memchr(text.data, '\0', text.len))
        return err_set(e, ERR_CONFIG, "%s: holds a NUL byte; it is not a text file", name);
    return config_parse((const char *)text.data, name, options, e);
}
