import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { AppError, messageOf } from '@qt/kernel';
import { REGIME_COUNT } from '@qt/regime';
import type { ClassifiedCandle } from './classify-engine.ts';

export const CLASSIFICATION_HEADER = [
  'open_time_ms,regime_id,volatility,trend,structure,confidence,p_change_10',
  ...Array.from({ length: REGIME_COUNT }, (_, id) => `p${id}`),
].join(',');

/** Ten decimals: the sum of 18 stays within 1e-9 of 1, and the text of a float's own digits would be twice as long. */
const DECIMALS = 1e10;
const FLUSHED_CHARACTERS = 65_536;

const probabilityText = (value: number): string => {
  const rounded = Math.round(value * DECIMALS) / DECIMALS;
  // Plain decimals only: 1e-10 would be read as text by some.
  return rounded !== 0 && rounded < 1e-6 ? rounded.toFixed(10) : String(rounded);
};

/** Returns one line of the classification, without its end. */
export const classificationRow = (openTimeMs: number, classified: ClassifiedCandle): string => {
  const { regime, changeWithin10Probability, probabilities } = classified;
  let text = `${openTimeMs},${regime.id},${regime.volatility},${regime.trend},${regime.structure}`;
  text += `,${probabilityText(regime.probability)},${probabilityText(changeWithin10Probability)}`;
  for (const probability of probabilities) text += `,${probabilityText(probability)}`;
  return text;
};

/** Writes lines to a file (gzipped when its name ends so) which is there in full after `finish`, or not at all. */
export class LineFile {
  readonly #path: string;
  readonly #partialPath: string;
  readonly #entry = new PassThrough();
  readonly #written: Promise<void>;
  #pending = '';
  #fault: unknown = null;

  constructor(path: string) {
    this.#path = path;
    this.#partialPath = `${path}.partial`;
    const file = createWriteStream(this.#partialPath);
    const isGzip = path.endsWith('.gz');
    this.#written = isGzip ? pipeline(this.#entry, createGzip(), file) : pipeline(this.#entry, file);
    this.#written.catch((error: unknown) => (this.#fault = error));
  }

  /** Returns a promise when the disk has to be waited for. Throws: OUTPUT_NOT_WRITABLE. */
  write(line: string): Promise<void> | undefined {
    this.#pending += `${line}\n`;
    return this.#pending.length < FLUSHED_CHARACTERS ? undefined : this.#flush();
  }

  /** Throws: OUTPUT_NOT_WRITABLE. */
  async finish(): Promise<void> {
    await this.#flush();
    this.#entry.end();
    try {
      await this.#written;
    } catch (error) {
      throw this.#notWritable(error);
    }
    renameSync(this.#partialPath, this.#path);
  }

  /** Leaves nothing behind. */
  async abandon(): Promise<void> {
    this.#entry.destroy();
    await this.#written.catch(() => undefined);
    rmSync(this.#partialPath, { force: true });
  }

  async #flush(): Promise<void> {
    if (this.#fault !== null) throw this.#notWritable(this.#fault);
    const text = this.#pending;
    this.#pending = '';
    if (this.#entry.write(text)) return;
    // The drain never comes when the disk has failed meanwhile.
    await Promise.race([once(this.#entry, 'drain').catch(() => undefined), this.#written.catch(() => undefined)]);
    if (this.#fault !== null) throw this.#notWritable(this.#fault);
  }

  #notWritable(cause: unknown): AppError {
    return new AppError('OUTPUT_NOT_WRITABLE', `${this.#path} cannot be written: ${messageOf(cause)}`, {
      retryable: false,
      cause,
    });
  }
}
