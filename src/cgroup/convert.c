/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of v1 in the units of v2. Without libm, which silo would load for this alone. */
#include <stddef.h>

#include "cgroup/resources.h"

#define SHARES_MAX 262144
#define WEIGHT_MAX 10000

static double log2_of(unsigned long long number)
{
	int whole = 63 - __builtin_clzll(number);
	double rest = (double)number / (double)(1ULL << whole); /* 1 <= rest < 2 */
	double result = whole;
	double bit = 0.5;

	/* The next binary digit of the logarithm is 1 if the square reaches 2. */
	for (int i = 0; i < 50; i++, bit /= 2) {
		rest *= rest;
		if (rest >= 2) {
			rest /= 2;
			result += bit;
		}
	}
	return result;
}

/* 10 to the power of @exponent, from 0 to 4. */
static double power_of_ten(double exponent)
{
	double power = exponent * 2.302585092994045684 / 16; /* below 0.6: the series converges fast */
	double term = 1, sum = 1;

	for (int i = 1; i < 25; i++) {
		term *= power / i;
		sum += term;
	}
	for (int i = 0; i < 4; i++)
		sum *= sum;
	return sum;
}

/*
 * The mapping of crun 1.23 and runc 1.3.2, and thus of Kubernetes: a parabola
 * in the logarithms through (2, 1), (1024, 100) and (262144, 10000), rounded up.
 */
unsigned cpu_weight(unsigned long long shares)
{
	double log, weight;
	unsigned rounded;

	if (shares == 0)
		return 0;
	if (shares <= 2)
		return 1;
	if (shares >= SHARES_MAX)
		return WEIGHT_MAX;
	log = log2_of(shares);
	weight = power_of_ten((log * log + 125 * log) / 612 - 7.0 / 34);
	rounded = (unsigned)weight;
	/* 1024 is to give 100, not 101 because of the last digits. */
	return weight - rounded > 1e-9 ? rounded + 1 : rounded;
}

unsigned io_weight(unsigned weight)
{
	return 1 + (weight - 10) * 9999 / 990;
}
