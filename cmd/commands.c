#include "cmd/command.h"

#include <string.h>

const struct command *const commands[] = {
    &command_register, &command_unregister, &command_status,  &command_doctor,
    &command_zones,    &command_records,    &command_aging,   &command_scavenge,
    &command_why,      &command_runs,       &command_restore, NULL,
};

const struct command *command_find(const char *name)
{
    for (size_t i = 0; commands[i]; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}
