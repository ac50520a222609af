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

/** seccomp_knows_action - whether rules with an action (enum oci_seccomp_action) are compiled; for `features` */
bool seccomp_knows_action(int action);

/** seccomp_knows_arch - whether libseccomp's headers knew an architecture (enum oci_seccomp_arch) */
bool seccomp_knows_arch(int arch);

#endif
