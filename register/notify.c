#include "register/notify.h"

#include <stdarg.h>
#include <stdio.h>

#ifdef HAVE_LIBSYSTEMD

#include <systemd/sd-daemon.h>

void notify_send(const char *fmt, ...)
{
    char lines[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(lines, sizeof lines, fmt, ap);
    va_end(ap);
    sd_notify(0, lines);
}

int64_t notify_watchdog_ms(void)
{
    uint64_t interval_us = 0;

    return sd_watchdog_enabled(0, &interval_us) > 0 ? (int64_t)(interval_us / 2000) : 0;
}

#else

void notify_send(const char *fmt, ...) { (void)fmt; }

int64_t notify_watchdog_ms(void) { return 0; }

#endif
