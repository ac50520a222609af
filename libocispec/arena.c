/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

/* Big enough that an ordinary config.json needs one. */
#define CHUNK_SIZE (64u << 10)

struct chunk {
	struct chunk *previous;
	size_t size, used;
	alignas(max_align_t) char bytes[];
};

struct oci_arena {
	struct chunk *chunk;
};

struct oci_arena *oci_arena_new(void)
{
	return calloc(1, sizeof(struct oci_arena));
}

void oci_arena_free(struct oci_arena *arena)
{
	if (arena == NULL)
		return;
	oci_arena_release(arena, (struct oci_arena_mark){ NULL, 0 });
	free(arena);
}

/* @align: a power of two; a chunk's bytes are aligned for any type */
static void *take(struct oci_arena *arena, size_t size, size_t align)
{
	struct chunk *chunk = arena->chunk;
	size_t room, start = chunk == NULL ? 0 : (chunk->used + align - 1) & ~(align - 1);
	char *ret;

	if (size > SIZE_MAX / 2)
		return NULL;
	if (chunk == NULL || chunk->size < start || chunk->size - start < size) {
		room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
		chunk = malloc(sizeof(*chunk) + room);
		if (chunk == NULL)
			return NULL;
		chunk->previous = arena->chunk;
		chunk->size = room;
		arena->chunk = chunk;
		start = 0;
	}
	ret = chunk->bytes + start;
	chunk->used = start + size;
	return ret;
}

void *oci_arena_alloc(struct oci_arena *arena, size_t size)
{
	void *ret = take(arena, size, alignof(max_align_t));

	return ret == NULL ? NULL : memset(ret, 0, size);
}

char *oci_arena_strdup(struct oci_arena *arena, const char *string)
{
	return oci_arena_strndup(arena, string, strlen(string));
}

char *oci_arena_strndup(struct oci_arena *arena, const char *bytes, size_t len)
{
	char *ret = take(arena, len + 1, 1);

	if (ret == NULL)
		return NULL;
	memcpy(ret, bytes, len);
	ret[len] = '\0';
	return ret;
}

char *oci_arena_printf(struct oci_arena *arena, const char *format, ...)
{
	va_list args;
	int len;
	char *ret;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0)
		return NULL;
	ret = take(arena, (size_t)len + 1, 1);
	if (ret == NULL)
		return NULL;
	va_start(args, format);
	vsnprintf(ret, (size_t)len + 1, format, args);
	va_end(args);
	return ret;
}

struct oci_arena_mark oci_arena_mark(const struct oci_arena *arena)
{
	return (struct oci_arena_mark){ arena->chunk,
		arena->chunk == NULL ? 0 : arena->chunk->used };
}

void oci_arena_release(struct oci_arena *arena, struct oci_arena_mark mark)
{
	struct chunk *chunk;

	while (arena->chunk != mark.chunk) {
		chunk = arena->chunk;
		arena->chunk = chunk->previous;
		free(chunk);
	}
	if (arena->chunk != NULL)
		arena->chunk->used = mark.used;
}
