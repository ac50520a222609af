/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SILO_RUNTIME_EXEC_H
#define SILO_RUNTIME_EXEC_H

#include "runtime/operations.h"

/**
 * exec_process - what is to be executed
 * @config: the config saved at create
 * @file: receives the document of --process, or stays as it is; release with oci_document_free()
 * @ret: receives the process; lives in @config's arena or in @file
 */
int exec_process(const struct exec_options *options, const struct oci_document *config,
	struct oci_document **file, const struct oci_process **ret, struct error *err);

/**
 * exec_name_document - let an error in the file say so
 * @file: the document of --process; NULL without one
 *
 * Of the config, whose name an error with a pointer gets otherwise, a plan for exec comes from what is below
 * /linux and /process only.
 */
void exec_name_document(const struct oci_document *file, struct error *err);

#endif
