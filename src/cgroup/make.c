/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Making the container's cgroup, and undoing that (CGP-05, CGP-06). */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/files.h"
#include "cgroup/systemd.h"
#include "util/cleanup.h"
#include "util/log.h"

/* v1's cpuset takes no process before these are filled (cgroup-v1/cpusets.rst). */
static const char *const cpuset_files[] = { "cpuset.cpus", "cpuset.mems" };

/* One hierarchy's part of the work. */
struct making {
	struct cgroup *cgroup;
	size_t hierarchy;
	char *path;    /* of the leaf */
	size_t base;   /* length of the mount point in it */
	size_t *first; /* length of the first directory in @path that we made; 0: none */
};

static int inherit_cpuset(const char *path, size_t parent_length, struct error *err)
{
	char parent_path[4096];
	_cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int parent = -1;

	snprintf(parent_path, sizeof(parent_path), "%.*s", (int)parent_length, path);
	parent = open(parent_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || parent < 0)
		return error_set(err, errno, "open cgroup %s", dir < 0 ? path : parent_path);
	for (size_t i = 0; i < sizeof(cpuset_files) / sizeof(cpuset_files[0]); i++) {
		_cleanup_free_ char *value = NULL;
		int r = cgroup_read_text(parent, cpuset_files[i], &value);

		if (r == 0)
			r = cgroup_write_text(dir, cpuset_files[i], value);
		if (r < 0)
			return error_set(
				err, -r, "copy %s of %s to %s", cpuset_files[i], parent_path, path);
	}
	return 0;
}

/* Makes the directory that is the first @length bytes of the path. */
static int make_level(struct making *m, size_t length, struct error *err)
{
	const struct cgroup_hierarchy *hierarchy = &m->cgroup->layout->items[m->hierarchy];
	char saved = m->path[length];
	int r = 0;

	m->path[length] = '\0';
	if (mkdir(m->path, 0755) < 0) {
		r = errno == EEXIST ? 0 : error_set(err, errno, "make cgroup %s", m->path);
	} else {
		if (!*m->first)
			*m->first = length;
		m->cgroup->made[m->hierarchy] = !saved;
		if (!hierarchy->v2 && cgroup_has_controller(hierarchy, "cpuset"))
			r = inherit_cpuset(m->path, (size_t)(strrchr(m->path, '/') - m->path), err);
	}
	m->path[length] = saved;
	return r;
}

/* The leaf at once where its parent is there, as it mostly is. */
static int make_path(struct making *m, struct error *err)
{
	int r = make_level(m, strlen(m->path), err);
	const char *slash = m->path + m->base;

	if (r != -ENOENT)
		return r;
	while ((slash = strchr(slash + 1, '/'))) {
		r = make_level(m, (size_t)(slash - m->path), err);
		if (r < 0)
			return r;
	}
	return make_level(m, strlen(m->path), err);
}

/* Files are called after their controller: "memory.max". @controller: whose; "": any. */
static const struct cgroup_setting *first_setting(const struct cgroup_spec *spec, size_t hierarchy, const char *controller)
{
	size_t length = strlen(controller);

	for (size_t i = 0; i < spec->setting_count; i++) {
		const struct cgroup_setting *setting = &spec->settings[i];

		if (setting->hierarchy != hierarchy)
			continue;
		if (!length || (strncmp(setting->file, controller, length) == 0 && setting->file[length] == '.'))
			return setting;
	}
	return NULL;
}

bool cgroup_needs(const struct cgroup_spec *spec, size_t hierarchy)
{
	return first_setting(spec, hierarchy, "") ||
	       (spec->layout->items[hierarchy].v2 && spec->device_program);
}

static int refuse_make(const struct cgroup_spec *spec, size_t hierarchy, const char *path, int r,
	struct error *err)
{
	const struct cgroup_setting *setting = first_setting(spec, hierarchy, "");

	r = cgroup_not_delegated(&spec->layout->items[hierarchy], path, r, err);
	error_origin(err, setting ? setting->pointer : spec->device_pointer,
		setting ? setting->line : spec->device_line); /* neither: --rootless=false */
	return r;
}

static int make_one(struct cgroup *cgroup, size_t hierarchy, size_t *first, struct error *err)
{
	char *path = (char *)cgroup_path(cgroup, hierarchy, "");
	struct making m = { cgroup, hierarchy, path,
		strlen(cgroup->layout->items[hierarchy].mountpoint), first };
	struct error failure = { 0 };
	int r;

	if (!path)
		return error_set(err, ENOMEM, "make the cgroup");
	r = make_path(&m, &failure);
	/* What could be made and then not be furnished is no hierarchy to do without: it has to be undone. */
	if (cgroup_is_denial(r) && !*first) {
		if (cgroup->spec->strict || cgroup_needs(cgroup->spec, hierarchy))
			return refuse_make(cgroup->spec, hierarchy, path, r, err);
		cgroup->paths[hierarchy] = NULL;
		return 0;
	}
	if (r < 0 && err)
		*err = failure;
	/* systemd made its unit's just now. */
	if (r < 0 || cgroup->unit)
		return r;
	return cgroup_check_fitness(cgroup, hierarchy, err);
}

static bool lists(const char *list, const char *word, size_t length)
{
	for (; *list; list += strcspn(list, " "), list += *list == ' ') {
		if (strncmp(list, word, length) == 0 && (list[length] == ' ' || !list[length]))
			return true;
	}
	return false;
}

/*
 * Writes "+controller" to cgroup.subtree_control of all ancestors, from the root or systemd's scope down.
 * Return: 0 or the first error; an ancestor that may not be written to can still pass the
 * controller on.
 */
static int enable_one(char *path, size_t base, const char *name, size_t length)
{
	char word[64];
	int result = 0;

	snprintf(word, sizeof(word), "+%.*s", (int)length, name);
	for (char *slash = strchr(path + base, '/'); slash; slash = strchr(slash + 1, '/')) {
		_cleanup_close_ int dir = -1;
		int r;

		*slash = '\0';
		dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		*slash = '/';
		r = dir < 0 ? -errno : cgroup_write_text(dir, "cgroup.subtree_control", word);
		if (r < 0 && result == 0)
			result = r;
	}
	return result;
}

static int refuse_enable(const struct cgroup_spec *spec, size_t v2, const char *path, const char *controller, int r,
	struct error *err)
{
	const struct cgroup_setting *setting = first_setting(spec, v2, controller);

	r = cgroup_lacks_controller(path, controller, r, err);
	if (setting)
		error_origin(err, setting->pointer, setting->line);
	return r;
}

/* Enables what the list names and the leaf lacks. @needed: whose settings cannot do without; NULL: as far as possible. */
static int enable_list(const struct cgroup *cgroup, size_t v2, const char *list, const struct cgroup_spec *needed,
	struct error *err)
{
	char *path = (char *)cgroup_path(cgroup, v2, "");
	/* Beside v1, systemd only counts processes in the v2 tree, and enables nothing there. */
	size_t base = strlen(cgroup->layout->items[v2].mountpoint) +
		(cgroup->layout->unified_only ? cgroup->delegated : 0);
	int dir = cgroup_dir(cgroup, v2);
	_cleanup_free_ char *present = NULL;
	int r = dir < 0 ? dir : cgroup_read_text(dir, "cgroup.controllers", &present);

	if (r < 0 || !path)
		return error_set(err, path ? -r : ENOMEM, "read cgroup.controllers of cgroup %s",
			cgroup->path);
	for (size_t length; *list; list += length + (list[length] == ' ')) {
		_cleanup_free_ char *now = NULL;
		char name[64];

		length = strcspn(list, " ");
		if (lists(present, list, length))
			continue;
		r = enable_one(path, base, list, length);
		if (!needed && (cgroup_is_denial(r) || r == -EBUSY))
			return 0; /* the others would fare no better */
		if (!needed)
			continue;
		if (cgroup_read_text(dir, "cgroup.controllers", &now) == 0 &&
			lists(now, list, length))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)length, list);
		return refuse_enable(needed, v2, path, name, r < 0 ? r : -ENODEV, err);
	}
	return 0;
}

int cgroup_enable(const struct cgroup *cgroup, const struct cgroup_spec *spec, struct error *err)
{
	ssize_t v2 = cgroup_find(cgroup->layout, "", true);

	if (v2 < 0 || !cgroup->paths[v2])
		return error_set(err, ENOENT, "find the container's cgroup in the v2 tree");
	return enable_list(cgroup, (size_t)v2, spec->enable, spec, err);
}

/* What only the v2 tree needs before the settings. */
static int prepare_v2(struct cgroup *cgroup, const struct cgroup_spec *spec, struct error *err)
{
	ssize_t v2 = cgroup_find(spec->layout, "", true);
	int r = 0;

	if (v2 < 0 || !cgroup->paths[v2])
		return 0;
	cgroup->v2_fd = cgroup_dir(cgroup, (size_t)v2);
	if (cgroup->v2_fd < 0)
		return error_set(err, -cgroup->v2_fd, "open cgroup %s", cgroup->path);
	if (cgroup->unit)
		r = cgroup_scope_settle(cgroup, cgroup->v2_fd, err);
	if (r == 0 && *spec->enable)
		r = enable_list(cgroup, (size_t)v2, spec->enable, spec, err);
	if (r == 0 && spec->wanted && *spec->wanted)
		r = enable_list(cgroup, (size_t)v2, spec->wanted, NULL, err);
	if (r == 0 && spec->owner != (uid_t)-1)
		r = cgroup_give_away(cgroup->v2_fd, cgroup->path, spec->owner, err);
	return r;
}

/* Removes what make_one() made, parents too; whoever uses one of these meanwhile keeps it. */
static void undo(struct cgroup *cgroup, const size_t *first)
{
	struct error ignored;

	cgroup_scope_release(cgroup);
	for (size_t i = 0; i < cgroup->layout->count; i++) {
		char *path = first[i] ? (char *)cgroup_path(cgroup, i, "") : NULL;

		while (path && strlen(path) >= first[i] && rmdir(path) == 0)
			*strrchr(path, '/') = '\0';
	}
	if (cgroup->unit && systemd_stop_unit(cgroup->unit, &ignored) < 0)
		log_warning("%s", ignored.message);
	cgroup_close(cgroup);
}

int cgroup_make(const struct cgroup_spec *spec, struct oci_arena *arena, struct cgroup **ret,
	struct error *err)
{
	struct cgroup *cgroup = cgroup_new(spec->layout, arena);
	size_t *first = oci_arena_alloc(arena, (spec->layout->count + 1) * sizeof(*first));
	int r = 0;

	if (!cgroup || !first)
		return error_set(err, ENOMEM, "make cgroup %s", spec->path);
	cgroup->path = spec->path;
	cgroup->spec = spec;
	memcpy(cgroup->paths, spec->paths, spec->layout->count * sizeof(*spec->paths));
	if (spec->scope)
		r = cgroup_scope_start(cgroup, err);
	for (size_t i = 0; r == 0 && i < spec->layout->count; i++)
		r = make_one(cgroup, i, &first[i], err);
	if (r == 0)
		r = prepare_v2(cgroup, spec, err);
	if (r == 0)
		r = cgroup_apply(cgroup, spec->settings, spec->setting_count, false, err);
	if (r == 0 && spec->device_program) {
		r = cgroup_set_devices(
			cgroup, spec->device_program, spec->device_program_length, err);
		if (r < 0)
			error_origin(err, spec->device_pointer, spec->device_line);
	}
	if (r == 0) {
		cgroup->saved = cgroup_saved_text(cgroup);
		r = cgroup->saved ? 0 : error_set(err, ENOMEM, "make cgroup %s", spec->path);
	}
	if (r < 0)
		undo(cgroup, first);
	else
		*ret = cgroup;
	return r;
}
