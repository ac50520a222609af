/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup/files.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/clock.h"

static int read_all(int fd, char **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 4096, used = 0;

	for (;;) {
		char *moved = used + 1 < size && text ? text : realloc(text, size *= 2);
		ssize_t got;

		if (!moved)
			return -ENOMEM;
		text = moved;
		got = read(fd, text + used, size - used - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	while (used && text[used - 1] == '\n')
		used--;
	text[used] = '\0';
	*ret = text;
	text = NULL;
	return 0;
}

int cgroup_read_text(int dir, const char *name, char **ret)
{
	_cleanup_close_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : read_all(fd, ret);
}

int cgroup_write_text(int dir, const char *name, const char *value)
{
	/* An empty value still has to reach the kernel: write(2) of nothing does not. */
	const char *text = *value ? value : "\n";
	_cleanup_close_ int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);
	ssize_t written;

	if (fd < 0)
		return -errno;
	do {
		written = write(fd, text, strlen(text));
	} while (written < 0 && errno == EINTR);
	return written < 0 ? -errno : 0;
}

int cgroup_move(int dir, pid_t pid)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", pid);
	return cgroup_write_text(dir, "cgroup.procs", number);
}

long long cgroup_key_value(const char *text, const char *key)
{
	size_t length = strlen(key);

	while (*text) {
		if (strncmp(text, key, length) == 0 && text[length] == ' ')
			return strtoll(text + length, NULL, 10);
		text = strchrnul(text, '\n');
		text += *text == '\n';
	}
	return -1;
}

long long cgroup_read_number(int dir, const char *name)
{
	_cleanup_free_ char *text = NULL;
	char *end;
	long long number;

	if (cgroup_read_text(dir, name, &text) < 0)
		return -1;
	number = strtoll(text, &end, 10);
	/* v1 says "unlimited" with the largest multiple of the page size. */
	return end == text || number >= 0x7ffffffffffff000LL ? -1 : number;
}

const char *cgroup_path(const struct cgroup *cgroup, size_t hierarchy, const char *file)
{
	const char *path = cgroup->paths[hierarchy];

	return oci_arena_printf(cgroup->arena, "%s%s%s%s",
		cgroup->layout->items[hierarchy].mountpoint, strcmp(path, "/") == 0 ? "" : path,
		*file ? "/" : "", file);
}

int cgroup_dir(const struct cgroup *cgroup, size_t hierarchy)
{
	const char *path;

	if (cgroup->dir_fds[hierarchy] < 0) {
		path = cgroup_path(cgroup, hierarchy, "");
		if (!path)
			return -ENOMEM;
		cgroup->dir_fds[hierarchy] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (cgroup->dir_fds[hierarchy] < 0)
			return -errno;
	}
	return cgroup->dir_fds[hierarchy];
}

int cgroup_wait_event(int events, const char *key, long long value, long long deadline)
{
	for (;;) {
		struct pollfd wait = { .fd = events, .events = POLLPRI };
		char text[256];
		ssize_t got = pread(events, text, sizeof(text) - 1, 0);
		long long left = deadline - clock_now_ms();

		if (got < 0)
			return errno == ENODEV ? 0 : -errno; /* removed: nothing is in it */
		text[got] = '\0';
		if (cgroup_key_value(text, key) == value)
			return 0;
		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&wait, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
	}
}
