/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing settings, and moving a process in. */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/files.h"
#include "util/cleanup.h"

/* The file that is still open, since settings for one file mostly come in a row. */
struct open_file {
	const struct cgroup_setting *setting;
	int fd;
};

static int write_value(int fd, const char *value)
{
	const char *text = *value ? value : "\n"; /* an empty write(2) would not reach the kernel */
	ssize_t written;

	do {
		written = pwrite(fd, text, strlen(text), 0);
	} while (written < 0 && errno == EINTR);
	return written < 0 ? -errno : 0;
}

static int write_setting(
	const struct cgroup *cgroup, const struct cgroup_setting *setting, struct open_file *open)
{
	int dir = cgroup_dir(cgroup, setting->hierarchy);
	int r;

	if (dir < 0)
		return dir;
	if (!open->setting || open->setting->hierarchy != setting->hierarchy ||
		strcmp(open->setting->file, setting->file) != 0) {
		if (open->fd >= 0)
			close(open->fd);
		open->setting = setting;
		open->fd = openat(dir, setting->file, O_WRONLY | O_CLOEXEC);
		if (open->fd < 0) {
			r = -errno;
			open->setting = NULL;
			if (r == -ENOENT && setting->other_file)
				return cgroup_write_text(
					dir, setting->other_file, setting->other_value);
			return r == -ENOENT && setting->optional ? 0 : r;
		}
	}
	return write_value(open->fd, setting->value);
}

/* RME-08: the kernel would make room by force. */
static int check_usage(
	const struct cgroup *cgroup, const struct cgroup_setting *setting, struct error *err)
{
	long long used = -1;
	int dir;

	if (!setting->usage_file)
		return 0;
	dir = cgroup_dir(cgroup, setting->hierarchy);
	if (dir >= 0)
		used = cgroup_read_number(dir, setting->usage_file);
	if (used <= strtoll(setting->value, NULL, 10))
		return 0;
	/* The beginning is as runc has it. */
	return error_say(err, EBUSY,
		"rejecting %s limit %s of %s: %lld bytes are in use (checkBeforeUpdate)",
		strstr(setting->file, "sw") ? "memory+swap" : "memory", setting->value, setting->file, used);
}

static int explain(
	const struct cgroup *cgroup, const struct cgroup_setting *setting, int r, struct error *err)
{
	const char *where = cgroup->paths[setting->hierarchy]
				    ? cgroup_path(cgroup, setting->hierarchy, setting->file)
				    : setting->file;
	const char *hint = "";

	if (r == -ENOENT && strstr(setting->file, "swap"))
		hint = " (is swap accounting off? boot with swapaccount=1)";
	else if (r == -ENOENT)
		hint = " (this kernel has no such limit)";
	else if (r == -EINVAL && strcmp(setting->file, "memory.limit_in_bytes") == 0)
		hint = " (more than memory and swap together may be: memory.swap has to be raised, too)";
	else if (r == -EOPNOTSUPP)
		hint = " (this kernel no longer supports it)";
	return error_set(err, -r, "write \"%s\" to %s%s", setting->value,
		where ? where : setting->file, hint);
}

int cgroup_apply(const struct cgroup *cgroup, const struct cgroup_setting *settings, size_t count,
	bool late, struct error *err)
{
	struct open_file open = { .fd = -1 };
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		const struct cgroup_setting *setting = &settings[i];

		if (setting->late != late)
			continue;
		r = check_usage(cgroup, setting, err);
		if (r == 0) {
			r = cgroup->paths[setting->hierarchy]
				    ? write_setting(cgroup, setting, &open)
				    : -ENOENT;
			/* Two limits that bound each other: the other one has to move first. */
			if ((r == -EINVAL || r == -EBUSY) && setting->pair && i + 1 < count &&
				write_setting(cgroup, setting + 1, &open) == 0)
				r = write_setting(cgroup, setting, &open);
			if (r < 0)
				explain(cgroup, setting, r, err);
		}
		if (r < 0)
			error_origin(err, setting->pointer, setting->line);
	}
	if (open.fd >= 0)
		close(open.fd);
	return r;
}

int cgroup_open_tasks(const struct cgroup *cgroup, int *fds, size_t count, struct error *err)
{
	size_t used = 0;

	for (size_t i = 0; i < cgroup->layout->count && used < count; i++) {
		const char *path;

		if (cgroup->layout->items[i].v2)
			continue;
		used++;
		path = cgroup->paths[i] ? cgroup_path(cgroup, i, "tasks") : NULL;
		if (!path)
			continue;
		fds[used - 1] = open(path, O_WRONLY | O_CLOEXEC);
		if (fds[used - 1] < 0)
			return error_set(err, errno, "open %s", path);
	}
	return 0;
}
