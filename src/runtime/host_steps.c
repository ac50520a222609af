/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host side's steps: one function per kind. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "runtime/container.h"
#include "runtime/launch.h"
#include "resctrl/resctrl.h"
#include "runtime/terminal.h"
#include "runtime/user_namespace.h"
#include "sys/mount.h"
#include "sys/process.h"
#include "util/cleanup.h"
#include "util/version.h"

#ifndef NS_GET_NSTYPE
#define NS_GET_NSTYPE _IO(0xb7, 0x3)
#endif

static int do_cgroup(struct launch *launch, const void *data, struct error *err)
{
	const struct cgroup_spec *spec = data;

	return cgroup_make(spec, launch->document->arena, &launch->cgroup, err);
}

static int do_cgroup_open(struct launch *launch, const void *data, struct error *err)
{
	const struct host_cgroup_open *open_step = data;
	int r = cgroup_open(launch->facts->cgroups, open_step->saved, launch->document->arena,
		&launch->cgroup, err);

	/* Its process would be outside of the limits there. */
	if (r == 0 && launch->cgroup->lost)
		return error_say(err, ENOENT,
			"the container's cgroup %s was removed: a process executed now would not be held by its limits; put the container's processes back there",
			launch->cgroup->lost);
	if (r == 0)
		cgroup_scope_recall(launch->cgroup, open_step->unit);
	for (size_t i = 0; r == 0 && i < open_step->below->len; i++)
		r = cgroup_descend(launch->cgroup, open_step->below->items[i], err);
	return r;
}

/* Only v1 hierarchies: init was born in the v2 one, and moves itself with these. */
static int do_cgroup_join(struct launch *launch, const void *data, struct error *err)
{
	const struct host_cgroup_join *join = data;

	return cgroup_open_tasks(launch->cgroup, launch->fds + join->first, join->count, err);
}

static int do_cgroup_inhabited(struct launch *launch, const void *data, struct error *err)
{
	(void)data;
	(void)err;
	cgroup_scope_release(launch->cgroup);
	return 0;
}

static int do_cgroup_late(struct launch *launch, const void *data, struct error *err)
{
	const struct cgroup_spec *spec = data;

	return cgroup_apply(launch->cgroup, spec->settings, spec->setting_count, true, err);
}

static int do_cgroup_delegate(struct launch *launch, const void *data, struct error *err)
{
	const struct host_cgroup_delegate *delegate = data;

	return cgroup_delegate(launch->cgroup, delegate->path, delegate->owner, launch->pid, err);
}

static int do_open_namespace(struct launch *launch, const void *data, struct error *err)
{
	const struct host_open *open_step = data;
	_cleanup_close_ int fd = open(open_step->path, O_RDONLY | O_CLOEXEC);
	struct statfs fs;
	int type;

	if (fd < 0)
		return error_set(err, errno, "open namespace %s", open_step->path);
	if (fstatfs(fd, &fs) < 0 || fs.f_type != NSFS_MAGIC)
		return error_say(err, EINVAL, "%s is not a namespace", open_step->path);
	type = ioctl(fd, NS_GET_NSTYPE);
	if (type != (int)open_step->type)
		return error_say(err, EINVAL, "%s is a namespace of another type", open_step->path);
	launch->fds[open_step->slot] = steal_fd(&fd);
	return 0;
}

/* Of a process that we hold a pidfd of: should the number be another's by now, joining it fails. */
static int do_open_root(struct launch *launch, const void *data, struct error *err)
{
	const struct host_open *open_step = data;
	int fd = open(open_step->path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_set(err, errno, "open %s", open_step->path);
	launch->fds[open_step->slot] = fd;
	return 0;
}

static int do_affinity(struct launch *launch, const void *data, struct error *err)
{
	const struct host_affinity *affinity = data;

	(void)launch;
	if (sched_setaffinity(0, affinity->size, (const cpu_set_t *)affinity->cpus) < 0)
		return error_set(err, errno, "set our own CPU affinity");
	return 0;
}

/* /proc/PID/NAME of a child that cannot have been reaped: the number is still its own. */
int write_proc_file(pid_t pid, const char *name, const char *text, struct error *err)
{
	char path[64];
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "open %s", path);
	if (write(fd, text, strlen(text)) < 0)
		return error_set(err, errno, "write \"%.*s\" to %s", (int)strcspn(text, "\n"), text, path);
	return 0;
}

static int do_id_map(struct launch *launch, const void *data, struct error *err)
{
	return user_namespace_map(launch->pid, data, err);
}

static int do_file(struct launch *launch, const void *data, struct error *err)
{
	const struct host_file *file = data;

	return write_proc_file(launch->pid, file->name, file->text, err);
}

static int do_oom_score(struct launch *launch, const void *data, struct error *err)
{
	const struct host_file *file = data;
	int r = write_proc_file(launch->pid, file->name, file->text, err);

	if (r != -EACCES)
		return r;
	return error_say(err, EACCES,
		"set oom_score_adj to %s: Permission denied: below the runtime's own it takes CAP_SYS_RESOURCE, which is missing here (containerd's CRI adapts with restrict_oom_score_adj = true)",
		file->text);
}

/* Of the container that is made, or that exec enters. */
static struct oci_state current_state(const struct launch *launch)
{
	const struct oci_config *config = launch->document->root;
	const struct plan_entered *entered = launch->options->entered;

	return (struct oci_state){ .ociVersion = SILO_SPEC_VERSION, .id = launch->options->id,
		.pid = entered ? entered->pid : launch->pid,
		.status = entered ? OCI_STATUS_RUNNING : OCI_STATUS_CREATING,
		.bundle = launch->options->bundle, .annotations = config->annotations };
}

static int do_hooks(struct launch *launch, const void *data, struct error *err)
{
	const struct host_hooks *hooks = data;
	struct oci_state state = current_state(launch);

	return hooks_run(hooks->kind, hooks->hooks, &state, launch->pidfd, err);
}

static int do_nothing(struct launch *launch, const void *data, struct error *err)
{
	(void)launch;
	(void)data;
	(void)err;
	return 0;
}

static int do_send_terminal(struct launch *launch, const void *data, struct error *err)
{
	(void)data;
	if (launch->carried < 0)
		return error_say(err, EPROTO, "init did not send the terminal");
	if (launch->console_socket)
		return caller_send_fd("console socket", launch->console_socket, launch->carried, err);
	launch->terminal = steal_fd(&launch->carried);
	terminal_keep(launch->terminal);
	return 0;
}

static int do_hook_output(struct launch *launch, const void *data, struct error *err)
{
	const struct host_open *step = data;
	int fd = hooks_open_output(launch->options->bundle, step->path, err);

	launch->fds[step->slot] = fd;
	return fd < 0 ? fd : 0;
}

static int do_volume(struct launch *launch, const void *data, struct error *err)
{
	const struct host_volume *volume = data;
	int fd = volume_mount(volume, err);

	launch->fds[volume->slot] = fd;
	return fd < 0 ? fd : 0;
}

static int do_net_device(struct launch *launch, const void *data, struct error *err)
{
	const struct host_net_device *step = data;
	struct net_device *device = oci_arena_alloc(launch->document->arena, sizeof(*device));
	int r = 0;

	if (!device)
		return error_set(err, ENOMEM, "move network device %s", step->from);
	if (launch->net.namespace < 0)
		r = net_move_open(launch->pid, &launch->net, err);
	if (r == 0)
		r = net_device_move(&launch->net, step->from, step->to, launch->document->arena, launch->net_devices,
			device, err);
	if (r < 0)
		return r;
	launch->net_devices = device;
	return 0;
}

static int do_resctrl(struct launch *launch, const void *data, struct error *err)
{
	const struct resctrl_group *group = data;
	bool made;
	int r = resctrl_make(group, &made, err);

	if (made)
		launch->resctrl_group = group->path;
	return r;
}

static int do_resctrl_join(struct launch *launch, const void *data, struct error *err)
{
	const struct resctrl_group *group = data;
	bool entered = launch->options->entered != NULL;
	int r = resctrl_join(group, launch->pid, !entered, err);

	if (r == 0 && !entered)
		launch->resctrl_monitor = group->monitor;
	return r;
}

static int do_find_agent(struct launch *launch, const void *data, struct error *err)
{
	(void)launch;
	return seccomp_agent_find(((const struct host_seccomp *)data)->path, err);
}

static int do_send_listener(struct launch *launch, const void *data, struct error *err)
{
	struct oci_state state = current_state(launch);

	return seccomp_agent_send(data, launch->pid, &state, launch->carried, err);
}

static int (*const functions[HOST_KIND_COUNT])(struct launch *, const void *, struct error *) = {
	[HOST_CGROUP] = do_cgroup,
	[HOST_CGROUP_OPEN] = do_cgroup_open,
	[HOST_CGROUP_JOIN] = do_cgroup_join,
	[HOST_CGROUP_INHABITED] = do_cgroup_inhabited,
	[HOST_CGROUP_LATE] = do_cgroup_late,
	[HOST_CGROUP_DELEGATE] = do_cgroup_delegate,
	[HOST_OPEN_NAMESPACE] = do_open_namespace,
	[HOST_OPEN_ROOTFS] = tree_clone,
	[HOST_OPEN_TREE] = tree_clone,
	[HOST_OPEN_ROOT] = do_open_root,
	[HOST_AFFINITY] = do_affinity,
	[HOST_CLONE] = do_nothing, /* init_spawn() is called between the phases */
	[HOST_ID_MAP] = do_id_map,
	[HOST_TIME_OFFSETS] = do_file,
	[HOST_OOM_SCORE] = do_oom_score,
	[HOST_HOOKS] = do_hooks,
	[HOST_SEND_TERMINAL] = do_send_terminal,
	[HOST_HOOK_OUTPUT] = do_hook_output,
	[HOST_VOLUME] = do_volume,
	[HOST_NET_DEVICE] = do_net_device,
	[HOST_RESCTRL] = do_resctrl,
	[HOST_RESCTRL_JOIN] = do_resctrl_join,
	[HOST_FIND_AGENT] = do_find_agent,
	[HOST_SEND_LISTENER] = do_send_listener,
	[HOST_RLIMIT] = privileged_rlimit,
	[HOST_SCHEDULER] = privileged_scheduler,
	[HOST_IO_PRIORITY] = privileged_io_priority,
};

static bool injected(size_t index)
{
#ifdef SILO_FAULT_INJECTION
	const char *fail = getenv("SILO_FAIL_HOST_STEP");

	return fail && (size_t)atoi(fail) == index;
#else
	(void)index;
	return false;
#endif
}

int host_phase_run(struct launch *launch, enum host_phase phase, struct error *err)
{
	for (size_t i = 0; i < launch->plan->host_count; i++) {
		const struct host_step *step = &launch->plan->host[i];
		int r;

		if (step->phase != phase)
			continue;
		r = injected(i) ? error_set(err, EIO, "injected failure") :
				  functions[step->kind](launch, step->data, err);
		if (r < 0) {
			char suffix[512];

			if (!err->pointer[0])
				error_origin(err, step->pointer, step->line);
			snprintf(suffix, sizeof(suffix), " (%s)", step->what);
			strncat(err->message, suffix, sizeof(err->message) - strlen(err->message) - 1);
			return r;
		}
	}
	return 0;
}
