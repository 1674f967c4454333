#include "cmd/config.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cmd/command.h"

#define CONFIG_MAX_BYTES (1 << 20)
#define CONFIG_LINE_MAX 190 /* inih's own buffer holds 200 */

static const char *const sections[] = { "muster", "register", "scavenge" };

struct loading {
    const char *path;
    const char *at;        /* rest of the text */
    unsigned line;
    struct options *options;
    enum err rc;           /* of the first mistake */
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

/*
 * Commands may share a key ([muster] keytab), each with a spec of its own, and some share a
 * whole table: the value goes to each spec once.
 */
static int on_pair(void *user, const char *section, const char *key, const char *value)
{
    struct loading *l = user;
    const struct option_spec *spec = find_in(options_common, section, key), *last = NULL;
    bool is_known = spec != NULL, flag;

    if (l->rc)
        return 0;
    if (spec)
        l->rc = options_set_default(l->options, spec, value, l->e);
    for (size_t i = 0; commands[i] && !l->rc; i++) {
        spec = find_in(commands[i]->options, section, key);
        if (!spec || spec == last)
            continue;
        is_known = true;
        last = spec;
        if (spec->kind == OPTION_FLAG && !options_parse_bool(value, &flag))
            mistake(l, "neither yes nor no:", value);
        else
            l->rc = options_set_default(l->options, spec, value, l->e);
    }
    if (!is_known)
        mistake(l, *section ? "unknown key" : "key outside a section:", key);
    else if (!l->rc && !*value)
        mistake(l, "no value for", key);
    return l->rc == OK;
}

static void check_section(struct loading *l, const char *line)
{
    const char *close = strchr(line, ']');
    char name[64];

    snprintf(name, sizeof name, "%.*s", close ? (int)(close - line - 1) : 0, line + 1);
    for (size_t i = 0; close && i < sizeof sections / sizeof sections[0]; i++) {
        if (strcmp(name, sections[i]) == 0)
            return;
    }
    mistake(l, "unknown section", close ? name : line);
}

/* inih asks for lines here: the place where they are counted and sections, even empty ones, are checked. */
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

enum err config_load(TALLOC_CTX *mem, const char *path, struct options *options, struct error *e)
{
    struct loading l = { .path = path ? path : CONFIG_FILE, .options = options, .e = e };
    struct bytes text;
    int bad_line;
    enum err rc = file_read(mem, l.path, CONFIG_MAX_BYTES, &text, e);

    if (rc == ERR_NOTFOUND && !path) {
        err_clear(e);
        return OK;
    }
    if (rc) {
        err_hint(e, "give another file with --config");
        return rc == ERR_NOTFOUND ? ERR_CONFIG : rc;
    }
    if (memchr(text.data, '\0', text.len))
        return err_set(e, ERR_CONFIG, "%s: holds a NUL byte; it is not a text file", l.path);
    l.at = (const char *)text.data;
    bad_line = ini_parse_stream(next_line, &l, on_pair, &l);
    if (l.rc)
        return l.rc;
    if (bad_line != 0) {
        err_set(e, ERR_CONFIG, "%s line %d: neither a section nor a key = value", l.path, bad_line);
        return ERR_CONFIG;
    }
    return OK;
}
