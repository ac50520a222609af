/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ranges of subordinate ids: subuid(5), subgid(5), and the helpers that map them. */
#ifndef SILO_UTIL_SUBID_H
#define SILO_UTIL_SUBID_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SUBUID_FILE "/etc/subuid"
#define SUBGID_FILE "/etc/subgid"

/* Ids from start on; count 0 is no range at all. */
struct id_range {
	uint32_t start, count;
};

/**
 * subid_parse - the ranges that a text in the form of /etc/subuid gives a user
 * @text: lines NAME:START:COUNT; lines that are none, or whose range reaches beyond the largest id, are skipped
 * @uid, @name: the user, by whichever the line names; @name may be NULL
 * @ranges, @max: receive at most so many
 *
 * Return: how many were found.
 */
size_t subid_parse(const char *text, uid_t uid, const char *name, struct id_range *ranges, size_t max);

/** subid_read - the same from a file; one that cannot be read gives none */
size_t subid_read(const char *file, uid_t uid, struct id_range *ranges, size_t max);

/** subid_user - a user's name, or its number where it has none, in @buffer */
const char *subid_user(uid_t uid, char *buffer, size_t size);

/**
 * subid_helper - find newuidmap(1) or newgidmap(1) in the caller's PATH
 * Return: @buffer with its path, or NULL.
 */
const char *subid_helper(const char *name, char *buffer, size_t size);

#endif
