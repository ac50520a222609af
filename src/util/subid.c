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

#include "libocispec/arena.h"
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

static bool parse_line(const char *line, const char *end, uid_t uid, const char *name,
	struct id_range *ret)
{
	const char *start = memchr(line, ':', (size_t)(end - line)), *count = NULL;

	if (!start)
		return false;
	start++;
	count = memchr(start, ':', (size_t)(end - start));
	if (!count || !is_user(line, (size_t)(start - 1 - line), uid, name))
		return false;
	return parse_id(start, count, &ret->start) && parse_id(count + 1, end, &ret->count) &&
		ret->count > 0 && (uint64_t)ret->start + ret->count <= UINT32_MAX;
}

size_t subid_parse(const char *text, uid_t uid, const char *name, struct id_range *ranges, size_t max)
{
	size_t found = 0;

	while (*text && found < max) {
		const char *end = strchrnul(text, '\n');

		found += parse_line(text, end, uid, name, &ranges[found]);
		text = *end ? end + 1 : end;
	}
	return found;
}

size_t subid_read(const char *file, uid_t uid, struct id_range *ranges, size_t max)
{
	struct oci_arena *arena = oci_arena_new();
	char name[256];
	const char *text;
	size_t length, found = 0;

	if (arena && file_read(AT_FDCWD, file, SUBID_FILE_MAX, arena, &text, &length, NULL) == 0)
		found = subid_parse(text, uid, subid_user(uid, name, sizeof(name)), ranges, max);
	oci_arena_free(arena);
	return found;
}

const char *subid_user(uid_t uid, char *buffer, size_t size)
{
	const struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(buffer, size, "%s", user->pw_name);
	else
		snprintf(buffer, size, "%u", (unsigned)uid);
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
