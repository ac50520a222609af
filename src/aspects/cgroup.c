/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.cgroupsPath and linux.resources (CGP-*, RES-*). */
#include "aspects/aspects.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "aspects/id_mappings.h"
#include "cgroup/cgroup.h"
#include "cgroup/systemd.h"
#include "sys/process.h"

/* Appends @path's components to @base, without "//" and "."; NULL if it has "..", or without
 * memory. */
static const char *join_path(struct compile *c, const char *base, const char *path)
{
	const char *result = strcmp(base, "/") == 0 ? "" : base;

	while (*path && result) {
		size_t length = strcspn(path, "/");

		if (length == 2 && memcmp(path, "..", 2) == 0)
			return NULL;
		if (length && !(length == 1 && *path == '.'))
			result = oci_arena_printf(c->arena, "%s/%.*s", result, (int)length, path);
		path += length + (path[length] == '/');
	}
	return result && !*result ? "/" : result;
}

/*
 * Where relative paths begin: at the runtime's own cgroup, so that its limits hold for the
 * container too. In v2, where a cgroup with processes in it cannot pass controllers on, beside it,
 * as runc does; below it only where nothing beside it may be made.
 */
static const char *own_base(struct compile *c, const struct cgroup_hierarchy *hierarchy)
{
	const char *slash = strrchr(hierarchy->own, '/');

	if (!hierarchy->v2 || hierarchy->confined)
		return hierarchy->own;
	if (slash == hierarchy->own)
		return "/";
	return oci_arena_strndup(c->arena, hierarchy->own, (size_t)(slash - hierarchy->own));
}

static bool has_dot_dot(const char *path)
{
	for (const char *p = path; (p = strstr(p, "..")); p++) {
		if ((p == path || p[-1] == '/') && (p[2] == '/' || !p[2]))
			return true;
	}
	return false;
}

static int check_path(struct compile *c, const char *path, const void *slot)
{
	const char *colon = strchr(path, ':');

	if (has_dot_dot(path))
		return plan_refuse(
			c, slot, EINVAL, "cgroup path \"%s\" may not have \"..\" in it", path);
	if (*path != '/' && colon && strchr(colon + 1, ':'))
		return plan_refuse(c, slot, EINVAL,
			"cgroup path \"%s\" is of the form slice:prefix:name, which needs "
			"--systemd-cgroup",
			path);
	if (strpbrk(path, "\n"))
		return plan_refuse(c, slot, EINVAL, "the cgroup path may not contain a newline");
	if (strlen(path) >= PATH_MAX - 256)
		return plan_refuse(c, slot, ENAMETOOLONG, "the cgroup path is too long");
	for (const char *p = path; *p; p++) {
		if (strcspn(p, "/") > NAME_MAX)
			return plan_refuse(c, slot, ENAMETOOLONG,
				"a part of the cgroup path is longer than %d bytes", NAME_MAX);
	}
	return 0;
}

/* The text for the state file; see cgroup_open(). */
static const char *saved_text(struct compile *c, const struct cgroup_spec *spec)
{
	const char *text = "";
	bool same = true;

	for (size_t i = 1; i < spec->layout->count; i++)
		same = same && strcmp(spec->paths[0], spec->paths[i]) == 0;
	if (same)
		return spec->paths[0];
	for (size_t i = 0; i < spec->layout->count && text; i++)
		text = oci_arena_printf(c->arena, "%s%s:%s\n", text,
			spec->layout->items[i].v2 ? "" : spec->layout->items[i].controllers,
			spec->paths[i]);
	return text;
}

/*
 * The cgroup of the systemd instance that makes the scope. A user's is found in our own path where
 * we are below it, and is where systemd puts it otherwise.
 */
static const char *systemd_root(struct compile *c, const struct cgroup_hierarchy *hierarchy, bool user)
{
	static const char service[] = ".service";
	const char *at = user ? strstr(hierarchy->own, "/user@") : NULL;
	const char *end = at ? strstr(at, service) : NULL;

	if (!user)
		return "";
	if (end)
		return oci_arena_strndup(c->arena, hierarchy->own,
			(size_t)(end - hierarchy->own) + strlen(service));
	return oci_arena_printf(c->arena, "/user.slice/user-%u.slice/user@%u.service", c->host->euid,
		c->host->euid);
}

/* Where the scope will be: systemd has the last word when it is made. */
static int fill_scope_paths(struct compile *c, struct cgroup_spec *spec)
{
	const struct systemd_scope *scope = spec->scope;
	const char *slice = systemd_slice_path(c->arena, scope->slice);
	ssize_t shown = cgroup_find(spec->layout, "", true);

	spec->paths = oci_arena_alloc(c->arena, spec->layout->count * sizeof(*spec->paths));
	for (size_t i = 0; spec->paths && i < spec->layout->count; i++) {
		const char *root = systemd_root(c, &spec->layout->items[i], scope->unit.user);

		spec->paths[i] = root && slice ? oci_arena_printf(c->arena, "%s%s/%s%s%s", root, slice,
							 scope->unit.name, *scope->subgroup ? "/" : "",
							 scope->subgroup) :
						 NULL;
		if (!spec->paths[i])
			return error_set(c->err, ENOMEM, "compile linux.cgroupsPath");
	}
	spec->saved = spec->paths ? saved_text(c, spec) : NULL;
	if (!spec->saved)
		return error_set(c->err, ENOMEM, "compile linux.cgroupsPath");
	spec->path = spec->paths[shown < 0 ? 0 : shown];
	return systemd_add_limits(c->arena, spec->layout, spec->settings, spec->setting_count, *scope->subgroup,
		&spec->scope->properties, c->err);
}

static int fill_paths(struct compile *c, struct cgroup_spec *spec)
{
	const struct oci_linux *os = c->config->linux;
	const struct cgroup_layout *layout = spec->layout;
	const char *path = os && os->cgroupsPath && *os->cgroupsPath ? os->cgroupsPath : NULL;
	ssize_t shown = cgroup_find(layout, "", true);
	int r = path ? check_path(c, path, &os->cgroupsPath) : 0;

	if (r < 0)
		return r;
	spec->paths = oci_arena_alloc(c->arena, layout->count * sizeof(*spec->paths));
	for (size_t i = 0; spec->paths && i < layout->count; i++) {
		const char *base = path && *path == '/' ? "/" : own_base(c, &layout->items[i]);

		spec->paths[i] = base ? join_path(c, base, path ? path : c->options->id) : NULL;
		if (!spec->paths[i])
			return error_set(c->err, ENOMEM, "compile linux.cgroupsPath");
		if (strcmp(spec->paths[i], "/") == 0)
			return plan_refuse(c, &os->cgroupsPath, EINVAL,
				"cgroup path \"%s\" is the root cgroup; name one below it", path);
	}
	spec->saved = spec->paths ? saved_text(c, spec) : NULL;
	if (!spec->saved)
		return error_set(c->err, ENOMEM, "compile linux.cgroupsPath");
	spec->path = spec->paths[shown < 0 ? 0 : shown];
	return 0;
}

/* A cgroup file system that the container may write to (CGP-11). */
static bool mounts_writable(const struct oci_config *config)
{
	for (size_t i = 0; i < config->mounts.len; i++) {
		const struct oci_mount *mount = config->mounts.items[i];
		bool found = mount->source && strcmp(mount->source, "cgroup") == 0 &&
			     strcmp(mount->destination, "/sys/fs/cgroup") == 0;

		for (size_t k = 0; found && k < mount->options.len; k++)
			found = strcmp(mount->options.items[k], "ro") != 0;
		if (found)
			return true;
	}
	return false;
}

/* Who owns the cgroup's delegated files (CGP-08..CGP-11). */
static uid_t find_owner(const struct compile *c, const struct cgroup_layout *layout)
{
	const struct oci_process *process = c->config->process;

	/* An ordinary user owns what he makes, and cannot give it to one of his subordinate ids. */
	if (c->host->euid != 0 || !(c->new_namespaces & CLONE_NEWCGROUP) || !layout->unified_only || !mounts_writable(c->config))
		return (uid_t)-1;
	return id_mapping_host_id(c->uid_mappings, process && process->user ? process->user->uid : 0);
}

/* Born in the v2 tree, init moves itself into the v1 hierarchies (doc/design.md says why). */
static int add_join(struct compile *c, const struct cgroup_spec *spec, const void *slot)
{
	struct host_cgroup_join *join = oci_arena_alloc(c->arena, sizeof(*join));
	struct plan_cgroup_join args = { .first = -1 };

	if (!join)
		return error_set(c->err, ENOMEM, "compile cgroup");
	for (size_t i = 0; i < spec->layout->count; i++) {
		plan_slot slot_of_one = spec->layout->items[i].v2 ? -1 : plan_new_slot(c);

		if (slot_of_one >= 0 && args.count++ == 0)
			args.first = slot_of_one;
	}
	join->first = args.first;
	join->count = args.count;
	if (args.count) {
		plan_add_host(c, HOST_CGROUP_JOIN, HOST_BEFORE_CLONE, slot, join,
			"open the tasks files of cgroup %s", spec->path);
		plan_add(c, PLAN_CGROUP_JOIN, slot, &args, sizeof(args), "move into %u v1 cgroups",
			args.count);
	}
	for (size_t i = 0; i < spec->setting_count; i++) {
		if (spec->settings[i].late) {
			plan_add_host(c, HOST_CGROUP_LATE, HOST_AT_MAPPED, slot, spec,
				"write what only an inhabited cgroup takes");
			break;
		}
	}
	return 0;
}

/* As with crun: device rules, which every config has, are passed over in silence, limits are not. */
static int stay_outside(struct compile *c, const struct oci_resources *resources)
{
	if (resources && (resources->memory || resources->cpu || resources->pids || resources->blockIO ||
				 resources->hugepageLimits.len || resources->network ||
				 resources->rdma.len || resources->unified.len))
		plan_warn(c, "linux.resources is not applied: cgroups are disabled");
	return 0;
}

int aspect_cgroup(struct compile *c)
{
	static const struct cgroup_layout nothing;
	const struct oci_linux *os = c->config->linux;
	const struct oci_resources *resources = os ? os->resources : NULL;
	const void *slot = os && os->cgroupsPath ? (const void *)&os->cgroupsPath : NULL;
	struct cgroup_spec *spec = oci_arena_alloc(c->arena, sizeof(*spec));
	ssize_t v2;
	int r;

	if (c->host->cgroups_disabled)
		return stay_outside(c, resources);
	if (!spec)
		return error_set(c->err, ENOMEM, "compile linux.cgroupsPath");
	spec->layout = c->host->cgroups ? c->host->cgroups : &nothing;
	r = c->options->systemd ? systemd_compile_scope(c, spec->layout, &spec->scope) : 0;
	if (r == 0)
		r = cgroup_settings(c, resources, spec);
	if (r < 0)
		return r;
	if (!spec->layout->count)
		return slot ? plan_refuse(c, slot, ENODEV,
				      "no cgroup file system is mounted on this host")
			    : 0;
	r = spec->scope ? fill_scope_paths(c, spec) : fill_paths(c, spec);
	if (r < 0)
		return r;
	v2 = cgroup_find(spec->layout, "", true);
	/* Beside v1 the v2 tree holds next to nothing worth counting. */
	spec->wanted = spec->layout->unified_only ? spec->layout->items[v2].controllers : "";
	spec->strict = c->options->strict;
	spec->owner = find_owner(c, spec->layout);
	c->cgroup = spec;
	if (spec->scope)
		plan_add_host(c, HOST_CGROUP, HOST_BEFORE_CLONE, slot, spec,
			"let systemd%s make %s in %s with %zu properties, and cgroup %s with %zu settings%s",
			spec->scope->unit.user ? " --user" : "", spec->scope->unit.name,
			spec->scope->slice, spec->scope->properties.count, spec->path,
			spec->setting_count, spec->device_program ? " and device rules" : "");
	else
		plan_add_host(c, HOST_CGROUP, HOST_BEFORE_CLONE, slot, spec,
			"make cgroup %s with %zu settings%s", spec->path, spec->setting_count,
			spec->device_program ? " and device rules" : "");
	/* Once init was heard: one that the kernel killed at its birth would leave systemd a scope to take away. */
	if (spec->scope)
		plan_add_host(c, HOST_CGROUP_INHABITED, HOST_AT_MAPPED, slot, NULL,
			"end the process that kept %s for init", spec->scope->unit.name);
	return add_join(c, spec, slot);
}
