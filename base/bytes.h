/*
 * Bytes from outside, and bytes for outside.
 *
 * The reader is sticky: after the first short read every further read gives
 * zeros and `bad` stays set, so a decoder reads straight through and tests
 * `bad` once at the end.  The writer is sticky in the same way on lack of memory.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/* A view; who owns the memory is said where it is handed out. */
struct bytes {
    const uint8_t *data;
    size_t len;
};

bool bytes_equal(struct bytes a, struct bytes b);

/* Compare without telling by timing where the first difference is. */
bool bytes_equal_secret(struct bytes a, struct bytes b);

/* A copy owned by mem; data is NULL only when memory ran out. */
struct bytes bytes_dup(TALLOC_CTX *mem, struct bytes in);

/* Base64 (RFC 4648 section 4, padded, no line breaks), talloc string on mem or NULL. */
char *bytes_to_base64(TALLOC_CTX *mem, struct bytes in);

/* False, and *out untouched, where text is not strict base64 or memory ran out. */
bool bytes_from_base64(TALLOC_CTX *mem, const char *text, struct bytes *out);

struct rd {
    const uint8_t *p;
    const uint8_t *end;
    bool bad;
};

struct rd rd_init(struct bytes in);
size_t rd_left(const struct rd *r);
uint8_t rd_u8(struct rd *r);
uint16_t rd_le16(struct rd *r);
uint32_t rd_le32(struct rd *r);
uint64_t rd_le64(struct rd *r);
uint16_t rd_be16(struct rd *r);
uint32_t rd_be32(struct rd *r);
uint64_t rd_be48(struct rd *r);
/* The next n bytes as a view into the input; {NULL, 0} and bad when there are fewer. */
struct bytes rd_take(struct rd *r, size_t n);

/* Allocates on mem as it grows; buf is a talloc child of mem. */
struct wr {
    TALLOC_CTX *mem;
    uint8_t *buf;
    size_t len;
    size_t cap;
    bool bad;
};

struct wr wr_init(TALLOC_CTX *mem);
void wr_u8(struct wr *w, uint8_t v);
void wr_le16(struct wr *w, uint16_t v);
void wr_le32(struct wr *w, uint32_t v);
void wr_le64(struct wr *w, uint64_t v);
void wr_be16(struct wr *w, uint16_t v);
void wr_be32(struct wr *w, uint32_t v);
void wr_be48(struct wr *w, uint64_t v);
void wr_bytes(struct wr *w, struct bytes v);
/* What was written, valid as long as the writer's mem; {NULL, 0} when bad. */
struct bytes wr_view(const struct wr *w);

#endif
