#include "cmd/output.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

json_t *output_json_error(const struct error *e)
{
    return json_pack("{s:s, s:i, s:o, s:o}", "code", err_name(e->code), "exit",
                     err_exit_code(e->code), "message", output_json_text(e->message), "hint",
                     output_json_text(e->hint[0] ? e->hint : NULL));
}

void output_error(bool is_json, const struct error *e)
{
    fprintf(stderr, "muster: %s\n", e->message);
    if (e->hint[0])
        fprintf(stderr, "  next: %s\n", e->hint);
    if (is_json)
        output_json(json_pack("{s:o}", "error", output_json_error(e)), NULL);
}

enum err output_json(json_t *json, struct error *e)
{
    enum err rc = OK;

    if (!json)
        return err_nomem(e);
    if (json_dumpf(json, stdout, JSON_COMPACT) != 0 || fputc('\n', stdout) == EOF)
        rc = err_set(e, ERR_IO, "cannot write to standard output");
    json_decref(json);
    return rc;
}

json_t *output_json_text(const char *text)
{
    json_t *json;
    char *escaped;

    if (!text)
        return json_null();
    json = json_string(text);
    if (json)
        return json;
    escaped = talloc_strdup(NULL, "");
    for (; escaped && *text; text++) {
        unsigned char c = (unsigned char)*text;

        escaped = c < 0x80 ? talloc_asprintf_append_buffer(escaped, "%c", c)
                           : talloc_asprintf_append_buffer(escaped, "\\%03u", c);
    }
    json = escaped ? json_string(escaped) : NULL;
    talloc_free(escaped);
    return json;
}

json_t *output_json_time(int64_t unix_s)
{
    char *text = clock_rfc3339(NULL, unix_s);
    json_t *json = json_string(text);

    talloc_free(text);
    return json;
}

json_t *output_json_hours(uint64_t hours)
{
    return hours ? output_json_time(clock_unix_from_hours(hours)) : json_null();
}

const char *output_safe(TALLOC_CTX *mem, const char *text)
{
    char *copy = talloc_strdup(mem, text);

    for (char *s = copy; s && *s; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = '?';
    }
    return copy ? copy : "";
}

const char *output_hours(TALLOC_CTX *mem, uint64_t hours)
{
    time_t t = (time_t)clock_unix_from_hours(hours);
    char text[64];
    const char *copy;
    struct tm tm;

    if (hours == 0)
        return "static";
    if (!gmtime_r(&t, &tm) || !strftime(text, sizeof text, "%Y-%m-%d %H:%M", &tm))
        return "?";
    copy = talloc_strdup(mem, text);
    return copy ? copy : "";
}

const char *output_age(TALLOC_CTX *mem, int64_t hours)
{
    const char *text = hours < 72 && hours > -72
                           ? talloc_asprintf(mem, "%lld h", (long long)hours)
                           : talloc_asprintf(mem, "%lld d", (long long)(hours / 24));

    return text ? text : "";
}

const char *output_interval(TALLOC_CTX *mem, uint32_t hours)
{
    const char *text = hours && hours % 24 == 0 ? talloc_asprintf(mem, "%u d", hours / 24)
                                                : talloc_asprintf(mem, "%u h", hours);

    return text ? text : "";
}

static bool is_terminal(void)
{
    /* Progress is shown from several threads. */
    static atomic_int known = -1;

    if (known < 0)
        known = isatty(STDERR_FILENO);
    return known;
}

void output_progress(const char *what, size_t done, size_t total)
{
    if (!is_terminal() || (done % 100 != 0 && done != total))
        return;
    if (total)
        fprintf(stderr, "\r%zu of %zu %s", done, total, what);
    else
        fprintf(stderr, "\r%zu %s", done, what);
    if (done == total)
        fputc('\n', stderr);
    fflush(stderr);
}

void output_progress_end(void)
{
    if (is_terminal())
        fputs("\r\033[K", stderr);
}
