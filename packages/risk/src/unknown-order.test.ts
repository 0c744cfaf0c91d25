import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  isAbsenceProven,
  isInquiryDue,
  noteAsked,
  noteNegative,
  openInquiry,
  type UnknownInquiry,
} from './unknown-order.ts';

const HORIZON_MS = 3500;

describe('inquiry into an unknown order', () => {
  it('asks at once, then at +0.25, 0.5, 1, 2, 4 s and every 4 s', () => {
    let inquiry = openInquiry(0, HORIZON_MS);
    const asked: number[] = [];
    for (let nowMs = 0; nowMs <= 12_000; nowMs += 50) {
      if (!isInquiryDue(inquiry, nowMs)) continue;
      asked.push(nowMs);
      inquiry = noteNegative(inquiry, nowMs);
    }
    expect(asked).toEqual([0, 250, 500, 1000, 2000, 4000, 8000, 12_000]);
  });

  it('takes a question without an answer for no proof', () => {
    let inquiry = openInquiry(0, HORIZON_MS);
    for (let nowMs = 0; nowMs < 100_000; nowMs += 1000) inquiry = noteAsked(inquiry, nowMs);
    expect(isAbsenceProven(inquiry, 100_000)).toBe(false);
  });

  it('property: absence is never proven with fewer than 3 negatives after the horizon or within 10 s of the first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 12 }), (gaps) => {
        let nowMs = 0;
        let inquiry: UnknownInquiry = openInquiry(0, HORIZON_MS);
        const late: number[] = [];
        for (const gap of gaps) {
          nowMs += gap;
          inquiry = noteNegative(inquiry, nowMs);
          if (nowMs >= HORIZON_MS) late.push(nowMs);
        }
        const [first = nowMs] = late;
        expect(isAbsenceProven(inquiry, nowMs)).toBe(late.length >= 3 && nowMs - first >= 10_000);
      }),
    );
  });
});
