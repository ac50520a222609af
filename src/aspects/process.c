/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process.args, env, noNewPrivileges, the moment between create and start, and the order of the
 * last privileges to go (PRC-06..09, PSL-01, LIF-*).
 */
#include "aspects/aspects.h"

#include <errno.h>
#include <string.h>

#include "aspects/capabilities.h"
#include "sys/process.h"

#define CAP_BIT(cap) (1ULL << (cap))

static size_t name_length(const char *assignment)
{
	return strcspn(assignment, "=");
}

/* Of several assignments to one name, the last one counts, as in runc. */
static struct plan_list environment(struct compile *c, const struct oci_string_list *env)
{
	const char **kept = oci_arena_alloc(c->arena, (env->len + 1) * sizeof(*kept));
	size_t count = 0;

	if (!kept) {
		c->out_of_memory = true;
		return (struct plan_list){ 0 };
	}
	for (size_t i = 0; i < env->len; i++) {
		size_t length = name_length(env->items[i]), k = 0;

		while (k < count && (name_length(kept[k]) != length ||
					    memcmp(kept[k], env->items[i], length) != 0))
			k++;
		kept[k] = env->items[i];
		count += k == count;
	}
	return plan_put_strings(c, kept, count);
}

static const char *variable(const struct oci_string_list *env, const char *name)
{
	const char *found = NULL;
	size_t length = strlen(name);

	for (size_t i = 0; i < env->len; i++) {
		if (strncmp(env->items[i], name, length) == 0 && env->items[i][length] == '=')
			found = env->items[i] + length + 1;
	}
	return found;
}

static void exec_args(struct compile *c, struct plan_exec *args)
{
	const struct oci_process *process = c->config->process;
	struct oci_string_list env;
	const char *home = variable(&process->env, "HOME");
	const char *path = variable(&process->env, "PATH");

	memset(args, 0, sizeof(*args));
	args->args = plan_put_strings(c, (const char *const *)process->args.items, process->args.len);
	if (activation_environment(c, &process->env, &env) < 0)
		c->out_of_memory = true;
	args->env = environment(c, &env);
	args->path = plan_put_string(c,
		path ? path : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	args->set_home = !home || !*home;
	args->home_uid = process->user ? process->user->uid : 0;
}

static bool has_program(const struct compile *c)
{
	return c->config->process && c->config->process->args.len;
}

int aspect_program(struct compile *c)
{
	struct plan_exec exec;

	if (!has_program(c) && !c->options->wait_for_start)
		return plan_refuse(c, NULL, EINVAL, "process.args is missing: there is no program to run");
	if (has_program(c)) {
		exec_args(c, &exec);
		plan_add(c, PLAN_FIND_PROGRAM, &c->config->process->args, &exec, sizeof(exec),
			"find %s", c->config->process->args.items[0]);
	}
	return 0;
}

int aspect_created(struct compile *c)
{
	struct plan_sync sync = { .token = PLAN_TOKEN_CREATED };
	int r = aspect_program(c);

	if (r < 0)
		return r;
	plan_add(c, PLAN_SYNC, NULL, &sync, sizeof(sync), "wait until the container's state is saved");
	if (c->options->wait_for_start) {
		struct plan_start start = { .socket = plan_new_slot(c) };

		c->plan->start_slot = start.socket;
		plan_add(c, PLAN_START, NULL, &start, sizeof(start), "wait for start");
	}
	return 0;
}

static bool limits_processes(const struct oci_process *process)
{
	for (size_t i = 0; i < process->rlimits.len; i++) {
		if (process->rlimits.items[i]->type == OCI_RLIMIT_NPROC)
			return true;
	}
	return false;
}

/*
 * What exec needs once its last child is born: that birth does not count against RLIMIT_NPROC, the
 * scheduler is not inherited by it (SCHED_FLAG_RESET_ON_FORK).
 */
static uint64_t needed_later(const struct compile *c)
{
	const struct oci_process *process = c->config->process;

	if (!c->options->entered)
		return 0;
	return (limits_processes(process) ? CAP_BIT(CAP_SYS_RESOURCE) | CAP_BIT(CAP_SYS_ADMIN) : 0) |
		(process->scheduler && !plan_is_privileged(c, CAP_SYS_NICE) ? CAP_BIT(CAP_SYS_NICE) : 0);
}

static void drop_kept(struct compile *c, struct plan_capabilities *caps, uint64_t keep)
{
	const struct oci_process *process = c->config->process;

	caps->keep = keep;
	caps->sets_only = 1;
	plan_add(c, PLAN_CAPABILITIES, process->capabilities ? &process->capabilities : NULL, caps,
		sizeof(*caps), "drop capabilities that were kept until now");
}

/*
 * seccomp(2) needs either no_new_privs or CAP_SYS_ADMIN. With no_new_privs the
 * filter comes last of all. Without, CAP_SYS_ADMIN is kept until the filter
 * is in place, so that the filter has to permit just one capset(2) and execve(2).
 */
int aspect_capabilities(struct compile *c)
{
	const struct oci_process *process = c->config->process;
	struct plan_capabilities caps = { 0 };
	int r;

	if (!process)
		return 0;
	r = capabilities_compile(c, &caps);
	if (r < 0)
		return r;
	c->keep_for_filter = c->filtered && !process->noNewPrivileges ? CAP_BIT(CAP_SYS_ADMIN) : 0;
	caps.keep = (c->keep_for_filter | needed_later(c)) & (c->host->bounding | c->keep_for_filter);
	plan_add(c, PLAN_CAPABILITIES, process->capabilities ? &process->capabilities : NULL, &caps,
		sizeof(caps), "set capabilities: effective %llx, permitted %llx, inheritable %llx, ambient %llx",
		(unsigned long long)caps.effective, (unsigned long long)caps.permitted,
		(unsigned long long)caps.inheritable, (unsigned long long)caps.ambient);
	if (process->noNewPrivileges)
		plan_add(c, PLAN_NO_NEW_PRIVS, &process->noNewPrivileges, NULL, 0,
			"set no_new_privs");
	return 0;
}

int aspect_seccomp(struct compile *c)
{
	struct plan_capabilities caps = { 0 };
	int r;

	if (!c->config->process)
		return 0;
	r = capabilities_compile(c, &caps);
	if (r < 0)
		return r;
	if (needed_later(c) & ~c->keep_for_filter)
		drop_kept(c, &caps, c->keep_for_filter);
	if (c->filtered)
		plan_add(c, PLAN_SECCOMP, c->config->linux ? &c->config->linux->seccomp : NULL, &c->filter,
			sizeof(c->filter), "install a seccomp filter of %u instructions", c->filter.filter.length);
	if (c->keep_for_filter)
		drop_kept(c, &caps, 0);
	return 0;
}

int aspect_exec(struct compile *c)
{
	struct plan_exec args;

	if (!has_program(c))
		return 0;
	exec_args(c, &args);
	plan_add(c, PLAN_EXEC, &c->config->process->args, &args, sizeof(args), "execute %s",
		c->config->process->args.items[0]);
	return 0;
}
