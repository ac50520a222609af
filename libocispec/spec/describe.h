/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The second of the two readings of the .def files: the tables that drive the reader, the writer
 * and the reference documentation. Included by types.c only.
 *
 * Initializers of struct oci_field (types.h) may follow a member's description, initializers of
 * struct oci_type may follow the name in OCI_END_OBJECT. A table of fields sits in a function of
 * its own because offsetof() needs the name of the struct, which only a scope can hand from
 * OCI_OBJECT to the members.
 */
/* clang-format off */
#define OCI_ENUM(type, prefix) static const char *const type##_names[] = { [prefix##_UNSET] = NULL,
#define OCI_VALUE(constant, text) [constant] = text,
#define OCI_NAME(text) [OCI_##text] = #text,
#define OCI_END_ENUM(type) }; \
	const struct oci_enum type##_enum = { #type, type##_names, ARRAY_LEN(type##_names) };

#define OCI_OBJECT(type, doc) \
	static const char type##_doc[] = doc; \
	static const struct oci_field *type##_fields(void) \
	{ \
		typedef struct type oci_self; \
		static const struct oci_field fields[] = {
#define OCI_END_OBJECT(type, ...) \
			{ .name = NULL } \
		}; \
		_Static_assert(ARRAY_LEN(fields) - 1 <= OCI_FIELDS_MAX, "a bit each"); \
		return fields; \
	} \
	const struct oci_type type##_type = { .name = #type, .doc = type##_doc, \
		.size = sizeof(struct type), .fields = type##_fields, ##__VA_ARGS__ };

#define OCI_FIELD(name_, kind_, shape_, presence_, doc_, ...) \
	{ .name = #name_, .name_len = sizeof(#name_) - 1, .kind = OCI_KIND_##kind_, \
	  .shape = OCI_SHAPE_##shape_, .presence = OCI_##presence_, \
	  .offset = offsetof(oci_self, name_), .doc = doc_, ##__VA_ARGS__ },

#define OCI_BOOL(name, presence, doc) \
	OCI_FIELD(name, BOOL, ONE, presence, doc, .size = sizeof(bool))
#define OCI_NUMBER(ctype, name, presence, doc, ...) \
	OCI_FIELD(name, NUMBER, ONE, presence, doc, .size = sizeof(ctype), \
		.is_signed = (ctype)-1 < 1, ##__VA_ARGS__)
#define OCI_STRING(name, presence, doc, ...) \
	OCI_FIELD(name, STRING, ONE, presence, doc, ##__VA_ARGS__)
#define OCI_ONE_OF(type, name, presence, doc, ...) \
	OCI_FIELD(name, ENUM, ONE, presence, doc, .values = &type##_enum, ##__VA_ARGS__)
#define OCI_MEMBER(type_, name, presence, doc) \
	OCI_FIELD(name, OBJECT, ONE, presence, doc, .type = &type_##_type)
#define OCI_LIST_UINT32(name, presence, doc, ...) \
	OCI_FIELD(name, NUMBER, LIST, presence, doc, .size = sizeof(uint32_t), ##__VA_ARGS__)
#define OCI_LIST_STRING(name, presence, doc, ...) \
	OCI_FIELD(name, STRING, LIST, presence, doc, ##__VA_ARGS__)
#define OCI_LIST_ENUM(type, name, presence, doc, ...) \
	OCI_FIELD(name, ENUM, LIST, presence, doc, .values = &type##_enum, ##__VA_ARGS__)
#define OCI_LIST(type_, name, presence, doc, ...) \
	OCI_FIELD(name, OBJECT, LIST, presence, doc, .type = &type_##_type, ##__VA_ARGS__)
#define OCI_MAP_STRING(name, presence, doc, ...) \
	OCI_FIELD(name, STRING, MAP, presence, doc, ##__VA_ARGS__)
#define OCI_MAP(type_, name, presence, doc, ...) \
	OCI_FIELD(name, OBJECT, MAP, presence, doc, .type = &type_##_type, ##__VA_ARGS__)
