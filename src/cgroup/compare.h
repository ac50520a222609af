/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel shows in a file against what is written to it: these differ in form. */
#ifndef SILO_CGROUP_COMPARE_H
#define SILO_CGROUP_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

/**
 * cgroup_value_held - whether a file's content is what a value written to it makes of it
 * @file: its name, for what is particular about it
 * @wanted: the value as it is written
 * @found: the whole text of the file
 *
 * Unlimited has several spellings, bytes are rounded down to pages, a list of CPUs may be written
 * differently, and files with a line per device hold the others', too.
 */
bool cgroup_value_held(const char *file, const char *wanted, const char *found);

/** cgroup_value_keyed - whether a value is of the form "KEY VALUE...", for one line of the file */
bool cgroup_value_keyed(const char *file, const char *value);

/** cgroup_keyed_line - the line that starts with a key; NULL if the text has none */
const char *cgroup_keyed_line(const char *text, const char *key, size_t length);

#endif
