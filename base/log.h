/*
 * The logger: the only global state.  Libraries log decisions with their inputs;
 * where the lines go is the command's choice.  No secret is ever passed here.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level {
    LOG_LEVEL_ERROR,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_INFO,  /* decisions and outcomes */
    LOG_LEVEL_DEBUG, /* every step, shown with --verbose */
};

/* text is one line without newline, control bytes already replaced. */
typedef void log_sink(enum log_level level, const char *text, void *priv);

/* Lines above max are not formatted at all.  Until this is called nothing is logged. */
void log_set_sink(enum log_level max, log_sink *sink, void *priv);

void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
