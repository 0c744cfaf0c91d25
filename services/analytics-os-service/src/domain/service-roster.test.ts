import { describe, expect, it } from '@jest/globals';
import { HEARTBEAT_TIMEOUT_MS, ServiceRoster } from './service-roster.ts';

describe('ServiceRoster', () => {
  it('does not know a service it never heard of', () => {
    expect(new ServiceRoster().entry('ai-service', 1_000)).toEqual({ status: 'missing', lastHeardAtMs: null });
  });

  it('believes a heartbeat until it is too old', () => {
    const roster = new ServiceRoster();
    roster.hear('ai-service', 'degraded', 1_000);
    expect(roster.entry('ai-service', 1_000 + HEARTBEAT_TIMEOUT_MS)).toEqual({
      status: 'degraded',
      lastHeardAtMs: 1_000,
    });
    expect(roster.entry('ai-service', 1_001 + HEARTBEAT_TIMEOUT_MS).status).toBe('missing');
  });
});
