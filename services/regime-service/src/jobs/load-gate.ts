/** How busy the machine is, as measured. */
export interface LoadReading {
  /** Busy share of the processors this process may use: the machine's or its own, whichever is higher. */
  readonly cpuRatio: number;
  /** Used share of the memory this process may use: the machine's, its container's or its heap's, whichever is highest. */
  readonly memoryRatio: number;
}

export interface LoadLimits {
  /** Above one of these, unimportant tasks wait. */
  readonly cpuRatio: number;
  readonly memoryRatio: number;
}

/** Tasks from this importance on never wait for the machine. */
const URGENT_IMPORTANCE = 16;
/** A machine that is busy all day is still to do its daily work: so long a task waits for the processors at most. Memory is no matter of patience. */
const LONGEST_WAIT_MS = 3_600_000;
/** Below this a task waits above the limits; between the two only when little is left. */
const ORDINARY_IMPORTANCE = 8;

const shown = (ratio: number): string => ratio.toFixed(2);

export interface WaitingTask {
  /** 1 to 25. */
  readonly importance: number;
  /** Since it was asked for. */
  readonly waitedMs: number;
}

/** Returns why a task must wait, in words; null when it need not. */
export const waitingBecause = (
  { importance, waitedMs }: WaitingTask,
  load: LoadReading,
  limits: LoadLimits,
): string | null => {
  if (importance >= URGENT_IMPORTANCE) return null;
  // Halfway between the limit and the end.
  const share = importance < ORDINARY_IMPORTANCE ? 0 : 0.5;
  const cpuLimit = limits.cpuRatio + (1 - limits.cpuRatio) * share;
  const memoryLimit = limits.memoryRatio + (1 - limits.memoryRatio) * share;
  if (load.cpuRatio > cpuLimit && waitedMs < LONGEST_WAIT_MS)
    return `processors are ${shown(load.cpuRatio)} busy; a task of importance ${importance} waits above ${shown(cpuLimit)}`;
  if (load.memoryRatio > memoryLimit)
    return `memory is ${shown(load.memoryRatio)} used; a task of importance ${importance} waits above ${shown(memoryLimit)}`;
  return null;
};
