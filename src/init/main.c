/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "init/init.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan/protocol.h"
#include "plan/valid.h"
#include "sys/process.h"

static int (*const functions[PLAN_KIND_COUNT])(struct init *, const void *) = {
	[PLAN_JOIN] = step_join,
	[PLAN_ENTER_ROOT] = step_enter_root,
	[PLAN_CLONE] = step_clone,
	[PLAN_UNSHARE] = step_unshare,
	[PLAN_CGROUP_JOIN] = step_cgroup_join,
	[PLAN_AFFINITY] = step_affinity,
	[PLAN_SYNC] = step_sync,
	[PLAN_LOOPBACK] = step_loopback,
	[PLAN_BECOME_ROOT] = step_become_root,
	[PLAN_PRIVATE] = step_private,
	[PLAN_PROPAGATION] = step_propagation,
	[PLAN_ROOTFS] = step_rootfs,
	[PLAN_MOUNT] = step_mount,
	[PLAN_UMOUNT] = step_umount,
	[PLAN_DEVICE] = step_device,
	[PLAN_SYMLINK] = step_symlink,
	[PLAN_HOOK] = step_hook,
	[PLAN_PIVOT] = step_pivot,
	[PLAN_ROOT_ATTR] = step_root_attr,
	[PLAN_READONLY_PATH] = step_readonly_path,
	[PLAN_MASK_PATH] = step_mask_path,
	[PLAN_HOSTNAME] = step_hostname,
	[PLAN_DOMAINNAME] = step_domainname,
	[PLAN_SYSCTL] = step_sysctl,
	[PLAN_TERMINAL] = step_terminal,
	[PLAN_OOM_SCORE] = step_oom_score,
	[PLAN_KEYRING] = step_keyring,
	[PLAN_PERSONALITY] = step_personality,
	[PLAN_RLIMIT] = step_rlimit,
	[PLAN_SCHEDULER] = step_scheduler,
	[PLAN_IO_PRIORITY] = step_io_priority,
	[PLAN_MEMORY_POLICY] = step_memory_policy,
	[PLAN_LABEL] = step_label,
	[PLAN_BOUNDING] = step_bounding,
	[PLAN_USER] = step_user,
	[PLAN_CWD] = step_cwd,
	[PLAN_CAPABILITIES] = step_capabilities,
	[PLAN_FIND_PROGRAM] = step_find_program,
	[PLAN_START] = step_start,
	[PLAN_NO_NEW_PRIVS] = step_no_new_privs,
	[PLAN_SECCOMP] = step_seccomp,
	[PLAN_EXEC] = step_exec,
};

/* Appends @text to the string in @buffer of @size bytes, cutting what does not fit. */
static void append(char *buffer, size_t size, const char *text)
{
	size_t used = strlen(buffer), length = strlen(text);

	if (length >= size - used)
		length = size - used - 1;
	memcpy(buffer + used, text, length);
	buffer[used + length] = '\0';
}

int init_refused(struct init *init, int code, const char *message, const char *subject)
{
	init->detail[0] = '\0';
	append(init->detail, sizeof(init->detail), message);
	if (subject) {
		append(init->detail, sizeof(init->detail), " ");
		append(init->detail, sizeof(init->detail), subject);
	}
	return -code;
}

int init_failed(struct init *init, const char *call, const char *subject)
{
	int code = errno;

	return init_refused(init, code, call, subject);
}

char *init_number(char *buffer, unsigned long long value)
{
	char *p = buffer + 23;

	*p = '\0';
	do {
		*--p = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	return p;
}

void init_warn(struct init *init, const char *text, const char *subject)
{
	struct plan_message message = { .type = PLAN_MESSAGE_WARNING };

	append(message.detail, sizeof(message.detail), text);
	append(message.detail, sizeof(message.detail), subject);
	sys_send_with_fd(init->sync, &message, sizeof(message), -1);
}

int init_sync(struct init *init, uint32_t token, int fd)
{
	struct plan_message message = { .type = PLAN_MESSAGE_REACHED, .token = token,
		.pid = (int32_t)getpid() };

	if (sys_send_with_fd(init->sync, &message, sizeof(message), fd) < 0)
		return init_failed(init, "sendmsg to the runtime", NULL);
	/* End of file: the runtime is gone, and with it the reason to go on. */
	if (recv(init->sync, &message, sizeof(message), 0) != sizeof(message))
		_exit(1);
	return 0;
}

void init_last(struct init *init)
{
	const struct plan_message message = { .type = PLAN_MESSAGE_LAST };

	/* Whoever started us may have been killed since; the container is started all the same. */
	if (!init->last_said)
		sys_send_with_fd(init->sync, &message, sizeof(message), -1);
	init->last_said = true;
}

static void report(struct init *init, uint32_t index, const struct plan_step *step, int code)
{
	struct plan_message message = { .type = PLAN_MESSAGE_FAILED, .error = code, .step = index,
		.line = step->line };

	if (step->pointer)
		append(message.pointer, sizeof(message.pointer), init_string(init, step->pointer));
	append(message.what, sizeof(message.what), init_string(init, step->what));
	append(message.detail, sizeof(message.detail), init->detail);
	sys_send_with_fd(init->sync, &message, sizeof(message), -1);
}

static bool injected(const struct init *init, uint32_t index)
{
#ifdef SILO_FAULT_INJECTION
	return init->header->fail_step == index + 1;
#else
	(void)init;
	(void)index;
	return false;
#endif
}

static int run(struct init *init)
{
	const struct plan_step *steps =
		(const struct plan_step *)(init->blob + init->header->steps);

	for (uint32_t i = 0; i < init->header->step_count; i++) {
		const struct plan_step *step = &steps[i];
		int r = -ENOSYS;

		init->detail[0] = '\0';
		if (injected(init, i))
			r = init_refused(init, EIO, "injected failure", NULL);
		else if (step->kind < PLAN_KIND_COUNT && functions[step->kind])
			r = functions[step->kind](init, init->blob + step->args);
		if (r < 0) {
			report(init, i, step, -r);
			return 1;
		}
	}
	return 1;
}

static int map_plan(struct init *init, int fd)
{
	struct stat st;
	void *blob;

	if (fstat(fd, &st) < 0 || st.st_size < (off_t)sizeof(struct plan_header))
		return -1;
	blob = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (blob == MAP_FAILED)
		return -1;
	init->blob = blob;
	init->header = blob;
	if (!plan_valid(blob, (size_t)st.st_size))
		return -1;
	init->sync = init->header->sync_fd;
	return 0;
}

int main(int argc, char **argv)
{
	static struct init init = { .rootfs = -1, .proc = -1, .settled = { -1, -1 }, .mask = -1, .null = -1, .parent = -1,
		.terminal = -1 };
	int fd = 0;

	if (argc != 2)
		return 1;
	for (const char *p = argv[1]; *p; p++)
		fd = fd * 10 + (*p - '0');
	if (map_plan(&init, fd) < 0)
		return PLAN_REFUSED;
	/* Nothing of ours, nor of whoever called the runtime, outlives the last execve. */
	if (sys_close_range(3 + init.header->preserve_fds, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return 1;
	/* Away from the caller's terminal and process group (TIOCSTI). */
	setsid();
	return run(&init);
}
