/** Returns values between `low` and `high` that people like to read, about `count` of them. */
export const niceTicks = (low: number, high: number, count: number): number[] => {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? 10 * power;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step); tick * step <= high + 1e-9 * step; tick += 1) ticks.push(tick * step);
  return ticks;
};

/** Returns ones, twos and fives of the powers of ten from `low` to `high`, at most about `count` of them. */
export const logTicks = (low: number, high: number, count: number): number[] => {
  const powers: number[] = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power += 1) powers.push(power);
  const every = Math.ceil(powers.length / count);
  const factors = powers.length <= count / 2 ? [1, 2, 5] : [1];
  return powers
    .filter((_, index) => index % every === 0)
    .flatMap((power) => factors.map((factor) => factor * 10 ** power))
    .filter((tick) => tick >= low && tick <= high);
};

/** Returns a number as short as it can be said on an axis. */
export const shortNumber = (value: number): string => {
  const size = Math.abs(value);
  if (size >= 1e7) return value.toExponential(0).replace('+', '');
  if (size >= 10_000) return `${Number((value / 1_000).toPrecision(4))}k`;
  return String(Number(value.toPrecision(size >= 100 ? 5 : 4)));
};

/** Returns a share as it is read: 0.123 as 12.3 %. */
export const shareText = (ratio: number, digits = 1): string => `${(100 * ratio).toFixed(digits)} %`;

/** Returns a UTC day, or a minute where the span is short. */
export const timeText = (timeMs: number, spanMs: number): string => {
  const text = new Date(timeMs).toISOString();
  return spanMs < 4 * 86_400_000 ? text.slice(5, 16).replace('T', ' ') : text.slice(0, 10);
};
