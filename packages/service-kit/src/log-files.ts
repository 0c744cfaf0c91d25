import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, messageOf } from '@qt/kernel';
import { format, transports } from 'winston';

export interface LogFileOptions {
  /** Made when it is missing. */
  readonly directory: string;
  /** A file that has grown to this is put aside as `<name>1.log` and so on. Default 10 MB. */
  readonly maxBytes?: number;
  /** Files kept of each kind, the current one included. Default 5. */
  readonly maxFiles?: number;
}

type FileTransport = InstanceType<typeof transports.File>;

interface Line {
  readonly ts: string;
  readonly level: string;
  readonly shownMessage: string;
  readonly shownFacts: Readonly<Record<string, unknown>>;
}

const DEFAULT_MAX_BYTES = 10_000_000;
const DEFAULT_MAX_FILES = 5;
const MESSAGE = Symbol.for('message');
/** How a line about time taken begins; the third word is the number of milliseconds. */
const PERFORMANCE_LINE = /^(Query|Request|Detection) took \d/;

const word = (fact: unknown, otherwise: string): string =>
  typeof fact === 'string' && fact !== '' ? fact.replaceAll(/\s+/g, '_') : otherwise;
const oneLine = (text: string): string => text.replaceAll(/\s*\n\s*/g, ' | ');

/** `<time> <LEVEL> <component> <message> <facts as JSON>` */
const systemLine = ({ ts, level, shownMessage, shownFacts }: Line): string => {
  const { component, ...facts } = shownFacts;
  const rest = Object.keys(facts).length === 0 ? '' : ` ${JSON.stringify(facts)}`;
  return `${ts} ${level.toUpperCase()} ${word(component, 'process')} ${oneLine(shownMessage)}${rest}`;
};

/** `<time> ERROR <component> <code> <message>`: what varies stays in system.log, so that equal errors are equal from the fifth field on. */
const errorLine = ({ ts, shownMessage, shownFacts }: Line): string =>
  `${ts} ERROR ${word(shownFacts['component'], 'process')} ${word(shownFacts['code'], '-')} ${oneLine(shownMessage)}`;

/** `<time> Query took <ms> …`: the number is the fourth field. */
const performanceLine = ({ ts, shownMessage }: Line): string => `${ts} ${oneLine(shownMessage)}`;

const laidOut = (lay: (line: Line) => string, isWanted: (line: Line) => boolean = () => true) =>
  format((info) => {
    const line = info as unknown as Line;
    if (!isWanted(line)) return false;
    (info as unknown as Record<symbol, string>)[MESSAGE] = lay(line);
    return info;
  })();

const isPerformance = ({ shownMessage }: Line): boolean => PERFORMANCE_LINE.test(shownMessage);

/** Returns the writers of `system.log`, `error.log` and `performance.log`. Throws: LOG_DIR_UNUSABLE. */
export const logFileTransports = (options: LogFileOptions): readonly FileTransport[] => {
  const { directory, maxBytes = DEFAULT_MAX_BYTES, maxFiles = DEFAULT_MAX_FILES } = options;
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
  } catch (error) {
    const message = `LOG_DIR: found ${directory}, which cannot be written (${messageOf(error)}); expected a folder of this process's user`;
    throw new AppError('LOG_DIR_UNUSABLE', message, { retryable: false, cause: error });
  }
  const file = (name: string, lines: ReturnType<typeof laidOut>, level?: string): FileTransport =>
    new transports.File({
      filename: join(directory, name),
      maxsize: maxBytes,
      maxFiles,
      tailable: true,
      format: lines,
      ...(level === undefined ? {} : { level }),
    });
  return [
    file('system.log', laidOut(systemLine)),
    file('error.log', laidOut(errorLine), 'error'),
    file('performance.log', laidOut(performanceLine, isPerformance)),
  ];
};
