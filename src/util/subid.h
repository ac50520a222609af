/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ranges of subordinate ids: subuid(5), subgid(5), and the helpers that map them. */
#ifndef SILO_UTIL_SUBID_H
#define SILO_UTIL_SUBID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libocispec/arena.h"

#define SUBUID_FILE "/etc/subuid"
#define SUBGID_FILE "/etc/subgid"

/* What useradd(8) grants to a user, and from where on (login.defs(5)): below are the ids of accounts. */
#define SUBID_FIRST 100000
#define SUBID_COUNT 65536

/* Lines of one user that are looked at. */
#define SUBID_RANGES_MAX 64

/* Ids from start on; count 0 is no range at all. */
struct id_range {
	uint32_t start, count;
};

struct id_ranges {
	size_t count;
	struct id_range items[SUBID_RANGES_MAX];
};

/* Whoever ids are granted to: a line has either. */
struct subid_user {
	uid_t uid;
	const char *name; /* NULL: the uid is no account's */
};

/** subid_find_user - a user with the name that the accounts give it; the name is in the arena */
void subid_find_user(uid_t uid, struct oci_arena *arena, struct subid_user *ret);

/** subid_user_text - a user's name, or its number where it has none, in @buffer */
const char *subid_user_text(const struct subid_user *user, char *buffer, size_t size);

/** subid_text - what is in a file; "" for one that cannot be read */
const char *subid_text(const char *file, struct oci_arena *arena);

/**
 * subid_parse - the ranges that a text in the form of /etc/subuid gives a user, in its order
 * @text: lines NAME:START:COUNT; lines that are none, or whose range reaches beyond the largest id, are skipped
 * @user: by whichever the line names
 * @ret: receives the first SUBID_RANGES_MAX of them
 */
void subid_parse(const char *text, const struct subid_user *user, struct id_ranges *ret);

/**
 * subid_covered - how many ids from @start on are granted
 * As newuidmap(1) sees it: what one line begins another may continue.
 */
uint64_t subid_covered(const struct id_ranges *ranges, uint32_t start);

/**
 * subid_offer - a range that can be granted to a user
 * @range: in: the one that is wanted; out: that one, or else as many ids that no line of anybody's has, SUBID_COUNT
 *	at least; count 0 if there is no room for them
 *
 * Return: whether it is the one that was wanted: it is not where some other user has part of it, or accounts may have.
 */
bool subid_offer(const char *text, const struct subid_user *user, struct id_range *range);

/**
 * subid_advice - how root grants a range to a user: a command, to be put into a sentence
 * @file: SUBUID_FILE or SUBGID_FILE
 *
 * Return: @buffer.
 */
const char *subid_advice(const char *file, const struct subid_user *user, const struct id_range *range, char *buffer,
	size_t size);

/**
 * subid_helper - find newuidmap(1) or newgidmap(1) in the caller's PATH
 * Return: @buffer with its path, or NULL.
 */
const char *subid_helper(const char *name, char *buffer, size_t size);

#endif
