/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prints the reference of all properties, in Markdown: doc/config-reference.md is its output. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "types.h"

static void print_number_type(const struct oci_field *field)
{
	printf("%sint%d", field->is_signed ? "" : "u", field->size * 8);
}

static void print_type(const struct oci_field *field)
{
	static const char *const shapes[] = {
		[OCI_SHAPE_ONE] = "", [OCI_SHAPE_LIST] = "array of ", [OCI_SHAPE_MAP] = "map of "
	};
	static const char *const kinds[] = { [OCI_KIND_BOOL] = "bool",
		[OCI_KIND_STRING] = "string",
		[OCI_KIND_ENUM] = "string",
		[OCI_KIND_OBJECT] = "object" };

	fputs(shapes[field->shape], stdout);
	if (field->kind == OCI_KIND_NUMBER)
		print_number_type(field);
	else
		fputs(kinds[field->kind], stdout);
}

static const char *presence(const struct oci_field *field)
{
	switch (field->presence) {
	case OCI_REQUIRED:
		return "required";
	case OCI_OPTIONAL:
		return "optional";
	default:
		return field->kind == OCI_KIND_BOOL ? "false" : "0";
	}
}

static void print_values(const struct oci_field *field)
{
	int64_t min;
	uint64_t max;

	if (field->kind == OCI_KIND_ENUM) {
		oci_field_range(field, &min, &max);
		for (size_t i = (size_t)min; i <= max; i++)
			printf("%s`%s`", i > (size_t)min ? ", " : "", field->values->names[i]);
	} else if (field->kind == OCI_KIND_NUMBER && (field->min != 0 || field->max != 0)) {
		printf("%" PRId64 " to %" PRIu64, field->min, field->max);
	} else if (field->format != NULL) {
		printf("%s%s", field->shape == OCI_SHAPE_MAP ? "key: " : "",
			field->format->expects);
	}
	if (field->min_items > 0)
		printf("at least %" PRIu32, field->min_items);
	if (field->unique != NULL)
		printf("each `%s` once", field->unique);
}

static const char *item_suffix(const struct oci_field *field)
{
	return field->shape == OCI_SHAPE_ONE ? "" : "/*";
}

/*
 * A section for an object, then those for the objects in it. @path: pointer, with * for indices and
 * keys
 */
static void print_object(const struct oci_type *type, const char *path)
{
	char inner[256];
	const struct oci_field *field;

	if (!type->bare) {
		if (path[0] != '\0')
			printf("\n### `%s`\n", path);
		printf("\n%s", type->doc);
		if (type->rule != NULL)
			printf(" Rule: %s.", type->rule);
		printf("\n\n| Property | Type | Presence or default | Values | Meaning |\n"
		       "|---|---|---|---|---|\n");
		for (field = type->fields(); field->name != NULL; field++) {
			printf("| `%s/%s` | ", path, field->name);
			print_type(field);
			printf(" | %s | ", presence(field));
			print_values(field);
			printf(" | %s |\n", field->doc);
		}
	}
	for (field = type->fields(); field->name != NULL; field++) {
		if (field->kind != OCI_KIND_OBJECT)
			continue;
		snprintf(inner, sizeof(inner), "%s%s%s%s", path, type->bare ? "" : "/", field->name,
			item_suffix(field));
		print_object(field->type, inner);
	}
}

int main(void)
{
	static const struct {
		const char *title;
		const struct oci_type *type;
	} documents[] = {
		{ "config.json", &oci_config_type },
		{ "State", &oci_state_type },
		{ "Container process state", &oci_container_process_state_type },
		{ "Features", &oci_features_type },
	};

	printf("<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->\n"
	       "<!-- Printed by libocispec/refdoc from libocispec/spec/*.def: change those "
	       "instead. -->\n"
	       "# Properties\n\n"
	       "The documents of the OCI runtime specification 1.3 for Linux, as libocispec reads "
	       "and checks"
	       " them.\nProperties that are not listed are ignored. `*` in a JSON pointer stands "
	       "for any"
	       " index or key.\n");
	for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
		printf("\n## %s\n", documents[i].title);
		print_object(documents[i].type, "");
	}
	return ferror(stdout) != 0;
}
