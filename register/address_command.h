/*
 * Addresses that only a program of the administrator's knows: of a host behind NAT, of a
 * load balancer in front of it.
 */
#ifndef REGISTER_ADDRESS_COMMAND_H
#define REGISTER_ADDRESS_COMMAND_H

#include <talloc.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/ip.h"

#define ADDRESS_COMMAND_MS 5000
#define ADDRESS_COMMAND_MAX_BYTES 65536
#define ADDRESS_COMMAND_MAX_ADDRESSES 64

/*
 * Run program, an absolute path, as program_run does it (register/program.h), and read the
 * addresses that it prints.  It has to end with status 0 within ADDRESS_COMMAND_MS and before d;
 * else it, and what it started in its process group, is killed. ERR_CONFIG: it cannot be run,
 * fails, or what it prints is not as address_command_read wants it; ERR_TIMEOUT.  The message has
 * the first line that it wrote to standard error.
 */
enum err address_command_run(TALLOC_CTX *mem, const char *program, struct deadline d,
                             struct ip **out, size_t *n, struct error *e);

/*
 * What it printed: an address a line; white space around it, empty lines and lines that begin with
 * '#' do not count.  ERR_CONFIG: anything else, an address that no other machine can reach a host
 * by, none at all, or more than ADDRESS_COMMAND_MAX_ADDRESSES.  Pure.
 */
enum err address_command_read(TALLOC_CTX *mem, struct bytes printed, struct ip **out, size_t *n,
                              struct error *e);

#endif
