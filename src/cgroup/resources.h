/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the compiler of linux.resources: what its parts share.
 */
#ifndef SILO_CGROUP_RESOURCES_H
#define SILO_CGROUP_RESOURCES_H

#include "cgroup/cgroup.h"
#include "plan/compile.h"

/* One compilation of linux.resources. */
struct resource_compile {
	struct compile *c;
	const struct oci_resources *resources;
	struct cgroup_spec *spec;
	size_t capacity;
	bool enabled[16]; /* v2 controllers that are needed, by index in resource_controllers */
};

/* Where a property goes in one version of cgroups. */
struct resource_target {
	const char *controller; /* NULL: this version has nothing like it */
	const char *file;
	const char *other_file; /* where @file does not exist */
};

/* The value of one property. */
struct resource_value {
	const char *name;       /* "memory.limit", for messages */
	const void *slot;       /* member of the config */
	long long number;       /* unless text; unsigned ones above INT64_MAX were refused */
	const char *text;
};

/**
 * resource_hierarchy - the hierarchy that a property goes to
 * @name: of the property
 * @slot: as plan_refuse() takes it
 * @v1, @v2: where it would go; v1 is preferred where it is mounted
 * @ret: receives the index
 * @is_v2: receives which of the two it is
 *
 * Return: 0, or a negative errno after plan_refuse(): the controller is missing, or this version has no such thing.
 */
int resource_hierarchy(struct resource_compile *r, const char *name, const void *slot,
	const struct resource_target *v1, const struct resource_target *v2, size_t *ret,
	bool *is_v2);

/**
 * resource_add - append a setting
 * @value: text in the arena, NULL notes a lack of memory
 * Return: the setting, whose other members may still be filled; a dummy without memory.
 */
struct cgroup_setting *resource_add(struct resource_compile *r, size_t hierarchy, const char *file,
	const char *value, const void *slot);

/** resource_enable - note that a setting needs a v2 controller */
void resource_enable(struct resource_compile *r, const char *controller);

/* The parts of linux.resources; each returns 0, or a negative errno after plan_refuse(). */
int resource_scalars(struct resource_compile *r);    /* memory, cpu, pids, network.classID, blockIO.weight */
int resource_block_devices(struct resource_compile *r);
int resource_huge_pages(struct resource_compile *r);
int resource_rdma(struct resource_compile *r);
int resource_priorities(struct resource_compile *r); /* network.priorities */
int resource_unified(struct resource_compile *r);
int resource_devices(struct resource_compile *r);    /* device rules, v1 and v2 */

/* Conversions between v1's and v2's units. */

/** cpu_weight - cpu.weight for cpu.shares; 0 for 0 (unset) */
unsigned cpu_weight(unsigned long long shares);

/** io_weight - io.weight (1..10000) for blkio.weight (10..1000) */
unsigned io_weight(unsigned weight);

/* Device rules, cleaned and in order, with the default devices added. */
struct device_rule {
	bool allow;
	char type;           /* 'b', 'c'; 'a' is both */
	long long major, minor; /* -1: all */
	unsigned access;     /* BPF_DEVCG_ACC_*; never 0 */
	const void *slot;    /* NULL: one that we added */
};

/**
 * device_rules - the rules of the config; after each that denies everything the default devices are allowed (RDV-06)
 * @ret: receives them, in the arena
 */
int device_rules(struct resource_compile *r, struct device_rule **ret, size_t *count);

/** device_rule_for_all - whether it rules every access to every device; device_rules() leaves at most the first so */
bool device_rule_for_all(const struct device_rule *rule);

/** device_rules_v1 - settings for devices.allow and devices.deny in @hierarchy */
int device_rules_v1(struct resource_compile *r, const struct device_rule *rules, size_t count,
	size_t hierarchy);

/**
 * device_program - the rules as a program of type BPF_PROG_TYPE_CGROUP_DEVICE
 * @ret: receives struct bpf_insn[], in the arena
 * @length: in instructions
 *
 * Each kind of access that is asked for is ruled by the last rule that matches; without any it is allowed.
 * Return: 0 or -ENOMEM.
 */
int device_program(struct oci_arena *arena, const struct device_rule *rules, size_t count,
	void **ret, size_t *length);

#endif
