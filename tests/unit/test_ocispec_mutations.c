/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every property that the library's own description knows, with a value of each wrong JSON type, out of range, or out of
 * the set: refused at just that property and line. What is put around the value is only what leads
 * to it, for a value is judged as it is read.
 */
#include <inttypes.h>

#include "libocispec/types.h"
#include "ocispec_help.h"

struct place {
	char before[1024], after[64]; /* the document around the value */
	char pointer[512];
	unsigned line;
};

static unsigned visited, tried;

/* Whether the value at @place is refused there; @message receives why. */
static bool refused(const struct oci_type *type, const struct place *place, const char *value, char *message, size_t size)
{
	struct oci_document *document = NULL;
	struct oci_error err = { 0 };
	char text[2048];

	snprintf(text, sizeof(text), "%s%s%s", place->before, value, place->after);
	if (oci_read(type, text, strlen(text), 0, &document, &err) == 0) {
		oci_document_free(document);
		return false;
	}
	snprintf(message, size, "%s", err.message);
	return strcmp(err.pointer, place->pointer) == 0 && err.line == place->line;
}

static void must_refuse(const struct oci_type *type, const struct place *place, const char *value)
{
	char message[512] = "";

	tried++;
	cr_expect(refused(type, place, value, message, sizeof(message)), "%s with %s: not refused at line %u: %s",
		place->pointer, value, place->line, message);
	cr_expect(!*message || strstr(message, "expected") || strstr(message, "u0000") || strstr(message, "twice"),
		"%s with %s: the message does not say what would be valid: %s", place->pointer, value, message);
}

static void must_not_refuse(const struct oci_type *type, const struct place *place, const char *value)
{
	char message[512] = "";

	cr_expect_not(refused(type, place, value, message, sizeof(message)), "%s with %s is refused: %s", place->pointer,
		value, message);
}

/* Goes one level down: @open and @close around the new value, which stands on a line of its own. */
static struct place inner(const struct place *place, const char *open, const char *step, const char *close)
{
	struct place ret = *place;

	cr_assert_lt(snprintf(ret.before, sizeof(ret.before), "%s%s\n", place->before, open), (int)sizeof(ret.before));
	cr_assert_lt(snprintf(ret.after, sizeof(ret.after), "%s%s", close, place->after), (int)sizeof(ret.after));
	cr_assert_lt(snprintf(ret.pointer, sizeof(ret.pointer), "%s/%s", place->pointer, step), (int)sizeof(ret.pointer));
	ret.line++;
	return ret;
}

static void wrong_types(const struct oci_type *type, const struct place *place, const char *right)
{
	static const struct { const char *kind, *value; } values[] = {
		{ "string", "\"x\"" }, { "number", "7" }, { "bool", "true" }, { "array", "[]" }, { "object", "{}" },
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strcmp(values[i].kind, right) != 0)
			must_refuse(type, place, values[i].value);
	}
}

static void number(const struct oci_type *type, const struct place *place, const struct oci_field *field)
{
	char text[32];
	int64_t min;
	uint64_t max;

	oci_field_range(field, &min, &max);
	wrong_types(type, place, "number");
	must_refuse(type, place, "1.5");
	must_refuse(type, place, "1e2");
	must_refuse(type, place, "99999999999999999999999");
	must_refuse(type, place, "-99999999999999999999999");
	snprintf(text, sizeof(text), "%" PRId64, min);
	must_not_refuse(type, place, text);
	snprintf(text, sizeof(text), "%" PRIu64, max);
	must_not_refuse(type, place, text);
	if (min >= 0)
		must_refuse(type, place, "-5");
	if (min > INT64_MIN) {
		snprintf(text, sizeof(text), "%" PRId64, min - 1);
		must_refuse(type, place, text);
	}
	if (max < UINT64_MAX) {
		snprintf(text, sizeof(text), "%" PRIu64, max + 1);
		must_refuse(type, place, text);
	}
}

static void visit(const struct oci_type *document, const struct oci_type *type, const struct place *place);

static void single(const struct oci_type *document, const struct place *place, const struct oci_field *field)
{
	char text[64];

	switch (field->kind) {
	case OCI_KIND_BOOL:
		wrong_types(document, place, "bool");
		must_not_refuse(document, place, "false");
		break;
	case OCI_KIND_STRING:
		wrong_types(document, place, "string");
		must_refuse(document, place, "\"a\\u0000b\"");
		break;
	case OCI_KIND_ENUM:
		wrong_types(document, place, "string");
		must_refuse(document, place, "\"no such word\"");
		must_refuse(document, place, "\"\"");
		snprintf(text, sizeof(text), "\"%s\"", oci_enum_name(field->values, (int)(field->min ? field->min : 1)));
		must_not_refuse(document, place, text);
		break;
	case OCI_KIND_NUMBER:
		number(document, place, field);
		break;
	case OCI_KIND_OBJECT:
		wrong_types(document, place, "object");
		visit(document, field->type, place);
		break;
	}
}

static void member(const struct oci_type *document, const struct place *place, const struct oci_field *field)
{
	char open[300];
	struct place here, item;

	snprintf(open, sizeof(open), "{\"%s\":", field->name);
	here = inner(place, open, field->name, "}");
	visited++;
	/* GEN-15: as good as absent. */
	must_not_refuse(document, &here, "null");
	if (field->shape == OCI_SHAPE_ONE) {
		single(document, &here, field);
	} else if (field->shape == OCI_SHAPE_LIST) {
		wrong_types(document, &here, "array");
		if (field->min_items)
			must_refuse(document, &here, "[]");
		item = inner(&here, "[", "0", "]");
		must_refuse(document, &item, "null");
		single(document, &item, field);
	} else {
		const char *key = field->format == &oci_clock ? "boottime" : "key";

		wrong_types(document, &here, "object");
		snprintf(open, sizeof(open), "{\"%s\":", key);
		item = inner(&here, open, key, "}");
		single(document, &item, field);
	}
}

static void visit(const struct oci_type *document, const struct oci_type *type, const struct place *place)
{
	for (const struct oci_field *field = type->fields(); field->name; field++)
		member(document, place, field);
}

static void visit_document(const struct oci_type *type, unsigned at_least)
{
	struct place place = { .line = 1 };

	visited = tried = 0;
	visit(type, type, &place);
	cr_log_info("%s: %u properties, %u invalid values", type->name, visited, tried);
	cr_expect_geq(visited, at_least, "%s: only %u properties were found", type->name, visited);
}

Test(ocispec_mutations, GEN_05_every_property_of_a_config)
{
	visit_document(&oci_config_type, 220);
}

Test(ocispec_mutations, STA_11_every_property_of_a_state)
{
	visit_document(&oci_state_type, 6);
}

Test(ocispec_mutations, FEA_19_every_property_of_a_features_document)
{
	visit_document(&oci_features_type, 36);
}
