/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/mountinfo.h"

#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

/* A blank, a tab, a line feed and a backslash are written as \ooo. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		unsigned code;

		if (*from == '\\' && sscanf(from, "\\%3o", &code) == 1) {
			*to = (char)code;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

bool mountinfo_next(FILE *mountinfo, char **line, size_t *size, struct mount_line *ret)
{
	while (getline(line, size, mountinfo) > 0) {
		const char *type = strstr(*line, " - ");

		if (type && sscanf(*line, "%llu %*u %*s %*s %4095s", &ret->id, ret->point) == 2 &&
			sscanf(type, " - %63s", ret->type) == 1) {
			unescape(ret->point);
			return true;
		}
	}
	return false;
}

bool mountinfo_is_below(const struct mount_line *mount, const char *real)
{
	size_t length = strcmp(real, "/") == 0 ? 0 : strlen(real);

	return strncmp(mount->point, real, length) == 0 && mount->point[length] == '/' && mount->point[length + 1];
}

bool mountinfo_any_below(const char *path)
{
	_cleanup_free_ char *real = realpath(path, NULL), *line = NULL;
	FILE *mountinfo = fopen("/proc/self/mountinfo", "re");
	struct mount_line mount;
	size_t size = 0;
	bool found = !real || !mountinfo;

	while (!found && mountinfo_next(mountinfo, &line, &size, &mount))
		found = mountinfo_is_below(&mount, real);
	if (mountinfo)
		fclose(mountinfo);
	return found;
}
