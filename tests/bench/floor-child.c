/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The container side of the floor: what `runc spec` asks for, in the fewest calls. Nothing is
 * closed: every descriptor is close-on-exec, and execve does it for nothing.
 */
#define _GNU_SOURCE
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define HARDENED (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV)
#define CAP_BIT(cap) (1u << (cap))
#define CAPS (CAP_BIT(CAP_AUDIT_WRITE) | CAP_BIT(CAP_KILL) | CAP_BIT(CAP_NET_BIND_SERVICE))

struct parameter {
	const char *key, *value; /* a flag when value is NULL */
};

struct filesystem {
	const char *type, *source, *target;
	unsigned int attributes;
	struct parameter parameters[4];
};

static const struct filesystem proc = { "proc", "proc", "proc", 0, { { 0 } } };
static const struct filesystem dev = { "tmpfs", "tmpfs", "dev",
	MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME, { { "mode", "755" }, { "size", "65536k" } } };
static const struct filesystem devpts = { "devpts", "devpts", "dev/pts",
	MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
	{ { "ptmxmode", "0666" }, { "mode", "0620" }, { "gid", "5" } } };
static const struct filesystem shm = { "tmpfs", "shm", "dev/shm", HARDENED,
	{ { "mode", "1777" }, { "size", "65536k" } } };
static const struct filesystem mqueue = { "mqueue", "mqueue", "dev/mqueue", HARDENED, { { 0 } } };
static const struct filesystem sysfs = { "sysfs", "sysfs", "sys", HARDENED | MOUNT_ATTR_RDONLY,
	{ { 0 } } };
static const struct filesystem cgroup = { "tmpfs", "cgroup", "sys/fs/cgroup", HARDENED,
	{ { "mode", "755" } } };
static const struct filesystem mask = { "tmpfs", "tmpfs", NULL, MOUNT_ATTR_RDONLY, { { 0 } } };

static const struct {
	const char *name;
	unsigned int major, minor;
} node[] = { { "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 },
	{ "urandom", 1, 9 }, { "tty", 5, 0 } };

static const char *const link_in_dev[][2] = { { "fd", "/proc/self/fd" },
	{ "stdin", "/proc/self/fd/0" }, { "stdout", "/proc/self/fd/1" },
	{ "stderr", "/proc/self/fd/2" }, { "ptmx", "pts/ptmx" } };

/* Which are directories is a fact about the host; a runtime finds it out before it clones. */
static const struct {
	const char *path;
	bool directory;
} masked[] = { { "proc/acpi", true }, { "proc/asound", true }, { "proc/kcore", false },
	{ "proc/keys", false }, { "proc/latency_stats", false }, { "proc/timer_list", false },
	{ "proc/timer_stats", false }, { "proc/sched_debug", false }, { "sys/firmware", true },
	{ "proc/scsi", true } };

static const char *const readonly[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys",
	"proc/sysrq-trigger" };

static int make_mount(const struct filesystem *fs)
{
	int mount, context = (int)check(syscall(SYS_fsopen, fs->type, FSOPEN_CLOEXEC), fs->type);

	check(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "source", fs->source, 0),
		fs->source);
	for (const struct parameter *p = fs->parameters; p->key; p++)
		check(syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, p->key, p->value, 0),
			p->key);
	check(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), fs->type);
	mount = (int)check(
		syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, fs->attributes), fs->type);
	return mount;
}

static long move(int mount, int dir, const char *target)
{
	return syscall(SYS_move_mount, mount, "", dir, target, MOVE_MOUNT_F_EMPTY_PATH);
}

static void set_attributes(int mount, uint64_t set, uint64_t propagation)
{
	struct mount_attr attr = { .attr_set = set, .propagation = propagation };

	check(syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attr, sizeof(attr)),
		"mount_setattr");
}

static int clone_tree(int dir, const char *path, unsigned int flags)
{
	return (int)syscall(SYS_open_tree, dir, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | flags);
}

static void attach(const struct filesystem *fs, int root, enum phase phase)
{
	int mount = make_mount(fs);

	check(move(mount, root, fs->target), fs->target);
	lap(phase);
}

static int make_root(const char *rootfs)
{
	struct mount_attr attr = { .propagation = MS_SLAVE };
	int root;

	check(syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr)),
		"mount_setattr /");
	root = (int)check(clone_tree(AT_FDCWD, rootfs, AT_RECURSIVE), rootfs);
	set_attributes(root, 0, MS_PRIVATE);
	check(move(root, AT_FDCWD, rootfs), rootfs);
	lap(PHASE_ROOTFS);
	return root;
}

static void make_dev(int root)
{
	int mount = make_mount(&dev);

	for (size_t i = 0; i < LENGTH(node); i++)
		check(mknodat(mount, node[i].name, S_IFCHR | 0666,
			      makedev(node[i].major, node[i].minor)),
			node[i].name);
	for (size_t i = 0; i < LENGTH(link_in_dev); i++)
		check(symlinkat(link_in_dev[i][1], mount, link_in_dev[i][0]), link_in_dev[i][0]);
	check(mkdirat(mount, "pts", 0755), "pts");
	check(mkdirat(mount, "shm", 0755), "shm");
	check(mkdirat(mount, "mqueue", 0755), "mqueue");
	check(move(mount, root, dev.target), dev.target);
	lap(PHASE_DEV);
}

static void mask_paths(int root)
{
	int directory = make_mount(&mask);

	for (size_t i = 0; i < LENGTH(masked); i++) {
		int mount = masked[i].directory ? clone_tree(directory, "", AT_EMPTY_PATH)
						: clone_tree(root, "dev/null", 0);

		check(mount, masked[i].path);
		if (move(mount, root, masked[i].path) < 0 && errno != ENOENT)
			check(-1, masked[i].path);
	}
	lap(PHASE_MASKED);
}

static void make_readonly(int root)
{
	for (size_t i = 0; i < LENGTH(readonly); i++) {
		int mount = clone_tree(root, readonly[i], AT_RECURSIVE);

		if (mount < 0 && errno == ENOENT)
			continue;
		check(mount, readonly[i]);
		set_attributes(mount, MOUNT_ATTR_RDONLY, 0);
		check(move(mount, root, readonly[i]), readonly[i]);
	}
	set_attributes(root, MOUNT_ATTR_RDONLY, 0);
	lap(PHASE_READONLY);
}

static void bring_up_loopback(void)
{
	int fd = (int)check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	check(ioctl(fd, SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
	lap(PHASE_LOOPBACK);
}

/* The container's own cgroups below a tmpfs, as both peers mount them on a v1 host. */
static void mount_cgroups(const struct floor *floor, int root)
{
	char path[512];
	int mount = make_mount(&cgroup);

	check(move(mount, root, cgroup.target), cgroup.target);
	for (int i = 0; i < floor->hierarchies; i++) {
		const struct hierarchy *h = &floor->hierarchy[i];
		int tree;

		if (h->unified)
			continue;
		snprintf(path, sizeof(path), "%s/%s", h->path, floor->cgroup);
		check(mkdirat(mount, h->name, 0755), h->name);
		tree = (int)check(clone_tree(AT_FDCWD, path, 0), path);
		set_attributes(tree, HARDENED | MOUNT_ATTR_RDONLY, 0);
		check(move(tree, mount, h->name), h->name);
	}
	lap(PHASE_CGROUP_MOUNTS);
}

static void enter_root(int root)
{
	check(fchdir(root), "fchdir");
	check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	lap(PHASE_PIVOT);
	check(syscall(SYS_umount2, ".", 2 /* MNT_DETACH */), "umount2");
	check(chdir("/"), "chdir");
	lap(PHASE_UMOUNT);
}

static void set_capabilities(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { CAPS, CAPS, CAPS }, { 0, 0, 0 } };

	/* EINVAL marks the end of what the kernel knows, EPERM cannot be: we are root here. */
	for (unsigned long cap = 0; cap < 64; cap++) {
		if (cap < 32 && (CAPS & CAP_BIT(cap)))
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0) {
			check(errno == EINVAL ? 0 : -1, "PR_CAPBSET_DROP");
			break;
		}
	}
	check(syscall(SYS_capset, &header, data), "capset");
	for (unsigned long cap = 0; cap < 32; cap++)
		if (CAPS & CAP_BIT(cap))
			check(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0), "ambient");
}

static void set_process(void)
{
	struct rlimit limit = { 1024, 1024 };

	check(setsid(), "setsid");
	check(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "floor"), "keyctl");
	check(sethostname("runc", 4), "sethostname");
	check(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
	umask(022);
	set_capabilities();
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	check(syscall(SYS_close_range, 3, ~0u, 4 /* CLOSE_RANGE_CLOEXEC */), "close_range");
	lap(PHASE_PROCESS);
}

_Noreturn void child_run(const struct floor *floor)
{
	static char *const argv[] = { "/true", NULL };
	static char *const envp[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm",
		NULL
	};
	char byte;
	int root;

	if (floor->attach == ATTACH_CHILD || floor->attach == ATTACH_TASKS) {
		cgroups_attach(floor, "0");
		lap(PHASE_CHILD_ATTACH);
	}
	umask(0);
	root = make_root(floor->rootfs);
	attach(&proc, root, PHASE_PROC);
	make_dev(root);
	attach(&devpts, root, PHASE_DEVPTS);
	attach(&shm, root, PHASE_SHM);
	attach(&mqueue, root, PHASE_MQUEUE);
	attach(&sysfs, root, PHASE_SYSFS);
	mask_paths(root);
	make_readonly(root);
	bring_up_loopback();
	if (floor->attach == ATTACH_PARENT) {
		check(read(floor->go[0], &byte, 1) == 1 ? 0 : -1, "read go");
		lap(PHASE_CHILD_SYNC);
	}
	if (floor->attach != ATTACH_SELF) {
		check(unshare(CLONE_NEWCGROUP), "unshare");
		lap(PHASE_CGROUP_NS);
	}
	mount_cgroups(floor, root);
	enter_root(root);
	set_process();
	lap_exec();
	if (floor->no_exec)
		_exit(0);
	check(execve(argv[0], argv, envp), "execve");
	abort();
}
