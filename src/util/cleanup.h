/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scope-bound release of descriptors and memory. */
#ifndef SILO_UTIL_CLEANUP_H
#define SILO_UTIL_CLEANUP_H

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void cleanup_free_memory(void *p)
{
	free(*(void **)p);
}

/* The variable's descriptor (or -1) is closed when it goes out of scope. */
#define _cleanup_close_ __attribute__((cleanup(cleanup_close_fd)))
/* The variable's malloc'ed memory (or NULL) is freed when it goes out of scope. */
#define _cleanup_free_ __attribute__((cleanup(cleanup_free_memory)))

/* Takes a descriptor out of a _cleanup_close_ variable. */
static inline int steal_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

#endif
