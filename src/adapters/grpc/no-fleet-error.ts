/** The service was started to solve problems only. */
export class NoFleetError extends Error {
  constructor() {
    super("this service runs no fleet; start it with --kubernetes or a snapshot file");
    this.name = "NoFleetError";
  }
}
