import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import * as contracts from '../../src/index.ts';

const folder = new URL('../../fixtures/', import.meta.url);
const fixtures = readdirSync(folder);

interface AnyEvent {
  readonly type: string;
  readonly version: number;
  readonly payload: z.ZodType;
}
const isEvent = (value: unknown): value is AnyEvent =>
  typeof value === 'object' && value !== null && 'type' in value && 'version' in value && 'payload' in value;
const exported: readonly unknown[] = Object.values(contracts);
const events = exported.filter(isEvent);

describe('frozen fixtures', () => {
  it('there is one for each version of each event, and no other', () => {
    const expected = events.map(({ type, version }) => `${type}.v${version}.json`).toSorted();
    expect(expected.length).toBeGreaterThan(20);
    expect(fixtures.toSorted()).toEqual(expected);
  });

  it.each(events.map((event) => ({ name: `${event.type} v${event.version}`, event })))(
    '$name parses to itself and refuses an empty payload',
    ({ event }) => {
      const frozen: unknown = JSON.parse(readFileSync(new URL(`${event.type}.v${event.version}.json`, folder), 'utf8'));
      expect(event.payload.parse(frozen)).toEqual(frozen);
      expect(event.payload.safeParse({}).success).toBe(false);
    },
  );

  it('regime.classified as it was before its later fields still parses to itself', () => {
    const frozen = JSON.parse(readFileSync(new URL('regime.classified.v1.json', folder), 'utf8')) as object;
    const kept = ['candle', 'state', 'regime', 'dwellCandles', 'probabilities'];
    const first = Object.fromEntries(Object.entries(frozen).filter(([name]) => kept.includes(name)));
    expect(Object.keys(frozen).length).toBeGreaterThan(kept.length);
    expect(contracts.RegimeClassified.payload.parse(first)).toEqual(first);
  });
});
