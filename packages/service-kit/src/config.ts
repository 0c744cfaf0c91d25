import { readFileSync, statSync, writeSync } from 'node:fs';
import { AppError } from '@qt/kernel';
import { z } from 'zod';
import { CONFIG_FAULT_EXIT_CODE } from './exit-codes.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Words that stood as passwords in published examples of this kind of system; anyone can guess them. */
const GUESSABLE = [
  'quantum_admin_2025',
  'regime_admin_2024',
  'quantum_pass_2025',
  'postgres',
  'admin',
  'password',
  'changeme',
  'your-app-password',
];
const SECRET_NAME = /(KEY|SECRET|PASSWORD|TOKEN|DSN|_URL)$/;
/** Orchestrators mount secrets there, readable by all inside the container, and the mode cannot be chosen everywhere. */
const ORCHESTRATED_SECRETS = '/run/secrets/';

/**
 * Returns the schema of a secret: at least 16 characters, not one of the passwords that circulate in examples.
 * The value is taken from the variable `name` or from the file that `name_FILE` names, never from both.
 */
export const secret = (name: string): z.ZodType<string, string> =>
  z
    .string()
    .min(16, `expected at least 16 characters (in ${name}, or in the file that ${name}_FILE names)`)
    .refine((value) => !GUESSABLE.includes(value.toLowerCase()), 'expected a secret that is not in published examples');

/** Returns the schema of a comma list: trimmed, empty parts left out, at least one entry. */
export const commaList = <T>(entry: z.ZodType<T, string>): z.ZodType<T[], string> =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(entry).min(1, 'expected at least one entry')) as unknown as z.ZodType<T[], string>;

/** Variables that every process has, the simulator included. */
export const ProcessConfig = {
  /** When left out: the service's own port of the guides. */
  PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  /** `market`: time moves only with the events that come in, as in replays and accelerated paper trading. */
  CLOCK: z.enum(['wall', 'market']).default('wall'),
  /** Where the files `drain_mode` and `maintenance_mode` are looked for. */
  DRAIN_DIR: z.string().min(1).default('/tmp'),
  /** Ends the process once the process of this id is gone; the starter sets it so that nothing outlives it. */
  PARENT_PID: z.coerce.number().int().positive().optional(),
};

const processSchema = z.object(ProcessConfig);
export type ProcessConfig = z.infer<typeof processSchema>;

const symbol = z.string().regex(/^[A-Z0-9]{2,24}$/, 'expected a symbol such as BTCUSDT');

/** Variables that the four services share; a service's `config.ts` is `z.object({ ...CommonConfig, ITS_OWN: … })`. */
export const CommonConfig = {
  ...ProcessConfig,
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\/\S+$/, 'expected a URL such as postgres://user:password@host:5432/database'),
  REDIS_URL: z.string().regex(/^rediss?:\/\/\S+$/, 'expected a URL such as redis://127.0.0.1:6379'),
  SYMBOLS: commaList(symbol).default(['BTCUSDT', 'ETHUSDT', 'SOLUSDT']),
  INTERVAL: z.enum(['1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '1d']).default('1m'),
  OPERATOR_KEY: secret('OPERATOR_KEY').optional(),
};

const readSecretFile = (name: string, path: string): { value: string } | { fault: string } => {
  try {
    const isOpenToAll = (statSync(path).mode & 0o004) !== 0;
    if (isOpenToAll && !path.startsWith(ORCHESTRATED_SECRETS)) {
      return { fault: `${name}_FILE: found ${path}, which everyone may read; expected mode 0600 (chmod 600 ${path})` };
    }
    const value = readFileSync(path, 'utf8').trim();
    return value === ''
      ? { fault: `${name}_FILE: found ${path}, which is empty; expected the value in it` }
      : { value };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    return { fault: `${name}_FILE: found ${path} (${code}); expected a file this process may read` };
  }
};

const found = (name: string, value: string | undefined): string => {
  if (value === undefined) return 'is not set';
  if (value === '') return 'found an empty text';
  return SECRET_NAME.test(name) ? `found a value of ${value.length} characters (not shown)` : `found "${value}"`;
};

const gather = (names: readonly string[], env: Environment): { values: Environment; faults: string[] } => {
  const values: Record<string, string> = {};
  const faults: string[] = [];
  for (const name of names) {
    const inline = env[name] === '' ? undefined : env[name];
    const path = name.endsWith('_FILE') || names.includes(`${name}_FILE`) ? undefined : env[`${name}_FILE`];
    if (inline !== undefined && path !== undefined && path !== '') {
      faults.push(`${name}: found both ${name} and ${name}_FILE; expected one of them`);
    } else if (path !== undefined && path !== '') {
      const read = readSecretFile(name, path);
      if ('fault' in read) faults.push(read.fault);
      else values[name] = read.value;
    } else if (inline !== undefined) values[name] = inline;
  }
  return { values, faults };
};

/**
 * Returns the configuration that `schema` describes, read from `env`; `X_FILE` names a file that holds `X`.
 *
 * Throws: CONFIG_INVALID listing every fault at once: variable, what was found (never a secret's value), what was expected.
 * Given `process.env` itself it does not throw: it writes that text to stderr and ends the process with code 78.
 */
export const loadConfig = <T extends z.ZodRawShape>(
  schema: z.ZodObject<T>,
  env: Environment,
): z.infer<z.ZodObject<T>> => {
  const { values, faults } = gather(Object.keys(schema.shape), env);
  const parsed = schema.safeParse(values);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0] ?? 'configuration');
      if (faults.some((fault) => fault.startsWith(`${name}:`) || fault.startsWith(`${name}_FILE:`))) continue;
      const expected = issue.message.replace(/^Invalid (input|option): /, '');
      faults.push(`${name}: ${found(name, values[name])}; ${expected}`);
    }
  }
  if (parsed.success && faults.length === 0) return parsed.data;
  const text = `Configuration is invalid (${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}):\n${faults.map((fault) => `  - ${fault}`).join('\n')}`;
  if (env === process.env) {
    writeSync(2, `${text}\n`);
    process.exit(CONFIG_FAULT_EXIT_CODE);
  }
  throw new AppError('CONFIG_INVALID', text, { retryable: false });
};

/** Returns what every process needs to know of itself, read from `env`. */
export const loadProcessConfig = (env: Environment): ProcessConfig => loadConfig(processSchema, env);
