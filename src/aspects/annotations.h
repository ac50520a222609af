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

/*
 * Another runtime may do more for an annotation. What would otherwise run in another way than whoever wrote it
 * relies on is refused; what is only left undone, or belongs to a part that is not there, is warned about.
 */
enum annotation_effect {
	ANNOTATION_APPLIED,
	ANNOTATION_OF_SYSTEMD, /* applied with the systemd cgroup manager, warned about otherwise */
	ANNOTATION_WARNED,
	ANNOTATION_REFUSED,
};

struct annotation {
	const char *key;     /* with a dot at the end: all keys that begin so */
	enum annotation_effect effect;
	const char *missing; /* why it has no effect here; NULL if it has one */
};

extern const struct annotation annotations[];
extern const size_t annotation_count;

/* "sandbox": the container that holds a pod's namespaces, to which handlers are not applied. */
#define CONTAINER_TYPE "io.kubernetes.cri.container-type"

/** annotation_slot - where the value of an annotation is, as plan_refuse() takes it; NULL without one */
const char *const *annotation_slot(const struct oci_config *config, const char *key);

/* Where hooks write to; appended to, relative to the bundle. */
#define HOOKS_STDOUT "run.oci.hooks.stdout"
#define HOOKS_STDERR "run.oci.hooks.stderr"

/* A cgroup below the container's for its processes, which is theirs to divide. */
#define DELEGATE_CGROUP "run.oci.delegate-cgroup"

/** annotation_find - value of an annotation in a map; NULL without one */
const char *annotation_find(const struct oci_string_map *map, const char *key);

/** annotation_get - value of an annotation; NULL without one */
const char *annotation_get(const struct oci_config *config, const char *key);

/** annotation_set - whether an annotation that is a switch is on: there, and not "0" */
bool annotation_set(const struct oci_config *config, const char *key);

#endif
