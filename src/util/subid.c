/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/subid.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/file.h"
#include "util/number.h"

/* Larger than such a file ever is; the rest of the host would be unusable before. */
#define SUBID_FILE_MAX (4UL << 20)

/* A number that ends at @end; false for anything else, and for what is no id. */
static bool parse_id(const char *text, const char *end, uint32_t *ret)
{
	uint64_t value;

	if (!number_scan(&text, UINT32_MAX - 1, &value) || text != end)
		return false;
	*ret = (uint32_t)value;
	return true;
}

static bool is_user(const char *field, size_t length, uid_t uid, const char *name)
{
	uint32_t number;

	if (name && strlen(name) == length && memcmp(name, field, length) == 0)
		return true;
	return parse_id(field, field + length, &number) && number == uid;
}

/* @user: receives the length of the first field, which says whose the range is. */
static bool parse_line(const char *line, const char *end, size_t *user, struct id_range *ret)
{
	const char *start = memchr(line, ':', (size_t)(end - line)), *count = NULL;

	if (!start)
		return false;
	*user = (size_t)(start++ - line);
	count = memchr(start, ':', (size_t)(end - start));
	return count && parse_id(start, count, &ret->start) && parse_id(count + 1, end, &ret->count) &&
		ret->count > 0 && (uint64_t)ret->start + ret->count <= UINT32_MAX;
}

/* The next line of *@text, which is moved past it, that grants something to @user, or to anybody but @user. */
static bool next_range(const char **text, const struct subid_user *user, bool theirs, struct id_range *ret)
{
	while (**text) {
		const char *line = *text, *end = strchrnul(line, '\n');
		size_t length;

		*text = *end ? end + 1 : end;
		if (parse_line(line, end, &length, ret) && is_user(line, length, user->uid, user->name) == theirs)
			return true;
	}
	return false;
}

static bool overlap(const struct id_range *a, const struct id_range *b)
{
	return a->start < (uint64_t)b->start + b->count && b->start < (uint64_t)a->start + a->count;
}

void subid_parse(const char *text, const struct subid_user *user, struct id_ranges *ret)
{
	ret->count = 0;
	while (ret->count < SUBID_RANGES_MAX && next_range(&text, user, true, &ret->items[ret->count]))
		ret->count++;
}

uint64_t subid_covered(const struct id_ranges *ranges, uint32_t start)
{
	uint64_t end = start;

	for (size_t i = 0; i < ranges->count; i++) {
		const struct id_range *range = &ranges->items[i];

		if (end >= range->start && end < (uint64_t)range->start + range->count) {
			end = (uint64_t)range->start + range->count;
			i = (size_t)-1; /* what comes next may be in any line */
		}
	}
	return end - start;
}

static bool is_taken(const char *text, const struct subid_user *user, const struct id_range *range)
{
	struct id_range other;

	while (next_range(&text, user, false, &other)) {
		if (overlap(range, &other))
			return true;
	}
	return false;
}

/* Up from the first, past whatever is in the way, until nothing is. */
static bool find_gap(const char *text, struct id_range *range)
{
	const struct subid_user nobody = { .uid = (uid_t)-1 };
	bool moved = true;

	while (moved) {
		const char *at = text;
		struct id_range other;

		moved = false;
		while (next_range(&at, &nobody, false, &other)) {
			if (!overlap(range, &other))
				continue;
			range->start = other.start + other.count;
			moved = true;
			if ((uint64_t)range->start + range->count > UINT32_MAX)
				return false;
		}
	}
	return true;
}

bool subid_offer(const char *text, const struct subid_user *user, struct id_range *range)
{
	if (range->start >= SUBID_FIRST && !is_taken(text, user, range))
		return true;
	range->start = SUBID_FIRST;
	if (range->count < SUBID_COUNT)
		range->count = SUBID_COUNT;
	if ((uint64_t)range->start + range->count > UINT32_MAX || !find_gap(text, range))
		range->count = 0;
	return false;
}

const char *subid_advice(const char *file, const struct subid_user *user, const struct id_range *range, char *buffer,
	size_t size)
{
	const char *option = strcmp(file, SUBUID_FILE) == 0 ? "--add-subuids" : "--add-subgids";

	if (!range->count)
		snprintf(buffer, size, "a line in %s (where no range is left that is nobody's)", file);
	else if (user->name)
		snprintf(buffer, size, "`usermod %s %u-%u %s` as root", option, range->start,
			range->start + (range->count - 1), user->name);
	else
		snprintf(buffer, size, "`echo %u:%u:%u >>%s` as root", (unsigned)user->uid, range->start, range->count,
			file);
	return buffer;
}

const char *subid_text(const char *file, struct oci_arena *arena)
{
	const char *text;
	size_t length;

	return file_read(AT_FDCWD, file, SUBID_FILE_MAX, arena, &text, &length, NULL) == 0 ? text : "";
}

void subid_find_user(uid_t uid, struct oci_arena *arena, struct subid_user *ret)
{
	const struct passwd *entry = getpwuid(uid);

	*ret = (struct subid_user){ .uid = uid, .name = entry ? oci_arena_strdup(arena, entry->pw_name) : NULL };
}

const char *subid_user_text(const struct subid_user *user, char *buffer, size_t size)
{
	if (user->name)
		snprintf(buffer, size, "%s", user->name);
	else
		snprintf(buffer, size, "%u", (unsigned)user->uid);
	return buffer;
}

const char *subid_helper(const char *name, char *buffer, size_t size)
{
	const char *path = getenv("PATH");

	if (!path || !*path)
		path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	for (;;) {
		size_t length = strcspn(path, ":");

		/* An empty or relative entry would be a program of whoever wrote the working directory. */
		if (*path == '/' &&
			(size_t)snprintf(buffer, size, "%.*s/%s", (int)length, path, name) < size &&
			access(buffer, X_OK) == 0)
			return buffer;
		if (!path[length])
			return NULL;
		path += length + 1;
	}
}
