/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.terminal, consoleSize (PRC-02..04, DEV-10). */
#include "aspects/aspects.h"

#include <errno.h>

#include "sys/process.h"

int aspect_terminal(struct compile *c)
{
	const struct oci_process *process = c->config->process;
	struct plan_sync sync = { .token = PLAN_TOKEN_TERMINAL };
	struct plan_terminal args = { 0 };

	if (!process || !process->terminal)
		return 0;
	if (process->consoleSize) {
		const struct oci_console_size *size = process->consoleSize;

		if (size->height > UINT16_MAX || size->width > UINT16_MAX)
			return plan_refuse(c, &process->consoleSize, ERANGE,
				"a terminal has at most %d rows and columns", UINT16_MAX);
		args.rows = size->height;
		args.columns = size->width;
	}
	args.uid = process->user ? process->user->uid : 0;
	args.console = (c->new_namespaces & CLONE_NEWNS) != 0;
	args.clone_follows = c->options->entered && c->plan->joins;
	plan_add(c, PLAN_TERMINAL, &process->terminal, &args, sizeof(args), "make the terminal%s",
		args.console ? " and /dev/console" : "");
	plan_add(c, PLAN_SYNC, &process->terminal, &sync, sizeof(sync),
		"hand the terminal's master to the host side");
	plan_add_host(c, HOST_SEND_TERMINAL, HOST_AT_TERMINAL, &process->terminal, NULL,
		"pass the terminal's master on");
	c->plan->terminal = true;
	return 0;
}
