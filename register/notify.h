/*
 * Telling the service manager how things stand (sd_notify(3)).  Built without libsystemd, or
 * not started by a service manager, all of this does nothing.
 */
#ifndef REGISTER_NOTIFY_H
#define REGISTER_NOTIFY_H

#include <stdint.h>

/* Lines such as "READY=1"; text in them must be one line each. */
void notify_send(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* How often "WATCHDOG=1" is to be sent: half of what the service manager waits; 0: not at all. */
int64_t notify_watchdog_ms(void);

#endif
