import type { MarketTrack } from '../market-track.ts';
import type { EngineRequests } from './ports.ts';

/** Returns how tasks reach the engines of these markets. */
export const trackRequests = (tracks: ReadonlyMap<string, MarketTrack>): EngineRequests => ({
  ask: (step, symbol) => {
    const asked = symbol === null ? [...tracks.values()] : [tracks.get(symbol)];
    const found = asked.filter((track) => track !== undefined);
    for (const track of found) track.ask(step);
    return found.map((track) => track.symbol);
  },
});
