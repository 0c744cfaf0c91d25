import { describe, expect, it } from '@jest/globals';
import { AdaptiveLead, type AdaptiveLeadLimits, type LeadEvidence } from './adaptive-lead.ts';

const LIMITS: AdaptiveLeadLimits = { wantedStandingRatio: 0.95, allowedFalsePer1000: 1 };
const evidence = (changes: Partial<LeadEvidence> = {}): LeadEvidence => ({
  stood: 0,
  undone: 0,
  falseProbability: null,
  ...changes,
});
const feed = (lead: AdaptiveLead, candles: number, evidenceAt: (candle: number) => LeadEvidence): AdaptiveLead => {
  for (let candle = 1; candle <= candles; candle += 1) lead.update(evidenceAt(candle), LIMITS);
  return lead;
};

describe('AdaptiveLead', () => {
  it('moves down by .002 with a change that stood and up by 19 times that with one undone', () => {
    const lead = new AdaptiveLead(0.4);
    // Without changes the other control comes down to its lower bound and stays out of the way.
    feed(lead, 10_000, () => evidence());
    expect(lead.ratio).toBe(0.4);
    lead.update(evidence({ stood: 1 }), LIMITS);
    expect(lead.ratio).toBeCloseTo(0.398, 12);
    lead.update(evidence({ undone: 1 }), LIMITS);
    expect(lead.ratio).toBeCloseTo(0.436, 12);
  });

  it('stays where it is while exactly the wanted share stands', () => {
    const lead = feed(new AdaptiveLead(0.4), 20 * 50, (candle) =>
      evidence(candle % 20 === 0 ? { undone: 1 } : { stood: 1 }),
    );
    expect(lead.ratio).toBeCloseTo(0.4, 9);
  });

  it('rises while more changes are false by their own probability than allowed, although all stand', () => {
    const often = feed(new AdaptiveLead(0.3), 20_000, (candle) =>
      evidence(candle % 200 === 0 ? { stood: 1, falseProbability: 0.4 } : {}),
    );
    expect(often.ratio).toBeGreaterThan(0.58);
    const seldom = feed(new AdaptiveLead(0.3), 20_000, (candle) =>
      evidence(candle % 800 === 0 ? { stood: 1, falseProbability: 0.4 } : {}),
    );
    expect(seldom.ratio).toBeLessThan(0.3);
  });

  it('keeps to .15 and .6', () => {
    expect(feed(new AdaptiveLead(0.5), 40_000, () => evidence({ stood: 1 })).ratio).toBe(0.15);
    expect(feed(new AdaptiveLead(0.5), 100, () => evidence({ undone: 1 })).ratio).toBe(0.6);
  });

  it('continues from a saved state', () => {
    const first = feed(new AdaptiveLead(0.5), 999, (candle) => evidence({ stood: candle % 7 === 0 ? 1 : 0 }));
    const second = new AdaptiveLead(0.2);
    second.restore(JSON.parse(JSON.stringify(first.save())) as number[]);
    first.update(evidence({ undone: 1 }), LIMITS);
    second.update(evidence({ undone: 1 }), LIMITS);
    expect(second.save()).toEqual(first.save());
  });
});
