/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mounts: options become attributes, parameters and flags of one step each (MNT-*). */
#include "aspects/mounts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "aspects/aspects.h"
#include "aspects/mount_options.h"
#include "sys/mount.h"
#include "sys/process.h"

/*
 * File systems whose superblock "ro" would reach further than this mount (one
 * superblock per namespace), or come too early (tmpcopyup): for them ro is the mount's attribute only.
 */
static const char *const read_only_by_attribute[] = {
	"bpf", "cgroup", "cgroup2", "devpts", "mqueue", "proc", "sysfs", "tmpfs",
};

/* Files of procfs that managers cover with their own (lxcfs and the like); nothing else may be. */
static const char *const coverable_in_proc[] = {
	"/proc/cpuinfo", "/proc/diskstats", "/proc/loadavg", "/proc/meminfo", "/proc/net/dev",
	"/proc/slabinfo", "/proc/stat", "/proc/swaps", "/proc/sys/kernel/ns_last_pid", "/proc/uptime",
};

bool name_listed(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(list[i], name) == 0)
			return true;
	}
	return false;
}

const char *path_clean(struct oci_arena *arena, const char *path)
{
	char *clean = oci_arena_alloc(arena, strlen(path) + 2);
	size_t length = 0;

	if (!clean)
		return NULL;
	while (*path) {
		size_t part = strcspn(path, "/");

		if (part == 2 && memcmp(path, "..", 2) == 0) {
			while (length > 0 && clean[--length] != '/')
				;
		} else if (part > 0 && !(part == 1 && *path == '.')) {
			clean[length++] = '/';
			memcpy(clean + length, path, part);
			length += part;
		}
		path += part + (path[part] == '/');
	}
	if (length == 0)
		clean[length++] = '/';
	clean[length] = '\0';
	return clean;
}

static int add_parameter(struct compile *c, struct mount_request *request, const char *text)
{
	if (!request->parameters) {
		/* Every option at the most, one "ro" and one label. */
		request->parameters = oci_arena_alloc(c->arena,
			(request->mount->options.len + 2) * sizeof(*request->parameters));
		if (!request->parameters)
			return error_set(c->err, ENOMEM, "compile mounts");
	}
	request->parameters[request->parameter_count++] = text;
	if (strlen(text) > MOUNT_PARAMETER_MAX)
		request->args.flags |= PLAN_MOUNT_LEGACY;
	return 0;
}

static void apply_attr(struct plan_mount *args, const struct mount_option *option, bool tree)
{
	uint64_t *set = tree ? &args->attr_set_tree : &args->attr_set;
	uint64_t *clear = tree ? &args->attr_clear_tree : &args->attr_clear;

	*set &= ~(option->clear | option->set);
	*clear &= ~option->set;
	*set |= option->set;
	*clear |= option->clear;
}

static int apply_option(struct compile *c, struct mount_request *request, const char *word)
{
	const struct mount_option *option = mount_option_find(word);
	struct plan_mount *args = &request->args;

	/* Nothing is asked for: Buildah 1.28 writes such a one. */
	if (!*word)
		return 0;
	if (strncmp(word, "idmap=", 6) == 0) {
		request->idmap = true;
		request->idmap_tree = false;
		return mount_id_map_option(c, request, word);
	}
	if (!option)
		return add_parameter(c, request, word);
	switch (option->kind) {
	case MOUNT_OPTION_NONE:
		break;
	case MOUNT_OPTION_ATTR:
	case MOUNT_OPTION_ATTR_TREE:
		apply_attr(args, option, option->kind == MOUNT_OPTION_ATTR_TREE);
		break;
	case MOUNT_OPTION_ATIME_OFF:
		if ((args->attr_set & MOUNT_ATTR__ATIME) == option->clear) {
			args->attr_set &= ~(uint64_t)MOUNT_ATTR__ATIME;
			args->attr_clear &= ~(uint64_t)MOUNT_ATTR__ATIME;
		}
		break;
	case MOUNT_OPTION_SUPERBLOCK:
		return add_parameter(c, request, word);
	case MOUNT_OPTION_LEGACY:
		args->legacy_flags = (args->legacy_flags & ~option->clear) | option->set;
		break;
	case MOUNT_OPTION_PROPAGATION:
		args->propagation = (uint32_t)option->set;
		args->propagation_tree = (uint32_t)option->clear;
		break;
	case MOUNT_OPTION_FLAG:
		args->flags |= (uint32_t)option->set;
		break;
	case MOUNT_OPTION_IDMAP:
		request->idmap = true;
		request->idmap_tree = option->set;
		break;
	}
	return 0;
}

/* Superblock options mean nothing on a bind; anything else that is left over is a mistake. */
static int check_bind(struct compile *c, const struct mount_request *request)
{
	for (size_t i = 0; i < request->parameter_count; i++) {
		if (!mount_option_find(request->parameters[i]))
			return plan_refuse(c, &request->mount->options, EINVAL,
				"bind mount on %s has the file system option \"%s\", which a bind mount cannot have",
				request->target, request->parameters[i]);
	}
	if (!request->mount->source || !*request->mount->source)
		return plan_refuse(c, &request->mount->destination, EINVAL,
			"bind mount on %s has no source", request->target);
	return 0;
}

/* CVE-2019-16884: what lies on /proc must be a procfs, or labels are written into a fake. */
static int check_proc(struct compile *c, struct mount_request *request)
{
	const char *target = request->target;
	bool over_root = strcmp(target, "/proc") == 0;

	if (!over_root && strncmp(target, "/proc/", 6) != 0)
		return 0;
	request->args.flags |= PLAN_MOUNT_OVER_PROC;
	if (over_root) {
		if (request->mount->type && strcmp(request->mount->type, "proc") == 0)
			return 0;
		if (request->args.flags & PLAN_MOUNT_BIND && strcmp(request->source, "/proc") == 0)
			return 0;
		return plan_refuse(c, &request->mount->destination, EINVAL,
			"only a procfs may be mounted on /proc, not %s",
			request->mount->type ? request->mount->type : "a bind mount");
	}
	if (name_listed(target, coverable_in_proc, sizeof(coverable_in_proc) / sizeof(char *)))
		return 0;
	return plan_refuse(c, &request->mount->destination, EPERM,
		"%s cannot be mounted over: it is inside /proc", target);
}

static const char *bind_source(struct compile *c, const char *source)
{
	if (*source == '/')
		return source;
	return oci_arena_printf(c->arena, "%s/%s", c->options->bundle, source);
}

int mount_parse(struct compile *c, const struct oci_mount *mount, struct mount_request *ret)
{
	struct mount_request request = { .mount = mount, .args = { .source_fd = -1 } };
	int r;

	request.target = path_clean(c->arena, mount->destination);
	if (!request.target)
		return error_set(c->err, ENOMEM, "compile mounts");
	if (*mount->destination != '/')
		plan_warn(c, "mount destination \"%s\" is relative: taken as %s", mount->destination,
			request.target);
	for (size_t i = 0; i < mount->options.len; i++) {
		r = apply_option(c, &request, mount->options.items[i]);
		if (r < 0)
			return r;
	}
	if (mount->type && strcmp(mount->type, "bind") == 0 && !(request.args.flags & PLAN_MOUNT_BIND))
		request.args.flags |= PLAN_MOUNT_BIND;
	if (mount->uidMappings.items || mount->gidMappings.items)
		request.idmap = true;
	request.source = mount->source;
	if (request.args.flags & PLAN_MOUNT_BIND && !(request.args.flags & PLAN_MOUNT_REMOUNT)) {
		r = check_bind(c, &request);
		if (r < 0)
			return r;
		request.source = bind_source(c, mount->source);
	} else if (!mount->type && !(request.args.flags & PLAN_MOUNT_REMOUNT)) {
		return plan_refuse(c, &mount->destination, EINVAL,
			"mount on %s has neither a type nor the option bind", request.target);
	}
	r = check_proc(c, &request);
	if (r < 0)
		return r;
	if (request.args.flags & PLAN_MOUNT_COPY_UP && strcmp(request.target, "/") == 0)
		return plan_refuse(c, &mount->options, EINVAL, "tmpcopyup cannot be used on /");
	*ret = request;
	return 0;
}

static int read_only_superblock(struct compile *c, struct mount_request *request)
{
	const char *type = request->mount->type;

	if (!(request->args.attr_set & MOUNT_ATTR_RDONLY) ||
		name_listed(type, read_only_by_attribute, sizeof(read_only_by_attribute) / sizeof(char *)))
		return 0;
	request->args.legacy_flags |= MS_RDONLY;
	return add_parameter(c, request, "ro");
}

/* A label of its own counts for more than linux.mountLabel. Quotes are for mount(2) only. */
static int label(struct compile *c, struct mount_request *request, const char *type)
{
	const char *context = mount_context(c, type);

	for (size_t i = 0; i < request->parameter_count; i++) {
		const char *word = request->parameters[i], *value;

		if (!mount_is_context(word))
			continue;
		context = NULL;
		value = strchr(word, '=') + 1;
		if (*value == '"' && value[1] && value[strlen(value) - 1] == '"')
			request->parameters[i] = oci_arena_printf(c->arena, "%.*s%.*s", (int)(value - word), word,
				(int)strlen(value) - 2, value + 1);
		if (!request->parameters[i])
			return error_set(c->err, ENOMEM, "compile mounts");
	}
	if (mount_label(c) && strcmp(type, "mqueue") == 0)
		request->args.label = plan_put_string(c, mount_label(c));
	return context ? add_parameter(c, request, context) : 0;
}

static int add_host_tree(struct compile *c, struct mount_request *request)
{
	struct host_open *open = oci_arena_alloc(c->arena, sizeof(*open));

	if (!open)
		return error_set(c->err, ENOMEM, "compile mounts");
	open->path = request->source;
	open->other = request->other_source;
	open->recursive = request->args.flags & PLAN_MOUNT_RECURSIVE;
	open->no_follow = request->args.flags & (PLAN_MOUNT_SRC_NOFOLLOW | PLAN_MOUNT_COPY_SYMLINK);
	open->propagation = rootfs_propagation(c);
	open->lock = (c->new_namespaces | c->joined_namespaces) & CLONE_NEWUSER;
	open->set = request->args.attr_set;
	open->clear = request->args.attr_clear;
	open->set_tree = request->args.attr_set_tree;
	open->clear_tree = request->args.attr_clear_tree;
	open->map_recursive = request->idmap_tree;
	open->slot = request->args.source_fd = plan_new_slot(c);
	if (open->slot < 0)
		return plan_refuse(c, &request->mount->source, EMFILE,
			"more than %d sources to be opened for the user namespace", PLAN_FDS_MAX);
	if (request->idmap) {
		int r = mount_id_map(c, request, &open->uid_map, &open->gid_map);

		if (r < 0)
			return r;
	}
	plan_add_host(c, HOST_OPEN_TREE, HOST_BEFORE_CLONE, &request->mount->source, open,
		"clone %s for %s%s", open->path, request->target, request->idmap ? ", id-mapped" : "");
	return 0;
}

const char *mount_words(struct compile *c, const struct oci_mount *mount)
{
	const char *text = "";

	for (size_t i = 0; text && i < mount->options.len; i++)
		text = oci_arena_printf(c->arena, "%s%s%s", text, i ? "," : "", mount->options.items[i]);
	return text && *text ? text : "defaults";
}

static void place_source(struct compile *c, struct mount_request *request)
{
	struct plan_mount *args = &request->args;
	const char *root = c->config->root->path;
	size_t length = strlen(root);

	/* A remount needs none. */
	if (args->flags & PLAN_MOUNT_BIND && request->source && *root == '/' && length > 1 &&
		strncmp(request->source, root, length) == 0 && request->source[length] == '/') {
		args->flags |= PLAN_MOUNT_IN_ROOTFS;
		args->source = plan_put_string(c, request->source + length);
	} else {
		args->source = plan_put_string(c, request->source);
	}
}

/*
 * File systems of a namespace: where that is not the user namespace's own, the kernel does not mount them, but the
 * host's, where every host has it, shows the same. A procfs only if the processes are the host's, too. NULL: nothing does.
 */
static const char *hosts_own(const struct compile *c, const char *type)
{
	/* In a container that is entered, the host's is not in sight. */
	if (!plan_in_user_namespace(c) || c->options->entered)
		return NULL;
	if (strcmp(type, "proc") == 0 && !((c->new_namespaces | c->joined_namespaces) & CLONE_NEWPID))
		return "/proc";
	if (strcmp(type, "sysfs") == 0)
		return "/sys";
	return strcmp(type, "mqueue") == 0 ? "/dev/mqueue" : NULL;
}

int mount_add(struct compile *c, struct mount_request *request)
{
	const struct oci_mount *mount = request->mount;
	struct plan_mount *args = &request->args;
	bool bind = args->flags & PLAN_MOUNT_BIND;
	const char *type = bind || !mount->type ? "" : mount->type;
	int r = 0;

	if (!bind && !(args->flags & PLAN_MOUNT_REMOUNT)) {
		r = read_only_superblock(c, request);
		if (r == 0)
			r = label(c, request, type);
	}
	if (r < 0)
		return r;
	if (volume_is(request, type))
		return volume_add(c, request, type);
	place_source(c, request);
	args->other_source = plan_put_string(c, bind ? request->other_source : hosts_own(c, type));
	if (bind && !(args->flags & (PLAN_MOUNT_IN_ROOTFS | PLAN_MOUNT_REMOUNT)) &&
		(request->idmap || plan_opens_trees(c))) {
		r = add_host_tree(c, request);
		if (r < 0)
			return r;
	} else if (request->idmap) {
		return plan_refuse(c, &mount->options, EINVAL, "idmap needs a bind mount from outside the root file system");
	}
	if (args->legacy_flags & ~(uint64_t)MS_RDONLY && !bind)
		args->flags |= PLAN_MOUNT_LEGACY;
	if (args->flags & (PLAN_MOUNT_LEGACY | PLAN_MOUNT_REMOUNT))
		r = mount_by_mount(c, request, type);
	if (r < 0)
		return r;
	if (strcmp(type, "proc") == 0 || strcmp(type, "sysfs") == 0)
		args->flags |= PLAN_MOUNT_REAL_DIRECTORY;
	args->flags |= strcmp(type, "tmpfs") == 0 ? PLAN_MOUNT_INHERIT_MODE : 0;
	for (size_t i = 0; i < request->parameter_count; i++) {
		if (strncmp(request->parameters[i], "mode=", 5) == 0)
			args->flags &= ~(uint32_t)PLAN_MOUNT_INHERIT_MODE;
	}
	args->target = plan_put_string(c, request->target);
	args->type = *type ? plan_put_string(c, type) : 0;
	args->parameters = plan_put_strings(c, request->parameters, request->parameter_count);
	plan_add(c, PLAN_MOUNT, &mount->destination, args, sizeof(*args), "mount %s on %s (%s)",
		bind ? request->source : type, request->target, mount_words(c, mount));
	return 0;
}

int aspect_mounts(struct compile *c)
{
	int refused = mount_label_check(c);

	if (refused < 0)
		return refused;
	for (size_t i = 0; i < c->config->mounts.len; i++) {
		const struct oci_mount *mount = c->config->mounts.items[i];
		bool cgroup = mount->type &&
			(strcmp(mount->type, "cgroup") == 0 || strcmp(mount->type, "cgroup2") == 0);
		struct mount_request request;
		int r = mount_parse(c, mount, &request);

		if (r == 0)
			r = mount_keep_writable(c, i, &request);
		if (r == 0)
			r = cgroup && !(request.args.flags & PLAN_MOUNT_BIND) ?
				mount_add_cgroups(c, &request) : mount_add(c, &request);
		if (r < 0)
			return r;
	}
	return 0;
}
