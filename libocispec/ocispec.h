/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The OCI runtime specification (1.3, Linux and vm) in C.
 *
 * The structs come from the .def files in spec/: those are the declarations, and each property's
 * documentation. The reader, the writer, the checks and doc/config-reference.md come from the same
 * lines.
 *
 * How members are represented
 *
 * A member has its property's name. Its C type depends on the property's kind, and on whether
 * absence can be told from a value:
 *
 * - numbers and booleans: the value itself where the property is required or has a default (always
 *   0 or false); otherwise a pointer to it, NULL when absent
 * - strings: const char *, NULL when absent
 * - string enums: an enum, whose first value (0, ..._UNSET) means absent
 * - objects: const struct oci_x *, NULL when absent
 * - arrays: inline { len, items }; items is NULL when absent, not NULL when present but empty.
 *   There is always a zero item after the last one, so that a list of strings can serve as an argv
 * - maps: inline { len, items } of { key, value }, in the document's order; items as for arrays
 *
 * JSON's null is the same as absent (in arrays it is an error).
 */
#ifndef OCISPEC_OCISPEC_H
#define OCISPEC_OCISPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "error.h"

/* A property of the specification bears this name; gnu11 compilers define it as 1. */
#undef linux

/** OCI_DOCUMENT_MAX - size of the largest document oci_read() takes, in bytes */
#define OCI_DOCUMENT_MAX (16u << 20)

/** OCI_DEPTH_MAX - deepest nesting of arrays and objects oci_read() takes */
#define OCI_DEPTH_MAX 64

/**
 * struct oci_enum - a closed set of strings
 * @name: name of the C enum
 * @names: the strings, indexed by the C enum's values; the first, for "absent", is NULL
 * @count: number of entries in @names, the first one included
 */
struct oci_enum {
	const char *name;
	const char *const *names;
	size_t count;
};

/**
 * struct oci_type - description of a kind of document or object; see types.h in the library's
 * source
 */
struct oci_type;

struct oci_uint32_list {
	size_t len;
	const uint32_t *items;
};

struct oci_string_list {
	size_t len;
	const char **items;
};

struct oci_string_entry {
	const char *key;
	const char *value;
};

struct oci_string_map {
	size_t len;
	struct oci_string_entry *items;
};

#include "spec/declare.h"
#include "spec/all.def"
#include "spec/undefine.h"

/**
 * oci_mounts_type - a bare array of mounts; the root of such a document is a struct oci_mount_list
 */
extern const struct oci_type oci_mounts_type;

/**
 * struct oci_document - a document that was read
 * @type: its type
 * @root: the object, for example a struct oci_config for oci_config_type
 * @arena: where everything in the document, and the document itself, lives; the caller may allocate
 *	from it what has to live as long
 * @index: positions of the values, for oci_locate()
 */
struct oci_document {
	const struct oci_type *type;
	void *root;
	struct oci_arena *arena;
	const struct oci_index *index;
};

/**
 * struct oci_location - where a value is in its document
 * @line: counted from 1
 * @column: in bytes, counted from 1
 * @pointer: JSON pointer (RFC 6901); one that does not fit ends in "..."
 */
struct oci_location {
	unsigned line, column;
	char pointer[256];
};

/**
 * enum oci_read_flags - how oci_read() reads
 * @OCI_READ_FOLD_CASE: property names match without regard to (ASCII) case, as Go does it
 */
enum oci_read_flags {
	OCI_READ_FOLD_CASE = 1 << 0,
};

/**
 * enum oci_write_flags - how oci_write() lays out; without any: on one line
 * @OCI_WRITE_PRETTY: indented by two spaces, with a newline at the end
 * @OCI_WRITE_TABS: the same, indented by tabs
 */
enum oci_write_flags {
	OCI_WRITE_PRETTY = 1 << 0,
	OCI_WRITE_TABS = 1 << 1,
};

/**
 * oci_read - read and check a document
 * @type: what it has to be, for example &oci_config_type
 * @text: the document, UTF-8 without byte order mark; not needed any more afterwards
 * @len: its length in bytes, at most OCI_DOCUMENT_MAX
 * @flags: enum oci_read_flags
 * @ret: receives the document, to be given to oci_document_free()
 * @err: receives the error; may be NULL
 *
 * Unknown properties are ignored at any depth (GEN-03), though they have to be JSON. Refused are:
 * what is not JSON or not UTF-8, known properties that appear twice in an object (GEN-02), values
 * of the wrong type, out of range or not as the specification says (GEN-05), required properties
 * that are missing, integers written with a fraction or an exponent, \u0000 and unpaired surrogates
 * in strings, and nesting deeper than OCI_DEPTH_MAX.
 *
 * Return: 0, or a negative errno with @err filled and @ret untouched.
 */
int oci_read(const struct oci_type *type, const char *text, size_t len, unsigned flags,
	struct oci_document **ret, struct oci_error *err);

/**
 * oci_document_free - free a document and all that was allocated from its arena
 * @document: the document; NULL is allowed
 */
void oci_document_free(struct oci_document *document);

/**
 * oci_locate - find out where in the text a value came from
 * @document: the document
 * @slot: address of a struct member (&process->cwd), a list's item (&list->items[3]) or a map
 *	entry's value (&map->items[i].value)
 * @ret: receives the location
 *
 * Takes time that does not depend on the document's size.
 *
 * Return: true; false, with @ret untouched, if @slot is none of this document's or the value is
 * absent.
 */
bool oci_locate(const struct oci_document *document, const void *slot, struct oci_location *ret);

/**
 * oci_write - write an object as JSON
 * @type: its type
 * @object: the object; need not come from oci_read()
 * @flags: enum oci_write_flags
 * @arena: where @text is allocated from
 * @text: receives the text, NUL-terminated
 * @len: receives its length without the NUL; may be NULL
 * @err: receives the error; may be NULL
 *
 * Members come in the order of the description; absent ones, and false or 0 where that is the
 * default, are left out.
 *
 * Return: 0, or a negative errno: -EINVAL when a required member is absent, an enum's value is
 * unknown or a string is not UTF-8; -ENOMEM.
 */
int oci_write(const struct oci_type *type, const void *object, unsigned flags,
	struct oci_arena *arena, const char **text, size_t *len, struct oci_error *err);

/**
 * oci_enum_name - the string of an enum's value
 * @e: the enum
 * @value: the value
 *
 * Return: the string; NULL for "absent" and for values that do not exist.
 */
const char *oci_enum_name(const struct oci_enum *e, int value);

/**
 * oci_enum_value - the value of an enum's string
 * @e: the enum
 * @name: the string; needs no terminator
 * @len: its length
 *
 * Return: the value; 0 if there is none of this name.
 */
int oci_enum_value(const struct oci_enum *e, const char *name, size_t len);

#endif
