/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/user_namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/launch.h"
#include "sys/process.h"
#include "util/cleanup.h"
#include "util/subid.h"

/* Ranges of one user that are looked at to explain a refusal. */
#define RANGES_MAX 64

/* Arguments of a helper: 340 lines of three numbers (user_namespaces(7)), its name, the pid, and the end. */
#define ARGUMENTS_MAX (340 * 3 + 3)

/* One of the two maps. */
struct side {
	const char *file;   /* below /proc/PID */
	const char *helper, *ranges, *option; /* newuidmap, /etc/subuid, --add-subuids */
	const char *kind;
};

static const struct side uids = { "uid_map", "newuidmap", SUBUID_FILE, "--add-subuids", "uid" };
static const struct side gids = { "gid_map", "newgidmap", SUBGID_FILE, "--add-subgids", "gid" };

/* The start of a small file of /proc. */
static ssize_t read_start(const char *path, char *text, size_t size)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, text, size - 1);

	text[got > 0 ? got : 0] = '\0';
	return got;
}

/* The initial user namespace maps every id to itself (user_namespaces(7)). */
bool user_namespace_is_nested(void)
{
	unsigned long inside = 0, outside = 0, size = 0;
	char text[256];

	read_start("/proc/self/uid_map", text, sizeof(text));
	return sscanf(text, "%lu %lu %lu", &inside, &outside, &size) == 3 &&
		!(inside == 0 && outside == 0 && size == 4294967295UL);
}

bool user_namespace_denies_setgroups(void)
{
	char text[16];

	read_start("/proc/self/setgroups", text, sizeof(text));
	return strncmp(text, "deny", 4) == 0;
}

bool user_namespace_has_foreign_mounts(void)
{
	_cleanup_close_ int mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int user = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int owner = mounts < 0 ? -1 : ioctl(mounts, NS_GET_USERNS);
	struct stat ours, theirs;

	/* EPERM: it belongs to a user namespace out of our sight. */
	if (owner < 0)
		return true;
	return user >= 0 && fstat(user, &ours) == 0 && fstat(owner, &theirs) == 0 &&
		(ours.st_ino != theirs.st_ino || ours.st_dev != theirs.st_dev);
}

static int run_helper(const char *path, char *const arguments[], char *said, size_t size, int *status)
{
	int pipe_fds[2];
	size_t used = 0;
	ssize_t got;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		sys_close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
		if (dup2(pipe_fds[1], 2) == 2)
			execv(path, arguments);
		_exit(127);
	}
	close(pipe_fds[1]);
	while (pid > 0 && (got = read(pipe_fds[0], said + used, size - 1 - used)) != 0) {
		if (got < 0 && errno != EINTR)
			break;
		used += got > 0 ? (size_t)got : 0;
	}
	close(pipe_fds[0]);
	said[used] = '\0';
	said[strcspn(said, "\n")] = '\0';
	if (pid < 0)
		return -EAGAIN;
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return 0;
}

static bool granted(const struct id_range *ranges, size_t count, uint32_t start, uint32_t size)
{
	for (size_t i = 0; i < count; i++) {
		if (start >= ranges[i].start && start - ranges[i].start < ranges[i].count &&
			size <= ranges[i].count - (start - ranges[i].start))
			return true;
	}
	return false;
}

/* The first line of the map that /etc/subuid does not cover; false when it covers all. */
static bool find_refused(const char *map, uint32_t own, const struct id_range *ranges, size_t count,
	unsigned *start, unsigned *size)
{
	unsigned inside;

	for (; sscanf(map, "%u %u %u", &inside, start, size) == 3; map = strchr(map, '\n') + 1) {
		if (!(*start == own && *size == 1) && !granted(ranges, count, *start, *size))
			return true;
	}
	return false;
}

/* Why a helper that was found did not do it, as far as can be told from outside. */
static int explain_helper(const struct side *side, const char *map, const char *path, const char *said,
	struct error *err)
{
	uint32_t own = side == &uids ? geteuid() : getegid();
	struct id_range ranges[RANGES_MAX];
	size_t count = subid_read(side->ranges, geteuid(), ranges, RANGES_MAX);
	unsigned start, size;
	struct stat st;
	char user[64];

	subid_user(geteuid(), user, sizeof(user));
	if (find_refused(map, own, ranges, count, &start, &size)) {
		if (!count)
			return error_say(err, EPERM,
				"%s grants user %s no range, so host %ss %u-%u cannot be mapped: `usermod %s %u-%u %s` as root grants them",
				side->ranges, user, side->kind, start, start + size - 1, side->option,
				start, start + size - 1, user);
		return error_say(err, EPERM,
			"host %ss %u-%u cannot be mapped: %s grants user %s only %u-%u%s; `usermod %s %u-%u %s` as root grants more",
			side->kind, start, start + size - 1, side->ranges, user, ranges[0].start,
			ranges[0].start + ranges[0].count - 1, count > 1 ? " and others" : "",
			side->option, start, start + size - 1, user);
	}
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return error_say(err, EPERM,
			"%s got no privilege, since no_new_privs is set here: start the runtime without it, or map only your own id %u",
			path, own);
	if (stat(path, &st) == 0 && !(st.st_mode & S_ISUID))
		return error_say(err, EPERM,
			"%s is not set-user-ID root (if it has no file capability either, `chmod u+s %s` as root restores it): %s",
			path, path, said);
	return error_say(err, EPERM, "%s failed: %s", path, said);
}

static int map_by_helper(pid_t pid, const struct side *side, const char *map, struct error *err)
{
	char path[PATH_MAX], number[16], said[512] = "", words[16384], *rest;
	char *arguments[ARGUMENTS_MAX] = { (char *)side->helper, number };
	size_t count = 2;
	int status = 0, r;

	if (!subid_helper(side->helper, path, sizeof(path)))
		return error_say(err, ENOENT,
			"%s, which writes %s maps for ordinary users, is not in PATH: install it (Debian: uidmap, Fedora: shadow-utils), or map only your own id %u",
			side->helper, side->kind, side == &uids ? geteuid() : getegid());
	if (strlen(map) >= sizeof(words))
		return error_say(err, E2BIG, "the %s map is too long for %s", side->kind, side->helper);
	snprintf(number, sizeof(number), "%d", pid);
	strcpy(words, map);
	for (char *word = strtok_r(words, " \n", &rest); word && count < ARGUMENTS_MAX - 1;
		word = strtok_r(NULL, " \n", &rest))
		arguments[count++] = word;
	r = run_helper(path, arguments, said, sizeof(said), &status);
	if (r < 0)
		return error_set(err, -r, "run %s", path);
	return status == 0 ? 0 : explain_helper(side, map, path, said, err);
}

/* Written by ourselves, as root of the user namespace we are in, or for one's own id. */
static int map_directly(pid_t pid, const struct side *side, const char *map, struct error *err)
{
	int r = write_proc_file(pid, side->file, map, err);

	if (r == -EPERM && user_namespace_is_nested())
		return error_say(err, EPERM,
			"the %s map reaches beyond the user namespace that the runtime itself is in: /proc/self/%s lists what can be mapped",
			side->kind, side->file);
	return r;
}

int user_namespace_map(pid_t pid, const struct host_id_map *map, struct error *err)
{
	int r = map->uid_helper ? map_by_helper(pid, &uids, map->uid_map, err) :
				  map_directly(pid, &uids, map->uid_map, err);

	if (r == 0 && map->deny_setgroups)
		r = write_proc_file(pid, "setgroups", "deny", err);
	if (r < 0)
		return r;
	return map->gid_helper ? map_by_helper(pid, &gids, map->gid_map, err) :
				 map_directly(pid, &gids, map->gid_map, err);
}

/* The settings that forbid user namespaces, and what each must be. */
static const struct {
	const char *file, *sysctl, *forbids, *wanted;
} switches[] = {
	{ "/proc/sys/user/max_user_namespaces", "user.max_user_namespaces", "0", "15000" },
	{ "/proc/sys/kernel/unprivileged_userns_clone", "kernel.unprivileged_userns_clone", "0", "1" },
	{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
		"kernel.apparmor_restrict_unprivileged_userns", "1", "0" },
};

int user_namespace_refused(int code, uint64_t namespaces, struct error *err)
{
	for (size_t i = 0; namespaces & CLONE_NEWUSER && i < sizeof(switches) / sizeof(switches[0]); i++) {
		char text[16];

		read_start(switches[i].file, text, sizeof(text));
		text[strcspn(text, "\n")] = '\0';
		if (strcmp(text, switches[i].forbids) == 0)
			return error_say(err, code,
				"user namespaces are disabled here (%s is %s): `sysctl -w %s=%s` as root allows them",
				switches[i].sysctl, text, switches[i].sysctl, switches[i].wanted);
	}
	if (code == ENOSPC && namespaces & CLONE_NEWUSER)
		return error_say(err, code,
			"no more namespaces can be made: a limit below /proc/sys/user is reached, or user namespaces are nested 32 deep");
	return error_set(err, code, "clone3 with namespaces %#llx", (unsigned long long)namespaces);
}
