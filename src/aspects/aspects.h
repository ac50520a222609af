/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The aspects of a container: each function compiles one part of config.json
 * (the part it is named after). Called only by the table in plan/compile.c,
 * in that table's order. All return 0, or a negative errno after plan_refuse().
 */
#ifndef SILO_ASPECTS_ASPECTS_H
#define SILO_ASPECTS_ASPECTS_H

#include "plan/compile.h"

int aspect_namespace_list(struct compile *c);  /* which namespaces are new, which joined, and the id maps */
int aspect_namespaces(struct compile *c);      /* linux.namespaces: join, clone */
int aspect_id_mappings(struct compile *c);     /* linux.uidMappings, gidMappings */
int aspect_time_offsets(struct compile *c);    /* linux.timeOffsets */
int aspect_cgroup(struct compile *c);          /* linux.cgroupsPath, resources */
int aspect_unsupported(struct compile *c);     /* what this version refuses by name */
int aspect_annotations(struct compile *c);     /* annotations that have no effect: warned about, or refused */
int aspect_mapped(struct compile *c);         /* waiting for the host side's part of all these */
int aspect_delegate_cgroup(struct compile *c); /* crun's annotation: a cgroup below the container's */
int aspect_hostname(struct compile *c);        /* hostname, domainname */
int aspect_rootfs(struct compile *c);          /* root.path, linux.rootfsPropagation */
int aspect_mounts(struct compile *c);          /* mounts */
int aspect_remounts(struct compile *c);     /* mounts: which of them the "remount" entries change */
int aspect_read_only_mounts(struct compile *c); /* mounts: "ro" of those that more is made in */
int aspect_notify(struct compile *c);         /* a mount for the service manager's notify socket */
int aspect_devices(struct compile *c);         /* linux.devices, default devices and links */
int aspect_terminal(struct compile *c);        /* process.terminal, consoleSize */
int aspect_runtime_hooks(struct compile *c);   /* hooks.prestart, createRuntime */
int aspect_container_hooks(struct compile *c); /* hooks.createContainer */
int aspect_pivot(struct compile *c);           /* entering the rootfs, root.readonly */
int aspect_sysctl(struct compile *c);          /* linux.sysctl */
int aspect_paths(struct compile *c);           /* linux.readonlyPaths, maskedPaths */
int aspect_keyring(struct compile *c);
int aspect_personality(struct compile *c);     /* linux.personality */
int aspect_memory_policy(struct compile *c);   /* linux.memoryPolicy */
int aspect_scheduler(struct compile *c);       /* process.scheduler, ioPriority */
int aspect_intel_rdt(struct compile *c);       /* linux.intelRdt */
int aspect_net_devices(struct compile *c);     /* linux.netDevices */
int aspect_own_oom_score(struct compile *c);   /* the same where init has to set it */
int aspect_oom_score(struct compile *c);       /* process.oomScoreAdj */
int aspect_rlimits(struct compile *c);         /* process.rlimits */
int aspect_label(struct compile *c);           /* process.apparmorProfile, selinuxLabel */
int aspect_user(struct compile *c);            /* process.user, capabilities.bounding, cwd */
int aspect_created(struct compile *c);         /* the end of create, the wait for start */
int aspect_start_hooks(struct compile *c);     /* hooks.startContainer */
int aspect_filter(struct compile *c);          /* linux.seccomp, as a program */
int aspect_capabilities(struct compile *c);    /* process.capabilities, noNewPrivileges */
int aspect_seccomp(struct compile *c);         /* linux.seccomp */
int aspect_exec(struct compile *c);            /* process.args, env */

/**
 * activation_environment - process.env with what a service manager's sockets need
 * @env: the environment; @ret: receives it with more variables at its end
 */
int activation_environment(struct compile *c, const struct oci_string_list *env,
	struct oci_string_list *ret);

/* Of exec only. */
int aspect_private(struct compile *c);         /* unreadable to other processes, before anything else */
int aspect_enter_cgroup(struct compile *c);    /* the container's cgroup, or one below it */
int aspect_affinity(struct compile *c);        /* process.execCPUAffinity */
int aspect_enter(struct compile *c);           /* the container's namespaces and root directory */
int aspect_program(struct compile *c);         /* process.args: the program is there */
int aspect_live_mounts(struct compile *c);     /* what `mounts` adds or removes */
int aspect_visible(struct compile *c);         /* being born into the pid namespace, and saying so */

#endif
