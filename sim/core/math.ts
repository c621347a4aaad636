/**
 * Logarithm, exponential and relatives that give the same bits on every engine: only + - * / and
 * square roots, which IEEE 754 fixes, and no library function, whose last bit engines choose.
 * Relative errors are below 1e-12. None of it is for the loop: distributions make tables of it.
 */

/** ln 2 in two parts, of which the first has zeros at its end: its multiples are exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const LN2 = LN2_HIGH + LN2_LOW;
const SQRT_HALF = Math.sqrt(0.5);
const EXPONENT_MAX = 1023;
const EXPONENT_MIN = -1074;

/** 2^n for an integer n, exact, Infinity or 0 beyond the range of numbers. */
function powerOfTwo(n: number): number {
  if (n > EXPONENT_MAX) return Infinity;
  if (n < EXPONENT_MIN) return 0;
  let result = 1;
  let factor = n < 0 ? 0.5 : 2;
  for (let left = Math.abs(n); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= factor;
    if (left > 1) factor *= factor;
  }
  return result;
}

/** x as m * 2^e with m in [sqrt(1/2), sqrt(2)), both exact, for a positive finite x. */
function split(x: number): { readonly mantissa: number; readonly exponent: number } {
  let mantissa = x;
  let exponent = 0;
  for (let step = 512; step >= 1; step /= 2) {
    const power = powerOfTwo(step);
    if (mantissa >= power) {
      mantissa /= power;
      exponent += step;
    }
    if (mantissa * power < 2) {
      mantissa *= power;
      exponent -= step;
    }
  }
  // The last multiplication may leave twice the wanted range at either end.
  while (mantissa >= 2 * SQRT_HALF) {
    mantissa /= 2;
    exponent++;
  }
  while (mantissa < SQRT_HALF) {
    mantissa *= 2;
    exponent--;
  }
  return { mantissa, exponent };
}

/** Natural logarithm; -Infinity at zero, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return Infinity;
  const { mantissa, exponent } = split(x);
  // log(m) = 2 artanh((m - 1) / (m + 1)), whose argument is below 0.172: 13 terms are enough.
  const z = (mantissa - 1) / (mantissa + 1);
  const square = z * z;
  let sum = 0;
  for (let k = 25; k >= 1; k -= 2) sum = sum * square + 1 / k;
  return exponent * LN2_HIGH + (exponent * LN2_LOW + 2 * z * sum);
}

/** e to the power of x. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  const power = Math.round(x / LN2);
  const rest = x - power * LN2_HIGH - power * LN2_LOW;
  let sum = 1;
  for (let k = 18; k >= 1; k--) sum = 1 + (rest / k) * sum;
  // In two factors: 2^1024 and 2^-1075 are no numbers, but the product may be one.
  const half = Math.trunc(power / 2);
  return sum * powerOfTwo(half) * powerOfTwo(power - half);
}

/** `base` to a power: a whole one of any base, a real one of a base that is not negative. */
export function pow(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  if (!Number.isInteger(exponent) || Math.abs(exponent) > 1024) {
    return base === 0 ? (exponent > 0 ? 0 : Infinity) : exp(exponent * log(base));
  }
  let result = 1;
  let factor = base;
  for (let left = Math.abs(exponent); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result *= factor;
    if (left > 1) factor *= factor;
  }
  return exponent < 0 ? 1 / result : result;
}

// Numerators and denominators of the three ranges, highest power first: M. J. Wichura, "Algorithm
// AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988).
const CENTRE = [
  2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
  1971.5909503065513, 133.14166789178438, 3.3871328727963665,
];
const CENTRE_BELOW = [
  5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
  687.1870074920579, 42.31333070160091, 1,
];
const SHOULDER = [
  0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684,
  3.6478483247632045, 5.769497221460691, 4.630337846156546, 1.4234371107496835,
];
const SHOULDER_BELOW = [
  1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008,
  0.6897673349851, 1.6763848301838038, 2.053191626637759, 1,
];
const TAIL = [
  2.0103343992922881e-7, 0.000027115555687434876, 0.0012426609473880784, 0.026532189526576124,
  0.29656057182850487, 1.7848265399172913, 5.463784911164114, 6.657904643501103,
];
const TAIL_BELOW = [
  2.0442631033899397e-15, 1.421511758316446e-7, 0.000018463183175100548, 0.0007868691311456133,
  0.014875361290850615, 0.1369298809227358, 0.599832206555888, 1,
];

function polynomial(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * x + coefficient;
  return sum;
}

/** Quantile of the standard normal distribution; infinite at 0 and 1, NaN outside. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : NaN;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * polynomial(CENTRE, r)) / polynomial(CENTRE_BELOW, r);
  }
  const r = Math.sqrt(-log(q < 0 ? p : 1 - p));
  const x =
    r <= 5
      ? polynomial(SHOULDER, r - 1.6) / polynomial(SHOULDER_BELOW, r - 1.6)
      : polynomial(TAIL, r - 5) / polynomial(TAIL_BELOW, r - 5);
  return q < 0 ? -x : x;
}
