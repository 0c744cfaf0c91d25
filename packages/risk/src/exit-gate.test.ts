import { describe, expect, it } from '@jest/globals';
import { decideExit, type ExitContext } from './exit-gate.ts';

const aContext = (changes: Partial<ExitContext> = {}): ExitContext => ({
  nowMs: 1000,
  direction: 'long',
  horizonEndsAtMs: 2000,
  mode: 'ACTIVE',
  unprotectedForMs: 0,
  maxUnprotectedMs: 2000,
  signalDirection: null,
  ...changes,
});

describe('decideExit', () => {
  it.each<[string, Partial<ExitContext>]>([
    ['protection_lost', { unprotectedForMs: 2001 }],
    ['operator', { mode: 'FLATTEN' }],
    ['signal', { signalDirection: 'short' }],
    ['horizon', { nowMs: 2000 }],
    ['horizon', { nowMs: 2000, mode: 'HALT' }],
    ['signal', { signalDirection: 'short', mode: null }],
  ])('leaves for %s: %j', (exitReason, changes) => {
    expect(decideExit(aContext(changes))).toMatchObject({ kind: 'leave', exitReason });
  });

  it.each<[string, Partial<ExitContext>]>([
    ['nothing happened', {}],
    ['the opinion is confirmed', { signalDirection: 'long' }],
    ['there is no horizon', { nowMs: 9000, horizonEndsAtMs: null }],
    ['a stop is missing for no longer than allowed', { unprotectedForMs: 2000 }],
  ])('stays when %s', (_name, changes) => {
    expect(decideExit(aContext(changes))).toEqual({ kind: 'stay' });
  });
});
