#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static struct {
    enum log_level max;
    log_sink *sink;
    void *priv;
} logger;

void log_set_sink(enum log_level max, log_sink *sink, void *priv)
{
    logger.max = max;
    logger.sink = sink;
    logger.priv = priv;
}

static void emit(enum log_level level, const char *fmt, va_list ap)
{
    char line[1024];

    if (!logger.sink || level > logger.max)
        return;
    vsnprintf(line, sizeof line, fmt, ap);
    for (char *s = line; *s; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = '?';
    }
    logger.sink(level, line, logger.priv);
}

void log_error(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    emit(LOG_LEVEL_ERROR, fmt, ap);
    va_end(ap);
}

void log_warning(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    emit(LOG_LEVEL_WARNING, fmt, ap);
    va_end(ap);
}

void log_info(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    emit(LOG_LEVEL_INFO, fmt, ap);
    va_end(ap);
}

void log_debug(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    emit(LOG_LEVEL_DEBUG, fmt, ap);
    va_end(ap);
}
