/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables behind the specification's structs. Private to the library. */
#ifndef OCISPEC_TYPES_H
#define OCISPEC_TYPES_H

#include "ocispec.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* An object's members seen so far are bits of a uint64_t. */
#define OCI_FIELDS_MAX 64

enum oci_kind {
	OCI_KIND_BOOL,
	OCI_KIND_NUMBER,
	OCI_KIND_STRING,
	OCI_KIND_ENUM,
	OCI_KIND_OBJECT,
};

enum oci_shape {
	OCI_SHAPE_ONE,
	OCI_SHAPE_LIST,
	OCI_SHAPE_MAP,
};

enum oci_presence {
	OCI_OPTIONAL, /* may be absent, which can be told from any value */
	OCI_REQUIRED, /* absence is an error */
	OCI_DEFAULT,  /* absent means 0 or false, which is left out when written */
	OCI_SHOWN,    /* absent means 0, which is written nevertheless */
};

/**
 * struct oci_format - what a string has to look like
 * @expects: completes "expected ..."
 * @test: whether a string does
 */
struct oci_format {
	const char *expects;
	bool (*test)(const char *string);
};

/**
 * struct oci_field - a member of an object
 * @name: the property's and the C member's name; NULL ends a table
 * @doc: one line for the reference
 * @type: of OCI_KIND_OBJECT
 * @values: of OCI_KIND_ENUM
 * @format: of OCI_KIND_STRING; for maps, of the keys; NULL if any will do
 * @unique: for lists of objects: the name of an enum member of which each value may appear once; or
 *	NULL
 * @min, @max: least and greatest number or enum value; both 0 if all the C type holds are valid
 * @min_items: for lists: least length
 * @offset: of the C member in its struct
 * @name_len: length of @name
 * @kind: enum oci_kind; of the items where there are several
 * @shape: enum oci_shape
 * @presence: enum oci_presence
 * @size: of OCI_KIND_NUMBER and OCI_KIND_BOOL: sizeof of the C type
 * @is_signed: of OCI_KIND_NUMBER
 */
struct oci_field {
	const char *name;
	const char *doc;
	const struct oci_type *type;
	const struct oci_enum *values;
	const struct oci_format *format;
	const char *unique;
	int64_t min;
	uint64_t max;
	uint32_t min_items;
	uint16_t offset;
	uint8_t name_len;
	uint8_t kind;
	uint8_t shape;
	uint8_t presence;
	uint8_t size;
	bool is_signed;
};

/**
 * struct oci_type - an object, or a document that is a bare array
 * @name: name of the C struct
 * @doc: one line for the reference
 * @size: of the C struct
 * @fields: gives the table of members; a bare array has one, without name, at offset 0
 * @bare: whether the document is that one array
 * @rule: what @check demands, a complete phrase; or NULL
 * @check: whether an object keeps the rule that binds several of its members
 */
struct oci_type {
	const char *name;
	const char *doc;
	size_t size;
	const struct oci_field *(*fields)(void);
	bool bare;
	const char *rule;
	bool (*check)(const void *object);
};

/* A list and a map, whatever their items are. */
struct oci_any_list {
	size_t len;
	void *items;
};

struct oci_any_entry {
	const char *key;
	const void *value;
};

struct oci_any_map {
	size_t len;
	struct oci_any_entry *items;
};

extern const struct oci_format oci_absolute_path, oci_clock, oci_cpu_list, oci_device_access,
	oci_mb_schema, oci_no_value, oci_not_empty, oci_page_size, oci_semver, oci_single_line;

bool oci_check_device(const void *object);
bool oci_check_mount(const void *object);
bool oci_check_rdma(const void *object);
bool oci_check_seccomp(const void *object);
bool oci_check_seccomp_syscall(const void *object);
bool oci_check_weight_device(const void *object);

/** oci_kind_size - size of a list's item of the field's kind */
size_t oci_kind_size(const struct oci_field *field);

/** oci_field_range - the least and the greatest value of a number or an enum */
void oci_field_range(const struct oci_field *field, int64_t *min, uint64_t *max);

#endif
