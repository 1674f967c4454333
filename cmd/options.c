#include "cmd/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cmd/command.h"

const struct option_spec options_common[] = {
    { "config", OPTION_TEXT, "FILE", "read FILE instead of " CONFIG_FILE, NULL, NULL },
    { "domain", OPTION_TEXT, "DOMAIN",
      "the Active Directory domain (default: the realm, lower case)", "muster", NULL },
    { "server", OPTION_TEXT, "DC", "the domain controller to use, by name (default: found by DNS)",
      "muster", NULL },
    { "site", OPTION_TEXT, "SITE",
      "prefer the domain controllers of SITE (default: the host's own)", "muster", NULL },
    { "json", OPTION_FLAG, NULL, "print JSON on standard output and nothing else there", NULL,
      NULL },
    { "state-dir", OPTION_TEXT, "DIR", "keep journals and memory in DIR instead of " STATE_DIR,
      "muster", NULL },
    { "timeout", OPTION_TEXT, "SEC", "give up after SEC seconds without the answer needed",
      "muster", NULL },
    { "verbose", OPTION_FLAG, NULL, "say on standard error what is being done", NULL, NULL },
    { "help", OPTION_FLAG, NULL, "show this help", NULL, NULL },
    { "version", OPTION_FLAG, NULL, "show the version", NULL, NULL },
    { NULL, OPTION_FLAG, NULL, NULL, NULL, NULL },
};

struct value {
    const struct option_spec *spec;
    const char **texts; /* flags have one entry, "yes" or "no" */
    size_t n;
    size_t n_given;  /* the first of them, of a list that the file adds to: from the command line */
    bool is_default; /* from the configuration file */
};

/* One key of a section [zone NAME]. */
struct zone_value {
    const char *zone;
    const char *key;
    const char *value;
};

struct options {
    struct value *values;
    size_t n_values;
    const char **arguments;
    size_t n_arguments;
    const struct options *general; /* of a named section: what holds where it says nothing */
    const char *name;
    unsigned line; /* of the file, where it begins */
    struct options **sections;
    size_t n_sections;
    struct zone_value *zones;
    size_t n_zones;
};

static size_t table_length(const struct option_spec *table)
{
    size_t n = 0;

    while (table && table[n].name)
        n++;
    return n;
}

static enum err add_text(struct options *o, struct value *v, const char *text, struct error *e)
{
    const char **texts = talloc_realloc(o, v->texts, const char *, v->n + 1);
    char *copy = talloc_strdup(o, text);

    if (!texts || !copy)
        return err_nomem(e);
    v->texts = texts;
    v->texts[v->n++] = copy;
    return OK;
}

/* One value from the command line; a later one replaces an earlier one unless it is a list. */
static enum err set_value(struct options *o, struct value *v, const char *text, struct error *e)
{
    if (v->spec->kind != OPTION_LIST)
        v->n = 0;
    if (v->spec->kind == OPTION_FLAG)
        text = "yes";
    if (!*text)
        return err_set(e, ERR_USAGE, "option --%s: the value is empty", v->spec->name);
    v->n_given = v->n + 1;
    return add_text(o, v, text, e);
}

static enum err parse_with_getopt(struct options *o, const struct command *command,
                                  struct option *longs, int argc, char **argv, struct error *e)
{
    enum err rc = OK;
    int c;

    optind = 0; /* glibc: start afresh */
    opterr = 0;
    while (!rc && (c = getopt_long(argc, argv, ":hV", longs, NULL)) != -1) {
        if (c == 'h') {
            rc = set_value(o, &o->values[table_length(options_common) - 2], "yes", e);
        } else if (c == 'V') {
            rc = set_value(o, &o->values[table_length(options_common) - 1], "yes", e);
        } else if (c >= 256 && optarg && optarg == argv[optind - 1] &&
                   strncmp(optarg, "--", 2) == 0) {
            /* Its value was forgotten, and the next option taken for it. */
            rc = err_set(e, ERR_USAGE, "option --%s needs a value, not %s", longs[c - 256].name,
                         optarg);
            err_hint(e, "write --%s=%s where that is what you mean", longs[c - 256].name, optarg);
        } else if (c >= 256) {
            rc = set_value(o, &o->values[c - 256], optarg ? optarg : "", e);
        } else {
            const char *said = optind > 0 && optind <= argc ? argv[optind - 1] : "?";

            rc = c == ':' ? err_set(e, ERR_USAGE, "option %s needs a value", said)
                          : err_set(e, ERR_USAGE, "%s: unknown option %s", command->name, said);
            err_hint(e, "`muster %s --help` lists the options", command->name);
        }
    }
    o->n_arguments = (size_t)(argc - optind);
    o->arguments = talloc_array(o, const char *, o->n_arguments);
    if (!rc && !o->arguments)
        rc = err_nomem(e);
    for (size_t i = 0; !rc && i < o->n_arguments; i++)
        o->arguments[i] = argv[(size_t)optind + i];
    return rc;
}

enum err options_parse(TALLOC_CTX *mem, const struct command *command, int argc, char **argv,
                       struct options **out, struct error *e)
{
    size_t n_common = table_length(options_common), n_own = table_length(command->options);
    struct options *o = talloc_zero(mem, struct options);
    struct option *longs;
    enum err rc;

    if (!o)
        return err_nomem(e);
    o->n_values = n_common + n_own;
    o->values = talloc_zero_array(o, struct value, o->n_values);
    longs = talloc_zero_array(o, struct option, o->n_values + 1);
    if (!o->values || !longs) {
        talloc_free(o);
        return err_nomem(e);
    }
    for (size_t i = 0; i < o->n_values; i++) {
        const struct option_spec *spec =
            i < n_common ? &options_common[i] : &command->options[i - n_common];

        o->values[i].spec = spec;
        longs[i].name = spec->name;
        longs[i].has_arg = spec->kind == OPTION_FLAG ? no_argument : required_argument;
        longs[i].val = 256 + (int)i;
    }
    rc = parse_with_getopt(o, command, longs, argc, argv, e);
    if (rc) {
        talloc_free(o);
        return rc;
    }
    *out = o;
    return OK;
}

bool options_parse_bool(const char *value, bool *out)
{
    static const char *const yes[] = { "yes", "true", "on", "1" };
    static const char *const no[] = { "no", "false", "off", "0" };

    for (size_t i = 0; i < 4; i++) {
        if (strcasecmp(value, yes[i]) == 0 || strcasecmp(value, no[i]) == 0) {
            *out = strcasecmp(value, yes[i]) == 0;
            return true;
        }
    }
    return false;
}

static enum err split_list(struct options *o, struct value *v, const char *text, struct error *e)
{
    char *copy = talloc_strdup(o, text), *rest = copy, *word;
    enum err rc = copy ? OK : err_nomem(e);

    while (!rc && (word = strsep(&rest, ", \t")) != NULL) {
        if (*word)
            rc = add_text(o, v, word, e);
    }
    talloc_free(copy);
    return rc;
}

enum err options_set_default(struct options *o, const struct option_spec *spec, const char *value,
                             struct error *e)
{
    for (size_t i = 0; i < o->n_values; i++) {
        struct value *v = &o->values[i];
        bool flag = false;

        /* A list has both: what the file protects or excludes, no option takes away. */
        if (v->spec != spec || (v->n && !v->is_default && spec->kind != OPTION_LIST))
            continue;
        v->is_default = v->n == 0 || v->is_default;
        if (spec->kind == OPTION_LIST)
            return split_list(o, v, value, e);
        v->n = 0;
        if (spec->kind == OPTION_FLAG && options_parse_bool(value, &flag))
            return add_text(o, v, flag ? "yes" : "no", e);
        return add_text(o, v, value, e);
    }
    return OK;
}

/* Options without values, for the same tables. */
static struct options *options_like(TALLOC_CTX *mem, const struct options *o)
{
    struct options *like = talloc_zero(mem, struct options);

    if (like)
        like->values = talloc_zero_array(like, struct value, o->n_values);
    if (!like || !like->values) {
        talloc_free(like);
        return NULL;
    }
    like->n_values = o->n_values;
    for (size_t i = 0; i < o->n_values; i++)
        like->values[i].spec = o->values[i].spec;
    return like;
}

enum err options_section(struct options *o, const char *name, struct options **out, struct error *e)
{
    struct options **grown, *fresh;

    for (size_t i = 0; i < o->n_sections; i++) {
        if (strcmp(o->sections[i]->name, name) == 0) {
            *out = o->sections[i];
            return OK;
        }
    }
    grown = talloc_realloc(o, o->sections, struct options *, o->n_sections + 1);
    if (!grown)
        return err_nomem(e);
    o->sections = grown;
    fresh = options_like(o, o);
    if (!fresh || !(fresh->name = talloc_strdup(fresh, name)))
        return err_nomem(e);
    fresh->general = o;
    fresh->arguments = o->arguments;
    fresh->n_arguments = o->n_arguments;
    o->sections[o->n_sections++] = fresh;
    *out = fresh;
    return OK;
}

void options_section_at(struct options *section, unsigned line)
{
    if (!section->line)
        section->line = line;
}

unsigned options_section_line(const struct options *section) { return section->line; }

struct options *const *options_sections(const struct options *o, size_t *n)
{
    *n = o->n_sections;
    return o->sections;
}

struct options *const *options_all_sections(const struct options *o, size_t *n)
{
    return options_sections(o->general ? o->general : o, n);
}

const char *options_section_name(const struct options *o) { return o->name; }

enum err options_of_command_line(TALLOC_CTX *mem, const struct options *o, struct options **out,
                                 struct error *e)
{
    struct options *copy = options_like(mem, o);
    enum err rc = copy ? OK : err_nomem(e);

    for (size_t i = 0; !rc && i < o->n_values; i++) {
        const struct value *v = &o->values[i];

        for (size_t j = 0; !rc && j < v->n_given; j++)
            rc = add_text(copy, &copy->values[i], v->texts[j], e);
        copy->values[i].n_given = copy->values[i].n;
    }
    if (rc) {
        talloc_free(copy);
        return rc;
    }
    /* The strings are argv's, the array is not. */
    copy->n_arguments = o->n_arguments;
    if (o->n_arguments &&
        !(copy->arguments =
              talloc_memdup(copy, o->arguments, o->n_arguments * sizeof *o->arguments))) {
        talloc_free(copy);
        return err_nomem(e);
    }
    *out = copy;
    return OK;
}

static const struct value *find(const struct options *o, const char *name)
{
    for (size_t i = 0; i < o->n_values; i++) {
        const struct value *v = &o->values[i], *general;

        if (strcmp(v->spec->name, name) != 0)
            continue;
        general = o->general ? find(o->general, name) : v;
        /* The command line before the section, the section before what holds for all. */
        return (general->n && !general->is_default) || !v->n ? general : v;
    }
    abort(); /* a command asks for an option that its table does not have */
}

enum err options_zone_set(struct options *o, const char *zone, const char *key, const char *value,
                          struct error *e)
{
    struct zone_value *grown = talloc_realloc(o, o->zones, struct zone_value, o->n_zones + 1);
    struct zone_value *one;

    if (!grown)
        return err_nomem(e);
    o->zones = grown;
    one = &grown[o->n_zones];
    *one = (struct zone_value){ talloc_strdup(grown, zone), talloc_strdup(grown, key),
                                talloc_strdup(grown, value) };
    if (!one->zone || !one->key || !one->value)
        return err_nomem(e);
    o->n_zones++;
    return OK;
}

const char *options_zone_key(const struct options *o, const char *zone, const char *key)
{
    const char *text = NULL;

    for (size_t i = 0; i < o->n_zones; i++) {
        const struct zone_value *z = &o->zones[i];

        if (strcmp(z->zone, zone) == 0 && strcmp(z->key, key) == 0)
            text = z->value;
    }
    return text;
}

const char *options_zone_text(const struct options *o, const char *zone, const char *name)
{
    const struct value *v = find(o, name);
    const char *text = !v->n || v->is_default ? options_zone_key(o, zone, name) : NULL;

    return text ? text : options_text(o, name);
}

bool options_flag(const struct options *o, const char *name)
{
    const struct value *v = find(o, name);

    return v->n && strcmp(v->texts[0], "yes") == 0;
}

const char *options_text(const struct options *o, const char *name)
{
    const struct value *v = find(o, name);

    return v->n ? v->texts[v->n - 1] : NULL;
}

const char *const *options_list(const struct options *o, const char *name, size_t *n)
{
    const struct value *v = find(o, name);

    *n = v->n;
    return v->texts;
}

const char *const *options_arguments(const struct options *o, size_t *n)
{
    *n = o->n_arguments;
    return o->arguments;
}

enum err options_timeout_ms(const struct options *o, int otherwise_ms, int *out, struct error *e)
{
    const char *text = options_text(o, "timeout");
    unsigned long seconds;
    char *end;

    if (!text) {
        *out = otherwise_ms;
        return OK;
    }
    errno = 0;
    seconds = strtoul(text, &end, 10);
    if (errno || end == text || *end || text[0] == '-' || seconds < 1 || seconds > 3600)
        return err_set(e, ERR_USAGE, "--timeout %s: not a number of seconds from 1 to 3600", text);
    *out = (int)seconds * 1000;
    return OK;
}
