/* Help texts, made from the tables. */
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include <stdio.h>

#include "cmd/command.h"

void help_overview(FILE *to);
void help_command(FILE *to, const struct command *c);

#endif
