/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --regex: one command for all containers whose IDs match. */
#include <errno.h>
#include <regex.h>

#include "cli/cli.h"
#include "runtime/state.h"
#include "util/log.h"

/* All are tried; the first error is the call's, further ones go to the log. */
static int call_all(const struct cli_call *call, const regex_t *pattern,
	const struct oci_string_list *ids, cli_each_function function, struct error *err)
{
	int result = 0;

	for (size_t i = 0; i < ids->len; i++) {
		struct error error = { 0 };
		int r;

		if (regexec(pattern, ids->items[i], 0, NULL, 0) != 0)
			continue;
		r = function(call, ids->items[i], &error);
		if (r == 0)
			continue;
		error_prefix(&error, "container %s", ids->items[i]);
		if (result < 0)
			log_warning("%s", error.message);
		else
			*err = error;
		result = result < 0 ? result : r;
	}
	return result;
}

int cli_each(const struct cli_call *call, const char *pattern, cli_each_function function,
	struct error *err)
{
	struct oci_arena *arena;
	struct oci_string_list ids;
	regex_t compiled;
	char why[256];
	int r = regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB);

	if (r != 0) {
		regerror(r, &compiled, why, sizeof(why));
		return error_say(err, EINVAL, "--regex: \"%s\": %s", pattern, why);
	}
	arena = oci_arena_new();
	r = arena ? state_list(call->context->root, arena, &ids, err) :
		    error_set(err, ENOMEM, "list the containers");
	if (r == 0)
		r = call_all(call, &compiled, &ids, function, err);
	else if (r == -ENOENT)
		r = 0; /* no directory, no container that could match */
	oci_arena_free(arena);
	regfree(&compiled);
	return r;
}
