/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The systemd cgroup manager: the container's cgroup is that of a transient scope unit, made over
 * D-Bus (org.freedesktop.systemd1(5)). Below it, on cgroup v2, stands a cgroup of the container's own:
 * the scope's is systemd's to write to, what is below a delegated one is not
 * (systemd's CGROUP_DELEGATION document). So the limits that systemd knows are properties of the
 * scope, and all of them are in the files below.
 */
#ifndef SILO_CGROUP_SYSTEMD_H
#define SILO_CGROUP_SYSTEMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libocispec/arena.h"
#include "util/error.h"

struct cgroup_layout;
struct cgroup_setting;
struct cgroup_spec;
struct compile;
struct device_rule;

/* Annotation that names the cgroup below the scope's. */
#define SYSTEMD_SUBGROUP "run.oci.systemd.subgroup"

/* What a property's value is, with the D-Bus signature. */
enum systemd_type {
	SYSTEMD_BOOLEAN, /* b; number */
	SYSTEMD_INT32,	 /* i; number */
	SYSTEMD_UINT32,	 /* u; number */
	SYSTEMD_UINT64,	 /* t; number, UINT64_MAX is "infinity" */
	SYSTEMD_STRING,	 /* s; text */
	SYSTEMD_STRINGS, /* as; items' text */
	SYSTEMD_BYTES,	 /* ay; bytes, bit n of which is CPU or node n */
	SYSTEMD_NUMBERS, /* a(st); items' text, a device's path, and number */
	SYSTEMD_ACCESS,	 /* a(ss); items' text, a device's path, and access, "rwm" */
};

struct systemd_item {
	const char *text, *access;
	uint64_t number;
};

struct systemd_property {
	const char *name;
	enum systemd_type type;
	uint64_t number;
	const char *text;
	const uint8_t *bytes;
	struct systemd_item *items;
	size_t count; /* of bytes or items */
	const char *pointer; /* JSON pointer of what it comes from, and its line */
	unsigned line;
	unsigned since; /* the first version of systemd that takes it: others are not told; 0: all */
};

struct systemd_properties {
	struct systemd_property *items;
	size_t count;
};

/* A unit, and the manager that has it. */
struct systemd_unit {
	const char *name;
	bool user; /* of the calling user's instance */
};

/* The scope that a container gets: the compiled form. */
struct systemd_scope {
	struct systemd_unit unit;
	const char *slice;
	const char *description;
	const char *subgroup; /* name of the cgroup below the scope's; "" for none */
	struct systemd_properties properties;
};

/* For the compiler: pure functions. */

/**
 * systemd_compile_scope - cgroupsPath and annotations to a scope
 * @layout: on a pure v2 one there is a cgroup below the scope's
 *
 * Property values of linux.resources are added by systemd_add_limits().
 * Return: 0, or a negative errno after plan_refuse().
 */
int systemd_compile_scope(
	struct compile *c, const struct cgroup_layout *layout, struct systemd_scope **ret);

/**
 * systemd_slice_path - "a-b.slice" to "/a.slice/a-b.slice" (systemd.slice(5)); "-.slice" gives ""
 * Return: the path in @arena; NULL if it is no name of a slice, or without memory.
 */
const char *systemd_slice_path(struct oci_arena *arena, const char *slice);

/**
 * systemd_parse_value - the value of an org.systemd.property annotation
 * @text: in GVariant's text format: true, 'string', uint64 7, ['a', 'b'], [byte 0x3]
 * @scale: what a number is multiplied by
 * @property: its type says what is expected; the value is filled in
 *
 * Return: 0; -EINVAL: it is not of that type; -ERANGE; -ENOMEM.
 */
int systemd_parse_value(struct oci_arena *arena, const char *text, uint64_t scale,
	struct systemd_property *property);

/** systemd_add_annotations - the properties of org.systemd.property.* that are on the list of those allowed */
int systemd_add_annotations(struct compile *c, struct systemd_properties *properties);

/**
 * systemd_add_limits - the properties that say the same as settings
 * @below: the settings stand in a cgroup below the scope's, too
 *
 * What systemd has no property for is left out; cpu.max and cpu.max.burst have to be given together.
 */
int systemd_add_limits(struct oci_arena *arena, const struct cgroup_layout *layout,
	const struct cgroup_setting *settings, size_t count, bool below, struct systemd_properties *properties,
	struct error *err);

/**
 * systemd_add_devices - DevicePolicy and DeviceAllow for device rules, in place of earlier ones
 * Rules that a list of what is allowed cannot express are left to what silo puts in force itself, which
 * is exact, and holds besides.
 */
int systemd_add_devices(struct oci_arena *arena, const struct device_rule *rules, size_t count,
	struct systemd_properties *properties, struct error *err);

/** systemd_free_devices - DevicePolicy and DeviceAllow that rule nothing; Return: 0 or -ENOMEM */
int systemd_free_devices(struct oci_arena *arena, struct systemd_properties *properties);

/** systemd_add - append an empty property of a name and type; NULL without memory */
struct systemd_property *systemd_add(struct oci_arena *arena, struct systemd_properties *properties,
	const char *name, enum systemd_type type);

/* For the host side. Every call over D-Bus ends within a deadline: 25 seconds, or SYSTEMD_BUS_TIMEOUT. */

/**
 * systemd_start_scope - start the scope, with a process in it
 * @pid: moved there; a scope ends when its last process does
 * @cgroup: receives its path in the hierarchies, in the arena
 *
 * Return: 0; -EEXIST if there is a unit of that name; -ETIMEDOUT; another negative errno.
 */
int systemd_start_scope(const struct systemd_scope *scope, pid_t pid, struct oci_arena *arena,
	const char **cgroup, struct error *err);

/** systemd_find_scope - the path of a scope in the hierarchies, in the arena; -ENOENT if it has none */
int systemd_find_scope(const struct systemd_unit *unit, struct oci_arena *arena, const char **cgroup, struct error *err);

/** systemd_attach - move a process into a unit's cgroup, or one below it; @below is "" or "/CGROUP" */
int systemd_attach(const struct systemd_unit *unit, const char *below, pid_t pid, struct error *err);

/** systemd_stop_unit - stop a unit and forget its failure; one that does not exist is no error */
int systemd_stop_unit(const struct systemd_unit *unit, struct error *err);

/** systemd_set_properties - change a unit's properties until the next boot */
int systemd_set_properties(const struct systemd_unit *unit, const struct systemd_properties *properties,
	struct error *err);

#endif
