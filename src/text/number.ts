/**
 * How scores are written: C's `%.{p}g`, digit for digit.
 *
 * Every number in an answer or a log line passes here, and so does every rounding: log analysers compare the
 * text, and administrators compare it with what the reference wrote.
 *
 * Why not `toPrecision`: where a double lies exactly between two decimals, C's printf takes the even digit,
 * JavaScript the larger one (1.8125 with four digits: 1.812 and 1.813). Such ties are found on the exact
 * decimal expansion, which `toPrecision(100)` gives for every magnitude a score can have.
 *
 * Total: no errors. Not a number and infinities cannot come in, the configuration refuses them.
 * Source: docs/behaviour/scoring.md#numbers; ISO C 7.21.6.1.
 */

/** Significant digits a score is written with. */
const SCORE_DIGITS = 15

/** Digits of the exact expansion that decide whether a rounding is a tie. */
const EXACT_DIGITS = 100

/** A score as answers and log lines carry it: `9.135` → `'9.135'`, `0.1 + 0.2` → `'0.3'`, `1e15` → `'1e+15'`. */
export function formatNumber(value: number): string {
  // The shortest text of a number with at most 15 digits is what %.15g writes, unless it takes an exponent.
  const shortest = String(value)
  if (shortest.length <= SCORE_DIGITS && Math.abs(value) >= 1e-4) return shortest
  return formatGeneral(value, SCORE_DIGITS)
}

/**
 * Rounds as the rules do: a number whose text has a `.` is rounded to its digits before the point plus
 * three significant digits, a tie to the even digit: `12.34567` → `12.346`, `0.123456` → `0.1235`, `1.8125` → `1.812`.
 */
export function round3(value: number): number {
  const text = formatNumber(value)
  const point = text.indexOf('.')
  if (point < 0) return value
  const digitsBefore = text.startsWith('-') ? point - 1 : point
  return Number(formatGeneral(value, digitsBefore + 3))
}

/** `%.{precision}g`: `(1.8125, 4)` → `'1.812'`, `(0.00001234, 3)` → `'1.23e-05'`. `precision` in significant digits, 1 to 99. */
export function formatGeneral(value: number, precision: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [digits, exponent] = significantDigits(Math.abs(value), precision)
  const sign = value < 0 ? '-' : ''
  if (exponent < -4 || exponent >= precision) {
    const fraction = withoutTrailingZeros(digits.slice(1))
    const power = String(Math.abs(exponent)).padStart(2, '0')
    return `${sign}${digits[0]}${fraction && `.${fraction}`}e${exponent < 0 ? '-' : '+'}${power}`
  }
  const padded = exponent < 0 ? '0'.repeat(-exponent) + digits : digits
  const point = exponent < 0 ? 1 : exponent + 1
  const fraction = withoutTrailingZeros(padded.slice(point))
  return `${sign}${padded.slice(0, point)}${fraction && `.${fraction}`}`
}

/** The first `precision` digits of a positive number, rounded half to even, and its decimal exponent: `(1234.5, 4)` → `['1234', 3]`. */
function significantDigits(value: number, precision: number): [digits: string, exponent: number] {
  const [rounded, roundedExponent] = splitExponential(value.toExponential(precision - 1))
  const [exact, exactExponent] = splitExponential(value.toExponential(EXACT_DIGITS))
  const kept = exact.slice(0, precision)
  const isTie = exact[precision] === '5' && withoutTrailingZeros(exact.slice(precision + 1)) === ''
  const keptIsEven = Number(kept[kept.length - 1]) % 2 === 0
  return isTie && keptIsEven ? [kept, exactExponent] : [rounded, roundedExponent]
}

function splitExponential(text: string): [digits: string, exponent: number] {
  const at = text.indexOf('e')
  return [text.slice(0, at).replace('.', ''), Number(text.slice(at + 1))]
}

function withoutTrailingZeros(digits: string): string {
  let end = digits.length
  while (end > 0 && digits[end - 1] === '0') end--
  return digits.slice(0, end)
}
