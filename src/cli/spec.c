/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The config to begin with: a shell in a read-only rootfs, with the defaults that runc's users know. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "cli/cli.h"
#include "libocispec/ocispec.h"
#include "util/cleanup.h"
#include "util/version.h"

#define CONFIG_FILE "config.json"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LIST(array) { COUNT(array), array }

struct spec_options {
	const char *bundle;
	bool rootless;
};

static const struct cli_option spec_options[] = {
	{ "bundle", 'b', CLI_STRING, offsetof(struct spec_options, bundle), "DIR",
		"where to write config.json (the working directory)" },
	{ "rootless", 0, CLI_FLAG, offsetof(struct spec_options, rootless), NULL,
		"for a container in a user namespace of the caller" },
	{ 0 },
};

static const char *args[] = { "sh" };
static const char *env[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"TERM=xterm" };
static const char *capability_names[] = { "CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE" };
static const struct oci_user user = { 0 };
static const struct oci_capabilities capabilities = { .bounding = LIST(capability_names),
	.effective = LIST(capability_names), .permitted = LIST(capability_names) };
static const struct oci_rlimit nofile = { OCI_RLIMIT_NOFILE, .hard = 1024, .soft = 1024 };
static const struct oci_rlimit *rlimits[] = { &nofile };

static const struct oci_process process = { .terminal = true, .user = &user, .args = LIST(args),
	.env = LIST(env), .cwd = "/", .capabilities = &capabilities, .rlimits = LIST(rlimits),
	.noNewPrivileges = true };

static const struct oci_root root = { .path = "rootfs", .readonly = true };

static const char *dev_words[] = { "nosuid", "strictatime", "mode=755", "size=65536k" };
static const char *pts_words[] = { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
	"gid=5" };
static const char *shm_words[] = { "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" };
static const char *mqueue_words[] = { "nosuid", "noexec", "nodev" };
static const char *sys_words[] = { "nosuid", "noexec", "nodev", "ro" };
static const char *cgroup_words[] = { "nosuid", "noexec", "nodev", "relatime", "ro" };
static const char *bound_sys_words[] = { "rbind", "nosuid", "noexec", "nodev", "ro" };

static const struct oci_mount proc = { .destination = "/proc", .type = "proc", .source = "proc" };
static const struct oci_mount dev = { .destination = "/dev", .type = "tmpfs", .source = "tmpfs",
	.options = LIST(dev_words) };
static const struct oci_mount pts = { .destination = "/dev/pts", .type = "devpts", .source = "devpts",
	.options = LIST(pts_words) };
static const struct oci_mount shm = { .destination = "/dev/shm", .type = "tmpfs", .source = "shm",
	.options = LIST(shm_words) };
static const struct oci_mount mqueue = { .destination = "/dev/mqueue", .type = "mqueue", .source = "mqueue",
	.options = LIST(mqueue_words) };
static const struct oci_mount sys = { .destination = "/sys", .type = "sysfs", .source = "sysfs",
	.options = LIST(sys_words) };
static const struct oci_mount cgroup = { .destination = "/sys/fs/cgroup", .type = "cgroup", .source = "cgroup",
	.options = LIST(cgroup_words) };
static const struct oci_mount *mounts[] = { &proc, &dev, &pts, &shm, &mqueue, &sys, &cgroup };

/* Group 5 does not exist in the user namespace, and the host's network keeps sysfs from being mounted. */
static const struct oci_mount rootless_pts = { .destination = "/dev/pts", .type = "devpts",
	.source = "devpts", .options = { COUNT(pts_words) - 1, pts_words } };
static const struct oci_mount bound_sys = { .destination = "/sys", .type = "none", .source = "/sys",
	.options = LIST(bound_sys_words) };
static const struct oci_mount *rootless_mounts[] = { &proc, &dev, &rootless_pts, &shm, &mqueue,
	&bound_sys, &cgroup };

static const struct oci_device_rule deny_all = { .allow = false, .access = "rwm" };
static const struct oci_device_rule *device_rules[] = { &deny_all };
static const struct oci_resources resources = { .devices = LIST(device_rules) };

static const struct oci_namespace pid_namespace = { OCI_NAMESPACE_PID, NULL };
static const struct oci_namespace network_namespace = { OCI_NAMESPACE_NETWORK, NULL };
static const struct oci_namespace ipc_namespace = { OCI_NAMESPACE_IPC, NULL };
static const struct oci_namespace uts_namespace = { OCI_NAMESPACE_UTS, NULL };
static const struct oci_namespace mount_namespace = { OCI_NAMESPACE_MOUNT, NULL };
static const struct oci_namespace user_namespace = { OCI_NAMESPACE_USER, NULL };
static const struct oci_namespace cgroup_namespace = { OCI_NAMESPACE_CGROUP, NULL };

/* The last one only where the cgroup v2 tree is all there is: v1 shows its paths anyway. */
static const struct oci_namespace *namespaces[] = { &pid_namespace, &network_namespace,
	&ipc_namespace, &uts_namespace, &mount_namespace, &cgroup_namespace };
static const struct oci_namespace *rootless_namespaces[] = { &pid_namespace, &ipc_namespace,
	&uts_namespace, &mount_namespace, &user_namespace, &cgroup_namespace };

static const char *masked_paths[] = { "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys",
	"/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
	"/sys/firmware", "/proc/scsi" };
static const char *readonly_paths[] = { "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
	"/proc/sysrq-trigger" };

static bool only_cgroup_v2(void)
{
	struct statfs fs;

	return statfs("/sys/fs/cgroup", &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC;
}

static int describe(bool rootless, struct oci_arena *arena, const char **text, size_t *length,
	struct error *err)
{
	const struct oci_id_mapping uid = { 0, geteuid(), 1 }, gid = { 0, getegid(), 1 };
	const struct oci_id_mapping *uids[] = { &uid }, *gids[] = { &gid };
	struct oci_linux os = { .resources = &resources, .namespaces = LIST(namespaces),
		.maskedPaths = LIST(masked_paths), .readonlyPaths = LIST(readonly_paths) };
	struct oci_config config = { .ociVersion = SILO_SPEC_VERSION, .process = &process,
		.root = &root, .hostname = "silo", .mounts = LIST(mounts), .linux = &os };
	struct oci_error cause;

	if (rootless) {
		os.resources = NULL;
		os.namespaces = (struct oci_namespace_list)LIST(rootless_namespaces);
		os.uidMappings = (struct oci_id_mapping_list)LIST(uids);
		os.gidMappings = (struct oci_id_mapping_list)LIST(gids);
		config.mounts = (struct oci_mount_list)LIST(rootless_mounts);
	}
	if (!only_cgroup_v2())
		os.namespaces.len--;
	if (oci_write(&oci_config_type, &config, OCI_WRITE_TABS, arena, text, length, &cause) < 0)
		return error_say(err, cause.code, "describe the config: %s", cause.message);
	return 0;
}

static int open_directory(const char *path, struct error *err)
{
	int fd = open(path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? error_set(err, errno, "open the bundle %s", path) : fd;
}

static int save(int dirfd, const char *text, size_t length, struct error *err)
{
	_cleanup_close_ int fd = openat(dirfd, CONFIG_FILE,
		O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	int r;

	if (fd < 0 && errno == EEXIST)
		return error_say(err, EEXIST, "%s exists already: remove it first", CONFIG_FILE);
	if (fd < 0)
		return error_set(err, errno, "make %s", CONFIG_FILE);
	if (dprintf(fd, "%.*s%s", (int)length, text, text[length - 1] == '\n' ? "" : "\n") < 0) {
		r = error_set(err, errno, "write %s", CONFIG_FILE);
		unlinkat(dirfd, CONFIG_FILE, 0);
		return r;
	}
	return 0;
}

static int write_spec(struct cli_call *call, struct error *err)
{
	const struct spec_options *options = call->options;
	_cleanup_close_ int dirfd = open_directory(options->bundle, err);
	struct oci_arena *arena;
	const char *text;
	size_t length;
	int r;

	if (dirfd < 0)
		return dirfd;
	arena = oci_arena_new();
	if (!arena)
		return error_set(err, ENOMEM, "describe the config");
	r = describe(options->rootless, arena, &text, &length, err);
	if (r == 0)
		r = save(dirfd, text, length, err);
	oci_arena_free(arena);
	return r;
}

const struct cli_command cli_spec = {
	.name = "spec",
	.summary = "write a config.json to begin with",
	.usage = "",
	.options = spec_options,
	.options_size = sizeof(struct spec_options),
	.function = write_spec,
};
