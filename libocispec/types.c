/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables themselves, made of the same .def files as the structs. */
#include <string.h>

#include "types.h"

#include "spec/describe.h"
#include "spec/all.def"

static const struct oci_field *mounts_fields(void)
{
	static const struct oci_field fields[] = { { .name = "",
							   .doc = "Mounts, in order.",
							   .kind = OCI_KIND_OBJECT,
							   .shape = OCI_SHAPE_LIST,
							   .presence = OCI_REQUIRED,
							   .type = &oci_mount_type },
		{ .name = NULL } };

	return fields;
}

const struct oci_type oci_mounts_type = { .name = "oci_mount_list",
	.doc = "A bare array of mounts.",
	.size = sizeof(struct oci_mount_list),
	.fields = mounts_fields,
	.bare = true };

const char *oci_enum_name(const struct oci_enum *e, int value)
{
	return value > 0 && (size_t)value < e->count ? e->names[value] : NULL;
}

int oci_enum_value(const struct oci_enum *e, const char *name, size_t len)
{
	for (size_t i = 1; i < e->count; i++)
		if (strncmp(e->names[i], name, len) == 0 && e->names[i][len] == '\0')
			return (int)i;
	return 0;
}

size_t oci_kind_size(const struct oci_field *field)
{
	switch (field->kind) {
	case OCI_KIND_BOOL:
	case OCI_KIND_NUMBER:
		return field->size;
	case OCI_KIND_ENUM:
		return sizeof(enum oci_status);
	default:
		return sizeof(void *);
	}
}

void oci_field_range(const struct oci_field *field, int64_t *min, uint64_t *max)
{
	unsigned bits = field->size * 8u;

	*min = field->min;
	*max = field->max;
	if (*min != 0 || *max != 0)
		return;
	if (field->kind == OCI_KIND_ENUM) {
		*min = 1;
		*max = field->values->count - 1;
	} else if (field->is_signed) {
		*max = UINT64_MAX >> (65 - bits);
		*min = -(int64_t)*max - 1;
	} else {
		*max = UINT64_MAX >> (64 - bits);
	}
}
