/** Of the thread that reads and writes large messages. */
export const CODEC_SCRIPT = new URL("./codec-thread.ts", import.meta.url);
