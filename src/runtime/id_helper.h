/* SPDX-License-Identifier: GPL-2.0-or-later */
/* newuidmap(1) and newgidmap(1), run to their end, which they are given time for. */
#ifndef SILO_RUNTIME_ID_HELPER_H
#define SILO_RUNTIME_ID_HELPER_H

#include <stddef.h>

#include "util/error.h"

/**
 * id_helper_run - run a helper; one that does not end by itself is killed
 * @path: the program
 * @arguments: with its name and a NULL
 * @said: receives the first line of what it wrote, "" if nothing
 * @status: receives how it ended, as waitpid(2) gives it
 *
 * Return: 0 if it ended by itself, whatever it said; or a negative errno.
 */
int id_helper_run(const char *path, char *const arguments[], char *said, size_t size, int *status, struct error *err);

#endif
