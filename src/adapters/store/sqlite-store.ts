import { DatabaseSync, type StatementSync } from "node:sqlite";
import { StoreConflictError } from "../../domain/store-conflict-error.ts";
import type { MemoryStore, NameStore, OverrideStore, ReportStore, StoredReport } from "../../ports/store.ts";
import type { Memory } from "../../snapshot/world/memory.ts";
import type { WorldOverride } from "../../snapshot/world/types.ts";

const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS memory (scope TEXT PRIMARY KEY, revision INTEGER NOT NULL, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS overrides (id TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS pools (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS reports (
    kind TEXT NOT NULL, source TEXT NOT NULL, subject TEXT NOT NULL, sequence INTEGER NOT NULL,
    reported_at_ms REAL NOT NULL, received_at_ms REAL NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (kind, source, subject)
  ) STRICT, WITHOUT ROWID;
`;

/** Writers wait this long for each other, such as a process that is about to end. */
const BUSY_TIMEOUT_MS = 2000;

/**
 * Durable state in one SQLite file, for a service outside a cluster: every write is on the disk when its promise resolves
 * (`synchronous = FULL` with a write-ahead log).
 */
export class SqliteStore {
  readonly #database: DatabaseSync;
  readonly #upsert: StatementSync;

  /**
   * @param path of the file, made where it is missing; `:memory:` keeps nothing
   * @throws Error where the file cannot be opened, or a later version of the service wrote it
   */
  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    this.#migrate(path);
    this.#upsert = this.#database.prepare(`
      INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET sequence = excluded.sequence, reported_at_ms = excluded.reported_at_ms,
        received_at_ms = excluded.received_at_ms, value = excluded.value
      WHERE excluded.sequence > reports.sequence
    `);
  }

  #migrate(path: string): void {
    const row = this.#database.prepare("PRAGMA user_version").get();
    const version = Number(row?.user_version ?? 0);
    if (version > SCHEMA_VERSION) {
      this.#database.close();
      throw new Error(`${path} has version ${version}; this service reads up to ${SCHEMA_VERSION}: use the later one`);
    }
    this.#database.exec(SCHEMA);
    this.#database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
  }

  memory(scope: string): MemoryStore {
    const read = this.#database.prepare("SELECT value FROM memory WHERE scope = ?");
    const insert = this.#database.prepare("INSERT OR IGNORE INTO memory VALUES (?, ?, ?)");
    const update = this.#database.prepare("UPDATE memory SET revision = ?, value = ? WHERE scope = ? AND revision = ?");
    return {
      load: async () => {
        const row = read.get(scope);
        return row === undefined ? undefined : (JSON.parse(String(row.value)) as Memory);
      },
      save: async (memory, after) => {
        const text = JSON.stringify(memory);
        let { changes } = update.run(memory.revision, text, scope, after);
        if (changes === 0 && after === 0) changes = insert.run(scope, memory.revision, text).changes;
        if (changes === 0) throw new StoreConflictError(`revision ${after} of scope ${scope} is not the last any more`);
      },
    };
  }

  overrides(): OverrideStore {
    const list = this.#database.prepare("SELECT value FROM overrides ORDER BY id");
    const put = this.#database.prepare("INSERT OR REPLACE INTO overrides VALUES (?, ?)");
    const remove = this.#database.prepare("DELETE FROM overrides WHERE id = ?");
    return {
      list: async () => list.all().map((row) => JSON.parse(String(row.value)) as WorldOverride),
      put: async (override) => void put.run(override.id, JSON.stringify(override)),
      remove: async (id) => remove.run(id).changes > 0,
    };
  }

  /** Pools that some source reported once. */
  pools(): NameStore {
    const list = this.#database.prepare("SELECT name FROM pools ORDER BY name");
    const add = this.#database.prepare("INSERT OR IGNORE INTO pools SELECT value FROM json_each(?)");
    return {
      list: async () => list.all().map((row) => String(row.name)),
      add: async (names) => void add.run(JSON.stringify(names)),
    };
  }

  reports(): ReportStore {
    const list = this.#database.prepare("SELECT * FROM reports ORDER BY kind, source, subject");
    list.setReadBigInts(true);
    const remove = this.#database.prepare("DELETE FROM reports WHERE kind = ? AND source = ?");
    return {
      load: async () =>
        list.all().map((row) => ({
          kind: row.kind === "demand" ? "demand" : "inventory",
          source: String(row.source),
          subject: String(row.subject),
          sequence: BigInt(String(row.sequence)),
          reportedAtMs: Number(row.reported_at_ms),
          receivedAtMs: Number(row.received_at_ms),
          value: JSON.parse(String(row.value)) as unknown,
        })),
      write: async (reports) => this.#write(reports),
      forget: async (kind, source) => void remove.run(kind, source),
    };
  }

  #write(reports: readonly StoredReport[]): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const { kind, source, subject, sequence, reportedAtMs, receivedAtMs, value } of reports) {
        this.#upsert.run(kind, source, subject, sequence, reportedAtMs, receivedAtMs, JSON.stringify(value));
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}
