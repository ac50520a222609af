/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was there before the container's cgroup: whose it is must neither be forgotten nor be found out too late. */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <string.h>

#include "cgroup/files.h"
#include "util/cleanup.h"

bool cgroup_has_controller(const struct cgroup_hierarchy *hierarchy, const char *name)
{
	const struct cgroup_layout one = { .items = (struct cgroup_hierarchy *)hierarchy,
		.count = 1 };

	return cgroup_find(&one, name, hierarchy->v2) == 0;
}

/*
 * By itself, or by one above it, which a new one is frozen by, too: a process could be born there, but
 * would never run.
 */
static bool is_frozen(const struct cgroup *cgroup, size_t hierarchy, int dir)
{
	const struct cgroup_hierarchy *where = &cgroup->layout->items[hierarchy];
	_cleanup_free_ char *state = NULL;

	if (cgroup_read_text(dir, where->v2 ? "cgroup.events" : "freezer.state",
		    &state) < 0)
		return false;
	return where->v2 ? cgroup_key_value(state, "frozen") == 1 : strcmp(state, "THAWED") != 0;
}

static int has_process(int dir, int parent, const char *name, void *data)
{
	_cleanup_free_ char *pids = NULL;
	int r = cgroup_read_text(dir, "cgroup.procs", &pids);

	(void)parent;
	(void)name;
	(void)data;
	if (r < 0)
		return r == -EOPNOTSUPP ? 0 : r; /* threaded */
	return *pids ? 1 : 0;
}

/* It must run, and be empty if it was there before (CGP-06). The wording is runc's. */
int cgroup_check_fitness(struct cgroup *cgroup, size_t hierarchy, struct error *err)
{
	const struct cgroup_hierarchy *where = &cgroup->layout->items[hierarchy];
	bool freezes = where->v2 || cgroup_has_controller(where, "freezer");
	const char *path;
	int dir, r;

	if (cgroup->made[hierarchy] && !freezes)
		return 0;
	dir = cgroup_dir(cgroup, hierarchy);
	path = cgroup_path(cgroup, hierarchy, "");
	if (dir < 0)
		return error_set(err, -dir, "open cgroup %s", path);
	if (freezes && is_frozen(cgroup, hierarchy, dir))
		return error_say(err, EBUSY, "container's cgroup unexpectedly frozen: %s", path);
	if (cgroup->made[hierarchy])
		return 0;
	r = cgroup_walk(dir, has_process, NULL);
	if (r > 0)
		return error_say(
			err, EBUSY, "container's cgroup is not empty: %s has processes", path);
	return r < 0 ? error_set(err, -r, "read the processes in cgroup %s", path) : 0;
}

/* As aspect_cgroup() wrote it, but with the hierarchies that were there before marked, and skipped
 * ones left out. */
const char *cgroup_saved_text(const struct cgroup *cgroup)
{
	const struct cgroup_layout *layout = cgroup->layout;
	const char *text = "";
	bool plain = true;

	for (size_t i = 0; i < layout->count; i++)
		plain = plain && cgroup->paths[i] && cgroup->made[i] &&
			strcmp(cgroup->paths[i], cgroup->spec->paths[i]) == 0;
	if (plain)
		return cgroup->spec->saved;
	for (size_t i = 0; i < layout->count && text; i++) {
		if (cgroup->paths[i])
			text = oci_arena_printf(cgroup->arena, "%s%s%s:%s\n", text,
				cgroup->made[i] ? "" : "=",
				layout->items[i].v2 ? "" : layout->items[i].controllers,
				cgroup->paths[i]);
	}
	return text;
}

/* Marks the directories that are there, which must be fit. */
static int look(struct cgroup *cgroup, struct error *err)
{
	for (size_t i = 0; i < cgroup->layout->count; i++) {
		int dir = cgroup_dir(cgroup, i), r = 0;

		cgroup->made[i] = dir == -ENOENT;
		if (dir >= 0)
			r = cgroup_check_fitness(cgroup, i, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int cgroup_plan_text(const struct cgroup_spec *spec, struct oci_arena *arena, const char **text,
	struct error *err)
{
	struct cgroup *cgroup;
	int r;

	*text = spec->saved;
	if (spec->scope)
		return 0;
	cgroup = cgroup_new(spec->layout, arena);
	if (!cgroup)
		return error_set(err, ENOMEM, "look for cgroup %s", spec->path);
	cgroup->spec = spec;
	memcpy(cgroup->paths, spec->paths, spec->layout->count * sizeof(*spec->paths));
	r = look(cgroup, err);
	if (r == 0) {
		*text = cgroup_saved_text(cgroup);
		r = *text ? 0 : error_set(err, ENOMEM, "look for cgroup %s", spec->path);
	}
	cgroup_close(cgroup);
	return r;
}
