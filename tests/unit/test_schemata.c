/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing a line with a schemata file (RDT-12). */
#include <criterion/criterion.h>

#include "resctrl/schemata.h"

Test(schemata, lines)
{
	static const char text[] = "    MB:0= 20;1=100\n    L3:0=0000f;1=fffff\nL3CODE:0=1\n";
	static const char *const has[] = { "L3:0=f", "L3:1=fffff", "L3:1=FFFFF;0=00f", "MB:1=100", "MB:0=20;1=100",
		" L3 : 0 = f ", "L3CODE:0=1", "L3:0=f;", "MB:00=20" };
	static const char *const has_not[] = { "L3:0=ff", "L3:2=f", "MB:0=2", "MB:0=200", "L2:0=f", "L3", "L3:", "", "L", ":", "L3:0",
		"L3:0=", "L3:=f", "L3:0=f;1=ffff", "L3DATA:0=1" };

	for (size_t i = 0; i < sizeof(has) / sizeof(has[0]); i++)
		cr_expect(schemata_has(text, has[i]), "\"%s\"", has[i]);
	for (size_t i = 0; i < sizeof(has_not) / sizeof(has_not[0]); i++)
		cr_expect(!schemata_has(text, has_not[i]), "\"%s\"", has_not[i]);
	cr_expect(!schemata_has("", "L3:0=f"));
	cr_expect(schemata_has("L3:0=0", "L3:0=000"));
}
