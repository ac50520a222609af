/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * call [-s] NUMBER [ARGUMENT...]: makes a system call and prints "ok", or "errno N". With -s, a SIGSYS is caught and
 * printed as "trap NUMBER ERRNO".
 */
#include <errno.h>
#include <signal.h>
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

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO };
	unsigned long a[6] = { 0 };
	int first = 1;

	if (argc > 1 && strcmp(argv[1], "-s") == 0) {
		sigaction(SIGSYS, &action, NULL);
		first++;
	}
	for (int i = first + 1; i < argc && i < first + 7; i++)
		a[i - first - 1] = strtoul(argv[i], NULL, 0);
	if (syscall(atol(argv[first]), a[0], a[1], a[2], a[3], a[4], a[5]) < 0)
		printf("errno %d\n", errno);
	else
		puts("ok");
	return 0;
}
