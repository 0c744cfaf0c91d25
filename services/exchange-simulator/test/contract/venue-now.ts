import { API_KEY, API_SECRET, SimulatorProcess } from './simulator-process.ts';

export { API_KEY, API_SECRET };
export const SYMBOL = 'BTCUSDT';

/** The venue as a user of a client library starts it: its time is the clock, so that the library's own clock is right. */
export const startNow = (env: Readonly<Record<string, string>> = {}): Promise<SimulatorProcess> =>
  SimulatorProcess.start({ SIM_SPEED: '1', SIM_SHIFT_TO_NOW: 'true', ...env });

/** A price so far from `price` as `factor` says, on the tick of BTCUSDT. */
export const priceAt = (price: number | string, factor: number): string => (Number(price) * factor).toFixed(1);

const LONG_MS = 60_000;

/** Keeps timers of minutes from holding the process: these libraries forget to clear the one that keeps their listen key alive. */
export const releaseLongTimers = (): void => {
  const release = <T extends typeof setTimeout | typeof setInterval>(start: T): T =>
    ((run: () => void, delayMs?: number, ...rest: unknown[]) => {
      const timer = (start as (...all: unknown[]) => NodeJS.Timeout)(run, delayMs, ...rest);
      return (delayMs ?? 0) >= LONG_MS ? timer.unref() : timer;
    }) as unknown as T;
  globalThis.setTimeout = release(globalThis.setTimeout);
  globalThis.setInterval = release(globalThis.setInterval);
};
