/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory that is freed all at once: what belongs to one document, one plan or one command lives in
 * one arena. Not thread-safe.
 */
#ifndef OCISPEC_ARENA_H
#define OCISPEC_ARENA_H

#include <stddef.h>

struct oci_arena;

/** struct oci_arena_mark - a point to which an arena can be wound back */
struct oci_arena_mark {
	void *chunk;
	size_t used;
};

/**
 * oci_arena_new - make an empty arena
 *
 * Return: the arena, to be given to oci_arena_free(); NULL when out of memory.
 */
struct oci_arena *oci_arena_new(void);

/**
 * oci_arena_free - free an arena and everything allocated from it
 * @arena: the arena; NULL is allowed
 */
void oci_arena_free(struct oci_arena *arena);

/**
 * oci_arena_alloc - allocate zeroed memory
 * @arena: where from
 * @size: in bytes; 0 gives a valid pointer to nothing
 *
 * Return: memory aligned for any type; NULL when out of memory.
 */
void *oci_arena_alloc(struct oci_arena *arena, size_t size);

/**
 * oci_arena_strdup - copy a string
 * @arena: where from
 * @string: the string
 *
 * Return: the copy; NULL when out of memory.
 */
char *oci_arena_strdup(struct oci_arena *arena, const char *string);

/**
 * oci_arena_strndup - copy bytes and terminate them
 * @arena: where from
 * @bytes: the bytes; they need no terminator
 * @len: how many, all of which are copied
 *
 * Return: the copy, with a NUL after it; NULL when out of memory.
 */
char *oci_arena_strndup(struct oci_arena *arena, const char *bytes, size_t len);

/**
 * oci_arena_printf - format a string
 * @arena: where from
 * @format: as for printf(3)
 *
 * Return: the string; NULL when out of memory or when printf(3) failed.
 */
char *oci_arena_printf(struct oci_arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * oci_arena_mark - remember how much is allocated
 * @arena: the arena
 *
 * Return: a mark for oci_arena_release().
 */
struct oci_arena_mark oci_arena_mark(const struct oci_arena *arena);

/**
 * oci_arena_release - free what was allocated since a mark
 * @arena: the arena
 * @mark: a mark of this arena, not older than another one already released to
 */
void oci_arena_release(struct oci_arena *arena, struct oci_arena_mark mark);

#endif
