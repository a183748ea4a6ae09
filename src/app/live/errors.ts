/** Nothing was planned yet, and why. */
export class NoPlanYetError extends Error {
  constructor(reason: string) {
    super(`there is no plan yet: ${reason}`);
    this.name = "NoPlanYetError";
  }
}

/** Another replica leads; it is the one to ask. */
export class NotLeaderError extends Error {
  constructor(leader: string) {
    super(
      `this replica does not lead, ${leader === "" ? "and nobody else does at present" : `${leader} does`}; ask again`,
    );
    this.name = "NotLeaderError";
  }
}

/** The plan that waits is not the one that was approved. */
export class StaleApprovalError extends Error {
  constructor(revision: number, waiting: number | undefined) {
    const instead = waiting === undefined ? "no plan waits" : `plan ${waiting} waits`;
    super(`plan ${revision} does not wait for approval; ${instead}: look at it with apportion status`);
    this.name = "StaleApprovalError";
  }
}
