/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes: clone3(2), pidfd_open(2), pidfd_send_signal(2), what a pidfd knows (ioctl_pidfd(2)),
 * execveat(2), close_range(2), capset(2), and messages with a descriptor.
 */
#ifndef SILO_SYS_PROCESS_H
#define SILO_SYS_PROCESS_H

#include <errno.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif

static inline pid_t sys_clone3(struct clone_args *args)
{
	return (pid_t)syscall(SYS_clone3, args, sizeof(*args));
}

/*
 * ESRCH: there is no such process. Older kernels (6.12 does) say EINVAL where the number is still that of a
 * session or group whose leader has ended, or a thread's.
 */
static inline int sys_pidfd_open(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0 && errno == EINVAL)
		errno = ESRCH;
	return fd;
}

static inline int sys_pidfd_send_signal(int pidfd, int signal)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

/* The first version of the kernel's struct pidfd_info. */
struct sys_pidfd_info {
	uint64_t mask; /* in: what is asked for; out: what is there */
	uint64_t cgroupid;
	uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code; /* as waitpid(2) gives it */
};

#define SYS_PIDFD_INFO_EXIT (UINT64_C(1) << 3) /* since Linux 6.15, once the process was waited for */

/* Since Linux 6.13. */
static inline int sys_pidfd_get_info(int pidfd, struct sys_pidfd_info *info)
{
	return ioctl(pidfd, _IOWR(0xff, 11, struct sys_pidfd_info), info);
}

static inline int sys_execveat(int fd, const char *path, char *const argv[], char *const envp[],
	int flags)
{
	return (int)syscall(SYS_execveat, fd, path, argv, envp, flags);
}

static inline int sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

/* Sets the calling thread's three main capability sets; bit n is capability n. */
static inline int sys_capset(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable },
		{ (uint32_t)(effective >> 32), (uint32_t)(permitted >> 32),
			(uint32_t)(inheritable >> 32) },
	};

	return (int)syscall(SYS_capset, &header, data);
}

/*
 * Sends one packet, with a descriptor if @fd is not negative.
 * Return: as sendmsg(2).
 */
static inline ssize_t sys_send_with_fd(int socket, const void *data, size_t size, int fd)
{
	struct iovec part = { .iov_base = (void *)data, .iov_len = size };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *header = &control.align;

		memset(&control, 0, sizeof(control));
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof(int));
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
	}
	return sendmsg(socket, &message, MSG_NOSIGNAL);
}

/*
 * Receives one packet; *@fd becomes the descriptor that came with it, or -1.
 * Return: as recvmsg(2).
 */
static inline ssize_t sys_receive_with_fd(int socket, void *data, size_t size, int *fd)
{
	struct iovec part = { .iov_base = data, .iov_len = size };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1,
		.msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
	ssize_t got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);

	*fd = -1;
	if (got >= 0) {
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);

		if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
			memcpy(fd, CMSG_DATA(header), sizeof(int));
	}
	return got;
}

#endif
