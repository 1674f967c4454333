/* What every unit test includes: cmocka and the headers that it needs first. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/err.h"

/* Bytes from a hex literal with optional spaces, on mem. */
static inline struct bytes unhex(TALLOC_CTX *mem, const char *hex)
{
    uint8_t *buf = talloc_size(mem, strlen(hex) / 2 + 1);
    size_t n = 0;
    int high = -1;

    assert_non_null(buf);
    for (; *hex; hex++) {
        const char *digits = "0123456789abcdef", *at;

        if (*hex == ' ' || *hex == '\n')
            continue;
        at = strchr(digits, *hex);
        assert_non_null(at);
        if (high < 0) {
            high = (int)(at - digits);
        } else {
            buf[n++] = (uint8_t)(high << 4 | (int)(at - digits));
            high = -1;
        }
    }
    assert_int_equal(high, -1);
    return (struct bytes){ buf, n };
}

#define assert_bytes_equal(a, b)                                                                   \
    do {                                                                                           \
        struct bytes a_ = (a), b_ = (b);                                                           \
        assert_int_equal(a_.len, b_.len);                                                          \
        assert_memory_equal(a_.data, b_.data, a_.len);                                             \
    } while (0)

#endif
