/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a plan says, for people and for programs. */
#ifndef SILO_PLAN_PRINT_H
#define SILO_PLAN_PRINT_H

#include <stdio.h>

#include "plan/compile.h"

/* Names of enum plan_kind and enum host_kind, in lower case with dashes. */
extern const char *const plan_kind_names[PLAN_KIND_COUNT];
extern const char *const host_kind_names[HOST_KIND_COUNT];

/**
 * plan_print - print the steps of both sides, merged in the order in which they are done
 * @plan: a compiled plan
 * @out: where to
 * @json: an array of objects instead of a table
 *
 * Steps are numbered from 1. Each says which side does it, its kind, what it
 * does, and which property of the config it comes from.
 */
void plan_print(const struct plan *plan, FILE *out, bool json);

#endif
