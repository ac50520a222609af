/* SPDX-License-Identifier: GPL-2.0-or-later */
/* exec: a cgroup below the container's own one. */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/files.h"
#include "util/cleanup.h"

/* Whether one of @names ("cpu,memory") is a controller of the hierarchy; all are without names. */
static bool is_meant(const struct cgroup_hierarchy *hierarchy, const char *names, size_t length)
{
	if (!length)
		return true;
	for (const char *controller = hierarchy->controllers; !hierarchy->v2 && *controller;) {
		size_t size = strcspn(controller, ",");

		for (size_t at = 0; at < length;) {
			size_t wanted = strcspn(names + at, ",:");

			if (wanted == size && memcmp(names + at, controller, size) == 0)
				return true;
			at += wanted + 1;
		}
		controller += size + (controller[size] == ',');
	}
	return false;
}

static int check_names(const struct cgroup *cgroup, const char *names, size_t length,
	struct error *err)
{
	for (size_t at = 0; at < length;) {
		size_t size = strcspn(names + at, ",:");
		bool known = false;

		for (size_t i = 0; i < cgroup->layout->count; i++)
			known |= is_meant(&cgroup->layout->items[i], names + at, size);
		if (!known || !size)
			return error_say(err, EINVAL, "--cgroup: unknown controller %.*s: no v1 hierarchy has it",
				(int)size, names + at);
		at += size + 1;
	}
	return 0;
}

static bool climbs(const char *path)
{
	for (; *path; path += *path == '/') {
		size_t length = strcspn(path, "/");

		if (length == 2 && memcmp(path, "..", 2) == 0)
			return true;
		path += length;
	}
	return false;
}

/* Return: 1 if the hierarchy has the directory, 0 if it has not, or a negative errno. */
static int descend(struct cgroup *cgroup, size_t i, const char *below)
{
	const char *base = cgroup->paths[i];
	struct stat st;

	cgroup->paths[i] = oci_arena_printf(cgroup->arena, "%s/%s", base, below);
	if (!cgroup->paths[i] || !cgroup_path(cgroup, i, ""))
		return -ENOMEM;
	if (stat(cgroup_path(cgroup, i, ""), &st) < 0) {
		cgroup->paths[i] = base;
		return errno == ENOENT ? 0 : -errno;
	}
	if (cgroup->dir_fds[i] >= 0)
		close(cgroup->dir_fds[i]);
	cgroup->dir_fds[i] = -1;
	if (cgroup->layout->items[i].v2)
		cgroup->v2_fd = cgroup_dir(cgroup, i);
	return cgroup->layout->items[i].v2 && cgroup->v2_fd < 0 ? cgroup->v2_fd : 1;
}

int cgroup_descend(struct cgroup *cgroup, const char *path, struct error *err)
{
	const char *colon = strchr(path, ':'), *below = colon ? colon + 1 : path;
	size_t length = colon ? (size_t)(colon - path) : 0;
	int found = 0, r = check_names(cgroup, path, length, err);

	if (r < 0)
		return r;
	if (climbs(below) || (colon && !length))
		return error_say(err, EINVAL, "bad sub cgroup path `%s`: %s", path,
			climbs(below) ? "`..` components are not allowed" : "no controller before the colon");
	below += strspn(below, "/");
	if (!*below)
		return 0;
	for (size_t i = 0; i < cgroup->layout->count; i++) {
		if (!cgroup->paths[i] || !is_meant(&cgroup->layout->items[i], path, length))
			continue;
		r = descend(cgroup, i, below);
		if (r < 0)
			return error_set(err, -r, "open the sub cgroup %s", path);
		found |= r;
	}
	if (!found)
		return error_set(err, ENOENT, "adding pid to the sub cgroup %s of cgroup %s", path,
			cgroup->path);
	return 0;
}

/* The process's cgroup in the v2 tree, malloc'ed: the line "0::PATH" (cgroups(7)). */
static int read_place(pid_t pid, char **ret)
{
	_cleanup_free_ char *text = NULL;
	char path[32];
	const char *line;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	r = cgroup_read_text(AT_FDCWD, path, &text);
	if (r < 0)
		return r;
	line = strncmp(text, "0::", 3) == 0 ? text : strstr(text, "\n0::");
	if (!line)
		return -ENOENT;
	line += strspn(line, "\n0:");
	*ret = strndup(line, strcspn(line, "\n"));
	return *ret ? 0 : -ENOMEM;
}

int cgroup_follow(struct cgroup *cgroup, pid_t pid, struct error *err)
{
	_cleanup_free_ char *place = NULL;
	ssize_t v2 = cgroup_find(cgroup->layout, "", true);
	size_t length = strlen(cgroup->path);
	int r = v2 < 0 ? -ENOENT : read_place(pid, &place);

	if (r < 0)
		return error_set(err, -r, "find the cgroup of process %d", pid);
	if (strncmp(place, cgroup->path, length) != 0 || place[length] != '/')
		return error_say(err, ENOENT, "process %d, in cgroup %s, is not below cgroup %s", pid, place,
			cgroup->path);
	r = descend(cgroup, (size_t)v2, place + length + 1);
	return r > 0 ? 0 : error_set(err, r < 0 ? -r : ENOENT, "open cgroup %s", place);
}
