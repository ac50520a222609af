/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/guard.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/netlink.h"
#include "sys/process.h"

/* How long init may take to end after the runtime has; one that lives on is the container's: milliseconds. */
#define END_MS 2000

/* The state's lock, and what tells init that the runtime has ended, must not stay open here. */
static void close_all_but(const int *keep, size_t count)
{
	unsigned from = 0;

	for (;;) {
		unsigned next = UINT_MAX;

		for (size_t i = 0; i < count; i++) {
			if ((unsigned)keep[i] >= from && (unsigned)keep[i] < next)
				next = (unsigned)keep[i];
		}
		if (next > from)
			sys_close_range(from, next == UINT_MAX ? next : next - 1, 0);
		if (next == UINT_MAX)
			return;
		from = next + 1;
	}
}

static bool ends_within(int pidfd, int milliseconds)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	int ready;

	do {
		ready = poll(&end, 1, milliseconds);
	} while (ready < 0 && errno == EINTR);
	return ready == 1;
}

static void guard(const struct net_move *move, const struct net_device *device)
{
	const int keep[] = { move->namespace, move->outside, move->inside, move->runtime, move->init };

	close_all_but(keep, sizeof(keep) / sizeof(keep[0]));
	/* What a terminal sends to the runtime is not for us. */
	setsid();
	if (!ends_within(move->runtime, -1) || !ends_within(move->init, END_MS))
		_exit(0);
	netlink_forked();
	for (; device; device = device->next)
		net_device_restore(move, device);
	_exit(0);
}

int net_guard_set(struct net_move *move, const struct net_device *device, struct error *err)
{
	pid_t pid = fork();

	if (pid == 0)
		guard(move, device);
	if (pid < 0)
		return error_set(err, errno, "fork a guard for network device %s", device->from);
	net_guard_end(move);
	move->guard = pid;
	return 0;
}

void net_guard_end(struct net_move *move)
{
	if (!move->guard)
		return;
	if (kill(move->guard, SIGKILL) == 0) {
		while (waitpid(move->guard, NULL, 0) < 0 && errno == EINTR)
			;
	}
	move->guard = 0;
}
