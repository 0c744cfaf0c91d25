import { mkdtempSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@qt/testing';
import { HeapSnapshots, type HeapSnapshotsOptions } from './heap-snapshots.ts';

const MINUTE_MS = 60_000;

const some = (change: Partial<HeapSnapshotsOptions> = {}) => {
  const directory = change.directory ?? mkdtempSync(join(tmpdir(), 'qt-heap-'));
  let nowMs = 5;
  const startedAtMs = Date.now();
  const snapshots = new HeapSnapshots({
    directory,
    logger: silentLogger,
    write: (path) => writeFileSync(path, 'a heap'),
    freeBytes: () => Number.MAX_SAFE_INTEGER,
    nowMs: () => nowMs,
    clock: { nowMs: () => startedAtMs + nowMs },
    ...change,
  });
  const files = (): readonly string[] => readdirSync(directory).toSorted();
  const heaps = (): readonly string[] => files().filter((name) => name.startsWith('heap-'));
  const wait = (ms: number): void => void (nowMs += ms);
  return { directory, snapshots, files, heaps, wait };
};

describe('HeapSnapshots', () => {
  it('writes a file that only its owner can read, and a line of figures', () => {
    const { directory, snapshots, files } = some();
    const outcome = snapshots.take();
    expect(outcome.kind).toBe('written');
    const [heap, profile] = files();
    expect(readFileSync(join(directory, heap!), 'utf8')).toBe('a heap');
    expect(statSync(join(directory, heap!)).mode & 0o777).toBe(0o600);
    expect(profile).toBe('memory_profile.log');
    expect(readFileSync(join(directory, profile!), 'utf8')).toContain(`snapshot=${join(directory, heap!)}`);
  });

  it('keeps the newest three, and nothing else is touched', () => {
    const { directory, snapshots, heaps, files, wait } = some();
    writeFileSync(join(directory, 'error.log'), '');
    const written: string[] = [];
    for (const name of ['2020', '2021', '2022']) {
      writeFileSync(join(directory, `heap-${name}-1.heapsnapshot`), '');
      written.push(`heap-${name}-1.heapsnapshot`);
    }
    snapshots.take();
    expect(heaps()).toEqual([...written.slice(1), expect.stringContaining(`-${process.pid}.`)]);
    wait(MINUTE_MS);
    snapshots.take();
    expect(heaps()).toHaveLength(3);
    expect(heaps()[0]).toBe(written[2]);
    expect(files()).toContain('error.log');
  });

  it('refuses within a minute of the end of the last, also of one that failed', () => {
    let fails = true;
    const { snapshots, heaps, wait } = some({
      write: (path) => {
        wait(4_000);
        if (fails) throw new Error('the disk is gone');
        writeFileSync(path, 'a heap');
      },
    });
    expect(snapshots.take()).toEqual({ kind: 'failed', reason: 'the disk is gone' });
    expect(heaps()).toEqual([]);
    wait(MINUTE_MS - 1);
    expect(snapshots.take()).toMatchObject({ kind: 'refused', code: 'JUST_WRITTEN' });
    fails = false;
    wait(1);
    expect(snapshots.take().kind).toBe('written');
    expect(snapshots.take()).toMatchObject({ kind: 'refused', code: 'JUST_WRITTEN' });
    expect(heaps()).toHaveLength(1);
  });

  it('refuses while another process writes one there, and clears away what a dead one left', () => {
    const { directory, snapshots, heaps } = some();
    const left = join(directory, `heap-2026-${process.pid + 1}.heapsnapshot.unfinished`);
    writeFileSync(left, 'half a he');
    expect(snapshots.take()).toMatchObject({ kind: 'refused', code: 'BEING_WRITTEN' });
    utimesSync(left, new Date(0), new Date(0));
    expect(snapshots.take().kind).toBe('written');
    expect(heaps()).toEqual([expect.stringMatching(/^heap-.*\.heapsnapshot$/)]);
  });

  it('refuses when the disk has less left than twice the heap', () => {
    const { snapshots, files } = some({ freeBytes: () => process.memoryUsage().heapTotal });
    expect(snapshots.take()).toMatchObject({ kind: 'refused', code: 'DISK_FULL' });
    expect(files()).toEqual([]);
  });

  it('says that it could not when its folder is none', () => {
    const { snapshots } = some({ directory: join(tmpdir(), 'qt-heap-none', 'nowhere') });
    expect(snapshots.take()).toMatchObject({ kind: 'failed' });
  });
});
