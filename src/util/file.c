/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/cleanup.h"

#define FIRST_BUFFER 8192

/* Reads to the end, into malloc'ed memory. */
static int read_all(int fd, size_t max, char **text, size_t *length)
{
	size_t size = FIRST_BUFFER, used = 0;
	_cleanup_free_ char *buffer = malloc(size);

	while (buffer) {
		ssize_t got = read(fd, buffer + used, size - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		used += (size_t)got;
		if (used > max)
			return -EFBIG;
		if (got == 0) {
			*text = buffer;
			*length = used;
			buffer = NULL;
			return 0;
		}
		if (used == size) {
			char *larger = realloc(buffer, size * 2);

			if (!larger)
				return -ENOMEM;
			buffer = larger;
			size *= 2;
		}
	}
	return -ENOMEM;
}

int file_read(int dirfd, const char *name, size_t max, struct oci_arena *arena, const char **text,
	size_t *length, struct error *err)
{
	int own = dirfd == AT_FDCWD ? 0 : O_NOFOLLOW | O_NONBLOCK;
	_cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | own);
	_cleanup_free_ char *buffer = NULL;
	struct stat st;
	int r;

	if (fd < 0)
		return error_set(err, errno, "open %s", name);
	if (own && fstat(fd, &st) < 0)
		return error_set(err, errno, "look at %s", name);
	if (own && !S_ISREG(st.st_mode))
		return error_say(err, EINVAL, "%s is not a regular file", name);
	r = read_all(fd, max, &buffer, length);
	if (r == -EFBIG)
		return error_say(err, EFBIG, "%s is longer than %zu bytes", name, max);
	if (r < 0)
		return error_set(err, -r, "read %s", name);
	*text = oci_arena_strndup(arena, buffer, *length);
	if (!*text)
		return error_set(err, ENOMEM, "read %s", name);
	return 0;
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		text += written;
		length -= (size_t)written;
	}
	return 0;
}

int file_replace(int dirfd, const char *name, const char *text, size_t length, struct error *err)
{
	char fresh[NAME_MAX + 1];
	_cleanup_close_ int fd = -1;
	int r;

	snprintf(fresh, sizeof(fresh), ".%s.new", name);
	/* Not reused: whoever was killed while writing it may have left anything there. */
	unlinkat(dirfd, fresh, 0);
	fd = openat(dirfd, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(err, errno, "make %s", name);
	r = write_all(fd, text, length);
	if (r == 0 && renameat(dirfd, fresh, dirfd, name) < 0)
		r = -errno;
	if (r < 0) {
		unlinkat(dirfd, fresh, 0);
		return error_set(err, -r, "write %s", name);
	}
	return 0;
}
