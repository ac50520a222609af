/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the container's process is born with: identity, limits, privileges. */
#include "init/init.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "plan/protocol.h"
#include "plan/scheduler.h"
#include "sys/process.h"

#define KEYCTL_JOIN_SESSION_KEYRING 1
#define IOPRIO_WHO_PGRP 2

int step_hostname(struct init *init, const void *args)
{
	const struct plan_text *name = args;

	if (sethostname(init_string(init, name->text), name->length) < 0)
		return init_failed(init, "sethostname", init_string(init, name->text));
	return 0;
}

int step_domainname(struct init *init, const void *args)
{
	const struct plan_text *name = args;

	if (syscall(SYS_setdomainname, init_string(init, name->text), (size_t)name->length) < 0)
		return init_failed(init, "setdomainname", init_string(init, name->text));
	return 0;
}

static int write_proc(struct init *init, const char *prefix, const char *path, const char *value)
{
	char name[256];
	int fd, r;

	r = init_open_proc(init);
	if (r < 0)
		return r;
	if (strlen(prefix) + strlen(path) >= sizeof(name))
		return init_refused(init, ENAMETOOLONG, "open", path);
	strcpy(name, prefix);
	strcat(name, path);
	fd = openat(init->proc, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return init_failed(init, "open below /proc:", name);
	if (write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		r = init_failed(init, "write below /proc:", name);
	close(fd);
	return r;
}

int step_sysctl(struct init *init, const void *args)
{
	const struct plan_sysctl *sysctl = args;

	return write_proc(init, "sys/", init_string(init, sysctl->path),
		init_string(init, sysctl->value));
}

/*
 * exec writes its label before it enters the container, so this procfs is of the host's pid namespace: closed at once,
 * since what is open in a container leads out of it (CVE-2024-21626). Who needs one later makes it there.
 */
int step_label(struct init *init, const void *args)
{
	const struct plan_label *label = args;
	int r = write_proc(init, "self/attr/", init_string(init, label->attribute),
		init_string(init, label->value));

	if (init->proc >= 0)
		close(init->proc);
	init->proc = -1;
	return r;
}

/* Before anything is joined: the /proc of whoever called us, and our own file in it. */
int step_oom_score(struct init *init, const void *args)
{
	static const char path[] = "/proc/self/oom_score_adj";
	const struct plan_text *score = args;
	int fd = openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC), r = 0;

	if (fd < 0 || write(fd, init_string(init, score->text), score->length) != score->length)
		r = init_failed(init, "write", path);
	close(fd);
	return r;
}

int step_keyring(struct init *init, const void *args)
{
	const char *name = init_string(init, ((const struct plan_text *)args)->text);

	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name) >= 0) /* its number */
		return 0;
	if (errno == EDQUOT) {
		init_warn(init, "the container has the caller's session keyring: the quota of keys is used up "
				"(/proc/key-users; /proc/sys/kernel/keys/maxkeys allows more), for ", name);
		return 0;
	}
	/* Kernels without keyrings, and filters around the runtime, are no reason to fail. */
	return errno == ENOSYS || errno == EPERM ? 0 : init_failed(init, "keyctl: join the session keyring", name);
}

int step_personality(struct init *init, const void *args)
{
	const struct plan_personality *execution = args;

	if (syscall(SYS_personality, execution->domain) < 0)
		return init_failed(init, "personality", NULL);
	return 0;
}

int step_rlimit(struct init *init, const void *args)
{
	const struct plan_rlimit *limit = args;
	uint64_t values[2] = { limit->soft, limit->hard };

	if (syscall(SYS_prlimit64, 0, limit->resource, values, NULL) < 0)
		return init_failed(init, "setrlimit", NULL);
	return 0;
}

int step_affinity(struct init *init, const void *args)
{
	const struct plan_affinity *affinity = args;

	if (syscall(SYS_sched_setaffinity, 0, (size_t)affinity->size, init->blob + affinity->cpus) < 0)
		return init_failed(init, "sched_setaffinity", NULL);
	return 0;
}

int step_scheduler(struct init *init, const void *args)
{
	const struct plan_scheduler *plan = args;
	if (plan_scheduler_set(0, plan) == 0)
		return 0;
	if (errno == EPERM && plan->cpuset)
		return init_refused(init, EPERM, PLAN_SCHEDULER_CPUSET, NULL);
	return init_failed(init, "sched_setattr", NULL);
}

int step_io_priority(struct init *init, const void *args)
{
	const struct plan_io_priority *priority = args;

	if (syscall(SYS_ioprio_set, IOPRIO_WHO_PGRP, 0, priority->value) < 0)
		return init_failed(init, "ioprio_set", NULL);
	return 0;
}

int step_memory_policy(struct init *init, const void *args)
{
	const struct plan_memory_policy *policy = args;

	if (syscall(SYS_set_mempolicy, policy->mode,
		    policy->nodes ? init->blob + policy->nodes : NULL, policy->max_node) < 0)
		return init_failed(init, "set_mempolicy", NULL);
	return 0;
}

int step_bounding(struct init *init, const void *args)
{
	uint64_t drop = ((const struct plan_capabilities *)args)->bounding;
	char number[24];

	for (unsigned cap = 0; cap < 64; cap++) {
		if (drop >> cap & 1 && prctl(PR_CAPBSET_DROP, cap) < 0)
			return init_failed(init, "drop from the bounding set: capability",
				init_number(number, cap));
	}
	return 0;
}

/*
 * The process may reopen the pipes it was given, as with runc and crun. These give it files, too (`runc create`, `crun
 * run`); but whoever owns one may do more than a descriptor lets him: read what was written before, let others in.
 */
static void own_stdio(uint32_t uid)
{
	for (int fd = 0; fd < 3; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0 || st.st_uid == uid || !(S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)))
			continue;
		/* May be refused: a read-only file system, an unmapped owner. */
		if (fchown(fd, uid, (gid_t)-1) < 0)
			errno = 0;
	}
}

/* Changing from uid 0 clears the effective set; what comes after still needs it. */
static int regain_effective(struct init *init)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data) < 0)
		return init_failed(init, "capget", NULL);
	data[0].effective = data[0].permitted;
	data[1].effective = data[1].permitted;
	if (syscall(SYS_capset, &header, data) < 0)
		return init_failed(init, "capset", NULL);
	return 0;
}

int step_user(struct init *init, const void *args)
{
	const struct plan_user *user = args;

	if (user->uid)
		own_stdio(user->uid);
	if (user->uid && prctl(PR_SET_KEEPCAPS, 1) < 0)
		return init_failed(init, "prctl PR_SET_KEEPCAPS", NULL);
	if (user->set_groups &&
		syscall(SYS_setgroups, user->groups.count, init->blob + user->groups.items) < 0 &&
		!(errno == EPERM && user->set_groups == PLAN_GROUPS_IF_ALLOWED && !user->groups.count))
		return init_failed(init, "setgroups", NULL);
	if (syscall(SYS_setresgid, user->gid, user->gid, user->gid) < 0)
		return init_failed(init, "setresgid", NULL);
	if (syscall(SYS_setresuid, user->uid, user->uid, user->uid) < 0)
		return init_failed(init, "setresuid", NULL);
	syscall(SYS_umask, user->umask);
	return user->uid ? regain_effective(init) : 0;
}

int step_capabilities(struct init *init, const void *args)
{
	const struct plan_capabilities *caps = args;
	char number[24];

	if (sys_capset(caps->effective | caps->keep, caps->permitted | caps->keep, caps->inheritable) < 0)
		return init_failed(init, "capset", NULL);
	if (caps->sets_only)
		return 0;
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return init_failed(init, "clear the ambient capabilities", NULL);
	for (unsigned cap = 0; cap < 64; cap++) {
		if (caps->ambient >> cap & 1 &&
			prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return init_failed(init, "raise the ambient capability",
				init_number(number, cap));
	}
	return 0;
}

int step_start(struct init *init, const void *args)
{
	const struct plan_start *start = args;
	int listener = init_fd(init, start->socket), fd;
	struct plan_message message;

	close(init->sync);
	do {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && errno != EINTR && errno != ECONNABORTED)
			_exit(1);
		/* Whoever hangs up without a word did not start the container. */
		if (fd >= 0 && recv(fd, &message, sizeof(message), 0) != sizeof(message)) {
			close(fd);
			fd = -1;
		}
	} while (fd < 0);
	close(listener);
	init->sync = fd;
	return 0;
}

int step_no_new_privs(struct init *init, const void *args)
{
	(void)args;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return init_failed(init, "prctl PR_SET_NO_NEW_PRIVS", NULL);
	return 0;
}
