/* SPDX-License-Identifier: GPL-2.0-or-later */
/* User namespaces on the host side: the one we are in, and the id maps of the container's. */
#ifndef SILO_RUNTIME_USER_NAMESPACE_H
#define SILO_RUNTIME_USER_NAMESPACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan/compile.h"
#include "util/error.h"

/**
 * user_namespace_nested - whether we are in another user namespace than the host's
 * Return: 1 or 0; or a negative errno if that cannot be read.
 */
int user_namespace_nested(void);

/** user_namespace_denies_setgroups - whether setgroups(2) is denied in the one we are in */
bool user_namespace_denies_setgroups(void);

/** user_namespace_has_foreign_mounts - whether our mount namespace belongs to another user namespace than ours */
bool user_namespace_has_foreign_mounts(void);

/**
 * user_namespace_map - write the id maps of a child's user namespace (user_namespaces(7))
 * @pid: a child that has not been waited for
 * @map: who writes what; newuidmap(1) and newgidmap(1) are run for ranges of an ordinary user
 *
 * Return: 0, or a negative errno with one sentence that says what is missing and how to get it.
 */
int user_namespace_map(pid_t pid, const struct host_id_map *map, struct error *err);

/**
 * user_namespace_read - the maps of the user namespace that a process is in
 * The config need not have them: it may name a namespace that others have made.
 * @pid: a process that we have a pidfd of: should the number be another's by now, joining fails
 * @ret: receives them, in the arena; no lists where the namespace is ours
 *
 * Return: 0 or a negative errno.
 */
int user_namespace_read(pid_t pid, struct oci_arena *arena, const struct entered_maps **ret, struct error *err);

/**
 * user_namespace_refused - the error for a clone3(2) that failed
 * @code: its positive errno
 * @namespaces: the CLONE_NEW* it was asked for
 *
 * Return: -code.
 */
int user_namespace_refused(int code, uint64_t namespaces, struct error *err);

#endif
