/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SILO_RESCTRL_SCHEMATA_H
#define SILO_RESCTRL_SCHEMATA_H

#include <stdbool.h>

/**
 * schemata_has - whether a schemata file says all that a line says
 * @text: of the file: lines like "    L3:0=ffff;1=ffff"
 * @line: "L3:1=ff", with a domain at least; domains may be fewer, and in another order
 */
bool schemata_has(const char *text, const char *line);

#endif
