/* SHA-256, by libcrypto. */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

#define SHA256_TEXT 65 /* 64 hexadecimal digits and the NUL */

struct sha256;

/* NULL without memory. */
struct sha256 *sha256_new(TALLOC_CTX *mem);
/* False when libcrypto refuses. */
bool sha256_add(struct sha256 *h, const void *data, size_t len);
/* Of all that was added; more may be added afterwards. */
bool sha256_text(const struct sha256 *h, char text[SHA256_TEXT]);

#endif
