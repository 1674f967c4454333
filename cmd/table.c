#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/output.h"

/* Narrower than this the last column is not broken into lines. */
#define LAST_COLUMN_MIN 20
/* Narrower than this no column gets for the sake of the others. */
#define COLUMN_MIN 16
#define USUAL_ROOM 80

struct table {
    size_t n_columns;
    size_t *widths;
    bool *is_right;
    const char **cells; /* row by row, headings first */
    size_t n_cells;
};

/* Width on a terminal: bytes that continue a UTF-8 character take none. */
static size_t display_width(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

struct table *table_new(TALLOC_CTX *mem, const char *const *headings, size_t n_columns)
{
    struct table *t = talloc_zero(mem, struct table);
    const char **plain;

    if (!t)
        return NULL;
    t->n_columns = n_columns;
    t->widths = talloc_zero_array(t, size_t, n_columns);
    t->is_right = talloc_zero_array(t, bool, n_columns);
    plain = talloc_zero_array(t, const char *, n_columns);
    if (!t->widths || !t->is_right || !plain) {
        talloc_free(t);
        return NULL;
    }
    for (size_t i = 0; i < n_columns; i++) {
        t->is_right[i] = headings[i][0] == '>';
        plain[i] = headings[i] + t->is_right[i];
    }
    table_row(t, plain);
    return t;
}

void table_row(struct table *t, const char *const *cells)
{
    const char **grown;

    if (!t)
        return;
    grown = talloc_realloc(t, t->cells, const char *, t->n_cells + t->n_columns);
    if (!grown)
        return;
    t->cells = grown;
    for (size_t i = 0; i < t->n_columns; i++) {
        const char *safe = output_safe(t, cells[i]);
        size_t width = display_width(safe);

        t->cells[t->n_cells++] = safe;
        if (width > t->widths[i])
            t->widths[i] = width;
    }
}

/* Columns of the terminal; 0 where the output is none: then no line is ever broken. */
static size_t terminal_width(void)
{
    struct winsize w;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 ? w.ws_col : 0;
}

/* Words of the last cell, in lines of at most `room` columns below each other; 0: in one line. */
static void print_wrapped(const char *text, size_t room, size_t start)
{
    size_t used = 0;

    for (const char *word = text; *word;) {
        size_t len = strcspn(word, " ");
        char *copy = talloc_strndup(NULL, word, len);
        size_t width = copy ? display_width(copy) : len;

        if (room && used && used + 1 + width > room) {
            printf("\n%*s", (int)start, "");
            used = 0;
        } else if (word != text) {
            putchar(' ');
            used++;
        }
        fwrite(word, 1, len, stdout);
        used += width;
        word += len + (word[len] == ' ');
        talloc_free(copy);
    }
    putchar('\n');
}

/* With as much of the last column as it needs to begin in the same line: the rest may be broken. */
static size_t least_width(const struct table *t)
{
    size_t last = t->widths[t->n_columns - 1], n = last < LAST_COLUMN_MIN ? last : LAST_COLUMN_MIN;

    for (size_t i = 0; i + 1 < t->n_columns; i++)
        n += t->widths[i] + 2;
    return n;
}

static int by_width(const void *a, const void *b)
{
    size_t one = *(const size_t *)a, other = *(const size_t *)b;

    return (one > other) - (one < other);
}

/* What all but a quarter of the column's cells need at least; COLUMN_MIN where that is less, or
 * without memory. */
static size_t usual_width(const struct table *t, size_t column)
{
    size_t n = t->n_cells / t->n_columns - 1, width = 0;
    size_t *widths = n ? talloc_array(NULL, size_t, n) : NULL;

    for (size_t i = 0; widths && i < n; i++)
        widths[i] = display_width(t->cells[(i + 1) * t->n_columns + column]);
    if (widths) {
        qsort(widths, n, sizeof *widths, by_width);
        width = widths[(n - 1) / 4];
    }
    talloc_free(widths);
    return width > COLUMN_MIN ? width : COLUMN_MIN;
}

/*
 * A few long cells do not make every row long: they stick out of a column that is as wide as there
 * is room for.  Nothing is cut off.
 */
static void narrow(struct table *t, size_t room)
{
    size_t *least = talloc_zero_array(t, size_t, t->n_columns);

    for (size_t i = 0; least && i < t->n_columns; i++)
        least[i] = usual_width(t, i);
    if (!least)
        return;
    while (least_width(t) > room) {
        size_t widest = t->n_columns;

        for (size_t i = 0; i + 1 < t->n_columns; i++) {
            if (!t->is_right[i] && t->widths[i] > least[i] &&
                (widest == t->n_columns || t->widths[i] > t->widths[widest]))
                widest = i;
        }
        if (widest == t->n_columns)
            return;
        t->widths[widest]--;
    }
}

void table_print(struct table *t, const char *indent)
{
    size_t start = strlen(indent), room = terminal_width();

    if (!t)
        return;
    narrow(t, (room ? room : USUAL_ROOM) - start);
    for (size_t i = 0; i + 1 < t->n_columns; i++)
        start += t->widths[i] + 2;
    room = room > start + LAST_COLUMN_MIN ? room - start : 0;
    for (size_t at = 0; at < t->n_cells; at += t->n_columns) {
        fputs(indent, stdout);
        for (size_t i = 0; i < t->n_columns; i++) {
            const char *cell = t->cells[at + i];
            size_t width = display_width(cell);
            int pad = width < t->widths[i] ? (int)(t->widths[i] - width) : 0;

            if (t->is_right[i])
                printf("%*s", pad, "");
            if (i + 1 == t->n_columns) {
                print_wrapped(cell, room, start);
                break;
            }
            printf("%s%*s", cell, t->is_right[i] ? 2 : pad + 2, "");
        }
    }
}
