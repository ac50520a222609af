/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of the container's cgroup (OPS-23, OPS-24). */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroup/files.h"
#include "cgroup/processes.h"
#include "cgroup/systemd.h"
#include "util/cleanup.h"
#include "util/clock.h"

/* How long a killed process may take before something must be holding it. */
#define PATIENCE_MS 200

/*
 * Somebody may have moved a process to another v1 freezer that is frozen,
 * where it cannot die. The root of that hierarchy is never frozen.
 */
static void move_to_thawed_root(const struct cgroup *cgroup, int dir)
{
	__attribute__((cleanup(cleanup_pid_list))) struct pid_list list = { 0 };
	ssize_t freezer = cgroup_find(cgroup->layout, "freezer", false);
	const char *procs;

	if (freezer < 0 || cgroup_list(dir, &list) < 0)
		return;
	procs = oci_arena_printf(
		cgroup->arena, "%s/cgroup.procs", cgroup->layout->items[freezer].mountpoint);
	for (size_t i = 0; procs && i < list.count; i++) {
		char pid[24];

		snprintf(pid, sizeof(pid), "%d", list.pids[i]);
		cgroup_write_text(AT_FDCWD, procs, pid);
	}
}

static int kill_v2(const struct cgroup *cgroup, int dir, long long deadline)
{
	_cleanup_close_ int events = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	int r = events < 0 ? -errno : cgroup_write_text(dir, "cgroup.kill", "1");

	if (r < 0)
		return r;
	r = cgroup_wait_event(events, "populated", 0, clock_now_ms() + PATIENCE_MS);
	if (r != -ETIMEDOUT)
		return r;
	move_to_thawed_root(cgroup, dir);
	return cgroup_wait_event(events, "populated", 0, deadline);
}

/* Until none of them is left; a descriptor that became readable is set to -1. */
static int wait_for_exit(struct pollfd *wait, size_t count, long long deadline)
{
	size_t left = count;

	while (left) {
		long long time = deadline - clock_now_ms();

		if (time <= 0)
			return -ETIMEDOUT;
		if (poll(wait, count, (int)time) < 0 && errno != EINTR)
			return -errno;
		for (size_t i = 0; i < count; i++) {
			if (wait[i].fd >= 0 && wait[i].revents) {
				close(wait[i].fd);
				wait[i].fd = -1;
				left--;
			}
		}
	}
	return 0;
}

/* Without cgroup.kill: again and again, as processes may fork meanwhile. */
static int kill_listed(const struct cgroup *cgroup, int dir, long long deadline)
{
	struct pollfd wait[PIDFDS_MAX];
	long long patience = clock_now_ms() + PATIENCE_MS;

	for (;;) {
		size_t count = PIDFDS_MAX;
		int r = cgroup_signal_listed(dir, SIGKILL, wait, &count);

		if (r == 0 && count)
			r = wait_for_exit(wait, count, patience < deadline ? patience : deadline);
		for (size_t i = 0; i < count; i++) {
			if (wait[i].fd >= 0)
				close(wait[i].fd);
		}
		if (r == -ETIMEDOUT && patience < deadline) {
			move_to_thawed_root(cgroup, dir);
			patience = deadline;
			continue;
		}
		if (r < 0 || !count)
			return r;
		if (clock_now_ms() >= deadline)
			return -ETIMEDOUT;
	}
}

static int remove_below(int dir, int parent, const char *name, void *data)
{
	(void)dir;
	(void)data;
	if (parent >= 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return -errno;
	return 0;
}

/* A process leaves its cgroup a moment after its pidfd says that it ended; nothing announces that
 * in v1. */
static int remove_tree(int dir, const char *path, long long deadline)
{
	for (;;) {
		int r = cgroup_walk(dir, remove_below, NULL);

		if (r == 0 && (rmdir(path) == 0 || errno == ENOENT))
			return 0;
		r = r == 0 ? -errno : r;
		if (r != -EBUSY || clock_now_ms() >= deadline)
			return r;
		poll(NULL, 0, 1);
	}
}

/* The long way: kill, wait, remove what is below, too. */
static int remove_busy(
	const struct cgroup *cgroup, size_t hierarchy, long long deadline, struct error *err)
{
	const char *path = cgroup_path(cgroup, hierarchy, "");
	int dir = cgroup_dir(cgroup, hierarchy);
	int r = -ENOENT;

	if (dir == -ENOENT)
		return 0;
	if (dir < 0 || !path)
		return error_set(err, dir < 0 ? -dir : ENOMEM, "open the container's cgroup");
	if (cgroup->layout->items[hierarchy].v2)
		r = kill_v2(cgroup, dir, deadline);
	if (r < 0 && r != -ETIMEDOUT)
		r = kill_listed(cgroup, dir, deadline);
	if (r == -ETIMEDOUT)
		return error_say(err, EBUSY,
			"processes in cgroup %s were killed, but did not end within %d "
			"seconds",
			path, CGROUP_WAIT_MS / 1000);
	if (r == 0 && cgroup->made[hierarchy])
		r = remove_tree(dir, path, deadline);
	return r < 0 ? error_set(err, -r, "remove cgroup %s", path) : 0;
}

/* Most are empty when their time has come: one rmdir(2). */
static int remove_empty(
	const struct cgroup *cgroup, bool *busy, size_t *busy_count, struct error *err)
{
	for (size_t i = 0; i < cgroup->layout->count; i++) {
		const char *path;

		if (!cgroup->paths[i])
			continue;
		path = cgroup_path(cgroup, i, "");
		if (!path)
			return error_set(err, ENOMEM, "remove the cgroup");
		if (cgroup->made[i] && (rmdir(path) == 0 || errno == ENOENT))
			continue;
		if (cgroup->made[i] && errno != EBUSY)
			return error_set(err, errno, "remove cgroup %s", path);
		busy[i] = true;
		(*busy_count)++;
	}
	return 0;
}

int cgroup_remove(const struct cgroup *cgroup, struct error *err)
{
	long long deadline = clock_now_ms() + CGROUP_WAIT_MS;
	bool *busy = oci_arena_alloc(cgroup->arena, (cgroup->layout->count + 1) * sizeof(*busy));
	size_t busy_count = 0;
	int r;

	if (!busy)
		return error_set(err, ENOMEM, "remove the cgroup");
	r = remove_empty(cgroup, busy, &busy_count, err);
	if (r == 0 && busy_count)
		cgroup_thaw_v1(cgroup);
	/* v2 first: killing there is atomic, and leaves nothing to do in v1 mostly. */
	for (int v2 = 1; v2 >= 0; v2--) {
		for (size_t i = 0; r == 0 && i < cgroup->layout->count; i++) {
			if (busy[i] && cgroup->layout->items[i].v2 == v2)
				r = remove_busy(cgroup, i, deadline, err);
		}
	}
	return r == 0 && cgroup->unit ? systemd_stop_unit(cgroup->unit, err) : r;
}
