/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

#include "cgroup/files.h"
#include "util/cleanup.h"

bool cgroup_oom(const struct cgroup *cgroup, long long *limit, long long *usage)
{
	_cleanup_free_ char *text = NULL;
	ssize_t found = cgroup_find(cgroup->layout, "memory", false);
	bool v2 = found < 0;
	int dir;

	*limit = *usage = -1;
	if (v2)
		found = cgroup_find(cgroup->layout, "memory", true);
	if (found < 0 || !cgroup->paths[found])
		return false;
	dir = cgroup_dir(cgroup, (size_t)found);
	if (dir < 0)
		return false;
	*limit = cgroup_read_number(dir, v2 ? "memory.max" : "memory.limit_in_bytes");
	*usage = cgroup_read_number(dir, v2 ? "memory.peak" : "memory.max_usage_in_bytes");
	if (v2 && *usage < 0) /* before 5.19 */
		*usage = cgroup_read_number(dir, "memory.current");
	return cgroup_read_text(dir, v2 ? "memory.events" : "memory.oom_control", &text) == 0 &&
	       cgroup_key_value(text, "oom_kill") > 0;
}

int cgroup_oom_error(const struct cgroup *cgroup, struct error *err)
{
	long long limit, usage;

	if (!cgroup_oom(cgroup, &limit, &usage))
		return 0;
	return error_say(err, ENOMEM,
		"init was killed because the container's memory limit of %lld bytes is too small: it used %lld",
		limit, usage);
}

/* v1: an event descriptor is signalled when memory runs out (cgroup-v1/memory.rst, 10). */
static int watch_v1(int dir, struct cgroup_oom_watch *watch)
{
	_cleanup_close_ int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	_cleanup_close_ int control = openat(dir, "memory.oom_control", O_RDONLY | O_CLOEXEC);
	char text[32];
	int r;

	if (event < 0 || control < 0)
		return -errno;
	snprintf(text, sizeof(text), "%d %d", event, control);
	r = cgroup_write_text(dir, "cgroup.event_control", text);
	if (r < 0)
		return r;
	watch->events = POLLIN;
	watch->fd = steal_fd(&event);
	watch->control = steal_fd(&control);
	return 0;
}

static long long count_killed(int events)
{
	char text[512];
	ssize_t got = pread(events, text, sizeof(text) - 1, 0);

	text[got > 0 ? got : 0] = '\0';
	return cgroup_key_value(text, "oom_kill");
}

/* v2: a change of memory.events is signalled with POLLPRI; reading is what arms that. */
static int watch_v2(int dir, struct cgroup_oom_watch *watch)
{
	watch->fd = openat(dir, "memory.events", O_RDONLY | O_CLOEXEC);
	if (watch->fd < 0)
		return -errno;
	watch->events = POLLPRI;
	watch->killed = count_killed(watch->fd);
	return 0;
}

int cgroup_oom_watch_open(const struct cgroup *cgroup, struct cgroup_oom_watch *watch, struct error *err)
{
	ssize_t found = cgroup_find(cgroup->layout, "memory", false);
	bool v2 = found < 0;
	int dir, r;

	*watch = (struct cgroup_oom_watch){ .fd = -1, .control = -1 };
	if (v2)
		found = cgroup_find(cgroup->layout, "memory", true);
	if (found < 0 || !cgroup->paths[found])
		return 0;
	dir = cgroup_dir(cgroup, (size_t)found);
	r = dir < 0 ? dir : v2 ? watch_v2(dir, watch) : watch_v1(dir, watch);
	/* Not enabled for this cgroup. */
	return r == 0 || r == -ENOENT ? 0 :
					error_set(err, -r, "watch cgroup %s for lack of memory", cgroup->path);
}

/* v1 signals the cgroup's removal as well, once. */
static bool check_v1(const struct cgroup_oom_watch *watch)
{
	uint64_t count;
	char byte;

	if (read(watch->fd, &count, sizeof(count)) != sizeof(count))
		return false;
	return pread(watch->control, &byte, 1, 0) == 1 || count > 1;
}

bool cgroup_oom_watch_check(struct cgroup_oom_watch *watch)
{
	long long before = watch->killed;

	if (watch->fd < 0)
		return false;
	if (watch->events == POLLIN)
		return check_v1(watch);
	watch->killed = count_killed(watch->fd);
	return watch->killed > before;
}

void cgroup_oom_watch_close(struct cgroup_oom_watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	if (watch->control >= 0)
		close(watch->control);
}
