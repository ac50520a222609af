/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan: one flat, position-independent blob that the host side compiles
 * from config.json and init runs from first step to last.
 *
 * A reference inside the blob is a 32-bit offset from its start; 0 is "none".
 * Strings end in NUL. Arguments of steps are aligned to 8 bytes. The blob never
 * leaves the machine or outlives a version of silo: host side and init are
 * built together. PLAN_VERSION guards against a mix-up with an installed copy of init: the build makes it from
 * the text of this file and of protocol.h.
 */
#ifndef SILO_PLAN_PLAN_H
#define SILO_PLAN_PLAN_H

#include <stdint.h>

/* Of which the version is made, too: what has the version in it depends on both. */
#include "plan/protocol.h"

#define PLAN_MAGIC 0x6f6c6973u /* "silo" */
#ifndef PLAN_VERSION
#error "PLAN_VERSION comes from the build (Makefile.am)"
#endif
#define PLAN_FDS_MAX 256
#define PLAN_HANDLES_MAX 256

typedef uint32_t plan_ref; /* offset in the blob; 0 is none */

struct plan_list {
	plan_ref items; /* plan_ref[count] of strings, or an array of structs */
	uint32_t count;
};

/*
 * What init does, in the order in which a full container uses it. Keep in step
 * with plan_kind_names (print.c) and the table of functions in init/main.c.
 */
enum plan_kind {
	PLAN_JOIN,          /* enter an existing namespace, or several of a process at once */
	PLAN_ENTER_ROOT,    /* exec: the container's root is ours */
	PLAN_CLONE,         /* continue as a child in new namespaces */
	PLAN_UNSHARE,       /* make new namespaces for this process */
	PLAN_CGROUP_JOIN,   /* move into the v1 cgroups that the host side made */
	PLAN_AFFINITY,      /* CPUs the process may run on */
	PLAN_SYNC,          /* let the host side do its steps of this token */
	PLAN_LOOPBACK,      /* set lo up in a new network namespace */
	PLAN_BECOME_ROOT,   /* uid and gid 0 of a fresh user namespace */
	PLAN_PRIVATE,       /* unreadable to other processes from here on (not dumpable) */
	PLAN_PROPAGATION,   /* of all mounts of the fresh mount namespace */
	PLAN_ROOTFS,        /* bind the root file system onto itself */
	PLAN_MOUNT,         /* one entry of mounts */
	PLAN_UMOUNT,        /* take a mount off */
	PLAN_DEVICE,        /* one device node */
	PLAN_SYMLINK,       /* one symbolic link in the container's /dev */
	PLAN_HOOK,          /* one createContainer or startContainer hook */
	PLAN_PIVOT,         /* make the rootfs the root, drop the old one */
	PLAN_ROOT_ATTR,     /* propagation and read-only state of the new root */
	PLAN_READONLY_PATH, /* make a path read-only */
	PLAN_MASK_PATH,     /* hide a path */
	PLAN_HOSTNAME,
	PLAN_DOMAINNAME,
	PLAN_SYSCTL,
	PLAN_TERMINAL, /* make the pseudo-terminal, hand its master to the host side */
	PLAN_OOM_SCORE,
	PLAN_KEYRING,
	PLAN_PERSONALITY,
	PLAN_RLIMIT,
	PLAN_SCHEDULER,
	PLAN_IO_PRIORITY,
	PLAN_MEMORY_POLICY,
	PLAN_LABEL,        /* AppArmor profile or SELinux label for the next execve */
	PLAN_BOUNDING,     /* drop from the capability bounding set */
	PLAN_USER,         /* groups, gid, uid, umask */
	PLAN_CWD,          /* make and enter the working directory */
	PLAN_CAPABILITIES, /* the final capability sets */
	PLAN_FIND_PROGRAM, /* look args[0] up, so that create fails and not start */
	PLAN_START,        /* wait for `silo start` */
	PLAN_NO_NEW_PRIVS,
	PLAN_SECCOMP,
	PLAN_EXEC, /* become the container's process */
	PLAN_KIND_COUNT
};

/* Points at which init waits for the host side. */
enum plan_token {
	PLAN_TOKEN_MAPPED = 1,    /* id maps, cgroup membership, time offsets are in place */
	PLAN_TOKEN_RUNTIME_HOOKS, /* prestart and createRuntime hooks */
	PLAN_TOKEN_TERMINAL,      /* carries the terminal's master */
	PLAN_TOKEN_SECCOMP,       /* carries the seccomp notification descriptor */
	PLAN_TOKEN_CREATED,       /* everything but the user's program is done */
	PLAN_TOKEN_CGROUP,        /* soon after MAPPED: the cgroup namespace is made, on to a cgroup below its root */
	PLAN_TOKEN_LIMITS,    /* in a user namespace: resource limits that init may not raise */
	PLAN_TOKEN_SCHEDULER, /* ...likewise scheduler and I/O priority */
	PLAN_TOKEN_INSTALLED_INIT, /* before the first step: the memfd may not be executed; the answer carries the installed copy */
};

struct plan_step {
	uint32_t kind;    /* enum plan_kind */
	uint32_t line;    /* of the property, in config.json */
	plan_ref pointer; /* JSON pointer of the property */
	plan_ref what;    /* what the step does, for people */
	plan_ref args;    /* the kind's struct below */
	uint32_t reserved;
};

struct plan_header {
	uint32_t magic;
	uint32_t version;
	uint32_t size;       /* of the blob in bytes */
	uint32_t step_count;
	plan_ref steps;      /* struct plan_step[step_count] */
	plan_ref fds;        /* int32_t[fd_count]: slot -> descriptor, written at launch */
	uint32_t fd_count;
	int32_t sync_fd;     /* SOCK_SEQPACKET to the host side, written at launch */
	uint32_t preserve_fds; /* descriptors 3.. that the container's process inherits */
	uint32_t fail_step;    /* fault injection: number of the step that fails, from 1; 0 is none */
};

/* A descriptor the host side opens and init uses: an index into fds; -1 is none. */
typedef int32_t plan_slot;

struct plan_join {
	plan_slot fd;  /* a namespace, or a pidfd of the process whose namespaces are entered */
	uint32_t type; /* CLONE_NEW*; several with a pidfd */
};

struct plan_enter_root {
	plan_slot fd; /* change root to this directory; -1: joining the mount namespace did */
};

struct plan_affinity {
	plan_ref cpus; /* unsigned long[] */
	uint32_t size; /* of it in bytes */
};

enum plan_pivot_flags {
	PLAN_PIVOT_CHROOT = 1 << 0, /* chroot(2) only */
	PLAN_PIVOT_CUT = 1 << 1,    /* the old root has peers on the host: dropping it must not reach them */
	PLAN_PIVOT_MOVE = 1 << 2,   /* move the root file system over the root, and chroot(2) */
};

struct plan_flags { /* PLAN_CLONE, PLAN_UNSHARE, PLAN_PROPAGATION (MS_*), PLAN_PIVOT, PLAN_BECOME_ROOT (1: keep the groups) */
	uint64_t flags;
};

struct plan_cgroup_join {
	plan_slot first; /* tasks files, open for writing */
	uint32_t count;
};

struct plan_sync {
	uint32_t token;
};

struct plan_rootfs {
	plan_ref path;
	plan_slot fd;           /* the root file system, opened by the host side */
	uint32_t make_private;  /* the mount the rootfs lies on must not propagate the pivot */
	uint32_t plain;         /* no mount namespace: just open it */
};

enum plan_mount_flags {
	PLAN_MOUNT_BIND = 1 << 0,        /* clone the source's tree instead of a new file system */
	PLAN_MOUNT_RECURSIVE = 1 << 1,   /* with BIND: its submounts, too */
	PLAN_MOUNT_REMOUNT = 1 << 2,     /* change attributes of what is mounted at the target */
	PLAN_MOUNT_COPY_UP = 1 << 3,     /* tmpcopyup */
	PLAN_MOUNT_SRC_NOFOLLOW = 1 << 4,
	PLAN_MOUNT_DEST_NOFOLLOW = 1 << 5,
	PLAN_MOUNT_COPY_SYMLINK = 1 << 6, /* a source that is a symlink is recreated as one */
	PLAN_MOUNT_IN_ROOTFS = 1 << 7,    /* the source lies below the rootfs: resolve it there */
	PLAN_MOUNT_INHERIT_MODE = 1 << 8, /* a tmpfs without mode= takes that of the directory below */
	PLAN_MOUNT_LEGACY = 1 << 10,     /* mount(2): an option that fsconfig(2) cannot take */
	PLAN_MOUNT_REAL_DIRECTORY = 1 << 11, /* no symlink may lead to the target (/proc, /sys) */
	PLAN_MOUNT_OVER_PROC = 1 << 12,  /* the target may lie on a procfs (/proc/cpuinfo and the like) */
	PLAN_MOUNT_OR_LEGACY = 1 << 14,  /* EINVAL from fsconfig(2): the kernel is older than the parameter; mount(2) */
};

struct plan_mount {
	plan_ref target;      /* path in the container */
	plan_ref type;        /* file system type; 0 for bind */
	plan_ref source;
	struct plan_list parameters; /* strings "key" or "key=value" for fsconfig */
	plan_slot source_fd;  /* a detached tree made by the host side, instead of source */
	uint32_t flags;       /* enum plan_mount_flags */
	uint64_t attr_set, attr_clear;           /* MOUNT_ATTR_*, this mount */
	uint64_t attr_set_tree, attr_clear_tree; /* the same, recursively */
	uint64_t legacy_flags; /* MS_* for mount(2), with LEGACY and REMOUNT */
	plan_ref legacy_data;  /* options for mount(2), comma-separated */
	plan_ref label;        /* SELinux label for the root directory of the new file system; 0 is none */
	plan_ref other_source; /* BIND: taken where source does not exist; otherwise the host's that is bound where the kernel
		refuses a new one (EPERM, EBUSY); 0: that is an error */
	uint32_t propagation; /* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE; 0 leaves it */
	uint32_t propagation_tree; /* apply it recursively */
	uint32_t handle;       /* 1..PLAN_HANDLES_MAX: a REMOUNT is of the mount that has the same; 0 is none */
};

enum plan_device_given { /* by the config, and not a default */
	PLAN_DEVICE_MODE = 1 << 0,
	PLAN_DEVICE_OWNER = 1 << 1,
};

struct plan_device {
	plan_ref path;
	uint32_t mode;        /* S_IFCHR, S_IFBLK or S_IFIFO, and permissions */
	uint32_t major, minor;
	uint32_t uid, gid;
	uint32_t bind;        /* bind the host's node (user namespaces cannot mknod) */
	uint32_t given;       /* enum plan_device_given: a node that is there already is compared with these */
};

struct plan_symlink {
	plan_ref path;
	plan_ref target;
	plan_ref only_if; /* make it only if this path exists in the container */
};

struct plan_filter {
	plan_ref program; /* struct sock_filter[length] */
	uint32_t length;  /* 0: none */
	uint32_t flags;   /* SECCOMP_FILTER_FLAG_* */
};

struct plan_hook {
	plan_ref path;
	struct plan_list args;
	struct plan_list env;
	uint32_t timeout;     /* seconds; 0 is none */
	plan_ref name;        /* "createContainer", for messages */
	uint32_t index;
	plan_ref state_head;  /* the state document up to the pid ... */
	plan_ref state_tail;  /* ... and from there on */
	struct plan_filter filter; /* what the hook is confined by */
	plan_slot output[2];  /* for stdout and stderr; -1: init's own */
	plan_ref capabilities; /* struct plan_capabilities, set after the filter; 0: as init has them */
};

struct plan_path { /* PLAN_UMOUNT, PLAN_READONLY_PATH, PLAN_MASK_PATH */
	plan_ref path;
	plan_ref context; /* MASK_PATH: "context=LABEL" for the directory that hides another; 0 is none */
};

struct plan_cwd {
	plan_ref path;
	uint32_t retry_as_user; /* EACCES is fine: a second step follows after PLAN_USER */
	uint32_t must_exist;    /* do not make it if it is missing */
};

struct plan_root_attr {
	uint32_t propagation; /* MS_*; 0 leaves it */
	uint32_t readonly;
};

struct plan_text { /* PLAN_HOSTNAME, PLAN_DOMAINNAME, PLAN_KEYRING, PLAN_OOM_SCORE */
	plan_ref text;
	uint32_t length;
};

struct plan_sysctl {
	plan_ref path; /* below /proc/sys */
	plan_ref value;
};

struct plan_terminal {
	uint32_t rows, columns; /* 0: as the kernel makes it */
	uint32_t uid, gid;      /* owner of the slave */
	uint32_t console;       /* bind the slave over /dev/console */
	uint32_t clone_follows; /* the child of a later PLAN_CLONE makes it its controlling terminal */
};

struct plan_personality {
	uint64_t domain;
};

struct plan_rlimit {
	uint32_t resource;
	uint32_t reserved;
	uint64_t soft, hard;
};

struct plan_scheduler { /* struct sched_attr */
	uint32_t policy;
	int32_t nice;
	uint32_t priority;
	uint32_t cpuset;    /* the config limits the CPUs, which is why the kernel may refuse */
	uint64_t flags, runtime, deadline, period;
};

struct plan_io_priority {
	uint32_t value; /* IOPRIO_PRIO_VALUE */
};

struct plan_memory_policy {
	uint32_t mode;      /* MPOL_* with MPOL_F_* */
	uint32_t max_node;  /* bits in nodes */
	plan_ref nodes;     /* unsigned long[] */
};

struct plan_label {
	plan_ref attribute; /* below /proc/self/attr: "apparmor/exec" or "exec" */
	plan_ref value;
};

enum plan_set_groups {
	PLAN_GROUPS_KEEP,       /* leave the supplementary groups alone */
	PLAN_GROUPS_SET,
	PLAN_GROUPS_IF_ALLOWED, /* in a joined user namespace, which may deny setgroups(2): no error if there are none to be set */
};

struct plan_user {
	uint32_t uid, gid;
	uint32_t umask;
	uint32_t set_groups;      /* enum plan_set_groups */
	struct plan_list groups;  /* uint32_t[count] */
};

struct plan_capabilities { /* bit n is capability n */
	uint64_t bounding, effective, permitted, inheritable, ambient;
	uint64_t keep;      /* stays permitted and effective until the next such step */
	uint32_t sets_only; /* the ambient set was raised before: just drop what was kept */
	uint32_t reserved;
};

struct plan_seccomp {
	struct plan_filter filter;
	uint32_t notify; /* send the listener to the host side before going on */
};

struct plan_start {
	plan_slot socket; /* listening socket in the state directory */
};

struct plan_exec {
	struct plan_list args;
	struct plan_list env;
	plan_ref path;       /* of the environment: where a name without a slash is searched */
	uint32_t home_uid;   /* with set_home: HOME comes from this user's line in /etc/passwd */
	uint32_t set_home;
	uint32_t reserved;
};

#endif
