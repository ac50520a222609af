/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Device programs in the v2 tree: bpf(2), commands BPF_PROG_LOAD and BPF_PROG_ATTACH. */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cgroup/files.h"
#include "util/cleanup.h"

#define PROGRAM_NAME "silo_devices"
#define PROGRAMS_MAX 64 /* that a cgroup can have attached (kernel/bpf/cgroup.c) */

static int sys_bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int load_program(const void *program, size_t length)
{
	static const char license[] = "GPL";
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uintptr_t)program;
	attr.insn_cnt = (uint32_t)length;
	attr.license = (uintptr_t)license;
	memcpy(attr.prog_name, PROGRAM_NAME, sizeof(PROGRAM_NAME));
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

/* Kernels before 5.11 charge programs to RLIMIT_MEMLOCK, and say EPERM when it is too low. */
static int load_with_limit(const void *program, size_t length)
{
	struct rlimit limit, unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	int fd = load_program(program, length);

	if (fd >= 0 || errno != EPERM || getrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		return fd;
	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) < 0) {
		errno = EPERM;
		return -1;
	}
	fd = load_program(program, length);
	if (fd < 0)
		errno = EPERM;
	setrlimit(RLIMIT_MEMLOCK, &limit);
	return fd;
}

/* A descriptor of the program of ours that is attached, or -1. */
static int find_ours(int cgroup_fd)
{
	uint32_t ids[PROGRAMS_MAX];
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)cgroup_fd;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uintptr_t)ids;
	attr.query.prog_cnt = PROGRAMS_MAX;
	if (sys_bpf(BPF_PROG_QUERY, &attr) < 0)
		return -1;
	for (uint32_t i = 0, count = attr.query.prog_cnt; i < count && i < PROGRAMS_MAX; i++) {
		struct bpf_prog_info info;
		int fd;

		memset(&attr, 0, sizeof(attr));
		attr.prog_id = ids[i];
		fd = sys_bpf(BPF_PROG_GET_FD_BY_ID, &attr);
		if (fd < 0)
			continue;
		memset(&info, 0, sizeof(info));
		memset(&attr, 0, sizeof(attr));
		attr.info.bpf_fd = (uint32_t)fd;
		attr.info.info_len = sizeof(info);
		attr.info.info = (uintptr_t)&info;
		if (sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0 && strcmp(info.name, PROGRAM_NAME) == 0)
			return fd;
		close(fd);
	}
	return -1;
}

int cgroup_set_devices(const struct cgroup *cgroup, const void *program, size_t length,
	struct error *err)
{
	_cleanup_close_ int fd = load_with_limit(program, length);
	_cleanup_close_ int old = -1;
	union bpf_attr attr;

	if (fd < 0)
		return error_set(err, errno, "load the device rules as a BPF program");
	if (cgroup->v2_fd < 0)
		return error_set(err, ENOENT, "find the container's cgroup in the v2 tree");
	/* Nobody else knows a cgroup that was just made. */
	if (!cgroup->spec)
		old = find_ours(cgroup->v2_fd);
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup->v2_fd;
	attr.attach_bpf_fd = (uint32_t)fd;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (old >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)old;
	}
	if (sys_bpf(BPF_PROG_ATTACH, &attr) < 0)
		return error_set(err, errno, "attach the device rules to cgroup %s", cgroup->path);
	return 0;
}
