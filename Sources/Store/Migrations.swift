import GRDB

/// The tables, as each version of the program made them.
enum Migrations {
  static var all: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.execute(
        sql: """
          -- Steps of cases, and words to the operator that belong to none. Times are microseconds since 1970.
          CREATE TABLE transition_ (
            id INTEGER PRIMARY KEY,
            case_number INTEGER,
            step INTEGER,
            time INTEGER NOT NULL,
            action TEXT NOT NULL,
            subject TEXT,
            policy TEXT,
            reason TEXT NOT NULL,
            actor TEXT,
            due INTEGER,
            evidence TEXT NOT NULL,
            readings TEXT NOT NULL,
            UNIQUE (case_number, step)
          );
          CREATE INDEX transition_time ON transition_ (time);
          CREATE INDEX transition_subject ON transition_ (subject);
          -- What the world outside must do for a step.
          CREATE TABLE order_ (
            id INTEGER PRIMARY KEY,
            transition_id INTEGER NOT NULL UNIQUE REFERENCES transition_ (id) ON DELETE CASCADE,
            case_number INTEGER NOT NULL,
            subject TEXT NOT NULL,
            kind TEXT NOT NULL,
            is_done INTEGER NOT NULL DEFAULT 0,
            attempts INTEGER NOT NULL DEFAULT 0,
            outcome TEXT
          );
          CREATE INDEX order_pending ON order_ (is_done, id);
          CREATE TABLE state (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("2") { database in
      try database.execute(
        sql: """
          -- Queued messages that an operator wants deleted, held until then.
          CREATE TABLE deletion (
            subject TEXT PRIMARY KEY,
            ids TEXT NOT NULL,
            due INTEGER NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL
          ) WITHOUT ROWID;
          """)
    }
    migrator.registerMigration("3") { database in
      try database.execute(
        sql: """
          -- The engine's own count of its steps: what is decided again after a crash is taken once.
          ALTER TABLE transition_ ADD COLUMN serial INTEGER;
          CREATE UNIQUE INDEX transition_serial ON transition_ (serial);
          """)
    }
    migrator.registerMigration("releases") { database in
      try database.execute(
        sql: """
          -- Queued messages that are let go a little at a time, in the order of their numbers.
          CREATE TABLE release_ (
            number INTEGER PRIMARY KEY,
            queue_id TEXT NOT NULL UNIQUE,
            subject TEXT NOT NULL,
            arrival INTEGER NOT NULL
          );
          CREATE INDEX release_subject ON release_ (subject);
          -- When the deletion was ordered: what arrived later under one of its ids is another message.
          ALTER TABLE deletion ADD COLUMN planned INTEGER NOT NULL DEFAULT 0;
          """)
    }
    return migrator
  }
}
