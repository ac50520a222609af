/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * call [-s|-i] NUMBER [ARGUMENT...]: makes a system call and prints "ok", or "errno N". With -s, a SIGSYS is caught and
 * printed as "trap NUMBER ERRNO". With -i, it is one of i386, with up to three arguments.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void caught(int signal_number, siginfo_t *info, void *context)
{
	(void)signal_number;
	(void)context;
	printf("trap %d %d\n", info->si_syscall, info->si_errno);
	exit(0);
}

/* As syscall(2) returns. */
static long call_i386(long number, const unsigned long *a)
{
#ifdef __x86_64__
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a[0]), "c"(a[1]), "d"(a[2]) : "memory");
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
#else
	(void)number;
	(void)a;
	errno = ENOSYS;
	return -1;
#endif
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO };
	unsigned long a[6] = { 0 };
	bool i386 = argc > 1 && strcmp(argv[1], "-i") == 0;
	int first = 1 + i386;
	long result;

	if (argc > 1 && strcmp(argv[1], "-s") == 0) {
		sigaction(SIGSYS, &action, NULL);
		first++;
	}
	for (int i = first + 1; i < argc && i < first + 7; i++)
		a[i - first - 1] = strtoul(argv[i], NULL, 0);
	result = i386 ? call_i386(atol(argv[first]), a) :
			syscall(atol(argv[first]), a[0], a[1], a[2], a[3], a[4], a[5]);
	if (result < 0)
		printf("errno %d\n", errno);
	else
		puts("ok");
	return 0;
}
