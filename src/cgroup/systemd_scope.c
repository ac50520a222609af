/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linux.cgroupsPath of the form slice:prefix:name, to a slice, a scope and where they will be. */
#include "cgroup/systemd.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "aspects/annotations.h"
#include "cgroup/cgroup.h"
#include "plan/compile.h"

/* systemd.unit(5): what a unit's name is made of, and how long it may be with its suffix. */
#define UNIT_CHARACTERS \
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz:-_.\\@"
#define UNIT_NAME_MAX 255
#define SLICE_SUFFIX ".slice"

/* The cgroup below the scope's, where no annotation says otherwise; as with crun. */
#define SUBGROUP_DEFAULT "container"

static bool is_unit_name(const char *name)
{
	size_t length = strlen(name);

	return length <= UNIT_NAME_MAX && strspn(name, UNIT_CHARACTERS) == length;
}

const char *systemd_slice_path(struct oci_arena *arena, const char *slice)
{
	size_t length = strlen(slice), suffix = strlen(SLICE_SUFFIX);
	const char *path = "";
	size_t stem;

	if (length <= suffix || strcmp(slice + length - suffix, SLICE_SUFFIX) != 0 ||
		!is_unit_name(slice))
		return NULL;
	stem = length - suffix;
	if (stem == 1 && *slice == '-')
		return path;
	for (size_t end = 1; end <= stem && path; end++) {
		if (end < stem && slice[end] != '-')
			continue;
		if (slice[end - 1] == '-')
			return NULL; /* a part without a name */
		path = oci_arena_printf(arena, "%s/%.*s" SLICE_SUFFIX, path, (int)end, slice);
	}
	return *slice == '-' ? NULL : path;
}

/* A copy of what is before the next colon, which @rest is moved past; NULL at the end. */
static const char *next_part(struct oci_arena *arena, const char **rest)
{
	const char *start = *rest;
	const char *colon = start ? strchr(start, ':') : NULL;

	*rest = colon ? colon + 1 : NULL;
	return start && colon ? oci_arena_strndup(arena, start, (size_t)(colon - start)) : start;
}

static int name_scope(struct compile *c, struct systemd_scope *scope, const char *path,
	const void *slot)
{
	const char *rest = path;
	const char *slice = next_part(c->arena, &rest), *prefix = next_part(c->arena, &rest);
	const char *name = rest;

	if (!slice || !prefix || !name || !*name || strchr(name, ':'))
		return plan_refuse(c, slot, EINVAL,
			"expected cgroupsPath to be of format \"slice:prefix:name\" for systemd cgroups, got \"%s\" instead",
			path);
	if (*slice)
		scope->slice = slice;
	scope->unit.name = oci_arena_printf(c->arena, "%s%s%s.scope", prefix, *prefix ? "-" : "", name);
	if (!systemd_slice_path(c->arena, scope->slice))
		return plan_refuse(c, slot, EINVAL,
			"\"%s\" is no name of a slice: it must end in .slice, and dashes must separate names",
			scope->slice);
	if (!scope->unit.name || !is_unit_name(scope->unit.name))
		return plan_refuse(c, slot, EINVAL,
			"\"%s\" is no name of a unit: at most %d letters, digits and characters of :-_.\\@",
			scope->unit.name ? scope->unit.name : name, UNIT_NAME_MAX);
	return 0;
}

static int choose_subgroup(struct compile *c, const struct cgroup_layout *layout,
	struct systemd_scope *scope)
{
	const char *const *slot = annotation_slot(c->config, SYSTEMD_SUBGROUP);
	const char *name = slot ? *slot : NULL;

	scope->subgroup = layout->unified_only ? SUBGROUP_DEFAULT : "";
	if (!name)
		return 0;
	if (strpbrk(name, "/\n") || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		strlen(name) > NAME_MAX)
		return plan_refuse(c, slot, EINVAL, "\"%s\" is no name of a cgroup", name);
	if (*name && !layout->unified_only)
		return plan_refuse(c, slot, ENOTSUP, "a cgroup below the scope's needs cgroup v2 alone");
	scope->subgroup = name;
	return 0;
}

int systemd_compile_scope(
	struct compile *c, const struct cgroup_layout *layout, struct systemd_scope **ret)
{
	const struct oci_linux *os = c->config->linux;
	bool given = os && os->cgroupsPath && *os->cgroupsPath;
	struct systemd_scope *scope = oci_arena_alloc(c->arena, sizeof(*scope));
	const char *path;
	int r;

	*ret = scope;
	path = given ? os->cgroupsPath : oci_arena_printf(c->arena, ":silo:%s", c->options->id);
	if (!scope || !path)
		return error_set(c->err, ENOMEM, "compile the systemd scope");
	scope->unit.user = c->host->euid != 0 || c->host->in_user_namespace;
	scope->slice = scope->unit.user ? "user.slice" : "system.slice";
	scope->description = oci_arena_printf(c->arena, "silo container %s", c->options->id);
	r = name_scope(c, scope, path, given ? &os->cgroupsPath : NULL);
	if (r == 0)
		r = choose_subgroup(c, layout, scope);
	return r < 0 ? r : systemd_add_annotations(c, &scope->properties);
}
