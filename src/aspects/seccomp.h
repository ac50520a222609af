/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SILO_ASPECTS_SECCOMP_H
#define SILO_ASPECTS_SECCOMP_H

#include "plan/compile.h"

/**
 * seccomp_compile - linux.seccomp as a BPF program in the blob (SEC-*)
 * @ret: filled if there is a filter
 * @present: whether there is one
 *
 * Return: 0 or a negative errno after plan_refuse().
 */
int seccomp_compile(struct compile *c, struct plan_seccomp *ret, bool *present);

#endif
