/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Locks of whole files, flock(2), that are not waited for without end. */
#ifndef SILO_UTIL_LOCK_H
#define SILO_UTIL_LOCK_H

#include <stdbool.h>
#include <stddef.h>

/**
 * lock_take - take the exclusive lock of an open file
 * @milliseconds: how long to wait while somebody else has it; 0: not at all
 *
 * Return: 0; -EBUSY if somebody else still has it; another negative errno.
 */
int lock_take(int fd, int milliseconds);

/**
 * lock_holder - who has the lock of an open file
 * @text: receives "process 12 (silo create x)"; cut off where it does not fit
 *
 * Return: false if nobody has it, or nobody whom this pid namespace shows.
 */
bool lock_holder(int fd, char *text, size_t size);

#endif
