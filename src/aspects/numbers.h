/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of CPUs and memory nodes, as the kernel writes them: "0-3,7". */
#ifndef SILO_ASPECTS_NUMBERS_H
#define SILO_ASPECTS_NUMBERS_H

#include <stdbool.h>

/* Highest number accepted, plus one: the kernel's largest NR_CPUS is 8192, its largest MAX_NUMNODES 1024. */
#define NUMBERS_MAX 8192
#define NUMBERS_BITS (8 * sizeof(unsigned long))

/**
 * numbers_parse - a list as a set of bits
 * @text: the list; "" is the empty one
 * @limit: numbers must be below it; at most NUMBERS_MAX
 * @bits: zeroed, of @limit bits
 * @count: receives how many numbers were named
 *
 * Return: true; false if the list is malformed or a number is too large.
 */
bool numbers_parse(const char *text, unsigned limit, unsigned long *bits, unsigned *count);

#endif
