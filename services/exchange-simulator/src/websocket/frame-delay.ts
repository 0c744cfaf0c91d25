/** Handles a frame `delayMs` after it came, at once when that is 0. Frames keep their order. */
export const handleLater = (delayMs: number, handle: () => void): void => {
  if (delayMs === 0) handle();
  else setTimeout(handle, delayMs);
};
