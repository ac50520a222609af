/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What exec executes: the process of the config or of --process, changed by the command line. */
#include <errno.h>
#include <string.h>

#include "runtime/container.h"
#include "runtime/exec.h"

static int append_strings(struct oci_arena *arena, struct oci_string_list *list,
	const struct oci_string_list *more)
{
	const char **items;

	if (!more->len)
		return 0;
	items = oci_arena_alloc(arena, (list->len + more->len + 1) * sizeof(*items));
	if (!items)
		return -ENOMEM;
	if (list->len)
		memcpy(items, list->items, list->len * sizeof(*items));
	memcpy(items + list->len, more->items, more->len * sizeof(*items));
	list->items = items;
	list->len += more->len;
	return 0;
}

static int change_user(struct oci_arena *arena, const struct exec_options *options,
	struct oci_process *process)
{
	static const struct oci_user root;
	struct oci_user *user;
	size_t count, more = options->groups.len;

	if (!options->uid && !options->gid && !more)
		return 0;
	user = oci_arena_alloc(arena, sizeof(*user));
	if (!user)
		return -ENOMEM;
	*user = process->user ? *process->user : root;
	count = user->additionalGids.len;
	if (options->uid)
		user->uid = *options->uid;
	if (options->gid)
		user->gid = *options->gid;
	if (more) {
		uint32_t *groups = oci_arena_alloc(arena, (count + more) * sizeof(*groups));

		if (!groups)
			return -ENOMEM;
		if (count)
			memcpy(groups, user->additionalGids.items, count * sizeof(*groups));
		memcpy(groups + count, options->groups.items, more * sizeof(*groups));
		user->additionalGids.items = groups;
		user->additionalGids.len = count + more;
	}
	process->user = user;
	return 0;
}

/* Ambient only as far as the config has it inheritable: the kernel raises no other. */
static int add_capabilities(struct oci_arena *arena, const struct oci_string_list *more,
	struct oci_process *process)
{
	static const struct oci_capabilities none;
	struct oci_capabilities *caps;
	int r;

	if (!more->len)
		return 0;
	caps = oci_arena_alloc(arena, sizeof(*caps));
	if (!caps)
		return -ENOMEM;
	*caps = process->capabilities ? *process->capabilities : none;
	r = append_strings(arena, &caps->bounding, more);
	if (r == 0)
		r = append_strings(arena, &caps->effective, more);
	if (r == 0)
		r = append_strings(arena, &caps->permitted, more);
	for (size_t i = 0; r == 0 && i < more->len; i++) {
		struct oci_string_list one = { 1, more->items + i };

		for (size_t k = 0; k < caps->inheritable.len; k++) {
			if (strcmp(caps->inheritable.items[k], more->items[i]) == 0)
				r = append_strings(arena, &caps->ambient, &one);
		}
	}
	process->capabilities = caps;
	return r;
}

static int change(struct oci_arena *arena, const struct exec_options *options,
	struct oci_process *process)
{
	int r = change_user(arena, options, process);

	if (r == 0)
		r = add_capabilities(arena, &options->capabilities, process);
	if (r == 0)
		r = append_strings(arena, &process->env, &options->env);
	if (options->args.len)
		process->args = options->args;
	if (options->cwd)
		process->cwd = options->cwd;
	if (options->label)
		process->selinuxLabel = options->label;
	if (options->apparmor)
		process->apparmorProfile = options->apparmor;
	process->noNewPrivileges |= options->no_new_privs;
	process->terminal |= options->terminal;
	return r;
}

static bool changes(const struct exec_options *options)
{
	return options->args.len || options->uid || options->gid || options->groups.len || options->capabilities.len ||
		options->env.len || options->cwd || options->label || options->apparmor ||
		options->no_new_privs || options->terminal;
}

/*
 * What a file leaves out is as in the config, as far as it confines: a process must not be freer than the
 * container's own for want of a line. Its environment, user and working directory are only its own; so is
 * noNewPrivileges, since to leave it out is how managers say that it is false.
 */
static int inherit(struct oci_arena *arena, const struct oci_process *from, struct oci_process *process)
{
	if (!from)
		return 0;
	if (!process->capabilities)
		process->capabilities = from->capabilities;
	if (!process->apparmorProfile)
		process->apparmorProfile = from->apparmorProfile;
	if (!process->selinuxLabel)
		process->selinuxLabel = from->selinuxLabel;
	if (!process->rlimits.len)
		process->rlimits = from->rlimits;
	if (!process->scheduler)
		process->scheduler = from->scheduler;
	if (!process->ioPriority)
		process->ioPriority = from->ioPriority;
	if (!process->execCPUAffinity)
		process->execCPUAffinity = from->execCPUAffinity;
	if (from->user && from->user->umask && !(process->user && process->user->umask)) {
		struct oci_user *user = oci_arena_alloc(arena, sizeof(*user));

		if (!user)
			return -ENOMEM;
		if (process->user)
			*user = *process->user;
		user->umask = from->user->umask;
		process->user = user;
	}
	return 0;
}

int exec_process(const struct exec_options *options, const struct oci_document *config,
	struct oci_document **file, const struct oci_process **ret, struct error *err)
{
	const struct oci_process *base = ((const struct oci_config *)config->root)->process;
	struct oci_process *process;
	int r;

	if (options->process_file) {
		r = caller_document(&oci_process_type, options->process_file, file, err);
		if (r < 0)
			return r;
		if (inherit(config->arena, base, (*file)->root) < 0)
			return error_set(err, ENOMEM, "put the process together");
		base = (*file)->root;
		/* As read, its members can be located. */
		*ret = base;
		if (!changes(options) && base->args.len)
			return 0;
	}
	process = oci_arena_alloc(config->arena, sizeof(*process));
	if (!process)
		return error_set(err, ENOMEM, "put the process together");
	if (base)
		*process = *base;
	else
		process->cwd = "/";
	/* A terminal belongs to one process: the config's says nothing about this one. */
	if (!options->process_file)
		process->terminal = false;
	if (change(config->arena, options, process) < 0)
		return error_set(err, ENOMEM, "put the process together");
	if (!process->args.len)
		return error_say(err, EINVAL, "there is no program to execute");
	if (*process->cwd != '/')
		return error_say(err, EINVAL, "the working directory %s is not an absolute path",
			process->cwd);
	*ret = process;
	return 0;
}

void exec_name_document(const struct oci_document *file, struct error *err)
{
	bool config = strncmp(err->pointer, "/linux/", 7) == 0 || strncmp(err->pointer, "/process/", 9) == 0;

	if (file && err->pointer[0] && !config) {
		error_prefix(err, "%s (line %u)", err->pointer, err->line);
		err->pointer[0] = '\0';
	}
}
