/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events: what happens to a container, as it happens. */
#include <errno.h>
#include <poll.h>

#include "runtime/container.h"
#include "util/cleanup.h"
#include "util/clock.h"

static int tell_exit(const struct container_state *state, int pidfd, struct event *event, event_function function,
	void *data, struct error *err)
{
	event->type = EVENT_EXIT;
	event->exit_known = state_exit_code(state, pidfd, &event->exit_code);
	return function(event, data, err);
}

static int watch(const struct container_state *state, const struct cgroup *cgroup, int pidfd, unsigned interval,
	event_function function, void *data, struct error *err)
{
	struct event event = { .cgroup = cgroup };
	struct cgroup_oom_watch oom;
	long long next = clock_now_ms() + interval;
	bool ended = false;
	int r = cgroup_oom_watch_open(cgroup, &oom, err);

	while (r == 0 && !ended) {
		struct pollfd fds[] = { { .fd = pidfd, .events = POLLIN },
			{ .fd = oom.fd, .events = oom.events } };
		long long left = next - clock_now_ms();

		if (poll(fds, 2, left > 0 ? (int)left : 0) < 0) {
			if (errno != EINTR)
				r = error_set(err, errno, "wait for events");
			continue;
		}
		ended = fds[0].revents != 0;
		/* What ended the process may be what the other descriptor has to say. */
		if ((fds[1].revents || ended) && cgroup_oom_watch_check(&oom)) {
			event.type = EVENT_OOM;
			r = function(&event, data, err);
		}
		if (r == 0 && ended)
			r = tell_exit(state, pidfd, &event, function, data, err);
		if (r == 0 && !ended && clock_now_ms() >= next) {
			event.type = EVENT_STATS;
			r = function(&event, data, err);
			next += interval;
			if (next < clock_now_ms()) /* stopped, or slow: no backlog */
				next = clock_now_ms() + interval;
		}
	}
	cgroup_oom_watch_close(&oom);
	return r;
}

int runtime_events(const struct runtime_context *context, const char *id, unsigned interval,
	event_function function, void *data, struct error *err)
{
	struct container container;
	struct cgroup *cgroup = NULL;
	struct event once = { .type = EVENT_STATS };
	_cleanup_close_ int pidfd = -1;
	int r = container_open(&container, context, id, STATE_LOCK_NONE, err);

	if (r == 0) {
		pidfd = container_pidfd(container.state);
		if (pidfd < 0 && pidfd != -ESRCH)
			r = error_set(err, -pidfd, "find the process of container %s", id);
		else if (container.status == OCI_STATUS_STOPPED || pidfd < 0)
			r = error_say(err, ESRCH, "container not running: %s", id);
	}
	if (r == 0)
		r = container_cgroup(container.state, container.document->arena, &cgroup, err);
	if (r == 0 && !cgroup)
		r = error_say(err, ENOTSUP, "container %s has no cgroup, by which it would be accounted", id);
	once.cgroup = cgroup;
	if (r == 0)
		r = interval ? watch(container.state, cgroup, pidfd, interval, function, data, err) :
			       function(&once, data, err);
	cgroup_close(cgroup);
	container_close(&container);
	return r;
}
