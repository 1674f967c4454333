/* `records --source axfr --compare`: a zone of the directory beside what a server serves of it. */
#ifndef CMD_COMPARE_H
#define CMD_COMPARE_H

#include <stdint.h>

#include "cmd/command.h"

struct compare_wish {
    const char *zone; /* as the command line has it */
    const char *glob; /* show only such names, relative to the zone; NULL: all */
    bool has_type;    /* show only this type */
    uint16_t type;
};

/*
 * Print the differences (scavenger/comparison.h), of which nothing is printed before all was read.
 * Names that differ are read a second time, and only what differs then is said.
 * ERR_PARTIAL: there are differences, or values of the directory that cannot be read.
 */
enum err compare_run(struct context *ctx, const struct compare_wish *wish, struct error *e);

#endif
