/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run a command and disturb one system call of it, or of the init it starts:
 *
 *   inject [-i] [-p PID] [-u UID] [-l FILE] [-n N (-c NAME -e ERRNO | -k)] COMMAND...
 *
 * -i counts the system calls of init: of every process that descends from the command, up to the execve of
 * anything but silo-init; otherwise those of the command itself. -p adds a process that exists, as one of
 * those. -u runs it as this user and group. -n N -c NAME -e ERRNO makes the Nth, or the first NAME after it, fail
 * without being done, -n N -k kills the process with SIGKILL after it. -l writes "N NAME" for every one counted. Exits
 * as the command does, 128+signal if it was killed, 124 after HANG seconds. What still runs then runs on,
 * undisturbed. (strace -e inject counts every process by itself, and so cannot tell the runtime from init.)
 */
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "names.h"

#ifndef __x86_64__
#error "the registers of this architecture are not known here"
#endif
#include <sys/user.h>

#define HANG 30 /* times SILO_TIME_FACTOR */
#define PROCESSES 64
#define OPTIONS (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | \
	PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC)

struct process {
	pid_t pid;
	bool begun;     /* it executes the program that counts, or descends from one that does */
	bool failing;   /* the system call it is in is to fail */
	long result;    /* ...and to return this */
	bool doomed;    /* to be killed when the system call is done */
	bool restarted; /* the kernel lets it enter @call once more by itself */
	struct call {
		unsigned long number, pointer, arguments[6];
	} call;         /* the last one */
};

static struct process processes[PROCESSES];
static pid_t command;
static bool in_init, kill_it;
static long nth = -1, counted;
static int error;
static const char *wanted;
static FILE *list;

static struct process *find(pid_t pid)
{
	struct process *empty = NULL;

	for (int i = 0; i < PROCESSES; i++) {
		if (processes[i].pid == pid)
			return &processes[i];
		if (!processes[i].pid && !empty)
			empty = &processes[i];
	}
	if (!empty) {
		fprintf(stderr, "inject: too many processes\n");
		exit(125);
	}
	*empty = (struct process){ .pid = pid, .begun = pid != command };
	return empty;
}

static const char *name_of(unsigned long number)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].number == number)
			return names[i].name;
	}
	return "unknown";
}

static void set_register(pid_t pid, bool entering, long value)
{
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) < 0)
		return;
	if (entering)
		registers.orig_rax = (unsigned long)value;
	else
		registers.rax = (unsigned long)value;
	ptrace(PTRACE_SETREGS, pid, NULL, &registers);
}

/* brk(2) fails by leaving things as they are, which glibc knows from any lower address. */
static long failure(unsigned long number)
{
	return number == SYS_brk ? 0 : -error;
}

/*
 * A system call that a signal or rtnetlink's lock interrupts is left with one of these, which no program sees, and
 * entered again: how often is chance, and so it counts once.
 */
static bool restarts(long result)
{
	return result == -512 || result == -513 || result == -514 || result == -516; /* ERESTART... */
}

static bool same_call(const struct call *a, const struct call *b)
{
	return a->pointer == b->pointer && (b->number == SYS_restart_syscall || memcmp(a, b, sizeof(*a)) == 0);
}

static void entering(struct process *p, const struct call *call)
{
	unsigned long number = call->number;
	bool again = p->restarted && same_call(&p->call, call);

	p->restarted = false;
	if (again)
		return;
	p->call = *call;
	/* These do not return: nothing can be made of them. */
	if (!p->begun || (p->pid == command) == in_init || number == SYS_exit || number == SYS_exit_group || number == SYS_rt_sigreturn)
		return;
	counted++;
	if (list)
		fprintf(list, "%ld %s\n", counted, name_of(number));
	/* Not every run makes the same calls; an error that another call cannot have proves nothing. */
	if (nth < 0 || counted < nth || (wanted && strcmp(wanted, name_of(number)) != 0))
		return;
	nth = -1;
	fprintf(stderr, "inject: %s\n", name_of(number));
	p->doomed = kill_it;
	p->failing = !kill_it;
	p->result = failure(number);
	/* close(2) releases the descriptor whatever it returns. */
	if (p->failing && number != SYS_close)
		set_register(p->pid, true, -1);
}

static void leaving(struct process *p, long result)
{
	p->restarted = restarts(result);
	if (p->failing)
		set_register(p->pid, false, p->result);
	if (p->doomed)
		kill(p->pid, SIGKILL);
	p->failing = p->doomed = false;
}

static bool runs_ours(pid_t pid)
{
	char path[64], exe[PATH_MAX];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	length = readlink(path, exe, sizeof(exe) - 1);
	exe[length < 0 ? 0 : length] = '\0';
	return strstr(exe, "silo-init") != NULL;
}

static const struct call *call_of(const struct __ptrace_syscall_info *info)
{
	static struct call call;

	call.number = info->entry.nr;
	call.pointer = info->instruction_pointer;
	for (int i = 0; i < 6; i++)
		call.arguments[i] = info->entry.args[i];
	return &call;
}

/* One stop of a process; it goes on afterwards. */
static void stopped(struct process *p, int status)
{
	struct __ptrace_syscall_info info = { 0 };
	int signal_number = WSTOPSIG(status), event = status >> 16;

	if (signal_number == (SIGTRAP | 0x80)) {
		signal_number = 0;
		if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, sizeof(info), &info) > 0) {
			if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
				entering(p, call_of(&info));
			else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
				leaving(p, info.exit.rval);
		}
	} else if (event == PTRACE_EVENT_EXEC && p->pid != command && !runs_ours(p->pid)) {
		ptrace(PTRACE_DETACH, p->pid, NULL, NULL);
		p->pid = 0;
		return;
	} else if (event) {
		p->begun = p->begun || event == PTRACE_EVENT_EXEC;
		signal_number = 0;
	} else if (signal_number == SIGSEGV && p->pid != command) {
		/* A traced pid 1 of a namespace would not die of this, but run into it for ever (signal.c). */
		signal_number = 0;
		kill(p->pid, SIGKILL);
	}
	ptrace(PTRACE_SYSCALL, p->pid, NULL, (void *)(long)signal_number);
}

static void hang(int signal_number)
{
	(void)signal_number;
	kill(command, SIGKILL);
	_exit(124);
}

static int follow(void)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0)
			return 125;
		if (WIFSTOPPED(status)) {
			stopped(find(pid), status);
			continue;
		}
		find(pid)->pid = 0;
		if (pid == command)
			return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
}

static void seize(pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)(long)OPTIONS) < 0) {
		perror("inject: seize");
		exit(125);
	}
	find(pid);
}

int main(int argc, char **argv)
{
	const char *factor = getenv("SILO_TIME_FACTOR");
	pid_t more = 0;
	uid_t user = 0;
	int status, option;

	while ((option = getopt(argc, argv, "+ip:u:l:n:c:e:k")) != -1) {
		switch (option) {
		case 'i': in_init = true; break;
		case 'p': more = atoi(optarg); in_init = true; break;
		case 'u': user = (uid_t)atoi(optarg); break;
		case 'l': list = fopen(optarg, "w"); break;
		case 'n': nth = atol(optarg); break;
		case 'c': wanted = optarg; break;
		case 'e': error = atoi(optarg); break;
		case 'k': kill_it = true; break;
		default: return 125;
		}
	}
	command = fork();
	if (command == 0) {
		raise(SIGSTOP); /* until it is seized */
		if (user && (setgroups(0, NULL) < 0 || setgid(user) < 0 || setuid(user) < 0))
			_exit(126);
		execvp(argv[optind], argv + optind);
		_exit(127);
	}
	if (waitpid(command, &status, WUNTRACED) != command || !WIFSTOPPED(status))
		return 125;
	seize(command);
	if (more)
		seize(more);
	if (more)
		ptrace(PTRACE_INTERRUPT, more, NULL, NULL);
	signal(SIGALRM, hang);
	alarm(HANG * (factor ? (unsigned)atoi(factor) : 1));
	kill(command, SIGCONT);
	status = follow();
	if (list)
		fclose(list);
	return status;
}
