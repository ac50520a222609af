/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --no-pivot: the root file system is moved over the old root, where pivot_root(2) cannot (an initramfs). */
#include "init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "sys/mount.h"

/* Fields of a line of mountinfo (proc(5)), counted from 0; the type comes after a dash. */
#define MOUNT_POINT_FIELD 4
#define LINE_SIZE (2 * ROOT_PATH_MAX)

static char *field(char *line, int number)
{
	while (number-- > 0 && line) {
		line = strchr(line, ' ');
		line += line != NULL;
	}
	return line;
}

/* Undoes the kernel's \040 and the like, in place; the text ends at the first blank. */
static void unescape(char *text)
{
	char *out = text;

	while (*text && *text != ' ') {
		if (text[0] == '\\' && text[1] && text[2] && text[3]) {
			*out++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
			text += 4;
		} else {
			*out++ = *text++;
		}
	}
	*out = '\0';
}

static bool is_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	return strncmp(path, directory, length) == 0 && (!path[length] || path[length] == '/');
}

/* The mount point of a line, if a procfs or sysfs outside of the root file system is on it. */
static char *to_be_hidden(char *line, const char *rootfs)
{
	char *dash = strstr(line, " - "), *point = field(line, MOUNT_POINT_FIELD);

	if (!dash || !point || (strncmp(dash, " - proc ", 8) != 0 && strncmp(dash, " - sysfs ", 9) != 0))
		return NULL;
	unescape(point);
	return is_below(point, rootfs) ? NULL : point;
}

/*
 * One that cannot be taken off (locked, MNT_LOCKED) is covered. Several may lie on one point: what covers
 * the first covers all.
 */
static int hide(struct init *init, const char *point)
{
	struct statfs top;

	if (statfs(point, &top) == 0 && top.f_type != PROC_SUPER_MAGIC && top.f_type != SYSFS_MAGIC)
		return 0;
	if (sys_umount2(point, MNT_DETACH) == 0 || errno == ENOENT)
		return 0;
	if ((errno == EINVAL || errno == EPERM) && sys_mount("tmpfs", point, "tmpfs", 0, NULL) == 0)
		return 0;
	return init_failed(init, "hide from the container", point);
}

/* Calls hide() for the lines in @buffer that are complete; what is left of it is moved to the front. */
static int hide_lines(struct init *init, const char *rootfs, char *buffer, size_t *used)
{
	char *line = buffer, *end;
	int r = 0;

	buffer[*used] = '\0';
	while (r == 0 && (end = strchr(line, '\n'))) {
		char *point;

		*end = '\0';
		point = to_be_hidden(line, rootfs);
		if (point)
			r = hide(init, point);
		line = end + 1;
	}
	*used = strlen(line);
	memmove(buffer, line, *used + 1);
	return r;
}

/*
 * The kernel lets a user namespace mount a procfs only if it shows no more than those in sight: the host's, which
 * nothing masks, must not be in sight (it stays mounted below our root).
 */
static int hide_host(struct init *init, const char *rootfs)
{
	static char buffer[LINE_SIZE];
	size_t used = 0;
	ssize_t got;
	int fd = openat(init->proc, "self/mountinfo", O_RDONLY | O_CLOEXEC), r = 0;

	if (fd < 0)
		return init_failed(init, "open", "/proc/self/mountinfo");
	while (r == 0 && (got = read(fd, buffer + used, sizeof(buffer) - 1 - used)) > 0) {
		used += (size_t)got;
		r = hide_lines(init, rootfs, buffer, &used);
	}
	close(fd);
	return r;
}

/* Where the kernel says that it is: the config's path may go through symbolic links. */
static int find_root(struct init *init, char *path, size_t size)
{
	char name[40] = "self/fd/", number[24];
	ssize_t length;
	int r = init_open_proc(init);

	if (r < 0)
		return r;
	strcat(name, init_number(number, (unsigned long long)init->rootfs));
	length = readlinkat(init->proc, name, path, size - 1);
	if (length < 0)
		return init_failed(init, "readlink /proc/", name);
	path[length] = '\0';
	return 0;
}

int move_root(struct init *init, bool cut)
{
	static char path[ROOT_PATH_MAX];
	struct mount_attr slave = { .propagation = MS_SLAVE };
	int r = find_root(init, path, sizeof(path));

	if (r == 0 && cut && sys_mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &slave) < 0)
		r = init_failed(init, "cut the mounts off from the host's", NULL);
	if (r == 0)
		r = hide_host(init, path);
	/* It may be there already (bind_root()). */
	if (r == 0 && strcmp(path, "/") != 0 &&
		sys_move_mount(init->rootfs, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		r = init_failed(init, "move the root file system over", "/");
	if (r == 0 && (syscall(SYS_fchdir, init->rootfs) < 0 || syscall(SYS_chroot, ".") < 0))
		r = init_failed(init, "chroot to the root file system", NULL);
	return r;
}
