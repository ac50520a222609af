/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SILO_UTIL_CLOCK_H
#define SILO_UTIL_CLOCK_H

#include <time.h>

/** clock_now_ms - milliseconds of CLOCK_MONOTONIC, for deadlines */
static inline long long clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

#endif
