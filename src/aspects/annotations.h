/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The annotations that change what is done: those of crun (crun(1), "Extensions
 * to OCI") and runc. One table serves the aspects, the warnings and `features`.
 */
#ifndef SILO_ASPECTS_ANNOTATIONS_H
#define SILO_ASPECTS_ANNOTATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "libocispec/ocispec.h"

struct annotation {
	const char *key;     /* with a dot at the end: all keys that begin so */
	const char *missing; /* why it has no effect here; NULL if it has one */
};

extern const struct annotation annotations[];
extern const size_t annotation_count;

/** annotation_slot - where the value of an annotation is, as plan_refuse() takes it; NULL without one */
const char *const *annotation_slot(const struct oci_config *config, const char *key);

/* Where hooks write to; appended to, relative to the bundle. */
#define HOOKS_STDOUT "run.oci.hooks.stdout"
#define HOOKS_STDERR "run.oci.hooks.stderr"

/** annotation_find - value of an annotation in a map; NULL without one */
const char *annotation_find(const struct oci_string_map *map, const char *key);

/** annotation_get - value of an annotation; NULL without one */
const char *annotation_get(const struct oci_config *config, const char *key);

/** annotation_set - whether an annotation that is a switch is on: there, and not "0" */
bool annotation_set(const struct oci_config *config, const char *key);

#endif
