import { nextTurn } from "./next-turn.ts";
import { type Piece, pieces } from "./pieces.ts";

/** Sends values to another thread in pieces, with turns for others between them; only so many wait there, each as a copy. */
export class Outbox {
  private readonly post: (piece: Piece) => void;
  private readonly most: number;
  private ahead = 0;
  private room: () => void = () => undefined;

  constructor(post: (piece: Piece) => void, most: number) {
    this.post = post;
    this.most = most;
  }

  /** Posts all pieces of a value, which must not change until then. */
  async send(value: unknown): Promise<void> {
    for (const piece of pieces(value)) {
      this.post(piece);
      this.ahead++;
      await nextTurn();
      while (this.ahead >= this.most) {
        await new Promise<void>((resolve) => {
          this.room = resolve;
        });
      }
    }
  }

  /** The other thread has taken a piece. */
  taken(): void {
    this.ahead--;
    this.room();
  }
}
