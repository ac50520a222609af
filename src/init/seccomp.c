/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system call filter. With a listener, somebody has to hand it over after
 * the filter is in place, and the filter may forbid, or notify about, every call that this takes. So a second
 * thread does it, which has no filter; execve(2) ends it. Meanwhile the first
 * thread makes no call at all: it waits in user space, for a connect(2) and a sendmsg(2) of the host side.
 */
#include "init/init.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "plan/protocol.h"
#include "sys/process.h"

#define PENDING -1
#define FAILED -2

struct handover {
	struct init *init;
	atomic_int listener; /* PENDING, FAILED, or the descriptor */
	atomic_int result;   /* PENDING until the host side has passed it on */
};

static void *hand_over(void *argument)
{
	struct handover *handover = argument;
	const struct timespec moment = { .tv_nsec = 50000 };
	int fd, r;

	while ((fd = atomic_load(&handover->listener)) == PENDING)
		nanosleep(&moment, NULL);
	if (fd < 0)
		return NULL;
	r = init_sync(handover->init, PLAN_TOKEN_SECCOMP, fd);
	if (r == 0)
		init_last(handover->init);
	atomic_store(&handover->result, -r);
	return NULL;
}

int filter_install(const struct init *init, const struct plan_filter *filter)
{
	struct sock_fprog program = { .len = (unsigned short)filter->length,
		.filter = (struct sock_filter *)(init->blob + filter->program) };

	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, filter->flags, &program);
}

static int with_listener(struct init *init, const struct plan_filter *filter)
{
	/* Outlives this function, as the thread may. */
	static struct handover handover = { .listener = PENDING, .result = PENDING };
	pthread_t thread;
	int fd, code;

	handover.init = init;
	code = pthread_create(&thread, NULL, hand_over, &handover);
	if (code)
		return init_refused(init, code, "start a thread to hand the seccomp listener over", NULL);
	fd = filter_install(init, filter);
	code = errno;
	atomic_store(&handover.listener, fd < 0 ? FAILED : fd);
	if (fd < 0) {
		pthread_join(thread, NULL);
		errno = code;
		return init_failed(init, "seccomp: install the filter with a listener", NULL);
	}
	while ((code = atomic_load(&handover.result)) == PENDING)
		;
	return -code;
}

int step_seccomp(struct init *init, const void *args)
{
	const struct plan_seccomp *seccomp = args;

	if (seccomp->notify)
		return with_listener(init, &seccomp->filter);
	/* The filter may forbid to say it. */
	init_last(init);
	if (filter_install(init, &seccomp->filter) < 0)
		return init_failed(init, "seccomp: install the filter", NULL);
	return 0;
}
