import type { DelayHistogram } from '../report.ts';
import { drawing, element, label, type Markup } from './markup.ts';
import { niceTicks, shareText } from './scale.ts';

const WIDTH = 430;
const HEIGHT = 300;
const LEFT = 52;
const TOP = 14;

/** Draws how long it took from a true change to the right regime; the last bar holds all that took longer or was never found. */
export const delayPlot = ({ binCandles, counts }: DelayHistogram, title: string): Markup => {
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  const most = Math.max(1e-9, ...counts.map((count) => count / total));
  const step = WIDTH / Math.max(1, counts.length);
  const yOf = (share: number): number => TOP + HEIGHT * (1 - share / (1.08 * most));
  const every = Math.ceil(counts.length / 8);
  return drawing(
    { width: LEFT + WIDTH + 16, height: TOP + HEIGHT + 44, title },
    niceTicks(0, most, 4).map((tick) => [
      element('line', { x1: LEFT, x2: LEFT + WIDTH, y1: yOf(tick), y2: yOf(tick), class: 'grid' }),
      label(shareText(tick, most < 0.1 ? 1 : 0), { x: LEFT - 6, y: yOf(tick) + 4, anchor: 'end' }),
    ]),
    counts.map((count, bin) => {
      const isLast = bin === counts.length - 1;
      const span = isLast
        ? `${bin * binCandles} candles or more, or never`
        : `${bin * binCandles} to ${(bin + 1) * binCandles - 1} candles`;
      return element(
        'rect',
        {
          x: LEFT + bin * step + 1,
          y: yOf(count / total),
          width: Math.max(1, step - 2),
          height: TOP + HEIGHT - yOf(count / total),
          class: isLast ? 'bar-last' : 'bar',
        },
        element('title', {}, `${span}: ${count} changes, ${shareText(count / total)}`),
      );
    }),
    counts.map((_, bin) =>
      bin % every === 0 && bin < counts.length - 1
        ? label(String(bin * binCandles), { x: LEFT + bin * step, y: TOP + HEIGHT + 16, anchor: 'middle' })
        : null,
    ),
    label(`${(counts.length - 1) * binCandles}+`, {
      x: LEFT + WIDTH - step / 2,
      y: TOP + HEIGHT + 16,
      anchor: 'middle',
    }),
    label('candles from a true change to the right regime', {
      x: LEFT + WIDTH / 2,
      y: TOP + HEIGHT + 38,
      anchor: 'middle',
      class: 'axis',
    }),
    label('share of changes', { x: LEFT + 6, y: TOP + 12, class: 'axis' }),
  );
};
