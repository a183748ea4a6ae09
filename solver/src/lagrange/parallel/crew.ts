import { KERNEL_NAMES, type KernelName, type SharedStage, StageWork } from "./stage-work.ts";

/** Another thread that helps with the work of a stage. */
export interface Helper {
  /** Messages arrive in order. */
  post(message: HelperMessage): void;
  /** The helper is no longer wanted: `well` where it may be kept for another solve. */
  leave(well: boolean): void;
}

export type HelperMessage = { kind: "serve"; control: SharedArrayBuffer } | StageMessage;
interface StageMessage {
  kind: "stage";
  id: number;
  stage: SharedStage;
}

/** Places in the control words that all threads of a crew look at. */
const TICKET = 0;
const DONE = 1;
const FAILED = 2;
const KERNEL = 3;
const STAGE = 4;
const CHUNKS = 5;
const END = 6;
const WORDS = 7;

/** A ticket is the number of a job above the next chunk of it that nobody has taken. */
const CHUNK_BITS = 11;
const CLOSED = (1 << CHUNK_BITS) - 1;
/** Looks at the ticket before a helper goes to sleep, and at what is done before the first thread does: some 20 µs. */
const LOOKS = 5000;
/** A helper that has not done its chunk this long after all others is taken for dead. */
const PATIENCE_MS = 2000;

/**
 * The threads of one solve. A job is a fixed number of chunks, each of which writes to its own place, so that the outcome does not depend on
 * who does which; the thread of the solve takes chunks like any other and then waits. Without helpers, or once one has failed, it does all.
 */
export class Crew {
  private readonly control = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  private readonly patienceMs: number;
  private helpers: Helper[];
  private job = 0;
  private stage = 0;

  constructor(helpers: Helper[] = [], patienceMs = PATIENCE_MS) {
    this.helpers = helpers;
    this.patienceMs = patienceMs;
    this.control[TICKET] = CLOSED;
    for (const h of helpers) h.post({ kind: "serve", control: this.control.buffer as SharedArrayBuffer });
  }

  /** True while other threads help: what they look at must be shared. */
  get helped(): boolean {
    return this.helpers.length > 0;
  }

  /** Tells the helpers what the jobs from now on are about; returns its number. */
  load(stage: SharedStage): number {
    const id = ++this.stage;
    for (const h of this.helpers) h.post({ kind: "stage", id, stage });
    return id;
  }

  /** Does all chunks of a job. */
  run(work: StageWork, stage: number, kernel: KernelName, chunks: number): void {
    if (this.helpers.length === 0 || chunks <= 1 || !this.shared(work, stage, kernel, chunks))
      for (let c = 0; c < chunks; c++) work.run(kernel, c);
  }

  /** Does them with the helpers; false where one of them failed: what it did is to be done again. */
  private shared(work: StageWork, stage: number, kernel: KernelName, chunks: number): boolean {
    const { control } = this;
    this.setTicket(CLOSED);
    control[DONE] = 0;
    control[FAILED] = 0;
    control[KERNEL] = KERNEL_NAMES.indexOf(kernel);
    control[STAGE] = stage;
    Atomics.store(control, CHUNKS, chunks);
    this.setTicket(0);
    Atomics.notify(control, TICKET);
    for (let c = claim(control); c >= 0; c = claim(control)) {
      work.run(kernel, c);
      Atomics.add(control, DONE, 1);
    }
    if (this.waited(chunks) && Atomics.load(control, FAILED) === 0) return true;
    this.dismiss(false);
    return false;
  }

  /** Lets the helpers go. */
  end(): void {
    this.dismiss(true);
  }

  private dismiss(well: boolean): void {
    Atomics.store(this.control, END, 1);
    this.setTicket(CLOSED);
    Atomics.notify(this.control, TICKET);
    for (const h of this.helpers) h.leave(well);
    this.helpers = [];
  }

  private setTicket(next: number): void {
    this.job = (this.job + 1) & ((1 << (32 - CHUNK_BITS)) - 1);
    Atomics.store(this.control, TICKET, (this.job << CHUNK_BITS) | next);
  }

  /** Waits until all chunks are done; false where somebody never came back. */
  private waited(chunks: number): boolean {
    const { control } = this;
    for (let i = 0; i < LOOKS; i++) if (Atomics.load(control, DONE) === chunks) return true;
    for (;;) {
      const done = Atomics.load(control, DONE);
      if (done === chunks) return true;
      if (Atomics.wait(control, DONE, done, this.patienceMs) === "timed-out") return false;
    }
  }
}

/** Takes the next chunk of the job at hand; −1 where there is none. */
function claim(control: Int32Array): number {
  for (;;) {
    const ticket = Atomics.load(control, TICKET);
    const next = ticket & CLOSED;
    if (next >= Atomics.load(control, CHUNKS)) return -1;
    // a ticket that is still the same says that the job is, too: it cannot end before this chunk is done
    if (Atomics.compareExchange(control, TICKET, ticket, ticket + 1) === ticket) return next;
  }
}

/**
 * What a helper does until it is no longer wanted: takes chunks, and sleeps where there are none. `next` is the next message that has
 * arrived, if any.
 */
export function serve(buffer: SharedArrayBuffer, next: () => HelperMessage | undefined): void {
  const control = new Int32Array(buffer);
  let known = 0;
  let work: StageWork | undefined;
  for (;;) {
    const ticket = Atomics.load(control, TICKET);
    if (Atomics.load(control, END) !== 0) return;
    const chunk = claim(control);
    if (chunk < 0) {
      rest(control, ticket);
      continue;
    }
    try {
      while (known !== control[STAGE]) {
        const message = next();
        if (message?.kind !== "stage") throw new Error("internal error: no such stage");
        known = message.id;
        work = new StageWork(message.stage);
      }
      work!.run(KERNEL_NAMES[control[KERNEL]!]!, chunk);
    } catch {
      // the thread of the solve does it again, and throws where it is not this thread's fault
      Atomics.store(control, FAILED, 1);
    }
    Atomics.add(control, DONE, 1);
    Atomics.notify(control, DONE);
  }
}

/** Waits for another ticket. */
function rest(control: Int32Array, ticket: number): void {
  for (let i = 0; i < LOOKS; i++) if (Atomics.load(control, TICKET) !== ticket) return;
  Atomics.wait(control, TICKET, ticket);
}
