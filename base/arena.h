/*
 * Many small things that live and die together, without talloc's header of 96 bytes for each.
 * Nothing in it can be freed, stolen or grown by itself.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/bytes.h"

struct arena;

/* All of it is freed with mem. */
struct arena *arena_new(TALLOC_CTX *mem);

/* n bytes, aligned for any type, not initialised; NULL without memory. */
void *arena_alloc(struct arena *a, size_t n);

/* Copies; NULL, or data NULL, without memory. */
char *arena_strdup(struct arena *a, const char *text);
char *arena_strndup(struct arena *a, const char *text, size_t n); /* at most n bytes of it */
struct bytes arena_bytes(struct arena *a, struct bytes in);

#endif
