import { createLogger as createWinston, format, transports, type Logger as Winston } from 'winston';
import { type LogFileOptions, logFileTransports } from './log-files.ts';
import { currentLogFacts, LOG_LEVELS, type LogFacts, type Logger, type LogLevel } from './logger.ts';
import { redact, redactText } from './redaction.ts';

const MESSAGE = Symbol.for('message');

/** One function instead of a chain of formats: twice the lines per second. */
const lineFormat = (service: string) =>
  format((info) => {
    const { level, message, facts } = info as unknown as { level: string; message: string; facts?: LogFacts };
    const ts = new Date().toISOString();
    const msg = redactText(message);
    const shown = redact({ ...currentLogFacts(), ...facts }) as LogFacts;
    // The files lay the same parts out as plain text.
    Object.assign(info, { ts, shownMessage: msg, shownFacts: shown });
    (info as unknown as Record<symbol, string>)[MESSAGE] = JSON.stringify({ ts, level, service, msg, ...shown });
    return info;
  })();

/** The level from which on a logger speaks; shared by reference, so that a change is heard at once and costs nothing else. */
interface Threshold {
  rank: number;
}

const rankOf = (level: LogLevel): number => LOG_LEVELS.indexOf(level);

const wrap = (winston: Winston, threshold: Threshold, own: LogFacts): Logger => {
  const write = (level: LogLevel) => {
    const rank = rankOf(level);
    return (msg: string, facts?: LogFacts): void => {
      if (rank >= threshold.rank) winston.log({ level, message: msg, facts: { ...own, ...facts } });
    };
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    isDebugEnabled: () => threshold.rank === 0,
    child: (facts) => wrap(winston, threshold, { ...own, ...facts }),
  };
};

export interface ComponentLogsOptions {
  readonly service: string;
  readonly level: LogLevel;
  /** Default true. */
  readonly isOnStdout?: boolean;
}

/** The log lines of one process. Each component speaks from a level of its own, or from the process's while it has none. */
export class ComponentLogs {
  /** The process's own logger. */
  readonly root: Logger;
  readonly #winston: Winston;
  readonly #base: Threshold;
  #level: LogLevel;
  readonly #thresholds = new Map<string, Threshold>();
  readonly #own = new Map<string, LogLevel>();

  constructor({ service, level, isOnStdout = true }: ComponentLogsOptions) {
    this.#winston = createWinston({
      // Whether a line is wanted is decided before winston sees it.
      level: 'debug',
      format: lineFormat(service),
      transports: [new transports.Console({ stderrLevels: [], silent: !isOnStdout })],
      exitOnError: false,
    });
    this.#level = level;
    this.#base = { rank: rankOf(level) };
    this.root = wrap(this.#winston, this.#base, {});
  }

  /** Returns the logger of a component; its lines name it. */
  of(component: string): Logger {
    return wrap(this.#winston, this.#thresholdOf(component), { component });
  }

  /** The level of the process. */
  get level(): LogLevel {
    return this.#level;
  }

  levelOf(component: string): LogLevel {
    return this.#own.get(component) ?? this.#level;
  }

  /** Returns whether the component has a level of its own. */
  hasOwnLevel(component: string): boolean {
    return this.#own.has(component);
  }

  /** Sets the level of the process, and with it that of every component that has none of its own. */
  setLevel(level: LogLevel): void {
    this.#level = level;
    this.#base.rank = rankOf(level);
    for (const [component, threshold] of this.#thresholds) threshold.rank = rankOf(this.levelOf(component));
  }

  /** Gives a component its own level; null takes it away. */
  setComponentLevel(component: string, level: LogLevel | null): void {
    if (level === null) this.#own.delete(component);
    else this.#own.set(component, level);
    this.#thresholdOf(component).rank = rankOf(this.levelOf(component));
  }

  /** Writes the same lines also to `system.log` and `error.log`, and the slow ones to `performance.log`. Throws: LOG_DIR_UNUSABLE. */
  writeToFiles(options: LogFileOptions): void {
    for (const transport of logFileTransports(options)) this.#winston.add(transport);
  }

  #thresholdOf(component: string): Threshold {
    const known = this.#thresholds.get(component);
    if (known !== undefined) return known;
    const threshold = { rank: rankOf(this.levelOf(component)) };
    this.#thresholds.set(component, threshold);
    return threshold;
  }
}
