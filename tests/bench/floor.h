/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor: the system calls of the default container with nothing around them.
 *
 * No configuration is read, nothing is saved, no error is explained: what remains is the time the
 * kernel needs. tests/bench/run measures runtimes against it.
 */
#ifndef FLOOR_H
#define FLOOR_H

#include <stdbool.h>
#include <stdint.h>

#define FLOOR_HIERARCHIES 16

/* How the container's process gets into the cgroup v1 hierarchies. */
enum attach_mode {
	ATTACH_PARENT, /* the parent writes the pid to cgroup.procs, beside the child's mounts */
	ATTACH_CHILD,  /* the child writes 0 to cgroup.procs, before its mounts */
	ATTACH_TASKS,  /* the same, to the v1 file `tasks`: no wait for an RCU grace period */
	ATTACH_SELF, /* the parent moves itself, clones, and moves back: the child is born inside */
	ATTACH_MODES,
};

/* What is timed; the order is the order of printing. */
enum phase {
	PHASE_DISCOVER,
	PHASE_CGROUP_MKDIR,
	PHASE_CGROUP_OPEN,
	PHASE_CGROUP_SELF,
	PHASE_CLONE,
	PHASE_CGROUP_BACK,
	PHASE_CGROUP_PROCS,
	PHASE_WAIT,
	PHASE_CGROUP_RMDIR,
	PHASE_CHILD_START,
	PHASE_CHILD_ATTACH,
	PHASE_ROOTFS,
	PHASE_PROC,
	PHASE_DEV,
	PHASE_DEVPTS,
	PHASE_SHM,
	PHASE_MQUEUE,
	PHASE_SYSFS,
	PHASE_MASKED,
	PHASE_READONLY,
	PHASE_LOOPBACK,
	PHASE_CHILD_SYNC,
	PHASE_CGROUP_NS,
	PHASE_CGROUP_MOUNTS,
	PHASE_PIVOT,
	PHASE_UMOUNT,
	PHASE_PROCESS,
	PHASE_EXEC_EXIT,
	PHASE_TOTAL,
	PHASES,
};

/* One cgroup hierarchy of the host, and the container's directory in it. */
struct hierarchy {
	char path[128];	  /* mount point */
	const char *name; /* its last component */
	char self[256];	  /* cgroup.procs of the cgroup we are in (ATTACH_SELF only) */
	bool unified;	  /* cgroup v2 */
	int dir;	  /* O_PATH descriptor of the container's cgroup, or -1 */
	int procs;	  /* its cgroup.procs, or `tasks` */
};

struct floor {
	const char *rootfs;
	const char *cgroup; /* name of the container's cgroup in every hierarchy */
	enum attach_mode attach;
	bool no_cgroup;
	bool no_exec;
	struct hierarchy hierarchy[FLOOR_HIERARCHIES];
	int hierarchies;
	int go[2]; /* pipe: the parent has attached the child */
};

/**
 * check - the result of a system call, or the end of the program
 * @ret: what the call returned
 * @what: the call's name, for the message
 *
 * Returns @ret when it is not negative. Otherwise prints @what and errno, and exits 1 (in the
 * child this fails the whole run, since the parent passes the status on).
 */
long check(long ret, const char *what);

/**
 * lap - charge the time since this process's last lap to a phase
 * @phase: what was just done
 *
 * Does nothing unless phases are being measured.
 */
void lap(enum phase phase);

/**
 * lap_start - begin timing in this process, without charging anything
 */
void lap_start(void);

/**
 * lap_exec - the child is about to execve; the parent ends this phase when wait returns
 */
void lap_exec(void);

/**
 * cgroups_discover - fill @floor's hierarchies from /proc/self/mounts
 */
void cgroups_discover(struct floor *floor);

/**
 * cgroups_make - make the container's cgroup in every hierarchy and open what attaching needs
 */
void cgroups_make(struct floor *floor);

/**
 * cgroups_attach - write @pid to the attach file of every v1 hierarchy
 * @pid: decimal text; "0" stands for the caller
 */
void cgroups_attach(const struct floor *floor, const char *pid);

/**
 * cgroups_attach_back - move the caller back to the v1 and v2 cgroups it started in
 */
void cgroups_attach_back(const struct floor *floor);

/**
 * cgroups_remove - close the descriptors and remove the container's cgroups
 */
void cgroups_remove(struct floor *floor);

/**
 * child_run - what happens inside the new namespaces, up to and including execve
 */
_Noreturn void child_run(const struct floor *floor);

#endif
