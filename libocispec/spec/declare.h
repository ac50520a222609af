/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The first of the two readings of the .def files: C declarations.
 *
 * Included by ocispec.h only, which takes the macros back with spec/undefine.h. A member's C type
 * follows from its kind and presence: see "How members are represented" in ocispec.h.
 */
/* clang-format off */
#define OCI_ENUM(type, prefix) enum type { prefix##_UNSET,
#define OCI_VALUE(constant, text) constant,
#define OCI_NAME(text) OCI_##text,
#define OCI_END_ENUM(type) }; \
	struct type##_list { \
		size_t len; \
		const enum type *items; \
	}; \
	extern const struct oci_enum type##_enum;

#define OCI_OBJECT(type, doc) \
	struct type; \
	struct type##_list { \
		size_t len; \
		const struct type **items; \
	}; \
	struct type##_entry { \
		const char *key; \
		const struct type *value; \
	}; \
	struct type##_map { \
		size_t len; \
		struct type##_entry *items; \
	}; \
	extern const struct oci_type type##_type; \
	struct type {
#define OCI_END_OBJECT(type, ...) };

#define OCI_DECLARE_REQUIRED(ctype) ctype
#define OCI_DECLARE_DEFAULT(ctype) ctype
#define OCI_DECLARE_SHOWN(ctype) ctype
#define OCI_DECLARE_OPTIONAL(ctype) const ctype *

#define OCI_BOOL(name, presence, doc) OCI_DECLARE_##presence(bool) name;
#define OCI_NUMBER(ctype, name, presence, doc, ...) OCI_DECLARE_##presence(ctype) name;
#define OCI_STRING(name, presence, doc, ...) const char *name;
#define OCI_ONE_OF(type, name, presence, doc, ...) enum type name;
#define OCI_MEMBER(type, name, presence, doc) const struct type *name;
#define OCI_LIST_UINT32(name, presence, doc, ...) struct oci_uint32_list name;
#define OCI_LIST_STRING(name, presence, doc, ...) struct oci_string_list name;
#define OCI_LIST_ENUM(type, name, presence, doc, ...) struct type##_list name;
#define OCI_LIST(type, name, presence, doc, ...) struct type##_list name;
#define OCI_MAP_STRING(name, presence, doc, ...) struct oci_string_map name;
#define OCI_MAP(type, name, presence, doc, ...) struct type##_map name;
