/** Resolves in the next turn of the event loop, so that others on the caller's thread get theirs. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
