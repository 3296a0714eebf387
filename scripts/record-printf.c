/*
 * Records how C's printf writes numbers, as the table our number formatting is tested against.
 *
 *   cc -O1 -o /tmp/record-printf scripts/record-printf.c -lm && /tmp/record-printf > test/text/data/printf.tsv
 *
 * Out: one row a number, seven columns separated by tabs: the double's 64 bits as 16 hex digits, its text under
 * %.15g, then under %.4g, %.5g, %.6g, %.7g and %.8g. The format is described in test/score/data/README.md.
 *
 * The numbers: ties at each precision (a decimal that ends in 5 and is exact in binary, such as 1.8125 at four
 * digits) and their neighbours one step up and down, ties at fifteen digits, scores with one to four
 * decimals and sums of them, and the edges: zeros, tiny, huge, and both ends of the range without an exponent.
 * Each is recorded with both signs.
 *
 * The random numbers come from a fixed seed, so the table is always the same; any C library that rounds exactly, half
 * to even, will do (glibc, musl). Source: ISO C 7.21.6.1; docs/behaviour/scoring.md#numbers.
 */
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t state = 20120301;

/* A number from 0 to limit - 1 (xorshift64*, Vigna 2016). */
static uint64_t random_below(uint64_t limit) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (state * UINT64_C(2685821657736338717) >> 11) % limit;
}

static void write_row(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  printf("%016" PRIx64 "\t%.15g", bits, value);
  for (int precision = 4; precision <= 8; precision++) printf("\t%.*g", precision, value);
  putchar('\n');
}

static void record(double value) {
  write_row(value);
  write_row(-value);
}

static void record_with_neighbours(double value) {
  record(value);
  if (value != 0) record(nextafter(value, 0));
  if (value < DBL_MAX) record(nextafter(value, INFINITY));
}

/* Numbers that lie half way between two texts of `precision` digits and are exact in binary: an odd number of halves
   has one decimal, of quarters two, of eighths three, of sixteenths four, and the last decimal is always a 5. */
static void record_ties(int precision) {
  for (int digits_before = precision - 3; digits_before <= precision; digits_before++) {
    uint64_t lowest = (uint64_t)pow(10, digits_before - 1);
    int decimals = precision - digits_before + 1;
    uint64_t parts = UINT64_C(1) << decimals;
    for (int i = 0; i < 16; i++) {
      uint64_t whole = lowest + random_below(9 * lowest);
      uint64_t odd = 2 * random_below(parts / 2) + 1;
      double tie = (double)whole + (double)odd / (double)parts;
      if (i < 4) record_with_neighbours(tie);
      else record(tie);
    }
  }
}

int main(void) {
  static const double edges[] = {
    0, 1, 10, 0.5, 0.1, 0.1 + 0.2, 9.9995, 99.9995, 999.9995, 0.99995, 9999.5, 99999.5, 999999.5, 1.8125, 2.0625,
    0.0001, 0.00012345, 0.00009999995, 1e-5, 1.5e-5, 1e-7, 1.25e-10, 1e-100, 5e-324, DBL_MIN, 12345, 123456,
    1234567, 12345678, 123456789, 1e4, 1e5, 1e6, 1e7, 1e8, 1e14, 1e15, 1e16, 1e17, 999999999999999, 9999999999999995,
    999999999999999.5, 123456789012345.6, 1e20, 1e21, 1e22, 1e23, 1e100, 9007199254740991, 9007199254740993,
    DBL_MAX, 3.1, 4.35, 3.75, 1.09, 1.17, 0.41, 12.34567, 0.123456, 0.000123456,
  };
  for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) record_with_neighbours(edges[i]);

  for (int precision = 4; precision <= 8; precision++) record_ties(precision);
  record_ties(15);
  for (int i = 0; i < 200; i++) /* twelve digits before the point, four behind it */
    record((double)(UINT64_C(100000000000) + random_below(UINT64_C(900000000000))) + (double)random_below(16) / 16);

  for (int decimals = 1; decimals <= 4; decimals++)
    for (int i = 0; i < 75; i++) record((double)random_below(200000) / pow(10, decimals));
  for (int i = 0; i < 200; i++) {
    double sum = 0;
    for (int terms = 2 + (int)random_below(12); terms > 0; terms--)
      sum += ((double)random_below(20001) - 10000) / pow(10, 1 + (double)random_below(4));
    record(sum);
  }
  return 0;
}
