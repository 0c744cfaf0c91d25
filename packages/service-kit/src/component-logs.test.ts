import { describe, expect, it } from '@jest/globals';
import { ComponentLogs } from './component-logs.ts';

describe('ComponentLogs', () => {
  it('lets a component speak from its own level, and from that of the process while it has none', () => {
    const logs = new ComponentLogs({ service: 'a-service', level: 'warn' });
    const [detector, scoring] = [logs.of('detector'), logs.of('scoring')];
    expect([logs.root, detector, scoring].map((logger) => logger.isDebugEnabled())).toEqual([false, false, false]);
    logs.setComponentLevel('detector', 'debug');
    expect([logs.root, detector, scoring].map((logger) => logger.isDebugEnabled())).toEqual([false, true, false]);
    expect(detector.child({ symbol: 'BTCUSDT' }).isDebugEnabled()).toBe(true);
    logs.setLevel('debug');
    logs.setComponentLevel('detector', 'error');
    expect([logs.root, detector, scoring].map((logger) => logger.isDebugEnabled())).toEqual([true, false, true]);
    logs.setComponentLevel('detector', null);
    expect(detector.isDebugEnabled()).toBe(true);
    expect([logs.levelOf('detector'), logs.hasOwnLevel('detector')]).toEqual(['debug', false]);
  });
});
