/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resctrl/resctrl.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resctrl/schemata.h"
#include "util/cleanup.h"

#define SCHEMATA_SIZE 16384

/* O_DIRECTORY descriptor of the mount point; -ENODEV without one. */
static int open_mount(void)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;
	int fd = -ENODEV;

	if (!mounts)
		return -errno;
	while (fd == -ENODEV && (entry = getmntent(mounts))) {
		if (strcmp(entry->mnt_type, "resctrl") != 0)
			continue;
		fd = open(entry->mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			fd = -errno;
	}
	if (fd == -ENODEV && ferror(mounts))
		fd = -EIO;
	endmntent(mounts);
	return fd;
}

static int find_mount(struct error *err)
{
	int fd = open_mount();

	if (fd == -ENODEV)
		return error_say(err, ENOENT,
			"intelRdt needs the resctrl file system, which is not mounted (mount -t resctrl resctrl /sys/fs/resctrl)");
	return fd < 0 ? error_set(err, -fd, "open the resctrl file system") : fd;
}

static int open_group(int mount, const char *path, struct error *err)
{
	int fd = openat(mount, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? error_set(err, errno, "open resctrl group %s", path) : fd;
}

/* Appends what the kernel says of the last failure (info/last_cmd_status). */
static void explain(int mount, struct error *err)
{
	_cleanup_close_ int fd = openat(mount, "info/last_cmd_status", O_RDONLY | O_CLOEXEC);
	char text[256];
	ssize_t got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (got <= 0)
		return;
	text[got] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (strcmp(text, "ok") != 0)
		snprintf(err->message + strlen(err->message), sizeof(err->message) - strlen(err->message),
			" (resctrl: %s)", text);
}

/* A write(2) for each line: the kernel takes a line as a whole, or refuses it. */
static int write_lines(int mount, int group, const struct resctrl_group *spec, struct error *err)
{
	_cleanup_close_ int fd = openat(group, "schemata", O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0)
		return error_set(err, errno, "open schemata of resctrl group %s", spec->path);
	for (size_t i = 0; i < spec->line_count; i++) {
		char line[4096];
		int length = snprintf(line, sizeof(line), "%s\n", spec->lines[i]);

		if (length >= (int)sizeof(line))
			return error_set(err, E2BIG, "write schemata of resctrl group %s", spec->path);
		if (write(fd, line, (size_t)length) != length) {
			error_set(err, errno, "write \"%s\" to schemata of resctrl group %s", spec->lines[i],
				spec->path);
			explain(mount, err);
			return -err->code;
		}
	}
	return 0;
}

static int read_schemata(int group, const struct resctrl_group *spec, char *text, size_t size, struct error *err)
{
	_cleanup_close_ int fd = openat(group, "schemata", O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t got = -1;

	while (fd >= 0 && used < size - 1 && (got = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)got;
	if (got < 0)
		return error_set(err, errno, "read schemata of resctrl group %s", spec->path);
	text[used] = '\0';
	return 0;
}

/* Others may be in a group that is there already: it must be as it is asked for (RDT-12). */
static int compare(int group, const struct resctrl_group *spec, struct error *err)
{
	char text[SCHEMATA_SIZE];
	int r = read_schemata(group, spec, text, sizeof(text), err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < spec->line_count; i++) {
		if (!schemata_has(text, spec->lines[i]))
			return error_say(err, EEXIST,
				"resctrl group %s exists, and its schemata do not match \"%s\"", spec->path,
				spec->lines[i]);
	}
	return 0;
}

static int make_new(int mount, const struct resctrl_group *spec, struct error *err)
{
	_cleanup_close_ int group = open_group(mount, spec->path, err);
	int r = group < 0 ? group : spec->line_count ? write_lines(mount, group, spec, err) : 0;

	if (r < 0)
		unlinkat(mount, spec->path, AT_REMOVEDIR);
	return r;
}

int resctrl_make(const struct resctrl_group *spec, bool *made, struct error *err)
{
	_cleanup_close_ int mount = find_mount(err);
	_cleanup_close_ int group = -1;

	*made = false;
	if (mount < 0)
		return mount;
	/* A class without schemata is somebody else's (RDT-13). */
	if (spec->own || spec->line_count) {
		if (mkdirat(mount, spec->path, 0755) == 0) {
			*made = spec->own;
			return make_new(mount, spec, err);
		}
		if (errno != EEXIST || spec->own) {
			error_set(err, errno, "make resctrl group %s", spec->path);
			explain(mount, err);
			return -err->code;
		}
	}
	group = open_group(mount, spec->path, err);
	return group < 0 ? group : compare(group, spec, err);
}

static int add_task(int mount, const char *path, pid_t pid, struct error *err)
{
	_cleanup_close_ int group = open_group(mount, path, err);
	_cleanup_close_ int fd = -1;
	char number[16];
	int length = snprintf(number, sizeof(number), "%d", pid);

	if (group < 0)
		return group;
	fd = openat(group, "tasks", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, number, (size_t)length) != length) {
		error_set(err, errno, "move process %d into resctrl group %s", pid, path);
		explain(mount, err);
		return -err->code;
	}
	return 0;
}

int resctrl_join(const struct resctrl_group *spec, pid_t pid, bool monitor, struct error *err)
{
	_cleanup_close_ int mount = find_mount(err);
	int r = mount < 0 ? mount : add_task(mount, spec->path, pid, err);

	if (r < 0 || !spec->monitor)
		return r;
	if (monitor && mkdirat(mount, spec->monitor, 0755) < 0) {
		error_set(err, errno, "make resctrl monitoring group %s", spec->monitor);
		explain(mount, err);
		return -err->code;
	}
	r = add_task(mount, spec->monitor, pid, err);
	if (r < 0 && monitor)
		unlinkat(mount, spec->monitor, AT_REMOVEDIR);
	return r;
}

int resctrl_read(const struct resctrl_group *spec, struct oci_arena *arena, struct resctrl_group *now,
	struct error *err)
{
	_cleanup_close_ int mount = find_mount(err);
	_cleanup_close_ int group = mount < 0 ? mount : open_group(mount, spec->path, err);
	char text[SCHEMATA_SIZE], *rest = text;
	const char **lines, *line;
	int r = group < 0 ? group : read_schemata(group, spec, text, sizeof(text), err);

	if (r < 0)
		return r;
	*now = (struct resctrl_group){ .path = spec->path };
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		now->line_count++;
	now->lines = lines = oci_arena_alloc(arena, (now->line_count + 1) * sizeof(*lines));
	now->line_count = 0;
	while (lines && (line = strsep(&rest, "\n"))) {
		line += strspn(line, " ");
		if (!*line)
			continue;
		lines[now->line_count] = oci_arena_strdup(arena, line);
		if (!lines[now->line_count++])
			lines = NULL;
	}
	return lines ? 0 : error_set(err, ENOMEM, "read schemata of resctrl group %s", spec->path);
}

int resctrl_write(const struct resctrl_group *spec, struct error *err)
{
	_cleanup_close_ int mount = find_mount(err);
	_cleanup_close_ int group = mount < 0 ? mount : open_group(mount, spec->path, err);

	return group < 0 ? group : write_lines(mount, group, spec, err);
}

int resctrl_remove(const char *path, const char *monitor, struct error *err)
{
	const char *const paths[] = { monitor, path };
	_cleanup_close_ int mount = path || monitor ? open_mount() : -ENODEV;

	if (mount < 0 && mount != -ENODEV)
		return error_set(err, -mount, "open the resctrl file system");
	for (size_t i = 0; mount >= 0 && i < 2; i++) {
		if (paths[i] && unlinkat(mount, paths[i], AT_REMOVEDIR) < 0 && errno != ENOENT)
			return error_set(err, errno, "remove resctrl group %s", paths[i]);
	}
	return 0;
}
