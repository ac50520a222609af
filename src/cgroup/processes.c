/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processes in the container's cgroup: listing, signalling, pausing them. */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/files.h"
#include "cgroup/processes.h"
#include "sys/process.h"
#include "util/cleanup.h"
#include "util/clock.h"

static int append(struct pid_list *list, pid_t pid)
{
	if (list->count == list->capacity) {
		size_t wanted = list->capacity ? 2 * list->capacity : 64;
		pid_t *moved = realloc(list->pids, wanted * sizeof(*moved));

		if (!moved)
			return -ENOMEM;
		list->pids = moved;
		list->capacity = wanted;
	}
	list->pids[list->count++] = pid;
	return 0;
}

static int list_directory(int dir, int parent, const char *name, void *data)
{
	_cleanup_free_ char *text = NULL;
	struct pid_list *list = data;
	int r = cgroup_read_text(dir, "cgroup.procs", &text);

	(void)parent;
	(void)name;
	if (r < 0) /* a threaded cgroup's processes are listed above it */
		return r == -EOPNOTSUPP || r == -ENODEV || r == -ENOENT ? 0 : r;
	for (char *line = text; *line && r == 0; line += *line == '\n') {
		long pid = strtol(line, &line, 10);

		if (pid > 0) /* 0: in a pid namespace that is not below ours */
			r = append(list, (pid_t)pid);
		line += strcspn(line, "\n");
	}
	return r;
}

int cgroup_list(int dir, struct pid_list *ret)
{
	ret->count = 0;
	return cgroup_walk(dir, list_directory, ret);
}

void cleanup_pid_list(struct pid_list *list)
{
	free(list->pids);
}

/* The hierarchy that knows best who is in the container. */
static ssize_t main_hierarchy(const struct cgroup *cgroup)
{
	static const char *const preferred[] = { "freezer", "devices", "pids" };
	ssize_t found = cgroup_find(cgroup->layout, "", true);

	if (found >= 0 && cgroup->paths[found])
		return found;
	for (size_t i = 0; i < sizeof(preferred) / sizeof(preferred[0]); i++) {
		found = cgroup_find(cgroup->layout, preferred[i], false);
		if (found >= 0 && cgroup->paths[found])
			return found;
	}
	for (size_t i = 0; i < cgroup->layout->count; i++) {
		if (cgroup->paths[i])
			return (ssize_t)i;
	}
	return -1;
}

int cgroup_processes(const struct cgroup *cgroup, pid_t **pids, size_t *count, struct error *err)
{
	__attribute__((cleanup(cleanup_pid_list))) struct pid_list list = { 0 };
	ssize_t hierarchy = main_hierarchy(cgroup);
	int dir = hierarchy < 0 ? -ENOENT : cgroup_dir(cgroup, (size_t)hierarchy);
	int r = dir < 0 ? dir : cgroup_list(dir, &list);

	*count = 0;
	if (r == -ENOENT)
		return 0;
	if (r == 0) {
		*pids = oci_arena_alloc(cgroup->arena, (list.count + 1) * sizeof(**pids));
		r = *pids ? 0 : -ENOMEM;
	}
	if (r < 0)
		return error_set(err, -r, "list the processes in cgroup %s", cgroup->path);
	if (list.count)
		memcpy(*pids, list.pids, list.count * sizeof(**pids));
	*count = list.count;
	return 0;
}

static bool contains(const struct pid_list *list, pid_t pid)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->pids[i] == pid)
			return true;
	}
	return false;
}

/*
 * A process is taken hold of first, and looked up again then: meanwhile its
 * number may have gone to a process that is none of ours.
 */
int cgroup_signal_listed(int dir, int signal, struct pollfd *wait, size_t *count)
{
	__attribute__((cleanup(cleanup_pid_list))) struct pid_list list = { 0 }, again = { 0 };
	size_t opened = 0, limit = *count;
	pid_t pids[PIDFDS_MAX];
	int r = cgroup_list(dir, &list);

	*count = 0;
	for (size_t i = 0; r == 0 && i < list.count && opened < limit && opened < PIDFDS_MAX; i++) {
		int fd = sys_pidfd_open(list.pids[i]);

		if (fd < 0 && errno != ESRCH)
			r = -errno;
		if (fd < 0)
			continue;
		pids[opened] = list.pids[i];
		wait[opened++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	if (r == 0 && opened)
		r = cgroup_list(dir, &again);
	for (size_t i = 0; i < opened; i++) {
		if (r == 0 && contains(&again, pids[i]) &&
			sys_pidfd_send_signal(wait[i].fd, signal) < 0 && errno != ESRCH)
			r = -errno;
		if (r == 0 && contains(&again, pids[i]))
			wait[(*count)++] = wait[i];
		else
			close(wait[i].fd);
	}
	return r;
}

static int thaw_directory(int dir, int parent, const char *name, void *data)
{
	_cleanup_free_ char *state = NULL;

	(void)parent;
	(void)name;
	(void)data;
	if (cgroup_read_text(dir, "freezer.state", &state) == 0 && strcmp(state, "THAWED") != 0)
		cgroup_write_text(dir, "freezer.state", "THAWED");
	return 0;
}

/* v1's frozen processes do not even die. */
void cgroup_thaw_v1(const struct cgroup *cgroup)
{
	ssize_t freezer = cgroup_find(cgroup->layout, "freezer", false);
	int dir = freezer < 0 || !cgroup->paths[freezer] ? -1 : cgroup_dir(cgroup, (size_t)freezer);

	if (dir >= 0)
		cgroup_walk(dir, thaw_directory, NULL);
}

int cgroup_signal(const struct cgroup *cgroup, int signal, pid_t but, struct error *err)
{
	__attribute__((cleanup(cleanup_pid_list))) struct pid_list list = { 0 }, again = { 0 };
	ssize_t hierarchy = main_hierarchy(cgroup);
	int dir = hierarchy < 0 ? -ENOENT : cgroup_dir(cgroup, (size_t)hierarchy);
	int r = dir;

	if (dir < 0)
		return dir == -ENOENT ? 0 : error_set(err, -dir, "open cgroup %s", cgroup->path);
	if (signal == SIGKILL) {
		cgroup_thaw_v1(cgroup);
		if (cgroup->layout->items[hierarchy].v2 &&
			cgroup_write_text(dir, "cgroup.kill", "1") == 0)
			return 0;
	}
	r = cgroup_list(dir, &list);
	for (size_t i = 0; r == 0 && i < list.count; i++) {
		_cleanup_close_ int fd = list.pids[i] == but ? -1 : sys_pidfd_open(list.pids[i]);

		if (fd < 0)
			continue;
		/* One list for all would be cheaper, and wrong: see cgroup_signal_listed(). */
		r = cgroup_list(dir, &again);
		if (r == 0 && contains(&again, list.pids[i]) &&
			sys_pidfd_send_signal(fd, signal) < 0 && errno != ESRCH)
			r = -errno;
	}
	return r < 0 ? error_set(err, -r, "send signal %d to the processes in cgroup %s", signal,
			       cgroup->path)
		     : 0;
}

/* v1 says nothing when it is done, and misses processes that were just forked: ask again and again.
 */
static int freeze_v1(int dir, bool frozen)
{
	const char *wanted = frozen ? "FROZEN" : "THAWED";
	long long deadline = clock_now_ms() + CGROUP_WAIT_MS;

	for (int pause = 0;; pause = pause < 10 ? pause + 1 : 10) {
		_cleanup_free_ char *state = NULL;
		int r = cgroup_write_text(dir, "freezer.state", wanted);

		if (r == 0)
			r = cgroup_read_text(dir, "freezer.state", &state);
		if (r < 0 || strcmp(state, wanted) == 0)
			return r;
		if (clock_now_ms() >= deadline)
			return -ETIMEDOUT;
		poll(NULL, 0, pause);
	}
}

static int freeze_v2(int dir, bool frozen)
{
	_cleanup_close_ int events = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	int r = events < 0 ? -errno : cgroup_write_text(dir, "cgroup.freeze", frozen ? "1" : "0");

	return r < 0 ? r
		     : cgroup_wait_event(
			       events, "frozen", frozen, clock_now_ms() + CGROUP_WAIT_MS);
}

/* Where the container is paused: v1's freezer where it is mounted. */
static int freezer_dir(const struct cgroup *cgroup, bool *v2)
{
	ssize_t found = cgroup_find(cgroup->layout, "freezer", false);

	*v2 = found < 0;
	if (*v2)
		found = cgroup_find(cgroup->layout, "", true);
	return found < 0 || !cgroup->paths[found] ? -ENOENT : cgroup_dir(cgroup, (size_t)found);
}

int cgroup_freeze(const struct cgroup *cgroup, bool frozen, struct error *err)
{
	const char *verb = frozen ? "pause" : "resume";
	bool v2;
	int dir = freezer_dir(cgroup, &v2);
	int r;

	if (dir < 0)
		return error_set(err, -dir,
			"%s: the container has no cgroup in v1's freezer nor in v2", verb);
	r = v2 ? freeze_v2(dir, frozen) : freeze_v1(dir, frozen);
	if (r < 0 && frozen) /* never half-paused */
		cgroup_write_text(dir, v2 ? "cgroup.freeze" : "freezer.state", v2 ? "0" : "THAWED");
	return r < 0 ? error_set(err, -r, "%s the processes in cgroup %s", verb, cgroup->path) : 0;
}

bool cgroup_frozen(const struct cgroup *cgroup)
{
	_cleanup_free_ char *state = NULL;
	bool v2;
	int dir = freezer_dir(cgroup, &v2);

	if (dir < 0 || cgroup_read_text(dir, v2 ? "cgroup.freeze" : "freezer.state", &state) < 0)
		return false;
	return strcmp(state, v2 ? "0" : "THAWED") != 0;
}

int cgroup_enter(const struct cgroup *cgroup, pid_t pid, struct error *err)
{
	int r = cgroup_move(cgroup->v2_fd, pid);

	return r < 0 ? error_set(err, -r, "move process %d into cgroup %s", pid, cgroup->path) : 0;
}
