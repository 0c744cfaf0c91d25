import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readVenueLedger } from './venue-ledger.ts';

const folder = mkdtempSync(join(tmpdir(), 'venue-ledger-'));
afterAll(() => rmSync(folder, { recursive: true }));

const written = (text: string): string => {
  const path = join(folder, 'venue.jsonl');
  writeFileSync(path, text);
  return path;
};
const RUN = '{"seq":1,"timeMs":1000,"kind":"run","speed":"stepped","symbols":["BTCUSDT"]}\n';

describe('readVenueLedger', () => {
  it('leaves out half a line at the end, which nobody was told about', () => {
    expect(readVenueLedger(written(`${RUN}{"seq":2,"ti`)).lineCount).toBe(1);
  });

  it.each([
    {
      name: 'a line is missing',
      text: `${RUN}{"seq":3,"timeMs":1000,"kind":"end"}\n`,
      message: /line 2: found seq 3, expected 2/,
    },
    { name: 'a line is no JSON', text: `${RUN}gibberish\n`, message: /line 2: found no JSON/ },
    { name: 'time goes back', text: `${RUN}{"seq":2,"timeMs":999,"kind":"end"}\n`, message: /line 2: found time 999/ },
    {
      name: 'a fill has no price',
      text: `${RUN}{"seq":2,"timeMs":1000,"kind":"fill"}\n`,
      message: /line 2: found a broken fill record/,
    },
  ])('refuses when $name', ({ text, message }) => {
    expect(() => readVenueLedger(written(text))).toThrow(message);
  });

  it('says what it looked for when there is no file', () => {
    expect(() => readVenueLedger(join(folder, 'nowhere.jsonl'))).toThrow(
      /found no readable ledger at .*nowhere\.jsonl/,
    );
  });
});
