import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Candle } from '@qt/contracts';
import { seededRandom } from '@qt/kernel';
import { RegimeEngine } from '@qt/regime';
import { aCandle, eventually } from '@qt/testing';
import { Teacher } from '../../src/lessons/teacher.ts';

/** Bit for bit; jest's own comparison takes seconds for so many numbers. */
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const MINUTE_MS = 60_000;
const options = { intervalMs: MINUTE_MS, warmupCandles: 200 };

const market = (count: number, seed: number): readonly Candle[] => {
  const random = seededRandom(seed);
  let price = 30_000;
  return Array.from({ length: count }, (_, index) => {
    const open = price;
    price *= Math.exp((random() - 0.5) * 0.004);
    const [low, high] = [Math.min(open, price) * 0.999, Math.max(open, price) * 1.001];
    const texts = { open: open.toFixed(2), high: high.toFixed(2), low: low.toFixed(2), close: price.toFixed(2) };
    return aCandle({ openTimeMs: index * MINUTE_MS, ...texts });
  });
};

/** What `ps` calls a process; nothing when there is none. */
const titleOf = (pid: Buffer): string =>
  spawnSync('ps', ['-o', 'args=', '-p', pid.toString().trim()], { encoding: 'utf8' }).stdout.trim();

describe('Teacher', () => {
  it('gives back what an engine in this process would know, bit for bit, refused candles included', async () => {
    const teacher = new Teacher();
    try {
      for (const seed of [1, 2]) {
        const [history, later] = [[...market(700, seed)], market(800, seed).slice(700)];
        history[300] = { ...history[300]!, high: '1' };
        const { seen, newest, state } = await teacher.teach({ options, history, tellsEach: true });
        const [scout, taught, restored] = [
          new RegimeEngine(options),
          new RegimeEngine(options),
          new RegimeEngine(options),
        ];
        expect(
          isSame(
            seen,
            history.map((candle) => scout.update(candle)),
          ),
        ).toBe(true);
        expect(isSame(newest, taught.calibrate(history))).toBe(true);
        restored.restore(state);
        expect(isSame(restored.save(), taught.save())).toBe(true);
        for (const candle of later) expect(isSame(restored.update(candle), taught.update(candle))).toBe(true);
      }
    } finally {
      await teacher.dismiss();
    }
  });

  it('leaves this process free while it teaches', async () => {
    const teacher = new Teacher();
    let turns = 0;
    const turning = setInterval(() => (turns += 1), 1);
    const lesson = teacher.teach({ options, history: market(2_000, 3), tellsEach: false });
    expect((await lesson).seen).toEqual([]);
    clearInterval(turning);
    await teacher.dismiss();
    expect(turns).toBeGreaterThan(10);
  });

  it('ends a lesson when it is dismissed, and gives no further one', async () => {
    const teacher = new Teacher();
    const request = { options, history: market(20_000, 4), tellsEach: false };
    const lesson = teacher.teach(request);
    await teacher.dismiss();
    await expect(lesson).rejects.toMatchObject({ code: 'LESSON_ENDED', retryable: true });
    await expect(teacher.teach(request)).rejects.toMatchObject({ code: 'LESSON_ENDED' });
  });

  it('says so when its process ends by itself, and begins another', async () => {
    const teacher = new Teacher();
    const lesson = teacher.teach({ options, history: market(20_000, 5), tellsEach: false });
    const { pid } = teacher;
    process.kill(pid!, 'SIGKILL');
    await expect(lesson).rejects.toMatchObject({ code: 'LESSON_ENDED', retryable: true });
    const again = await teacher.teach({ options, history: market(300, 5), tellsEach: false });
    expect(again.newest).not.toBeNull();
    expect(teacher.pid).not.toBe(pid);
    await teacher.dismiss();
    expect(teacher.pid).toBeNull();
  });

  it('does not end at a signal that the whole terminal hears', async () => {
    const teacher = new Teacher();
    const request = { options, history: market(300, 6), tellsEach: false };
    const first = await teacher.teach(request);
    for (const signal of ['SIGINT', 'SIGHUP'] as const) process.kill(teacher.pid!, signal);
    expect(isSame(await teacher.teach(request), first)).toBe(true);
    await teacher.dismiss();
  });

  it('is given up when its process says nothing for too long, and the next one begins another', async () => {
    const teacher = new Teacher({ longestMs: 15_000 });
    const request = { options, history: market(300, 7), tellsEach: false };
    await teacher.teach(request);
    const { pid } = teacher;
    process.kill(pid!, 'SIGSTOP');
    await expect(teacher.teach(request)).rejects.toMatchObject({ code: 'LESSON_ENDED', retryable: true });
    await eventually(() => teacher.pid === null);
    expect((await teacher.teach(request)).newest).not.toBeNull();
    expect(teacher.pid).not.toBe(pid);
    await teacher.dismiss();
  }, 60_000);

  it('says why there is no process, each time anew, and can be dismissed all the same', async () => {
    const teacher = new Teacher({ program: '/nowhere/node' });
    const request = { options, history: [], tellsEach: false };
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(teacher.teach(request)).rejects.toMatchObject({
        code: 'LESSON_ENDED',
        retryable: true,
        message: expect.stringContaining('ENOENT'),
      });
    expect(teacher.pid).toBeNull();
    await teacher.dismiss();
  });

  it('hands nothing to its process that a lesson does not need', async () => {
    const program = join(mkdtempSync(join(tmpdir(), 'qt-lesson-')), 'node');
    const found = `${program}.env`;
    writeFileSync(program, `#!/bin/sh\nenv > ${found}\nexec ${process.execPath} "$@"\n`, { mode: 0o700 });
    process.env['OPERATOR_KEY'] = 'a-secret-of-the-tests';
    const teacher = new Teacher({ program });
    try {
      await teacher.teach({ options, history: market(300, 8), tellsEach: false });
    } finally {
      delete process.env['OPERATOR_KEY'];
      await teacher.dismiss();
    }
    const names = readFileSync(found, 'utf8').match(/^\w+(?==)/gm);
    expect(names).toContain('NODE_OPTIONS');
    expect(names).not.toContain('OPERATOR_KEY');
    expect(readFileSync(found, 'utf8')).not.toContain('a-secret-of-the-tests');
  });

  it.each([
    { name: 'in the middle of a lesson', candles: 20_000 },
    { name: 'between two lessons', candles: 0 },
  ])('ends when the service is killed, $name', async ({ candles }) => {
    const path = new URL('../../src/lessons/teacher.ts', import.meta.url).href;
    const request = { options, history: market(candles, 9), tellsEach: true };
    const script = `const { Teacher } = await import('${path}');
      const teacher = new Teacher();
      const lesson = teacher.teach(${JSON.stringify(request)});
      if (${candles} === 0) await lesson;
      console.log(teacher.pid);
      setInterval(() => undefined, 1_000);`;
    const file = join(mkdtempSync(join(tmpdir(), 'qt-lesson-')), 'service.mjs');
    writeFileSync(file, script);
    const service = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [said] = (await once(service.stdout, 'data')) as [Buffer];
      await eventually(() => titleOf(said).startsWith('regime_lesson'));
      service.kill('SIGKILL');
      // Nobody may fetch the end of an orphan.
      await eventually(() => /^$|<defunct>/.test(titleOf(said)));
    } finally {
      service.kill('SIGKILL');
    }
  });

  it('throws what the engine throws', async () => {
    const teacher = new Teacher();
    await expect(teacher.teach({ options: { intervalMs: 0 }, history: [], tellsEach: false })).rejects.toThrow(
      'intervalMs is a positive integer',
    );
    await teacher.dismiss();
  });
});
