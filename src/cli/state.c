/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "cli/cli.h"
#include "runtime/state.h"

static const struct cli_option options[] = {
	{ 0 },
};

static int print(const struct state_directory *dir, struct error *err)
{
	const struct container_state *state;
	struct oci_document *document;
	struct oci_error cause;
	struct oci_state shown;
	const char *text;
	int r = state_read(dir, &document, &state, err);

	if (r < 0)
		return r;
	r = state_report(dir, state, document->arena, &shown, err);
	if (r == 0 && oci_write(&oci_state_type, &shown, OCI_WRITE_PRETTY, document->arena, &text,
			      NULL, &cause) < 0)
		r = error_say(err, cause.code, "state of container %s: %s", dir->id, cause.message);
	if (r == 0) {
		puts(text);
		r = cli_flush(err);
	}
	oci_document_free(document);
	return r;
}

static int show_state(struct cli_call *call, struct error *err)
{
	struct state_directory dir;
	int r = state_open(call->context->root, call->arguments[0], STATE_LOCK_NONE, &dir, err);

	if (r < 0)
		return r;
	r = print(&dir, err);
	state_close(&dir);
	return r;
}

const struct cli_command cli_state = {
	.name = "state",
	.summary = "print the state of a container",
	.usage = "CONTAINER",
	.options = options,
	.arguments_min = 1,
	.arguments_max = 1,
	.function = show_state,
};
