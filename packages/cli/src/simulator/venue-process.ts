import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { FLAG_OF_VARIABLE } from './simulator-options.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
const MAIN = join(ROOT, 'services', 'exchange-simulator', 'src', 'main.ts');
/** As a shell says it of SIGKILL. */
const KILLED_EXIT_CODE = 137;

interface LogLine {
  readonly level?: string;
  readonly msg?: string;
  readonly url?: string;
  readonly code?: string;
}

const logLineOf = (text: string): LogLine => {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return {}; // not a log line
  }
};

/** Says of a flag what the venue says of the variable it sets. */
export const inFlags = (text: string): string =>
  text
    .replace(/^exchange-simulator: (?:[A-Z][A-Z_]+: )?/gm, '')
    // A flag holds its value; `inherited` passes no such file on.
    .replace(/ \(in \w+, or in the file that \w+_FILE names\)/g, '')
    .replace(/\b(SIM_[A-Z_]+|PORT)\b/g, (variable) => FLAG_OF_VARIABLE[variable] ?? variable);

/** Returns our environment with `own` laid over it; a file that holds a value we set is not passed on. */
const inherited = (own: Readonly<Record<string, string>>): NodeJS.ProcessEnv => {
  const environment: NodeJS.ProcessEnv = { ...process.env };
  for (const name of Object.keys(own)) delete environment[`${name}_FILE`];
  delete environment['NODE_OPTIONS'];
  return { ...environment, ...own };
};

/** The simulator as a child of this process: it does not outlive it. */
export class VenueProcess {
  readonly #child: ChildProcess;
  readonly #running: Promise<string | null>;
  /** Its exit code. */
  readonly ended: Promise<number>;

  constructor(environment: Readonly<Record<string, string>>) {
    const isVerbose = ['info', 'debug'].includes(process.env['LOG_LEVEL'] ?? '');
    const child = spawn(process.execPath, [MAIN], {
      // A group of its own: a Ctrl-C in the terminal reaches us alone, and we pass it on once.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: inherited({
        ...environment,
        HOST: process.env['HOST'] ?? '127.0.0.1',
        LOG_LEVEL: isVerbose ? (process.env['LOG_LEVEL'] as string) : 'info',
        PARENT_PID: String(process.pid),
      }),
    });
    this.#child = child;
    this.ended = new Promise((done) => {
      child.once('close', (code) => done(code ?? KILLED_EXIT_CODE));
      child.once('error', () => done(1));
    });
    child.stderr?.on('data', (chunk: Buffer) => process.stderr.write(inFlags(chunk.toString())));
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    this.#running = new Promise((done) => {
      lines.on('line', (text) => {
        const { level, msg, url } = logLineOf(text);
        if (msg === 'running') done(url ?? null);
        // An error that ends the venue is on stderr too, in one sentence.
        const isSaid = level === 'warn' || (level === 'error' && msg !== 'the process cannot go on');
        if (isVerbose || isSaid) process.stderr.write(`${text}\n`);
      });
      child.once('close', () => done(null));
      child.once('error', () => done(null));
    });
  }

  /** Resolves with its address once it answers, null when it has ended before. */
  untilRunning(): Promise<string | null> {
    return this.#running;
  }

  /** Asks it to end: it closes its ledger first. */
  end(): void {
    this.#child.kill('SIGTERM');
  }

  /** Ends it without a word. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
