/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the compiler must know of the machine (struct host_facts of plan/compile.h), asked of the kernel. */
#ifndef SILO_RUNTIME_HOST_FACTS_H
#define SILO_RUNTIME_HOST_FACTS_H

#include "plan/compile.h"
#include "runtime/operations.h"

/**
 * host_facts_read - ask the kernel for the facts
 * @arena: of what @facts refers to
 * @facts: receives them
 *
 * Needs no privilege and changes nothing. A file that is missing means that
 * the kernel does not have the feature.
 *
 * Return: 0 or a negative errno.
 */
int host_facts_read(struct oci_arena *arena, struct host_facts *facts, struct error *err);

/** host_facts_choose - let --cgroup-manager have its say in the facts */
void host_facts_choose(struct host_facts *facts, const struct runtime_context *context);

#endif
