/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the hierarchies are: /proc/self/cgroup names them, /proc/self/mountinfo
 * says where each is mounted (cgroups(7), proc(5)). On the path of every start.
 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/files.h"
#include "util/cleanup.h"

/* A slice of a text. */
struct span {
	const char *start;
	size_t length;
};

/* The fields of one line of mountinfo that matter here. */
struct mount_line {
	long id, parent;
	struct span root, mountpoint, type, options;
};

struct mount_list {
	struct mount_line *items;
	size_t count;
};

static bool span_is(struct span span, const char *text)
{
	return strlen(text) == span.length && memcmp(span.start, text, span.length) == 0;
}

static struct span next_field(const char **cursor)
{
	struct span field = { *cursor, strcspn(*cursor, " \n") };

	*cursor += field.length;
	if (**cursor == ' ')
		(*cursor)++;
	return field;
}

/* Moves @cursor to the next line. */
static bool parse_mount(const char **cursor, struct mount_line *ret)
{
	const char *line = *cursor;
	const char *end = strchrnul(line, '\n');
	struct span field;

	*cursor = *end ? end + 1 : end;
	ret->id = strtol(next_field(&line).start, NULL, 10);
	ret->parent = strtol(next_field(&line).start, NULL, 10);
	next_field(&line); /* major:minor */
	ret->root = next_field(&line);
	ret->mountpoint = next_field(&line);
	do {
		field = next_field(&line);
		if (!field.length)
			return false;
	} while (!span_is(field, "-"));
	ret->type = next_field(&line);
	next_field(&line); /* source */
	ret->options = next_field(&line);
	return ret->options.length > 0;
}

/* Whether @path is @above or lies below it. */
static bool at_or_below(struct span path, struct span above)
{
	if (above.length == 1)
		return true;
	return path.length >= above.length && memcmp(path.start, above.start, above.length) == 0 &&
	       (path.length == above.length || path.start[above.length] == '/');
}

/* Whether something on the same parent mount lies above @mount, which it therefore hides. */
static const struct mount_line *find_cover(
	const struct mount_list *all, const struct mount_line *mount)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct mount_line *other = &all->items[i];

		if (other->parent == mount->parent && other->id != mount->id &&
			other->mountpoint.length < mount->mountpoint.length &&
			at_or_below(mount->mountpoint, other->mountpoint))
			return other;
	}
	return NULL;
}

static const struct mount_line *find_parent(
	const struct mount_list *all, const struct mount_line *mount)
{
	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i].id == mount->parent && mount->parent != mount->id)
			return &all->items[i];
	}
	return NULL;
}

/* Paths lead past a mount when something covers it, or a mount that it lies on. */
static bool is_hidden(const struct mount_list *all, const struct mount_line *mount)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct mount_line *other = &all->items[i];

		if (other->parent == mount->id && other->id != mount->id &&
			other->mountpoint.length == mount->mountpoint.length)
			return true;
	}
	for (size_t depth = 0; mount && depth <= all->count; depth++) {
		if (find_cover(all, mount))
			return true;
		mount = find_parent(all, mount);
	}
	return false;
}

static bool is_cgroup(const struct mount_line *mount)
{
	return span_is(mount->type, "cgroup") || span_is(mount->type, "cgroup2");
}

static bool lies_above(const struct mount_line *mount, const struct mount_list *cgroups)
{
	for (size_t i = 0; i < cgroups->count; i++) {
		if (at_or_below(cgroups->items[i].mountpoint, mount->mountpoint))
			return true;
	}
	return false;
}

/* The cgroup mounts, and all that lie above one of them and could hide it. */
static int list_mounts(struct oci_arena *arena, const char *text, struct mount_list *ret)
{
	struct mount_list cgroups = { 0 };
	struct mount_line line;
	size_t lines = 1;

	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	cgroups.items = oci_arena_alloc(arena, lines * sizeof(*cgroups.items));
	ret->items = oci_arena_alloc(arena, lines * sizeof(*ret->items));
	ret->count = 0;
	if (!cgroups.items || !ret->items)
		return -ENOMEM;
	for (const char *cursor = text; *cursor;) {
		if (parse_mount(&cursor, &line) && is_cgroup(&line))
			cgroups.items[cgroups.count++] = line;
	}
	for (const char *cursor = text; *cursor;) {
		if (parse_mount(&cursor, &line) && lies_above(&line, &cgroups))
			ret->items[ret->count++] = line;
	}
	return 0;
}

/* Whether a comma-separated list has an entry. */
static bool has_option(struct span list, struct span option)
{
	while (list.length) {
		const char *comma = memchr(list.start, ',', list.length);
		size_t length = comma ? (size_t)(comma - list.start) : list.length;

		if (length == option.length && memcmp(list.start, option.start, length) == 0)
			return true;
		length += comma != NULL;
		list.start += length;
		list.length -= length;
	}
	return false;
}

static bool is_escape(const char *text)
{
	return text[0] == '\\' && text[1] >= '0' && text[1] <= '3' && text[2] >= '0' && text[2] <= '7' &&
		text[3] >= '0' && text[3] <= '7';
}

/* A copy with mountinfo's octal escapes undone. */
static char *unescape(struct oci_arena *arena, struct span text)
{
	char *copy = oci_arena_strndup(arena, text.start, text.length);
	char *to = copy;

	for (const char *from = copy; from && *from; to++) {
		if (is_escape(from)) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	if (copy)
		*to = '\0';
	return copy;
}

/* @own as /proc/self/cgroup has it, seen from the mount point; outside of the mount it is "/". */
static const char *below_root(const char *own, const char *root)
{
	size_t length = strlen(root);

	if (strncmp(own, "/..", 3) == 0)
		return "/";
	if (length == 1)
		return own;
	if (strncmp(own, root, length) != 0 || (own[length] && own[length] != '/'))
		return "/";
	return own[length] ? own + length : "/";
}

/* One line of /proc/self/cgroup, "4:memory:/a" or "0::/a"; adds it if it is mounted. */
static int add_hierarchy(struct oci_arena *arena, const struct mount_list *mounts,
	struct span controllers, struct span own, struct cgroup_layout *layout)
{
	struct cgroup_hierarchy *hierarchy = &layout->items[layout->count];
	struct span first = { controllers.start, strcspn(controllers.start, ",:") };
	bool v2 = !controllers.length;

	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount_line *mount = &mounts->items[i];

		if (!span_is(mount->type, v2 ? "cgroup2" : "cgroup") ||
			(!v2 && !has_option(mount->options, first)) || is_hidden(mounts, mount))
			continue;
		hierarchy->mountpoint = unescape(arena, mount->mountpoint);
		hierarchy->root = unescape(arena, mount->root);
		hierarchy->controllers =
			oci_arena_strndup(arena, controllers.start, controllers.length);
		hierarchy->own = oci_arena_strndup(arena, own.start, own.length);
		hierarchy->v2 = v2;
		if (!hierarchy->mountpoint || !hierarchy->root || !hierarchy->controllers ||
			!hierarchy->own)
			return -ENOMEM;
		hierarchy->own = below_root(hierarchy->own, hierarchy->root);
		layout->count++;
		return 0;
	}
	return 0;
}

int cgroup_layout_parse(struct oci_arena *arena, const char *mountinfo, const char *own,
	struct cgroup_layout **ret, struct error *err)
{
	struct cgroup_layout *layout = oci_arena_alloc(arena, sizeof(*layout));
	struct mount_list mounts = { 0 };
	size_t lines = 1;
	int r = layout ? list_mounts(arena, mountinfo, &mounts) : -ENOMEM;

	for (const char *p = own; (p = strchr(p, '\n')); p++)
		lines++;
	if (r == 0) {
		layout->items = oci_arena_alloc(arena, lines * sizeof(*layout->items));
		r = layout->items ? 0 : -ENOMEM;
	}
	while (r == 0 && *own) {
		const char *end = strchrnul(own, '\n');
		const char *controllers = memchr(own, ':', (size_t)(end - own));
		const char *path = NULL;

		if (controllers) {
			controllers++;
			path = memchr(controllers, ':', (size_t)(end - controllers));
		}
		if (path && path[1] == '/')
			r = add_hierarchy(arena, &mounts,
				(struct span){ controllers, (size_t)(path - controllers) },
				(struct span){ path + 1, (size_t)(end - path - 1) }, layout);
		own = *end ? end + 1 : end;
	}
	if (r < 0)
		return error_set(err, -r, "find the cgroup hierarchies");
	layout->unified_only = layout->count == 1 && layout->items[0].v2;
	*ret = layout;
	return 0;
}

static int read_controllers(struct oci_arena *arena, struct cgroup_hierarchy *v2, struct error *err)
{
	_cleanup_free_ char *text = NULL;
	const char *path = oci_arena_printf(arena, "%s/cgroup.controllers", v2->mountpoint);
	int r = path ? cgroup_read_text(AT_FDCWD, path, &text) : -ENOMEM;

	if (r == 0) {
		v2->controllers = oci_arena_strdup(arena, text);
		r = v2->controllers ? 0 : -ENOMEM;
	}
	/* The root of a cgroup namespace on old kernels may lack the file: then no controller is
	 * usable. */
	return r == -ENOENT || r == 0
		       ? 0
		       : error_set(err, -r, "read %s", path ? path : "cgroup.controllers");
}

/* The directory that holds our cgroup: where the container's goes, unless we may not write there. */
static int find_confinement(struct oci_arena *arena, struct cgroup_hierarchy *v2, struct error *err)
{
	const char *slash = strrchr(v2->own, '/');
	const char *path = oci_arena_printf(arena, "%s%.*s", v2->mountpoint, (int)(slash - v2->own), v2->own);

	if (!path)
		return error_set(err, ENOMEM, "find the cgroup hierarchies");
	v2->confined = faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0;
	return 0;
}

int cgroup_layout_read(struct oci_arena *arena, struct cgroup_layout **ret, struct error *err)
{
	_cleanup_free_ char *mountinfo = NULL;
	_cleanup_free_ char *own = NULL;
	int r = cgroup_read_text(AT_FDCWD, "/proc/self/cgroup", &own);

	if (r == -ENOENT) /* a kernel without cgroups */
		own = strdup("");
	else if (r < 0)
		return error_set(err, -r, "read /proc/self/cgroup");
	r = own ? cgroup_read_text(AT_FDCWD, "/proc/self/mountinfo", &mountinfo) : -ENOMEM;
	if (r < 0)
		return error_set(err, -r, "read /proc/self/mountinfo");
	r = cgroup_layout_parse(arena, mountinfo, own, ret, err);
	for (size_t i = 0; r == 0 && i < (*ret)->count; i++) {
		if ((*ret)->items[i].v2)
			r = read_controllers(arena, &(*ret)->items[i], err);
		if (r == 0 && (*ret)->items[i].v2)
			r = find_confinement(arena, &(*ret)->items[i], err);
	}
	return r;
}

ssize_t cgroup_find(const struct cgroup_layout *layout, const char *controller, bool v2)
{
	for (size_t i = 0; layout && i < layout->count; i++) {
		const struct cgroup_hierarchy *hierarchy = &layout->items[i];
		const char *name = hierarchy->controllers;

		if (hierarchy->v2 != v2)
			continue;
		if (v2 && !*controller)
			return (ssize_t)i;
		while (*name) {
			size_t length = strcspn(name, v2 ? " " : ",");

			if (length == strlen(controller) && memcmp(name, controller, length) == 0)
				return (ssize_t)i;
			name += length + (name[length] != '\0');
		}
	}
	return -1;
}
