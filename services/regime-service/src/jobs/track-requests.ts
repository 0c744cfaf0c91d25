import type { MarketTrack } from '../market-track.ts';
import type { EngineRequests } from './ports.ts';

/** Returns how tasks reach the engines of these markets. */
export const trackRequests = (tracks: ReadonlyMap<string, MarketTrack>): EngineRequests => ({
  knows: (step) => [...tracks.values()].some((track) => track.knows(step)),
  ask: (step, symbol) => {
    const asked = symbol === null ? [...tracks.values()] : [tracks.get(symbol)];
    return asked.flatMap((track) => (track?.ask(step) === true ? [track.symbol] : []));
  },
});
