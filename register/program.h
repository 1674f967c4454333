/* Running a program of the administrator's with our privileges, and reading what it prints. */
#ifndef REGISTER_PROGRAM_H
#define REGISTER_PROGRAM_H

#include <talloc.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"

/*
 * Run the program at path, which has to be absolute, to belong to root or to us, and to be writable
 * by its owner only.  The file that was checked is the one that is run, whatever path leads to
 * meanwhile; a script therefore sees itself as /dev/fd/3.
 *
 * It has no arguments, / as its directory, nothing of our environment but a PATH, no open files but
 * an empty standard input and two pipes, no ignored or blocked signals, and a session of its own
 * without a terminal.  When it has ended, or d is over, or it has printed more than max_bytes, all
 * that is left of that session's process group is killed.  Where this process, or the thread that
 * runs the program, ends before, so does the program.  Nothing holds our files open meanwhile but
 * ourselves.  Works whatever this process does with SIGCHLD.
 *
 * OK: it ended with status 0; *printed, on mem, is its standard output.
 * ERR_CONFIG: it cannot be run, or failed (the message has the first line of its standard error),
 * or printed too much; ERR_TIMEOUT.
 */
enum err program_run(TALLOC_CTX *mem, const char *path, size_t max_bytes, struct deadline d,
                     struct bytes *printed, struct error *e);

#endif
