#include "cmd/help.h"

#include <string.h>

static void print_options(FILE *to, const struct option_spec *table)
{
    for (const struct option_spec *s = table; s && s->name; s++) {
        char left[64];

        snprintf(left, sizeof left, "--%s%s%s", s->name, s->metavar ? " " : "",
                 s->metavar ? s->metavar : "");
        fprintf(to, "  %-24s %s%s\n", left, s->help,
                s->kind == OPTION_LIST ? " (may be repeated)" : "");
    }
}

void help_overview(FILE *to)
{
    fputs("muster keeps the roll of an Active Directory DNS domain: hosts sign in, names of\n"
          "machines that left are struck off, with a way back.\n\n"
          "Usage: muster COMMAND [OPTIONS]\n\nCommands:\n",
          to);
    for (size_t i = 0; commands[i]; i++)
        fprintf(to, "  %-12s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n`muster COMMAND --help` shows a command's options; muster(8) has the whole story.\n",
          to);
}

void help_command(FILE *to, const struct command *c)
{
    fprintf(to, "Usage: muster %s%s%s [OPTIONS]\n\n%s\n", c->name, *c->arguments ? " " : "",
            c->arguments, c->summary);
    if (c->options && c->options[0].name) {
        fputs("\nOptions:\n", to);
        print_options(to, c->options);
    }
    fputs("\nCommon options:\n", to);
    print_options(to, options_common);
}
