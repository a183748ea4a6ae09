/** Somebody else wrote what this process was about to replace: it does not lead any more. */
export class StoreConflictError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StoreConflictError";
  }
}
