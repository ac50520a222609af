/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "runtime/user_namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/id_helper.h"
#include "runtime/launch.h"
#include "sys/process.h"
#include "util/cleanup.h"
#include "util/file.h"
#include "util/subid.h"

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
int user_namespace_nested(void)
{
	unsigned long inside = 0, outside = 0, size = 0;
	char text[256];

	/* A kernel without user namespaces has no such file. */
	if (read_start("/proc/self/uid_map", text, sizeof(text)) < 0)
		return errno == ENOENT ? 0 : -errno;
	/* Without a map we are nobody in one that is being made. */
	return !(sscanf(text, "%lu %lu %lu", &inside, &outside, &size) == 3 && inside == 0 && outside == 0 &&
		size == 4294967295UL);
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

/* The first line of the map that /etc/subuid does not cover; false when it covers all. */
static bool find_refused(const char *map, uint32_t own, const struct id_ranges *ranges, struct id_range *ret)
{
	unsigned inside;

	for (; sscanf(map, "%u %u %u", &inside, &ret->start, &ret->count) == 3; map = strchr(map, '\n') + 1) {
		if (!(ret->start == own && ret->count == 1) && subid_covered(ranges, ret->start) < ret->count)
			return true;
	}
	return false;
}

static const char *list_ranges(const struct id_ranges *ranges, char *buffer, size_t size)
{
	size_t used = 0;

	snprintf(buffer, size, "no range");
	for (size_t i = 0; i < ranges->count && size - used > 64; i++)
		used += (size_t)snprintf(buffer + used, size - used, "%s%u-%u", i ? ", " : "only ",
			ranges->items[i].start, ranges->items[i].start + (ranges->items[i].count - 1));
	return buffer;
}

static bool has_room(const struct id_ranges *ranges, uint32_t count)
{
	for (size_t i = 0; i < ranges->count; i++) {
		if (subid_covered(ranges, ranges->items[i].start) >= count)
			return true;
	}
	return false;
}

/* Not every range can be granted: the ids of accounts and of other users must not. */
static int explain_refused(const struct side *side, const struct id_range *refused, const char *text,
	const struct id_ranges *ranges, const struct subid_user *user, struct error *err)
{
	struct id_range offer = *refused;
	bool wanted = subid_offer(text, user, &offer);
	char name[256], list[512], advice[512], what[1024];

	snprintf(what, sizeof(what), "host %ss %u-%u cannot be mapped: %s grants user %s %s", side->kind, refused->start,
		refused->start + (refused->count - 1), side->ranges, subid_user_text(user, name, sizeof(name)),
		list_ranges(ranges, list, sizeof(list)));
	subid_advice(side->ranges, user, &offer, advice, sizeof(advice));
	if (wanted)
		return error_say(err, EPERM, "%s; %s grants them", what, advice);
	if (has_room(ranges, refused->count))
		return error_say(err, EPERM, "%s: map these instead, since the others are not the user's to have", what);
	return error_say(err, EPERM, "%s, and the others are not the user's to have; %s grants a range to map instead", what,
		advice);
}

/* Why a helper that was found did not do it, as far as can be told from outside. */
static int explain_helper(const struct side *side, const char *map, const char *path, const char *said, int status,
	struct error *err)
{
	uint32_t own = side == &uids ? geteuid() : getegid();
	struct oci_arena *arena = oci_arena_new();
	struct subid_user user;
	struct id_ranges ranges;
	struct id_range refused;
	struct stat st;
	const char *text;
	bool covered;

	if (!arena)
		return error_set(err, ENOMEM, "look at %s", side->ranges);
	text = subid_text(side->ranges, arena);
	subid_find_user(geteuid(), arena, &user);
	subid_parse(text, &user, &ranges);
	covered = !find_refused(map, own, &ranges, &refused);
	if (!covered)
		explain_refused(side, &refused, text, &ranges, &user, err);
	oci_arena_free(arena);
	if (!covered)
		return -EPERM;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return error_say(err, EPERM,
			"%s got no privilege, since no_new_privs is set here: start the runtime without it, or map only your own id %u",
			path, own);
	if (stat(path, &st) == 0 && !(st.st_mode & S_ISUID))
		return error_say(err, EPERM,
			"%s is not set-user-ID root (if it has no file capability either, `chmod u+s %s` as root restores it): %s",
			path, path, said);
	if (WIFSIGNALED(status))
		return error_say(err, EIO, "%s was killed by signal %d (%s)%s%s", path, WTERMSIG(status),
			strsignal(WTERMSIG(status)), *said ? ": " : "", said);
	return error_say(err, EPERM, "%s failed (exit status %d)%s%s", path, WEXITSTATUS(status), *said ? ": " : "", said);
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
	r = id_helper_run(path, arguments, said, sizeof(said), &status, err);
	if (r < 0)
		return r;
	return status == 0 ? 0 : explain_helper(side, map, path, said, status, err);
}

/* Written by ourselves, as root of the user namespace we are in, or for one's own id. */
static int map_directly(pid_t pid, const struct side *side, const char *map, struct error *err)
{
	int r = write_proc_file(pid, side->file, map, err);

	if (r == -EPERM && user_namespace_nested() > 0)
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

static bool is_ours(pid_t pid)
{
	struct stat ours, theirs;
	char path[64];

	/* The link of a process that has joined a user namespace may be closed to us: then it is not ours. */
	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	return stat("/proc/self/ns/user", &ours) == 0 && stat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
		ours.st_dev == theirs.st_dev;
}

/* Longer than any: 340 lines of three numbers with spaces before them. */
#define MAP_FILE_MAX 65536

static int read_map(pid_t pid, const char *name, struct oci_arena *arena, const struct oci_id_mapping_list **ret,
	struct error *err)
{
	struct oci_id_mapping_list *list = oci_arena_alloc(arena, sizeof(*list));
	struct oci_id_mapping *items;
	const struct oci_id_mapping **pointers;
	const char *text, *path = oci_arena_printf(arena, "/proc/%d/%s", pid, name);
	size_t length, lines = 0;
	int r = path ? file_read(AT_FDCWD, path, MAP_FILE_MAX, arena, &text, &length, err) : -ENOMEM;

	if (r < 0)
		return r;
	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	items = oci_arena_alloc(arena, (lines + 1) * sizeof(*items));
	pointers = oci_arena_alloc(arena, (lines + 1) * sizeof(*pointers));
	if (!list || !items || !pointers)
		return error_set(err, ENOMEM, "read %s", path);
	*list = (struct oci_id_mapping_list){ .items = pointers };
	for (; list->len < lines; text = strchr(text, '\n') + 1) {
		struct oci_id_mapping *m = &items[list->len];

		if (sscanf(text, "%u %u %u", &m->containerID, &m->hostID, &m->size) != 3)
			return error_say(err, EINVAL, "%s is no map: %.64s", path, text);
		pointers[list->len++] = m;
	}
	*ret = list;
	return 0;
}

int user_namespace_read(pid_t pid, struct oci_arena *arena, const struct entered_maps **ret, struct error *err)
{
	struct entered_maps *maps = oci_arena_alloc(arena, sizeof(*maps));
	char path[64], text[16];
	int r;

	if (!maps)
		return error_set(err, ENOMEM, "read id maps");
	*maps = (struct entered_maps){ 0 };
	*ret = maps;
	if (is_ours(pid))
		return 0;
	r = read_map(pid, "uid_map", arena, &maps->uids, err);
	if (r == 0)
		r = read_map(pid, "gid_map", arena, &maps->gids, err);
	snprintf(path, sizeof(path), "/proc/%d/setgroups", pid);
	read_start(path, text, sizeof(text));
	maps->setgroups_denied = strncmp(text, "deny", 4) == 0;
	return r;
}

/* The settings that forbid user namespaces, and what each must be. */
static const struct {
	const char *file, *sysctl, *forbids, *wanted, *besides;
} switches[] = {
	{ "/proc/sys/user/max_user_namespaces", "user.max_user_namespaces", "0", "15000", "" },
	{ "/proc/sys/kernel/unprivileged_userns_clone", "kernel.unprivileged_userns_clone", "0", "1", "" },
	{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
		"kernel.apparmor_restrict_unprivileged_userns", "1", "0",
		"; the AppArmor profile contrib/apparmor/silo allows them to silo alone" },
};

int user_namespace_refused(int code, uint64_t namespaces, struct error *err)
{
	for (size_t i = 0; namespaces & CLONE_NEWUSER && i < sizeof(switches) / sizeof(switches[0]); i++) {
		char text[16];

		read_start(switches[i].file, text, sizeof(text));
		text[strcspn(text, "\n")] = '\0';
		if (strcmp(text, switches[i].forbids) == 0)
			return error_say(err, code,
				"user namespaces are disabled here (%s is %s): `sysctl -w %s=%s` as root allows them%s",
				switches[i].sysctl, text, switches[i].sysctl, switches[i].wanted,
				switches[i].besides);
	}
	if (code == ENOSPC && namespaces & CLONE_NEWUSER)
		return error_say(err, code,
			"no more namespaces can be made: a limit below /proc/sys/user is reached, or user namespaces are nested 32 deep");
	return error_set(err, code, "clone3 with namespaces %#llx", (unsigned long long)namespaces);
}
