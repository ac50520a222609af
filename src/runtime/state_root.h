/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state directory itself, $root, for state.c. */
#ifndef SILO_RUNTIME_STATE_ROOT_H
#define SILO_RUNTIME_STATE_ROOT_H

#include "util/error.h"

/** state_root_make - make $root and the directories it is in, as mkdir -p does */
int state_root_make(const char *root, struct error *err);

/**
 * state_root_open - open $root
 *
 * A symbolic link, a directory of another user and one that everyone may write to are refused: -ELOOP, -ENOTDIR
 * or -EPERM.
 *
 * Return: a descriptor; -ENOENT if there is none; another negative errno.
 */
int state_root_open(const char *root, struct error *err);

#endif
