/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs and data that nobody can change any more, however they are reached (CVE-2019-5736).
 */
#ifndef SILO_RUNTIME_SEALED_H
#define SILO_RUNTIME_SEALED_H

#include <stddef.h>

#include "util/error.h"

/**
 * sealed_data - a memfd with these bytes; neither they nor its size can change, and it cannot be executed
 * @name: shown in /proc/PID/fd
 *
 * Return: a descriptor, close-on-exec, or a negative errno.
 */
int sealed_data(const char *name, const void *bytes, size_t size, struct error *err);

/**
 * sealed_init - init, ready for execveat(2) with AT_EMPTY_PATH
 *
 * A sealed memfd with the embedded image. Where executing one is forbidden (vm.memfd_noexec=2), the installed copy
 * by sealed_installed_init(). It may still be refused by execveat(2) (IMA, security modules).
 *
 * Return: a descriptor, close-on-exec, or a negative errno.
 */
int sealed_init(struct error *err);

/**
 * sealed_installed_init - the installed copy of init, through a read-only detached mount of its own
 *
 * It must belong to root and be writable to nobody else. A caller without the right to mount gets it as it is:
 * in no user namespace of hers is she the owner of a file of root's.
 *
 * Return: a descriptor, close-on-exec, or a negative errno.
 */
int sealed_installed_init(struct error *err);

#endif
