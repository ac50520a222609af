/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/self/mountinfo (proc_pid_mountinfo(5)): what is mounted where, as seen from here. */
#ifndef SILO_RUNTIME_MOUNTINFO_H
#define SILO_RUNTIME_MOUNTINFO_H

#include <stdbool.h>
#include <stdio.h>

/* A mount, as far as it matters here. */
struct mount_line {
	unsigned long long id;
	char point[4096], type[64];
};

/**
 * mountinfo_next - read the next mount
 * @line, @size: a buffer for getline(3)
 *
 * Return: false at the end.
 */
bool mountinfo_next(FILE *mountinfo, char **line, size_t *size, struct mount_line *ret);

/** mountinfo_is_below - whether a mount is below the directory @real, a path without links */
bool mountinfo_is_below(const struct mount_line *mount, const char *real);

/** mountinfo_any_below - whether anything is mounted below @path; true if that cannot be found out */
bool mountinfo_any_below(const char *path);

#endif
