/** Who leads a scope. */
export interface Lease {
  /** Tries to lead until stopped. */
  start(): void;
  /**
   * True while nobody else can have taken over, by this process's own monotonic clock, with enough time left for one
   * request.
   */
  mayAct(): boolean;
  /** Identity of whoever leads, as last seen; empty: nobody. */
  leader(): string;
  /**
   * Says whether others should lead in place of this process (a reason), or not (undefined). Who leads gives the lease up
   * and leaves it to others for a while; where nobody takes it, it leads again, and offers it anew minutes later.
   */
  unfit(reason: string | undefined): void;
  /** Gives the lease back, so that another takes over at once. */
  stop(): Promise<void>;
}

export interface LeaseListener {
  /** This process leads from now on. */
  onLead(): void;
  /** It no longer does; nothing may be written. */
  onLost(reason: string): void;
}
