import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '@qt/kernel';

const DATA = resolve(dirname(fileURLToPath(import.meta.url)), '../../../../shared/data');

const locate = (relative: string): string => {
  const path = join(DATA, relative);
  if (!existsSync(path)) {
    const message = `REAL DATA IS MISSING: found no ${path}. These tests run on recorded Binance data, which is not part of the repository: place it at ../shared/data beside the project`;
    throw new AppError('REAL_DATA_MISSING', message, { retryable: false });
  }
  return path;
};

/** Returns the path of a file of real candles, such as `BTCUSDT_um_1h_20230101-20240630`. Throws: REAL_DATA_MISSING. */
export const realCandles = (name: string): string => locate(join('candles', `${name}.csv.gz`));

/** Returns the path of recorded exchange payloads, such as `rest` or `errors/errors_real.jsonl`. Throws: REAL_DATA_MISSING. */
export const realPayloads = (relative: string): string => locate(join('payloads', relative));
