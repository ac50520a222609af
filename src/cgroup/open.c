/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cgroup that is there already: found again by the text in the state file. */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/files.h"

struct cgroup *cgroup_new(const struct cgroup_layout *layout, struct oci_arena *arena)
{
	struct cgroup *cgroup = oci_arena_alloc(arena, sizeof(*cgroup));
	size_t count = layout->count + 1;

	if (!cgroup)
		return NULL;
	cgroup->layout = layout;
	cgroup->arena = arena;
	cgroup->v2_fd = -1;
	cgroup->paths = oci_arena_alloc(arena, count * sizeof(*cgroup->paths));
	cgroup->made = oci_arena_alloc(arena, count * sizeof(*cgroup->made));
	cgroup->dir_fds = oci_arena_alloc(arena, count * sizeof(*cgroup->dir_fds));
	if (!cgroup->paths || !cgroup->made || !cgroup->dir_fds)
		return NULL;
	for (size_t i = 0; i < count; i++)
		cgroup->dir_fds[i] = -1;
	return cgroup;
}

/* One line, "[=]controllers:path"; "=" marks a directory that was there before the container. */
static int read_line(struct cgroup *cgroup, const char *line, size_t length)
{
	bool foreign = *line == '=';
	const char *controllers = line + foreign;
	const char *colon = memchr(controllers, ':', length - foreign);
	size_t size;

	if (!colon || colon[1] != '/')
		return -EINVAL;
	size = (size_t)(colon - controllers);
	for (size_t i = 0; i < cgroup->layout->count; i++) {
		const struct cgroup_hierarchy *hierarchy = &cgroup->layout->items[i];
		const char *name = hierarchy->v2 ? "" : hierarchy->controllers;

		if (strlen(name) != size || memcmp(name, controllers, size) != 0)
			continue;
		cgroup->paths[i] = oci_arena_strndup(
			cgroup->arena, colon + 1, (size_t)(line + length - colon - 1));
		cgroup->made[i] = !foreign;
		return cgroup->paths[i] ? 0 : -ENOMEM;
	}
	return 0; /* not mounted any more */
}

static int read_saved(struct cgroup *cgroup, const char *saved)
{
	int r = 0;

	if (*saved == '/') {
		for (size_t i = 0; i < cgroup->layout->count; i++) {
			cgroup->paths[i] = saved;
			cgroup->made[i] = true;
		}
		return 0;
	}
	while (r == 0 && *saved) {
		size_t length = strcspn(saved, "\n");

		r = read_line(cgroup, saved, length);
		saved += length + (saved[length] == '\n');
	}
	return r;
}

/* As aspect_cgroup() makes them: "/" and names with one "/" between them. */
static bool is_plain(const char *path)
{
	if (*path != '/' || strlen(path) >= PATH_MAX)
		return false;
	for (const char *p = path + 1; *p; p += strcspn(p, "/"), p += *p == '/' && p[1]) {
		size_t length = strcspn(p, "/");

		if (!length || (length == 1 && *p == '.') || (length == 2 && memcmp(p, "..", 2) == 0))
			return false;
	}
	return true;
}

int cgroup_recall(const struct cgroup_layout *layout, const char *saved, struct oci_arena *arena,
	struct cgroup **ret, struct error *err)
{
	struct cgroup *cgroup = cgroup_new(layout, arena);
	int r;

	saved = cgroup ? oci_arena_strdup(arena, saved) : NULL;
	if (!saved)
		return error_set(err, ENOMEM, "open the container's cgroup");
	cgroup->saved = saved;
	if (!layout->count && *saved)
		return error_say(err, ENODEV,
			"no cgroup file system can be found here (/proc/self/mountinfo), but the container has cgroup %.200s",
			saved);
	r = read_saved(cgroup, saved);
	if (r < 0)
		return error_set(err, -r, "read \"%s\" as the paths of a cgroup", saved);
	for (size_t i = 0; i < layout->count; i++) {
		if (cgroup->paths[i] && !is_plain(cgroup->paths[i]))
			return error_say(err, EINVAL, "\"%.200s\" is no path of a container's cgroup",
				cgroup->paths[i]);
		/* Never ours, whatever the text says. */
		if (cgroup->paths[i] && strcmp(cgroup->paths[i], "/") == 0)
			cgroup->paths[i] = NULL;
		if (cgroup->paths[i] && (!cgroup->path || layout->items[i].v2))
			cgroup->path = cgroup->paths[i];
	}
	*ret = cgroup;
	return 0;
}

int cgroup_open(const struct cgroup_layout *layout, const char *saved, struct oci_arena *arena,
	struct cgroup **ret, struct error *err)
{
	struct cgroup *cgroup;
	int r = cgroup_recall(layout, saved, arena, &cgroup, err);

	if (r < 0)
		return r;
	cgroup->path = NULL;
	for (size_t i = 0; i < layout->count; i++) {
		if (!cgroup->paths[i])
			continue;
		r = cgroup_dir(cgroup, i);
		if (r == -ENOENT) {
			cgroup->lost = cgroup->paths[i];
			cgroup->paths[i] = NULL;
		} else if (r < 0) {
			cgroup_close(cgroup);
			return error_set(err, -r, "open cgroup %s", cgroup->paths[i]);
		} else if (!cgroup->path || layout->items[i].v2) {
			cgroup->path = cgroup->paths[i];
		}
		if (layout->items[i].v2)
			cgroup->v2_fd = cgroup->dir_fds[i];
	}
	*ret = cgroup;
	return 0;
}

void cgroup_close(struct cgroup *cgroup)
{
	for (size_t i = 0; cgroup && i < cgroup->layout->count; i++) {
		if (cgroup->dir_fds[i] >= 0)
			close(cgroup->dir_fds[i]);
		cgroup->dir_fds[i] = -1;
	}
	if (cgroup) {
		cgroup->v2_fd = -1;
		cgroup_scope_release(cgroup);
	}
}
