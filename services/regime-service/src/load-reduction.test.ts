import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@qt/testing';
import { LoadReduction } from './load-reduction.ts';

const aReduction = () => {
  const said: string[] = [];
  const reduction = new LoadReduction({
    logger: silentLogger,
    onChange: (isActive) => said.push(`active ${isActive}`),
  });
  const part = (name: string) => ({
    name,
    effect: `${name} does less`,
    tasks: [`${name} task`],
    pause: () => void said.push(`${name} paused`),
    resume: () => void said.push(`${name} resumed`),
  });
  return { reduction, said, part };
};

describe('LoadReduction', () => {
  it('lowers every part once however often it is told, keeps its begin and takes the last end', () => {
    const { reduction, said, part } = aReduction();
    reduction.add(part('one'));
    reduction.add(part('two'));
    reduction.begin({ minutes: 60, reason: 'memory is high' });
    const { since } = reduction.view();
    reduction.begin({ minutes: 5, reason: null });
    expect(said).toEqual(['one paused', 'two paused', 'active true', 'active true']);
    const view = reduction.view();
    expect(view).toMatchObject({ isActive: true, since, reason: null, pausedTasks: ['one task', 'two task'] });
    expect(view.reduced).toEqual([
      { name: 'one', effect: 'one does less' },
      { name: 'two', effect: 'two does less' },
    ]);
    expect(reduction.remainingMs).toBeLessThanOrEqual(5 * 60_000);
    reduction.end('told to');
    reduction.end('told to');
    expect(said.slice(4)).toEqual(['one resumed', 'two resumed', 'active false']);
    expect(reduction.view()).toEqual({
      isActive: false,
      since: null,
      until: null,
      reason: null,
      reduced: [],
      pausedTasks: [],
    });
    expect(reduction.remainingMs).toBe(0);
  });

  it('lowers at once what is added while it is under way', () => {
    const { reduction, said, part } = aReduction();
    reduction.begin({ minutes: 1, reason: null });
    reduction.add(part('late'));
    expect(said).toEqual(['active true', 'late paused']);
    reduction.end('told to');
  });
});
