/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long lists of layers. fsconfig(2) takes 255 bytes, mount(2) takes a page and silently cuts what is longer.
 * Since Linux 6.7 layers can be added one by one, as many as there are.
 */
#include "aspects/mounts.h"

#include <string.h>

#define LOWER "lowerdir="
#define ADD "lowerdir+="

/* The next layer of a list, unescaped, as "lowerdir+=LAYER"; NULL for a form that only lowerdir= has ("::"). */
static const char *take_layer(struct compile *c, const char **list)
{
	char *text = oci_arena_alloc(c->arena, strlen(ADD) + strlen(*list) + 1), *to = text;

	if (!text)
		return NULL;
	to = stpcpy(to, ADD);
	for (; **list && **list != ':'; (*list)++) {
		if (**list == '\\' && (*list)[1])
			(*list)++;
		*to++ = **list;
	}
	*to = '\0';
	*list += **list == ':';
	return to == text + strlen(ADD) || to - text > MOUNT_PARAMETER_MAX ? NULL : text;
}

static bool split(struct compile *c, const char *list, const char **parameters, size_t *count)
{
	while (*list) {
		const char *layer = take_layer(c, &list);

		if (!layer)
			return false;
		parameters[(*count)++] = layer;
	}
	return true;
}

bool overlay_split(struct compile *c, struct mount_request *request)
{
	const char **parameters;
	size_t most = 0, count = 0;

	for (size_t i = 0; i < request->parameter_count; i++)
		most += strlen(request->parameters[i]) + 1;
	parameters = oci_arena_alloc(c->arena, most * sizeof(*parameters));
	if (!parameters)
		return false;
	for (size_t i = 0; i < request->parameter_count; i++) {
		const char *word = request->parameters[i];

		if (strncmp(word, LOWER, strlen(LOWER)) != 0)
			parameters[count++] = word;
		else if (!split(c, word + strlen(LOWER), parameters, &count))
			return false;
		if (strlen(parameters[count - 1]) > MOUNT_PARAMETER_MAX)
			return false;
	}
	request->parameters = parameters;
	request->parameter_count = count;
	return true;
}
