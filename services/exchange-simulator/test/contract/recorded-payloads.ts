import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAYLOADS = join(import.meta.dirname, '../../../../../shared/data/payloads');

if (!existsSync(PAYLOADS)) {
  throw new Error(
    `The recorded payloads are missing: expected ${PAYLOADS}. These tests hold our answers against them.`,
  );
}

const read = (path: string): string => readFileSync(join(PAYLOADS, path), 'utf8');

/** One recorded exchange of a real session. */
export interface RecordedAnswer {
  readonly method?: string;
  readonly path?: string;
  readonly endpoint?: string;
  readonly status: number;
  readonly body: unknown;
}

/** Returns the lines of a JSON-lines file of the payload collection. */
export const recordedLines = <T>(path: string): readonly T[] =>
  read(path)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as T);

/** Returns the names of the files in a folder of the payload collection. */
export const recordedFiles = (path: string): readonly string[] => readdirSync(join(PAYLOADS, path)).sort();

/** Returns one JSON file of the payload collection. */
export const recordedJson = (path: string): unknown => JSON.parse(read(path));

/** Returns the body of a documented example, which stands under three lines of method, path and security. */
export const documentedBody = (name: string): unknown => {
  const text = read(`fixtures_doc_shaped/Binance.Net/Endpoints/UsdFutures/${name}.txt`);
  return JSON.parse(text.split('\n').slice(3).join('\n')) as unknown;
};

/** Returns the message of a documented subscription: the part after the last `=`. */
export const documentedMessage = (name: string): unknown => {
  const text = read(`fixtures_doc_shaped/Binance.Net/Subscriptions/UsdFutures/${name}.txt`);
  return JSON.parse(text.slice(text.indexOf('\n=') + 2)) as unknown;
};
